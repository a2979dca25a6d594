//! The ways that a function can go.

use anyhow::{Context, Result};

use super::{Does, Function};

/// Who goes through a function, and knows something wherever it is reached.
pub(super) trait Follow {
    type Known: Clone;

    /// A local is read or written.
    fn see(&mut self, at: usize, known: &mut Self::Known) -> Result<()>;

    /// A loop starts. Of who comes back to it nothing is known yet.
    fn enter(&mut self, _at: usize, known: Self::Known) -> Self::Known {
        known
    }

    /// One comes to such an end of a block, or back to such a start of a loop, which others came to before.
    fn meet(&mut self, at: usize, known: &mut Self::Known, comes: &Self::Known);
}

/// A block that is gone through.
struct Block<K> {
    /// Its end or, if it is a loop, its start: where whoever leaves to it comes to.
    target: usize,
    /// What is known there, if anyone came.
    known: Option<K>,
    /// What is known where its other arm starts, or its end if it has none.
    other: Option<K>,
}

impl<K: Clone> Block<K> {
    fn come(&mut self, follower: &mut impl Follow<Known = K>, comes: Option<&K>) {
        match (&mut self.known, comes) {
            (Some(known), Some(comes)) => follower.meet(self.target, known, comes),
            (None, Some(comes)) => self.known = Some(comes.clone()),
            (_, None) => {}
        }
    }
}

/// Goes through all of a function once, as it stands. Where it never comes, nothing is seen.
pub(super) fn follow<F: Follow>(function: &Function<'_>, start: F::Known, follower: &mut F) -> Result<()> {
    let mut known = Some(start);
    let mut blocks = vec![Block { target: function.code.len() - 1, known: None, other: None }];
    for (at, instruction) in function.code.iter().enumerate() {
        match &instruction.does {
            Does::Read(_) | Does::Write(_) => {
                if let Some(known) = &mut known {
                    follower.see(at, known)?;
                }
            }
            Does::Block => blocks.push(Block { target: function.partners[at], known: None, other: None }),
            Does::If => {
                blocks.push(Block { target: function.partners[at], known: None, other: known.clone() });
            }
            Does::Loop => {
                known = known.map(|known| follower.enter(at, known));
                blocks.push(Block { target: at, known: known.clone(), other: None });
            }
            Does::Else => {
                let block = outwards(&mut blocks, 0)?;
                block.come(follower, known.as_ref());
                known = block.other.take();
            }
            Does::End => {
                let mut block = blocks.pop().context("no block ends here")?;
                if block.target == at {
                    block.come(follower, known.as_ref());
                    let other = block.other.take();
                    block.come(follower, other.as_ref());
                    known = block.known;
                }
            }
            Does::Leave { to, stays } => {
                for to in to {
                    outwards(&mut blocks, *to)?.come(follower, known.as_ref());
                }
                known = known.filter(|_| *stays);
            }
            Does::Other => {}
        }
    }
    Ok(())
}

/// One of the blocks that are around, counted outwards.
pub(super) fn outwards<T>(blocks: &mut [T], count: usize) -> Result<&mut T> {
    blocks.iter_mut().nth_back(count).context("no block is where it goes")
}
