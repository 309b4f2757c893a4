//! Whether an AllowedOrigin that does not match an Origin nearly does.

use super::hints::HintKind;
use crate::pattern::normalize;
use crate::pattern::Pattern;

/// An Origin, and what it would be if a little were different.
pub(super) struct OriginVariants<'a> {
    origin: &'a str,
    other_scheme: Option<String>,
    with_www: Option<String>,
    without_www: Option<String>,
}

impl<'a> OriginVariants<'a> {
    pub(super) fn new(origin: &'a str) -> Self {
        let (scheme, rest) = origin.split_once("://").unwrap_or_default();
        let other_scheme = match scheme {
            "http" => Some(format!("https://{rest}")),
            "https" => Some(format!("http://{rest}")),
            _ => None,
        };
        let with_www = (!scheme.is_empty()).then(|| format!("{scheme}://www.{rest}"));
        let without_www = rest.strip_prefix("www.").map(|rest| format!("{scheme}://{rest}"));
        OriginVariants { origin, other_scheme, with_www, without_www }
    }

    /// In which way the written origin, which does not match, nearly does.
    pub(super) fn misses(&self, written: &str) -> Option<HintKind> {
        if normalize(written).is_some_and(|meant| meant != written && matches(&meant, self.origin)) {
            return Some(HintKind::WrittenOrigin);
        }
        let near = |other: &Option<String>| other.as_ref().is_some_and(|other| matches(written, other));
        let pattern = Pattern::parse_origin(written);
        let below = matches!(pattern, Pattern::Affix { suffix, .. } if suffix.starts_with('.'));
        if near(&self.other_scheme) {
            Some(HintKind::Scheme)
        } else if near(&self.with_www) && below {
            Some(HintKind::BareDomain)
        } else if let Pattern::Literal(literal) = pattern {
            let same_host = without_port(literal) == without_port(self.origin);
            let www = near(&self.with_www) || near(&self.without_www);
            same_host.then_some(HintKind::Port).or(www.then_some(HintKind::Www))
        } else {
            None
        }
    }
}

fn matches(pattern: &str, origin: &str) -> bool {
    match Pattern::parse_origin(pattern) {
        Pattern::Any => true,
        Pattern::Literal(literal) => literal == origin,
        Pattern::Affix { prefix, suffix } => {
            origin.strip_prefix(prefix).is_some_and(|left| left.ends_with(suffix))
        }
    }
}

fn without_port(origin: &str) -> &str {
    match origin.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => origin,
    }
}
