//! The classes into which patterns divide all values: those of a class are matched by the same patterns.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Pattern;

/// Finitely many classes that hold every value.
///
/// Which patterns `prefix*suffix` match a value that is none of the literals follows from the longest prefix that it
/// begins with and the longest suffix that it ends with, if these do not overlap in it. Where they do, the value is one of
/// finitely many. And a suffix counts only if it belongs to one of the prefixes that the value begins with: without that
/// there would be a class for each prefix with each suffix.
pub(crate) struct Classes<'p> {
    literals: Vec<&'p str>,
    /// In the order in which they were given, the empty one first.
    prefixes: Vec<Prefix<'p>>,
    /// How many lengths these have.
    lengths: usize,
    /// A character that no pattern has.
    filler: char,
}

/// What patterns begin with.
struct Prefix<'p> {
    text: &'p str,
    suffixes: Vec<&'p str>,
    /// The longest other prefix that it begins with, by its number.
    shorter: Option<usize>,
}

/// Values that are matched by the same patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class<'p> {
    /// One value.
    Value(Cow<'p, str>),
    /// The values that match `prefix*suffix`, but for those in other classes.
    Affix { prefix: &'p str, suffix: &'p str },
}

impl<'p> Classes<'p> {
    /// `None` if the patterns have every character that there is.
    pub(crate) fn new(patterns: &[Pattern<'p>]) -> Option<Self> {
        let filler = filler(patterns)?;
        let empty = Prefix { text: "", suffixes: Vec::new(), shorter: None };
        let mut classes = Classes { literals: Vec::new(), prefixes: vec![empty], lengths: 0, filler };
        let mut places = HashMap::from([("", 0)]);
        for pattern in patterns {
            match pattern {
                Pattern::Literal(text) if !text.is_empty() && is_sent(text) => classes.literals.push(text),
                Pattern::Affix { prefix, suffix } if is_sent(prefix) && is_sent(suffix) => {
                    let place = *places.entry(prefix).or_insert(classes.prefixes.len());
                    if place == classes.prefixes.len() {
                        classes.prefixes.push(Prefix { text: prefix, suffixes: Vec::new(), shorter: None });
                    }
                    if let Some(known) = classes.prefixes.get_mut(place) {
                        known.suffixes.push(suffix);
                    }
                }
                _ => {}
            }
        }
        classes.nest();
        Some(classes)
    }

    /// Visits all classes, each at least once, as long as the visitor says so.
    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(Class<'p>) -> bool) {
        for text in &self.literals {
            if !visitor(Class::Value(Cow::Borrowed(text))) {
                return;
            }
        }
        for prefix in &self.prefixes {
            for suffix in self.suffixes_with(prefix) {
                if !self.visit_ends(prefix.text, suffix, visitor) {
                    return;
                }
            }
        }
    }

    fn visit_ends(
        &self,
        prefix: &'p str,
        suffix: &'p str,
        visitor: &mut dyn FnMut(Class<'p>) -> bool,
    ) -> bool {
        let mut goes_on = visitor(Class::Affix { prefix, suffix });
        for shared in overlaps(prefix, suffix) {
            let rest = suffix.get(shared..).unwrap_or_default();
            goes_on = goes_on && visitor(Class::Value(Cow::Owned([prefix, rest].concat())));
        }
        goes_on
    }

    /// A value of the class.
    ///
    /// With a character that no pattern has after its prefix, a value begins with no longer prefix, ends with no longer
    /// suffix, and is no literal.
    pub(crate) fn member(&self, class: &Class<'p>) -> String {
        match class {
            Class::Value(text) => text.clone().into_owned(),
            Class::Affix { prefix, suffix } => format!("{prefix}{}{suffix}", self.filler),
        }
    }

    /// The work of finding what matches a value, in bytes: a table of prefixes is asked for each of their lengths. A class
    /// takes memory, however short its values are.
    pub(crate) fn work(&self, value: &str) -> usize {
        (value.len() + 16) * (1 + self.lengths / 256)
    }

    /// The suffixes of all prefixes that the prefix begins with, each once, and the empty one.
    fn suffixes_with(&self, prefix: &Prefix<'p>) -> Vec<&'p str> {
        let mut places = HashMap::from([("", 0)]);
        let mut all = vec![""];
        let mut next = Some(prefix);
        while let Some(prefix) = next {
            for suffix in &prefix.suffixes {
                if places.insert(*suffix, all.len()).is_none() {
                    all.push(suffix);
                }
            }
            next = prefix.shorter.and_then(|shorter| self.prefixes.get(shorter));
        }
        all
    }

    /// Finds the longest other prefix that each prefix begins with.
    fn nest(&mut self) {
        let mut sorted: Vec<usize> = (0..self.prefixes.len()).collect();
        let text =
            |prefixes: &[Prefix<'p>], place: usize| prefixes.get(place).map_or("", |prefix| prefix.text);
        sorted.sort_unstable_by_key(|place| text(&self.prefixes, *place));
        // Each begins with the one before it.
        let mut open: Vec<usize> = Vec::new();
        let mut lengths = Vec::new();
        for place in sorted {
            let own = text(&self.prefixes, place);
            while open.last().is_some_and(|shorter| !own.starts_with(text(&self.prefixes, *shorter))) {
                open.pop();
            }
            if let Some(prefix) = self.prefixes.get_mut(place) {
                prefix.shorter = open.last().copied();
            }
            open.push(place);
            lengths.resize(lengths.len().max(own.len() + 1), false);
            if let Some(is_known) = lengths.get_mut(own.len()) {
                self.lengths += usize::from(!*is_known);
                *is_known = true;
            }
        }
    }
}

impl Class<'_> {
    /// The value, or the pattern.
    pub(crate) fn text(&self) -> String {
        match self {
            Class::Value(text) => text.clone().into_owned(),
            Class::Affix { prefix, suffix } => format!("{prefix}*{suffix}"),
        }
    }
}

/// A character that no pattern has. Those come first that are allowed in an origin and in the name of a header.
fn filler(patterns: &[Pattern<'_>]) -> Option<char> {
    let mut is_used = vec![false; char::MAX as usize + 1];
    let mut mark = |text: &str| {
        for character in text.chars() {
            if let Some(is_used) = is_used.get_mut(character as usize) {
                *is_used = true;
            }
        }
    };
    for pattern in patterns {
        match pattern {
            Pattern::Any => {}
            Pattern::Literal(text) => mark(text),
            Pattern::Affix { prefix, suffix } => {
                mark(prefix);
                mark(suffix);
            }
        }
    }
    let is_free = |filler: &char| is_used.get(*filler as usize) == Some(&false);
    let usual = "abcdefghijklmnopqrstuvwxyz0123456789".chars().find(is_free);
    usual.or_else(|| (0xa1..).map_while(char::from_u32).find(is_free))
}

/// Whether a header can have a value with the text: none has control characters other than a tab.
fn is_sent(text: &str) -> bool {
    text.bytes().all(|byte| !byte.is_ascii_control() || byte == b'\t')
}

/// How many bytes at the end of the prefix can be the first ones of the suffix: each such number but zero.
///
/// It is the table of Knuth, Morris and Pratt, so that the work is linear in the bytes.
fn overlaps(prefix: &str, suffix: &str) -> Vec<usize> {
    let (text, pattern) = (prefix.as_bytes(), suffix.as_bytes());
    let text = text.get(text.len().saturating_sub(pattern.len())..).unwrap_or_default();
    if pattern.first().is_none_or(|first| !text.contains(first)) {
        return Vec::new();
    }
    // Of each beginning of the pattern, the longest shorter one that it ends with.
    let mut borders = vec![0];
    for byte in pattern.iter().skip(1) {
        let last = borders.last().copied().unwrap_or_default();
        borders.push(longer(pattern, &borders, last, *byte));
    }
    // The text is not longer than the pattern, so only its last byte can complete the pattern.
    let whole = text.iter().fold(0, |matched, byte| longer(pattern, &borders, matched, *byte));
    let mut found = Vec::new();
    let mut length = whole;
    while let Some(border) = length.checked_sub(1).and_then(|last| borders.get(last)) {
        found.push(length);
        length = *border;
    }
    found
}

/// The length of the longest beginning of the pattern at the end of a text, to which a byte is added.
fn longer(pattern: &[u8], borders: &[usize], mut matched: usize, byte: u8) -> usize {
    loop {
        if pattern.get(matched) == Some(&byte) {
            return matched + 1;
        }
        let Some(border) = matched.checked_sub(1).and_then(|last| borders.get(last)) else { return 0 };
        matched = *border;
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Classes, Pattern};

    fn affix<'p>(prefix: &'p str, suffix: &'p str) -> Pattern<'p> {
        Pattern::Affix { prefix, suffix }
    }

    /// It bounds a comparison of policies; what is wrong with it shows in time alone.
    #[test]
    fn work_is_that_of_each_length_of_a_prefix() {
        let texts: Vec<String> = (0..512).map(|length| "a".repeat(length)).collect();
        let patterns: Vec<Pattern<'_>> = texts.iter().map(|text| affix(text, "")).collect();
        let twice: Vec<Pattern<'_>> =
            texts.iter().flat_map(|text| [affix(text, ""), affix(text, "b")]).collect();
        for patterns in [patterns, twice] {
            assert_eq!(Classes::new(&patterns).map(|classes| classes.work("1234")), Some((4 + 16) * 3));
        }
        let few = ["a", "b", "abc"].map(|text| affix(text, ""));
        assert_eq!(Classes::new(&few).map(|classes| classes.work("1234")), Some(4 + 16));
    }

    #[test]
    fn member_has_what_no_pattern_has() {
        let member = |patterns: &[Pattern<'_>]| {
            Classes::new(patterns).map(|classes| classes.member(&Class::Affix { prefix: "x", suffix: "y" }))
        };
        assert_eq!(member(&[affix("a", "b"), Pattern::Literal("c")]), Some("xdy".to_owned()));
        let usual = "abcdefghijklmnopqrstuvwxyz0123456789\u{a1}";
        assert_eq!(member(&[affix("x", "y"), Pattern::Literal(usual)]), Some("x\u{a2}y".to_owned()));
        let all: String = (char::MIN..=char::MAX).collect();
        assert_eq!(member(&[Pattern::Literal(&all)]), None);
    }
}
