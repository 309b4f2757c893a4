//! Who answers: the bare inner service, the two limits, this layer and tower-http's.

use std::convert::Infallible;
use std::future::{ready, Future, Ready};
use std::pin::{pin, Pin};
use std::task::{ready, Context, Poll};
use std::time::Duration;

use futures_util::task::noop_waker_ref;
use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_http::cors::AllowOrigin;
use tower_layer::Layer;
use tower_service::Service;

use super::scenarios::{Kind, Origins, Scenario, EXPOSED, HEADERS, MAX_AGE, METHODS};

pub type Answer = Response<()>;

/// In the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Bare,
    ByHand,
    Blind,
    Ours,
    TowerHttp,
}

pub const ALL: [Name; 5] = [Name::Bare, Name::ByHand, Name::Blind, Name::Ours, Name::TowerHttp];

impl Name {
    pub fn as_str(self) -> &'static str {
        match self {
            Name::Bare => "bare",
            Name::ByHand => "by hand",
            Name::Blind => "blind layer",
            Name::Ours => "tower-s3-cors",
            Name::TowerHttp => "tower-http",
        }
    }
}

/// Something to be done with a contender, whatever its type.
pub trait Visit {
    type Output;
    fn visit<S>(self, service: S) -> Self::Output
    where
        S: Service<Request<()>, Response = Answer, Error = Infallible>;
}

pub fn with<V: Visit>(name: Name, scenario: &Scenario, visit: V) -> V::Output {
    match name {
        Name::Bare => visit.visit(Bare),
        Name::Ours => visit.visit(tower_s3_cors::CorsLayer::new(scenario.policy()).layer(Bare)),
        Name::TowerHttp => visit.visit(tower_http(scenario).layer(Bare)),
        Name::ByHand | Name::Blind => match scenario.kind {
            Kind::Granted => limit(name, Granted, visit),
            Kind::NoOrigin | Kind::Refused => limit(name, Varies, visit),
            Kind::PreflightGranted => limit(name, PreflightGranted, visit),
            Kind::PreflightRefused => limit(name, PreflightRefused, visit),
        },
    }
}

fn limit<V: Visit, A: Constant>(name: Name, answer: A, visit: V) -> V::Output {
    match name {
        Name::Blind => visit.visit(Blind { inner: Bare, answer }),
        _ => visit.visit(ByHand { answer }),
    }
}

/// One answer, without a wait.
pub fn call<S>(service: &mut S, request: Request<()>) -> Answer
where
    S: Service<Request<()>, Response = Answer, Error = Infallible>,
{
    let mut future = pin!(service.call(request));
    match future.as_mut().poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Ready(Ok(answer)) => answer,
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => unreachable!("no contender waits"),
    }
}

/// The inner service of all: an empty response.
#[derive(Clone, Copy)]
pub struct Bare;

impl Service<Request<()>> for Bare {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

/// An answer that is known beforehand.
pub trait Constant: Copy {
    const STATUS: StatusCode = StatusCode::OK;
    fn write(self, headers: &mut HeaderMap);
}

macro_rules! constant {
    ($name:ident, $status:ident, $($header:ident: $value:expr),*) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl Constant for $name {
            const STATUS: StatusCode = StatusCode::$status;

            fn write(self, headers: &mut HeaderMap) {
                $(headers.insert($header, const { HeaderValue::from_static($value) });)*
            }
        }
    };
}

constant!(Varies, OK, VARY: "Origin");
constant!(Granted, OK,
    ACCESS_CONTROL_ALLOW_ORIGIN: "https://app.tenant-0.example.com",
    ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
    ACCESS_CONTROL_EXPOSE_HEADERS: "etag",
    VARY: "Origin");
