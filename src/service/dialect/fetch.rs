//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, allow_timing, joined, replace_owned, take, EMPTY, STAR, TRUE};
use super::{respond, Dialect, EmptyBody, Grant, Grants, Reading, Verdict, WithBody};
use crate::policy::{has_repeated, AskedHeaders, CorsPolicy, CorsRequest, Found, Lines, RuleAnswer};
use crate::service::observe::report;
use crate::service::source::{PolicyLookup, PolicySource};

const READING: Reading = Reading {
    classify: |method, headers| CorsRequest::from_parts(method, headers),
    decide: CorsPolicy::decide,
    refusal: None,
    always_varies: false,
};
const VARY_OF_ACTUAL: HeaderValue = HeaderValue::from_static("Origin");
const VARY_OF_PREFLIGHT: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// The dialect of the [Fetch standard](https://fetch.spec.whatwg.org/#http-cors-protocol), for browsers:
/// the default.
///
/// A preflight is answered with 204, or with 403 and no CORS header. Every other request reaches the
/// inner service; its response gets `Access-Control-Allow-Origin` if a rule grants it, and
/// `Vary: Origin` whether or not one does. Where every rule lists `*`, a request without Origin is granted too, and
/// responses of the inner service do not vary.
///
/// An empty Origin is as if absent; one of several lines is matched by `*` alone.
///
/// The body of the responses must be `Default`: that is the body of a preflight's answer. For any other body there is
/// [`Fetch::body`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch;

impl Fetch {
    /// Sets the function that makes the empty body of a preflight's answer.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::{Either, Empty, Full};
    /// use tower::{service_fn, ServiceBuilder};
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, Fetch};
    ///
    /// type Body = Either<Full<Bytes>, Empty<Bytes>>;
    ///
    /// let dialect = Fetch.body(|| Body::Right(Empty::new()));
    /// let service = ServiceBuilder::new()
    ///     .layer(CorsLayer::new(CorsPolicy::permissive()).dialect(dialect))
    ///     .service(service_fn(|_: Request<()>| async {
    ///         Ok::<_, std::io::Error>(Response::new(Body::Left(Full::from("hello"))))
    ///     }));
    /// # use tower::ServiceExt;
    /// # drop(service.oneshot(Request::new(())));
    /// ```
    pub fn body<F, B>(self, body: F) -> WithBody<Self, F>
    where
        F: Fn() -> B,
    {
        WithBody { dialect: self, body }
    }
}

impl Grants for Fetch {
    type Grant = FetchGrant;

    fn grant<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> FetchGrant {
        match source.policy_for(request) {
            PolicyLookup::Policy(policy) => actual(&policy, request),
            _ => FetchGrant(Outcome::Untouched),
        }
    }
}

impl<B: EmptyBody> Dialect<B> for Fetch {
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, FetchGrant> {
        handle(source, request, B::empty)
    }
}

impl<B, F: Fn() -> B> Dialect<B> for WithBody<Fetch, F> {
    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, FetchGrant> {
        handle(source, request, &self.body)
    }
}

#[inline(always)]
fn handle<A, B>(
    source: &impl PolicySource<A>,
    request: &mut Request<A>,
    body: impl Fn() -> B,
) -> Verdict<Response<B>, FetchGrant> {
    let lookup = source.policy_for(request);
    report(source, request, &lookup, READING);
    let PolicyLookup::Policy(policy) = lookup else {
        return Verdict::Forward(FetchGrant(Outcome::Untouched));
    };
    if *request.method() != Method::OPTIONS {
        return Verdict::Forward(actual(&policy, request));
    }
    let policy = policy.into_owned();
    match preflight(&policy, request.headers_mut()) {
        Some(status) => Verdict::Answer(respond(status, request.headers_mut(), body())),
        None => Verdict::Forward(actual(&policy, request)),
    }
}

