//! What S3 itself answers, byte for byte.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_TYPE, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, add_vary, allow_timing, join, replace_owned, take, value, STAR, TRUE};
use super::s3_error_body::{Refusal, ResourceType};
use super::s3_settings::Settings;
use super::{respond, Dialect, Grant, Grants, TextBody, Verdict, WithBody};
use crate::config::is_token_byte;
use crate::policy::{trim, CorsPolicy, CorsRequest, Lines, RuleAnswer};
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
/// The body of the responses must be `From<Bytes>`: that is the body of a refusal. For any other body there is [`S3::body`].
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
#[derive(Clone, Debug, Default)]
pub struct S3 {
    // Behind one pointer, so that the service stays small.
    settings: Option<Arc<Settings>>,
}

impl S3 {
    /// Sets the function that gives the `RequestId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn request_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings_mut().request_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `HostId` of error bodies. Without it, or where it returns `None`, the element is
    /// left out.
    pub fn host_id(mut self, id: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings_mut().host_id = Some(Arc::new(id));
        self
    }

    /// Sets the function that gives the `ResourceType` of error bodies. Without it, it is `BUCKET` for the path `/` and
    /// `OBJECT` for each other.
    pub fn resource_type(
        mut self,
        resource_type: impl Fn(&Parts) -> ResourceType + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().resource_type = Some(Arc::new(resource_type));
        self
    }

    /// Sets whether every response says `Vary`, so that a cache can never give an answer without CORS headers to an origin
    /// that would be granted, as Aliyun's `ResponseVary` does. Off by default: Amazon S3 says it only where a rule matches.
    ///
    /// Responses to requests that are [not ours](PolicyLookup::NotOurs) stay as they are.
    pub fn always_vary(mut self, always: bool) -> Self {
        self.settings_mut().always_vary = always;
        self
    }

    /// Sets whether a preflight for a bucket that has no rules, or that does not exist, is refused in the words for one that
    /// no rule allows, so that strangers cannot find out which buckets exist. Off by default: Amazon S3 tells.
    ///
    /// Preflights alone are concerned: what the response to any other request tells is the server's.
    pub fn uniform_refusals(mut self, uniform: bool) -> Self {
        self.settings_mut().uniform_refusals = uniform;
        self
    }

    /// Sets the function that makes a body of the bytes of an error body, or of none. Call it last.
    ///
    /// ```
    /// use http_body_util::{BodyExt, Full};
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, S3};
    ///
    /// # fn layer(policy: CorsPolicy) {
    /// let dialect = S3::default().uniform_refusals(true).body(|bytes| Full::new(bytes).boxed());
    /// let layer = CorsLayer::new(policy).dialect(dialect);
    /// # }
    /// ```
    pub fn body<F, B>(self, body: F) -> WithBody<Self, F>
    where
        F: Fn(Bytes) -> B,
    {
        WithBody { dialect: self, body }
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(self.settings.get_or_insert_with(Arc::default))
    }

    #[inline(always)]
    fn always_varies(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.always_vary)
    }

    #[inline(always)]
    fn handle_with<A, B>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
        body: impl Fn(Bytes) -> B,
    ) -> Verdict<Response<B>, S3Grant> {
        if *request.method() != Method::OPTIONS {
            return Verdict::Forward(self.grant(source, request));
        }
        match self.preflight(source, request) {
            None => Verdict::Forward(S3Grant(Outcome::Untouched { varies: false })),
            Some(Ok((rule, names))) => {
                let headers = request.headers_mut();
                let origin = headers.get_mut(ORIGIN).filter(|_| !rule.any_origin).map(take);
                let names = names.or_else(|| headers.get_mut(ACCESS_CONTROL_REQUEST_HEADERS).map(take));
                headers.clear();
                write_answer(headers, &rule, origin, names);
                add(headers, VARY, VARY_OF_GRANT);
                Verdict::Answer(respond(StatusCode::OK, headers, body(Bytes::new())))
            }
            Some(Err(refusal)) => {
                let resource_type = source.resource_type(request);
                let (status, text) = refusal.finish(request, self.settings.as_deref(), resource_type);
                let headers = request.headers_mut();
                headers.clear();
                add(headers, CONTENT_TYPE, const { HeaderValue::from_static("application/xml") });
                if self.always_varies() {
                    add(headers, VARY, VARY_OF_GRANT);
                }
                Verdict::Answer(respond(status, headers, body(text)))
            }
        }
    }

    /// The rule that grants a preflight and the [names](RequestedNames::rewritten), or why S3 refuses it; `None` if it is
    /// not for us.
    #[inline(always)]
    fn preflight<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> Option<Preflight> {
        let lookup = source.policy_for(request);
        if matches!(lookup, PolicyLookup::NotOurs) {
            return None;
        }
        #[cfg(feature = "tracing")]
        if let PolicyLookup::Policy(policy) = &lookup {
            crate::service::telemetry::report(policy, request, CorsRequest::classify_s3);
        }
        let Some(asked) = CorsRequest::classify_s3(request) else {
            return Some(Err(Refusal::no_origin()));
        };
        let names = RequestedNames::read(asked.requested_lines);
        let rule = match &lookup {
            PolicyLookup::Policy(policy) if names.invalid.is_none() => policy.answer(policy.decide(&asked)),
            _ => None,
        };
        Some(match rule {
            Some(rule) => Ok((Arc::clone(rule), names.rewritten())),
            None => Err(Refusal::new(&lookup, &asked, names.invalid, self.settings.as_deref())),
        })
    }
}

