//! The requested names in the form that S3 gives them back.

use http::HeaderValue;

use super::headers::{join, value};
use crate::config::is_token_byte;
use crate::policy::{first_comma, trim, Lines};

/// The requested names, and whether they are names.
pub(super) struct RequestedNames<'a> {
    lines: Lines<'a>,
    /// The first element of the list that is neither a name between blanks nor empty.
    pub(super) invalid: Option<&'a [u8]>,
    /// Whether they are sent as S3 gives them back.
    is_as_answered: bool,
    /// Which [kinds] of bytes the line has. Several lines count as having all.
    kinds: u8,
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
            return RequestedNames { lines, invalid: None, is_as_answered: kinds == 0, kinds };
        }
        Self::read_elements(lines, kinds)
    }

    /// Reads a list with blanks, on several lines, or with what is no name.
    #[inline(never)]
    fn read_elements(lines: Lines<'a>, kinds: u8) -> Self {
        let mut invalid = None;
        let mut is_as_answered = kinds & UPPER_CASE == 0;
        for (index, element) in lines.elements().enumerate() {
            let name = trim(element);
            if !name.iter().copied().all(is_token_byte) {
                invalid = invalid.or(Some(element));
            }
            let separator: &[u8] = if index == 0 { b"" } else { b" " };
            is_as_answered &=
                !name.is_empty() && element.strip_prefix(separator).map(<[u8]>::len) == Some(name.len());
        }
        RequestedNames { lines, invalid, is_as_answered, kinds }
    }

    /// The names as Allow-Headers has them, in lower case and joined with `, `; `None` if the request has them so.
    pub(super) fn rewritten(&self) -> Option<HeaderValue> {
        if self.is_as_answered {
            return None;
        }
        let spaced = match self.lines {
            Lines::One(line) if self.kinds & OTHER == 0 => spaced(line),
            _ => None,
        };
        let mut joined = spaced.unwrap_or_else(|| join(|| self.lines.names()));
        if self.kinds & UPPER_CASE != 0 {
            joined.make_ascii_lowercase();
        }
        Some(value(joined))
    }
}

/// A list without blanks, with a blank behind each comma; `None` if an element is empty.
fn spaced(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b",").unwrap_or(line);
    let mut joined = vec![0; line.len() + commas_between_names(line)?];
    let (mut rest, mut place) = (line, joined.as_mut_slice());
    // Eight bytes at a step: at least as many are to be written as are left to read.
    while let (Some(word), Some(copy)) = (rest.first_chunk(), place.first_chunk_mut()) {
        *copy = *word;
        let read = match first_comma(*word) {
            Some(comma) => {
                *place.get_mut(comma + 1)? = b' ';
                place = place.get_mut(comma + 2..)?;
                comma + 1
            }
            None => {
                place = place.get_mut(word.len()..)?;
                word.len()
            }
        };
        rest = rest.get(read..)?;
    }
    let mut places = place.iter_mut();
    for byte in rest {
        *places.next()? = *byte;
        if *byte == b',' {
            *places.next()? = b' ';
        }
    }
    Some(joined)
}

/// How many commas the list has; `None` if they are not each between two names.
fn commas_between_names(line: &[u8]) -> Option<usize> {
    let is_comma = |byte: &u8| *byte == b',';
    let pairs = line.iter().zip(line.iter().skip(1));
    let has_empty = pairs.fold(false, |has_empty, (a, b)| has_empty | (is_comma(a) & is_comma(b)));
    if has_empty || matches!(line, [b',', ..] | [.., b',']) {
        return None;
    }
    // A sum of bytes is one of many at a time.
    let commas = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(is_comma(byte))).sum::<u8>();
    Some(line.chunks(u8::MAX.into()).map(commas).map(usize::from).sum())
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
