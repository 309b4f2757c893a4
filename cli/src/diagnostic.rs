//! What a command has to say about a place of a file: every error, warning and note of every command.

use tower_s3_cors::document::{Location, Position};
use tower_s3_cors::lint::Severity;
use tower_s3_cors::S3Error;

use crate::excerpt::Excerpt;

/// How bad it is. The worse is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Info,
    /// What was left out or read as something else, which is always reported.
    Note,
    Warning,
    Error,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            _ => Level::Info,
        }
    }
}

/// `cors.json:3:5: error[O09]: CORSRules[0].AllowedOrigins[1]: ...`
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    pub(crate) level: Level,
    /// That of a lint.
    pub(crate) id: Option<&'static str>,
    /// The name of the file; empty if it is about the command itself.
    pub(crate) file: String,
    pub(crate) place: Option<Place>,
    /// The name of the bucket, if the file has several.
    pub(crate) bucket: String,
    pub(crate) location: Option<Location>,
    pub(crate) value: Option<String>,
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) fix: Option<String>,
    /// How that is written in the file, if it is certain and the format of the report has a place for it.
    pub(crate) replacement: Option<Replacement>,
    /// What S3 would answer.
    pub(crate) s3: Option<S3Error>,
}

/// A part of a file, and what to write there.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    pub(crate) start: Position,
    pub(crate) end: Position,
    pub(crate) text: String,
}

/// A place in a file.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) start: Position,
    pub(crate) end: Position,
    pub(crate) excerpt: Option<Excerpt>,
}

impl Diagnostic {
    /// An error without anything else.
    pub(crate) fn error(file: &str, message: impl Into<String>) -> Self {
        Diagnostic {
            level: Level::Error,
            id: None,
            file: file.into(),
            place: None,
            bucket: String::new(),
            location: None,
            value: None,
            message: message.into(),
            fix: None,
            replacement: None,
            s3: None,
        }
    }

    /// The message with the bucket and the location that it is about.
    pub(crate) fn text(&self) -> String {
        let bucket = if self.bucket.is_empty() { String::new() } else { format!("{}: ", self.bucket) };
        let location = self.location.map(|location| format!("{location}: ")).unwrap_or_default();
        crate::escape::escaped(&bucket) + &location + &self.message
    }

    /// `error[O09]`
    pub(crate) fn title(&self) -> String {
        let id = self.id.map(|id| format!("[{id}]")).unwrap_or_default();
        format!("{}{id}", self.level.as_str())
    }

    /// `cors.json:3:5`, or the name alone.
    pub(crate) fn origin(&self) -> String {
        match &self.place {
            Some(Place { start: Position { line, column }, .. }) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }
}

/// What stops a command.
pub(crate) struct Failure(pub(crate) Vec<Diagnostic>);

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure(vec![diagnostic])
    }
}

/// An error in the use of a command.
impl From<String> for Failure {
    fn from(message: String) -> Self {
        Diagnostic::error("", message).into()
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        message.to_owned().into()
    }
}
