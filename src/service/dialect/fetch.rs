//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, add_vary, join, remove_owned, replace_owned, star, truth, value, EMPTY};
use super::{respond, Dialect, Grant, Verdict};
use crate::policy::{has_several, repeats_any, CorsPolicy, CorsRequest, Lines, RuleAnswer};
use crate::service::source::{PolicyLookup, PolicySource};
#[cfg(feature = "tracing")]
use crate::service::telemetry;

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

    fn handle<A>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
    ) -> Verdict<Response<B>, FetchGrant> {
        let PolicyLookup::Policy(policy) = source.policy_for(request) else {
            return Verdict::Forward(FetchGrant::Untouched);
        };
        #[cfg(feature = "tracing")]
        telemetry::fetch(&policy, request);
        let owned;
        let policy = match *request.method() {
            Method::OPTIONS => {
                owned = policy.into_owned();
                if let Some(status) = preflight(&owned, request.headers_mut()) {
                    return Verdict::Answer(respond(status, request.headers_mut(), B::default()));
                }
                &owned
            }
            _ => &*policy,
        };
        Verdict::Forward(FetchGrant::of(policy, request))
    }
}

/// Turns the headers of a preflight into those of its answer; those of any other request stay as they are.
///
/// Apart, so that the response to an actual request takes no detour.
#[inline(never)]
fn preflight(policy: &CorsPolicy, headers: &mut HeaderMap) -> Option<StatusCode> {
    let several_origins = has_several(headers, &ORIGIN);
    let several_lines = has_several(headers, &ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = Asked::find(headers);
    let (origin, method) = asked.origin.zip(asked.method)?;
    let rules = policy.candidates(Some(&*origin).filter(|_| !several_origins), method.as_bytes());
    let status = if rules.is_empty() {
        headers.clear();
        StatusCode::FORBIDDEN
    } else {
        let origin = std::mem::replace(origin, EMPTY);
        let names = match asked.names {
            Some(line) if !several_lines => std::mem::replace(line, EMPTY),
            None => EMPTY,
            Some(_) => joined(headers),
        };
        headers.clear();
        let mut asked = false;
        let elements = Lines::One(&names).names().inspect(|_| asked = true);
        match policy.answer(policy.decide_among(rules, elements)) {
            // A list without a name is as if absent.
            Some(rule) => grant(headers, rule, origin, names, asked),
            None => StatusCode::FORBIDDEN,
        }
    };
    const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    add_vary(headers, const { HeaderValue::from_static(VARIES) });
    Some(status)
}

#[inline(always)]
fn grant(
    answer: &mut HeaderMap,
    rule: &RuleAnswer,
    origin: HeaderValue,
    names: HeaderValue,
    asked: bool,
) -> StatusCode {
    allow_origin(answer, rule, if rule.any_origin { star() } else { origin });
    add(answer, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
    if asked {
        add(answer, ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    add_some(answer, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
    StatusCode::NO_CONTENT
}

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
        // Where a header is repeated, three may be found twice before the last is found once.
        let mut wanted = if repeats_any(headers) { usize::MAX } else { 3 };
        for (name, value) in headers {
            match *name {
                ORIGIN => asked.origin = Some(value),
                // Of several lines, the first.
                ACCESS_CONTROL_REQUEST_METHOD => asked.method = asked.method.or(Some(value)),
                ACCESS_CONTROL_REQUEST_HEADERS => asked.names = Some(value),
                _ => continue,
            }
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
        asked
    }
}

#[cold]
fn joined(headers: &HeaderMap) -> HeaderValue {
    value(join(Lines::Several(headers).names())).unwrap_or(EMPTY)
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
        let (leave, varies) = match self {
            FetchGrant::Untouched => return,
            FetchGrant::RefusedToAll => (None, false),
            FetchGrant::Refused => (None, true),
            FetchGrant::Granted(leave) => {
                let varies = leave.rule.varies;
                (Some(leave), varies)
            }
        };
        let vary = match varies {
            true => replace_owned(headers, const { HeaderValue::from_static("Origin") }),
            false => {
                remove_owned(headers);
                None
            }
        };
        if let Some(Leave { rule, origin }) = leave {
            allow_origin(headers, rule, origin.take().unwrap_or_else(star));
            add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
        }
        if let Some(line) = vary {
            add_vary(headers, line);
        }
    }
}

/// Credentials go with an origin that is given back only; with `*` no policy has them.
#[inline(always)]
fn allow_origin(headers: &mut HeaderMap, rule: &RuleAnswer, origin: HeaderValue) {
    add(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if rule.credentials {
        add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
    }
}
