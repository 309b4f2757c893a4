//! Response headers that both dialects write: one line for each name, never a second value.

use std::collections::HashSet;

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderValue};

pub(super) const EMPTY: HeaderValue = HeaderValue::from_static("");

pub(super) fn star() -> HeaderValue {
    const { HeaderValue::from_static("*") }
}

pub(super) fn truth() -> HeaderValue {
    const { HeaderValue::from_static("true") }
}

/// Moves a value out of a map that is about to be cleared, which costs less than to remove it.
pub(super) fn take(value: &mut HeaderValue) -> HeaderValue {
    std::mem::replace(value, EMPTY)
}

/// Adds a header that is not there. A map that is full (24,576 names) stays without it: a grant less, not a panic.
#[inline(always)]
pub(super) fn add(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    // To append costs less than to insert, which gives back what was there.
    _ = headers.try_append(name, value);
}

/// Adds a header that is not there, if there is a value for it.
pub(super) fn add_some(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        add(headers, name, value);
    }
}

/// The headers that the layer could set, so that no one else's value may be beside its own.
const OWNED: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// Removes what the inner service set of the layer's own headers.
#[inline(always)]
pub(super) fn remove_owned(headers: &mut HeaderMap) {
    // One pass over the names costs less than six look-ups, and most responses have none of them.
    if headers.keys().any(|name| OWNED.contains(name)) {
        remove_all(headers);
    }
}

/// Removes what the inner service set of the layer's own headers, and merges our line into its Vary.
///
/// Returns false if the inner service set no Vary: [`add_vary`] adds it after the other headers.
#[inline(always)]
pub(super) fn replace_owned(headers: &mut HeaderMap, vary: HeaderValue) -> bool {
    headers.keys().any(|name| OWNED.contains(name) || *name == VARY) && replace_all(headers, vary)
}

#[cold]
fn replace_all(headers: &mut HeaderMap, ours: HeaderValue) -> bool {
    remove_all(headers);
    if !headers.contains_key(VARY) {
        return false;
    }
    let line = merged(|| headers.get_all(VARY).iter().chain([&ours])).unwrap_or(ours.clone());
    let is_repeated = headers.get_all(VARY).iter().nth(1).is_some();
    match headers.get_mut(VARY) {
        // In its place, as a map that is full takes no header more.
        Some(place) if !is_repeated => *place = line,
        _ => {
            headers.remove(VARY);
            add(headers, VARY, line);
        }
    }
    true
}

/// Adds a Vary that is not there. Where the map has no room for it, the grant is withdrawn: without Vary a cache could
/// serve it to another origin.
#[inline(always)]
pub(super) fn add_vary(headers: &mut HeaderMap, line: HeaderValue) {
    if headers.try_append(VARY, line).is_err() {
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
}

#[cold]
fn remove_all(headers: &mut HeaderMap) {
    for name in &OWNED {
        headers.remove(name);
    }
}

/// Lines of Vary as one, no name twice; `None` if they are empty.
fn merged<'a, I: Iterator<Item = &'a HeaderValue>>(lines: impl Fn() -> I) -> Option<HeaderValue> {
    let names = || {
        let elements = lines().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        elements.map(<[u8]>::trim_ascii).filter(|name| !name.is_empty())
    };
    // `*` says already that the response varies with everything (RFC 9110, 12.5.5).
    if names().any(|name| name == b"*") {
        return Some(star());
    }
    let distinct = || {
        let mut seen = Seen::default();
        names().filter(move |name| seen.insert(name))
    };
    value(join(distinct(), joined_length(distinct())))
}

/// The names seen so far. The first sixteen are compared one by one, so that usual lines need no memory; more are kept
/// in a set, so that the work is linear in the bytes of the lines.
#[derive(Default)]
struct Seen<'a> {
    few: [&'a [u8]; 16],
    many: HashSet<Vec<u8>>,
}

impl<'a> Seen<'a> {
    /// Whether the name is new.
    fn insert(&mut self, name: &'a [u8]) -> bool {
        for place in &mut self.few {
            if place.is_empty() {
                *place = name;
                return true;
            }
            if place.eq_ignore_ascii_case(name) {
                return false;
            }
        }
        self.many.insert(name.to_ascii_lowercase())
    }
}

/// As many bytes as `join` makes of the names.
pub(super) fn joined_length<'a>(names: impl Iterator<Item = &'a [u8]>) -> usize {
    names.map(|name| name.len() + 2).sum::<usize>().saturating_sub(2)
}

/// Names as one line, joined with `, `. Of the exact length, it is one allocation: `Bytes` makes another one for a vector
/// that has room left.
pub(super) fn join<'a>(names: impl Iterator<Item = &'a [u8]>, length: usize) -> Vec<u8> {
    let mut line = Vec::with_capacity(length);
    for name in names {
        if !line.is_empty() {
            line.extend_from_slice(b", ");
        }
        line.extend_from_slice(name);
    }
    line
}

/// A line as a value; `None` if it is empty.
pub(super) fn value(line: Vec<u8>) -> Option<HeaderValue> {
    if line.is_empty() {
        return None;
    }
    HeaderValue::from_maybe_shared(Bytes::from(line)).ok()
}
