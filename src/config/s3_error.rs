//! Faults of a configuration in S3's own words.

use std::fmt;

const MALFORMED_XML: &str = "MalformedXML";
const INVALID_REQUEST: &str = "InvalidRequest";

/// An error in S3's words, for servers that implement PutBucketCors. Its status is 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Error {
    code: &'static str,
    message: String,
}

impl S3Error {
    pub(super) fn invalid(message: String) -> Self {
        S3Error { code: INVALID_REQUEST, message }
    }

    pub(super) fn is_malformed(&self) -> bool {
        self.code == MALFORMED_XML
    }

    pub(super) fn malformed() -> Self {
        let message =
            "The XML you provided was not well-formed or did not validate against our published schema";
        S3Error { code: MALFORMED_XML, message: message.to_owned() }
    }

    /// The `Code` element: `MalformedXML` or `InvalidRequest`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The `Message` element, not yet escaped for XML.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
