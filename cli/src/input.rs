//! Where rules are read from: files, and the standard input as `-`.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;
use tower_s3_cors::document::{CorsDocument, LineIndex, Location, Position};
use tower_s3_cors::error::Problem;
use tower_s3_cors::lint::Lint;
use tower_s3_cors::InvalidConfiguration;

use crate::comments::Allowed;
use crate::diagnostic::{Diagnostic, Failure, Level, Place};
use crate::escape::is_terminal_control;
use crate::excerpt::{end_of_token, Excerpt};
use crate::read::{self, quoted, Finding, From, Kind, Reading, Rules};

const MARK: &str = "\u{feff}";
const STANDARD_INPUT: &str = "-";

/// The bytes that are read of a file or of the standard input at most.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The rules of a file that a command works on.
#[derive(Args)]
pub(crate) struct Choice {
    /// Read the file as that format, whatever it looks like
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<From>,
    /// The bucket in a template with several: its logical name, or in Terraform `type.name`
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Option<String>,
}

/// A file with its rules.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The file begins with a byte order mark, which the text does not have.
    has_mark: bool,
    extension: String,
    from: Option<From>,
    lines: LineIndex,
    pub(crate) reading: Reading,
    /// What comments of the document allow.
    allowed: Allowed,
}

impl Choice {
    /// The rules of the bucket, or of all buckets, and what is to be said about them.
    pub(crate) fn select<'s>(
        &self,
        source: &'s Source,
    ) -> Result<(Vec<&'s Rules>, Vec<Diagnostic>), Failure> {
        source.select(self.bucket.as_deref())
    }

    /// The rules of the one bucket.
    pub(crate) fn select_one<'s>(&self, source: &'s Source) -> Result<(&'s Rules, Vec<Diagnostic>), Failure> {
        let (chosen, diagnostics) = self.select(source)?;
        match chosen.as_slice() {
            [rules] => Ok((rules, diagnostics)),
            _ => {
                let message = format!("several buckets have rules; {}", buckets(source));
                Err(Diagnostic::error(&source.name, message).into())
            }
        }
    }
}

/// The names to choose from.
fn buckets(source: &Source) -> String {
    let names: Vec<&str> = source.reading.rules.iter().map(|rules| rules.bucket.as_str()).collect();
    match names.as_slice() {
        [""] => "there is one only, leave out --bucket".into(),
        names => format!("choose one with --bucket: {}", crate::escape::escaped(&names.join(", "))),
    }
}

impl Source {
    pub(crate) fn read(path: &Path, from: Option<From>) -> Result<Self, Failure> {
        let text = Source::text(path).map_err(|unread| unread.failure(&name(path)))?;
        Ok(Source::new(path, text, from))
    }

