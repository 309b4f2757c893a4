//! The requested names in the form that S3 gives them back.

use http::HeaderValue;

use super::headers::{join, value};
use crate::config::is_token_byte;
use crate::policy::{trim, Lines};

/// The requested names, read in one pass.
pub(super) struct RequestedNames<'a> {
    lines: Lines<'a>,
    /// The first element of the list that is neither a name between blanks nor empty.
    pub(super) invalid: Option<&'a [u8]>,
    /// The bytes of the names, joined with `, `.
    length: usize,
    /// Whether they are sent joined so.
    is_joined: bool,
}

impl<'a> RequestedNames<'a> {
    pub(super) fn read(lines: Lines<'a>) -> Self {
        let is_joined = matches!(lines, Lines::One(_));
        let mut names = RequestedNames { lines, invalid: None, length: 0, is_joined };
        for element in lines.elements() {
            let name = trim(element);
            if !name.iter().copied().all(is_token_byte) {
                names.invalid = names.invalid.or(Some(element));
            }
            let separator: &[u8] = if names.length == 0 { b"" } else { b" " };
            names.is_joined &=
                !name.is_empty() && element.strip_prefix(separator).map(<[u8]>::len) == Some(name.len());
            if !name.is_empty() {
                names.length += 2 * separator.len() + name.len();
            }
        }
        names
    }

    /// The names as Allow-Headers has them, in lower case and joined with `, `; `None` if the request has them so.
    pub(super) fn rewritten(&self) -> Option<HeaderValue> {
        match self.lines {
            Lines::None => None,
            Lines::One(line) if self.is_joined && !line.iter().any(u8::is_ascii_uppercase) => None,
            lines => {
                let mut joined = join(lines.names(), self.length);
                joined.make_ascii_lowercase();
                Some(value(joined))
            }
        }
    }
}
