//! Many patterns compiled into one table: from a value to the rules that have a pattern for it.

use super::affixes::Affixes;
use super::literals::Literals;
use super::rule_set::RuleSet;
use crate::config::{CorsRule, Pattern};

/// One part of the triple that a rule must match: which field of a rule it is, and how it compares.
pub(crate) trait Part {
    /// The bits in which bytes may differ and still be the same.
    const IGNORED: u8;

    fn written(rule: &CorsRule) -> &[String];
    fn pattern(text: &str) -> Pattern<'_>;
    fn same(a: &[u8], b: &[u8]) -> bool;
}

/// Byte for byte.
pub(crate) struct Origins;

impl Part for Origins {
    const IGNORED: u8 = 0;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_origins
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::origin(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Byte for byte, and no patterns.
pub(crate) struct Methods;

impl Part for Methods {
    const IGNORED: u8 = 0;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_methods
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::Literal(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Names of headers: ASCII case ignored.
pub(crate) struct Headers;

impl Part for Headers {
    const IGNORED: u8 = 0x20;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_headers
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::header(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        // Browsers send lower case, so that the first comparison nearly always tells.
        a == b || a.eq_ignore_ascii_case(b)
    }
}

/// The patterns of one part, of all rules.
pub(crate) struct Matcher<P> {
    any: RuleSet,
    literals: Literals<P>,
    affixes: Option<Box<Affixes<P>>>,
}

impl<P: Part> Matcher<P> {
    pub(crate) fn new(rules: &[CorsRule]) -> Self {
        let mut any = RuleSet::EMPTY;
        let mut affixes = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            for text in P::written(rule) {
                match P::pattern(text) {
                    Pattern::Any => any |= RuleSet::one(number),
                    Pattern::Affix { prefix, suffix } => affixes.push((prefix, suffix, RuleSet::one(number))),
                    Pattern::Literal(_) => {}
                }
            }
        }
        let affixes = (!affixes.is_empty()).then(|| Box::new(Affixes::new(affixes)));
        Matcher { any, literals: Literals::new(rules), affixes }
    }

    /// The rules that have a pattern for the value. `rules` are those that the matcher was made from.
    pub(crate) fn of(&self, rules: &[CorsRule], value: &[u8]) -> RuleSet {
        let mut found = self.any;
        found |= self.literals.of(rules, value);
        if let Some(affixes) = &self.affixes {
            found |= affixes.of(value);
        }
        found
    }
}
