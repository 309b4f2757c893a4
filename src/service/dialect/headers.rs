//! Response headers that both dialects write: one line for each name, never a second value.

use std::collections::HashSet;

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderValue};

pub(super) const EMPTY: HeaderValue = HeaderValue::from_static("");
pub(super) const STAR: HeaderValue = HeaderValue::from_static("*");
pub(super) const TRUE: HeaderValue = HeaderValue::from_static("true");

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

/// Lets scripts of the origin that was allowed read the timings of the response.
#[cold]
#[inline(never)]
pub(super) fn allow_timing(headers: &mut HeaderMap) {
    let name = const { HeaderName::from_static("timing-allow-origin") };
    headers.remove(&name);
    let origin = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
    add_some(headers, name, origin);
}

/// Whether the layer could set that header: a value that the inner service set must not be beside its own.
#[inline(always)]
fn is_owned(name: &HeaderName) -> bool {
    matches!(
        *name,
        ACCESS_CONTROL_ALLOW_ORIGIN
            | ACCESS_CONTROL_ALLOW_CREDENTIALS
            | ACCESS_CONTROL_ALLOW_METHODS
            | ACCESS_CONTROL_ALLOW_HEADERS
            | ACCESS_CONTROL_EXPOSE_HEADERS
            | ACCESS_CONTROL_MAX_AGE
    )
}

/// Replaces what the inner service set of the layer's own headers by what `write` adds. Our line of Vary, if there is
/// one, is merged with the inner service's, or added last.
#[inline(always)]
pub(super) fn replace_owned(
    headers: &mut HeaderMap,
    vary: Option<fn() -> HeaderValue>,
    write: impl FnOnce(&mut HeaderMap),
) {
    // One pass over the names costs less than a lookup for each, and most responses have none of them.
    let has_any = headers.keys().any(|name| is_owned(name) || *name == VARY);
    let is_merged = has_any && remove_and_merge(headers, vary);
    write(headers);
    if let Some(vary) = vary.filter(|_| !is_merged) {
        // Without Vary a cache could serve the grant to another origin: where there is no room for it, it is withdrawn.
        if headers.try_append(VARY, vary()).is_err() {
            headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN);
        }
    }
}

/// Returns whether there was a Vary to merge ours with.
#[cold]
fn remove_and_merge(headers: &mut HeaderMap, vary: Option<fn() -> HeaderValue>) -> bool {
    while let Some(name) = headers.keys().find(|name| is_owned(name)).cloned() {
        headers.remove(name);
    }
    let Some(ours) = vary.filter(|_| headers.contains_key(VARY)) else {
        return false;
    };
    merge_vary(headers, ours());
    true
}

/// Adds our line of Vary to what the inner service set, and changes nothing else.
#[cold]
pub(super) fn add_vary(headers: &mut HeaderMap, ours: HeaderValue) {
    if headers.contains_key(VARY) {
        merge_vary(headers, ours);
    } else {
        add(headers, VARY, ours);
    }
}

/// Merges our line with those that are there.
fn merge_vary(headers: &mut HeaderMap, ours: HeaderValue) {
    let line = merged(|| headers.get_all(VARY).iter().chain([&ours]));
    let is_repeated = headers.get_all(VARY).iter().nth(1).is_some();
    match headers.get_mut(VARY) {
        // In its place, as a map that is full takes no header more.
        Some(place) if !is_repeated => *place = line,
        _ => {
            headers.remove(VARY);
            add(headers, VARY, line);
        }
    }
}

/// Lines of Vary as one, no name twice.
fn merged<'a, I: Iterator<Item = &'a HeaderValue>>(lines: impl Fn() -> I) -> HeaderValue {
    let names = || {
        let elements = lines().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        elements.map(<[u8]>::trim_ascii).filter(|name| !name.is_empty())
    };
    // `*` says already that the response varies with everything (RFC 9110, 12.5.5).
    if names().any(|name| name == b"*") {
        return STAR;
    }
    // A set allocates, which usual lines must not; many names need one, so that the work is linear in their bytes.
    let are_many = names().nth(16).is_some();
    let distinct = || {
        let mut seen = HashSet::new();
        names().enumerate().filter_map(move |(index, name)| {
            let is_new = if are_many {
                seen.insert(name.to_ascii_lowercase())
            } else {
                !names().take(index).any(|earlier| earlier.eq_ignore_ascii_case(name))
            };
            is_new.then_some(name)
        })
    };
    joined(distinct)
}

/// Names as one value, joined with `, `.
#[cold]
pub(super) fn joined<'a, I: Iterator<Item = &'a [u8]>>(names: impl Fn() -> I) -> HeaderValue {
    value(join(names))
}

/// Names as one line, joined with `, `. Of the exact length, it is one allocation: `Bytes` makes another one for a vector
/// that has room left.
pub(super) fn join<'a, I: Iterator<Item = &'a [u8]>>(names: impl Fn() -> I) -> Vec<u8> {
    let length = names().map(|name| name.len() + 2).sum::<usize>().saturating_sub(2);
    let mut line = Vec::with_capacity(length);
    for name in names() {
        if !line.is_empty() {
            line.extend_from_slice(b", ");
        }
        line.extend_from_slice(name);
    }
    line
}

pub(super) fn value(line: Vec<u8>) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(line)).unwrap_or(EMPTY)
}
