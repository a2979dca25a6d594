//! What the edge entry is made of: what each feature, each crate, each module of the core and each file of JavaScript costs.
//!
//! A function of the module counts for what its name says that it is for. A generic one counts for the module of the core that it
//! was made for, if its name tells, as most do. Where two came out alike there is one, which counts for one of the two.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use super::packed;
use crate::repo::Repo;
use crate::ui::Step;
use crate::{order, package};

/// The features of the package, and where the functions are that it has for each: modules of the core, and crates. The first that
/// fits a function has it.
const FEATURES: [(&str, &[&str]); 25] = [
    ("tokens: clients, their lifecycle", &["client", "lifecycle", "token", "clock", "event"]),
    ("effects, and what the platform is asked", &["task", "platform"]),
    ("configuration", &["config"]),
    ("HTTP", &["http"]),
    ("errors", &["error"]),
    ("provider masivo", &["provider::masivo"]),
    ("MASV packages", &["provider::masv::packages"]),
    ("provider masv", &["provider::masv"]),
    ("provider login", &["provider::login"]),
    ("provider brifle", &["provider::brifle"]),
    ("keys of Masumi, on the wire", &["provider::masumi::keys"]),
    ("provider masumi", &["provider::masumi"]),
    ("provider oauth2", &["provider::oauth2"]),
    ("provider custom", &["provider::custom"]),
    ("provider token", &["provider::token"]),
    ("what the providers share", &["provider"]),
    ("rotation of keys", &["keys::rotation"]),
    ("keys of MASV", &["keys::masv"]),
    ("keys", &["keys"]),
    ("stores", &["store"]),
    ("verify: keys, key sets, claims", &["verify"]),
    ("decode, expiresAt, isExpired", &["jwt", "base64", "latchkey_scan::base64url"]),
    ("JSON and text", &["json", "text", "latchkey_scan"]),
    ("the allocator", &["js::allocator", "rlsf"]),
    ("the boundary", &["js"]),
];

/// The crates that come with the package's own: what is theirs is neither of a feature's nor left over.
const CRATES: [(&str, &[&str]); 2] = [
    (
        "HMAC and SHA-2: jwt-compact, sha2, hmac, digest",
        &["jwt_compact", "sha2", "hmac", "digest", "generic_array", "smallvec", "subtle", "anyhow"],
    ),
    ("Rust's core and alloc", &["core", "alloc", "compiler_builtins", "__rustc"]),
];

const LEFT_OVER: &str = "anything else";

/// What has no name, which are few: wasm-opt made them of what several functions had in common.
const SHARED: &str = "wasm_opt";

/// The module of the core that says what it has for whoever reads a name.
const OWN: &str = "latchkey::";

struct Function<'m> {
    /// Where it is: `provider::masivo::…` in the core, `sha2::…` in another crate.
    path: String,
    body: &'m [u8],
}

/// The module's functions in the order that is shipped, and its constants.
struct Module<'m> {
    functions: Vec<Function<'m>>,
    data: &'m [u8],
}

/// Notes all of it.
pub(crate) fn list(repo: &Repo, step: &mut Step) -> Result<()> {
    let file = package::named_core(repo);
    let named = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let module = Module::read(&named)?;
    features(repo, step, &module)?;
    step.notes([String::new(), title("core.wasm by crate, and by module of the core", "share")]);
    let all = module.functions.iter().map(|function| function.body.len()).sum::<usize>();
    for (place, size) in sorted(sums(&module, |function| place(&function.path).to_owned())) {
        step.notes([format!("{place:<50} {size:>7} {:>6.1} %", share(size, all))]);
    }
    scripts(repo, step)
}

/// The quality of brotli by which parts are estimated: it takes a twentieth of the time of the best, for a tenth more bytes.
const QUICK: u8 = 9;

/// What each feature has of the module, and how much less brotli makes of it when that is left out. As what is left of two that are
/// alike costs more when the other one is gone, the sum of these is less than the whole.
fn features(repo: &Repo, step: &mut Step, module: &Module<'_>) -> Result<()> {
    let names: Vec<&str> = FEATURES.iter().chain(&CRATES).map(|(name, _)| *name).chain([LEFT_OVER]).collect();
    let folder = repo.target.join("size");
    fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    let mut write = |name: &str, content: Vec<u8>| {
        files.push(folder.join(name));
        fs::write(folder.join(name), content)
    };
    write("whole", module.without(None, true))?;
    write("no-data", module.without(None, false))?;
    for (at, name) in names.iter().enumerate() {
        write(&at.to_string(), module.without(Some(name), true))?;
    }
    let packed = packed(repo, step, QUICK, &files)?;
    let less = |at: usize| packed[0].saturating_sub(packed[at]);
    let raw = sums(module, |function| feature(&function.path).to_owned());
    let mut rows: Vec<_> = names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| Some((*name, *raw.get(*name)?, less(at + 2))))
        .chain([("constants: messages, tables", module.data.len(), less(1))])
        .collect();
    rows.sort_by_key(|(_, raw, _)| std::cmp::Reverse(*raw));
    step.notes([title("core.wasm by feature", "less after brotli (quality 9) without it")]);
    step.notes(rows.into_iter().map(|(name, raw, less)| format!("{name:<50} {raw:>7} {less:>6}")));
    Ok(())
}

