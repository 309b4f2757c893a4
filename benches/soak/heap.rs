//! What the process holds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[global_allocator]
static HEAP: Counting = Counting;

static HELD: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: the system's allocator does all the work; growing goes through these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as u64, Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes of the heap, and of memory in all.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub heap: u64,
    pub rss: u64,
}

impl Memory {
    pub const MOST: Memory = Memory { heap: u64::MAX, rss: u64::MAX };

    pub fn now() -> Self {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let resident: u64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        Memory { heap: HELD.load(Relaxed), rss: resident * 4096 }
    }

    pub fn least(self, other: Memory) -> Memory {
        Memory { heap: self.heap.min(other.heap), rss: self.rss.min(other.rss) }
    }
}
