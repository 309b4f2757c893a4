//! Values without a `*`: a few are compared one by one, many are found in a hash table.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::SeedableRandomState;
use hashbrown::hash_table::{Entry, HashTable};

use super::matcher::{secret, Criterion, Listed, FEW};
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
    texts: HashTable<Text>,
}

/// Where a text is listed first, and the rules that list it.
struct Text {
    rule: u32,
    index: u32,
    rules: RuleSet,
}

impl Literals {
    pub(super) fn new<C: Criterion>(configuration: &Arc<CorsConfiguration>, listed: &[Listed<'_>]) -> Self {
        let mut few: Vec<(Box<str>, RuleSet)> = Vec::new();
        for Listed { rule, text, .. } in listed {
            let is_equal = |(known, _): &&mut (Box<str>, _)| C::eq(known.as_bytes(), text.as_bytes());
            if let Some((_, rules)) = few.iter_mut().find(is_equal) {
                *rules |= RuleSet::one(*rule);
            } else if few.len() == FEW {
                return Literals::Many(Box::new(Table::new::<C>(configuration, listed)));
            } else {
                few.push(((*text).into(), RuleSet::one(*rule)));
            }
        }
        Literals::Few(few.into())
    }

    /// The rules that list the value.
    #[inline(always)]
    pub(super) fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        match self {
            Literals::Few(texts) => {
                let found = texts.iter().find(|(text, _)| C::eq(text.as_bytes(), value));
                found.map_or(RuleSet::EMPTY, |(_, set)| *set)
            }
            Literals::Many(table) => table.matching::<C>(value),
        }
    }
}

impl Table {
    fn new<C: Criterion>(configuration: &Arc<CorsConfiguration>, listed: &[Listed<'_>]) -> Self {
        let configuration = Arc::clone(configuration);
        let mut table = Table { configuration, secret: secret(), texts: HashTable::new() };
        let mut texts = HashTable::new();
        for Listed { rule, index, text } in listed {
            let is_equal = |known: &Text| C::eq(table.written::<C>(known), text.as_bytes());
            let hash = |known: &Text| table.hash::<C>(table.written::<C>(known));
            match texts.entry(table.hash::<C>(text.as_bytes()), is_equal, hash) {
                Entry::Occupied(mut known) => known.get_mut().rules |= RuleSet::one(*rule),
                Entry::Vacant(new) => {
                    new.insert(Text { rule: *rule as u32, index: *index as u32, rules: RuleSet::one(*rule) });
                }
            }
        }
        table.texts = texts;
        table
    }

    #[inline(always)]
    fn matching<C: Criterion>(&self, value: &[u8]) -> RuleSet {
        let is_equal = |text: &Text| C::eq(self.written::<C>(text), value);
        self.texts.find(self.hash::<C>(value), is_equal).map_or(RuleSet::EMPTY, |text| text.rules)
    }

    #[inline(always)]
    fn hash<C: Criterion>(&self, value: &[u8]) -> u64 {
        let mut hasher = self.secret.build_hasher();
        C::hash(value, &mut hasher);
        hasher.finish()
    }

    #[inline(always)]
    fn written<C: Criterion>(&self, text: &Text) -> &[u8] {
        let values = self.configuration.rules.get(text.rule as usize).map(C::values);
        values.and_then(|values| values.get(text.index as usize)).map_or(&[], |text| text.as_bytes())
    }
}
