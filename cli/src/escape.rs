//! Text for a terminal or a log, without characters that either obeys.

/// Whether the character is DEL or a control character past ASCII, separates lines, or turns the direction of text
/// (Unicode's `Bidi_Control`).
fn is_invisible_control(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Whether a terminal does something at the character, or shows what follows in another place.
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

pub(crate) fn escape(text: &str, chosen: impl Fn(char) -> bool, escaped: impl Fn(char) -> String) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if chosen(c) {
            result.push_str(&escaped(c));
        } else {
            result.push(c);
        }
    }
    result
}
