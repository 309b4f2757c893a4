//! Response headers that both dialects write: one line for each name, never a second value.

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderValue};

use crate::policy::has_several;

/// The headers that a layer could set, so no one else's value may stand beside its own.
const OWNED: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

pub(super) fn star() -> HeaderValue {
    const { HeaderValue::from_static("*") }
}

pub(super) fn truth() -> HeaderValue {
    const { HeaderValue::from_static("true") }
}

/// Sets a header. A map that is full (32,768 entries) stays without it: a grant less, not a panic.
pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) -> bool {
    headers.try_insert(name, value).is_ok()
}

/// Sets a header if there is a value for it.
pub(super) fn set_some(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        set(headers, name, value);
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

#[cold]
fn remove_all(headers: &mut HeaderMap) {
    for name in &OWNED {
        headers.remove(name);
    }
}

/// Adds names to Vary: one line, the inner service's names first, no name twice.
///
/// Where the map has no room for it, the grant goes: a cache would give it to the wrong page.
pub(super) fn vary(headers: &mut HeaderMap, ours: HeaderValue) {
    let line = match has_several(headers, &VARY) {
        true => with_all(headers, ours),
        // An insert gives back the line that was there: mostly none, and then there is no more to do.
        false => match headers.try_insert(VARY, ours) {
            Ok(None) => return,
            Ok(Some(theirs)) => merged([&theirs].into_iter().chain(headers.get(VARY))),
            Err(_) => None,
        },
    };
    if !line.is_some_and(|line| set(headers, VARY, line)) {
        headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
}

// Apart, so that a value which mostly goes straight into the map is not kept for it.
#[cold]
fn with_all(headers: &HeaderMap, ours: HeaderValue) -> Option<HeaderValue> {
    merged(headers.get_all(VARY).iter().chain([&ours]))
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
    headers.get_mut(name).map(|value| std::mem::replace(value, const { HeaderValue::from_static("") }))
}
