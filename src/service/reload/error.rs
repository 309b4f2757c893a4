//! Why a reload failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::{InvalidConfiguration, ParseError};

/// Why the policy in force was not replaced: the file cannot be read, its text is no CORS document, or the
/// configuration is invalid. An error about a file names the file.
pub struct ReloadError {
    pub(super) path: Option<PathBuf>,
    pub(super) cause: Cause,
}

pub(super) enum Cause {
    Read(io::Error),
    Parse(ParseError),
    Invalid(InvalidConfiguration),
}

impl ReloadError {
    /// Why the file cannot be read; `None` if it was read.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.cause {
            Cause::Read(error) => Some(error),
            _ => None,
        }
    }

    /// What is wrong with the document's text; `None` if it was not read, or parsed.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match &self.cause {
            Cause::Parse(error) => Some(error),
            _ => None,
        }
    }

    /// The problems of the configuration; `None` if the document was not read or not parsed.
    pub fn invalid_configuration(&self) -> Option<&InvalidConfiguration> {
        match &self.cause {
            Cause::Invalid(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            let failed = if self.io_error().is_some() { "cannot read " } else { "" };
            write!(f, "{failed}{path:?}: ")?;
        }
        match &self.cause {
            Cause::Read(error) => error.fmt(f),
            Cause::Parse(error) => error.fmt(f),
            Cause::Invalid(error) => error.fmt(f),
        }
    }
}

/// As `Display`: `fn main() -> Result<(), ReloadError>` prints it to people.
impl fmt::Debug for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// The cause is part of the message already, so `source` does not repeat it.
impl Error for ReloadError {}
