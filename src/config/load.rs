//! Files with rules, and the error of loading rules from anywhere.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::{readable_error, write_list, ParseError};
use super::location::{Location, Position};
use super::problem::InvalidConfiguration;
use crate::pattern::is_terminal_control;

/// The bytes that are read of a file at most, unless S3's limit on documents holds.
pub(crate) const MAX_FILE_BYTES: u64 = 16 << 20;

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// Rules that could not be loaded: the file cannot be read, its text is not a CORS configuration, or that breaks a limit.
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
}

enum Cause {
    Read(io::Error),
    Parse(ParseError),
    /// The positions are those of the problems, in their order.
    Invalid(InvalidConfiguration, Vec<Position>),
}

impl LoadError {
    pub(crate) fn read(error: io::Error) -> Self {
        LoadError { path: None, cause: Cause::Read(error) }
    }

    /// `position` finds the position of a problem's location in the document.
    pub(crate) fn invalid(error: InvalidConfiguration, position: impl Fn(Location) -> Position) -> Self {
        let positions = error.problems().iter().map(|problem| position(problem.location())).collect();
        LoadError { path: None, cause: Cause::Invalid(error, positions) }
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
        match &self.cause {
            Cause::Read(error) => Some(error),
            _ => None,
        }
    }

    /// The faults of the text; `None` if there was no text, or it was parsed.
    pub fn parse_error(&self) -> Option<&ParseError> {
        match &self.cause {
            Cause::Parse(error) => Some(error),
            _ => None,
        }
    }

    /// The problems of the configuration; `None` if there is no configuration.
    pub fn invalid_configuration(&self) -> Option<&InvalidConfiguration> {
        match &self.cause {
            Cause::Invalid(error, _) => Some(error),
            _ => None,
        }
    }

    /// The lines of the message, each with its position.
    fn lines(&self) -> Vec<String> {
        let line = |position: Position, message: String| match &self.path {
            Some(path) => format!("{}:{}:{}: {message}", Shown(path), position.line, position.column),
            None => format!("{position}: {message}"),
        };
        match &self.cause {
            Cause::Read(_) => Vec::new(),
            Cause::Parse(error) => {
                error.faults().iter().map(|fault| line(fault.position(), fault.message())).collect()
            }
            Cause::Invalid(error, positions) => {
                let problems = error.problems().iter().map(ToString::to_string);
                positions.iter().zip(problems).map(|(position, problem)| line(*position, problem)).collect()
            }
        }
    }
}

impl From<ParseError> for LoadError {
    fn from(error: ParseError) -> Self {
        LoadError { path: None, cause: Cause::Parse(error) }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.cause, &self.path) {
            (Cause::Read(error), Some(path)) => write!(f, "{}: cannot read the file: {error}", Shown(path)),
            (Cause::Read(error), None) => error.fmt(f),
            (_, Some(_)) => f.write_str(&self.lines().join("\n")),
            (Cause::Parse(error), None) => fmt::Display::fmt(error, f),
            (Cause::Invalid(..), None) => write_list(f, "invalid CORS configuration", &self.lines()),
        }
    }
}

// The cause is part of the message already, so `source` does not repeat it.
readable_error!(LoadError);

/// A path as it is, or escaped if a terminal would not show it as it is.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_str().filter(|path| !path.contains(is_terminal_control)) {
            Some(path) => f.write_str(path),
            None => write!(f, "{:?}", self.0),
        }
    }
}
