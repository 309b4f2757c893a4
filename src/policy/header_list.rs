//! A header that lists names, on one line or on several: Access-Control-Request-Headers.

use std::{fmt, iter};

use http::header::{ValueIter, ACCESS_CONTROL_REQUEST_HEADERS};
use http::{HeaderMap, HeaderValue};

/// The lines of Access-Control-Request-Headers.
#[derive(Clone, Copy)]
pub(crate) enum Lines<'a> {
    None,
    One(&'a [u8]),
    /// More than one: they are in the map.
    Several(&'a HeaderMap),
}

impl<'a> Lines<'a> {
    /// The names on all lines, without the blanks around them and without empty elements.
    #[inline]
    pub(crate) fn names(self) -> RequestedHeaders<'a> {
        let (line, more) = match self {
            Lines::None => (None, None),
            Lines::One(line) => (Some(line), None),
            Lines::Several(headers) => (None, Some(headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter())),
        };
        RequestedHeaders { line, more }
    }

    /// What is between the commas, as it was sent.
    #[inline]
    pub(crate) fn elements(self) -> impl Iterator<Item = &'a [u8]> {
        let mut names = self.names();
        iter::from_fn(move || names.next_element())
    }
}

/// The names that a request asks for: see [`CorsRequest::requested_headers`](crate::CorsRequest::requested_headers).
pub struct RequestedHeaders<'a> {
    /// What is left of the line that is read.
    line: Option<&'a [u8]>,
    more: Option<ValueIter<'a, HeaderValue>>,
}

impl<'a> RequestedHeaders<'a> {
    #[inline]
    fn next_element(&mut self) -> Option<&'a [u8]> {
        let line = match self.line.take() {
            Some(line) => line,
            None => self.more.as_mut()?.next()?.as_bytes(),
        };
        let (element, rest) = line.split_at_checked(comma(line))?;
        self.line = rest.get(1..);
        Some(element)
    }
}

impl<'a> Iterator for RequestedHeaders<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        iter::from_fn(|| self.next_element()).map(trim).find(|name| !name.is_empty())
    }
}

impl fmt::Debug for RequestedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the other lines: what iterates over them has all headers, of which some must not be logged.
        let line = self.line.map(String::from_utf8_lossy);
        f.debug_struct("RequestedHeaders").field("line", &line).finish_non_exhaustive()
    }
}

/// Where the first comma is, or the end: eight bytes at a step, since anyone may send many names.
fn comma(line: &[u8]) -> usize {
    let mut rest = line;
    while let Some((word, after)) = rest.split_first_chunk() {
        if let Some(comma) = first_comma(*word) {
            return line.len() - rest.len() + comma;
        }
        rest = after;
    }
    let found = rest.iter().position(|byte| *byte == b',');
    line.len() - rest.len() + found.unwrap_or(rest.len())
}

/// Where the first comma is in eight bytes.
#[inline(always)]
pub(crate) fn first_comma(word: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zeroes = u64::from_le_bytes(word) ^ (ONES * b',' as u64);
    // The lowest high bit that is set marks the first byte that is zero.
    let found = zeroes.wrapping_sub(ONES) & !zeroes & (ONES << 7);
    (found != 0).then_some(found.trailing_zeros() as usize / 8)
}

/// Without the optional white space of HTTP lists (RFC 9110, 5.6.3).
#[inline]
pub(crate) fn trim(element: &[u8]) -> &[u8] {
    match element {
        // Blanks sort before every byte of a name.
        [first, .., last] if *first > b' ' && *last > b' ' => element,
        _ => element.trim_ascii(),
    }
}
