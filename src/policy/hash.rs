//! Hashing with a secret: neither the author of rules nor the sender of a request can choose texts that collide.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use foldhash::fast::FoldHasher;
use foldhash::SharedSeed;

use crate::pattern::RuleSet;

/// How many texts are compared one by one, which costs less than to hash.
pub(super) const FEW: usize = 8;

/// The secret of one table, drawn from the randomness of the operating system: foldhash's own would come from
/// addresses alone.
pub(super) struct Seed {
    shared: SharedSeed,
    own: u64,
}

impl Seed {
    pub(super) fn random() -> Self {
        let [shared, own] = [0u8, 1].map(|number| RandomState::new().hash_one(number));
        Seed { shared: SharedSeed::from_u64(shared), own }
    }

    #[inline(always)]
    pub(super) fn hasher(&self) -> FoldHasher<'_> {
        FoldHasher::with_seed(self.own, &self.shared)
    }
}

/// Distinct sets of rules, to which the entries of a table refer by number: a set is four times as large.
#[derive(Default)]
pub(super) struct RuleSets {
    sets: Vec<RuleSet>,
    numbers: HashMap<RuleSet, u32>,
}

impl RuleSets {
    /// The number of a set.
    pub(super) fn insert(&mut self, set: RuleSet) -> u32 {
        *self.numbers.entry(set).or_insert_with(|| {
            self.sets.push(set);
            self.sets.len() as u32 - 1
        })
    }

    /// Frees what only [`insert`](Self::insert) needs.
    pub(super) fn shrink(&mut self) {
        self.numbers = HashMap::new();
        self.sets.shrink_to_fit();
    }

    #[inline(always)]
    pub(super) fn get(&self, number: u32) -> RuleSet {
        self.sets.get(number as usize).copied().unwrap_or_default()
    }
}
