//! Values without a `*`: a few are compared one by one, many are found in a hash table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;

use hashbrown::HashTable;

use super::criterion::Criterion;
use super::hash::{RuleSets, Seed, FEW};
use crate::config::CorsConfiguration;
use crate::pattern::RuleSet;

pub(super) enum Literals {
    Few(Box<[(Box<str>, RuleSet)]>),
    Many(Box<Table>),
}

/// Where a value is listed first, and all rules that list it.
pub(super) struct Listed {
    pub(super) rule: usize,
    pub(super) index: usize,
    pub(super) rules: RuleSet,
}

/// Its texts are those of the configuration: a hundred thousand of them are not kept twice.
pub(super) struct Table {
    configuration: Arc<CorsConfiguration>,
    seed: Seed,
    entries: HashTable<Entry>,
    sets: RuleSets,
}

/// Where a value is listed first, and the number of its set of rules.
struct Entry {
    rule: u32,
    index: u32,
    set: u32,
}

impl Literals {
    pub(super) fn new<C: Criterion>(
        configuration: &Arc<CorsConfiguration>,
        texts: BTreeMap<Cow<'_, str>, Listed>,
    ) -> Self {
        if texts.len() > FEW {
            return Literals::Many(Box::new(Table::new::<C>(configuration, texts.into_values())));
        }
        Literals::Few(texts.into_iter().map(|(text, listed)| (text.into(), listed.rules)).collect())
    }

    /// The rules that list the value.
    #[inline(always)]
    pub(super) fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        match self {
            Literals::Few(texts) => {
                let found = texts.iter().find(|(text, _)| C::eq(text.as_bytes(), value));
                found.map_or(RuleSet::EMPTY, |(_, rules)| *rules)
            }
            Literals::Many(table) => table.get::<C>(value),
        }
    }
}

impl Table {
    fn new<C: Criterion>(
        configuration: &Arc<CorsConfiguration>,
        texts: impl ExactSizeIterator<Item = Listed>,
    ) -> Self {
        let mut table = Table {
            configuration: Arc::clone(configuration),
            seed: Seed::random(),
            entries: HashTable::with_capacity(texts.len()),
            sets: RuleSets::default(),
        };
        for Listed { rule, index, rules } in texts {
            let entry = Entry { rule: rule as u32, index: index as u32, set: table.sets.insert(rules) };
            let hash = table.hash::<C>(table.text::<C>(&entry));
            // The table has room for all, so that nothing is hashed again.
            table.entries.insert_unique(hash, entry, |_| 0);
        }
        table.sets.shrink();
        table
    }

    #[inline(always)]
    fn get<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        let is_equal = |entry: &Entry| C::eq(self.text::<C>(entry), value);
        let found = self.entries.find(self.hash::<C>(value), is_equal);
        found.map_or(RuleSet::EMPTY, |entry| self.sets.get(entry.set))
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
