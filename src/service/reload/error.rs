//! Why the policy in force stays in force.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{InvalidConfiguration, LoadError, ParseError};

/// Why a reload did not happen: the document cannot be read, or it breaks a law.
#[derive(Debug)]
pub struct ReloadError(Cause);

#[derive(Debug)]
enum Cause {
    Parse(ParseError),
    Load(LoadError),
    Invalid(InvalidConfiguration),
    InvalidFile(PathBuf, InvalidConfiguration),
}

impl ReloadError {
    pub(super) fn parse(error: ParseError) -> Self {
        ReloadError(Cause::Parse(error))
    }

    pub(super) fn load(error: LoadError) -> Self {
        ReloadError(Cause::Load(error))
    }

    pub(super) fn invalid(error: InvalidConfiguration) -> Self {
        ReloadError(Cause::Invalid(error))
    }

    pub(super) fn invalid_file(path: &Path, error: InvalidConfiguration) -> Self {
        ReloadError(Cause::InvalidFile(path.to_owned(), error))
    }

    /// Why the file could not be read; none if its text is at fault.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.0 {
            Cause::Load(error) => error.io_error(),
            _ => None,
        }
    }

    /// The fault in the document's text; none if it could not be had, or reads well and breaks a law.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match &self.0 {
            Cause::Parse(error) => Some(error),
            Cause::Load(error) => error.parse_error(),
            _ => None,
        }
    }

    /// The laws that the configuration breaks; none if it could not be read.
    pub fn invalid_configuration(&self) -> Option<&InvalidConfiguration> {
        match &self.0 {
            Cause::Invalid(error) | Cause::InvalidFile(_, error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Parse(error) => error.fmt(f),
            Cause::Load(error) => error.fmt(f),
            Cause::Invalid(error) => error.fmt(f),
            Cause::InvalidFile(path, error) => write!(f, "{path:?}: {error}"),
        }
    }
}

// The cause is part of the message already, so `source` does not repeat it.
impl Error for ReloadError {}
