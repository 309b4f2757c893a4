//! Why bytes could not be read as a configuration.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::s3_error::S3Error;

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
