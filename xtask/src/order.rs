//! Puts the functions of a module in an order in which like stands beside like, as brotli finds best what it has just seen.
//! Whoever runs the module does not notice, and the download is a fiftieth lighter.
//!
//! Those of a type stand together: the module lists the types of its functions apart from their bodies, and so that is a list
//! of few runs.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, ExportSection, FunctionSection, GlobalSection, Module};
use wasmparser::{
    BinaryReaderError, CodeSectionReader, CustomSectionReader, Export, FunctionSectionReader, Global, Parser,
    Payload, TypeRef,
};

/// How many bytes in a row two functions have in common, or not.
const RUN: usize = 4;

/// How much each function before the last still counts, as a part of the one after it.
const FADING: f64 = 0.5;

/// What the linker exports of its own, and nobody asks for, has a name that starts so.
const LINKERS: &str = "__";

/// The module with its functions in such an order: each is followed by the one of those left of its type that has the most in
/// common with those just before. The type that most have comes first. What is exported is called as `name` says; of what the
/// linker and the compiler tell of their work nothing stays.
pub(crate) fn by_likeness(module: &[u8], name: impl Fn(&str) -> String) -> Result<Vec<u8>> {
    let order = order(module, &bodies(module)?)?;
    let mut ordered = Module::new();
    let written = Ordered::new(module, order, name)?.parse_core_module(&mut ordered, Parser::new(0), module);
    written.map_err(|error| anyhow!("{error}"))?;
    Ok(ordered.finish())
}

/// What writes it.
struct Ordered<N> {
    /// Which function stands first, which next, by their places before.
    order: Vec<usize>,
    /// The place of each function, those that are imported first.
    functions: Vec<u32>,
    /// The place of each global that stays.
    globals: Vec<Option<u32>>,
    name: N,
}

impl<N: Fn(&str) -> String> Ordered<N> {
    fn new(module: &[u8], order: Vec<usize>, name: N) -> Result<Self> {
        let (mut imported, mut globals, mut left) = (0, Vec::new(), 0);
        for part in Parser::new(0).parse_all(module) {
            match part? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        ensure!(matches!(import?.ty, TypeRef::Func(_)), "it imports more than functions");
                        imported += 1;
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let stays = global?.ty.mutable;
                        globals.push(stays.then_some(left));
                        left += u32::from(stays);
                    }
                }
                _ => {}
            }
        }
        let mut functions: Vec<u32> = (0..imported).collect();
        functions.resize(imported as usize + order.len(), 0);
        for (place, at) in (imported..).zip(&order) {
            functions[imported as usize + at] = place;
        }
        Ok(Self { order, functions, globals, name })
    }

    /// In the order in which they are to stand.
    fn in_order<T>(
        &self,
        items: impl IntoIterator<Item = Result<T, BinaryReaderError>>,
    ) -> Result<Vec<T>, Rewriting> {
        let mut items = items.into_iter().map(|item| item.map(Some)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.order.iter().filter_map(|at| items.get_mut(*at)?.take()).collect())
    }
}

type Rewriting = reencode::Error<anyhow::Error>;

impl<N: Fn(&str) -> String> Reencode for Ordered<N> {
    type Error = anyhow::Error;

    fn function_index(&mut self, at: u32) -> Result<u32, Rewriting> {
        let place = self.functions.get(at as usize).context("a function is called that is none");
        place.copied().map_err(Rewriting::UserError)
    }

