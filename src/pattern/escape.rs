//! Characters that nobody sees, yet a terminal or an editor obeys. The binary includes this file too.

/// DEL and the control characters past ASCII, line separators, and what turns the direction of text
/// (Unicode's `Bidi_Control`). What scripts and emoji need, such as joiners, is none of them.
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

/// The text with some characters in another form.
pub(crate) fn escape(text: &str, which: impl Fn(char) -> bool, form: impl Fn(char) -> String) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match which(c) {
            true => escaped.push_str(&form(c)),
            false => escaped.push(c),
        }
    }
    escaped
}
