//! A std for `wasm32-unknown-unknown`, and the cargo that builds with it.
//!
//! Rust's own, if it is installed or rustup can fetch it. Else one made of Debian's `rust-web-src` by Debian's
//! `rustc-web`, as its compiler has the source of its std but no std for this target: a stub crate is built with
//! `-Zbuild-std`, and the rlibs that come of it are laid out as a sysroot in the target folder.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::apt;
use crate::repo::Repo;
use crate::ui::Step;

const TARGET: &str = "wasm32-unknown-unknown";

/// The variable that names a source of std, to take it without looking at the others.
const CHOICE: &str = "LATCHKEY_WASM_STD";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// Where Debian's packages lie; the PATH may have another rustc.
const DEBIAN_BIN: &str = "/usr/bin";

const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library";

const STD_CRATES: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// Without its bitcode std could take no part in the link-time optimisation of the core.
const STD_FLAGS: &str = "-Cembed-bitcode=yes";

/// A panic, which the core has none of, is a trap and no message: the code that would word it is a tenth of the download.
const PANIC_FLAGS: [&str; 3] = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none"];

/// What makes the module smaller, with any compiler.
///
/// 64 KiB of stack, of which JSON that is nested as deep as it may takes a part: the linker's own choice is 1 MiB, memory that
/// nothing uses, and addresses that take a byte more wherever one is named. And nothing is inlined that does not get smaller so by
/// more than an instruction, as LLVM counts.
const SMALL_FLAGS: [&str; 2] = ["-Clink-arg=-zstack-size=65536", "-Cllvm-args=-inline-threshold=-7"];

/// Vectors, which every supported runtime has: for the loops of `scan/`, and the core itself is half a percent smaller with them.
const VECTORS: &str = "-Ctarget-feature=+simd128";

const STUB: &str = "\
[package]
name = \"stub\"
edition = \"2024\"

[profile.release]
opt-level = \"s\"

[workspace]
";

const ADVICE: &str = "install Rust by https://rustup.rs, then run `rustup target add wasm32-unknown-unknown`";

/// The cargo that compiles the core to WebAssembly.
pub(crate) struct WasmCargo {
    target: PathBuf,
    root: PathBuf,
    debian: Option<Debian>,
}

/// What is handed to Debian's compiler to find the std it does not have.
struct Debian {
    sysroot: PathBuf,
    linker: PathBuf,
}

impl WasmCargo {
    /// A cargo command for the target; only its arguments are still to come.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = match &self.debian {
            Some(debian) => debian.cargo(subcommand),
            None => Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        };
        command.args([subcommand, "--target", TARGET]).current_dir(&self.root);
        // A folder of its own: two compilers in one would rebuild each other's work.
        command.env("CARGO_TARGET_DIR", self.target_dir());
        let mut flags = self.debian.as_ref().map(Debian::flags).unwrap_or_default();
        flags.push(remap(&self.root, "latchkey"));
        flags.extend(remap_crates());
        flags.extend(SMALL_FLAGS.map(OsString::from));
        flags.push(VECTORS.into());
        command.env("CARGO_ENCODED_RUSTFLAGS", encode(&flags));
        command
    }

    /// The module that a release build leaves.
    pub(crate) fn module(&self, name: &str) -> PathBuf {
        self.target_dir().join(TARGET).join("release").join(name).with_extension("wasm")
    }

    fn target_dir(&self) -> PathBuf {
        self.target.join("wasm")
    }
}

/// Flags as cargo takes them whatever is in them.
fn encode(flags: &[OsString]) -> OsString {
    flags.join(OsStr::new("\x1f"))
}

/// Panic messages name the source files of crates: by this, the same ones on every machine.
fn remap_crates() -> Option<OsString> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")))?;
    Some(remap(&home.join("registry/src"), "crates"))
}

fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

impl Debian {
    fn cargo(&self, subcommand: &str) -> Command {
        // As `cargo clippy`, Debian's cargo would start the first clippy of the PATH, which fits another compiler.
        debian_tool(if subcommand == "clippy" { "cargo-clippy" } else { "cargo" })
    }

    fn flags(&self) -> Vec<OsString> {
        let flag = |name: &str, value: &Path| {
            let mut flag = OsString::from(name);
            flag.push(value);
            flag
        };
        let mut flags = vec![flag("--sysroot=", &self.sysroot), flag("-Clinker=", &self.linker)];
        flags.extend(PANIC_FLAGS.map(OsString::from));
        flags
    }
}

/// A tool of Debian's toolchain, kept from picking up the one that runs xtask.
fn debian_tool(name: &str) -> Command {
    let bin = Path::new(DEBIAN_BIN);
    let mut command = Command::new(bin.join(name));
    command.env("CARGO", bin.join("cargo")).env("RUSTC", bin.join("rustc"));
    // The std is of this compiler's own making, and so are the unstable features that it is built with.
    command.env("RUSTC_BOOTSTRAP", "1");
    for variable in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        command.env_remove(variable);
    }
    command
}

