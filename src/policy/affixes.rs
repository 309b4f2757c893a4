//! Patterns `prefix*suffix`: a few are compared one by one, many are found by the hashes of their two ends.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;

use super::matcher::{secret, Criterion, FEW};
use crate::pattern::RuleSet;

pub(super) enum Affixes {
    Few(Box<[Affix]>),
    Many(Box<Table>),
}

pub(super) struct Affix {
    pub(super) prefix: String,
    pub(super) suffix: String,
    pub(super) rules: RuleSet,
}

pub(super) struct Table {
    secret: SeedableRandomState,
    prefixes: Ends,
    /// The suffixes of each prefix.
    suffixes: Box<[Ends]>,
    /// The rules of each prefix and suffix.
    rules: Box<[RuleSet]>,
}

/// Texts at one end of values, each with its number.
struct Ends {
    lengths: Vec<usize>,
    numbers: HashTable<(String, usize)>,
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
    pub(super) fn new<C: Criterion>(affixes: Vec<Affix>) -> Option<Self> {
        let affixes = merged(affixes);
        match affixes.len() {
            0 => None,
            1..=FEW => Some(Affixes::Few(affixes.into())),
            _ => Some(Affixes::Many(Box::new(Table::new::<C>(&affixes)))),
        }
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
            Affixes::Many(table) => table.visit::<C>(value, &mut found),
        }
        found
    }
}

/// Each pattern once, sorted, with all rules that list it.
fn merged(mut affixes: Vec<Affix>) -> Vec<Affix> {
    affixes.sort_unstable_by(|a, b| (&a.prefix, &a.suffix).cmp(&(&b.prefix, &b.suffix)));
    affixes.dedup_by(|again, first| {
        let is_equal = again.prefix == first.prefix && again.suffix == first.suffix;
        if is_equal {
            first.rules |= again.rules;
        }
        is_equal
    });
    affixes
}

impl Table {
    /// `affixes` are sorted.
    fn new<C: Criterion>(affixes: &[Affix]) -> Self {
        let secret = secret();
        let (mut prefixes, mut suffixes, mut first) = (Vec::new(), Vec::new(), 0);
        for group in affixes.chunk_by(|a, b| a.prefix == b.prefix) {
            let texts: Vec<&str> = group.iter().map(|affix| affix.suffix.as_str()).collect();
            suffixes.push(Ends::new::<C>(&texts, first, &secret, from_end));
            prefixes.extend(group.first().map(|affix| affix.prefix.as_str()));
            first += group.len();
        }
        Table {
            prefixes: Ends::new::<C>(&prefixes, 0, &secret, from_start),
            suffixes: suffixes.into(),
            rules: affixes.iter().map(|affix| affix.rules).collect(),
            secret,
        }
    }

    /// Apart, so that the comparison of a few patterns stays small.
    #[inline(never)]
    fn visit<C: Criterion>(&self, value: &[u8], found: &mut RuleSet) {
        self.prefixes.visit::<C>(value, &self.secret, from_start, |prefix, number| {
            // Suffixes are looked for behind the prefix, so that the two cannot overlap.
            let rest = value.get(prefix..).unwrap_or_default();
            let Some(suffixes) = self.suffixes.get(number) else { return };
            suffixes.visit::<C>(rest, &self.secret, from_end, |_, number| {
                *found |= self.rules.get(number).copied().unwrap_or_default();
            });
        });
    }
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

impl Ends {
    /// `first` is the number of the first text.
    fn new<C: Criterion>(
        texts: &[&str],
        first: usize,
        secret: &SeedableRandomState,
        between: Between,
    ) -> Self {
        let mut lengths = Vec::new();
        for length in texts.iter().map(|text| text.len()) {
            // There are few: the texts are as long as all their lengths together.
            if let Err(at) = lengths.binary_search(&length) {
                lengths.insert(at, length);
            }
        }
        let mut numbers = HashTable::with_capacity(texts.len());
        for (number, text) in (first..).zip(texts) {
            let mut hash = 0;
            visit_hashes::<C>(text.as_bytes(), &lengths, secret, between, |_, last| hash = last);
            // The table has room for all, so that nothing is hashed again.
            numbers.insert_unique(hash, ((*text).to_owned(), number), |_| 0);
        }
        Ends { lengths, numbers }
    }

    /// Visits each text at that end of the value: its length and its number.
    #[inline(always)]
    fn visit<C: Criterion>(
        &self,
        value: &[u8],
        secret: &SeedableRandomState,
        between: Between,
        mut visit: impl FnMut(usize, usize),
    ) {
        visit_hashes::<C>(value, &self.lengths, secret, between, |end, hash| {
            if let Some((_, number)) = self.numbers.find(hash, |(text, _)| C::eq(text.as_bytes(), end)) {
                visit(end.len(), *number);
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
    lengths: &[usize],
    secret: &SeedableRandomState,
    between: Between,
    mut visit: impl FnMut(&[u8], u64),
) {
    let mut hasher = secret.build_hasher();
    let mut hashed = 0;
    for &length in lengths {
        let Some((more, end)) = between(value, hashed, length).zip(between(value, 0, length)) else {
            return;
        };
        C::hash(more, &mut hasher);
        hashed = length;
        visit(end, hasher.finish());
    }
}
