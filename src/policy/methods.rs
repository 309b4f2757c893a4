//! The methods that rules allow: the usual ones by their number, any other by look-up.

use std::sync::Arc;

use super::criterion;
use super::matcher::Matcher;
use crate::config::CorsConfiguration;
use crate::pattern::RuleSet;

pub(super) struct Methods {
    usual: [RuleSet; USUAL],
    /// Only if a rule has another method than the usual ones.
    others: Option<Box<Matcher<criterion::Methods>>>,
}

const USUAL: usize = 7;

/// A comparison with a constant is one of integers, which a look-up by text is not.
#[inline(always)]
fn number(method: &[u8]) -> Option<usize> {
    const NAMES: [&[u8]; USUAL] = [b"GET", b"PUT", b"HEAD", b"POST", b"PATCH", b"DELETE", b"OPTIONS"];
    NAMES.iter().position(|name| *name == method)
}

impl Methods {
    pub(super) fn new(configuration: &Arc<CorsConfiguration>) -> Self {
        let mut usual = [RuleSet::EMPTY; USUAL];
        let mut has_others = false;
        for (rule, listed) in configuration.rules.iter().enumerate() {
            for method in &listed.allowed_methods {
                match number(method.as_bytes()).and_then(|number| usual.get_mut(number)) {
                    Some(allowing) => *allowing |= RuleSet::one(rule),
                    None => has_others = true,
                }
            }
        }
        Methods { usual, others: has_others.then(|| Box::new(Matcher::new(configuration))) }
    }

    /// The rules that allow the method.
    #[inline]
    pub(super) fn matching(&self, method: &[u8]) -> RuleSet {
        match number(method).and_then(|number| self.usual.get(number)) {
            Some(allowing) => *allowing,
            None => self.others.as_ref().map_or(RuleSet::EMPTY, |others| others.matching(method)),
        }
    }
}
