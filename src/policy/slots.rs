//! A hash table of numbers, without their keys: the caller has those already.
//!
//! It is a perfect hash: every number has a slot of its own, so that each look-up, hit or miss, costs the same.

use std::hash::{BuildHasher, RandomState};

use super::part::Part;

/// How many entries are looked through one by one, since that is cheaper than a hash.
pub(super) const FEW: usize = 8;

/// Hashes that share a pilot; more need longer to build, fewer need more pilots.
const CROWD: usize = 3;

/// The pilots that are tried for one crowd before all hashes are drawn anew.
const PILOTS: u16 = 1 << 12;

/// Each hash leads to a pilot, and both together to a slot. A slot takes 8 bytes.
pub(super) struct Slots {
    seed: u64,
    pilots: Box<[u16]>,
    slots: Box<[Slot]>,
}

#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    number: u32,
}

const EMPTY: Slot = Slot { tag: 0, number: u32::MAX };

impl Slots {
    /// A table of the numbers from 0 of keys that are all distinct, and at least one: `hashes` tells what each has for a seed.
    pub(super) fn new(hashes: impl Fn(u64) -> Vec<u64>) -> Self {
        loop {
            // Drawn anew for each table, so that no one can write rules that collide.
            let seed = RandomState::new().hash_one(0u8);
            if let Some(slots) = Slots::place(seed, &hashes(seed)) {
                return slots;
            }
        }
    }

    fn place(seed: u64, hashes: &[u64]) -> Option<Self> {
        let count = hashes.len();
        let mut crowds = vec![Vec::new(); count.div_ceil(CROWD)];
        for (number, hash) in hashes.iter().enumerate() {
            let crowd = within(*hash, crowds.len());
            crowds.get_mut(crowd)?.push(number);
        }
        let mut order: Vec<usize> = (0..crowds.len()).collect();
        // The largest first, while there is room.
        order.sort_by_key(|crowd| std::cmp::Reverse(crowds.get(*crowd).map_or(0, Vec::len)));
        let pilots = vec![0; crowds.len()].into();
        let slots = vec![EMPTY; count + count / 4].into();
        let mut table = Slots { seed, pilots, slots };
        for crowd in order {
            table.settle(crowd, crowds.get(crowd)?, hashes)?;
        }
        Some(table)
    }

    /// Finds a pilot that leads each of the crowd to a free slot.
    fn settle(&mut self, crowd: usize, numbers: &[usize], hashes: &[u64]) -> Option<()> {
        let mut taken = Vec::with_capacity(numbers.len());
        let pilot = (0..PILOTS).find(|pilot| {
            taken.clear();
            numbers.iter().filter_map(|number| hashes.get(*number)).all(|hash| {
                let at = self.slot(*hash, *pilot);
                let free = self.slots.get(at).is_some_and(|slot| slot.number == EMPTY.number);
                let free = free && !taken.contains(&at);
                taken.push(at);
                free
            })
        })?;
        *self.pilots.get_mut(crowd)? = pilot;
        for (at, number) in taken.into_iter().zip(numbers) {
            *self.slots.get_mut(at)? =
                Slot { tag: tag(*hashes.get(*number)?), number: u32::try_from(*number).ok()? };
        }
        Some(())
    }

    fn slot(&self, hash: u64, pilot: u16) -> usize {
        within(mix(hash ^ u64::from(pilot)), self.slots.len())
    }

    /// Where the hash of a key begins.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The only number that can have that hash; the key tells whether it has.
    #[inline]
    pub(super) fn find(&self, hash: u64) -> Option<usize> {
        let pilot = self.pilots.get(within(hash, self.pilots.len()))?;
        let slot = self.slots.get(self.slot(hash, *pilot))?;
        (slot.tag == tag(hash) && slot.number != EMPTY.number).then_some(slot.number as usize)
    }
}

/// From a hash, by its high bits, to a number below `count`.
fn within(hash: u64, count: usize) -> usize {
    ((u128::from(hash) * count as u128) >> 64) as usize
}

/// The low bits, which lead nowhere else.
fn tag(hash: u64) -> u32 {
    hash as u32
}

/// Carries a hash on over more bytes.
#[inline(always)]
pub(super) fn hash<P: Part>(state: u64, bytes: &[u8]) -> u64 {
    // Added, while words are taken by exclusive or: no two texts have the same hash for every seed.
    let mut state = state.wrapping_add(bytes.len() as u64);
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        state = mix(state ^ P::folded_word(u64::from_le_bytes(*word)));
        rest = after;
    }
    match bytes.last_chunk() {
        _ if rest.is_empty() => state,
        // Bytes that were read already do no harm.
        Some(word) => mix(state ^ P::folded_word(u64::from_le_bytes(*word))),
        None => mix(state ^ P::folded_word(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))),
    }
}

/// One multiplication of full width, folded: each bit of the input reaches each of the output.
fn mix(word: u64) -> u64 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(word) * ODD;
    product as u64 ^ (product >> 64) as u64
}
