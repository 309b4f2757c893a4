//! What browsers and caches need: the answers of the Fetch standard, with nothing more disclosed.

use http::header::{
    HeaderName, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{joined, remove_owned, set, set_some, star, truth, vary};
use super::{respond, Dialect, Grant, Verdict};
use crate::policy::{requested_lines, CorsPolicy, CorsRequest, RuleAnswer};
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

    fn judge<A>(&self, source: &impl PolicySource<A>, request: &mut Request<A>) -> Verdict<B, FetchGrant> {
        let Governing::Policy(policy) = source.governing(request) else {
            return Verdict::Forward(FetchGrant::Untouched);
        };
        match CorsRequest::classify(request) {
            Some(asked) if asked.is_preflight() => {
                let granted = policy.answer(policy.decide(&asked));
                let leave = granted.map(|rule| Leave::of(&policy, rule, &asked, request.headers()));
                drop(policy);
                Verdict::Answer(preflight(request, leave))
            }
            asked => Verdict::Forward(FetchGrant::of(&policy, request.method(), asked)),
        }
    }
}

/// What a granted preflight is answered, but for what moves over from its own headers.
struct Leave {
    any_origin: bool,
    credentials: bool,
    allow_methods: HeaderValue,
    allow_headers: AllowHeaders,
    max_age: Option<HeaderValue>,
}

enum AllowHeaders {
    None,
    /// The one line of the request, as it was sent.
    Echo,
    /// Several lines, joined anew.
    Joined(HeaderValue),
}

impl Leave {
    fn of(policy: &CorsPolicy, rule: &RuleAnswer, asked: &CorsRequest<'_>, headers: &HeaderMap) -> Self {
        Leave {
            any_origin: rule.any_origin,
            credentials: policy.credentials(),
            allow_methods: rule.allow_methods.clone(),
            allow_headers: AllowHeaders::of(asked, headers),
            max_age: rule.max_age.clone(),
        }
    }
}

impl AllowHeaders {
    fn of(asked: &CorsRequest<'_>, headers: &HeaderMap) -> Self {
        let mut lines = requested_lines(headers).iter();
        let mut names = asked.requested_headers();
        match (names.next(), lines.next(), lines.next()) {
            (None, _, _) => AllowHeaders::None,
            (Some(_), _, None) => AllowHeaders::Echo,
            (Some(first), _, Some(_)) => {
                joined([first].into_iter().chain(names)).map_or(AllowHeaders::None, AllowHeaders::Joined)
            }
        }
    }
}

/// The answer to a preflight, written into the map of its own headers: that memory is there already.
fn preflight<A, B: Default>(request: &mut Request<A>, leave: Option<Leave>) -> Response<B> {
    let mut headers = std::mem::take(request.headers_mut());
    let status = match leave {
        Some(leave) => {
            leave.write(&mut headers);
            StatusCode::NO_CONTENT
        }
        None => {
            headers.clear();
            StatusCode::FORBIDDEN
        }
    };
    let varies = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    set(&mut headers, VARY, HeaderValue::from_static(varies));
    respond(status, headers, B::default())
}

impl Leave {
    fn write(self, headers: &mut HeaderMap) {
        let origin = take(headers, ORIGIN);
        let asked = take(headers, ACCESS_CONTROL_REQUEST_HEADERS);
        headers.clear();
        let origin = if self.any_origin { Some(star()) } else { origin };
        set_some(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials {
            set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
        }
        set(headers, ACCESS_CONTROL_ALLOW_METHODS, self.allow_methods);
        match self.allow_headers {
            AllowHeaders::None => {}
            AllowHeaders::Echo => set_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, asked),
            AllowHeaders::Joined(names) => set(headers, ACCESS_CONTROL_ALLOW_HEADERS, names),
        }
        set_some(headers, ACCESS_CONTROL_MAX_AGE, self.max_age);
    }
}

/// Moves a value out of a map that is about to be cleared, which is cheaper than to remove it.
fn take(headers: &mut HeaderMap, name: HeaderName) -> Option<HeaderValue> {
    headers.get_mut(name).map(|value| std::mem::replace(value, const { HeaderValue::from_static("") }))
}

/// What the response to an actual request gets.
pub enum FetchGrant {
    /// No policy governs the request, so nothing of the response is ours.
    Untouched,
    /// No rule matches.
    Refused { varies: bool },
    /// A rule matches.
    Granted {
        allow_origin: HeaderValue,
        credentials: bool,
        expose_headers: Option<HeaderValue>,
        varies: bool,
    },
}

impl FetchGrant {
    fn of(policy: &CorsPolicy, method: &Method, asked: Option<CorsRequest<'_>>) -> Self {
        let varies = !policy.ignores_origin();
        let decision = match asked {
            _ if !varies => policy.decide_by_method(method.as_str().as_bytes()),
            Some(asked) => policy.decide(&asked),
            None => return FetchGrant::Refused { varies },
        };
        let origin = asked.and_then(|asked| asked.origin());
        match (policy.answer(decision), origin) {
            (Some(rule), _) if rule.any_origin => Self::granted(rule, star(), false, varies),
            (Some(rule), Some(origin)) => Self::granted(rule, origin.clone(), policy.credentials(), varies),
            _ => FetchGrant::Refused { varies },
        }
    }

    fn granted(rule: &RuleAnswer, allow_origin: HeaderValue, credentials: bool, varies: bool) -> Self {
        FetchGrant::Granted { allow_origin, credentials, expose_headers: rule.expose_headers.clone(), varies }
    }
}

impl Grant for FetchGrant {
    fn write(&mut self, headers: &mut HeaderMap) {
        let others = !headers.is_empty();
        if others && !matches!(self, FetchGrant::Untouched) {
            remove_owned(headers);
        }
        let varies = match self {
            FetchGrant::Untouched => false,
            FetchGrant::Refused { varies } => *varies,
            FetchGrant::Granted { allow_origin, credentials, expose_headers, varies } => {
                set(headers, ACCESS_CONTROL_ALLOW_ORIGIN, std::mem::replace(allow_origin, star()));
                if *credentials {
                    set(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, truth());
                }
                set_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, expose_headers.take());
                *varies
            }
        };
        if varies {
            let origin = const { HeaderValue::from_static("Origin") };
            match others {
                true => vary(headers, origin),
                false => set(headers, VARY, origin),
            }
        }
    }
}
