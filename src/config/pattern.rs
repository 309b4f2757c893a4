//! One pattern of an AllowedOrigin or AllowedHeader: literal, prefix and suffix around one `*`, or any.

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
