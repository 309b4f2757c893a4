//! A set of rules with one bit for each: S3 allows at most 100.

use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Not};

/// A set of rules. Bit *i* is set if rule *i* is in the set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RuleSet(u128);

impl RuleSet {
    pub(crate) const EMPTY: RuleSet = RuleSet(0);
    pub(crate) const ALL: RuleSet = RuleSet(u128::MAX);

    /// The set with that rule alone. It is empty for a rule past the 128th, which no policy has.
    pub(crate) fn one(rule: usize) -> Self {
        u32::try_from(rule).ok().and_then(|rule| 1u128.checked_shl(rule)).map_or(RuleSet::EMPTY, RuleSet)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn contains(self, rule: usize) -> bool {
        self.0 & RuleSet::one(rule).0 != 0
    }

    /// The first rule in the order of the document, which is the one that decides.
    pub(crate) fn first(self) -> Option<u8> {
        (!self.is_empty()).then_some(self.0.trailing_zeros() as u8)
    }

    /// The rules in their order.
    #[cfg(feature = "diff")]
    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        let without_first = |rules: &RuleSet| Some(RuleSet(rules.0 & rules.0.wrapping_sub(1)));
        std::iter::successors(Some(self), without_first).map_while(RuleSet::first)
    }
}

impl BitAnd for RuleSet {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        RuleSet(self.0 & other.0)
    }
}

impl BitAndAssign for RuleSet {
    fn bitand_assign(&mut self, other: Self) {
        self.0 &= other.0;
    }
}

impl BitOr for RuleSet {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        RuleSet(self.0 | other.0)
    }
}

impl Not for RuleSet {
    type Output = Self;

    fn not(self) -> Self {
        RuleSet(!self.0)
    }
}

impl BitOrAssign for RuleSet {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
