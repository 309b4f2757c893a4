//! What a request asks of a policy, borrowed from its headers.

use http::header::{
    GetAll, ValueIter, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, Request};

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
#[derive(Clone, Copy, Debug)]
pub struct CorsRequest<'a> {
    preflight: bool,
    origin: Origin<'a>,
    method: &'a [u8],
    /// Where to read the requested names; `None` if they take no part.
    names: Option<&'a HeaderMap>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    One(&'a HeaderValue),
    Several,
}

impl<'a> CorsRequest<'a> {
    /// Reads a request as the Fetch standard does; `None` if it carries no Origin.
    ///
    /// A preflight is OPTIONS with Origin and Access-Control-Request-Method
    /// ([CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)); any other
    /// request with an Origin is an actual request, judged by its own method.
    pub fn classify<B>(request: &'a Request<B>) -> Option<Self> {
        Self::fetch(request.method(), request.headers())
    }

    /// Reads a request as S3 does; `None` if it carries no Origin.
    ///
    /// Every OPTIONS is a preflight, and Access-Control-Request-Method and
    /// Access-Control-Request-Headers take part whatever the method of the request.
    pub fn classify_s3<B>(request: &'a Request<B>) -> Option<Self> {
        Self::s3(request.method(), request.headers())
    }

    pub(crate) fn fetch(method: &'a Method, headers: &'a HeaderMap) -> Option<Self> {
        let origin = Origin::of(headers)?;
        let requested = match method {
            &Method::OPTIONS => headers.get(ACCESS_CONTROL_REQUEST_METHOD),
            _ => None,
        };
        Some(match requested {
            Some(requested) => {
                CorsRequest { preflight: true, origin, method: requested.as_bytes(), names: Some(headers) }
            }
            None => CorsRequest { preflight: false, origin, method: method.as_str().as_bytes(), names: None },
        })
    }

    pub(crate) fn s3(method: &'a Method, headers: &'a HeaderMap) -> Option<Self> {
        let requested = headers.get(ACCESS_CONTROL_REQUEST_METHOD);
        Some(CorsRequest {
            preflight: *method == Method::OPTIONS,
            origin: Origin::of(headers)?,
            method: requested.map_or(method.as_str().as_bytes(), HeaderValue::as_bytes),
            names: Some(headers),
        })
    }

    /// Whether the request asks for leave before the actual one.
    pub fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// The Origin; `None` if the request has several lines of it, which no rule matches.
    pub fn origin(&self) -> Option<&'a HeaderValue> {
        match self.origin {
            Origin::One(origin) => Some(origin),
            Origin::Several => None,
        }
    }

    /// The method that a rule must allow: of a preflight, the one it asks for.
    pub fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The names that the request asks for, in their order and as they were sent: all lines of
    /// Access-Control-Request-Headers as one list, without the blanks around names and without
    /// empty elements.
    pub fn requested_headers(&self) -> RequestedHeaders<'a> {
        RequestedHeaders { elements: Elements::of(self.names) }
    }

    /// The elements of the requested list as they were sent, blanks included.
    pub(crate) fn requested_elements(&self) -> Elements<'a> {
        Elements::of(self.names)
    }
}

impl<'a> Origin<'a> {
    fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(ORIGIN).iter();
        let origin = lines.next()?;
        Some(match lines.next() {
            None => Origin::One(origin),
            Some(_) => Origin::Several,
        })
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

/// The elements of all Access-Control-Request-Headers lines, split at their commas.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    lines: Option<ValueIter<'a, HeaderValue>>,
    line: Option<&'a [u8]>,
}

impl<'a> Elements<'a> {
    fn of(headers: Option<&'a HeaderMap>) -> Self {
        let lines = headers.map(|headers| requested_lines(headers).iter());
        Elements { lines, line: None }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = match self.line.take() {
            Some(line) => line,
            None => self.lines.as_mut()?.next()?.as_bytes(),
        };
        match line.iter().position(|byte| *byte == b',') {
            None => Some(line),
            Some(comma) => {
                self.line = line.get(comma + 1..);
                line.get(..comma)
            }
        }
    }
}

pub(crate) fn requested_lines(headers: &HeaderMap) -> GetAll<'_, HeaderValue> {
    headers.get_all(ACCESS_CONTROL_REQUEST_HEADERS)
}

/// Without the optional white space of HTTP lists (RFC 9110, 5.6.3).
pub(crate) fn trim(mut element: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = element {
        element = rest;
    }
    element
}
