//! A hash table without its keys: the caller has those already.
//!
//! It is a perfect hash: every key has a slot of its own, so that each look-up, hit or miss, costs the same.

use std::hash::{BuildHasher, RandomState};

use super::criterion::Criterion;
use super::word::short;

/// How many entries are looked through one by one, since that is cheaper than a hash.
pub(super) const FEW: usize = 8;

/// Hashes that share a pilot; more need longer to build, fewer need more pilots.
const CROWD: usize = 3;

/// The pilots that are tried for one crowd before all hashes are drawn anew.
const PILOTS: u16 = 1 << 12;

/// Each hash leads to a pilot, and both together to a slot.
pub(super) struct Slots<V> {
    seed: u64,
    pilots: Box<[u16]>,
    slots: Box<[Slot<V>]>,
    /// Kept, as to count them again takes longer than to look up.
    to_pilot: Shift,
    to_slot: Shift,
}

#[derive(Clone, Copy)]
struct Slot<V> {
    tag: u32,
    value: V,
}

impl<V: Copy> Slots<V> {
    /// A table of values, at least one, whose keys are all distinct: `hashes` tells those for a seed. `none` is what
    /// stands in a slot of no key.
    pub(super) fn new(values: &[V], none: V, hashes: impl Fn(u64) -> Vec<u64>) -> Self {
        loop {
            // Drawn anew for each table, so that no one can write rules that collide.
            let seed = RandomState::new().hash_one(0u8);
            let hashes = hashes(seed);
            let Some((pilots, places)) = places(&hashes) else {
                continue;
            };
            let mut slots = vec![Slot { tag: 0, value: none }; slots_for(values.len())].into_boxed_slice();
            for ((value, hash), location) in values.iter().zip(hashes).zip(places) {
                if let Some(slot) = slots.get_mut(location) {
                    *slot = Slot { tag: tag(hash), value: *value };
                }
            }
            let (to_pilot, to_slot) = (Shift::below(pilots.len()), Shift::below(slots.len()));
            return Slots { seed, pilots, slots, to_pilot, to_slot };
        }
    }

    /// Where the hash of a key begins.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The only value whose key can have that hash; the key tells whether it has.
    #[inline]
    pub(super) fn find(&self, hash: u64) -> Option<&V> {
        let pilot = self.pilots.get(self.to_pilot.of(hash))?;
        let slot = self.slots.get(location(hash, *pilot, self.to_slot))?;
        (slot.tag == tag(hash)).then_some(&slot.value)
    }
}

fn slots_for(count: usize) -> usize {
    (count + count / 4).next_power_of_two().max(2)
}

/// The pilots, and for each hash a location that no other has.
fn places(hashes: &[u64]) -> Option<(Box<[u16]>, Vec<usize>)> {
    let mut crowds = vec![Vec::new(); hashes.len().div_ceil(CROWD).next_power_of_two().max(2)];
    let mut taken = vec![false; slots_for(hashes.len())];
    let (to_crowd, to_slot) = (Shift::below(crowds.len()), Shift::below(taken.len()));
    for (number, hash) in hashes.iter().enumerate() {
        crowds.get_mut(to_crowd.of(*hash))?.push((number, *hash));
    }
    let mut pilots = vec![0; crowds.len()].into_boxed_slice();
    let mut places = vec![0; hashes.len()];
    let mut order: Vec<usize> = (0..crowds.len()).collect();
    // The largest first, while there is room.
    order.sort_by_key(|crowd| std::cmp::Reverse(crowds.get(*crowd).map_or(0, Vec::len)));
    for number in order {
        let crowd = crowds.get(number)?;
        let pilot = (0..PILOTS).find(|pilot| settles(crowd, *pilot, to_slot, &mut taken))?;
        *pilots.get_mut(number)? = pilot;
        for (number, hash) in crowd {
            *places.get_mut(*number)? = location(*hash, pilot, to_slot);
        }
    }
    Some((pilots, places))
}

/// Takes the places to which a pilot leads a crowd, if all of them are free.
fn settles(crowd: &[(usize, u64)], pilot: u16, to_slot: Shift, taken: &mut [bool]) -> bool {
    for (settled, (_, hash)) in crowd.iter().enumerate() {
        let at = location(*hash, pilot, to_slot);
        match taken.get_mut(at) {
            Some(taken) if !*taken => *taken = true,
            _ => {
                for (_, hash) in crowd.iter().take(settled) {
                    let at = location(*hash, pilot, to_slot);
                    taken.get_mut(at).into_iter().for_each(|taken| *taken = false);
                }
                return false;
            }
        }
    }
    true
}

/// The multiplication brings the bits of the pilot to where they count.
#[inline(always)]
fn location(hash: u64, pilot: u16, to_slot: Shift) -> usize {
    to_slot.of((hash ^ u64::from(pilot)).wrapping_mul(ODD))
}

/// From a hash, by its high bits, to a number below a power of two.
#[derive(Clone, Copy)]
struct Shift(u32);

impl Shift {
    /// Of two at least: a shift by all bits, which a single number needs, is none to the processor.
    fn below(count: usize) -> Self {
        Shift(u64::BITS - count.trailing_zeros())
    }

    #[inline(always)]
    fn of(self, hash: u64) -> usize {
        (hash >> (self.0 & 63)) as usize
    }
}

/// The low bits, which lead nowhere else.
fn tag(hash: u64) -> u32 {
    hash as u32
}

/// Carries a hash on over more bytes, sixteen at a step.
#[inline(always)]
pub(super) fn hash<P: Criterion>(state: u64, bytes: &[u8]) -> u64 {
    // Added, while words are taken by exclusive or: no two texts have the same hash for every seed.
    let mut state = state.wrapping_add(bytes.len() as u64);
    let mut rest = bytes;
    while let Some((words, after)) = rest.split_first_chunk() {
        state = take_in::<P>(state, words);
        rest = after;
    }
    if rest.is_empty() {
        return state;
    }
    // Bytes that were read already do no harm.
    match (bytes.last_chunk(), bytes.first_chunk(), bytes.last_chunk()) {
        (Some(words), ..) => take_in::<P>(state, words),
        (_, Some(first), Some(last)) => {
            mix(state ^ word::<P>(first), state.rotate_left(32) ^ word::<P>(last))
        }
        _ => mix(state ^ P::folded_word(short(rest)), ODD),
    }
}

#[inline(always)]
fn take_in<P: Criterion>(state: u64, words: &[u8; 16]) -> u64 {
    match (words.first_chunk(), words.last_chunk()) {
        (Some(a), Some(b)) => mix(state ^ word::<P>(a), state.rotate_left(32) ^ word::<P>(b)),
        _ => state,
    }
}

#[inline(always)]
fn word<P: Criterion>(bytes: &[u8; 8]) -> u64 {
    P::folded_word(u64::from_le_bytes(*bytes))
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// One multiplication of full width, folded: each bit of the input reaches each of the output.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
