//! Errors of parsing and of loading, and errors in S3's own words.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::document::CorsDocument;
use super::location::{LineIndex, Position};
use super::problem::{InvalidConfiguration, Problem};
use crate::pattern::is_terminal_control;

/// How an error is printed, by `Debug` too: people see it through `fn main() -> Result<(), Box<dyn Error>>`.
macro_rules! impl_error {
    ($error:ty, |$self:ident, $f:ident| $display:expr) => {
        impl std::fmt::Display for $error {
            fn fmt(&self, $f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $self = self;
                $display
            }
        }

        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }

        impl std::error::Error for $error {}
    };
}
pub(super) use impl_error;

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
    position: Position,
    message: String,
}

/// What a reader finds: the offset of a fault, and its message.
pub(super) type Fault = (usize, String);

impl ParseError {
    /// `faults` are in the order of the document.
    pub(super) fn new(text: &str, faults: Vec<Fault>) -> Self {
        let lines = LineIndex::new(text);
        let fault = |(offset, message)| ParseFault { position: lines.position(text, offset), message };
        ParseError { faults: faults.into_iter().map(fault).collect() }
    }

    /// An error that ends the reading.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        ParseError::new(text, vec![(offset, message.into())])
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
    /// The line and the column.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The message, which begins with the [`Location`](crate::document::Location) where that is known.
    pub fn message(&self) -> String {
        self.message.clone()
    }
}

impl fmt::Display for ParseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.message)
    }
}

impl_error!(ParseError, |error, f| write_list(f, "invalid CORS document", &error.faults));

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
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl S3Error {
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

impl_error!(S3Error, |error, f| write!(f, "{}: {}", error.code, error.message));

/// Rules that could not be loaded: the file cannot be read, its text is not a CORS configuration, or that is invalid.
///
/// Printed, each fault and each problem is one line: `cors.json:3:5: CORSRules[0].AllowedMethods[0]: ...`, without the
/// file if the rules came from elsewhere.
///
/// ```
/// use tower_s3_cors::CorsConfiguration;
///
/// let error = CorsConfiguration::from_path("no-such-file.json").unwrap_err();
/// assert!(error.to_string().starts_with("no-such-file.json: cannot read the file: "));
/// assert!(error.io_error().is_some() && error.parse_error().is_none());
/// ```
pub struct LoadError {
    path: Option<PathBuf>,
    cause: Cause,
    /// The faults of the text or the problems of the configuration, each with its position.
    lines: Vec<(Position, String)>,
}

enum Cause {
    Read(io::Error),
    Parse(ParseError),
    Invalid(InvalidConfiguration),
}

impl LoadError {
    pub(crate) fn read(error: io::Error) -> Self {
        LoadError { path: None, cause: Cause::Read(error), lines: Vec::new() }
    }

    pub(crate) fn invalid(error: InvalidConfiguration, document: &CorsDocument) -> Self {
        let line = |problem: &Problem| (document.position(problem.location()), problem.to_string());
        let lines = error.problems().iter().map(line).collect();
        LoadError { path: None, cause: Cause::Invalid(error), lines }
    }

    pub(crate) fn in_file(self, path: &Path) -> Self {
        LoadError { path: Some(path.to_owned()), ..self }
    }

    /// The file; `None` if the rules did not come from a file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The error of reading the file; `None` if it was read.
    pub fn io_error(&self) -> Option<&io::Error> {
        let Cause::Read(error) = &self.cause else { return None };
        Some(error)
    }

    /// The faults of the text; `None` if there was no text, or it was parsed.
    pub fn parse_error(&self) -> Option<&ParseError> {
        let Cause::Parse(error) = &self.cause else { return None };
        Some(error)
    }

    /// The problems of the configuration; `None` if there is no configuration.
    pub fn invalid_configuration(&self) -> Option<&InvalidConfiguration> {
        let Cause::Invalid(error) = &self.cause else { return None };
        Some(error)
    }
}

impl From<ParseError> for LoadError {
    fn from(error: ParseError) -> Self {
        let lines = error.faults.iter().map(|fault| (fault.position, fault.message())).collect();
        LoadError { path: None, cause: Cause::Parse(error), lines }
    }
}

// The cause is part of the message already, so `source` does not repeat it.
impl_error!(LoadError, |error, f| {
    // A path that a terminal would not show as it is, is escaped.
    let path = error.path().map(|path| match path.to_str() {
        Some(text) if !text.contains(is_terminal_control) => text.to_owned(),
        _ => format!("{path:?}"),
    });
    let line = |(position, message): &(Position, String)| match &path {
        Some(path) => format!("{path}:{}:{}: {message}", position.line, position.column),
        None => format!("{position}: {message}"),
    };
    let lines: Vec<String> = error.lines.iter().map(line).collect();
    match (&error.cause, &path) {
        (Cause::Read(error), Some(path)) => write!(f, "{path}: cannot read the file: {error}"),
        (Cause::Read(error), None) => write!(f, "{error}"),
        (_, Some(_)) => f.write_str(&lines.join("\n")),
        (Cause::Parse(_), None) => write_list(f, "invalid CORS document", &lines),
        (Cause::Invalid(_), None) => write_list(f, "invalid CORS configuration", &lines),
    }
});
