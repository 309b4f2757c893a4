//! Characters that nobody sees, yet a terminal or an editor obeys. The binary includes this file too.

/// DEL and the control characters past ASCII, line separators, and what turns the direction of text
/// (Unicode's `Bidi_Control`). What scripts and emoji need, such as joiners, is none of them.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// The text with each of them in another form, given its number, which has at most four hexadecimal digits.
pub(crate) fn escape(text: &str, form: impl Fn(u32) -> String) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unseen(c) {
            true => escaped.push_str(&form(c.into())),
            false => escaped.push(c),
        }
    }
    escaped
}

/// Of a JSON document, in which they stand nowhere but in strings.
#[cfg(feature = "json")]
pub(crate) fn escape_json(document: &str) -> String {
    escape(document, |number| format!("\\u{number:04x}"))
}
