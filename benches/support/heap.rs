//! Counts allocations and held bytes, and serves memory at a cost that does not depend on the state of the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

#[global_allocator]
static HEAP: Heap = Heap;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicU64 = AtomicU64::new(0);

/// Freed blocks by size: list *n* has blocks of 2^*n* bytes, each of which begins with a pointer to the next.
static FREED: [AtomicPtr<Freed>; LISTS] = [const { AtomicPtr::new(null_mut()) }; LISTS];
const LISTS: usize = 18;

struct Freed {
    next: *mut Freed,
}

struct Heap;

// The benches have one thread, so a load and a store will do: a locked instruction would weigh on every contender.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(more), Relaxed);
}

/// The block that serves a layout, and its list; `None` for what is too large for a list.
fn block(layout: Layout) -> Option<(Layout, &'static AtomicPtr<Freed>)> {
    let size = layout.size().max(layout.align()).max(size_of::<Freed>()).next_power_of_two();
    let freed = FREED.get(size.trailing_zeros() as usize)?;
    Layout::from_size_align(size, size.min(64)).ok().map(|block| (block, freed))
}

// SAFETY: a block is as large and as aligned as its layout asks for, comes from the system's allocator with a layout that
// depends on that layout alone, and is in a list only while nobody holds it. Growing goes through these two.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(&ALLOCATIONS, 1);
        add(&HELD, layout.size() as u64);
        let Some((block, freed)) = block(layout) else {
            // SAFETY: the caller keeps the contract, which is the same.
            return unsafe { System.alloc(layout) };
        };
        let first = freed.load(Relaxed);
        if first.is_null() {
            // SAFETY: a block is never empty.
            return unsafe { System.alloc(block) };
        }
        // SAFETY: what is in the list is a freed block, which begins with a pointer to the next.
        freed.store(unsafe { (*first).next }, Relaxed);
        first.cast()
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(&HELD, (layout.size() as u64).wrapping_neg());
        let Some((_, freed)) = block(layout) else {
            // SAFETY: the caller keeps the contract, which is the same.
            return unsafe { System.dealloc(pointer, layout) };
        };
        let first = pointer.cast::<Freed>();
        // SAFETY: the block is free from now on, large enough for a pointer and aligned for one.
        unsafe { first.write(Freed { next: freed.load(Relaxed) }) };
        freed.store(first, Relaxed);
    }
}

/// What `work` gives, and how often it allocated.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.load(Relaxed);
    let done = work();
    (done, ALLOCATIONS.load(Relaxed) - before)
}

/// What `work` gives, and how many bytes of heap are held for it.
pub fn held<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = HELD.load(Relaxed);
    let done = work();
    (done, HELD.load(Relaxed) - before)
}
