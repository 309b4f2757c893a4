//! Patterns `prefix*suffix`: a few are compared one by one, many are found by the hashes of their two ends.

use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;

use super::matcher::{hash, is_equal, secret, FEW};
use crate::pattern::RuleSet;

pub(super) enum Affixes<const IGNORES_CASE: bool> {
    Few(Box<[Affix]>),
    Many(Box<Prefixes<IGNORES_CASE>>),
}

// Not of `Box<str>`: an entry of 48 bytes costs an instruction more than one of 64, for each name in a request.
pub(super) struct Affix {
    prefix: String,
    suffix: String,
    rules: RuleSet,
}

/// The suffixes of each prefix, and the rules of each suffix; in lower case if their case is ignored.
pub(super) type Prefixes<const IGNORES_CASE: bool> = Ends<IGNORES_CASE, Ends<IGNORES_CASE, RuleSet>>;

/// Texts at one end of values, with what belongs to each.
pub(super) struct Ends<const IGNORES_CASE: bool, V> {
    secret: SeedableRandomState,
    lengths: Vec<usize>,
    texts: HashTable<(Box<str>, V)>,
}

impl<const IGNORES_CASE: bool> Affixes<IGNORES_CASE> {
    pub(super) fn new(prefixes: Prefixes<IGNORES_CASE>) -> Option<Self> {
        let mut few: Vec<Affix> = Vec::new();
        for (prefix, suffixes) in &prefixes.texts {
            for (suffix, rules) in &suffixes.texts {
                if few.len() == FEW {
                    return Some(Affixes::Many(Box::new(prefixes)));
                }
                // In a fixed order: that of a hash table would make the cost differ from process to process. To sort them would
                // add the standard library's sorts to every program.
                let is_before = |known: &&Affix| (&*known.prefix, &*known.suffix) > (&**prefix, &**suffix);
                let place = few.iter().take_while(is_before).count();
                let affix = Affix { prefix: prefix.to_string(), suffix: suffix.to_string(), rules: *rules };
                few.insert(place, affix);
            }
        }
        (!few.is_empty()).then(|| Affixes::Few(few.into()))
    }

    /// Adds the rules with a pattern that matches the value, until all that are wanted are found.
    pub(super) fn find(&self, value: &[u8], wanted: RuleSet, found: &mut RuleSet) {
        match self {
            Affixes::Few(affixes) => {
                for affix in affixes {
                    if affix.matches::<IGNORES_CASE>(value) {
                        *found |= affix.rules;
                        if *found & wanted == wanted {
                            break;
                        }
                    }
                }
            }
            Affixes::Many(prefixes) => prefixes.visit(value, found),
        }
    }
}

impl Affix {
    #[inline(always)]
    fn matches<const IGNORES_CASE: bool>(&self, value: &[u8]) -> bool {
        let is_equal = is_equal::<IGNORES_CASE>;
        let Some((prefix, rest)) = value.split_at_checked(self.prefix.len()) else {
            return false;
        };
        // Most patterns have only one of the two.
        (self.prefix.is_empty() || is_equal(self.prefix.as_bytes(), prefix))
            && (self.suffix.is_empty()
                || end(rest, self.suffix.len()).is_some_and(|end| is_equal(self.suffix.as_bytes(), end)))
    }
}

/// The end of what follows a prefix, so that prefix and suffix cannot overlap.
#[inline(always)]
fn end(rest: &[u8], length: usize) -> Option<&[u8]> {
    rest.get(rest.len().checked_sub(length)?..)
}

impl<const IGNORES_CASE: bool, V> Default for Ends<IGNORES_CASE, V> {
    fn default() -> Self {
        Ends { secret: secret(), lengths: Vec::new(), texts: HashTable::new() }
    }
}

impl<const IGNORES_CASE: bool, V: Default> Ends<IGNORES_CASE, V> {
    /// What belongs to the text, put in if it is not there.
    pub(super) fn entry(&mut self, text: &str) -> &mut V {
        // There are few: the texts are as long as all their lengths together.
        if let Err(at) = self.lengths.binary_search(&text.len()) {
            self.lengths.insert(at, text.len());
        }
        let hash = |text: &str| hash::<IGNORES_CASE>(text.as_bytes(), &self.secret);
        let entry = self.texts.entry(hash(text), |(known, _)| **known == *text, |(known, _)| hash(known));
        let (_, value) = entry.or_insert_with(|| (text.into(), V::default())).into_mut();
        value
    }

    #[inline(always)]
    fn get(&self, end: &[u8]) -> Option<&V> {
        let is_same = |(text, _): &(Box<str>, V)| is_equal::<IGNORES_CASE>(text.as_bytes(), end);
        self.texts.find(hash::<IGNORES_CASE>(end, &self.secret), is_same).map(|(_, value)| value)
    }
}

impl<const IGNORES_CASE: bool> Prefixes<IGNORES_CASE> {
    /// Apart, so that the comparison of a few patterns stays small.
    #[inline(never)]
    fn visit(&self, value: &[u8], found: &mut RuleSet) {
        for length in &self.lengths {
            let Some((prefix, rest)) = value.split_at_checked(*length) else { return };
            let Some(suffixes) = self.get(prefix) else { continue };
            for length in &suffixes.lengths {
                let Some(suffix) = end(rest, *length) else { break };
                if let Some(rules) = suffixes.get(suffix) {
                    *found |= *rules;
                }
            }
        }
    }
}
