//! The values that all rules list for one part of a request, compiled into tables: from a value to the rules that match.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, LazyLock};

use foldhash::fast::SeedableRandomState;
use foldhash::SharedSeed;
use hashbrown::HashTable;

use super::affixes::{Affixes, Prefixes};
use crate::config::{CorsConfiguration, CorsRule};
use crate::pattern::{Pattern, RuleSet};

/// How many texts are compared one by one, which is cheaper than to hash.
pub(super) const FEW: usize = 8;

/// `IGNORES_CASE` says whether texts that differ in ASCII case alone are equal.
pub(super) struct Matcher<const IGNORES_CASE: bool> {
    /// The rules that match every value, one that cannot be read included.
    pub(super) any: RuleSet,
    literals: Literals<IGNORES_CASE>,
    affixes: Option<Affixes<IGNORES_CASE>>,
}

impl<const IGNORES_CASE: bool> Matcher<IGNORES_CASE> {
    pub(super) fn new<'c>(
        configuration: &'c Arc<CorsConfiguration>,
        list_of: fn(&CorsRule) -> &Vec<String>,
        parse: fn(&'c str) -> Pattern<'c>,
    ) -> Self {
        let canonical = |text: &str| if IGNORES_CASE { text.to_ascii_lowercase() } else { text.to_owned() };
        let (mut any, mut literals, mut affixes) = (RuleSet::EMPTY, Vec::new(), Prefixes::default());
        for (rule, list) in (0..).zip(configuration.rules.iter().map(list_of)) {
            let rules = RuleSet::one(rule as usize);
            for (index, text) in (0..).zip(list) {
                match parse(text) {
                    // S3 accepts an empty value and matches nothing with it.
                    Pattern::Literal("") => {}
                    Pattern::Any => any |= rules,
                    Pattern::Literal(_) => literals.push(Text { rule, index, set: rule }),
                    Pattern::Affix { prefix, suffix } => {
                        *affixes.entry(&canonical(prefix)).entry(&canonical(suffix)) |= rules;
                    }
                }
            }
        }
        let lists = Lists { configuration: Arc::clone(configuration), list_of };
        Matcher { any, literals: Literals::new(lists, literals), affixes: Affixes::new(affixes) }
    }

    /// The rules that match the value.
    #[inline(always)]
    pub(super) fn matching(&self, value: &[u8]) -> RuleSet {
        self.any | self.listing(value, RuleSet::ALL)
    }

    /// The rules that match the value otherwise than by `*`. Of those that are not wanted, some may be missing.
    #[inline(always)]
    pub(super) fn listing(&self, value: &[u8], wanted: RuleSet) -> RuleSet {
        let mut found = self.literals.matching(value);
        if let Some(affixes) = &self.affixes {
            affixes.find(value, wanted, &mut found);
        }
        found
    }
}

/// The methods that rules allow.
pub(super) struct Methods {
    /// The rules of each usual method.
    usual: [RuleSet; USUAL.len()],
    /// Only if there are other ones.
    all: Option<Box<Matcher<false>>>,
}

const USUAL: [&[u8]; 6] = [b"GET", b"PUT", b"HEAD", b"POST", b"PATCH", b"DELETE"];

impl Methods {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let all = Matcher::<false>::new(configuration, |rule| &rule.allowed_methods, Pattern::Literal);
        let mut listed = configuration.rules.iter().flat_map(|rule| &rule.allowed_methods);
        let has_other = listed.any(|method| !USUAL.contains(&method.as_bytes()));
        Methods { usual: USUAL.map(|method| all.matching(method)), all: has_other.then(|| Box::new(all)) }
    }

    /// The rules that allow the method.
    #[inline]
    pub(super) fn matching(&self, method: &[u8]) -> RuleSet {
        // A comparison with a constant is one of integers, which a lookup by text is not.
        let number = USUAL.iter().position(|usual| *usual == method);
        match number.and_then(|number| self.usual.get(number)) {
            Some(allowing) => *allowing,
            None => self.other(method),
        }
    }

    /// Apart, so that the usual methods pay nothing for it.
    #[cold]
    fn other(&self, method: &[u8]) -> RuleSet {
        self.all.as_ref().map_or(RuleSet::EMPTY, |all| all.matching(method))
    }
}

/// Values without a `*`: a few are compared one by one, many are found in a hash table.
enum Literals<const IGNORES_CASE: bool> {
    Few(Box<[(Box<[u8]>, RuleSet)]>),
    Many(Box<Table<IGNORES_CASE>>),
}

/// Its texts are those of the configuration: a hundred thousand of them are not kept twice.
struct Table<const IGNORES_CASE: bool> {
    lists: Lists,
    secret: SeedableRandomState,
    texts: HashTable<Text>,
    /// Each rule alone, then the set of each text that several rules list: a set is larger than the rest of a text.
    sets: Vec<RuleSet>,
}

