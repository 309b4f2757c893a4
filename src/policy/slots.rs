//! A hash table of numbers, without their keys: the caller has those already.

use std::hash::{BuildHasher, RandomState};

/// How many entries are looked through one by one, since that is cheaper than a hash.
pub(super) const FEW: usize = 8;

/// Open addressing with linear probing, at most half full, so that a miss, of which a pattern has one for each length,
/// is told by the first slots. A slot takes 8 bytes.
pub(super) struct Slots(Box<[Slot]>);

#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    number: u32,
}

const EMPTY: Slot = Slot { tag: 0, number: u32::MAX };

impl Slots {
    pub(super) fn with_room_for(count: usize) -> Self {
        let size = (count * 2).next_power_of_two();
        Slots(vec![EMPTY; size].into())
    }

    pub(super) fn insert(&mut self, hash: u64, number: usize) {
        let free =
            self.probe(hash).find(|at| self.0.get(*at).is_some_and(|slot| slot.number == EMPTY.number));
        let slot = free.and_then(|at| self.0.get_mut(at));
        if let (Some(slot), Ok(number)) = (slot, u32::try_from(number)) {
            *slot = Slot { tag: tag(hash), number };
        }
    }

    /// The number with that hash for which `is` holds.
    pub(super) fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        for at in self.probe(hash) {
            let slot = self.0.get(at)?;
            if slot.number == EMPTY.number {
                return None;
            }
            if slot.tag == tag(hash) && is(slot.number as usize) {
                return Some(slot.number as usize);
            }
        }
        None
    }

    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mask = self.0.len() - 1;
        (0..self.0.len()).map(move |step| (hash as usize).wrapping_add(step) & mask)
    }
}

fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Where hashes start, drawn anew for each table, so that no one can write rules that collide.
pub(super) fn seed() -> u64 {
    RandomState::new().hash_one(0u8)
}

/// Carries a hash on over more bytes, leaving out the bits that are ignored in each.
pub(super) fn hash(mut state: u64, bytes: &[u8], ignored: u8) -> u64 {
    let ignored = u64::from_ne_bytes([ignored; 8]);
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk() {
        state = mix(state ^ (u64::from_le_bytes(*word) | ignored));
        rest = after;
    }
    // The last bytes and their number in one word: seven at most, so there is room.
    let mut word = rest.len() as u64;
    for byte in rest {
        word = word << 8 | u64::from(*byte);
    }
    mix(state ^ (word | ignored))
}

/// One multiplication of full width, folded: each bit of the input reaches each of the output.
fn mix(word: u64) -> u64 {
    const ODD: u128 = 0x9e37_79b9_7f4a_7c15;
    let product = u128::from(word) * ODD;
    product as u64 ^ (product >> 64) as u64
}