    fn global_index(&mut self, at: u32) -> Result<u32, Rewriting> {
        let place = self.globals.get(at as usize).copied().flatten();
        place.context("a global is used that is only the linker's").map_err(Rewriting::UserError)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Rewriting> {
        for kind in self.in_order(section)? {
            functions.function(kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Rewriting> {
        self.in_order(section)?.into_iter().try_for_each(|body| self.parse_function_body(code, body))
    }

    fn parse_global(&mut self, globals: &mut GlobalSection, global: Global<'_>) -> Result<(), Rewriting> {
        if global.ty.mutable { reencode::utils::parse_global(self, globals, global) } else { Ok(()) }
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Rewriting> {
        if export.name.starts_with(LINKERS) {
            return Ok(());
        }
        let name = (self.name)(export.name);
        reencode::utils::parse_export(self, exports, Export { name: &name, ..export })
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Rewriting> {
        Ok(())
    }
}

/// The body of each function.
pub(crate) fn bodies(module: &[u8]) -> Result<Vec<&[u8]>> {
    let mut bodies = Vec::new();
    for part in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = part? {
            bodies.push(body.as_bytes());
        }
    }
    ensure!(!bodies.is_empty(), "the module has no functions");
    Ok(bodies)
}

/// The type of each function, as a number that is the less the more have it.
fn types(module: &[u8]) -> Result<Vec<usize>> {
    let mut types = Vec::new();
    for part in Parser::new(0).parse_all(module) {
        if let Payload::FunctionSection(section) = part? {
            types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        }
    }
    let mut ranks: Vec<u32> = types.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    ranks.sort_by_key(|rank| Reverse(types.iter().filter(|kind| *kind == rank).count()));
    Ok(types.iter().filter_map(|kind| ranks.iter().position(|rank| rank == kind)).collect())
}

/// Which of them stands first, which next.
pub(crate) fn order(module: &[u8], bodies: &[&[u8]]) -> Result<Vec<usize>> {
    let types = types(module)?;
    ensure!(types.len() == bodies.len(), "the functions and their types are not as many");
    let runs: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|body| body.windows(RUN).collect()).collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (at, own) in runs.iter().enumerate() {
        for run in own {
            holders.entry(run).or_default().push(at);
        }
    }
    let mut left: BTreeSet<usize> = (0..runs.len()).collect();
    let mut order = Vec::new();
    let mut shared = vec![0.0; runs.len()];
    let mut next = (0..runs.len()).max_by_key(|at| (Reverse(types[*at]), runs[*at].len()));
    while let Some(last) = next {
        left.remove(&last);
        order.push(last);
        shared.iter_mut().for_each(|shared| *shared *= FADING);
        // What nearly all have says nothing.
        for holders in runs[last].iter().map(|run| &holders[run]).filter(|all| all.len() * 2 < runs.len()) {
            for at in holders {
                shared[*at] += 1.0;
            }
        }
        let likeness = |at: usize| shared[at] / (runs[last].len() + runs[at].len()).max(1) as f64;
        let kind = left.iter().map(|at| types[*at]).min();
        let of_kind = left.iter().rev().copied().filter(|at| Some(types[*at]) == kind);
        // Of those that are as like, the first.
        next = of_kind.max_by(|a, b| likeness(*a).total_cmp(&likeness(*b)));
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, EntityType, ExportKind, Function, GlobalType, ImportSection, TypeSection, ValType,
    };
    use wasmparser::Operator;

    use super::*;

    /// A module whose functions are of these types, and consist of these constants; it imports one more, exports the one that
    /// has but one constant, and has what a linker leaves.
    fn module(functions: &[(u32, &[i32])]) -> Vec<u8> {
        let (mut types, mut imports, mut kinds) =
            (TypeSection::new(), ImportSection::new(), FunctionSection::new());
        let (mut globals, mut exports, mut code) =
            (GlobalSection::new(), ExportSection::new(), CodeSection::new());
        for params in 0..3 {
            types.ty().function(vec![ValType::I32; params], []);
        }
        imports.import("host", "log", EntityType::Function(0));
        for (mutable, at) in [(false, 7), (true, 8)] {
            let kind = GlobalType { val_type: ValType::I32, mutable, shared: false };
            globals.global(kind, &ConstExpr::i32_const(at));
        }
        exports.export("__data_end", ExportKind::Global, 0);
        for (at, (kind, constants)) in (1..).zip(functions) {
            kinds.function(*kind);
            let mut body = Function::new([]);
            for constant in *constants {
                body.instructions().i32_const(*constant).drop();
            }
            if constants.len() == 1 {
                exports.export("alone", ExportKind::Func, at);
                body.instructions().i32_const(0).global_set(1).call(0).call(at);
            }
            body.instructions().end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&kinds).section(&globals).section(&exports);
        module.section(&code);
        module.finish()
    }

    /// What a module has.
    #[derive(Default)]
    struct Found {
        /// The constants of each function, as they stand.
        functions: Vec<Vec<i32>>,
        /// What is exported, and which function that is.
        exports: Vec<(String, u32)>,
        calls: Vec<u32>,
    }

    fn read(module: &[u8]) -> Found {
        let mut found = Found::default();
        wasmparser::validate(module).unwrap();
        for part in Parser::new(0).parse_all(module) {
            match part.unwrap() {
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.unwrap();
                        found.exports.push((export.name.to_owned(), export.index));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut constants = Vec::new();
                    for operator in body.get_operators_reader().unwrap() {
                        match operator.unwrap() {
                            Operator::I32Const { value } => constants.push(value),
                            Operator::Call { function_index } => found.calls.push(function_index),
                            _ => {}
                        }
                    }
                    found.functions.push(constants);
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn like_stands_beside_like_and_nothing_else_changes() {
        let bodies: [&[i32]; 5] =
            [&[11, 12, 13, 14], &[21, 22, 23, 24], &[11, 12, 13, 14, 15], &[21, 22, 23, 24, 25], &[9]];
        let of_types = |types: [u32; 5]| {
            let functions: Vec<_> = types.into_iter().zip(bodies).collect();
            read(&by_likeness(&module(&functions), |name| format!("{name}!")).unwrap())
        };
        let [a, b, c, d, e] = bodies.map(<[i32]>::to_vec);
        let e = [e, vec![0]].concat();
        let Found { functions, exports, calls } = of_types([0; 5]);
        assert_eq!(functions, [d.clone(), b.clone(), a.clone(), c.clone(), e.clone()]);
        assert_eq!(exports, [("alone!".to_owned(), 5)]);
        assert_eq!(calls, [0, 5]);
        // Those of the type that most have come first.
        let Found { functions, exports, calls } = of_types([0, 2, 1, 2, 0]);
        assert_eq!(functions, [a, e, b, d, c]);
        assert_eq!((exports[0].1, calls), (2, vec![0, 2]));
        assert!(by_likeness(&module(&[]), str::to_owned).is_err());
    }
}