type Preflight = Result<(Arc<RuleAnswer>, Option<HeaderValue>), Refusal>;

impl Grants for S3 {
    type Grant = S3Grant;

    #[inline(always)]
    fn grant<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> S3Grant {
        let varies = self.always_varies();
        let policy = match source.policy_for(request) {
            PolicyLookup::Policy(policy) => policy,
            PolicyLookup::NotOurs => return S3Grant(Outcome::Untouched { varies: false }),
            _ => return S3Grant(Outcome::Untouched { varies }),
        };
        #[cfg(feature = "tracing")]
        crate::service::telemetry::report(&policy, request, CorsRequest::classify_s3);
        S3Grant(actual(&policy, request).unwrap_or(Outcome::Refused { varies }))
    }
}

impl<B: TextBody> Dialect<B> for S3 {
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, S3Grant> {
        self.handle_with(source, request, B::from_text)
    }
}

impl<B, F: Fn(Bytes) -> B> Dialect<B> for WithBody<S3, F> {
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, S3Grant> {
        self.dialect.handle_with(source, request, &self.body)
    }
}

/// The grant of a request other than OPTIONS; `None` if no rule matches.
#[inline(always)]
fn actual<A>(policy: &CorsPolicy, request: &Request<A>) -> Option<Outcome> {
    let asked = CorsRequest::classify_s3(request)?;
    let rule = policy.answer(policy.decide(&asked))?;
    let origin = if rule.any_origin { None } else { asked.origin_value().cloned() };
    let line = || request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allow_headers = match asked.requested_lines {
        Lines::None => None,
        lines => RequestedNames::read(lines).rewritten().or_else(line),
    };
    Some(Outcome::Granted { rule: Arc::clone(rule), origin, allow_headers })
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
    /// No policy applies to the request, so no header of the response is ours, but for Vary where a cache must know.
    Untouched { varies: bool },
    /// No rule matches.
    Refused { varies: bool },
    /// A rule matches. The Origin is that of the request, unless the rule answers `*`.
    Granted { rule: Arc<RuleAnswer>, origin: Option<HeaderValue>, allow_headers: Option<HeaderValue> },
}

impl Grant for S3Grant {
    fn write(&mut self, headers: &mut HeaderMap) {
        match &mut self.0 {
            Outcome::Untouched { varies: false } => {}
            Outcome::Untouched { varies: true } => add_vary(headers, VARY_OF_GRANT),
            Outcome::Refused { varies } => {
                replace_owned(headers, varies.then_some(|| VARY_OF_GRANT), |_| ());
            }
            Outcome::Granted { rule, origin, allow_headers } => {
                // Grown once for the seven headers and Vary, while it has few entries to move. Where it cannot grow, what
                // has no room is left out.
                _ = headers.try_reserve(8);
                let write = |headers: &mut HeaderMap| {
                    write_answer(headers, rule, origin.take(), allow_headers.take());
                    if rule.timing {
                        allow_timing(headers);
                    }
                };
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