    /// The text of the file, with its byte order mark.
    pub(crate) fn text(path: &Path) -> Result<String, Unread> {
        let bytes = read_bytes(path).map_err(Unread::Io)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Unread::TooLarge);
        }
        String::from_utf8(bytes).map_err(|error| Unread::NotText(error.into_bytes()))
    }

    pub(crate) fn new(path: &Path, text: String, from: Option<From>) -> Self {
        let marked = text.strip_prefix(MARK).map(str::to_owned);
        let (has_mark, text) = (marked.is_some(), marked.unwrap_or(text));
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let extension = extension.to_ascii_lowercase();
        let reading = read::read(&text, &extension, from);
        let (lines, allowed) = (LineIndex::new(&text), Allowed::of(&text, reading.syntax));
        Source { name: name(path), lines, text, has_mark, extension, from, reading, allowed }
    }

    /// The rules of the bucket, or of all buckets, and what is to be said about them.
    pub(crate) fn select(&self, bucket: Option<&str>) -> Result<(Vec<&Rules>, Vec<Diagnostic>), Failure> {
        let is_all =
            |bucket: &&str| matches!(self.reading.rules.as_slice(), [only] if only.name() == Some(*bucket));
        let bucket = bucket.filter(|bucket| !is_all(bucket));
        let is_chosen = |name: &str| bucket.is_none_or(|bucket| name == bucket);
        let mut diagnostics = self.findings(Level::Error);
        diagnostics.retain(|diagnostic| is_chosen(&diagnostic.bucket) || self.reading.rules.is_empty());
        if self.reading.rules.is_empty() {
            // Of a document without rules there is nothing to be done.
            diagnostics.iter_mut().for_each(|diagnostic| diagnostic.level = Level::Error);
        }
        if diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
            return Err(Failure(diagnostics));
        }
        let chosen: Vec<_> = self.reading.rules.iter().filter(|rules| is_chosen(&rules.bucket)).collect();
        if chosen.is_empty() {
            let name = quoted(bucket.unwrap_or_default());
            let message = format!("no bucket {name} has rules; {}", buckets(self));
            return Err(Diagnostic::error(&self.name, message).into());
        }
        Ok((chosen, diagnostics))
    }

    /// Reads a text as the file was read.
    pub(crate) fn read_again(&self, text: &str) -> Reading {
        read::read(text, &self.extension, self.from)
    }

    /// The text as it is in the file: after the byte order mark, if that has one.
    pub(crate) fn whole(&self, text: &str) -> String {
        let mark = if self.has_mark { MARK } else { "" };
        format!("{mark}{text}")
    }

    /// Writes the text into the file.
    pub(crate) fn replace(&self, path: &Path, text: &str) -> Result<(), Failure> {
        crate::overwrite::replace(path, &self.whole(&self.text), &self.whole(text))
    }

    /// What reading found, in the order of the document. Values that only the cloud knows have that level.
    pub(crate) fn findings(&self, unknown: Level) -> Vec<Diagnostic> {
        let mut findings: Vec<&Finding> = self.reading.findings.iter().collect();
        findings.sort_by_key(|finding| finding.span.start);
        findings.into_iter().map(|finding| self.diagnostic(finding, unknown)).collect()
    }

    /// Whether nothing in the document looks like rules.
    pub(crate) fn is_about_other_things(&self) -> bool {
        self.reading.rules.is_empty()
            && self.reading.findings.iter().all(|finding| finding.kind != Kind::Fault)
    }

    /// Whether a comment allows the lint.
    pub(crate) fn allows(&self, rules: &Rules, lint: &Lint) -> bool {
        let start = self.lines.position(&self.text, rules.spans.of(lint.location()).start);
        self.allowed.allows(start.line, lint.id())
    }

    /// Comments that allow what is no lint.
    pub(crate) fn unknown_lints(&self) -> impl Iterator<Item = Diagnostic> + '_ {
        self.allowed.unknown.iter().map(|(span, id)| Diagnostic {
            level: Level::Warning,
            place: Some(self.place(span.clone())),
            ..Diagnostic::error(
                &self.name,
                format!("no lint has the id {}; `s3-cors lints` lists them", quoted(id)),
            )
        })
    }

    fn diagnostic(&self, finding: &Finding, unknown: Level) -> Diagnostic {
        let (level, advice) = match finding.kind {
            Kind::Fault => (Level::Error, ""),
            Kind::Doubt => (Level::Warning, ""),
            Kind::Note => (Level::Note, ""),
            Kind::Unknown if unknown == Level::Error => (unknown, "; write its value"),
            Kind::Unknown => (unknown, "; it is not checked"),
        };
        Diagnostic {
            level,
            place: Some(self.place(finding.span.clone())),
            bucket: finding.bucket.clone(),
            location: finding.location,
            ..Diagnostic::error(&self.name, finding.message.clone() + advice)
        }
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        self.lines.position(&self.text, offset)
    }

    fn place(&self, span: Range<usize>) -> Place {
        let text = &self.text;
        let position = |offset| self.position(offset);
        let end = if span.is_empty() { end_of_token(text, span.start) } else { span.end };
        let excerpt = Some(Excerpt::new(text, span.start..end));
        Place { start: position(span.start), end: position(end), excerpt }
    }

    /// An error at the location.
    pub(crate) fn at(&self, rules: &Rules, location: Location, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            place: Some(self.place(rules.spans.of(location))),
            bucket: rules.bucket.clone(),
            location: Some(location),
            ..Diagnostic::error(&self.name, message)
        }
    }

    pub(crate) fn problem(&self, rules: &Rules, problem: &Problem) -> Diagnostic {
        Diagnostic {
            value: problem.value().map(str::to_owned),
            s3: Some(problem.s3_error()),
            ..self.at(rules, problem.location(), problem.message())
        }
    }

    pub(crate) fn problems(&self, rules: &Rules, error: &InvalidConfiguration) -> Vec<Diagnostic> {
        error.problems().iter().map(|problem| self.problem(rules, problem)).collect()
    }
}

/// Why a file has no text.
pub(crate) enum Unread {
    Io(io::Error),
    TooLarge,
    NotText(Vec<u8>),
}

impl Unread {
    pub(crate) fn message(&self) -> String {
        match self {
            Unread::Io(error) => format!("cannot read it: {error}"),
            _ => format!("cannot read it: it has more than {MAX_BYTES} bytes"),
        }
    }

    pub(crate) fn failure(self, name: &str) -> Failure {
        match self {
            Unread::NotText(bytes) => not_text(name, &bytes),
            _ => Diagnostic::error(name, self.message()).into(),
        }
    }
}

/// The library's errors about bytes that are no UTF-8.
fn not_text(name: &str, bytes: &[u8]) -> Failure {
    let error = CorsDocument::from_bytes(bytes).err();
    let faults = error.iter().flat_map(|error| error.faults());
    let diagnostic = |position: Position, message: String| Diagnostic {
        place: Some(Place { start: position, end: position, excerpt: None }),
        ..Diagnostic::error(name, message)
    };
    Failure(faults.map(|fault| diagnostic(fault.position(), fault.message())).collect())
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_standard(path) {
        io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The standard input can be read only once.
pub(crate) fn check_standard(files: &[PathBuf]) -> Result<(), Failure> {
    if files.iter().filter(|path| is_standard(path)).count() > 1 {
        return Err("\"-\" is given twice, the standard input can be read only once".into());
    }
    Ok(())
}

pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

/// The name of the input in a message, on one line whatever it is.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) {
        return "standard input".into();
    }
    match path.to_str() {
        Some(name) if !name.contains(is_terminal_control) => name.into(),
        _ => format!("{path:?}"),
    }
}
