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

use super::headers::{add, add_some, join, replace_owned, take, value, STAR, TRUE};
use super::s3_error_body::{ErrorContext, Refusal, ResourceType};
use super::{respond, Dialect, Grant, Verdict};
use crate::config::is_token_byte;
use crate::policy::{trim, CorsRequest, Lines, RuleAnswer};
use crate::service::source::{PolicyLookup, PolicySource};

/// The dialect of Amazon S3, for servers that speak S3: status, headers and error bodies as S3 sends them.
///
/// It answers every OPTIONS itself. Any other request reaches the inner service, and the response
/// gets the same headers that a preflight would get.
///
/// `Access-Control-Allow-Credentials: true` goes with every origin that is given back, whether or not the policy has
/// [credentials](crate::CorsPolicyBuilder::credentials). A policy built with them refuses patterns that match origins of
/// strangers.
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
    /// `OBJECT` for each other.
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
            return Verdict::Forward(S3Grant(actual(source, request)));
        }
        Verdict::Answer(match preflight(source, request) {
            Ok((rule, names)) => {
                let headers = request.headers_mut();
                let origin = headers.get_mut(ORIGIN).filter(|_| !rule.any_origin).map(take);
                let names = names.or_else(|| headers.get_mut(ACCESS_CONTROL_REQUEST_HEADERS).map(take));
                headers.clear();
                write_answer(headers, &rule, origin, names);
                add(headers, VARY, VARY_OF_GRANT);
                respond(StatusCode::OK, headers, B::from(Bytes::new()))
            }
            Err(refusal) => refusal.respond(request, self.context.as_deref()),
        })
    }
}

fn actual<A>(source: &impl PolicySource<A>, request: &Request<A>) -> Outcome {
    let PolicyLookup::Policy(policy) = source.policy_for(request) else {
        return Outcome::Untouched;
    };
    #[cfg(feature = "tracing")]
    crate::service::telemetry::report(&policy, request, CorsRequest::classify_s3);
    let Some(asked) = CorsRequest::classify_s3(request) else {
        return Outcome::Refused;
    };
    let Some(rule) = policy.answer(policy.decide(&asked)) else {
        return Outcome::Refused;
    };
    let origin = if rule.any_origin { None } else { asked.origin_value().cloned() };
    let line = || request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allow_headers = match asked.requested_lines {
        Lines::None => None,
        lines => RequestedNames::read(lines).rewritten().or_else(line),
    };
    Outcome::Granted { rule: Arc::clone(rule), origin, allow_headers }
}

/// The rule that grants a preflight and the [names](RequestedNames::rewritten), or why S3 refuses it.
fn preflight<A>(
    source: &impl PolicySource<A>,
    request: &Request<A>,
) -> Result<(Arc<RuleAnswer>, Option<HeaderValue>), Refusal> {
    let asked = CorsRequest::classify_s3(request).ok_or_else(Refusal::no_origin)?;
    let lookup = source.policy_for(request);
    #[cfg(feature = "tracing")]
    if let PolicyLookup::Policy(policy) = &lookup {
        crate::service::telemetry::report(policy, request, CorsRequest::classify_s3);
    }
    let names = RequestedNames::read(asked.requested_lines);
    let rule = match &lookup {
        PolicyLookup::Policy(policy) if names.invalid.is_none() => policy.answer(policy.decide(&asked)),
        _ => None,
    };
    let rule = rule.ok_or_else(|| Refusal::new(&lookup, &asked, names.invalid))?;
    Ok((Arc::clone(rule), names.rewritten()))
}

/// The requested names, read in one pass.
struct RequestedNames<'a> {
    lines: Lines<'a>,
    /// The first element of the list that is neither a name between blanks nor empty.
    invalid: Option<&'a [u8]>,
    /// The bytes of the names, joined with `, `.
    length: usize,
    /// Whether they are sent joined so.
    is_joined: bool,
}

impl<'a> RequestedNames<'a> {
    fn read(lines: Lines<'a>) -> Self {
        let is_joined = matches!(lines, Lines::One(_));
        let mut names = RequestedNames { lines, invalid: None, length: 0, is_joined };
        for element in lines.elements() {
            let name = trim(element);
            if !name.iter().copied().all(is_token_byte) {
                names.invalid = names.invalid.or(Some(element));
            }
            let separator: &[u8] = if names.length == 0 { b"" } else { b" " };
            names.is_joined &=
                !name.is_empty() && element.strip_prefix(separator).map(<[u8]>::len) == Some(name.len());
            if !name.is_empty() {
                names.length += 2 * separator.len() + name.len();
            }
        }
        names
    }

    /// The names as Allow-Headers has them, in lower case and joined with `, `; `None` if the request has them so.
    fn rewritten(&self) -> Option<HeaderValue> {
        match self.lines {
            Lines::None => None,
            Lines::One(line) if self.is_joined && !line.iter().any(u8::is_ascii_uppercase) => None,
            lines => {
                let mut joined = join(lines.names(), self.length);
                joined.make_ascii_lowercase();
                Some(value(joined))
            }
        }
    }
}

const VARY_OF_GRANT: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// What the response to a request other than OPTIONS gets.
#[derive(Debug)]
pub struct S3Grant(Outcome);

#[derive(Debug)]
enum Outcome {
    /// No policy applies to the request, so no header of the response is ours.
    Untouched,
    /// No rule matches.
    Refused,
    /// A rule matches. The Origin is that of the request, unless the rule answers `*`.
    Granted { rule: Arc<RuleAnswer>, origin: Option<HeaderValue>, allow_headers: Option<HeaderValue> },
}

impl Grant for S3Grant {
    fn write(&mut self, headers: &mut HeaderMap) {
        match &mut self.0 {
            Outcome::Untouched => {}
            Outcome::Refused => replace_owned(headers, None, |_| ()),
            Outcome::Granted { rule, origin, allow_headers } => {
                // Grown once for the six headers and Vary, while it has few entries to move. Where it cannot grow, what
                // has no room is left out.
                _ = headers.try_reserve(7);
                let write =
                    |headers: &mut _| write_answer(headers, rule, origin.take(), allow_headers.take());
                replace_owned(headers, Some(|| VARY_OF_GRANT), write);
            }
        }
    }
}

/// Writes what S3 answers where a rule matches, the same for a preflight and for any other request.
#[inline(always)]
fn write_answer(
    headers: &mut HeaderMap,
    rule: &RuleAnswer,
    origin: Option<HeaderValue>,
    names: Option<HeaderValue>,
) {
    add(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin.unwrap_or(STAR));
    add(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
    // A list without a name is as if absent.
    add_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, names.filter(|names| !names.is_empty()));
    add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
    add_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
    if !rule.any_origin {
        add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    }
}
