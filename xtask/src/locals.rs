//! Says anew in which of its locals each function keeps what, so that what is alike looks alike: a quarter of the code after
//! brotli is which local is read or written, and to the compiler one was as good as another.
//! Whoever runs the module does not notice, and the download is a fiftieth lighter.

mod exchange;
mod flow;
mod likeness;
mod same;
mod values;

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use wasm_encoder::{CodeSection, Encode, Module, RawSection, SectionId};
use wasmparser::{FunctionBody, Operator, Parser, Payload, ValType};

use likeness::Uses;
use values::Values;

/// How many locals each function gets besides its own: with room, its values can be kept where like ones are kept elsewhere.
/// The last of them, if nothing came to be kept there, it does not get after all.
const SPARE: usize = 2;

/// A function of more locals is left as it is: it would take minutes. None of ours has a third of them.
const MOST: usize = 100;

/// How often each function is looked at: after that hardly any finds anything better.
const ROUNDS: usize = 6;

/// The module with its values in such locals. All else is as it was, which is made sure of: this is a compiler's work.
pub(crate) fn by_likeness(module: &[u8]) -> Result<Vec<u8>> {
    let functions = functions(module, SPARE)?;
    let mut kept = functions.iter().map(Values::of).collect::<Result<Vec<_>>>()?;
    let mut uses = Uses::default();
    for (function, values) in functions.iter().zip(&kept) {
        let places = uses.places(function, values);
        uses.learn(values, &places);
    }
    for _ in 0..ROUNDS {
        for (function, values) in functions.iter().zip(&mut kept) {
            let mut places = uses.places(function, values);
            let votes = uses.others(function, values, &places);
            if function.kinds.len() <= MOST && exchange::settle(function, values, &votes) {
                places = uses.places(function, values);
            }
            uses.learn(values, &places);
        }
    }
    let written = write(module, &functions, &kept)?;
    same::check(&self::functions(module, 0)?, &self::functions(&written, 0)?)?;
    Ok(written)
}

struct Function<'m> {
    /// The type of each local. The parameters come first.
    kinds: Vec<ValType>,
    params: usize,
    code: Vec<Instruction<'m>>,
    /// Where each block that starts somewhere ends, and where it starts that ends somewhere.
    partners: Vec<usize>,
}

struct Instruction<'m> {
    bytes: &'m [u8],
    /// What all have that are of these bytes, and no others: not 0.
    word: u32,
    does: Does,
}

/// As far as it is about a local, or about what comes next.
#[derive(PartialEq)]
enum Does {
    Read(usize),
    Write(usize),
    Block,
    Loop,
    If,
    Else,
    End,
    /// Goes to the end of a block around it, or to the start of a loop: it counts outwards which. If it stays, not always.
    Leave {
        to: Vec<usize>,
        stays: bool,
    },
    Other,
}

impl Function<'_> {
    /// The local that an instruction reads or writes.
    fn local(&self, at: usize) -> Option<usize> {
        match self.code.get(at)?.does {
            Does::Read(local) | Does::Write(local) => Some(local),
            _ => None,
        }
    }
}

/// The functions of a module, each with so many locals more.
fn functions(module: &[u8], spare: usize) -> Result<Vec<Function<'_>>> {
    let mut reader = Reader { module, spare, words: HashMap::new() };
    let (mut types, mut kinds, mut functions) = (Vec::new(), Vec::new().into_iter(), Vec::new());
    for part in Parser::new(0).parse_all(module) {
        match part? {
            Payload::TypeSection(section) => {
                types = section.into_iter_err_on_gc_types().collect::<Result<Vec<_>, _>>()?;
            }
            Payload::FunctionSection(section) => {
                kinds = section.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter();
            }
            Payload::CodeSectionEntry(body) => {
                let kind = kinds.next().and_then(|kind: u32| types.get(kind as usize));
                functions.push(reader.function(kind.context("a function has no type")?.params(), &body)?);
            }
            _ => {}
        }
    }
    Ok(functions)
}

struct Reader<'m> {
    module: &'m [u8],
    spare: usize,
    words: HashMap<&'m [u8], u32>,
}

