//! What a request asks of a policy, borrowed from its headers.

use std::fmt;

use http::header::{
    HeaderName, ValueIter, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, Request};

use super::word::short;

/// A request that carries an Origin: what a policy decides about.
///
/// It borrows from the request and copies nothing.
///
/// ```
/// use tower_s3_cors::CorsRequest;
///
/// let request = http::Request::options("/")
///     .header("origin", "https://example.com")
///     .header("access-control-request-method", "PUT")
///     .header("access-control-request-headers", "content-type, x-trace")
///     .body(())?;
/// let asked = CorsRequest::classify(&request).ok_or("no Origin")?;
/// assert!(asked.is_preflight());
/// assert_eq!(asked.method(), b"PUT");
/// assert_eq!(asked.requested_headers().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct CorsRequest<'a> {
    preflight: bool,
    /// None if there are several lines of it. With the map beside it, as in `Lines`, the map would seem to get
    /// where the value is cloned, and the whole request would be copied on its way to the inner service.
    origin: Option<&'a HeaderValue>,
    method: &'a [u8],
    /// Where the requested names are, if they take part. They are looked up when they are asked for:
    /// most refusals need no more than the origin.
    names: Option<&'a HeaderMap>,
}

/// The lines of one header.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lines<'a> {
    None,
    One(&'a HeaderValue),
    /// More than one: they are found in the map.
    Several(&'a HeaderMap),
}

impl<'a> Lines<'a> {
    #[inline(always)]
    fn of(headers: &'a HeaderMap, name: &HeaderName) -> Self {
        match headers.get(name) {
            None => Lines::None,
            Some(_) if has_several(headers, name) => Lines::Several(headers),
            Some(line) => Lines::One(line),
        }
    }

    /// The names in all lines of Access-Control-Request-Headers.
    #[inline]
    pub(crate) fn names(self) -> RequestedHeaders<'a> {
        RequestedHeaders { elements: self.elements() }
    }

    #[inline]
    fn elements(self) -> Elements<'a> {
        match self {
            Lines::None => Elements { line: None, more: None },
            Lines::One(line) => Elements { line: Some(line.as_bytes()), more: None },
            Lines::Several(headers) => {
                Elements { line: None, more: Some(headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS).iter()) }
            }
        }
    }
}

/// Whether a header has more than one line.
#[inline]
pub(crate) fn has_several(headers: &HeaderMap, name: &HeaderName) -> bool {
    repeats_any(headers) && repeats(headers, name)
}

/// Whether any header has more than one line. Most messages repeat none, which the map knows without a look-up.
#[inline]
pub(crate) fn repeats_any(headers: &HeaderMap) -> bool {
    headers.len() != headers.keys_len()
}

#[cold]
fn repeats(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().nth(1).is_some()
}

impl<'a> CorsRequest<'a> {
    /// Reads a request as the Fetch standard does; `None` if it carries no Origin.
    ///
    /// A preflight is OPTIONS with Origin and Access-Control-Request-Method
    /// ([CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)); any other
    /// request with an Origin is an actual request, judged by its own method.
    #[inline(always)]
    pub fn classify<B>(request: &'a Request<B>) -> Option<Self> {
        let asked = Self::actual(request)?;
        if *request.method() == Method::OPTIONS {
            let headers = request.headers();
            if let Some(method) = headers.get(ACCESS_CONTROL_REQUEST_METHOD) {
                let method = method.as_bytes();
                return Some(CorsRequest { preflight: true, method, names: Some(headers), ..asked });
            }
        }
        Some(asked)
    }

    /// Reads a request that is known to be no preflight.
    #[inline(always)]
    pub(crate) fn actual<B>(request: &'a Request<B>) -> Option<Self> {
        let headers = request.headers();
        let origin = headers.get(&ORIGIN)?;
        let origin = (!has_several(headers, &ORIGIN)).then_some(origin);
        let method = request.method().as_str().as_bytes();
        Some(CorsRequest { preflight: false, origin, method, names: None })
    }

