//! Patterns `prefix*suffix`: a few are compared one by one, many are found by the hashes of their two ends.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;

use super::matcher::{secret, Criterion, FEW};
use crate::pattern::RuleSet;

pub(super) enum Affixes {
    Few(Box<[Affix]>),
    /// The prefixes of all patterns, and the suffixes of each prefix.
    Many(SeedableRandomState, Ends<Ends<RuleSet>>),
}

pub(super) struct Affix {
    prefix: Box<str>,
    suffix: Box<str>,
    rules: RuleSet,
}

/// Texts at one end of values, each with what is known about it.
pub(super) struct Ends<T> {
    lengths: Box<[u32]>,
    known: HashTable<(Box<str>, T)>,
}

/// The bytes of a value between two distances from one end, `near` and `far`.
type Between = fn(value: &[u8], near: usize, far: usize) -> Option<&[u8]>;

fn from_start(value: &[u8], near: usize, far: usize) -> Option<&[u8]> {
    value.get(near..far)
}

fn from_end(value: &[u8], near: usize, far: usize) -> Option<&[u8]> {
    value.get(value.len().checked_sub(far)?..value.len().checked_sub(near)?)
}

impl Affixes {
    /// `patterns` has the suffixes of each prefix, with the rules that list them.
    pub(super) fn new<C: Criterion>(
        patterns: BTreeMap<Cow<'_, str>, BTreeMap<Cow<'_, str>, RuleSet>>,
    ) -> Self {
        if patterns.values().map(BTreeMap::len).sum::<usize>() > FEW {
            let secret = secret();
            let suffixes = |suffixes| Ends::new::<C>(suffixes, &secret, from_end);
            let prefixes = patterns.into_iter().map(|(prefix, rest)| (prefix, suffixes(rest))).collect();
            let prefixes = Ends::new::<C>(prefixes, &secret, from_start);
            return Affixes::Many(secret, prefixes);
        }
        let mut few = Vec::new();
        for (prefix, suffixes) in patterns {
            for (suffix, rules) in suffixes {
                few.push(Affix { prefix: prefix.as_ref().into(), suffix: suffix.into(), rules });
            }
        }
        Affixes::Few(few.into())
    }

    /// The rules with a pattern that matches the value.
    pub(super) fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        let mut found = RuleSet::EMPTY;
        match self {
            Affixes::Few(affixes) => {
                for affix in affixes {
                    if affix.matches::<C>(value) {
                        found |= affix.rules;
                    }
                }
            }
            Affixes::Many(secret, prefixes) => visit_affixes::<C>(value, secret, prefixes, &mut found),
        }
        found
    }
}

/// Apart, so that the comparison of a few patterns stays small.
#[inline(never)]
fn visit_affixes<C: Criterion>(
    value: &[u8],
    secret: &SeedableRandomState,
    prefixes: &Ends<Ends<RuleSet>>,
    found: &mut RuleSet,
) {
    prefixes.visit::<C>(value, secret, from_start, |prefix, suffixes| {
        // Suffixes are looked for behind the prefix, so that the two cannot overlap.
        let rest = value.get(prefix..).unwrap_or_default();
        suffixes.visit::<C>(rest, secret, from_end, |_, rules| *found |= *rules);
    });
}

impl Affix {
    /// The suffix is looked for behind the prefix, so that the two cannot overlap.
    #[inline(always)]
    fn matches<C: Criterion>(&self, value: &[u8]) -> bool {
        let Some((prefix, rest)) = value.split_at_checked(self.prefix.len()) else {
            return false;
        };
        // Most patterns have only one of the two.
        (self.prefix.is_empty() || C::eq(self.prefix.as_bytes(), prefix))
            && (self.suffix.is_empty()
                || from_end(rest, 0, self.suffix.len()).is_some_and(|end| C::eq(self.suffix.as_bytes(), end)))
    }
}

impl<T> Ends<T> {
    fn new<C: Criterion>(
        texts: BTreeMap<Cow<'_, str>, T>,
        secret: &SeedableRandomState,
        between: Between,
    ) -> Self {
        let lengths: BTreeSet<u32> = texts.keys().map(|text| text.len() as u32).collect();
        let lengths: Box<[u32]> = lengths.into_iter().collect();
        let mut known = HashTable::with_capacity(texts.len());
        for (text, value) in texts {
            let mut hash = 0;
            visit_hashes::<C>(text.as_bytes(), &lengths, secret, between, |_, last| hash = last);
            // The table has room for all, so that nothing is hashed again.
            known.insert_unique(hash, (text.into(), value), |_| 0);
        }
        Ends { lengths, known }
    }

    /// Visits what is known about each text at that end of the value, with the length of the text.
    #[inline(always)]
    fn visit<C: Criterion>(
        &self,
        value: &[u8],
        secret: &SeedableRandomState,
        between: Between,
        mut visit: impl FnMut(usize, &T),
    ) {
        visit_hashes::<C>(value, &self.lengths, secret, between, |end, hash| {
            if let Some((_, known)) = self.known.find(hash, |(text, _)| C::eq(text.as_bytes(), end)) {
                visit(end.len(), known);
            }
        });
    }
}

/// Visits one end of a value at each of the lengths, the shortest first, until the value is too short.
///
/// The hash of a longer end carries on from the shorter one, so that each byte is hashed once.
#[inline(always)]
fn visit_hashes<C: Criterion>(
    value: &[u8],
    lengths: &[u32],
    secret: &SeedableRandomState,
    between: Between,
    mut visit: impl FnMut(&[u8], u64),
) {
    let mut hasher = secret.build_hasher();
    let mut hashed = 0;
    for length in lengths {
        let length = *length as usize;
        let Some((more, end)) = between(value, hashed, length).zip(between(value, 0, length)) else {
            return;
        };
        C::hash(more, &mut hasher);
        hashed = length;
        visit(end, hasher.finish());
    }
}
