//! One part of the triple that a rule must match: origin, method or header name.

use crate::config::{CorsRule, Pattern};

/// Which field of a rule the part is, and how it compares.
pub(crate) trait Part {
    /// The bits in which bytes may differ and still be the same.
    const IGNORED: u8;

    fn written(rule: &CorsRule) -> &[String];
    fn pattern(text: &str) -> Pattern<'_>;
    fn same(a: &[u8], b: &[u8]) -> bool;

    /// The one text that stands for all that are the same.
    fn folded(text: &str) -> String {
        match Self::IGNORED {
            0 => text.to_owned(),
            _ => text.to_ascii_lowercase(),
        }
    }
}

/// Byte for byte.
pub(crate) struct Origins;

impl Part for Origins {
    const IGNORED: u8 = 0;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_origins
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::origin(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        a == b
    }
}

/// Byte for byte, and no patterns.
pub(crate) struct Methods;

impl Part for Methods {
    const IGNORED: u8 = 0;

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

impl Part for Headers {
    const IGNORED: u8 = 0x20;

    fn written(rule: &CorsRule) -> &[String] {
        &rule.allowed_headers
    }

    fn pattern(text: &str) -> Pattern<'_> {
        Pattern::header(text)
    }

    fn same(a: &[u8], b: &[u8]) -> bool {
        // Browsers send lower case, so that the first comparison nearly always tells.
        a == b || a.eq_ignore_ascii_case(b)
    }
}
