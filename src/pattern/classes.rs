//! The classes into which patterns divide all values: those of a class are matched by the same patterns.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::iter;

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
    pub(crate) fn new(patterns: impl Iterator<Item = Pattern<'p>>) -> Option<Self> {
        let empty = Prefix { text: "", suffixes: Vec::new(), shorter: None };
        let mut classes = Classes { literals: Vec::new(), prefixes: vec![empty], lengths: 1, filler: ' ' };
        let mut places = HashMap::from([("", 0)]);
        let mut seen = HashSet::new();
        let mut characters = HashSet::new();
        for pattern in patterns.filter(|pattern| is_possible(*pattern) && seen.insert(*pattern)) {
            match pattern {
                Pattern::Any => {}
                Pattern::Literal(text) => {
                    characters.extend(text.chars());
                    classes.literals.push(text);
                }
                Pattern::Affix { prefix, suffix } => {
                    characters.extend(prefix.chars().chain(suffix.chars()));
                    let place = *places.entry(prefix).or_insert(classes.prefixes.len());
                    match classes.prefixes.get_mut(place) {
                        Some(known) => known.suffixes.push(suffix),
                        None => classes.prefixes.push(Prefix {
                            text: prefix,
                            suffixes: vec![suffix],
                            shorter: None,
                        }),
                    }
                }
            }
        }
        // What is allowed everywhere comes first: in an origin, in the name of a header.
        let mut fillers = ('a'..='z').chain('0'..='9').chain("-._~!$&'".chars()).chain('\u{a1}'..=char::MAX);
        classes.filler = fillers.find(|filler| !characters.contains(filler))?;
        classes.lengths =
            classes.prefixes.iter().map(|prefix| prefix.text.len()).collect::<HashSet<_>>().len();
        classes.nest();
        Some(classes)
    }

    /// All classes, each at least once.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Class<'p>> + '_ {
        let values = self.literals.iter().map(|text| Class::Value(Cow::Borrowed(*text)));
        values.chain(self.prefixes.iter().flat_map(|prefix| {
            let (all, prefix) = (self.suffixes_with(prefix), prefix.text);
            all.into_iter().flat_map(move |suffix| {
                let short = overlaps(prefix, suffix).into_iter();
                let short = short.filter_map(move |shared| Some([prefix, suffix.get(shared..)?].concat()));
                iter::once(Class::Affix { prefix, suffix })
                    .chain(short.map(|text| Class::Value(Cow::Owned(text))))
            })
        }))
    }

    /// A value of the class.
    ///
    /// With a character that no pattern has after its prefix, a value begins with no longer prefix, ends with no longer
    /// suffix, and is no literal.
    pub(crate) fn member<'c>(&self, class: &'c Class<'p>) -> Cow<'c, str> {
        match class {
            Class::Value(text) => Cow::Borrowed(text),
            Class::Affix { prefix, suffix } => Cow::Owned(format!("{prefix}{}{suffix}", self.filler)),
        }
    }

    /// The work of finding what matches a value, in bytes: a table of prefixes is asked for each of their lengths.
    pub(crate) fn work(&self, value: &str) -> usize {
        (value.len() + 1) * (1 + self.lengths / 256)
    }

    /// The suffixes of all prefixes that the prefix begins with, each once, and the empty one.
    fn suffixes_with<'s>(&'s self, prefix: &'s Prefix<'p>) -> Vec<&'p str> {
        let mut seen = HashSet::from([""]);
        let mut all = vec![""];
        let chain = iter::successors(Some(prefix), |prefix| self.prefixes.get(prefix.shorter?));
        all.extend(chain.flat_map(|prefix| &prefix.suffixes).filter(|suffix| seen.insert(**suffix)));
        all
    }

    /// Finds the longest other prefix that each prefix begins with.
    fn nest(&mut self) {
        let mut sorted: Vec<(&str, usize)> =
            self.prefixes.iter().enumerate().map(|(place, prefix)| (prefix.text, place)).collect();
        sorted.sort_unstable();
        // Each begins with the one before it.
        let mut open: Vec<(&str, usize)> = Vec::new();
        for (text, place) in sorted {
            while open.last().is_some_and(|(shorter, _)| !text.starts_with(*shorter)) {
                open.pop();
            }
            if let Some(prefix) = self.prefixes.get_mut(place) {
                prefix.shorter = open.last().map(|(_, place)| *place);
            }
            open.push((text, place));
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

/// Whether a header can have a value that matches: none has control characters other than a tab.
fn is_possible(pattern: Pattern<'_>) -> bool {
    let is_sent = |text: &str| text.bytes().all(|byte| !byte.is_ascii_control() || byte == b'\t');
    match pattern {
        Pattern::Any => true,
        Pattern::Literal(text) => !text.is_empty() && is_sent(text),
        Pattern::Affix { prefix, suffix } => is_sent(prefix) && is_sent(suffix),
    }
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
    iter::successors(Some(whole), |length| borders.get(length.checked_sub(1)?).copied())
        .take_while(|length| *length > 0)
        .collect()
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
