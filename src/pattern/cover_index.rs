//! Finds which of many patterns match every value that another pattern matches.

use std::collections::{BTreeSet, HashMap};

use super::Pattern;

/// A map from patterns to values, searched by what the patterns cover.
///
/// `prefix*suffix` covers a literal that begins with the prefix and, after it, ends with the suffix; and every
/// pattern whose prefix begins with that prefix and whose suffix ends with that suffix. It covers no other
/// pattern, because the `*` of that one also matches a character that neither prefix nor suffix has. So a
/// search needs one look-up for each length of a prefix and of a suffix, not one for each pattern.
#[derive(Default)]
pub(crate) struct CoverIndex<'p, V> {
    literals: HashMap<&'p str, V>,
    affixes: HashMap<&'p [u8], HashMap<&'p [u8], V>>,
    prefix_lengths: BTreeSet<usize>,
    suffix_lengths: BTreeSet<usize>,
}

impl<'p, V: Default> CoverIndex<'p, V> {
    /// The value of the pattern, inserted if it is missing.
    pub(crate) fn entry(&mut self, pattern: Pattern<'p>) -> &mut V {
        let (prefix, suffix) = match pattern {
            Pattern::Literal(text) => return self.literals.entry(text).or_default(),
            Pattern::Any => ("", ""),
            Pattern::Affix { prefix, suffix } => (prefix, suffix),
        };
        self.prefix_lengths.insert(prefix.len());
        self.suffix_lengths.insert(suffix.len());
        self.affixes.entry(prefix.as_bytes()).or_default().entry(suffix.as_bytes()).or_default()
    }

    /// The values of all patterns that cover the pattern, including its own.
    pub(crate) fn covering<'c>(&'c self, pattern: Pattern<'c>) -> impl Iterator<Item = &'c V> {
        let (literal, before, after, most) = match pattern {
            Pattern::Literal(text) => (self.literals.get(text), text, text, text.len()),
            Pattern::Any => (None, "", "", 0),
            Pattern::Affix { prefix, suffix } => (None, prefix, suffix, usize::MAX),
        };
        let (before, after) = (before.as_bytes(), after.as_bytes());
        let affixes = self.prefix_lengths.range(..=before.len()).flat_map(move |prefix| {
            let suffixes = before.get(..*prefix).and_then(|prefix| self.affixes.get(prefix));
            let longest = after.len().min(most - prefix);
            let lengths = suffixes.map(|_| self.suffix_lengths.range(..=longest)).into_iter().flatten();
            lengths.filter_map(move |suffix| suffixes?.get(after.get(after.len() - suffix..)?))
        });
        literal.into_iter().chain(affixes)
    }
}
