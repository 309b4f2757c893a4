//! From bytes to text, and from a byte of the text to its line and column.

use super::error::ParseError;

const MARK: char = '\u{feff}';

pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The document as text without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, ParseError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(ParseError::new(1, 1, "the document is UTF-16, save it as UTF-8".into()));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(without_mark(text)),
        Err(error) => {
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            let met = rest.first().copied().unwrap_or_default();
            let before = String::from_utf8_lossy(valid);
            let before = without_mark(&before);
            let message = format!("the byte 0x{met:02x} is not UTF-8, save the document as UTF-8");
            Err(fault(before, before.len(), message))
        }
    }
}

/// A fault at a byte offset of the text.
pub(super) fn fault(text: &str, offset: usize, message: String) -> ParseError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    ParseError::new(line, column, message)
}

/// Why a document is none that stops before it is complete.
#[cfg(any(feature = "json", feature = "xml"))]
pub(super) fn early_end(document: &str) -> &'static str {
    match document.trim().is_empty() {
        true => "the document is empty",
        false => "the document ends too early",
    }
}
