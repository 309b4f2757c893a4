//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{join, remove_owned, set, set_some, star, truth, value, vary};
use super::{Dialect, Grant, Verdict};
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
    type Grant = FetchGrant;

    fn judge<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, FetchGrant> {
        let Governing::Policy(policy) = source.governing(request) else {
            return Verdict::Forward(FetchGrant::Untouched);
        };
        #[cfg(feature = "tracing")]
        events::fetch(&policy, request);
        let owned;
        let policy = match *request.method() {
            Method::OPTIONS => {
                owned = policy.into_owned();
                if let Some(answer) = answer(&owned, request.headers_mut()) {
                    return Verdict::Answer(answer);
                }
                &owned
            }
            _ => &*policy,
        };
        Verdict::Forward(FetchGrant::of(policy, request))
    }
}

/// The answer to a preflight, in the map of its own headers: that memory is there already.
///
/// Apart, so that the response to an actual request takes no detour.
#[inline(never)]
fn answer<B: Default>(policy: &CorsPolicy, headers: &mut HeaderMap) -> Option<Response<B>> {
    let mut answer = Response::new(B::default());
    *answer.status_mut() = preflight(policy, headers, answer.headers_mut())?;
    Some(answer)
}

/// Turns the headers of a preflight into those of its answer; those of any other request stay as they are.
#[inline(always)]
fn preflight(policy: &CorsPolicy, headers: &mut HeaderMap, answer: &mut HeaderMap) -> Option<StatusCode> {
    let several_origins = has_several(headers, &ORIGIN);
    let several_lines = has_several(headers, &ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = Asked::find(headers);
    let (origin, method) = asked.origin.zip(asked.method)?;
    let rules = policy.candidates(Some(&*origin).filter(|_| !several_origins), method.as_bytes());
    let status = if rules.is_empty() {
        std::mem::swap(headers, answer);
        answer.clear();
        StatusCode::FORBIDDEN
    } else {
        let origin = std::mem::replace(origin, EMPTY);
        let (rule, names) = match several_lines {
            false => decide(policy, rules, asked.names),
            true => decide_lines(policy, rules, headers),
        };
        std::mem::swap(headers, answer);
        answer.clear();
        rule.map_or(StatusCode::FORBIDDEN, |rule| grant(answer, rule, origin, names))
    };
    const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    set(answer, VARY, const { HeaderValue::from_static(VARIES) });
    Some(status)
}

#[inline(always)]
fn grant(
    answer: &mut HeaderMap,
    rule: &RuleAnswer,
    origin: HeaderValue,
    names: Option<HeaderValue>,
) -> StatusCode {
    allow_origin(answer, rule, if rule.any_origin { None } else { Some(origin) });
    set(answer, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
    set_some(answer, ACCESS_CONTROL_ALLOW_HEADERS, names);
    set_some(answer, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
    StatusCode::NO_CONTENT
}

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// The first line of each header that a preflight is judged by.
#[derive(Default)]
struct Asked<'a> {
    origin: Option<&'a mut HeaderValue>,
    method: Option<&'a mut HeaderValue>,
    names: Option<&'a mut HeaderValue>,
}

impl<'a> Asked<'a> {
    /// One pass over all headers costs less than three look-ups.
    #[inline(always)]
    fn find(headers: &'a mut HeaderMap) -> Self {
        let mut asked = Asked::default();
        for (name, value) in headers {
            match *name {
                ORIGIN => asked.origin = Some(value),
                // Of several lines, the first.
                ACCESS_CONTROL_REQUEST_METHOD => asked.method = asked.method.or(Some(value)),
                ACCESS_CONTROL_REQUEST_HEADERS => asked.names = Some(value),
                _ => {}
            }
        }
        asked
    }
}

/// What the rule answers that allows the names too, and the names as they are given back.
type Decided<'p> = (Option<&'p Arc<RuleAnswer>>, Option<HeaderValue>);

#[inline(always)]
fn decide<'p>(policy: &'p CorsPolicy, rules: RuleSet, line: Option<&mut HeaderValue>) -> Decided<'p> {
    let Some(line) = line else {
        return (policy.answer(policy.decide_among(rules, std::iter::empty())), None);
    };
    let mut asked = false;
    let names = Lines::One(line).names().inspect(|_| asked = true);
    let rule = policy.answer(policy.decide_among(rules, names));
    // A list without a name is as if absent.
    (rule, asked.then(|| std::mem::replace(line, EMPTY)))
}

#[cold]
fn decide_lines<'p>(policy: &'p CorsPolicy, rules: RuleSet, headers: &HeaderMap) -> Decided<'p> {
    let names = || Lines::Several(headers).names();
    match policy.answer(policy.decide_among(rules, names())) {
        Some(rule) => (Some(rule), value(join(names()))),
        None => (None, None),
    }
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
    fn of<A>(policy: &CorsPolicy, request: &Request<A>) -> Self {
        let Some(asked) = CorsRequest::actual(request) else {
            return Self::without_origin(policy, request.method());
        };
        if policy.ignores_origin() {
            return Self::whatever_the_origin(policy, asked.method());
        }
        match policy.answer(policy.decide(&asked)) {
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
