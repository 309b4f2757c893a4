//! The values that all rules list for one part of a request, compiled into tables: from a value to the rules that match.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use foldhash::fast::SeedableRandomState;
use foldhash::SharedSeed;

use super::affixes::{Affix, Affixes};
use super::literals::Literals;
use crate::config::{CorsConfiguration, CorsRule};
use crate::pattern::{Pattern, RuleSet};

/// The part of a request that values are compared with.
pub(super) trait Criterion {
    /// Whether texts that differ in ASCII case alone are equal.
    const IGNORES_CASE: bool;

    /// The values that a rule lists.
    fn values(rule: &CorsRule) -> &[String];

    /// How a listed value is read.
    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse(text)
    }

    /// The form in which a text is kept: equal texts have the same.
    fn canonical(text: &str) -> String {
        if Self::IGNORES_CASE {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    }

    /// Whether two values are equal.
    #[inline(always)]
    fn eq(a: &[u8], b: &[u8]) -> bool {
        if Self::IGNORES_CASE {
            // Names are short: the steps of 16 bytes that slices are compared in cost more than they save.
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
        } else {
            a == b
        }
    }

    /// Hashes the canonical form of a value.
    #[inline(always)]
    fn hash(value: &[u8], hasher: &mut impl Hasher) {
        if Self::IGNORES_CASE {
            value.iter().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        } else {
            hasher.write(value);
        }
    }
}

pub(super) struct Origins;

impl Criterion for Origins {
    const IGNORES_CASE: bool = false;

    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_origins
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse_origin(text)
    }
}

/// Names of headers.
pub(super) struct Headers;

impl Criterion for Headers {
    const IGNORES_CASE: bool = true;

    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_headers
    }
}

/// How many texts are compared one by one, which is cheaper than to hash.
pub(super) const FEW: usize = 8;

/// A secret for the hashes of one table, so that neither the author of rules nor the sender of a request can choose
/// texts that collide. It is drawn from the randomness of the operating system: foldhash's own comes from addresses.
pub(super) fn secret() -> SeedableRandomState {
    static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(random()));
    SeedableRandomState::with_seed(random(), &SHARED)
}

fn random() -> u64 {
    RandomState::new().hash_one(())
}

/// A value that a rule lists, and where.
pub(super) struct Listed<'c> {
    pub(super) rule: usize,
    pub(super) index: usize,
    pub(super) text: &'c str,
}

pub(super) struct Matcher<C> {
    any: RuleSet,
    literals: Literals,
    affixes: Option<Affixes>,
    criterion: PhantomData<C>,
}

/// All values that rules list for the criterion. S3 accepts an empty one and matches nothing with it.
pub(super) fn listed<C: Criterion>(rules: &[CorsRule]) -> Vec<Listed<'_>> {
    let mut listed = Vec::new();
    for (rule, values) in rules.iter().map(C::values).enumerate() {
        for (index, text) in values.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            listed.push(Listed { rule, index, text });
        }
    }
    listed
}

impl<C: Criterion> Matcher<C> {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let (mut any, mut literals, mut affixes) = (RuleSet::EMPTY, Vec::new(), Vec::new());
        for value in listed::<C>(&configuration.rules) {
            let rules = RuleSet::one(value.rule);
            match C::pattern(value.text) {
                Pattern::Any => any |= rules,
                Pattern::Literal(_) => literals.push(value),
                Pattern::Affix { prefix, suffix } => {
                    affixes.push(Affix { prefix: C::canonical(prefix), suffix: C::canonical(suffix), rules });
                }
            }
        }
        Matcher {
            any,
            literals: Literals::new::<C>(configuration, &literals),
            affixes: Affixes::new::<C>(affixes),
            criterion: PhantomData,
        }
    }

    /// The rules that match every value, one that cannot be read included.
    #[inline(always)]
    pub(super) fn any(&self) -> RuleSet {
        self.any
    }

    /// The rules that match the value.
    #[inline(always)]
    pub(super) fn matching(&self, value: &[u8]) -> RuleSet {
        let mut found = self.any;
        found |= self.literals.matching::<C>(value);
        if let Some(affixes) = &self.affixes {
            found |= affixes.matching::<C>(value);
        }
        found
    }
}
