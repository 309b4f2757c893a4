//! The patterns and origins of a configuration as text, shared by all other modules; this module uses none of them.

mod cover_index;
mod escape;
mod origin;
mod overbroad;
mod public_suffix;
mod quoted;
mod rule_set;

pub use overbroad::OverbroadOrigin;

pub(crate) use cover_index::CoverIndex;
pub(crate) use escape::{escape, is_invisible_control};
pub(crate) use origin::{faults, host, is_local, normalize, several_origins, OriginFault};
pub(crate) use quoted::{Listed, Quoted, Shown};
pub(crate) use rule_set::RuleSet;

/// A pattern split at its `*`, which matches any text, the empty one too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        match text {
            "https" => Pattern::Affix { prefix: "https://", suffix: "" },
            text => Pattern::parse(text),
        }
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
