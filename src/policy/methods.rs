//! The methods that rules allow: the usual ones by their number, any other by look-up.

use std::collections::HashMap;

use crate::config::CorsRule;
use crate::pattern::RuleSet;

#[derive(Default)]
pub(super) struct Methods {
    usual: [RuleSet; USUAL],
    others: HashMap<Box<[u8]>, RuleSet>,
}

const USUAL: usize = 7;

/// A comparison with a constant is one of integers, which a look-up by text is not.
#[inline(always)]
fn number(method: &[u8]) -> Option<usize> {
    const NAMES: [&[u8]; USUAL] = [b"GET", b"PUT", b"HEAD", b"POST", b"PATCH", b"DELETE", b"OPTIONS"];
    NAMES.iter().position(|name| *name == method)
}

impl Methods {
    pub(super) fn new(rules: &[CorsRule]) -> Self {
        let mut methods = Methods::default();
        for (rule, listed) in rules.iter().enumerate() {
            for method in listed.allowed_methods.iter().map(|method| method.as_bytes()) {
                let allowing = match number(method).and_then(|number| methods.usual.get_mut(number)) {
                    Some(allowing) => allowing,
                    None => methods.others.entry(method.into()).or_default(),
                };
                *allowing |= RuleSet::one(rule);
            }
        }
        methods
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
        self.others.get(method).copied().unwrap_or_default()
    }
}
