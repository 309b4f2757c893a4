//! The values of one field, of all rules, compiled into tables: from a value of a request to the rules that match it.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use super::affixes::Affixes;
use super::criterion::Criterion;
use super::literals::{Listed, Literals};
use crate::config::CorsConfiguration;
use crate::pattern::{Pattern, RuleSet};

pub(super) struct Matcher<C> {
    any: RuleSet,
    literals: Literals,
    affixes: Option<Box<Affixes>>,
    criterion: PhantomData<C>,
}

impl<C: Criterion> Matcher<C> {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let (mut any, mut literals, mut affixes) = (RuleSet::EMPTY, BTreeMap::new(), BTreeMap::new());
        for (rule, listed) in configuration.rules.iter().enumerate() {
            for (index, text) in C::values(listed).iter().enumerate() {
                let rules = match C::pattern(text) {
                    Pattern::Any => &mut any,
                    Pattern::Affix { prefix, suffix } => {
                        affixes.entry((C::canonical(prefix), C::canonical(suffix))).or_default()
                    }
                    // S3 accepts an empty value and matches nothing with it.
                    Pattern::Literal("") => continue,
                    Pattern::Literal(text) => {
                        let first = || Listed { rule, index, rules: RuleSet::EMPTY };
                        &mut literals.entry(C::canonical(text)).or_insert_with(first).rules
                    }
                };
                *rules |= RuleSet::one(rule);
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
