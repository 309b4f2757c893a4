//! Who answers: the bare inner service, the limits, this layer in both dialects, and tower-http's.

use std::convert::Infallible;
use std::future::{ready, Future, Ready};
use std::hint::black_box;
use std::pin::{pin, Pin};
use std::task::{ready, Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN,
    VARY,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_http::cors::{AllowHeaders, AllowOrigin};
use tower_layer::Layer;
use tower_s3_cors::observe::{Difference, Observation};
use tower_s3_cors::{CorsLayer, S3};
use tower_service::Service;

use super::scenarios::{as_read, Body, Kind, Origins, Scenario, EXPOSED, GRANTED, MAX_AGE, METHODS};

pub type Answer = Response<Body>;

/// In the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Bare,
    ByHand,
    Blind,
    Fetch,
    TowerHttp,
    S3ByHand,
    S3,
    /// The layer with an observer that does nothing.
    Observed,
    /// The layer with a second policy like the first.
    Shadowed,
}

pub const ALL: [Name; 9] = [
    Name::Bare,
    Name::ByHand,
    Name::Blind,
    Name::Fetch,
    Name::TowerHttp,
    Name::S3ByHand,
    Name::S3,
    Name::Observed,
    Name::Shadowed,
];

impl Name {
    pub fn as_str(self) -> &'static str {
        match self {
            Name::Bare => "bare",
            Name::ByHand => "by hand",
            Name::Blind => "blind layer",
            Name::Fetch => "tower-s3-cors",
            Name::TowerHttp => "tower-http",
            Name::S3ByHand => "S3 by hand",
            Name::S3 => "S3 dialect",
            Name::Observed => "with an observer",
            Name::Shadowed => "with a shadow policy",
        }
    }
}

/// Something to be done with a contender, whatever its type.
pub trait Visit {
    type Output;
    fn visit<S>(self, service: S) -> Self::Output
    where
        S: Service<Request<Body>, Response = Answer, Error = Infallible>;
}

pub fn with<V: Visit>(name: Name, scenario: &Scenario, visit: V) -> V::Output {
    match name {
        Name::Bare => visit.visit(Bare),
        Name::ByHand => visit.visit(ByHand::new(scenario.kind, fetch_headers(scenario.kind))),
        Name::S3ByHand => visit.visit(ByHand::new(scenario.kind, s3_headers(scenario.kind))),
        Name::Blind => visit.visit(Blind { inner: Bare, grants: scenario.kind.is_granted() }),
        Name::Fetch => visit.visit(CorsLayer::new(scenario.policy()).layer(Bare)),
        Name::S3 => visit.visit(CorsLayer::new(scenario.policy()).dialect(S3::default()).layer(Bare)),
        Name::TowerHttp => visit.visit(tower_http(scenario).layer(Bare)),
        Name::Observed => {
            let observer = |observation: &Observation<'_>| {
                black_box(observation.outcome());
            };
            visit.visit(CorsLayer::new(scenario.policy()).observe(observer).layer(Bare))
        }
        Name::Shadowed => {
            let report = |difference: &Difference<'_>| unreachable!("{difference}");
            visit.visit(CorsLayer::new(scenario.policy()).shadow(scenario.policy(), report).layer(Bare))
        }
    }
}

/// One answer, without a wait.
pub fn call<S>(service: &mut S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Answer, Error = Infallible>,
{
    let mut future = pin!(service.call(request));
    match future.as_mut().poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Ready(Ok(answer)) => answer,
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => unreachable!("no contender waits"),
    }
}

/// The inner service of all: an empty response with the two headers that any has.
#[derive(Clone, Copy)]
pub struct Bare;

impl Service<Request<Body>> for Bare {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    // As a service of some size would be.
    #[inline(never)]
    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let mut answer = Response::new(Body::default());
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        ready(Ok(answer))
    }
}

type Headers = Vec<(HeaderName, HeaderValue)>;

const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

