//! What a terminal may be told, and a log: text that neither is_terminal_control.

use crate::escape::{escape, is_invisible_control};

/// Whether a terminal does something at the character, or shows what follows in another location.
pub(crate) fn is_terminal_control(c: char) -> bool {
    c.is_control() || is_invisible_control(c)
}

pub(crate) fn escaped(text: &str) -> String {
    escape(text, is_terminal_control, |c| c.escape_default().to_string())
}

/// A JSON document without characters that a terminal obeys: those are in strings alone, and have four digits at most.
pub(crate) fn escaped_json(document: &str) -> String {
    escape(document, is_invisible_control, |c| format!("\\u{:04x}", u32::from(c)))
}
