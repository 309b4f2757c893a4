//! Errors of parsing, and errors in S3's own words.

use std::fmt;

use super::location::{LineIndex, Location, Position};

/// Errors are printed by `Debug` as by `Display`: people see them through `fn main() -> Result<(), Box<dyn Error>>`.
macro_rules! readable_error {
    ($error:ty) => {
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::error::Error for $error {}
    };
}
pub(super) use readable_error;

/// A document that is not a CORS configuration: everything in it that could not be read, at least one fault.
///
/// A syntax error ends the reading and is then the only fault; unknown, duplicate and ill-typed entries are all found.
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tower_s3_cors::CorsConfiguration;
///
/// let error = CorsConfiguration::from_json(r#"[{ "AllowedOrigin": ["*"], "AllowedMethods": "GET" }]"#).unwrap_err();
/// assert_eq!(error.faults().len(), 2);
/// assert_eq!(error.faults()[0].position().column, 4);
/// assert_eq!(
///     error.faults()[1].message(),
///     "CORSRules[0].AllowedMethods: expected an array of strings, found \"GET\"",
/// );
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ParseError {
    faults: Vec<ParseFault>,
}

/// One thing that could not be read: see [`ParseError::faults`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFault {
    pub(super) offset: usize,
    position: Position,
    location: Option<Location>,
    message: String,
}

impl ParseError {
    /// `faults` are in the order of the document.
    pub(super) fn new(text: &str, mut faults: Vec<ParseFault>) -> Self {
        let lines = LineIndex::new(text);
        for fault in &mut faults {
            fault.position = lines.position(text, fault.offset);
        }
        ParseError { faults }
    }

    /// An error that ends the reading.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        ParseError::new(text, vec![ParseFault::new(offset, None, message)])
    }

    /// All faults, in the order of the document.
    pub fn faults(&self) -> &[ParseFault] {
        &self.faults
    }

    /// What S3 answers to a PutBucketCors request with such a document: always `MalformedXML`.
    pub fn s3_error(&self) -> S3Error {
        S3Error::malformed()
    }
}

impl ParseFault {
    /// A fault whose line and column are counted by [`ParseError::new`].
    pub(super) fn new(offset: usize, location: Option<Location>, message: impl Into<String>) -> Self {
        ParseFault { offset, position: Position::START, location, message: message.into() }
    }

    /// The line and the column.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The message, which begins with the [`Location`] where that is known.
    pub fn message(&self) -> String {
        match self.location {
            Some(location) => format!("{location}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for ParseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.message())
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, "invalid CORS document", &self.faults)
    }
}

readable_error!(ParseError);

/// One entry follows the title, several are a line each.
pub(super) fn write_list(f: &mut fmt::Formatter<'_>, title: &str, list: &[impl fmt::Display]) -> fmt::Result {
    match list {
        [only] => write!(f, "{title}: {only}"),
        list => {
            write!(f, "{title}:")?;
            list.iter().try_for_each(|entry| write!(f, "\n  {entry}"))
        }
    }
}

/// An error in S3's words, for servers that implement PutBucketCors. Its status is 400.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Error {
    code: &'static str,
    message: String,
}

impl S3Error {
    pub(super) fn invalid(message: String) -> Self {
        S3Error { code: "InvalidRequest", message }
    }

    pub(super) fn malformed() -> Self {
        let message =
            "The XML you provided was not well-formed or did not validate against our published schema";
        S3Error { code: "MalformedXML", message: message.to_owned() }
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

readable_error!(S3Error);