/// Turns the headers of a preflight into those of its answer; the headers of any other OPTIONS are not changed.
///
/// Apart, so that the response to an actual request takes no detour.
#[inline(never)]
fn preflight(policy: &CorsPolicy, headers: &mut HeaderMap) -> Option<StatusCode> {
    let asked = AskedHeaders::find(has_repeated(headers), headers.iter_mut());
    let (origin, method, names) = asked.preflight()?;
    let candidates = policy.candidates(origin.as_deref().map(HeaderValue::as_bytes), method.as_bytes());
    let mut status = StatusCode::FORBIDDEN;
    if candidates.is_empty() {
        headers.clear();
    } else {
        let origin = origin.map(take);
        let names = match names {
            Found::None => EMPTY,
            Found::One(line) => take(line),
            Found::Several(_) => joined(|| Lines::Several(headers).names()),
        };
        headers.clear();
        let decision = policy.decide_among(candidates, Lines::One(names.as_bytes()).names());
        if let Some(rule) = policy.answer(decision) {
            allow_origin(headers, rule, origin);
            add(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
            // A list without a name is as if absent.
            if Lines::One(names.as_bytes()).names().next().is_some() {
                add(headers, ACCESS_CONTROL_ALLOW_HEADERS, names);
            }
            add_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
            status = StatusCode::NO_CONTENT;
        }
    }
    add(headers, VARY, VARY_OF_PREFLIGHT);
    Some(status)
}

/// What the response to an actual request gets.
#[derive(Clone, Debug)]
pub struct FetchGrant(Outcome);

#[derive(Clone, Debug)]
enum Outcome {
    /// No policy applies to the request, so no header of the response is ours.
    Untouched,
    /// No rule matches. The response varies if one could match another Origin.
    Refused { varies: bool },
    /// A rule matches. The Origin is that of the request, unless the rule answers `*`.
    Granted { rule: Arc<RuleAnswer>, origin: Option<HeaderValue> },
}

#[inline(always)]
fn actual<A>(policy: &CorsPolicy, request: &Request<A>) -> FetchGrant {
    let asked = match CorsRequest::classify_actual(request.method(), request.headers()) {
        Some(asked) => asked,
        // The answer is the same whatever the Origin, so a cache may give it to a request that has one.
        None if policy.ignores_origin() => CorsRequest::without_origin(request.method().as_str()),
        None => return FetchGrant(Outcome::Refused { varies: true }),
    };
    let Some(rule) = policy.answer(policy.decide(&asked)) else {
        return FetchGrant(Outcome::Refused { varies: !policy.ignores_origin() });
    };
    let origin = if rule.any_origin { None } else { asked.origin_value().cloned() };
    FetchGrant(Outcome::Granted { rule: Arc::clone(rule), origin })
}

impl Grant for FetchGrant {
    fn write(&mut self, headers: &mut HeaderMap) {
        match &mut self.0 {
            Outcome::Untouched => {}
            Outcome::Refused { varies } => replace_owned(headers, vary(*varies), |_| ()),
            // It is in another response already.
            Outcome::Granted { rule, origin: None } if !rule.any_origin => withdraw(headers),
            Outcome::Granted { rule, origin } => {
                replace_owned(headers, vary(rule.varies), |headers| {
                    allow_origin(headers, rule, origin.take());
                    add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
                });
                if rule.timing {
                    allow_timing(headers);
                }
            }
        }
    }
}

#[cold]
#[inline(never)]
fn withdraw(headers: &mut HeaderMap) {
    replace_owned(headers, vary(true), |_| ());
}

fn vary(varies: bool) -> Option<fn() -> HeaderValue> {
    varies.then_some(|| VARY_OF_ACTUAL)
}

/// Credentials go only with an echoed origin: a policy that has them lists no `*`.
#[inline(always)]
fn allow_origin(headers: &mut HeaderMap, rule: &RuleAnswer, origin: Option<HeaderValue>) {
    let origin = origin.filter(|_| !rule.any_origin).unwrap_or(STAR);
    add(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if rule.credentials {
        add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    }
}
