//! The methods that rules allow: the usual ones by their number, any other by look-up.

use super::criterion;
use super::literals::Literals;
use crate::config::CorsRule;
use crate::pattern::RuleSet;

/// The rules that allow each method.
pub(crate) struct Methods {
    usual: [RuleSet; USUAL],
    /// Only if a rule has another method than the usual ones.
    others: Option<Box<Literals<criterion::Methods>>>,
}

const USUAL: usize = 7;

/// A comparison with a constant is one of integers, which a look-up by text is not.
#[inline(always)]
fn number(method: &[u8]) -> Option<usize> {
    const NAMES: [&[u8]; USUAL] = [b"GET", b"PUT", b"HEAD", b"POST", b"PATCH", b"DELETE", b"OPTIONS"];
    NAMES.iter().position(|name| *name == method)
}

impl Methods {
    pub(crate) fn new(rules: &[CorsRule]) -> Self {
        let mut usual = [RuleSet::EMPTY; USUAL];
        let mut others = false;
        for (rule, written) in rules.iter().enumerate() {
            for method in &written.allowed_methods {
                match number(method.as_bytes()).and_then(|number| usual.get_mut(number)) {
                    Some(allowing) => *allowing |= RuleSet::one(rule),
                    None => others = true,
                }
            }
        }
        Methods { usual, others: others.then(|| Box::new(Literals::new(rules))) }
    }

    /// The rules that allow the method. `rules` are those that the table was made from.
    #[inline]
    pub(crate) fn of(&self, rules: &[CorsRule], method: &[u8]) -> RuleSet {
        match number(method).and_then(|number| self.usual.get(number)) {
            Some(allowing) => *allowing,
            None => self.other(rules, method),
        }
    }

    #[cold]
    fn other(&self, rules: &[CorsRule], method: &[u8]) -> RuleSet {
        self.others.as_ref().and_then(|others| others.of(rules, method)).copied().unwrap_or_default()
    }
}
