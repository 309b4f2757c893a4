//! Characters that a terminal or a reader does not show as they are.

/// Whether the character is DEL or a control character past ASCII, separates lines, or turns the direction of text
/// (Unicode's `Bidi_Control`). Joiners, which scripts and emoji need, are not among them.
pub(crate) fn is_invisible_control(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Whether a terminal does something at the character, or shows what follows in another location.
pub(crate) fn is_terminal_control(c: char) -> bool {
    c.is_control() || is_invisible_control(c)
}

/// Returns the text with the chosen characters replaced by their escaped form.
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
