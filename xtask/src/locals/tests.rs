//! Modules that are made up, some by chance, and run before and after.

use wasm_encoder::{BlockType, Function as Body, FunctionSection, InstructionSink, TypeSection, ValType};

use super::*;

const PARAMS: usize = 2;

/// What each function has besides. One of another type stands between them.
const OWN: [(u32, ValType); 3] = [(2, ValType::I32), (1, ValType::I64), (2, ValType::I32)];

/// All that are of the type of the parameters.
const LOCALS: [u32; 6] = [0, 1, 2, 3, 5, 6];

fn body(code: impl FnOnce(&mut InstructionSink<'_>)) -> Body {
    let mut body = Body::new(OWN);
    code(&mut body.instructions());
    body.instructions().end();
    body
}

fn module(bodies: &[Body]) -> Vec<u8> {
    let (mut types, mut kinds, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([ValType::I32; PARAMS], []);
    for body in bodies {
        kinds.function(0);
        code.function(body);
    }
    let mut module = Module::new();
    module.section(&types).section(&kinds).section(&code);
    let module = module.finish();
    wasmparser::validate(&module).unwrap();
    module
}

fn renewed(module: &[u8]) -> Vec<u8> {
    let renewed = by_likeness(module).unwrap();
    wasmparser::validate(&renewed).unwrap();
    renewed
}

/// Whether a function is the same as another, as far as `same` sees.
fn is_same(before: Body, now: Body) -> bool {
    let [before, now] = [before, now].map(|body| module(&[body]));
    same::check(&functions(&before, 0).unwrap(), &functions(&now, 0).unwrap()).is_ok()
}

#[test]
fn what_differs_in_its_locals_alone_becomes_the_same() {
    let alike = |[sum, product]: [u32; 2]| {
        body(|code| {
            code.local_get(0).i32_const(7).i32_add().local_tee(sum).i32_const(9).i32_mul().local_set(product);
            code.i64_const(5).local_set(4).local_get(4).drop();
            code.local_get(product).local_get(sum).i32_sub().drop();
        })
    };
    let module = module(&[[2, 3], [2, 3], [3, 2], [6, 5], [2, 3]].map(alike));
    let renewed = renewed(&module);
    let functions = functions(&renewed, 0).unwrap();
    for function in &functions[1..] {
        assert!(function.kinds == functions[0].kinds);
        let bytes =
            |function: &Function<'_>| function.code.iter().flat_map(|code| code.bytes).copied().collect();
        let (bytes, first): (Vec<u8>, Vec<u8>) = (bytes(function), bytes(&functions[0]));
        assert_eq!(bytes, first);
    }
}

#[test]
fn a_local_holds_one_value_after_the_other() {
    let count = |code: fn(&mut InstructionSink<'_>)| {
        let module = module(&[body(code)]);
        let values = Values::of(&functions(&module, 0).unwrap()[0]).unwrap();
        (values.locals.len() - PARAMS, values.unwritten.iter().filter(|is| **is).count())
    };
    let twice = |code: &mut InstructionSink<'_>| {
        code.i32_const(1).local_set(2).local_get(2).drop().i32_const(2).local_set(2).local_get(2).drop();
    };
    assert_eq!(count(twice), (2, 0));
    // Where either may be read they are one.
    let in_turn = |code: &mut InstructionSink<'_>| {
        code.local_get(0)
            .if_(BlockType::Empty)
            .i32_const(1)
            .local_set(2)
            .else_()
            .i32_const(2)
            .local_set(2)
            .end();
        code.local_get(2).drop();
    };
    assert_eq!(count(in_turn), (1, 0));
    let if_at_all = |code: &mut InstructionSink<'_>| {
        code.local_get(0).if_(BlockType::Empty).i32_const(1).local_set(2).end().local_get(2).drop();
    };
    assert_eq!(count(if_at_all), (1, 1));
    let in_a_loop = |code: &mut InstructionSink<'_>| {
        code.i32_const(1).local_set(2).loop_(BlockType::Empty);
        code.local_get(2).i32_const(1).i32_add().local_tee(2).br_if(0).end();
    };
    assert_eq!(count(in_a_loop), (1, 0));
    // Nobody reads what the one before left.
    let anew_in_a_loop = |code: &mut InstructionSink<'_>| {
        code.i32_const(1).local_set(2).local_get(2).drop().loop_(BlockType::Empty);
        code.i32_const(3).local_tee(2).br_if(0).end();
    };
    assert_eq!(count(anew_in_a_loop), (2, 0));
}

#[test]
fn a_read_of_anything_else_is_seen() {
    let two = |[one, other, read]: [u32; 3]| {
        body(|code| {
            code.i32_const(1).local_set(one).i32_const(2).local_set(other).local_get(read).drop();
        })
    };
    assert!(is_same(two([2, 3, 2]), two([3, 2, 3])));
    assert!(is_same(two([2, 3, 2]), two([0, 1, 0])));
    assert!(!is_same(two([2, 3, 2]), two([3, 2, 2])));
    assert!(!is_same(two([2, 3, 2]), two([2, 2, 2])));
    // The second time it is another that is overwritten.
    let in_a_loop = |[read, written]: [u32; 2]| {
        body(|code| {
            code.i32_const(1).local_set(2).loop_(BlockType::Empty).local_get(read).drop();
            code.local_get(0).local_set(written).local_get(0).br_if(0).end();
        })
    };
    assert!(is_same(in_a_loop([2, 3]), in_a_loop([2, 5])));
    assert!(!is_same(in_a_loop([2, 3]), in_a_loop([2, 2])));
    let in_one_arm = |written: u32| {
        body(|code| {
            code.local_get(0).if_(BlockType::Empty).else_().i32_const(1).local_set(written).end();
            code.local_get(2).drop();
        })
    };
    assert!(is_same(in_one_arm(3), in_one_arm(5)));
    assert!(!is_same(in_one_arm(3), in_one_arm(2)));
    let unwritten = |read: u32| {
        body(|code| {
            code.local_get(read).drop();
        })
    };
    assert!(is_same(unwritten(2), unwritten(6)));
    assert!(!is_same(unwritten(2), unwritten(1)));
    assert!(!is_same(unwritten(2), unwritten(4)));
    assert!(!is_same(unwritten(2), two([2, 3, 2])));
}

