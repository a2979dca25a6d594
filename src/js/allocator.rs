//! The allocator. Each block is wiped when it is given back: a text that was secret has left copies wherever it grew, was cut
//! out of another or crossed the boundary, and here is the one place that all of them pass.

use core::alloc::{GlobalAlloc, Layout};

#[global_allocator]
static ALLOCATOR: Wiping = Wiping(rlsf::SmallGlobalTlsf::new());

struct Wiping(rlsf::SmallGlobalTlsf);

// SAFETY: what is asked is handed on as it is, and only a block that nobody has any more is written to. `realloc` is the trait's
// own: a copy in a new block, and the old one is given back here.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe {
            block.write_bytes(0, layout.size());
            self.0.dealloc(block, layout);
        }
    }
}
