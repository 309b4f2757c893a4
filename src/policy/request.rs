//! What a request asks of a policy, and what a preflight is.

use std::fmt;
use std::ops::Deref;

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};

use super::header_list::{Lines, RequestedHeaders};

/// A request that carries an Origin: what a policy decides about.
///
/// It borrows from the request and copies nothing. An empty Origin is as if absent.
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
    /// `None` if it cannot be read.
    origin: Option<&'a HeaderValue>,
    method: &'a [u8],
    /// Whether Access-Control-Request-Method says the method.
    has_requested_method: bool,
    names: Lines<'a>,
}

impl<'a> CorsRequest<'a> {
    /// Reads a request as the Fetch standard does; `None` if it carries no Origin.
    ///
    /// A preflight is OPTIONS with Origin and Access-Control-Request-Method
    /// ([CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)); any other
    /// request with an Origin is an actual request, evaluated by its own method.
    #[inline]
    pub fn classify<B>(request: &'a Request<B>) -> Option<Self> {
        if *request.method() == Method::OPTIONS {
            let mut asked = AskedHeaders::of_request(request);
            if let Some((origin, method)) = asked.preflight() {
                return Some(CorsRequest {
                    preflight: true,
                    origin,
                    method: method.as_bytes(),
                    has_requested_method: true,
                    names: asked.lines(request),
                });
            }
        }
        Self::actual(request)
    }

    /// Reads a request that is known to be no preflight; `None` if it carries no Origin.
    #[inline(always)]
    pub(crate) fn actual<B>(request: &'a Request<B>) -> Option<Self> {
        let headers = request.headers();
        let is_repeated = headers.len() != headers.keys_len() && is_repeated(headers, &ORIGIN);
        let origin = read_origin(headers.get(&ORIGIN)?, is_repeated)?;
        Some(CorsRequest { origin, ..Self::without_origin(request.method()) })
    }

    /// An actual request whose Origin cannot be read, or need not be.
    #[inline(always)]
    pub(crate) fn without_origin(method: &'a Method) -> Self {
        let method = method.as_str().as_bytes();
        CorsRequest {
            preflight: false,
            origin: None,
            method,
            has_requested_method: false,
            names: Lines::None,
        }
    }

    /// Reads a request as S3 does; `None` if it carries no Origin.
    ///
    /// Every OPTIONS is a preflight, and Access-Control-Request-Method and
    /// Access-Control-Request-Headers take part whatever the method of the request.
    #[inline(always)]
    pub fn classify_s3<B>(request: &'a Request<B>) -> Option<Self> {
        let mut asked = AskedHeaders::of_request(request);
        let own = request.method().as_str().as_bytes();
        Some(CorsRequest {
            preflight: *request.method() == Method::OPTIONS,
            origin: asked.origin()?,
            method: asked.method.map_or(own, HeaderValue::as_bytes),
            has_requested_method: asked.method.is_some(),
            names: asked.lines(request),
        })
    }

    /// Whether the request is a preflight: it asks whether an actual request would be granted.
    pub fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// The Origin; `None` if it cannot be read because the request has several lines of it. Such a request is matched
    /// by `*` alone.
    #[inline]
    pub fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin
    }

    /// The method that a rule must allow: that of the request, or the one it asks for.
    pub fn method(&self) -> &'a [u8] {
        self.method
    }

    /// The names that the request asks for, in their order and as they were sent: all lines of
    /// Access-Control-Request-Headers as one list, without the blanks around names and without
    /// empty elements.
    #[inline]
    pub fn requested_headers(&self) -> RequestedHeaders<'a> {
        self.names.names()
    }

    /// Whether it is an OPTIONS without Access-Control-Request-Method: to a browser no preflight.
    pub(crate) fn lacks_requested_method(&self) -> bool {
        self.method == Method::OPTIONS.as_str().as_bytes() && !self.has_requested_method
    }

    /// The lines of Access-Control-Request-Headers, if they take part.
    #[inline]
    pub(crate) fn requested_lines(&self) -> Lines<'a> {
        self.names
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

/// The first lines of the headers that make a preflight, found in one pass over all headers: that costs less than three
/// look-ups.
///
/// `V` is a reference to a value, shared or mutable.
pub(crate) struct AskedHeaders<V> {
    origin: Option<V>,
    method: Option<V>,
    pub(crate) names: Option<V>,
    pub(crate) repeated: Repeated,
}

/// Which of the headers have more than one line.
#[derive(Clone, Copy, Default)]
pub(crate) struct Repeated {
    is_any: bool,
    origin: bool,
    pub(crate) names: bool,
}

impl Repeated {
    /// Most requests repeat no header at all, which the map knows without a look-up.
    #[inline(always)]
    pub(crate) fn find(headers: &HeaderMap) -> Self {
        if headers.len() == headers.keys_len() {
            return Repeated::default();
        }
        let [origin, names] =
            [ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS].map(|name| is_repeated(headers, &name));
        Repeated { is_any: true, origin, names }
    }
}

#[cold]
fn is_repeated(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().nth(1).is_some()
}

impl<V: Deref<Target = HeaderValue>> AskedHeaders<V> {
    #[inline(always)]
    pub(crate) fn find<'a>(repeated: Repeated, headers: impl Iterator<Item = (&'a HeaderName, V)>) -> Self {
        let mut asked = AskedHeaders { origin: None, method: None, names: None, repeated };
        // Where a header is repeated, three lines may be found before the last header is.
        let mut wanted = if repeated.is_any { usize::MAX } else { 3 };
        for (name, value) in headers {
            let first = match *name {
                ORIGIN => &mut asked.origin,
                ACCESS_CONTROL_REQUEST_METHOD => &mut asked.method,
                ACCESS_CONTROL_REQUEST_HEADERS => &mut asked.names,
                _ => continue,
            };
            first.get_or_insert(value);
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
        asked
    }

    /// The Origin, `None` if it cannot be read, and the requested method; `None` unless an OPTIONS with these headers is
    /// a preflight.
    #[inline(always)]
    pub(crate) fn preflight(&mut self) -> Option<(Option<V>, V)> {
        self.origin().zip(self.method.take())
    }

    #[inline(always)]
    fn origin(&mut self) -> Option<Option<V>> {
        read_origin(self.origin.take()?, self.repeated.origin)
    }
}

impl<'a> AskedHeaders<&'a HeaderValue> {
    #[inline(always)]
    fn of_request<B>(request: &'a Request<B>) -> Self {
        AskedHeaders::find(Repeated::find(request.headers()), request.headers().iter())
    }

    #[inline(always)]
    fn lines<B>(&self, request: &'a Request<B>) -> Lines<'a> {
        match self.names {
            None => Lines::None,
            Some(_) if self.repeated.names => Lines::Several(request.headers()),
            Some(line) => Lines::One(line),
        }
    }
}

/// An Origin: `None` if it is empty, which is as if absent, and `None` inside if several lines make it unreadable.
#[inline(always)]
fn read_origin<V: Deref<Target = HeaderValue>>(first: V, is_repeated: bool) -> Option<Option<V>> {
    if is_repeated {
        return Some(None);
    }
    (!first.is_empty()).then_some(Some(first))
}
