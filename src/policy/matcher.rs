//! Many patterns compiled into one table: from a value to the rules that have a pattern for it.

use super::affixes::Affixes;
use super::criterion::Criterion;
use super::literals::Literals;
use crate::config::CorsRule;
use crate::pattern::Pattern;
use crate::pattern::RuleSet;

/// The patterns of one part, of all rules.
pub(crate) struct Matcher<P: Criterion> {
    any: RuleSet,
    literals: Literals<P>,
    affixes: Option<Box<Affixes<P>>>,
}

impl<P: Criterion> Matcher<P> {
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
    #[inline(always)]
    pub(crate) fn of(&self, rules: &[CorsRule], value: &[u8]) -> RuleSet {
        let mut found = self.any;
        if let Some(literal) = self.literals.of(rules, value) {
            found |= *literal;
        }
        if let Some(affixes) = &self.affixes {
            found |= affixes.of(value);
        }
        found
    }
}
