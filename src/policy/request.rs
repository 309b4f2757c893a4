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
            if let Some((origin, method, names)) = AskedHeaders::of_request(request).into_preflight() {
                return Some(CorsRequest {
                    preflight: true,
                    origin,
                    method: method.as_bytes(),
                    has_requested_method: true,
                    names: names.lines(request.headers()),
                });
            }
        }
        Self::actual(request)
    }

    /// Reads a request that is known to be no preflight; `None` if it carries no Origin.
    #[inline(always)]
    pub(crate) fn actual<B>(request: &'a Request<B>) -> Option<Self> {
        let headers = request.headers();
        let is_repeated = repeats_any(headers) && repeats(headers, &ORIGIN);
        let origin = FirstLine { value: headers.get(&ORIGIN), is_repeated }.into_origin()?;
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
    #[inline]
    pub fn classify_s3<B>(request: &'a Request<B>) -> Option<Self> {
        let asked = AskedHeaders::of_request(request);
        let own = request.method().as_str().as_bytes();
        Some(CorsRequest {
            preflight: *request.method() == Method::OPTIONS,
            origin: asked.origin.into_origin()?,
            method: asked.method.value.map_or(own, HeaderValue::as_bytes),
            has_requested_method: asked.method.value.is_some(),
            names: asked.names.lines(request.headers()),
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

    /// The value of Access-Control-Request-Method, if it takes part.
    pub(crate) fn requested_method(&self) -> Option<&'a [u8]> {
        self.has_requested_method.then_some(self.method)
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

/// The headers that make a preflight, found in one pass over all of them: that costs less than three look-ups.
///
/// `V` is a reference to a value, shared or mutable.
pub(crate) struct AskedHeaders<V> {
    origin: FirstLine<V>,
    method: FirstLine<V>,
    pub(crate) names: FirstLine<V>,
}

/// The first line of a header, if it has any.
pub(crate) struct FirstLine<V> {
    pub(crate) value: Option<V>,
    pub(crate) is_repeated: bool,
}

impl<V> FirstLine<V> {
    const NONE: Self = FirstLine { value: None, is_repeated: false };

    #[inline(always)]
    fn push(&mut self, value: V) {
        self.is_repeated = self.value.is_some();
        self.value = self.value.take().or(Some(value));
    }
}

impl<V: Deref<Target = HeaderValue>> FirstLine<V> {
    /// An Origin: `None` if it is absent or empty, which is the same, and `None` inside if several lines make it
    /// unreadable.
    #[inline(always)]
    fn into_origin(self) -> Option<Option<V>> {
        let value = self.value?;
        if self.is_repeated {
            return Some(None);
        }
        (!value.is_empty()).then_some(Some(value))
    }
}

impl<V: Deref<Target = HeaderValue>> AskedHeaders<V> {
    /// `repeats` says whether any header of the request has more than one line: [`repeats_any`].
    #[inline(always)]
    pub(crate) fn find<'a>(repeats: bool, headers: impl Iterator<Item = (&'a HeaderName, V)>) -> Self {
        let mut asked =
            AskedHeaders { origin: FirstLine::NONE, method: FirstLine::NONE, names: FirstLine::NONE };
        // Where a header is repeated, three lines may be found before the last header is.
        let mut wanted = if repeats { usize::MAX } else { 3 };
        for (name, value) in headers {
            match *name {
                ORIGIN => asked.origin.push(value),
                ACCESS_CONTROL_REQUEST_METHOD => asked.method.push(value),
                ACCESS_CONTROL_REQUEST_HEADERS => asked.names.push(value),
                _ => continue,
            }
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
        asked
    }

    /// Of an OPTIONS that is a preflight, the Origin, `None` if it cannot be read, the requested method and the lines of
    /// requested names.
    #[inline(always)]
    pub(crate) fn into_preflight(self) -> Option<(Option<V>, V, FirstLine<V>)> {
        Some((self.origin.into_origin()?, self.method.value?, self.names))
    }
}

impl<'a> AskedHeaders<&'a HeaderValue> {
    fn of_request<B>(request: &'a Request<B>) -> Self {
        let headers = request.headers();
        AskedHeaders::find(repeats_any(headers), headers.iter())
    }
}

impl<'a> FirstLine<&'a HeaderValue> {
    fn lines(self, headers: &'a HeaderMap) -> Lines<'a> {
        match self.value {
            None => Lines::None,
            Some(_) if self.is_repeated => Lines::Several(headers),
            Some(line) => Lines::One(line),
        }
    }
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
