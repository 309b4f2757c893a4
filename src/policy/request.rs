//! What a request asks of a policy, and what a preflight is.

use std::fmt;
use std::mem;
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
    origin: Option<&'a [u8]>,
    /// The same as the request has it, if there is a request.
    origin_value: Option<&'a HeaderValue>,
    method: &'a [u8],
    /// Whether Access-Control-Request-Method says the method.
    has_requested_method: bool,
    /// The lines of Access-Control-Request-Headers, if they take part.
    pub(crate) requested_lines: Lines<'a>,
}

impl<'a> CorsRequest<'a> {
    /// Reads a request as the Fetch standard does; `None` if it carries no Origin.
    ///
    /// A preflight is OPTIONS with Origin and Access-Control-Request-Method
    /// ([CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)); any other
    /// request with an Origin is an actual request, evaluated by its own method.
    #[inline]
    pub fn classify<B>(request: &'a Request<B>) -> Option<Self> {
        Self::from_parts(request.method(), request.headers())
    }

    /// Reads the method and the headers of a request, as [`CorsRequest::classify`] does.
    #[inline]
    pub fn from_parts(method: &'a Method, headers: &'a HeaderMap) -> Option<Self> {
        let is_preflight = |asked: &Self| asked.preflight && asked.has_requested_method;
        let preflight = Self::s3_from_parts(method, headers).filter(is_preflight);
        preflight.or_else(|| Self::classify_actual(method, headers))
    }

    /// The preflight that a browser sends before a request with the method and the headers.
    ///
    /// `requested_headers` is the line of Access-Control-Request-Headers, such as `content-type,x-trace`; empty for none.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};
    ///
    /// let policy = CorsPolicy::try_from(CorsRule::new(["https://app.example.com"], ["PUT"]))?;
    /// let request = CorsRequest::preflight("https://app.example.com", "PUT", "content-type");
    /// let explanation = policy.explain(&request);
    /// assert!(!explanation.is_granted(), "{explanation}");
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    pub fn preflight(origin: &'a str, method: &'a str, requested_headers: &'a str) -> Self {
        let requested_lines = match requested_headers {
            "" => Lines::None,
            line => Lines::One(line.as_bytes()),
        };
        CorsRequest {
            preflight: true,
            has_requested_method: true,
            requested_lines,
            ..Self::actual(origin, method)
        }
    }

    /// An actual request from the origin: one that a browser sends without a preflight, or after it.
    ///
    /// An empty origin is matched by `*` alone.
    pub fn actual(origin: &'a str, method: &'a str) -> Self {
        CorsRequest { origin: Some(origin.as_bytes()), ..Self::without_origin(method) }
    }

    /// Reads a request that is known to be no preflight; `None` if it carries no Origin.
    #[inline(always)]
    pub(crate) fn classify_actual(method: &'a Method, headers: &'a HeaderMap) -> Option<Self> {
        let first = headers.get(&ORIGIN)?;
        let is_repeated = has_repeated(headers) && headers.get_all(ORIGIN).iter().nth(1).is_some();
        let origin = if is_repeated { Found::Several(first) } else { Found::One(first) }.origin()?;
        Some(CorsRequest {
            origin: bytes(origin),
            origin_value: origin,
            ..Self::without_origin(method.as_str())
        })
    }

    /// An actual request whose Origin cannot be read, or need not be.
    #[inline(always)]
    pub(crate) fn without_origin(method: &'a str) -> Self {
        CorsRequest {
            preflight: false,
            origin: None,
            origin_value: None,
            method: method.as_bytes(),
            has_requested_method: false,
            requested_lines: Lines::None,
        }
    }

    /// Reads a request as S3 does; `None` if it carries no Origin.
    ///
    /// Every OPTIONS is a preflight, and Access-Control-Request-Method and
    /// Access-Control-Request-Headers count whatever the method of the request.
    ///
    /// ```
    /// use tower_s3_cors::CorsRequest;
    ///
    /// let request = http::Request::options("/").header("origin", "https://example.com").body(())?;
    /// assert!(CorsRequest::classify_s3(&request).is_some_and(|asked| asked.is_preflight()));
    /// assert!(CorsRequest::classify(&request).is_some_and(|asked| !asked.is_preflight()));
    /// # Ok::<(), http::Error>(())
    /// ```
    #[inline(always)]
    pub fn classify_s3<B>(request: &'a Request<B>) -> Option<Self> {
        Self::s3_from_parts(request.method(), request.headers())
    }

