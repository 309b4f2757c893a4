//! The patterns and origins of a configuration as text, shared by all other modules; this module uses none of them.

#[cfg(feature = "diff")]
mod classes;
mod escape;
mod origin;
mod overbroad;
mod public_suffix;
mod rule_set;
mod text;

use std::collections::{BTreeMap, HashMap};

pub use overbroad::OverbroadOrigin;

#[cfg(feature = "diff")]
pub(crate) use classes::{Class, Classes};
pub(crate) use escape::{escape, is_invisible_control, is_terminal_control};
pub(crate) use origin::{faults, host, in_brackets, is_local, normalize, several_origins, OriginFault};
pub(crate) use rule_set::RuleSet;
pub(crate) use text::{Listed, Quoted, Shown};

/// A pattern split at its `*`, which matches any text, the empty one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pattern<'a> {
    Any,
    Literal(&'a str),
    Affix { prefix: &'a str, suffix: &'a str },
}

impl<'a> Pattern<'a> {
    /// The pattern of an AllowedHeader.
    pub(crate) fn parse(text: &'a str) -> Self {
        match text.split_once('*') {
            None => Pattern::Literal(text),
            Some(("", "")) => Pattern::Any,
            Some((prefix, suffix)) => Pattern::Affix { prefix, suffix },
        }
    }

    /// The pattern of an AllowedOrigin, where `https` alone means every origin with that scheme
    /// (S3 user guide, "Elements of a CORS configuration").
    pub(crate) fn parse_origin(text: &'a str) -> Self {
        Pattern::parse(if text == "https" { "https://*" } else { text })
    }

    /// Whether the value, taken byte for byte, matches. Prefix and suffix must not overlap in it.
    pub(crate) fn matches(self, value: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Literal(literal) => literal == value,
            Pattern::Affix { prefix, suffix } => {
                value.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(suffix))
            }
        }
    }
}

/// Whether the name matches one of the patterns in the text, which blanks separate.
pub(crate) fn is_in(patterns: &str, name: &str) -> bool {
    patterns.split(' ').any(|pattern| Pattern::parse(pattern).matches(name))
}

/// Whether only the browser itself sets a header with that name, so that no script's request asks for it
/// ([forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)).
pub(crate) fn is_forbidden_request_header(name: &str) -> bool {
    const NAMES: &str = "accept-charset accept-encoding access-control-* connection content-length cookie \
                         cookie2 date dnt expect host keep-alive origin proxy-* referer sec-* te trailer \
                         transfer-encoding upgrade via";
    is_in(NAMES, &name.to_ascii_lowercase())
}

/// Patterns with a value each, found by what they cover.
///
/// `prefix*suffix` covers a text that begins with the prefix and, after it, ends with the suffix; and a
/// pattern whose prefix begins and whose suffix ends so. It covers no other pattern, since the `*` of that
/// also matches a character that neither prefix nor suffix has. So it takes a lookup for each length of a
/// prefix, and of the suffixes of that prefix, not one for each pattern.
#[derive(Default)]
pub(crate) struct CoverIndex<'p, V> {
    literals: HashMap<&'p str, V>,
    /// The suffixes of each prefix.
    affixes: ByLength<'p, ByLength<'p, V>>,
}

/// Texts of each length.
type ByLength<'p, V> = BTreeMap<usize, HashMap<&'p [u8], V>>;

/// Longer prefixes and suffixes are not searched, so that a search takes a bounded number of steps for each byte. No
/// origin is longer: a host has at most 253 characters.
const LONGEST: usize = 300;

impl<'p, V: Default> CoverIndex<'p, V> {
    /// The value of the pattern, put in if it is not there.
    pub(crate) fn entry(&mut self, pattern: Pattern<'p>) -> &mut V {
        let (prefix, suffix) = match pattern {
            Pattern::Literal(text) => return self.literals.entry(text).or_default(),
            Pattern::Any => ("", ""),
            Pattern::Affix { prefix, suffix } => (prefix, suffix),
        };
        let prefixes = self.affixes.entry(prefix.len()).or_default();
        let suffixes = prefixes.entry(prefix.as_bytes()).or_default().entry(suffix.len()).or_default();
        suffixes.entry(suffix.as_bytes()).or_default()
    }

    /// The values of all patterns that cover the pattern, itself among them if it is there.
    pub(crate) fn covering<'c>(&'c self, pattern: Pattern<'c>) -> impl Iterator<Item = &'c V> {
        let (literal, before, after, most) = match pattern {
            Pattern::Literal(text) => (self.literals.get(text), text, text, text.len()),
            Pattern::Any => (None, "", "", 0),
            Pattern::Affix { prefix, suffix } => (None, prefix, suffix, usize::MAX),
        };
        let (before, after) = (before.as_bytes(), after.as_bytes());
        let prefixes = self.affixes.range(..=before.len().min(LONGEST));
        let affixes = prefixes.flat_map(move |(length, prefixes)| {
            let suffixes = before.get(..*length).and_then(|prefix| prefixes.get(prefix));
            let longest = after.len().min(most - length).min(LONGEST);
            let suffixes = suffixes.into_iter().flat_map(move |suffixes| suffixes.range(..=longest));
            suffixes.filter_map(move |(length, suffixes)| suffixes.get(after.get(after.len() - length..)?))
        });
        literal.into_iter().chain(affixes)
    }
}