/// Finds a std, or makes one.
pub(crate) fn find(repo: &Repo, step: &mut Step) -> Result<WasmCargo> {
    let debian = match env::var(CHOICE).ok().as_deref() {
        Some("debian") => Some(debian(repo, step)?),
        Some(other) => bail!("{CHOICE} is `{other}`: the only choice is `debian`"),
        None if rustc_has_it(repo, step)? || rustup_adds_it(repo, step)? => None,
        None => Some(debian(repo, step)?),
    };
    Ok(WasmCargo { target: repo.target.clone(), root: repo.root.clone(), debian })
}

fn rustc_has_it(repo: &Repo, step: &mut Step) -> Result<bool> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libdir = step.run(repo.command(rustc).args(["--print", "target-libdir", "--target", TARGET]))?;
    Ok(Path::new(libdir.trim()).is_dir())
}

fn rustup_adds_it(repo: &Repo, step: &mut Step) -> Result<bool> {
    let added = step.run(repo.command("rustup").args(["target", "add", TARGET])).is_ok();
    Ok(added && rustc_has_it(repo, step)?)
}

fn debian(repo: &Repo, step: &mut Step) -> Result<Debian> {
    apt::install(step, &DEBIAN_PACKAGES).context(ADVICE)?;
    let version = step.run(debian_tool("rustc").arg("-vV"))?;
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let release = field(&version, "release")?;
    ensure!(
        numbers(release) >= numbers(oldest),
        "Debian's rustc-web is {release}, and the core needs {oldest} or later: {ADVICE}"
    );
    let llvm = field(&version, "LLVM version")?.split('.').next().unwrap_or_default();
    let linker = Path::new(DEBIAN_BIN).join(format!("wasm-ld-{llvm}"));
    if !linker.exists() {
        apt::install(step, &[&format!("lld-{llvm}")]).context(ADVICE)?;
    }
    Ok(Debian { sysroot: sysroot(repo, step, &version)?, linker })
}

/// The sysroot of this very compiler: made once, and anew when the compiler or the recipe changes.
fn sysroot(repo: &Repo, step: &mut Step, version: &str) -> Result<PathBuf> {
    let sysroot = repo.target.join("wasm-std");
    let stamp = sysroot.join("made-by");
    let recipe = format!("{version}\n{STD_CRATES:?}\n{STD_FLAGS}\n{PANIC_FLAGS:?}\n{STUB}");
    if fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == recipe) {
        return Ok(sysroot);
    }
    step.announce("building std, once; this takes about a minute");
    let stub = repo.target.join("wasm-std-stub");
    // Cargo would go on using what was built on the std before.
    let built = repo.target.join("wasm");
    for old in [&sysroot, &stub, &built].into_iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(old)?;
    }
    fs::create_dir_all(stub.join("src"))?;
    fs::write(stub.join("Cargo.toml"), STUB)?;
    fs::write(stub.join("src/lib.rs"), "")?;
    let mut cargo = debian_tool("cargo");
    cargo.current_dir(&stub).args(["build", "--release", "--target", TARGET]).args(STD_CRATES);
    cargo.env("CARGO_TARGET_DIR", stub.join("target"));
    let mut flags = vec![STD_FLAGS.into(), remap(Path::new(DEBIAN_STD_SOURCE), "std")];
    flags.extend(PANIC_FLAGS.map(OsString::from));
    flags.extend(remap_crates());
    cargo.env("CARGO_ENCODED_RUSTFLAGS", encode(&flags));
    step.run(&mut cargo)?;
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries)?;
    for entry in fs::read_dir(stub.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().context("an entry of a folder has a name")?;
        if path.extension() == Some(OsStr::new("rlib")) && !name.to_string_lossy().starts_with("libstub-") {
            fs::copy(&path, libraries.join(name))?;
        }
    }
    fs::remove_dir_all(stub)?;
    fs::write(stamp, recipe)?;
    Ok(sysroot)
}

/// A field of `rustc -vV`.
fn field<'a>(version: &'a str, name: &str) -> Result<&'a str> {
    let lines = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    lines.with_context(|| format!("`rustc -vV` tells no {name}"))
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "rustc 1.96.0 (ac68faa20 2026-05-25)\nrelease: 1.96.0\nLLVM version: 22.1.8\n";

    #[test]
    fn the_fields_of_a_version_are_read() {
        assert_eq!(field(VERSION, "release").ok(), Some("1.96.0"));
        assert_eq!(field(VERSION, "LLVM version").ok(), Some("22.1.8"));
        assert!(field(VERSION, "host").is_err());
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("1.96.0") >= numbers("1.88"));
        assert!(numbers("1.88.0") >= numbers("1.88"));
        assert!(numbers("1.9.0") < numbers("1.88"));
    }

    #[test]
    fn a_flag_may_hold_a_space() {
        assert_eq!(remap(Path::new("/my home"), "crates"), "--remap-path-prefix=/my home=crates");
    }
}