    #[inline(always)]
    pub(crate) fn s3_from_parts(method: &'a Method, headers: &'a HeaderMap) -> Option<Self> {
        let asked = AskedHeaders::find(has_repeated(headers), headers.iter());
        let requested_method = asked.method.first();
        let origin = asked.origin.origin()?;
        Some(CorsRequest {
            preflight: *method == Method::OPTIONS,
            origin: bytes(origin),
            origin_value: origin,
            method: requested_method.map_or(method.as_str().as_bytes(), HeaderValue::as_bytes),
            has_requested_method: requested_method.is_some(),
            requested_lines: match asked.names {
                Found::None => Lines::None,
                Found::One(line) => Lines::One(line.as_bytes()),
                Found::Several(_) => Lines::Several(headers),
            },
        })
    }

    /// Whether the request is a preflight: it asks whether an actual request would be granted.
    pub fn is_preflight(&self) -> bool {
        self.preflight
    }

    /// The Origin; `None` if it cannot be read because the request has several lines of it. Such a request is matched
    /// by `*` alone.
    #[inline]
    pub fn origin(&self) -> Option<&'a [u8]> {
        self.origin
    }

    /// The Origin as the request has it.
    #[inline]
    pub(crate) fn origin_value(&self) -> Option<&'a HeaderValue> {
        self.origin_value
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
        self.requested_lines.names()
    }

    /// Whether it is an OPTIONS without Access-Control-Request-Method: to a browser no preflight.
    pub(crate) fn lacks_requested_method(&self) -> bool {
        self.method == Method::OPTIONS.as_str().as_bytes() && !self.has_requested_method
    }

    /// The value of Access-Control-Request-Method, if it takes part.
    pub(crate) fn requested_method(&self) -> Option<&'a [u8]> {
        self.has_requested_method.then_some(self.method)
    }
}

impl fmt::Debug for CorsRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the map of headers: it has what must not be logged.
        f.debug_struct("CorsRequest")
            .field("preflight", &self.preflight)
            .field("origin", &self.origin.map(String::from_utf8_lossy))
            .field("method", &String::from_utf8_lossy(self.method))
            .field("names", &self.requested_headers().map(String::from_utf8_lossy).collect::<Vec<_>>())
            .finish()
    }
}

/// The headers that make a preflight, found in one pass over all headers: that costs less than three lookups.
///
/// `V` is a reference to a value, shared or mutable.
pub(crate) struct AskedHeaders<V> {
    origin: Found<V>,
    method: Found<V>,
    names: Found<V>,
}

/// The lines that a request has of one header.
pub(crate) enum Found<V> {
    None,
    One(V),
    /// The first of several.
    Several(V),
}

fn bytes(value: Option<&HeaderValue>) -> Option<&[u8]> {
    value.map(HeaderValue::as_bytes)
}

/// Most requests repeat no header at all, which the map knows without a lookup.
#[inline(always)]
pub(crate) fn has_repeated(headers: &HeaderMap) -> bool {
    headers.len() != headers.keys_len()
}

impl<V: Deref<Target = HeaderValue>> AskedHeaders<V> {
    #[inline(always)]
    pub(crate) fn find<'a>(has_repeated: bool, headers: impl Iterator<Item = (&'a HeaderName, V)>) -> Self {
        let mut asked = AskedHeaders { origin: Found::None, method: Found::None, names: Found::None };
        // Where a header is repeated, more lines of the third one may follow.
        let mut wanted = if has_repeated { usize::MAX } else { 3 };
        for (name, value) in headers {
            let found = match *name {
                ORIGIN => &mut asked.origin,
                ACCESS_CONTROL_REQUEST_METHOD => &mut asked.method,
                ACCESS_CONTROL_REQUEST_HEADERS => &mut asked.names,
                _ => continue,
            };
            *found = match mem::replace(found, Found::None) {
                Found::None => Found::One(value),
                Found::One(first) | Found::Several(first) => Found::Several(first),
            };
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
        asked
    }

    /// The Origin, `None` if it cannot be read, the requested method and the requested names; `None` unless an OPTIONS
    /// with these headers is a preflight.
    #[inline(always)]
    pub(crate) fn preflight(self) -> Option<(Option<V>, V, Found<V>)> {
        Some((self.origin.origin()?, self.method.first()?, self.names))
    }
}

impl<V: Deref<Target = HeaderValue>> Found<V> {
    #[inline(always)]
    fn first(self) -> Option<V> {
        match self {
            Found::None => None,
            Found::One(first) | Found::Several(first) => Some(first),
        }
    }

    /// The lines as an Origin: `None` if it is empty, which is as if absent, and `None` inside if several lines make it
    /// unreadable.
    #[inline(always)]
    fn origin(self) -> Option<Option<V>> {
        match self {
            Found::One(origin) if !origin.is_empty() => Some(Some(origin)),
            Found::Several(_) => Some(None),
            _ => None,
        }
    }
}
