//! Text of users inside messages and documents.

use std::fmt;

/// The number of characters that a message repeats of one text.
const MAX_CHARS: usize = 100;

/// Text in double quotes, escaped so that it is one line, and cut if it is long.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_CHARS) {
            None => write!(f, "{:?}", self.0),
            Some((cut, _)) => write!(f, "{:?}...", self.0.get(..cut).unwrap_or_default()),
        }
    }
}

/// Text without quotes if it is short and printable ASCII; otherwise as [`Quoted`].
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if (1..=MAX_CHARS).contains(&self.0.len()) && self.0.bytes().all(is_plain) {
            f.write_str(self.0)
        } else {
            Quoted(self.0).fmt(f)
        }
    }
}

/// The first few texts of a list, and the number of the others.
pub(crate) struct Listed<'a, S>(pub(crate) &'a [S]);

impl<S: AsRef<str>> fmt::Display for Listed<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_LISTED: usize = 8;
        let shown = self.0.iter().take(MAX_LISTED).map(|text| Shown(text.as_ref()).to_string());
        f.write_str(&shown.collect::<Vec<_>>().join(", "))?;
        match self.0.len().saturating_sub(MAX_LISTED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Shown, MAX_CHARS};

    #[test]
    fn text_without_quotes_is_short_and_plain() {
        let (longest, longer) = ("a".repeat(MAX_CHARS), "a".repeat(MAX_CHARS + 1));
        for (text, shown) in [
            ("https://a.example", "https://a.example"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\\\"b\""),
            ("a\\b", "\"a\\\\b\""),
            ("ö", "\"ö\""),
            ("\u{1b}", "\"\\u{1b}\""),
            (&longest, &*longest),
            (&longer, &format!("{longest:?}...")),
        ] {
            assert_eq!(Shown(text).to_string(), shown);
        }
    }
}