impl<'m> Reader<'m> {
    /// Locals of a type stand together, as they are declared in fewer bytes so. Nearly all are of one.
    fn function(&mut self, params: &[ValType], body: &FunctionBody<'m>) -> Result<Function<'m>> {
        let (mut own, mut declared) = (Vec::new(), Vec::new());
        for run in body.get_locals_reader()? {
            let (count, kind) = run?;
            own.extend((0..count).map(|_| kind));
            if !declared.contains(&kind) {
                declared.push(kind);
            }
        }
        let mut kinds = params.to_vec();
        let mut places: Vec<usize> = (0..params.len() + own.len()).collect();
        for kind in declared {
            for (at, _) in (params.len()..).zip(&own).filter(|(_, own)| **own == kind) {
                places[at] = kinds.len();
                kinds.push(kind);
            }
            let room = if kind == ValType::I32 { self.spare } else { 0 };
            kinds.extend(vec![kind; room]);
        }
        let mut operators = body.get_operators_reader()?;
        let mut code = Vec::new();
        while !operators.eof() {
            let from = operators.original_position() as usize;
            let does = does(&operators.read()?, &places)?;
            let bytes = &self.module[from..operators.original_position() as usize];
            let next = self.words.len() as u32 + 1;
            code.push(Instruction { bytes, word: *self.words.entry(bytes).or_insert(next), does });
        }
        let partners = partners(&code);
        Ok(Function { kinds, params: params.len(), code, partners })
    }
}

/// The block that is all of a function starts nowhere: its end has itself.
fn partners(code: &[Instruction<'_>]) -> Vec<usize> {
    let mut partners: Vec<usize> = (0..code.len()).collect();
    let mut open = Vec::new();
    for (at, instruction) in code.iter().enumerate() {
        match instruction.does {
            Does::Block | Does::Loop | Does::If => open.push(at),
            Does::End => {
                if let Some(start) = open.pop() {
                    (partners[start], partners[at]) = (at, start);
                }
            }
            _ => {}
        }
    }
    partners
}

/// What an instruction does, where each local has such a place.
fn does(operator: &Operator<'_>, places: &[usize]) -> Result<Does> {
    let place = |local: u32| places.get(local as usize).copied().context("a local is used that is none");
    let leave = |to: &[u32], stays| Does::Leave { to: to.iter().map(|to| *to as usize).collect(), stays };
    Ok(match operator {
        Operator::LocalGet { local_index } => Does::Read(place(*local_index)?),
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
            Does::Write(place(*local_index)?)
        }
        Operator::Block { .. } => Does::Block,
        Operator::Loop { .. } => Does::Loop,
        Operator::If { .. } => Does::If,
        Operator::Else => Does::Else,
        Operator::End => Does::End,
        Operator::Br { relative_depth } => leave(&[*relative_depth], false),
        Operator::BrIf { relative_depth } => leave(&[*relative_depth], true),
        Operator::BrTable { targets } => {
            let to = targets.targets().chain([Ok(targets.default())]).collect::<Result<Vec<_>, _>>()?;
            leave(&to, false)
        }
        Operator::Return | Operator::Unreachable => leave(&[], false),
        // What the compiler may not use (`package::FEATURES`) could go where nobody here looks: these, and what is newer.
        Operator::TryTable { .. }
        | Operator::Try { .. }
        | Operator::Throw { .. }
        | Operator::ThrowRef
        | Operator::ReturnCall { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::ReturnCallRef { .. }
        | Operator::BrOnNull { .. }
        | Operator::BrOnNonNull { .. }
        | Operator::BrOnCast { .. }
        | Operator::BrOnCastFail { .. } => bail!("it goes where nobody looks: {operator:?}"),
        _ => Does::Other,
    })
}

fn write(module: &[u8], functions: &[Function<'_>], kept: &[Values]) -> Result<Vec<u8>> {
    let mut code = CodeSection::new();
    for (function, values) in functions.iter().zip(kept) {
        let locals = |at: usize| values.local(function, at);
        let last = (0..function.code.len()).filter_map(locals).max();
        let has = last.map_or(0, |last| last + 1).max(function.params);
        let own =
            function.kinds[function.params..has].iter().map(|kind| wasm_encoder::ValType::try_from(*kind));
        let own = own.collect::<Result<Vec<_>, _>>().ok().context("a local is of a type that is none")?;
        let mut body = wasm_encoder::Function::new_with_locals_types(own);
        for (at, instruction) in function.code.iter().enumerate() {
            match locals(at) {
                Some(local) => {
                    let mut bytes = vec![instruction.bytes[0]];
                    local.encode(&mut bytes);
                    body.raw(bytes);
                }
                None => {
                    body.raw(instruction.bytes.iter().copied());
                }
            }
        }
        code.function(&body);
    }
    let mut written = Module::new();
    for part in Parser::new(0).parse_all(module) {
        match part?.as_section() {
            Some((id, _)) if id == u8::from(SectionId::Code) => {
                written.section(&code);
            }
            Some((id, range)) => {
                let data = &module[range.start as usize..range.end as usize];
                written.section(&RawSection { id, data });
            }
            None => {}
        }
    }
    Ok(written.finish())
}

#[cfg(test)]
mod tests;
