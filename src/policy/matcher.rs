//! The values that all rules list for one part of a request, compiled into tables: from a value to the rules that match.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use foldhash::fast::SeedableRandomState;
use foldhash::SharedSeed;

use super::affixes::Affixes;
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
    fn pattern(text: &str) -> Pattern<'_>;

    /// The form in which a text is kept: equal texts have the same.
    fn canonical(text: &str) -> Cow<'_, str> {
        if Self::IGNORES_CASE {
            text.to_ascii_lowercase().into()
        } else {
            text.into()
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

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse(text)
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

pub(super) struct Matcher<C> {
    any: RuleSet,
    literals: Literals,
    affixes: Option<Box<Affixes>>,
    criterion: PhantomData<C>,
}

impl<C: Criterion> Matcher<C> {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let mut any = RuleSet::EMPTY;
        let mut literals = BTreeMap::new();
        let mut affixes: BTreeMap<_, BTreeMap<_, RuleSet>> = BTreeMap::new();
        for (number, rule) in configuration.rules.iter().enumerate() {
            for (index, text) in C::values(rule).iter().enumerate() {
                let listing = match C::pattern(text) {
                    Pattern::Any => &mut any,
                    // S3 accepts an empty value and matches nothing with it.
                    Pattern::Literal("") => continue,
                    Pattern::Literal(text) => {
                        let first = (number as u32, index as u32, RuleSet::EMPTY);
                        &mut literals.entry(C::canonical(text)).or_insert(first).2
                    }
                    Pattern::Affix { prefix, suffix } => {
                        let suffixes = affixes.entry(C::canonical(prefix)).or_default();
                        suffixes.entry(C::canonical(suffix)).or_default()
                    }
                };
                *listing |= RuleSet::one(number);
            }
        }
        Matcher {
            any,
            literals: Literals::new::<C>(configuration, literals),
            affixes: (!affixes.is_empty()).then(|| Box::new(Affixes::new::<C>(affixes))),
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
