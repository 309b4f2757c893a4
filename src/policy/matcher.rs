//! Many patterns compiled into one table: from a value to the rules that have a pattern for it.

use super::rule_set::RuleSet;
use crate::config::Pattern;

/// How bytes are compared.
pub(crate) trait Compare {
    fn same(a: &[u8], b: &[u8]) -> bool;
}

/// Origins and methods: byte for byte.
pub(crate) struct Exact;

impl Compare for Exact {
    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Header names: ASCII case ignored.
pub(crate) struct IgnoreCase;

impl Compare for IgnoreCase {
    fn same(a: &[u8], b: &[u8]) -> bool {
        a.eq_ignore_ascii_case(b)
    }
}

pub(crate) struct Matcher<C> {
    any: RuleSet,
    literals: Vec<(Box<[u8]>, RuleSet)>,
    affixes: Vec<Affix>,
    compare: std::marker::PhantomData<C>,
}

struct Affix {
    prefix: Box<[u8]>,
    suffix: Box<[u8]>,
    rules: RuleSet,
}

impl<C: Compare> Matcher<C> {
    /// Compiles pairs of a pattern and the rule that has it.
    pub(crate) fn new<'a>(patterns: impl Iterator<Item = (Pattern<'a>, usize)>) -> Self {
        let mut matcher = Matcher {
            any: RuleSet::EMPTY,
            literals: Vec::new(),
            affixes: Vec::new(),
            compare: std::marker::PhantomData,
        };
        for (pattern, rule) in patterns {
            matcher.add(pattern, RuleSet::one(rule));
        }
        matcher
    }

    fn add(&mut self, pattern: Pattern<'_>, rules: RuleSet) {
        match pattern {
            Pattern::Any => self.any |= rules,
            // S3 accepts the empty value and matches nothing with it.
            Pattern::Literal("") => {}
            Pattern::Literal(text) => self.literals.push((text.as_bytes().into(), rules)),
            Pattern::Affix { prefix, suffix } => self.affixes.push(Affix {
                prefix: prefix.as_bytes().into(),
                suffix: suffix.as_bytes().into(),
                rules,
            }),
        }
    }

    /// The rules that have a pattern for the value.
    pub(crate) fn of(&self, value: &[u8]) -> RuleSet {
        let mut rules = self.any;
        for (literal, of) in &self.literals {
            if C::same(literal, value) {
                rules |= *of;
            }
        }
        for affix in &self.affixes {
            if affix.matches::<C>(value) {
                rules |= affix.rules;
            }
        }
        rules
    }
}

impl Affix {
    fn matches<C: Compare>(&self, value: &[u8]) -> bool {
        let (head, tail) = (self.prefix.len(), self.suffix.len());
        match (value.get(..head), value.len().checked_sub(tail)) {
            // The suffix may not begin before the prefix has ended: `ab*ba` is not in `aba`.
            (Some(start), Some(end)) if end >= head => {
                C::same(start, &self.prefix) && value.get(end..).is_some_and(|end| C::same(end, &self.suffix))
            }
            _ => false,
        }
    }
}