    /// Reads a request as S3 does; `None` if it carries no Origin.
    ///
    /// Every OPTIONS is a preflight, and Access-Control-Request-Method and
    /// Access-Control-Request-Headers take part whatever the method of the request.
    #[inline]
    pub fn classify_s3<B>(request: &'a Request<B>) -> Option<Self> {
        let asked = Self::actual(request)?;
        let headers = request.headers();
        let requested = headers.get(ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
        Some(CorsRequest {
            preflight: *request.method() == Method::OPTIONS,
            method: requested.unwrap_or(asked.method),
            names: Some(headers),
            ..asked
        })
    }

    /// Whether the request asks for leave before the actual one.
    pub fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// The Origin; `None` if the request has several lines of it, which no rule matches.
    #[inline]
    pub fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin
    }

    /// The method that a rule must allow: of a preflight, the one it asks for.
    pub fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The names that the request asks for, in their order and as they were sent: all lines of
    /// Access-Control-Request-Headers as one list, without the blanks around names and without
    /// empty elements.
    pub fn requested_headers(&self) -> RequestedHeaders<'a> {
        self.requested_lines().names()
    }

    /// Whether it is an OPTIONS without Access-Control-Request-Method: to a browser no preflight.
    pub(crate) fn lacks_requested_method(&self) -> bool {
        // Without the map it is an actual request, and then such an OPTIONS.
        let requested = self.names.is_some_and(|headers| headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD));
        self.method == Method::OPTIONS.as_str().as_bytes() && !requested
    }

    /// The lines of Access-Control-Request-Headers.
    #[inline]
    pub(crate) fn requested_lines(&self) -> Lines<'a> {
        self.names.map_or(Lines::None, |headers| Lines::of(headers, &ACCESS_CONTROL_REQUEST_HEADERS))
    }

    /// The elements of the requested list as they were sent, blanks included.
    pub(crate) fn requested_elements(&self) -> Elements<'a> {
        self.requested_lines().elements()
    }
}

impl fmt::Debug for CorsRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the map of headers: it has what must not be logged.
        f.debug_struct("CorsRequest")
            .field("preflight", &self.preflight)
            .field("origin", &self.origin())
            .field("method", &String::from_utf8_lossy(self.method))
            .field("names", &self.requested_headers().map(String::from_utf8_lossy).collect::<Vec<_>>())
            .finish()
    }
}

/// The names that a request asks for: see [`CorsRequest::requested_headers`].
#[derive(Debug)]
pub struct RequestedHeaders<'a> {
    elements: Elements<'a>,
}

impl<'a> Iterator for RequestedHeaders<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.elements.by_ref().map(trim).find(|name| !name.is_empty())
    }
}

/// The elements of all lines, split at their commas.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    line: Option<&'a [u8]>,
    more: Option<ValueIter<'a, HeaderValue>>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = match self.line.take() {
            Some(line) => line,
            None => self.more.as_mut()?.next()?.as_bytes(),
        };
        match comma(line).and_then(|comma| line.split_at_checked(comma)) {
            None => Some(line),
            Some((element, rest)) => {
                self.line = rest.get(1..);
                Some(element)
            }
        }
    }
}

/// Where the first comma is, eight bytes at a step: names are short, and there are many of them.
fn comma(line: &[u8]) -> Option<usize> {
    let mut rest = line;
    while let Some((word, after)) = rest.split_first_chunk() {
        if let Some(found) = first_comma(u64::from_le_bytes(*word)) {
            return Some(line.len() - rest.len() + found);
        }
        rest = after;
    }
    let found = first_comma(short(rest))?;
    Some(line.len() - rest.len() + found)
}

fn first_comma(word: u64) -> Option<usize> {
    const COMMAS: u64 = u64::from_ne_bytes([b','; 8]);
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let zeroes = word ^ COMMAS;
    // The lowest high bit that is set marks the first byte that is zero.
    let found = zeroes.wrapping_sub(ONES) & !zeroes & HIGH;
    (found != 0).then_some(found.trailing_zeros() as usize / 8)
}

/// Without the optional white space of HTTP lists (RFC 9110, 5.6.3).
pub(crate) fn trim(element: &[u8]) -> &[u8] {
    match element {
        // Nothing that a name begins or ends with sorts before them.
        [first, .., last] if *first > b' ' && *last > b' ' => element,
        _ => without_blanks(element),
    }
}

fn without_blanks(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}
