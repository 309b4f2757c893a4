//! The values of one part, of all rules, compiled into tables: from a value to the rules that match it.

use std::marker::PhantomData;
use std::sync::Arc;

use super::affixes::Affixes;
use super::criterion::Criterion;
use super::literals::Literals;
use crate::config::CorsConfiguration;
use crate::pattern::{Pattern, RuleSet};

pub(crate) struct Matcher<C> {
    any: RuleSet,
    literals: Literals,
    affixes: Option<Box<Affixes>>,
    criterion: PhantomData<C>,
}

impl<C: Criterion> Matcher<C> {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let mut any = RuleSet::EMPTY;
        let mut affixes = Vec::new();
        for (number, rule) in configuration.rules.iter().enumerate() {
            for text in C::values(rule) {
                match C::pattern(text) {
                    Pattern::Any => any |= RuleSet::one(number),
                    Pattern::Affix { prefix, suffix } => affixes.push((prefix, suffix, RuleSet::one(number))),
                    Pattern::Literal(_) => {}
                }
            }
        }
        let affixes = (!affixes.is_empty()).then(|| Box::new(Affixes::new::<C>(&affixes)));
        Matcher { any, literals: Literals::new::<C>(configuration), affixes, criterion: PhantomData }
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
