//! A few texts, with which a value is compared one after the other.

use super::criterion::Criterion;
use super::word::short;
use crate::pattern::RuleSet;

pub(crate) struct Few<P: Criterion>(Box<[(P::Kept, RuleSet)]>);

/// A text in the form in which it is compared.
pub(crate) trait Kept {
    /// What is read of a value once, for all comparisons.
    type Read: Copy;

    fn new(text: &str) -> Self;
    fn text(&self) -> &[u8];
    fn read(value: &[u8]) -> Self::Read;
    /// Whether the value is the text, byte for byte.
    fn is(&self, value: &[u8], read: Self::Read) -> bool;
}

impl<P: Criterion> Few<P> {
    pub(super) fn new<'t>(texts: impl Iterator<Item = (&'t str, RuleSet)>) -> Self {
        Few(texts.map(|(text, rules)| (P::Kept::new(&P::folded(text)), rules)).collect())
    }

    #[inline(always)]
    pub(super) fn of(&self, value: &[u8]) -> Option<&RuleSet> {
        let read = P::Kept::read(value);
        match self.0.iter().find(|(text, _)| text.is(value, read)) {
            Some((_, rules)) => Some(rules),
            None if P::FOLDS => self.of_folded(value),
            None => None,
        }
    }

    /// Browsers send names in lower case, so that there is mostly nothing to fold.
    #[cold]
    fn of_folded(&self, value: &[u8]) -> Option<&RuleSet> {
        self.0.iter().find(|(text, _)| P::same(text.text(), value)).map(|(_, rules)| rules)
    }
}

impl Kept for Box<[u8]> {
    type Read = ();

    fn new(text: &str) -> Self {
        text.as_bytes().into()
    }

    fn text(&self) -> &[u8] {
        self
    }

    fn read(_: &[u8]) {}

    #[inline(always)]
    fn is(&self, value: &[u8], (): ()) -> bool {
        **self == *value
    }
}

/// The name of a header. Names are short: their ends, which are compared as integers, are mostly all of them.
pub(crate) struct Name {
    ends: Ends,
    text: Box<[u8]>,
}

/// The first and the last eight bytes, or all of them if there are fewer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends(u64, u64);

impl Kept for Name {
    type Read = Ends;

    fn new(text: &str) -> Self {
        Name { ends: Name::read(text.as_bytes()), text: text.as_bytes().into() }
    }

    fn text(&self) -> &[u8] {
        &self.text
    }

    #[inline(always)]
    fn read(value: &[u8]) -> Ends {
        match (value.first_chunk(), value.last_chunk()) {
            (Some(first), Some(last)) => Ends(u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => Ends(short(value), 0),
        }
    }

    #[inline(always)]
    fn is(&self, value: &[u8], ends: Ends) -> bool {
        // Two times eight bytes leave none out.
        self.ends == ends && self.text.len() == value.len() && (value.len() <= 16 || *self.text == *value)
    }
}
