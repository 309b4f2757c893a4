//! Values without a `*`: a few are compared one by one, many are found in a hash table.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use hashbrown::HashTable;

use super::criterion::Criterion;
use super::hash::{RuleSets, Seed, FEW};
use crate::config::CorsConfiguration;
use crate::pattern::{Pattern, RuleSet};

pub(super) enum Literals {
    Few(Box<[(Box<str>, RuleSet)]>),
    Many(Box<Table>),
}

/// Its texts are those of the configuration: a hundred thousand of them are not kept twice.
pub(super) struct Table {
    configuration: Arc<CorsConfiguration>,
    seed: Seed,
    entries: HashTable<Entry>,
    sets: Box<[RuleSet]>,
}

/// Where a value is listed first, and the number of its set of rules.
struct Entry {
    rule: u32,
    index: u32,
    set: u32,
}

impl Literals {
    pub(super) fn new<C: Criterion>(configuration: &Arc<CorsConfiguration>) -> Self {
        let mut texts = BTreeMap::new();
        for (number, rule) in configuration.rules.iter().enumerate() {
            for (index, text) in C::values(rule).iter().enumerate() {
                // S3 accepts an empty value and matches nothing with it.
                if matches!(C::pattern(text), Pattern::Literal(_)) && !text.is_empty() {
                    let first = (number as u32, index as u32, RuleSet::EMPTY);
                    texts.entry(C::canonical(text)).or_insert(first).2 |= RuleSet::one(number);
                }
            }
        }
        if texts.len() <= FEW {
            return Literals::Few(texts.into_iter().map(|(text, (.., set))| (text.into(), set)).collect());
        }
        Literals::Many(Box::new(Table::new::<C>(configuration, texts.into_values())))
    }

    /// The rules that list the value.
    #[inline(always)]
    pub(super) fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        match self {
            Literals::Few(texts) => {
                let found = texts.iter().find(|(text, _)| C::eq(text.as_bytes(), value));
                found.map_or(RuleSet::EMPTY, |(_, set)| *set)
            }
            Literals::Many(table) => table.get::<C>(value).unwrap_or_default(),
        }
    }
}

impl Table {
    /// A table of distinct texts, each given by where it is listed first.
    fn new<C: Criterion>(
        configuration: &Arc<CorsConfiguration>,
        texts: impl ExactSizeIterator<Item = (u32, u32, RuleSet)>,
    ) -> Self {
        let mut table = Table {
            configuration: Arc::clone(configuration),
            seed: Seed::random(),
            entries: HashTable::with_capacity(texts.len()),
            sets: Box::default(),
        };
        let mut sets = RuleSets::default();
        for (rule, index, set) in texts {
            let entry = Entry { rule, index, set: sets.insert(set) };
            let hash = table.hash::<C>(table.text::<C>(&entry));
            // The table has room for all, so that nothing is hashed again.
            table.entries.insert_unique(hash, entry, |_| 0);
        }
        table.sets = sets.into_sets();
        table
    }

    #[inline(always)]
    fn get<C: Criterion>(&self, value: &[u8]) -> Option<RuleSet> {
        let is_equal = |entry: &Entry| C::eq(self.text::<C>(entry), value);
        let entry = self.entries.find(self.hash::<C>(value), is_equal)?;
        self.sets.get(entry.set as usize).copied()
    }

    #[inline(always)]
    fn hash<C: Criterion>(&self, value: &[u8]) -> u64 {
        let mut hasher = self.seed.hasher();
        C::hash(value, &mut hasher);
        hasher.finish()
    }

    #[inline(always)]
    fn text<C: Criterion>(&self, entry: &Entry) -> &[u8] {
        let rule = self.configuration.rules.get(entry.rule as usize);
        let text = rule.and_then(|rule| C::values(rule).get(entry.index as usize));
        text.map_or(&[], |text| text.as_bytes())
    }
}
