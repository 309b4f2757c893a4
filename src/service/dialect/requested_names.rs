//! The requested names in the form that S3 gives them back.

use http::HeaderValue;

use super::headers::{join, value};
use crate::config::is_token_byte;
use crate::policy::{trim, Lines};

/// The requested names, and whether they are names.
pub(super) struct RequestedNames<'a> {
    lines: Lines<'a>,
    /// The first element of the list that is neither a name between blanks nor empty.
    pub(super) invalid: Option<&'a [u8]>,
    /// Whether they are sent as S3 gives them back.
    is_as_answered: bool,
    is_without_blanks: bool,
}

impl<'a> RequestedNames<'a> {
    #[inline(always)]
    pub(super) fn read(lines: Lines<'a>) -> Self {
        let kinds = match lines {
            Lines::None => 0,
            Lines::One(line) => kinds(line),
            Lines::Several(_) => OTHER | UPPER_CASE,
        };
        if kinds & OTHER == 0 {
            // Without blanks, as browsers send it, a list of several names is not as S3 gives it back.
            return RequestedNames {
                lines,
                invalid: None,
                is_as_answered: kinds == 0,
                is_without_blanks: true,
            };
        }
        Self::read_elements(lines, kinds & UPPER_CASE == 0)
    }

    /// Reads a list with blanks, on several lines, or with what is no name.
    #[inline(never)]
    fn read_elements(lines: Lines<'a>, is_one_line_in_lower_case: bool) -> Self {
        let mut invalid = None;
        let mut is_as_answered = is_one_line_in_lower_case;
        for (index, element) in lines.elements().enumerate() {
            let name = trim(element);
            if !name.iter().copied().all(is_token_byte) {
                invalid = invalid.or(Some(element));
            }
            let separator: &[u8] = if index == 0 { b"" } else { b" " };
            is_as_answered &=
                !name.is_empty() && element.strip_prefix(separator).map(<[u8]>::len) == Some(name.len());
        }
        RequestedNames { lines, invalid, is_as_answered, is_without_blanks: false }
    }

    /// The names as Allow-Headers has them, in lower case and joined with `, `; `None` if the request has them so.
    pub(super) fn rewritten(&self) -> Option<HeaderValue> {
        if self.is_as_answered {
            return None;
        }
        let length = match self.lines {
            Lines::One(line) if self.is_without_blanks => length_with_blanks(line),
            lines => lines.names().map(|name| name.len() + 2).sum::<usize>().saturating_sub(2),
        };
        let mut joined = join(self.lines.names(), length);
        joined.make_ascii_lowercase();
        Some(value(joined))
    }
}

/// The length of a list without blanks once its names are joined with `, `.
fn length_with_blanks(line: &[u8]) -> usize {
    let commas = line.iter().filter(|byte| **byte == b',').count();
    let pairs = line.iter().zip(line.iter().skip(1));
    let after_commas = pairs.filter(|(a, b)| (**a == b',') & (**b != b',')).count();
    let names = after_commas + usize::from(line.first().is_some_and(|byte| *byte != b','));
    line.len() - commas + 2 * names.saturating_sub(1)
}

const UPPER_CASE: u8 = 1;
const COMMA: u8 = 2;
const OTHER: u8 = 4;

/// Which kinds of bytes the line has besides those of names in lower case.
fn kinds(line: &[u8]) -> u8 {
    line.iter().fold(0, |kinds, byte| kinds | KINDS[*byte as usize])
}

/// A lookup for each byte of a header that anyone may send.
const KINDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' => UPPER_CASE,
            b',' => COMMA,
            byte if is_token_byte(byte) => 0,
            _ => OTHER,
        };
        byte += 1;
    }
    table
};
