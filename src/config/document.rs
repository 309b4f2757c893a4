//! Documents: from bytes, text or a file to rules, with the position of each part.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use super::error::{LoadError, ParseError};
use super::location::{Field, LineIndex, Location, Position};
use super::CorsConfiguration;

/// A configuration together with its document, which knows the line and the column of each part.
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tower_s3_cors::CorsPolicy;
/// use tower_s3_cors::document::CorsDocument;
///
/// let document: CorsDocument = "[{\n  \"AllowedOrigins\": [\"*\"],\n  \"AllowedMethods\": [\"get\"]\n}]".parse()?;
/// let error = CorsPolicy::new(document.configuration()).unwrap_err();
/// let position = document.position(error.problems()[0].location());
/// assert_eq!((position.line, position.column), (3, 22));
/// # }
/// # Ok::<(), tower_s3_cors::ParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorsDocument {
    text: String,
    lines: LineIndex,
    pub(super) reading: Reading,
}

impl CorsDocument {
    /// Reads XML or JSON, UTF-8, told apart by the first character that is not white space.
    ///
    /// # Errors
    /// [`ParseError`] with everything that could not be read.
    pub fn from_bytes(document: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        decode(document.as_ref())?.parse()
    }

    /// Reads the file at `path`, as [`CorsConfiguration::from_path`] does.
    ///
    /// # Errors
    /// [`LoadError`], which names the file.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let bytes = read_file(path.as_ref(), MAX_FILE_BYTES).map_err(LoadError::read);
        let document = bytes.and_then(|bytes| Ok(Self::from_bytes(bytes)?));
        document.map_err(|error| error.in_file(path.as_ref()))
    }

    /// The configuration.
    pub fn configuration(&self) -> &CorsConfiguration {
        &self.reading.configuration
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column where the location begins.
    ///
    /// For what is not in the document, such as a missing AllowedMethods, it is where the part begins that it would be in: its
    /// rule.
    pub fn position(&self, location: Location) -> Position {
        self.lines.position(&self.text, self.span(location).start)
    }

    /// The bytes of the text at the location: a JSON value with its quotes, the content of an XML element.
    ///
    /// For what is not in the document, they are those of the smallest part that it would be in.
    pub fn span(&self, location: Location) -> Range<usize> {
        self.reading.spans.find(location).clone()
    }
}

impl FromStr for CorsDocument {
    type Err = ParseError;

    fn from_str(document: &str) -> Result<Self, ParseError> {
        let text = without_mark(document);
        let reading = read_any(text)?;
        Ok(CorsDocument { text: text.to_owned(), lines: LineIndex::new(text), reading })
    }
}

/// What a document says, and where it says it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) configuration: CorsConfiguration,
    pub(super) spans: Span,
}

/// The bytes of a configuration, a rule, a field or an entry, and those of its parts.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) bytes: Range<usize>,
    pub(super) field: Option<Field>,
    pub(super) parts: Vec<Span>,
}

impl Span {
    /// The bytes at the location, or those of the smallest part that it would be in.
    fn find(&self, location: Location) -> &Range<usize> {
        let rule = location.rule.and_then(|rule| self.parts.get(rule));
        let field = rule.and_then(|rule| rule.parts.iter().find(|part| part.field == location.field));
        let entry = field.zip(location.index).and_then(|(field, index)| field.parts.get(index));
        &entry.or(field).or(rule).unwrap_or(self).bytes
    }
}

/// The bytes that are read of a file at most, unless S3's limit on documents holds.
pub(crate) const MAX_FILE_BYTES: u64 = 16 << 20;

pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// Reads XML or JSON, told apart by the first character that is not white space.
pub(super) fn read_any(text: &str) -> Result<Reading, ParseError> {
    let content = text.trim_start();
    let refuse = |message: &str| Err(ParseError::at(text, text.len() - content.len(), message));
    match content.chars().next() {
        None => refuse("the document is empty"),
        #[cfg(feature = "xml")]
        Some('<') => super::xml::read(text),
        #[cfg(not(feature = "xml"))]
        Some('<') => refuse("this is XML, which needs the feature \"xml\" of tower-s3-cors"),
        #[cfg(feature = "json")]
        Some('{' | '[') if !is_toml(content) => super::json::read(text),
        #[cfg(not(feature = "json"))]
        Some('{' | '[') if !is_toml(content) => {
            refuse("this is JSON, which needs the feature \"json\" of tower-s3-cors")
        }
        Some(_) => refuse(&other_format(text)),
    }
}

/// Whether the first line is the header of a table: `[cors]` or `[[cors.rules]]`.
fn is_toml(text: &str) -> bool {
    let header = text.lines().next().and_then(|line| line.split('#').next()).unwrap_or_default();
    let name = header.trim().trim_matches(['[', ']']);
    header.starts_with('[')
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && !["true", "false", "null"].contains(&name)
}

/// The message about a text that is neither XML nor JSON: what it looks like.
fn other_format(text: &str) -> String {
    let lines =
        || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '/']));
    let is_block = |line: &str| line.ends_with('{') || line.contains(" = ");
    let is_yaml =
        |line: &str| line == "---" || line.starts_with("- ") || line.contains(": ") || line.ends_with(':');
    let format = if lines().next().is_some_and(is_toml) {
        "TOML"
    } else if lines().any(is_block) {
        "Terraform"
    } else if lines().any(is_yaml) {
        "YAML"
    } else {
        return "expected XML or JSON, which begin with \"<\", \"{\" or \"[\"".into();
    };
    format!("this looks like {format}; write the rules as S3's JSON or XML")
}

/// The document as text, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, ParseError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ParseError::at("", 0, "the document is UTF-16, save it as UTF-8"));
    }
    std::str::from_utf8(bytes).map(without_mark).map_err(|error| {
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        let byte = rest.first().copied().unwrap_or_default();
        let before = without_mark(std::str::from_utf8(valid).unwrap_or_default());
        let message = format!("the byte 0x{byte:02x} is not UTF-8, save the document as UTF-8");
        ParseError::at(before, before.len(), message)
    })
}

/// The text without byte order marks: texts that were put together have several.
pub(super) fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}