/// The same numbers each time, with no pattern that matters.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % bound
    }

    fn local(&mut self) -> u32 {
        LOCALS[self.below(LOCALS.len() as u32) as usize]
    }

    /// Code in so many blocks, that goes wherever it can.
    fn statements(&mut self, code: &mut InstructionSink<'_>, blocks: u32) {
        for _ in 0..=self.below(6) {
            match self.below(if blocks < 4 { 10 } else { 6 }) {
                0 => drop(code.i32_const(self.below(60) as i32).local_set(self.local())),
                1 => drop(
                    code.local_get(self.local()).local_get(self.local()).i32_add().local_set(self.local()),
                ),
                2 => drop(code.local_get(self.local()).local_tee(self.local()).drop()),
                3 => drop(code.local_get(self.local()).br_if(self.below(blocks + 1))),
                4 if self.below(4) == 0 => drop(code.br(self.below(blocks + 1))),
                4 => drop(code.local_get(self.local()).drop()),
                5 if self.below(4) == 0 => {
                    let targets = [0; 3].map(|_| self.below(blocks + 1));
                    code.local_get(self.local()).br_table(targets[1..].to_vec(), targets[0]);
                }
                5 | 6 => {
                    code.local_get(self.local()).if_(BlockType::Empty);
                    self.statements(code, blocks + 1);
                    if self.below(2) == 0 {
                        code.else_();
                        self.statements(code, blocks + 1);
                    }
                    code.end();
                }
                7 => {
                    code.block(BlockType::Empty);
                    self.statements(code, blocks + 1);
                    code.end();
                }
                _ => {
                    code.loop_(BlockType::Empty);
                    self.statements(code, blocks + 1);
                    code.local_get(self.local()).br_if(0).end();
                }
            }
        }
    }
}

/// Every value that a function reads, of the first thousand instructions that it comes to.
fn reads(function: &Function<'_>) -> Vec<i32> {
    let mut locals = vec![0; function.kinds.len()];
    locals[..PARAMS].copy_from_slice(&[7, -1]);
    let (mut reads, mut stack, mut blocks, mut at) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..1000 {
        let Some(Instruction { bytes, does, .. }) = function.code.get(at) else { break };
        let mut leaves = None;
        match does {
            Does::Read(local) => {
                stack.push(locals[*local]);
                reads.push(locals[*local]);
            }
            Does::Write(local) => {
                locals[*local] = stack.pop().unwrap();
                if bytes[0] == 0x22 {
                    stack.push(locals[*local]);
                }
            }
            Does::Block | Does::Loop => blocks.push(at),
            Does::If => {
                blocks.push(at);
                if stack.pop() == Some(0) {
                    at = other_arm(function, at);
                    continue;
                }
            }
            Does::Else => {
                at = function.partners[*blocks.last().unwrap()];
                continue;
            }
            Does::End => drop(blocks.pop()),
            // Where it goes is read by hand: what the pass believes of it is what is tested.
            Does::Leave { .. } => match bytes {
                [0x0c, to] => leaves = Some(usize::from(*to)),
                [0x0d, to] => leaves = (stack.pop() != Some(0)).then_some(usize::from(*to)),
                [0x0e, _, to @ ..] => {
                    let by = stack.pop().unwrap() as u32 as usize;
                    leaves = Some(usize::from(to[by.min(to.len() - 1)]));
                }
                _ => break,
            },
            Does::Other => match bytes[0] {
                0x41 => stack.push(i32::from(bytes[1])),
                0x6a => {
                    let (one, other) = (stack.pop().unwrap(), stack.pop().unwrap());
                    stack.push(i32::wrapping_add(one, other));
                }
                _ => drop(stack.pop()),
            },
        }
        at += 1;
        if let Some(outwards) = leaves {
            let Some(left) = blocks.len().checked_sub(outwards + 1) else { break };
            blocks.truncate(left + 1);
            let block = &blocks[left];
            at = if function.code[*block].does == Does::Loop { block + 1 } else { function.partners[*block] };
        }
    }
    reads
}

/// Where the other arm of an `if` starts, or its end if it has none.
fn other_arm(function: &Function<'_>, at: usize) -> usize {
    let end = function.partners[at];
    let mut place = at + 1;
    while place < end {
        match function.code[place].does {
            Does::Else => return place + 1,
            Does::Block | Does::Loop | Does::If => place = function.partners[place] + 1,
            _ => place += 1,
        }
    }
    end
}

#[test]
fn whatever_a_function_does_it_reads_the_same_values() {
    let mut chance = Chance(1);
    let bodies: Vec<Body> = (0..100).map(|_| body(|code| chance.statements(code, 0))).collect();
    let module = module(&bodies);
    let renewed = renewed(&module);
    assert_ne!(renewed, module);
    let [before, now] = [&module, &renewed].map(|module| functions(module, 0).unwrap());
    let mut all = 0;
    for (before, now) in before.iter().zip(&now) {
        let values = reads(before);
        assert_eq!(values, reads(now));
        all += values.len();
    }
    assert!(all > 1000, "{all}");
}
