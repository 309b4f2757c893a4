//! Why bytes could not be read as a configuration.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a document is no CORS configuration: what was met first that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: usize,
    column: usize,
    message: String,
}

impl ParseError {
    pub(crate) fn new(line: usize, column: usize, message: String) -> Self {
        ParseError { line, column, message }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, counted in characters from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What was met, without the line and the column.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What S3 answers to a PutBucketCors request with such a document: always `MalformedXML`.
    pub fn s3_error(&self) -> S3Error {
        S3Error::malformed()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message } = self;
        write!(f, "invalid CORS document: line {line}, column {column}: {message}")
    }
}

impl Error for ParseError {}

/// Why a file gave no CORS configuration.
#[derive(Debug)]
pub struct LoadError {
    path: PathBuf,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Read(io::Error),
    Parse(ParseError),
}

impl LoadError {
    pub(crate) fn read(path: &Path, error: io::Error) -> Self {
        LoadError { path: path.to_owned(), cause: Cause::Read(error) }
    }

    pub(crate) fn parse(path: &Path, error: ParseError) -> Self {
        LoadError { path: path.to_owned(), cause: Cause::Parse(error) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The fault in the file's text; none if the file could not even be read.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match &self.cause {
            Cause::Parse(error) => Some(error),
            Cause::Read(_) => None,
        }
    }

    /// Why the file could not be read; none if its text is at fault.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.cause {
            Cause::Read(error) => Some(error),
            Cause::Parse(_) => None,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Read(error) => write!(f, "cannot read {:?}: {error}", self.path),
            Cause::Parse(error) => write!(f, "{:?}: {error}", self.path),
        }
    }
}

// The cause is part of the message already, so `source` does not repeat it.
impl Error for LoadError {}

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