impl<const IGNORES_CASE: bool> Literals<IGNORES_CASE> {
    fn new(lists: Lists, texts: Vec<Text>) -> Self {
        let table = Table::<IGNORES_CASE>::new(lists, texts);
        if table.texts.len() > FEW {
            return Literals::Many(Box::new(table));
        }
        let few = table.texts.iter().map(|text| (table.lists.written(text).into(), table.rules(text)));
        Literals::Few(few.collect())
    }

    /// The rules that list the value.
    #[inline(always)]
    fn matching(&self, value: &[u8]) -> RuleSet {
        match self {
            Literals::Few(texts) => {
                let found = texts.iter().find(|(text, _)| is_equal::<IGNORES_CASE>(text, value));
                found.map_or(RuleSet::EMPTY, |(_, set)| *set)
            }
            Literals::Many(table) => table.matching(value),
        }
    }
}

impl<const IGNORES_CASE: bool> Table<IGNORES_CASE> {
    fn new(lists: Lists, texts: Vec<Text>) -> Self {
        let sets = (0..lists.configuration.rules.len()).map(RuleSet::one).collect();
        let mut table = Table { lists, secret: secret(), texts: HashTable::new(), sets };
        for text in texts {
            let Table { lists, secret, texts, sets } = &mut table;
            let hash = |text: &Text| hash::<IGNORES_CASE>(lists.written(text), secret);
            let is_same = |known: &Text| is_equal::<IGNORES_CASE>(lists.written(known), lists.written(&text));
            let rule = text.rule;
            let known = texts.entry(hash(&text), is_same, hash).or_insert(text).into_mut();
            if known.set == known.rule && known.rule != rule {
                known.set = sets.len() as u32;
                sets.push(RuleSet::one(known.rule as usize));
            }
            if let Some(rules) = sets.get_mut(known.set as usize) {
                *rules |= RuleSet::one(rule as usize);
            }
        }
        table
    }

    #[inline(always)]
    fn matching(&self, value: &[u8]) -> RuleSet {
        let is_same = |text: &Text| is_equal::<IGNORES_CASE>(self.lists.written(text), value);
        let found = self.texts.find(hash::<IGNORES_CASE>(value, &self.secret), is_same);
        found.map_or(RuleSet::EMPTY, |text| self.rules(text))
    }

    #[inline(always)]
    fn rules(&self, text: &Text) -> RuleSet {
        self.sets.get(text.set as usize).copied().unwrap_or_default()
    }
}

/// The lists that the rules have for one part of a request.
struct Lists {
    configuration: Arc<CorsConfiguration>,
    list_of: fn(&CorsRule) -> &Vec<String>,
}

/// A text of these lists: where it is listed first, and the number of the set of the rules that list it.
struct Text {
    rule: u32,
    index: u32,
    set: u32,
}

impl Lists {
    #[inline(always)]
    fn written(&self, text: &Text) -> &[u8] {
        let list = self.configuration.rules.get(text.rule as usize).map(self.list_of);
        list.and_then(|list| list.get(text.index as usize)).map_or(&[], |text| text.as_bytes())
    }
}

/// Each byte in lower case: a lookup costs less than the comparisons of `eq_ignore_ascii_case`.
const LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).to_ascii_lowercase();
        byte += 1;
    }
    table
};

/// Whether two values are equal.
#[inline(always)]
pub(super) fn is_equal<const IGNORES_CASE: bool>(a: &[u8], b: &[u8]) -> bool {
    if IGNORES_CASE {
        // Names are short: the steps of 16 bytes that slices are compared in cost more than they save.
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| LOWER[*a as usize] == LOWER[*b as usize])
    } else {
        a == b
    }
}

/// The hash of a value; equal values have the same.
#[inline(always)]
pub(super) fn hash<const IGNORES_CASE: bool>(value: &[u8], secret: &SeedableRandomState) -> u64 {
    let mut hasher = secret.build_hasher();
    if IGNORES_CASE {
        value.iter().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
    } else {
        hasher.write(value);
    }
    hasher.finish()
}

/// A secret for the hashes of one table, so that neither the author of rules nor the sender of a request can choose
/// texts that collide. It is drawn from the randomness of the operating system: foldhash's own comes from addresses.
pub(super) fn secret() -> SeedableRandomState {
    static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(random()));
    SeedableRandomState::with_seed(random(), &SHARED)
}

fn random() -> u64 {
    RandomState::new().hash_one(())
}

#[cfg(test)]
mod tests {
    use super::{hash, secret};

    /// The hashes of one table say nothing about those of another.
    #[test]
    fn each_table_hashes_with_its_own_secret() {
        let hashes = [secret(), secret()].map(|secret| hash::<false>(b"https://app.example.com", &secret));
        assert_ne!(hashes[0], hashes[1]);
    }
}
