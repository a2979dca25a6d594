//! Builds the npm package: the core to WebAssembly, and the entries bundled from `pkg/src/`.
//!
//! All is put together in `target/package/src`, where the modules of `pkg/src/` lie beside `core.wasm` and can import it;
//! what is bundled from there goes to `pkg/dist`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::inline;
use crate::locals;
use crate::names;
use crate::order;
use crate::repo::Repo;
use crate::setup::WasmCargo;
use crate::ui::{Step, step};

/// How it shrinks: until it finds nothing more. Laying the flow of each function out anew saves what its compiler's own layout cost.
/// How an address is aligned is a hint that no engine heeds, and a byte that says less where it is always the same.
/// The functions keep their names until they are in order: `size::parts` asks what each of them is for.
const SHRINK: [&str; 10] = [
    "--debuginfo",
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--code-folding",
    "-Oz",
    "--converge",
    "--dealign",
    "--strip-producers",
];

/// What goes on from there, as it is today, and what it does that with.
const AFTERWARDS: [&str; 9] = [
    include_str!("locals.rs"),
    include_str!("locals/exchange.rs"),
    include_str!("locals/flow.rs"),
    include_str!("locals/likeness.rs"),
    include_str!("locals/same.rs"),
    include_str!("locals/values.rs"),
    include_str!("names.rs"),
    include_str!("order.rs"),
    include_str!("../../Cargo.lock"),
];

/// What the compiler may use and every supported runtime has; wasm-opt keeps to these.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// What is bundled from `pkg/src/`: entry, output, format.
const BUNDLES: [(&str, &str, &str); 8] = [
    ("edge-light.js", "edge-light.js", "--format=esm"),
    ("slim.js", "slim.cjs", "--format=cjs"),
    ("slim.js", "slim.js", "--format=esm"),
    ("inline.js", "inline.js", "--format=esm"),
    ("node.js", "node.cjs", "--format=cjs"),
    ("stores.js", "stores.cjs", "--format=cjs"),
    ("stores.js", "stores.js", "--format=esm"),
    ("workerd.js", "workerd.js", "--format=esm"),
];

/// What calls the module by the names of its exports.
const CALLER: &str = "core.js";

const AS_THEY_ARE: [&str; 3] = ["core.wasm", "node.mjs", "slim.mjs"];

const TEXTS: [&str; 3] = ["CHANGELOG.md", "LICENSE", "README.md"];

/// The shrunk module with the names of its functions, which are not shipped. They are not in the order that is.
pub(crate) fn named_core(repo: &Repo) -> PathBuf {
    work(repo).join("named.wasm")
}

/// What esbuild tells of how it made an entry.
pub(crate) fn metafile(repo: &Repo, entry: &str) -> PathBuf {
    work(repo).join("meta").join(format!("{entry}.json"))
}

fn work(repo: &Repo) -> PathBuf {
    repo.target.join("package")
}

/// Makes `pkg/dist` anew.
pub(crate) fn build(repo: &Repo, wasm: &WasmCargo) -> Result<()> {
    // What an earlier build left must not pass for what this one made.
    remove(&repo.dist())?;
    let work = work(repo);
    let build = Build { repo, src: work.join("src"), dist: work.join("dist"), work };
    step(repo, "Compile the core to WebAssembly", |step| {
        // As a library besides, as which the tests build it, its functions would have to stay as they are for whoever links them.
        step.run(wasm.command("rustc").args([
            "--release",
            "--package",
            "latchkey",
            "--lib",
            "--locked",
            "--crate-type",
            "cdylib",
        ]))
    })?;
    step(repo, "Shrink it (wasm-opt)", |step| build.shrink(step, &wasm.module("latchkey")))?;
    step(repo, "Bundle the entries (esbuild, terser)", |step| build.bundle(step))
}

struct Build<'a> {
    repo: &'a Repo,
    work: PathBuf,
    src: PathBuf,
    dist: PathBuf,
}

