//! Patterns `prefix*suffix`: a few are compared one by one, many are found by the hashes of their two ends.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use foldhash::fast::FoldHasher;
use hashbrown::HashTable;

use super::criterion::Criterion;
use super::hash::{RuleSets, Seed, FEW};
use crate::pattern::RuleSet;

pub(super) enum Affixes {
    Few(Box<[Affix]>),
    Many(Box<Tables>),
}

pub(super) struct Affix {
    prefix: Box<str>,
    suffix: Box<str>,
    rules: RuleSet,
}

/// The prefixes of all patterns, and the suffixes of each prefix.
///
/// A value is hashed once from its start and, for each prefix that it has, once from its end: the hash of a longer
/// prefix or suffix carries on from the shorter one.
pub(super) struct Tables {
    seed: Seed,
    prefixes: HashTable<Prefix>,
    prefix_lengths: Box<[u32]>,
    suffixes: HashTable<Suffix>,
    sets: Box<[RuleSet]>,
}

struct Prefix {
    number: u32,
    text: Box<str>,
    suffix_lengths: Box<[u32]>,
}

struct Suffix {
    /// The number of its prefix.
    prefix: u32,
    /// The number of its set of rules.
    set: u32,
    text: Box<str>,
}

/// Suffixes by prefix, with the rules that list them.
type Sorted = BTreeMap<Box<str>, BTreeMap<Box<str>, RuleSet>>;

impl Affixes {
    pub(super) fn new<C: Criterion>(patterns: &[(&str, &str, RuleSet)]) -> Self {
        let mut sorted = Sorted::new();
        for (prefix, suffix, rules) in patterns {
            let suffixes = sorted.entry(C::canonical(prefix).into()).or_default();
            *suffixes.entry(C::canonical(suffix).into()).or_default() |= *rules;
        }
        if sorted.values().map(BTreeMap::len).sum::<usize>() > FEW {
            return Affixes::Many(Box::new(Tables::new::<C>(sorted)));
        }
        let of_prefix = |(prefix, suffixes): (Box<str>, BTreeMap<_, _>)| {
            suffixes.into_iter().map(move |(suffix, rules)| Affix { prefix: prefix.clone(), suffix, rules })
        };
        Affixes::Few(sorted.into_iter().flat_map(of_prefix).collect())
    }

    /// The rules with a pattern that matches the value.
    pub(super) fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        match self {
            Affixes::Few(affixes) => {
                let mut found = RuleSet::EMPTY;
                for affix in affixes {
                    if affix.matches::<C>(value) {
                        found |= affix.rules;
                    }
                }
                found
            }
            Affixes::Many(tables) => tables.matching::<C>(value),
        }
    }
}

impl Affix {
    /// The suffix is looked for behind the prefix, so that the two cannot overlap.
    #[inline(always)]
    fn matches<C: Criterion>(&self, value: &[u8]) -> bool {
        let Some((prefix, rest)) = value.split_at_checked(self.prefix.len()) else {
            return false;
        };
        C::eq(self.prefix.as_bytes(), prefix)
            && from_end(rest, 0, self.suffix.len()).is_some_and(|end| C::eq(self.suffix.as_bytes(), end))
    }
}

impl Tables {
    fn new<C: Criterion>(sorted: Sorted) -> Self {
        let mut tables = Tables {
            seed: Seed::random(),
            prefixes: HashTable::with_capacity(sorted.len()),
            prefix_lengths: lengths(sorted.keys()),
            suffixes: HashTable::with_capacity(sorted.values().map(BTreeMap::len).sum()),
            sets: Box::default(),
        };
        let mut sets = RuleSets::default();
        for (number, (text, suffixes)) in (0..).zip(sorted) {
            let prefix = Prefix { number, text, suffix_lengths: lengths(suffixes.keys()) };
            for (text, rules) in suffixes {
                let mut hash = 0;
                tables.visit_suffixes::<C>(&prefix, text.as_bytes(), |_, last| hash = last);
                let suffix = Suffix { prefix: number, set: sets.insert(rules), text };
                // Both tables have room for all, so that nothing is hashed again.
                tables.suffixes.insert_unique(hash, suffix, |_| 0);
            }
            let mut hash = 0;
            tables.visit_prefixes::<C>(prefix.text.as_bytes(), |_, last| hash = last);
            tables.prefixes.insert_unique(hash, prefix, |_| 0);
        }
        tables.sets = sets.into_sets();
        tables
    }

    #[inline(never)]
    fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        let mut found = RuleSet::EMPTY;
        self.visit_prefixes::<C>(value, |text, hash| {
            if let Some(prefix) = self.prefixes.find(hash, |known| C::eq(known.text.as_bytes(), text)) {
                let rest = value.get(text.len()..).unwrap_or_default();
                self.visit_suffixes::<C>(prefix, rest, |text, hash| {
                    found |= self.rules::<C>(prefix, text, hash);
                });
            }
        });
        found
    }

    /// The rules with that prefix and that suffix.
    #[inline(always)]
    fn rules<C: Criterion>(&self, prefix: &Prefix, suffix: &[u8], hash: u64) -> RuleSet {
        let is_equal = |known: &Suffix| known.prefix == prefix.number && C::eq(known.text.as_bytes(), suffix);
        let found = self.suffixes.find(hash, is_equal);
        found.and_then(|suffix| self.sets.get(suffix.set as usize)).copied().unwrap_or_default()
    }

    /// Visits the start of a value at each length that a prefix has, with its hash.
    #[inline(always)]
    fn visit_prefixes<'v, C: Criterion>(&self, value: &'v [u8], visit: impl FnMut(&'v [u8], u64)) {
        let start = |near, far| value.get(near..far);
        visit_hashes::<C>(self.seed.hasher(), &self.prefix_lengths, start, visit);
    }

    /// Visits the end of a value at each length that a suffix of the prefix has, with its hash.
    #[inline(always)]
    fn visit_suffixes<'v, C: Criterion>(
        &self,
        prefix: &Prefix,
        value: &'v [u8],
        visit: impl FnMut(&'v [u8], u64),
    ) {
        let mut hasher = self.seed.hasher();
        hasher.write_u32(prefix.number);
        let end = |near, far| from_end(value, near, far);
        visit_hashes::<C>(hasher, &prefix.suffix_lengths, end, visit);
    }
}

/// Visits one end of a value at each of the lengths, the shortest first, until the value is too short.
///
/// `end` gives the bytes between two distances from that end.
#[inline(always)]
fn visit_hashes<'v, C: Criterion>(
    mut hasher: FoldHasher<'_>,
    lengths: &[u32],
    end: impl Fn(usize, usize) -> Option<&'v [u8]>,
    mut visit: impl FnMut(&'v [u8], u64),
) {
    let mut hashed = 0;
    for length in lengths {
        let length = *length as usize;
        let Some((more, whole)) = end(hashed, length).zip(end(0, length)) else {
            return;
        };
        C::hash(more, &mut hasher);
        hashed = length;
        visit(whole, hasher.finish());
    }
}

fn from_end(value: &[u8], near: usize, far: usize) -> Option<&[u8]> {
    value.get(value.len().checked_sub(far)?..value.len().checked_sub(near)?)
}

/// The distinct lengths, the shortest first.
fn lengths<'t>(texts: impl Iterator<Item = &'t Box<str>>) -> Box<[u32]> {
    let lengths: BTreeSet<u32> = texts.map(|text| text.len() as u32).collect();
    lengths.into_iter().collect()
}
