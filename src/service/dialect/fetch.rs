//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{join, remove_owned, set, set_some, star, take, truth, value, vary};
use super::{respond, Dialect, Grant, Verdict};
use crate::policy::{has_several, CorsPolicy, CorsRequest, Lines, RuleAnswer, RuleSet};
#[cfg(feature = "tracing")]
use crate::service::events;
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
    type Answer = Option<Candidates>;
    type Grant = FetchGrant;

    fn judge<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &Request<A>,
    ) -> Verdict<Option<Candidates>, FetchGrant> {
        let Governing::Policy(policy) = source.governing(request) else {
            return Verdict::Forward(FetchGrant::Untouched);
        };
        #[cfg(feature = "tracing")]
        events::fetch(&policy, request);
        match CorsRequest::classify(request) {
            None => Verdict::Forward(FetchGrant::without_origin(&policy, request.method())),
            Some(asked) if asked.is_preflight() => Verdict::Answer(Candidates::of(policy, &asked)),
            Some(asked) => Verdict::Forward(FetchGrant::of(&policy, &asked)),
        }
    }

    fn answer<A>(&self, candidates: Option<Candidates>, request: &mut Request<A>) -> Response<B> {
        let headers = request.headers_mut();
        respond(preflight(headers, candidates), headers, B::default())
    }
}

/// Some rules allow the origin and the method of a preflight.
///
/// Its names are judged when they have been moved out of the request, so that they are looked up once.
pub struct Candidates {
    policy: CorsPolicy,
    rules: RuleSet,
}

impl Candidates {
    #[inline(always)]
    fn of(policy: Cow<'_, CorsPolicy>, asked: &CorsRequest<'_>) -> Option<Self> {
        let rules = policy.candidates(asked);
        (!rules.is_empty()).then(|| Candidates { policy: policy.into_owned(), rules })
    }

    /// What the rule answers that allows the names too, with the names as they are given back.
    fn decide(&self, headers: &mut HeaderMap) -> Option<(&RuleAnswer, Option<HeaderValue>)> {
        if has_several(headers, &ACCESS_CONTROL_REQUEST_HEADERS) {
            let names = || Lines::Several(headers).names();
            return Some((self.answer(names())?, value(join(names()))));
        }
        let line = take(headers, ACCESS_CONTROL_REQUEST_HEADERS);
        let mut asked = false;
        let names = line.as_ref().map_or(Lines::None, Lines::One).names();
        let answer = self.answer(names.inspect(|_| asked = true))?;
        // A list without a name is as if absent.
        Some((answer, line.filter(|_| asked)))
    }

    fn answer<'n>(&self, names: impl Iterator<Item = &'n [u8]>) -> Option<&RuleAnswer> {
        self.policy.answer(self.policy.decide_among(self.rules, names)).map(Arc::as_ref)
    }
}

/// Turns the headers of a preflight into those of its answer.
fn preflight(headers: &mut HeaderMap, candidates: Option<Candidates>) -> StatusCode {
    let granted = candidates.as_ref().and_then(|candidates| candidates.decide(headers));
    let status = match granted {
        Some((rule, allow_headers)) => {
            let origin = if rule.any_origin { None } else { take(headers, ORIGIN) };
            headers.clear();
            allow_origin(headers, rule, origin);
            set(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
            set_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, allow_headers);
            set_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
            StatusCode::NO_CONTENT
        }
        None => {
            headers.clear();
            StatusCode::FORBIDDEN
        }
    };
    const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    set(headers, VARY, const { HeaderValue::from_static(VARIES) });
    status
}

/// What the response to an actual request gets.
pub enum FetchGrant {
    /// No policy governs the request, so nothing of the response is ours.
    Untouched,
    /// No rule matches.
    Refused,
    /// No rule matches, nor would one for another Origin.
    RefusedToAll,
    /// A rule matches.
    Granted(Leave),
}

/// What the rule that matches answers.
pub struct Leave {
    rule: Arc<RuleAnswer>,
    /// The request's Origin, unless the rule answers `*`.
    origin: Option<HeaderValue>,
}

impl FetchGrant {
    #[inline(always)]
    fn of(policy: &CorsPolicy, asked: &CorsRequest<'_>) -> Self {
        if policy.ignores_origin() {
            return Self::whatever_the_origin(policy, asked.method());
        }
        match policy.answer(policy.decide(asked)) {
            Some(rule) => {
                let origin = if rule.any_origin { None } else { asked.origin().cloned() };
                FetchGrant::Granted(Leave { rule: Arc::clone(rule), origin })
            }
            None => FetchGrant::Refused,
        }
    }

    #[inline]
    fn without_origin(policy: &CorsPolicy, method: &Method) -> Self {
        match policy.ignores_origin() {
            true => Self::whatever_the_origin(policy, method.as_str().as_bytes()),
            false => FetchGrant::Refused,
        }
    }

    #[inline(never)]
    fn whatever_the_origin(policy: &CorsPolicy, method: &[u8]) -> Self {
        match policy.answer(policy.decide_by_method(method)) {
            Some(rule) => FetchGrant::Granted(Leave { rule: Arc::clone(rule), origin: None }),
            None => FetchGrant::RefusedToAll,
        }
    }
}

impl Grant for FetchGrant {
    fn write(&mut self, headers: &mut HeaderMap) {
        if let FetchGrant::Untouched = self {
            return;
        }
        remove_owned(headers);
        let varies = match self {
            FetchGrant::Untouched | FetchGrant::RefusedToAll => false,
            FetchGrant::Refused => true,
            FetchGrant::Granted(Leave { rule, origin }) => {
                allow_origin(headers, rule, origin.take());
                set_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
                rule.varies
            }
        };
        if varies {
            vary(headers, const { HeaderValue::from_static("Origin") });
        }
    }
}

/// `*`, or the Origin that is given back, with credentials if the policy has them.
#[inline(always)]
fn allow_origin(headers: &mut HeaderMap, rule: &RuleAnswer, origin: Option<HeaderValue>) {
    let Some(origin) = origin else {
        set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, star());
        return;
    };
    set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if rule.credentials {
        set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
    }
}
