//! Counts allocations and the bytes that are held, and takes the allocator's own work out of a count of instructions.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::Relaxed};

#[global_allocator]
static COUNTING: Counting = Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicU64 = AtomicU64::new(0);

struct Counting;

// The benches have one thread, so a load and a store will do: a locked instruction would weigh on every contender.
fn add(counter: &AtomicU64, more: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(more), Relaxed);
}

/// A strip of memory that is given out from its start on and never taken back, while there is one.
static NEXT: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static START: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
const STRIP: Layout = Layout::new::<[u8; 64 << 20]>();

/// Does `work` with an allocator that needs the same few instructions for every call: what the system's needs depends
/// on the state of the heap, which differs from run to run.
pub fn from_a_strip<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: the strip has a size. It is never freed, so that what outlives `work` stays good.
    let strip = unsafe { System.alloc_zeroed(STRIP) };
    START.store(strip, Relaxed);
    NEXT.store(strip, Relaxed);
    let done = work();
    NEXT.store(std::ptr::null_mut(), Relaxed);
    done
}

// SAFETY: all work is the system allocator's, but for a strip that is given out piece by piece and only in small part;
// growing and shrinking go through these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(&ALLOCATIONS, 1);
        add(&HELD, layout.size() as u64);
        let next = NEXT.load(Relaxed);
        if !next.is_null() {
            let piece = next.wrapping_add(next.align_offset(layout.align()));
            NEXT.store(piece.wrapping_add(layout.size()), Relaxed);
            return piece;
        }
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(&HELD, (layout.size() as u64).wrapping_neg());
        let of_the_strip = (pointer as usize).wrapping_sub(START.load(Relaxed) as usize) < STRIP.size();
        if of_the_strip || !NEXT.load(Relaxed).is_null() {
            return;
        }
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
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
