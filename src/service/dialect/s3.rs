//! What S3 itself answers, byte for byte.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, add_vary, join, remove_owned, replace_owned, star, take, truth, value};
use super::s3_error_body::{ErrorContext, Refusal, ResourceType};
use super::{respond, Dialect, Grant, Verdict};
use crate::config::{is_token_byte, S3_METHODS};
use crate::policy::{trim, CorsPolicy, CorsRequest, Lines, RuleAnswer};
use crate::service::source::{PolicyLookup, PolicySource};
#[cfg(feature = "tracing")]
use crate::service::telemetry;

/// The dialect of Amazon S3, for servers that speak S3: status, headers and error bodies as S3 sends them.
///
/// It answers every OPTIONS itself. Any other request reaches the inner service, and the response
/// gets the same headers that a preflight would get.
///
/// The body of the responses must be `From<Bytes>`: that is the body of a refusal.
///
/// ```
/// use tower_s3_cors::{CorsLayer, CorsPolicy, ResourceType, S3};
///
/// # fn layer(policy: CorsPolicy) {
/// let dialect = S3::default()
///     .request_id(|request| request.extensions.get::<String>().cloned())
///     .resource_type(|request| match request.uri.path().matches('/').count() {
///         0 | 1 => ResourceType::Bucket,
///         _ => ResourceType::Object,
///     });
/// let layer = CorsLayer::new(policy).dialect(dialect);
/// # }
/// ```
#[derive(Clone, Default)]
pub struct S3 {
    // Behind one pointer, so that the service stays small.
    about: Option<Arc<ErrorContext>>,
}

impl S3 {
    /// Tells the `RequestId` of error bodies. Without it, or where it gives `None`, the element is left out.
    pub fn request_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.context_mut().request_id = Some(Arc::new(id));
        self
    }

    /// Tells the `HostId` of error bodies. Without it, or where it gives `None`, the element is left out.
    pub fn host_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.context_mut().host_id = Some(Arc::new(id));
        self
    }

    /// Tells the `ResourceType` of error bodies. Without it, the path `/` is the bucket and all else an object.
    pub fn resource_type(
        mut self,
        resource_type: impl Fn(&Parts) -> ResourceType + Send + Sync + 'static,
    ) -> Self {
        self.context_mut().resource_type = Some(Arc::new(resource_type));
        self
    }

    fn context_mut(&mut self) -> &mut ErrorContext {
        Arc::make_mut(self.about.get_or_insert_with(Arc::default))
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").finish_non_exhaustive()
    }
}

impl<B: From<Bytes>> Dialect<B> for S3 {
    type Grant = S3Grant;

    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, S3Grant> {
        if *request.method() != Method::OPTIONS {
            return Verdict::Forward(actual(source, request));
        }
        Verdict::Answer(match (preflight(source, request), &self.about) {
            (Ok(leave), _) => granted(request.headers_mut(), leave),
            (Err(refusal), Some(about)) => refusal.respond(request, about),
            (Err(refusal), None) => refusal.respond(request, &ErrorContext::default()),
        })
    }
}

fn actual<A>(source: &impl PolicySource<A>, request: &Request<A>) -> S3Grant {
    let PolicyLookup::Policy(policy) = source.policy_for(request) else {
        return S3Grant::Untouched;
    };
    #[cfg(feature = "tracing")]
    telemetry::s3(&policy, request);
    match CorsRequest::classify_s3(request).and_then(|asked| Leave::of(&policy, &asked)) {
        Some(leave) => S3Grant::Granted(leave.given(|name| request.headers().get(name).cloned())),
        None => S3Grant::Refused,
    }
}

fn preflight<A>(source: &impl PolicySource<A>, request: &Request<A>) -> Result<Leave, Refusal> {
    let asked = CorsRequest::classify_s3(request).ok_or_else(Refusal::no_origin)?;
    let governing = source.policy_for(request);
    #[cfg(feature = "tracing")]
    if let PolicyLookup::Policy(policy) = &governing {
        telemetry::s3(policy, request);
    }
    let extended = matches!(&governing, PolicyLookup::Policy(policy) if policy.is_extended());
    if let Some(method) = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| !extended) {
        if !S3_METHODS.iter().any(|known| known.as_bytes() == method.as_bytes()) {
            return Err(Refusal::invalid_method(method.as_bytes()));
        }
    }
    if let Some(element) = asked.requested_elements().find(|element| !is_name(element)) {
        return Err(Refusal::invalid_name(element));
    }
    match governing {
        PolicyLookup::NoSuchBucket => Err(Refusal::no_such_bucket(&asked)),
        PolicyLookup::NoConfiguration => Err(Refusal::no_configuration(&asked)),
        PolicyLookup::Policy(policy) => Leave::of(&policy, &asked).ok_or_else(|| Refusal::no_match(&asked)),
    }
}

