//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use std::borrow::Cow;

use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{joined, remove_owned, set, set_some, star, truth, vary};
use super::{respond, Dialect, Grant, Verdict};
use crate::policy::{CorsPolicy, CorsRequest, Decision, Lines};
use crate::service::source::{Governing, PolicySource};

/// The dialect of the [Fetch standard](https://fetch.spec.whatwg.org/#http-cors-protocol), for browsers:
/// the default.
///
/// A preflight is answered with 204, or with 403 and no CORS header. Every other request reaches the
/// inner service; its response gets `Access-Control-Allow-Origin` if a rule grants it, and
/// `Vary: Origin` whether or not one does, unless every rule lists `*`.
///
/// The body of the responses must be `Default`: that is the body of a preflight's answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch;

impl<B: Default> Dialect<B> for Fetch {
    type Answer = Option<Leave>;
    type Grant = FetchGrant;

    fn judge<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &Request<A>,
    ) -> Verdict<Option<Leave>, FetchGrant> {
        let Governing::Policy(policy) = source.governing(request) else {
            return Verdict::Forward(FetchGrant::default());
        };
        match CorsRequest::classify(request) {
            Some(asked) if asked.is_preflight() => Verdict::Answer(Leave::of(policy, &asked)),
            asked => Verdict::Forward(FetchGrant::of(policy, request.method(), asked)),
        }
    }

    fn answer<A>(&self, leave: Option<Leave>, request: &mut Request<A>) -> Response<B> {
        preflight(request.headers_mut(), leave)
    }
}

/// A rule matches: what a preflight is answered, but for what moves over from its own headers.
pub struct Leave {
    policy: CorsPolicy,
    decision: Decision,
    allow_headers: AllowHeaders,
}

enum AllowHeaders {
    None,
    /// The one line of the request, as it was sent.
    Echo,
    /// Several lines, joined anew.
    Joined(HeaderValue),
}

impl AllowHeaders {
    fn of(asked: &CorsRequest<'_>) -> Self {
        match asked.requested_lines() {
            Lines::One(_) if asked.requested_headers().next().is_some() => AllowHeaders::Echo,
            Lines::None | Lines::One(_) => AllowHeaders::None,
            Lines::Several(..) => {
                joined(asked.requested_headers()).map_or(AllowHeaders::None, AllowHeaders::Joined)
            }
        }
    }
}

impl Leave {
    fn of(policy: Cow<'_, CorsPolicy>, asked: &CorsRequest<'_>) -> Option<Self> {
        let decision = policy.decide(asked);
        let allow_headers = || AllowHeaders::of(asked);
        decision.is_granted().then(|| Leave {
            policy: policy.into_owned(),
            decision,
            allow_headers: allow_headers(),
        })
    }

    /// Turns the headers of the request into those of the answer.
    fn write(self, headers: &mut HeaderMap) {
        let rule = self.policy.answer(self.decision);
        let origin = take(headers, ORIGIN).filter(|_| !rule.is_some_and(|rule| rule.any_origin));
        let allow_headers = match self.allow_headers {
            AllowHeaders::None => None,
            AllowHeaders::Echo => take(headers, ACCESS_CONTROL_REQUEST_HEADERS),
            AllowHeaders::Joined(names) => Some(names),
        };
        headers.clear();
        let Some(rule) = rule else {
            return;
        };
        allow_origin(headers, &self.policy, origin);
        set(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
        set_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, allow_headers);
        set_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
    }
}

/// The answer to a preflight.
fn preflight<B: Default>(headers: &mut HeaderMap, leave: Option<Leave>) -> Response<B> {
    let status = match leave {
        Some(leave) => {
            leave.write(headers);
            StatusCode::NO_CONTENT
        }
        None => {
            headers.clear();
            StatusCode::FORBIDDEN
        }
    };
    const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    set(headers, VARY, const { HeaderValue::from_static(VARIES) });
    respond(status, headers, B::default())
}

/// Moves a value out of a map that is about to be cleared, which is cheaper than to remove it.
fn take(headers: &mut HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    headers.get_mut(name).map(|value| std::mem::replace(value, const { HeaderValue::from_static("") }))
}

/// What the response to an actual request gets.
#[derive(Default)]
pub struct FetchGrant {
    /// A policy governs the request, so the CORS headers of the response are ours.
    governed: bool,
    varies: bool,
    /// The policy, if a rule of it matches.
    policy: Option<CorsPolicy>,
    decision: Decision,
    /// The request's Origin, unless the rule answers `*`.
    origin: Option<HeaderValue>,
}

impl FetchGrant {
    fn of(policy: Cow<'_, CorsPolicy>, method: &Method, asked: Option<CorsRequest<'_>>) -> Self {
        let refused =
            FetchGrant { governed: true, varies: !policy.ignores_origin(), ..FetchGrant::default() };
        let decision = match asked {
            _ if policy.ignores_origin() => policy.decide_by_method(method.as_str().as_bytes()),
            Some(asked) => policy.decide(&asked),
            None => return refused,
        };
        let Some(rule) = policy.answer(decision) else {
            return refused;
        };
        let origin = asked.filter(|_| !rule.any_origin).and_then(|asked| asked.origin()).cloned();
        FetchGrant { policy: Some(policy.into_owned()), decision, origin, ..refused }
    }
}

impl Grant for FetchGrant {
    fn write(&mut self, headers: &mut HeaderMap) {
        if !self.governed {
            return;
        }
        let others = !headers.is_empty();
        if others {
            remove_owned(headers);
        }
        if let Some(policy) = self.policy.take() {
            if let Some(rule) = policy.answer(self.decision) {
                allow_origin(headers, &policy, self.origin.take());
                set_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
            }
        }
        let origin = const { HeaderValue::from_static("Origin") };
        match (self.varies, others) {
            (false, _) => {}
            (true, true) => vary(headers, origin),
            // An empty map needs no look for a Vary, and has room.
            (true, false) => {
                set(headers, VARY, origin);
            }
        }
    }
}

/// `*`, or the Origin that is given back, with credentials if the policy has them.
fn allow_origin(headers: &mut HeaderMap, policy: &CorsPolicy, origin: Option<HeaderValue>) {
    let credentials = policy.credentials() && origin.is_some();
    set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin.unwrap_or_else(star));
    if credentials {
        set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
    }
}