constant!(PreflightGranted, NO_CONTENT,
    ACCESS_CONTROL_ALLOW_ORIGIN: "https://app.tenant-0.example.com",
    ACCESS_CONTROL_ALLOW_CREDENTIALS: "true",
    ACCESS_CONTROL_ALLOW_METHODS: "GET, PUT",
    ACCESS_CONTROL_ALLOW_HEADERS: "content-type,x-trace",
    ACCESS_CONTROL_MAX_AGE: "600",
    VARY: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
constant!(PreflightRefused, FORBIDDEN,
    VARY: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// The inner service writes the answer's headers itself, without a look at the request.
#[derive(Clone, Copy)]
pub struct ByHand<A> {
    answer: A,
}

impl<A: Constant> Service<Request<()>> for ByHand<A> {
    type Response = Answer;
    type Error = Infallible;
    type Future = Ready<Result<Answer, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut answer = Response::new(());
        *answer.status_mut() = A::STATUS;
        self.answer.write(answer.headers_mut());
        ready(Ok(answer))
    }
}

/// The thinnest layer that could do the job if it had nothing to decide.
#[derive(Clone, Copy)]
pub struct Blind<S, A> {
    inner: S,
    answer: A,
}

pin_project! {
    #[project = BlindProjection]
    pub enum BlindFuture<F, A> {
        Inner { #[pin] inner: F, answer: A, origin: bool },
        Answered { answer: Option<Answer> },
    }
}

impl<S, A> Service<Request<()>> for Blind<S, A>
where
    S: Service<Request<()>, Response = Answer>,
    A: Constant,
{
    type Response = Answer;
    type Error = S::Error;
    type Future = BlindFuture<S::Future, A>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<()>) -> Self::Future {
        let origin = request.headers().contains_key(ORIGIN);
        let asks = || request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if origin && *request.method() == Method::OPTIONS && asks() {
            let mut headers = std::mem::take(request.headers_mut());
            headers.clear();
            self.answer.write(&mut headers);
            let mut answer = Response::new(());
            *answer.status_mut() = A::STATUS;
            *answer.headers_mut() = headers;
            return BlindFuture::Answered { answer: Some(answer) };
        }
        BlindFuture::Inner { inner: self.inner.call(request), answer: self.answer, origin }
    }
}

impl<F, E, A> Future for BlindFuture<F, A>
where
    F: Future<Output = Result<Answer, E>>,
    A: Constant,
{
    type Output = Result<Answer, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            BlindProjection::Inner { inner, answer, origin } => {
                let mut response = ready!(inner.poll(context))?;
                match origin {
                    true => answer.write(response.headers_mut()),
                    false => Varies.write(response.headers_mut()),
                }
                Poll::Ready(Ok(response))
            }
            BlindProjection::Answered { answer } => {
                answer.take().map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
            }
        }
    }
}

/// tower-http's layer, set up to send the same headers; for patterns with the closure that its users write.
fn tower_http(scenario: &Scenario) -> tower_http::cors::CorsLayer {
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
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .expose_headers([HeaderName::from_static(EXPOSED)])
        .max_age(Duration::from_secs(MAX_AGE as u64))
        .vary(match scenario.is_preflight() {
            true => vec![ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_REQUEST_HEADERS],
            false => vec![ORIGIN],
        })
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("printable")
}

/// The answer as a browser reads it, blanks and case of lists aside: what all contenders must agree on.
///
/// Without an Allow-Origin it is a refusal, whatever else is there: tower-http names methods and headers even then.
pub fn essence(answer: &Answer) -> Vec<(String, String)> {
    let plain = |value: &HeaderValue| value.to_str().unwrap_or_default().replace(' ', "").to_lowercase();
    let lines = answer.headers().iter().map(|(name, value)| (name.to_string(), plain(value)));
    let mut lines: Vec<_> = match answer.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        true => lines.collect(),
        false => Vec::new(),
    };
    lines.sort();
    lines
}

/// Fails unless all that answer this scenario answer the same.
pub fn agree(scenario: &Scenario) {
    let answer = |name| essence(&with(name, scenario, Once(scenario)));
    let ours = answer(Name::Ours);
    let granted = matches!(scenario.kind, Kind::Granted | Kind::PreflightGranted);
    assert_eq!(!ours.is_empty(), granted, "{}", scenario.name);
    for name in [Name::ByHand, Name::Blind, Name::TowerHttp] {
        assert_eq!(answer(name), ours, "{}: {}", scenario.name, name.as_str());
    }
}

struct Once<'s>(&'s Scenario);

impl Visit for Once<'_> {
    type Output = Answer;

    fn visit<S>(self, mut service: S) -> Answer
    where
        S: Service<Request<()>, Response = Answer, Error = Infallible>,
    {
        call(&mut service, self.0.request())
    }
}
