//! One part of the triple that a rule must match: origin, method or header name.

use std::borrow::Cow;
use std::hash::Hasher;

use crate::config::CorsRule;
use crate::pattern::Pattern;

/// Which field of a rule the part is, and how its values compare.
pub(crate) trait Criterion {
    /// The values that a rule lists.
    fn values(rule: &CorsRule) -> &[String];

    /// How a listed value is read.
    fn pattern(text: &str) -> Pattern<'_>;

    /// The form that all equal texts share.
    fn canonical(text: &str) -> Cow<'_, str> {
        text.into()
    }

    /// Whether two values are equal.
    #[inline(always)]
    fn eq(a: &[u8], b: &[u8]) -> bool {
        a == b
    }

    /// Hashes the canonical form of a value.
    #[inline(always)]
    fn hash(value: &[u8], hasher: &mut impl Hasher) {
        hasher.write(value);
    }
}

/// Byte for byte.
pub(crate) struct Origins;

impl Criterion for Origins {
    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_origins
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::origin(text)
    }
}

/// Byte for byte, without patterns.
pub(crate) struct Methods;

impl Criterion for Methods {
    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_methods
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::Literal(text)
    }
}

/// Names of headers: ASCII case is ignored.
pub(crate) struct Headers;

impl Criterion for Headers {
    fn values(rule: &CorsRule) -> &[String] {
        &rule.allowed_headers
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::header(text)
    }

    fn canonical(text: &str) -> Cow<'_, str> {
        text.to_ascii_lowercase().into()
    }

    /// Byte by byte: names are short, and mostly differ in one of their first bytes.
    #[inline(always)]
    fn eq(a: &[u8], b: &[u8]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
    }

    #[inline(always)]
    fn hash(value: &[u8], hasher: &mut impl Hasher) {
        value.iter().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
    }
}
