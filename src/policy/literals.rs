//! Values without a `*`: a few are compared one by one, many are found in a hash table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;

use super::matcher::{secret, Criterion, FEW};
use crate::config::CorsConfiguration;
use crate::pattern::RuleSet;

pub(super) enum Literals {
    Few(Box<[(Box<str>, RuleSet)]>),
    Many(Box<Table>),
}

/// Its texts are those of the configuration: a hundred thousand of them are not kept twice.
pub(super) struct Table {
    configuration: Arc<CorsConfiguration>,
    secret: SeedableRandomState,
    entries: HashTable<Entry>,
    /// Each set of rules once: a set is four times as large as its number.
    sets: Box<[RuleSet]>,
}

/// Where a value is listed first, and the number of its set of rules.
struct Entry {
    rule: u32,
    index: u32,
    set: u32,
}

impl Literals {
    /// `texts` has for each text the rule and the index where it is listed first, and the rules that list it.
    pub(super) fn new<C: Criterion>(
        configuration: &Arc<CorsConfiguration>,
        texts: BTreeMap<Cow<'_, str>, (u32, u32, RuleSet)>,
    ) -> Self {
        if texts.len() <= FEW {
            return Literals::Few(texts.into_iter().map(|(text, (.., set))| (text.into(), set)).collect());
        }
        let sets: BTreeSet<RuleSet> = texts.values().map(|(.., set)| *set).collect();
        let mut table = Table {
            configuration: Arc::clone(configuration),
            secret: secret(),
            entries: HashTable::with_capacity(texts.len()),
            sets: sets.into_iter().collect(),
        };
        for (text, (rule, index, set)) in texts {
            let set = table.sets.binary_search(&set).unwrap_or_default() as u32;
            // The table has room for all, so that nothing is hashed again.
            let hash = table.hash::<C>(text.as_bytes());
            table.entries.insert_unique(hash, Entry { rule, index, set }, |_| 0);
        }
        Literals::Many(Box::new(table))
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
    #[inline(always)]
    fn get<C: Criterion>(&self, value: &[u8]) -> Option<RuleSet> {
        let is_equal = |entry: &Entry| self.text::<C>(entry).is_some_and(|text| C::eq(text, value));
        let entry = self.entries.find(self.hash::<C>(value), is_equal)?;
        self.sets.get(entry.set as usize).copied()
    }

    #[inline(always)]
    fn hash<C: Criterion>(&self, value: &[u8]) -> u64 {
        let mut hasher = self.secret.build_hasher();
        C::hash(value, &mut hasher);
        hasher.finish()
    }

    /// The listed text, whose ASCII case may differ from that of its canonical form.
    #[inline(always)]
    fn text<C: Criterion>(&self, entry: &Entry) -> Option<&[u8]> {
        let rule = self.configuration.rules.get(entry.rule as usize)?;
        C::values(rule).get(entry.index as usize).map(|text| text.as_bytes())
    }
}
