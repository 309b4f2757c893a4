//! Response headers that both dialects write: one line for each name, never a second value.

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderValue};

/// The headers that a layer could set, so no one else's value may stand beside its own.
const OWNED: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

pub(super) const EMPTY: HeaderValue = HeaderValue::from_static("");

pub(super) fn star() -> HeaderValue {
    const { HeaderValue::from_static("*") }
}

pub(super) fn truth() -> HeaderValue {
    const { HeaderValue::from_static("true") }
}

/// Adds a header that is not there. A map that is full (32,768 entries) stays without it: a grant less, not a panic.
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

/// Removes what the inner service set of the layer's own headers.
#[inline]
pub(super) fn remove_owned(headers: &mut HeaderMap) {
    // One pass over the names costs less than six look-ups, and most responses have none of them.
    if headers.keys().any(|name| OWNED.contains(name)) {
        remove_all(headers);
    }
}

/// Removes them and Vary, and gives back the line of Vary that the response shall have: the inner service's names first,
/// then ours, no name twice.
#[inline]
pub(super) fn replace_owned(headers: &mut HeaderMap, ours: HeaderValue) -> Option<HeaderValue> {
    match headers.keys().any(|name| OWNED.contains(name) || *name == VARY) {
        true => replace_all(headers, ours),
        false => Some(ours),
    }
}

#[cold]
fn replace_all(headers: &mut HeaderMap, ours: HeaderValue) -> Option<HeaderValue> {
    remove_all(headers);
    let line = merged(headers.get_all(VARY).iter().chain([&ours]));
    headers.remove(VARY);
    line
}

#[cold]
fn remove_all(headers: &mut HeaderMap) {
    for name in &OWNED {
        headers.remove(name);
    }
}

/// Adds Vary. Where the map has no room for it, the grant goes: a cache would give it to the wrong page.
#[inline(always)]
pub(super) fn add_vary(headers: &mut HeaderMap, line: HeaderValue) {
    if headers.try_append(VARY, line).is_err() {
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
}

fn merged<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> Option<HeaderValue> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',')) {
        let name = name.trim_ascii();
        // `*` says already that the response varies with everything (RFC 9110, 12.5.5).
        if name == b"*" {
            return Some(star());
        }
        if !name.is_empty() && !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    value(join(names.into_iter()))
}

/// Names as one line, joined with `, `.
pub(super) fn join<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut line = Vec::new();
    for name in names {
        if !line.is_empty() {
            line.extend_from_slice(b", ");
        }
        line.extend_from_slice(name);
    }
    line
}

/// A line as a value; none if it is empty.
pub(super) fn value(line: Vec<u8>) -> Option<HeaderValue> {
    (!line.is_empty()).then_some(line).and_then(|line| HeaderValue::from_maybe_shared(Bytes::from(line)).ok())
}

/// Moves a value out of a map that is about to be cleared, which is cheaper than to remove it.
pub(super) fn take(headers: &mut HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    headers.get_mut(name).map(|value| std::mem::replace(value, EMPTY))
}
