//! Patterns `prefix*suffix`: a few are compared one by one, many are found by the hashes of their two ends.

use std::borrow::Cow;
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
    sets: RuleSets,
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

impl Affixes {
    /// `patterns` are the prefixes and suffixes, with the rules that list them.
    pub(super) fn new<C: Criterion>(patterns: BTreeMap<(Cow<'_, str>, Cow<'_, str>), RuleSet>) -> Self {
        let affix = |((prefix, suffix), rules): ((Cow<'_, str>, Cow<'_, str>), RuleSet)| Affix {
            prefix: prefix.into(),
            suffix: suffix.into(),
            rules,
        };
        let affixes: Box<[Affix]> = patterns.into_iter().map(affix).collect();
        if affixes.len() > FEW {
            Affixes::Many(Box::new(Tables::new::<C>(affixes)))
        } else {
            Affixes::Few(affixes)
        }
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
    /// `affixes` are sorted by their prefixes.
    fn new<C: Criterion>(affixes: Box<[Affix]>) -> Self {
        let prefixes = affixes.chunk_by(|a, b| a.prefix == b.prefix);
        let mut tables = Tables {
            seed: Seed::random(),
            prefixes: HashTable::with_capacity(prefixes.clone().count()),
            prefix_lengths: lengths(&affixes, |affix| &affix.prefix),
            suffixes: HashTable::with_capacity(affixes.len()),
            sets: RuleSets::default(),
        };
        for (number, affixes) in (0..).zip(prefixes) {
            let text = affixes.first().map(|affix| affix.prefix.clone()).unwrap_or_default();
            let prefix = Prefix { number, text, suffix_lengths: lengths(affixes, |affix| &affix.suffix) };
            let mut hash = 0;
            // Both tables have room for all, so that nothing is hashed again.
            for affix in affixes {
                tables.visit_suffixes::<C>(&prefix, affix.suffix.as_bytes(), |_, last| hash = last);
                let set = tables.sets.insert(affix.rules);
                let suffix = Suffix { prefix: number, set, text: affix.suffix.clone() };
                tables.suffixes.insert_unique(hash, suffix, |_| 0);
            }
            tables.visit_prefixes::<C>(prefix.text.as_bytes(), |_, last| hash = last);
            tables.prefixes.insert_unique(hash, prefix, |_| 0);
        }
        tables.sets.shrink();
        tables
    }

    #[inline(never)]
    fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        let mut found = RuleSet::EMPTY;
        self.visit_prefixes::<C>(value, |text, hash| {
            let Some(prefix) = self.prefixes.find(hash, |known| C::eq(known.text.as_bytes(), text)) else {
                return;
            };
            self.visit_suffixes::<C>(prefix, value.get(text.len()..).unwrap_or_default(), |text, hash| {
                let is_equal =
                    |known: &Suffix| known.prefix == prefix.number && C::eq(known.text.as_bytes(), text);
                if let Some(suffix) = self.suffixes.find(hash, is_equal) {
                    found |= self.sets.get(suffix.set);
                }
            });
        });
        found
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
fn lengths(affixes: &[Affix], text: impl Fn(&Affix) -> &str) -> Box<[u32]> {
    let lengths: BTreeSet<u32> = affixes.iter().map(|affix| text(affix).len() as u32).collect();
    lengths.into_iter().collect()
}
