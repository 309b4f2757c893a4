//! What patterns and origins mean as text: the vocabulary of all other modules, which knows none of them.

mod cover_index;
mod escape;
mod origin;
mod overbroad;
mod quoted;
mod rule_set;

pub use overbroad::OverbroadOrigin;

pub(crate) use cover_index::CoverIndex;
#[cfg(feature = "json")]
pub(crate) use escape::escape_json;
pub(crate) use escape::{escape, is_invisible_control};
pub(crate) use origin::{faults, host, is_local, normalize, several_origins, OriginFault};
pub(crate) use quoted::{Listed, Quoted, Shown};
pub(crate) use rule_set::RuleSet;

/// A pattern taken apart at its `*`. Prefix and suffix must not overlap in what they match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern<'a> {
    Any,
    Literal(&'a str),
    Affix { prefix: &'a str, suffix: &'a str },
}

impl<'a> Pattern<'a> {
    /// The pattern of an AllowedHeader.
    pub(crate) fn header(text: &'a str) -> Self {
        match text.split_once('*') {
            None => Pattern::Literal(text),
            Some(("", "")) => Pattern::Any,
            Some((prefix, suffix)) => Pattern::Affix { prefix, suffix },
        }
    }

    /// The pattern of an AllowedOrigin, where `https` alone means every origin with that scheme
    /// (S3 user guide, "Elements of a CORS configuration").
    pub(crate) fn origin(text: &'a str) -> Self {
        match text {
            "https" => Pattern::Affix { prefix: "https://", suffix: "" },
            text => Pattern::header(text),
        }
    }
}
