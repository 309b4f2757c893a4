//! One part of the triple that a rule must match: origin, method or header name.

use super::few::{Kept, Name};
use crate::config::CorsRule;
use crate::pattern::Pattern;

/// Which field of a rule the part is, and how it compares.
pub(crate) trait Criterion {
    /// How its texts are kept where there are few of them.
    type Kept: Kept;

    fn written(rule: &CorsRule) -> &[String];
    fn pattern(text: &str) -> Pattern<'_>;
    fn same(a: &[u8], b: &[u8]) -> bool;

    /// Whether texts can be the same that differ.
    const FOLDS: bool = false;

    /// The one text that stands for all that are the same.
    fn folded(text: &str) -> String {
        text.to_owned()
    }

    /// Eight bytes of that text.
    #[inline]
    fn folded_word(word: u64) -> u64 {
        word
    }
}

/// Byte for byte.
pub(crate) struct Origins;

impl Criterion for Origins {
    type Kept = Box<[u8]>;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_origins
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse_origin(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Byte for byte, and no patterns.
pub(crate) struct Methods;

impl Criterion for Methods {
    type Kept = Box<[u8]>;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_methods
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::Literal(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Names of headers: ASCII case ignored.
pub(crate) struct Headers;

impl Criterion for Headers {
    type Kept = Name;

    const FOLDS: bool = true;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_headers
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::parse(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        // Browsers send lower case, so that the first comparison nearly always tells.
        a == b || a.eq_ignore_ascii_case(b)
    }

    fn folded(text: &str) -> String {
        text.to_ascii_lowercase()
    }

    #[inline]
    fn folded_word(word: u64) -> u64 {
        const EACH: u64 = u64::from_ne_bytes([1; 8]);
        const HIGH: u64 = EACH << 7;
        // The high bit of each byte tells whether it is `A` or more, and whether it is more than `Z`.
        let low = word & !HIGH;
        let from_a = low + EACH * (0x80 - b'A' as u64);
        let past_z = low + EACH * (0x7f - b'Z' as u64);
        word | (((from_a ^ past_z) & !word & HIGH) >> 2)
    }
}