/// Whether an element of the requested list is a name between blanks, or nothing.
fn is_name(element: &[u8]) -> bool {
    trim(element).iter().copied().all(is_token_byte)
}

/// A rule matches, but for what the answer takes from the request's own headers.
struct Leave {
    rule: Arc<RuleAnswer>,
    names: Names,
}

/// The requested names in lower case, joined with `, `.
enum Names {
    None,
    /// The one line of the request is that already.
    Line,
    Joined(HeaderValue),
}

impl Names {
    fn of(asked: &CorsRequest<'_>) -> Self {
        match asked.requested_lines() {
            Lines::None => Names::None,
            Lines::One(line) if is_canonical(line.as_bytes()) => Names::Line,
            lines => {
                let mut joined = join(lines.names());
                joined.make_ascii_lowercase();
                value(joined).map_or(Names::None, Names::Joined)
            }
        }
    }
}

impl Leave {
    fn of(policy: &CorsPolicy, asked: &CorsRequest<'_>) -> Option<Self> {
        let rule = policy.answer(policy.decide(asked))?;
        Some(Leave { rule: Arc::clone(rule), names: Names::of(asked) })
    }

    /// With the values of the request's headers, cloned or moved out.
    fn given(self, mut value: impl FnMut(HeaderName) -> Option<HeaderValue>) -> Given {
        let origin = if self.rule.any_origin { None } else { value(ORIGIN) };
        let allow_headers = match self.names {
            Names::None => None,
            Names::Line => value(ACCESS_CONTROL_REQUEST_HEADERS),
            Names::Joined(names) => Some(names),
        };
        Given { rule: self.rule, origin, allow_headers }
    }
}

/// What S3 answers where a rule matches, the same for a preflight and for any other request.
pub struct Given {
    rule: Arc<RuleAnswer>,
    /// The request's Origin, unless the rule answers `*`.
    origin: Option<HeaderValue>,
    allow_headers: Option<HeaderValue>,
}

impl Given {
    fn write(&mut self, headers: &mut HeaderMap, vary: Option<HeaderValue>) {
        let rule = &self.rule;
        let origin = if rule.any_origin { Some(star()) } else { self.origin.take() };
        add_some(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        add(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
        add_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.take());
        add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
        add_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
        if !rule.any_origin {
            add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
        }
        if let Some(line) = vary {
            add_vary(headers, line);
        }
    }
}

fn varies() -> HeaderValue {
    const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    const { HeaderValue::from_static(VARIES) }
}

fn is_canonical(line: &[u8]) -> bool {
    let is_canonical = |(index, element): (usize, &[u8])| {
        let name = if index == 0 { Some(element) } else { element.strip_prefix(b" ") };
        name.is_some_and(|name| !name.is_empty() && trim(name) == name)
    };
    !line.iter().any(u8::is_ascii_uppercase) && line.split(|byte| *byte == b',').enumerate().all(is_canonical)
}

/// What the response to a request other than OPTIONS gets.
pub enum S3Grant {
    /// No policy governs the request, so nothing of the response is ours.
    Untouched,
    /// No rule matches.
    Refused,
    /// A rule matches.
    Granted(Given),
}

impl Grant for S3Grant {
    fn write(&mut self, headers: &mut HeaderMap) {
        match self {
            S3Grant::Untouched => {}
            S3Grant::Refused => remove_owned(headers),
            S3Grant::Granted(given) => {
                let vary = replace_owned(headers, varies());
                given.write(headers, vary);
            }
        }
    }
}

fn granted<B: From<Bytes>>(headers: &mut HeaderMap, leave: Leave) -> Response<B> {
    let mut given = leave.given(|name| take(headers, name));
    headers.clear();
    given.write(headers, Some(varies()));
    respond(StatusCode::OK, headers, B::from(Bytes::new()))
}
