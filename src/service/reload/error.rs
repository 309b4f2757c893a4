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
    #[cfg(feature = "watch")]
    Watch(PathBuf, notify::Error),
}

impl ReloadError {
    pub(super) fn parse(error: ParseError) -> Self {
        ReloadError(Cause::Parse(error))
    }

    pub(in crate::service) fn load(error: LoadError) -> Self {
        ReloadError(Cause::Load(error))
    }

    pub(super) fn invalid(error: InvalidConfiguration) -> Self {
        ReloadError(Cause::Invalid(error))
    }

    pub(in crate::service) fn invalid_file(path: &Path, error: InvalidConfiguration) -> Self {
        ReloadError(Cause::InvalidFile(path.to_owned(), error))
    }

    #[cfg(feature = "watch")]
    pub(in crate::service) fn watch(path: &Path, error: notify::Error) -> Self {
        ReloadError(Cause::Watch(path.to_owned(), error))
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

    /// The options that the configuration breaks; none if it could not be read.
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
            #[cfg(feature = "watch")]
            Cause::Watch(path, error) => write!(f, "cannot watch {path:?}: {}", reason(&error.kind)),
        }
    }
}

// The cause is part of the message already, so `source` does not repeat it.
impl Error for ReloadError {}

/// In our words, as `notify` writes sentences.
#[cfg(feature = "watch")]
fn reason(kind: &notify::ErrorKind) -> String {
    use notify::ErrorKind;
    match kind {
        ErrorKind::Io(error) => error.to_string(),
        ErrorKind::Generic(message) => message.clone(),
        ErrorKind::MaxFilesWatch => "the limit of watched files is reached".into(),
        ErrorKind::PathNotFound | ErrorKind::WatchNotFound => "its directory is not there".into(),
        ErrorKind::InvalidConfig(_) => "the watcher does not accept its settings".into(),
    }
}
