//! Text for a terminal or a log, without characters that either obeys.

use crate::escape::{escape, is_invisible_control, is_terminal_control};

pub(crate) fn escaped(text: &str) -> String {
    escape(text, is_terminal_control, |c| c.escape_default().to_string())
}

/// A JSON document without characters that a terminal obeys: those are in strings alone, and have four digits at most.
pub(crate) fn escaped_json(document: &str) -> String {
    escape(document, is_invisible_control, |c| format!("\\u{:04x}", u32::from(c)))
}