fn values<const N: usize>(headers: [(HeaderName, &'static str); N]) -> Headers {
    headers.map(|(name, value)| (name, HeaderValue::from_static(value))).to_vec()
}

/// What the Fetch dialect sends.
fn fetch_headers(kind: Kind) -> Headers {
    let mut headers = match kind {
        Kind::NoOrigin | Kind::Refused => values([(VARY, "Origin")]),
        Kind::PreflightRefused => values([(VARY, VARIES)]),
        Kind::Granted => values([
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (ACCESS_CONTROL_EXPOSE_HEADERS, "etag"),
            (VARY, "Origin"),
        ]),
        Kind::PreflightGranted => values([
            (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (ACCESS_CONTROL_ALLOW_METHODS, "GET, PUT"),
            (ACCESS_CONTROL_ALLOW_HEADERS, "content-type,x-trace"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
            (VARY, VARIES),
        ]),
    };
    if kind.is_granted() {
        headers.insert(0, (ACCESS_CONTROL_ALLOW_ORIGIN, as_read(GRANTED)));
    }
    headers
}

/// What the S3 dialect sends where a rule matches; a refusal has no CORS header.
fn s3_headers(kind: Kind) -> Headers {
    if !kind.is_granted() {
        return Vec::new();
    }
    let mut headers = values([
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, PUT"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "content-type, x-trace"),
        (ACCESS_CONTROL_EXPOSE_HEADERS, "etag"),
        (ACCESS_CONTROL_MAX_AGE, "600"),
        (ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ]);
    headers.retain(|(name, _)| kind.is_preflight() || *name != ACCESS_CONTROL_ALLOW_HEADERS);
    headers.insert(0, (ACCESS_CONTROL_ALLOW_ORIGIN, as_read(GRANTED)));
    headers
}

/// The inner service writes the answer's headers itself, without a look at the request.
#[derive(Clone)]
pub struct ByHand {
    is_preflight: bool,
    headers: Headers,
}

impl ByHand {
    fn new(kind: Kind, headers: Headers) -> Self {
        ByHand { is_preflight: kind.is_preflight(), headers }
    }
}

impl Service<Request<Body>> for ByHand {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    #[inline(never)]
    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let mut answer = Response::new(Body::default());
        let headers = answer.headers_mut();
        if !self.is_preflight {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        ready(Ok(answer))
    }
}

/// The thinnest layer that could do the job if it had nothing to decide: it looks for Origin, wraps the future, writes
/// constants, and answers a preflight in the request's own header map.
#[derive(Clone, Copy)]
pub struct Blind<S> {
    inner: S,
    grants: bool,
}

pin_project! {
    #[project = BlindProjection]
    pub enum BlindFuture<F> {
        Inner { #[pin] inner: F, origin: Option<HeaderValue> },
        Answered { answer: Option<Answer> },
    }
}

impl<S> Service<Request<Body>> for Blind<S>
where
    S: Service<Request<Body>, Response = Answer>,
{
    type Response = Answer;
    type Error = S::Error;
    type Future = BlindFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline(never)]
    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if *request.method() == Method::OPTIONS {
            let mut headers = std::mem::take(request.headers_mut());
            let grant = headers.remove(ORIGIN).zip(headers.remove(ACCESS_CONTROL_REQUEST_HEADERS));
            headers.clear();
            let mut answer = Response::new(Body::default());
            *answer.status_mut() = StatusCode::FORBIDDEN;
            if let Some((origin, names)) = grant.filter(|_| self.grants) {
                *answer.status_mut() = StatusCode::NO_CONTENT;
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, PUT"));
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
                headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
            }
            headers.insert(VARY, HeaderValue::from_static(VARIES));
            *answer.headers_mut() = headers;
            return BlindFuture::Answered { answer: Some(answer) };
        }
        let origin = request.headers().get(ORIGIN).filter(|_| self.grants).cloned();
        BlindFuture::Inner { inner: self.inner.call(request), origin }
    }
}

impl<F, E> Future for BlindFuture<F>
where
    F: Future<Output = Result<Answer, E>>,
{
    type Output = Result<Answer, E>;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            BlindProjection::Inner { inner, origin } => {
                let mut response = ready!(inner.poll(context))?;
                let headers = response.headers_mut();
                if let Some(origin) = origin.take() {
                    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
                }
                headers.insert(VARY, HeaderValue::from_static("Origin"));
                Poll::Ready(Ok(response))
            }
            BlindProjection::Answered { answer } => {
                answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
            }
        }
    }
}

/// tower-http's layer, set up to send the same headers; for patterns with the closure that its users write.
pub fn tower_http(scenario: &Scenario) -> tower_http::cors::CorsLayer {
    let origins = scenario.origins();
    let origin = match scenario.origins {
        Origins::Exact(_) => AllowOrigin::list(origins.iter().map(|origin| value(origin))),
        Origins::Patterns(_) => {
            let split = |pattern: &String| pattern.split_once('*').map(|(a, b)| (a.to_owned(), b.to_owned()));
            let patterns: Vec<(String, String)> = origins.iter().filter_map(split).collect();
            AllowOrigin::predicate(move |origin, _| {
                patterns.iter().any(|(prefix, suffix)| {
                    origin.len() >= prefix.len() + suffix.len()
                        && origin.as_bytes().starts_with(prefix.as_bytes())
                        && origin.as_bytes().ends_with(suffix.as_bytes())
                })
            })
        }
    };
    tower_http::cors::CorsLayer::new()
        .allow_origin(origin)
        .allow_credentials(true)
        .allow_methods(METHODS.map(|method| method.parse::<Method>().expect("a method")))
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([HeaderName::from_static(EXPOSED)])
        .max_age(Duration::from_secs(MAX_AGE as u64))
        .vary(if scenario.kind.is_preflight() {
            vec![ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_REQUEST_HEADERS]
        } else {
            vec![ORIGIN]
        })
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("printable")
}

/// The CORS headers of the answer as a browser reads it, blanks and case of lists aside: what contenders must agree on.
///
/// Without an Allow-Origin it is a refusal, whatever else is there: tower-http names methods and headers even then.
pub fn essence(answer: &Answer) -> Vec<(String, String)> {
    if !answer.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        return Vec::new();
    }
    let plain = |value: &HeaderValue| value.to_str().unwrap_or_default().replace(' ', "").to_lowercase();
    let lines = answer.headers().iter().map(|(name, value)| (name.to_string(), plain(value)));
    let mut lines: Vec<_> = lines.filter(|(name, _)| !name.starts_with("content-")).collect();
    lines.sort();
    lines
}

/// Fails unless all that answer this scenario in a dialect answer the same.
pub fn agree(scenario: &Scenario) {
    let answer = |name| essence(&with(name, scenario, Once(scenario)));
    for (ours, others) in [
        (Name::Fetch, &[Name::ByHand, Name::Blind, Name::TowerHttp, Name::Observed, Name::Shadowed][..]),
        (Name::S3, &[Name::S3ByHand]),
    ] {
        let wanted = answer(ours);
        assert_eq!(!wanted.is_empty(), scenario.kind.is_granted(), "{}", scenario.name);
        for name in others {
            assert_eq!(answer(*name), wanted, "{}: {}", scenario.name, name.as_str());
        }
    }
}

struct Once<'s>(&'s Scenario);

impl Visit for Once<'_> {
    type Output = Answer;

    fn visit<S>(self, mut service: S) -> Answer
    where
        S: Service<Request<Body>, Response = Answer, Error = Infallible>,
    {
        call(&mut service, self.0.request())
    }
}
