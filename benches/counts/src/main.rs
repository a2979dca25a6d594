//! The hot paths of the core on fixed inputs, for callgrind to count their instructions: `latchkey-counts NAME` does one of them, and what
//! counts is what [`measured`] does. `xtask/src/counts.rs` runs it and has the bounds.

use std::hint::black_box;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let token = include_str!("../token.txt").trim();
    match name.as_str() {
        "decode" => twice(|| latchkey::jwt::decode(black_box(token)).is_ok()),
        "times" => twice(|| latchkey::jwt::times(black_box(token)).is_ok()),
        other => panic!("there is nothing by the name `{other}`"),
    }
}

/// The first time may have to make things that stay.
fn twice(mut work: impl FnMut() -> bool) {
    assert!(work());
    assert!(measured(&mut work));
}

#[inline(never)]
fn measured(work: &mut dyn FnMut() -> bool) -> bool {
    black_box(work())
}
