//! The methods that rules allow: the usual ones by their number, any other by look-up.

use std::sync::Arc;

use super::literals::Literals;
use super::matcher::{listed, Criterion};
use crate::config::{CorsConfiguration, CorsRule};
use crate::pattern::RuleSet;

pub(super) struct Methods {
    usual: [RuleSet; USUAL],
    others: Literals,
}

const USUAL: usize = 7;

/// A comparison with a constant is one of integers, which a look-up by text is not.
#[inline(always)]
fn number(method: &[u8]) -> Option<usize> {
    const NAMES: [&[u8]; USUAL] = [b"GET", b"PUT", b"HEAD", b"POST", b"PATCH", b"DELETE", b"OPTIONS"];
    NAMES.iter().position(|name| *name == method)
}

impl Criterion for Methods {
    const IGNORES_CASE: bool = false;

    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_methods
    }
}

impl Methods {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let mut usual = [RuleSet::EMPTY; USUAL];
        let mut others = Vec::new();
        for value in listed::<Self>(&configuration.rules) {
            match number(value.text.as_bytes()).and_then(|number| usual.get_mut(number)) {
                Some(allowing) => *allowing |= RuleSet::one(value.rule),
                None => others.push(value),
            }
        }
        Methods { usual, others: Literals::new::<Self>(configuration, &others) }
    }

    /// The rules that allow the method.
    #[inline]
    pub(super) fn matching(&self, method: &[u8]) -> RuleSet {
        match number(method).and_then(|number| self.usual.get(number)) {
            Some(allowing) => *allowing,
            None => self.other(method),
        }
    }

    /// Apart, so that the usual methods pay nothing for it.
    #[cold]
    fn other(&self, method: &[u8]) -> RuleSet {
        self.others.matching::<Self>(method)
    }
}
