//! What S3 itself answers, byte for byte.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, join, remove_owned, replace_owned, star, take, truth, value};
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
///         0 | 1 => ResourceType::BUCKET,
///         _ => ResourceType::OBJECT,
///     });
/// let layer = CorsLayer::new(policy).dialect(dialect);
/// # }
/// ```
#[derive(Clone, Default)]
pub struct S3 {
    // Behind one pointer, so that the service stays small.
    context: Option<Arc<ErrorContext>>,
}

impl S3 {
    /// Sets the function that gives the `RequestId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn request_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.context_mut().request_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `HostId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn host_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.context_mut().host_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `ResourceType` of error bodies. Without it, it is `BUCKET` for the path `/` and
    /// `OBJECT` for every other.
    pub fn resource_type(
        mut self,
        resource_type: impl Fn(&Parts) -> ResourceType + Send + Sync + 'static,
    ) -> Self {
        self.context_mut().resource_type = Some(Arc::new(resource_type));
        self
    }

    fn context_mut(&mut self) -> &mut ErrorContext {
        Arc::make_mut(self.context.get_or_insert_with(Arc::default))
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
        Verdict::Answer(match preflight(source, request) {
            Ok(found) => granted(found, request.headers_mut()),
            Err(refusal) => refusal.respond(request, self.context.as_deref()),
        })
    }
}

fn actual<A>(source: &impl PolicySource<A>, request: &Request<A>) -> S3Grant {
    let PolicyLookup::Policy(policy) = source.policy_for(request) else {
        return S3Grant::Untouched;
    };
    #[cfg(feature = "tracing")]
    telemetry::s3(&policy, request);
    let Some(asked) = CorsRequest::classify_s3(request) else {
        return S3Grant::Refused;
    };
    let Some(found) = RuleMatch::find(&policy, &asked) else {
        return S3Grant::Refused;
    };
    let line = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS);
    S3Grant::Granted(AnswerHeaders::new(found, asked.origin().cloned(), line.cloned()))
}

fn preflight<A>(source: &impl PolicySource<A>, request: &Request<A>) -> Result<RuleMatch, Refusal> {
    let asked = CorsRequest::classify_s3(request).ok_or_else(Refusal::no_origin)?;
    let lookup = source.policy_for(request);
    #[cfg(feature = "tracing")]
    if let PolicyLookup::Policy(policy) = &lookup {
        telemetry::s3(policy, request);
    }
    let extended = matches!(&lookup, PolicyLookup::Policy(policy) if policy.is_extended());
    if let Some(method) = asked.requested_method().filter(|_| !extended) {
        if !S3_METHODS.iter().any(|known| known.as_bytes() == method) {
            return Err(Refusal::invalid_method(method));
        }
    }
    if let Some(element) = asked.requested_lines().elements().find(|element| !is_name(element)) {
        return Err(Refusal::invalid_name(element));
    }
    match lookup {
        PolicyLookup::NoSuchBucket => Err(Refusal::no_such_bucket(&asked)),
        PolicyLookup::NoConfiguration => Err(Refusal::no_configuration(&asked)),
        PolicyLookup::Policy(policy) => {
            RuleMatch::find(&policy, &asked).ok_or_else(|| Refusal::no_match(&asked))
        }
    }
}

/// Whether an element of the requested list is a name between blanks, or empty.
fn is_name(element: &[u8]) -> bool {
    trim(element).iter().copied().all(is_token_byte)
}

/// The answer of the rule that matches, without the values that it takes from the request's own headers.
struct RuleMatch {
    rule: Arc<RuleAnswer>,
    names: Names,
}

/// The requested names in lower case, joined with `, `.
enum Names {
    None,
    /// The one line of the request is that already.
    AsSent,
    Joined(HeaderValue),
}

impl RuleMatch {
    fn find(policy: &CorsPolicy, asked: &CorsRequest<'_>) -> Option<Self> {
        let rule = policy.answer(policy.decide(asked))?;
        Some(RuleMatch { rule: Arc::clone(rule), names: Names::new(asked.requested_lines()) })
    }
}

impl Names {
    fn new(lines: Lines<'_>) -> Self {
        match lines {
            Lines::None => Names::None,
            Lines::One(line) if is_canonical(line.as_bytes()) => Names::AsSent,
            lines => {
                let mut joined = join(|| lines.names());
                joined.make_ascii_lowercase();
                value(joined).map_or(Names::None, Names::Joined)
            }
        }
    }
}

fn is_canonical(line: &[u8]) -> bool {
    let is_canonical = |(index, element): (usize, &[u8])| {
        let name = if index == 0 { Some(element) } else { element.strip_prefix(b" ") };
        name.is_some_and(|name| !name.is_empty() && trim(name) == name)
    };
    !line.iter().any(u8::is_ascii_uppercase) && line.split(|byte| *byte == b',').enumerate().all(is_canonical)
}

/// What S3 answers where a rule matches, the same for a preflight and for any other request.
pub struct AnswerHeaders {
    rule: Arc<RuleAnswer>,
    /// The request's Origin, unless the rule answers `*`.
    origin: Option<HeaderValue>,
    allow_headers: Option<HeaderValue>,
}

impl AnswerHeaders {
    fn new(found: RuleMatch, origin: Option<HeaderValue>, line: Option<HeaderValue>) -> Self {
        let allow_headers = match found.names {
            Names::None => None,
            Names::AsSent => line,
            Names::Joined(names) => Some(names),
        };
        AnswerHeaders { rule: found.rule, origin, allow_headers }
    }

    fn write(&mut self, headers: &mut HeaderMap) {
        let rule = &self.rule;
        let origin = self.origin.take().filter(|_| !rule.any_origin);
        add(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin.unwrap_or_else(star));
        add(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
        add_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.take());
        add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
        add_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
        if !rule.any_origin {
            add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
        }
    }
}

fn varies() -> HeaderValue {
    const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    const { HeaderValue::from_static(VARIES) }
}

/// What the response to a request other than OPTIONS gets.
pub enum S3Grant {
    /// No policy applies to the request, so no header of the response is ours.
    Untouched,
    /// No rule matches.
    Refused,
    /// A rule matches.
    Granted(AnswerHeaders),
}

impl Grant for S3Grant {
    fn write(&mut self, headers: &mut HeaderMap) {
        match self {
            S3Grant::Untouched => {}
            S3Grant::Refused => remove_owned(headers),
            S3Grant::Granted(answer) => {
                if replace_owned(headers, varies()) {
                    answer.write(headers);
                }
            }
        }
    }
}

fn granted<B: From<Bytes>>(found: RuleMatch, headers: &mut HeaderMap) -> Response<B> {
    let origin = headers.get_mut(ORIGIN).map(take);
    let line = headers.get_mut(ACCESS_CONTROL_REQUEST_HEADERS).map(take);
    let mut answer = AnswerHeaders::new(found, origin, line);
    headers.clear();
    answer.write(headers);
    add(headers, VARY, varies());
    respond(StatusCode::OK, headers, B::from(Bytes::new()))
}