/// What each file of JavaScript has of the entry's glue.
fn scripts(repo: &Repo, step: &mut Step) -> Result<()> {
    const ENTRY: &str = "workerd.js";
    let metafile: Value = serde_json::from_slice(&fs::read(package::metafile(repo, ENTRY))?)?;
    let sizes = bytes_of_inputs(&metafile, ENTRY).context("esbuild tells nothing of its inputs")?;
    let all = sizes.iter().map(|(_, size)| size).sum::<usize>();
    step.notes([String::new(), title("workerd.js by file", "share")]);
    step.notes(
        sizes.into_iter().map(|(name, size)| format!("{name:<50} {size:>7} {:>6.1} %", share(size, all))),
    );
    Ok(())
}

fn title(what: &str, second: &str) -> String {
    format!("{what:<50} {:>7} {second}", "bytes")
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

/// The files that esbuild made an output of, the largest first.
fn bytes_of_inputs(metafile: &Value, output: &str) -> Option<Vec<(String, usize)>> {
    let outputs = metafile["outputs"].as_object()?;
    let (_, found) =
        outputs.iter().find(|(path, _)| Path::new(path).file_name().is_some_and(|name| name == output))?;
    let mut sizes = BTreeMap::new();
    for (path, input) in found["inputs"].as_object()? {
        let name = Path::new(path).file_name()?.to_string_lossy().into_owned();
        sizes.insert(name, usize::try_from(input["bytesInOutput"].as_u64()?).ok()?);
    }
    Some(sorted(sizes))
}

/// The bytes of the functions for each answer to such a question.
fn sums(module: &Module<'_>, of: impl Fn(&Function<'_>) -> String) -> BTreeMap<String, usize> {
    let mut sums = BTreeMap::new();
    for function in &module.functions {
        *sums.entry(of(function)).or_default() += function.body.len();
    }
    sums
}

fn sorted(sums: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    sums
}

/// The feature that a function is there for.
fn feature(path: &str) -> &'static str {
    let path = path.strip_prefix(OWN).unwrap_or(path);
    let is_in = |place: &&str| {
        path.strip_prefix(*place).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let found = FEATURES.iter().chain(&CRATES).find(|(_, places)| places.iter().any(is_in));
    found.map_or(LEFT_OVER, |(name, _)| *name)
}

/// Its crate, or its module of the core.
fn place(path: &str) -> &str {
    let crates = if path.starts_with(OWN) { OWN.len() } else { 0 };
    let end = path[crates..].find("::").map_or(path.len(), |at| crates + at);
    &path[..end]
}

/// Where a function is that has such a name.
fn path(name: &str) -> String {
    let Ok(demangled) = rustc_demangle::try_demangle(name) else {
        // What has no name of Rust's is exported by the core, or is one of the few that its compiler calls by themselves.
        return if name.starts_with("mem") { "compiler_builtins".into() } else { format!("{OWN}js::{name}") };
    };
    let text = format!("{demangled:#}");
    let from = text.find(OWN).map_or(text.trim_start_matches(['<', '&', '*']), |at| &text[at..]);
    let from = from.strip_prefix("mut ").unwrap_or(from);
    let path: &str =
        from.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next().unwrap_or(from);
    // What is of no crate is of a type that the language has.
    if path.contains("::") { path.trim_end_matches(':').to_owned() } else { "core".to_owned() }
}