impl Build<'_> {
    fn shrink(&self, step: &mut Step, compiled: &Path) -> Result<()> {
        remove(&self.src)?;
        fs::create_dir_all(&self.src)?;
        let (shrunk, stamp) = (self.work.join("shrunk.wasm"), self.work.join("shrunk-from"));
        let named = named_core(self.repo);
        // It takes longer than all the rest, and most builds change nothing that it would see.
        let lock = fs::read(self.repo.pkg().join("package-lock.json"))?;
        let script = fs::read_to_string(self.repo.pkg().join("src").join(CALLER))?;
        let called = names::called(&script);
        let how = [&SHRINK[..], &FEATURES, &AFTERWARDS, &called].concat().concat();
        let made_from = [lock, how.into_bytes(), fs::read(compiled)?].concat();
        if !(shrunk.exists() && named.exists() && fs::read(&stamp).is_ok_and(|last| last == made_from)) {
            // What is left of a build that does not come to its end is nobody's.
            fs::write(&stamp, "")?;
            step.run(
                self.repo
                    .npm_tool("wasm-opt")
                    .args(SHRINK)
                    .args(FEATURES)
                    .arg(compiled)
                    .arg("-o")
                    .arg(&named),
            )?;
            fs::write(&named, locals::by_likeness(&fs::read(&named)?)?)?;
            let ordered = order::by_likeness(&fs::read(&named)?, |name| names::of_export(name, &script))?;
            fs::write(&shrunk, ordered)?;
            fs::write(stamp, made_from)?;
        }
        fs::copy(shrunk, self.src.join("core.wasm"))?;
        Ok(())
    }

    fn bundle(&self, step: &mut Step) -> Result<()> {
        remove(&self.dist)?;
        copy(&self.repo.pkg().join("src"), &self.src)?;
        let caller = self.src.join(CALLER);
        fs::write(&caller, names::of_script(&fs::read_to_string(&caller)?))?;
        // Most entries have the module inside, so that they survive any bundler: as what is least to download, and for
        // Node, which downloads nothing, as what is read at once.
        let core = fs::read(self.src.join("core.wasm"))?;
        fs::write(self.src.join("core.txt"), inline::text(&core))?;
        fs::write(self.src.join("core.bin"), core)?;
        for (entry, output, format) in BUNDLES {
            self.esbuild(step, entry, output, format)?;
            readable(&self.dist.join(format!("{output}.map")))?;
        }
        for file in AS_THEY_ARE {
            fs::copy(self.src.join(file), self.dist.join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        copy(&self.dist, &self.repo.dist())?;
        // npm packs what lies beside package.json, and these are the whole repository's.
        for file in TEXTS {
            fs::copy(self.repo.root.join(file), self.repo.pkg().join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        Ok(())
    }

    fn esbuild(&self, step: &mut Step, entry: &str, output: &str, format: &str) -> Result<()> {
        let mut esbuild = self.repo.npm_tool("esbuild");
        esbuild.arg(self.src.join(entry)).arg(format!("--outfile={}", self.dist.join(output).display()));
        esbuild.arg(format!("--metafile={}", metafile(self.repo, output).display()));
        esbuild.args(["--bundle", "--legal-comments=none", "--log-level=warning", "--sourcemap"]);
        // Nobody downloads what Node requires, and for an error that nobody catches Node prints the line that threw it: one
        // that can be read, and not all of the module.
        let is_downloaded = format != "--format=cjs";
        if is_downloaded {
            esbuild.arg("--minify");
        }
        esbuild.args(["--platform=neutral", "--target=es2022", "--loader:.bin=base64"]).arg(format);
        // Edge workers import the file itself.
        esbuild.args(["--external:*.wasm", "--external:*.wasm?module"]);
        step.run(&mut esbuild)?;
        if is_downloaded { self.terser(step, output) } else { Ok(()) }
    }

    /// Takes 3 % more off the download: esbuild shortens the private names of classes, terser the expressions.
    fn terser(&self, step: &mut Step, output: &str) -> Result<()> {
        let script = self.dist.join(output);
        let map = format!("content='{}.map',url='{output}.map',includeSources", script.display());
        let mut terser = self.repo.npm_tool("terser");
        terser.arg(&script).args([
            "--module",
            "--ecma=2022",
            "--compress=passes=3",
            "--mangle",
            "--source-map",
            &map,
        ]);
        step.run(terser.arg("--output").arg(&script)).map(drop)
    }
}

/// A source map without the module, which nobody steps through, and with paths that mean the same everywhere.
fn readable(map: &Path) -> Result<()> {
    let mut json: Value = serde_json::from_slice(&fs::read(map)?)?;
    let sources: Vec<_> =
        json["sources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names: Vec<_> =
        sources.iter().map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect();
    for (at, name) in names.iter().enumerate() {
        json["sources"][at] = format!("latchkey/{name}").into();
        if ["core.bin", "core.txt"].contains(&name.as_str()) {
            json["sourcesContent"][at] = Value::Null;
        }
    }
    Ok(fs::write(map, json.to_string())?)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Copies the files of a folder, which has no folders.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