impl<'m> Module<'m> {
    fn read(module: &'m [u8]) -> Result<Self> {
        let (mut data, mut imported, mut names) = (&module[..0], 0, BTreeMap::new());
        for part in Parser::new(0).parse_all(module) {
            match part? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::DataSection(section) => {
                    let range = section.range();
                    data = &module[range.start as usize..range.end as usize];
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(subsections) = section.as_known() {
                        for subsection in subsections {
                            if let Name::Function(functions) = subsection? {
                                for naming in functions {
                                    let naming = naming?;
                                    names.insert(naming.index as usize, naming.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let bodies = order::bodies(module)?;
        ensure!(names.len() * 50 > bodies.len() * 49, "too many functions have no name");
        let function = |at: usize| {
            let path = names.get(&(imported + at)).map_or_else(|| SHARED.to_owned(), |name| path(name));
            Function { path, body: bodies[at] }
        };
        let functions = order::order(module, &bodies)?.into_iter().map(function).collect();
        Ok(Self { functions, data })
    }

    /// What brotli gets to see, without one of the features.
    fn without(&self, left_out: Option<&str>, with_data: bool) -> Vec<u8> {
        let stays = |function: &&Function<'_>| Some(feature(&function.path)) != left_out;
        let mut bytes: Vec<u8> =
            self.functions.iter().filter(stays).flat_map(|function| function.body).copied().collect();
        bytes.extend(if with_data { self.data } else { &[] });
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_where_a_function_is() {
        let known = [
            ("_RNvNtNtCs1234_8latchkey4keys4masv4call", "latchkey::keys::masv::call", "keys of MASV"),
            ("_RNvMNtCs1234_8latchkey6configNtB2_6Config4read", "latchkey::config::Config", "configuration"),
            ("_RNvNtCs1234_4sha26sha25611compress256", "sha2::sha256::compress256", CRATES[0].0),
            ("_RNvMNtCs1234_4core3stre10trim_ascii", "core", CRATES[1].0),
            // Made for the core.
            (
                "_RINvNtCs1234_4core3ptr13drop_in_placeNtNtCs1234_8latchkey6config6ConfigEB4_",
                "latchkey::config::Config",
                "configuration",
            ),
            (
                "_ZN8latchkey6client6Client4hold17h0123456789abcdefE",
                "latchkey::client::Client::hold",
                FEATURES[0].0,
            ),
            ("resume", "latchkey::js::resume", "the boundary"),
            ("memcmp", "compiler_builtins", CRATES[1].0),
            ("_RNvNtCs1234_5other4that4this", "other::that::this", LEFT_OVER),
        ];
        for (name, is, of) in known {
            assert_eq!((path(name).as_str(), feature(is)), (is, of), "{name}");
        }
        assert_eq!(feature("latchkey::keyset::it"), LEFT_OVER);
    }

    #[test]
    fn a_place_is_a_crate_or_a_module_of_the_core() {
        assert_eq!(place("latchkey::keys::masv::call"), "latchkey::keys");
        assert_eq!(place("sha2::sha256::compress256"), "sha2");
        assert_eq!(place("core"), "core");
    }

    #[test]
    fn a_module_without_names_cannot_be_taken_apart() {
        // One type, one function of it, its body.
        let bare = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b".to_vec();
        assert!(Module::read(&bare).is_err());
        let name = b"\0\x0d\x04name\x01\x06\x01\0\x03fly";
        let named = [bare.as_slice(), name].concat();
        let module = Module::read(&named).unwrap();
        assert_eq!(module.functions[0].path, "latchkey::js::fly");
        assert_eq!(module.without(None, true), b"\0\x0b");
        assert_eq!(module.without(Some("the boundary"), true), b"");
        // A hundred of the same, of which one has no name, or two have none.
        let many =
            [b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x65\x64".as_slice(), &[0; 100], b"\x0a\xad\x02\x64"]
                .concat();
        let many = [many, b"\x02\0\x0b".repeat(100)].concat();
        let named = |count: u8| {
            let names: Vec<u8> = (0..count).flat_map(|at| [at, 1, b'f']).collect();
            let length = |more: usize| [(names.len() + more) as u8 | 0x80, ((names.len() + more) >> 7) as u8];
            [&many, [0].as_slice(), &length(9), b"\x04name\x01", &length(1), &[count], &names].concat()
        };
        let (one, two) = (named(99), named(98));
        let functions = Module::read(&one).unwrap().functions;
        assert_eq!(functions.iter().filter(|function| function.path == SHARED).count(), 1);
        assert!(Module::read(&two).is_err());
    }

    #[test]
    fn a_script_weighs_what_esbuild_says() {
        let metafile = serde_json::json!({ "outputs": {
            "x/workerd.js.map": { "inputs": {} },
            "x/workerd.js": { "inputs": { "y/a.js": { "bytesInOutput": 3 }, "y/b.js": { "bytesInOutput": 5 } } },
        } });
        let sizes = bytes_of_inputs(&metafile, "workerd.js").unwrap();
        assert_eq!(sizes, [("b.js".to_owned(), 5), ("a.js".to_owned(), 3)]);
        assert!(bytes_of_inputs(&metafile, "inline.js").is_none());
    }
}
