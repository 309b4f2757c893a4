//! What S3 itself answers, byte for byte.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};

use super::headers::{add, add_some, add_vary, allow_timing, replace_owned, take, STAR, TRUE};
use super::requested_names::RequestedNames;
use super::s3_error_body::{Reason, Refusal};
use super::s3_settings::Settings;
use super::{respond, Dialect, Grant, Grants, Reading, TextBody, Verdict, WithBody};
use crate::policy::{CorsPolicy, CorsRequest, Decision, Lines, RuleAnswer};
use crate::service::observe::report;
use crate::service::source::{PolicyLookup, PolicySource};

/// The dialect of Amazon S3, for servers that speak S3: status, headers and error bodies as S3 sends them.
///
/// It answers every OPTIONS itself that is not [for another service](crate::PolicyLookup::NotOurs). Any other request reaches
/// the inner service, and the response gets the same headers that a preflight would get.
///
/// `Access-Control-Allow-Credentials: true` goes with every echoed origin, whether or not the policy has
/// [credentials](crate::CorsPolicyBuilder::credentials). Build the policy with them all the same: that refuses patterns
/// that let in strangers.
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
    pub(super) settings: Option<Arc<Settings>>,
}

impl S3 {
    #[inline(always)]
    fn always_varies(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.always_vary)
    }

    fn is_uniform(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.uniform_refusals)
    }

    #[inline(always)]
    fn reading(&self) -> Reading {
        let refusal = if self.is_uniform() { reason::<true> } else { reason::<false> };
        Reading {
            classify: |method, headers| CorsRequest::s3_from_parts(method, headers),
            decide,
            refusal: Some(refusal),
            always_varies: self.always_varies(),
        }
    }

    #[inline(always)]
    fn grant_of<A>(&self, lookup: &PolicyLookup<'_>, request: &Request<A>) -> S3Grant {
        let varies = self.always_varies();
        S3Grant(match lookup {
            PolicyLookup::Policy(policy) => actual(policy, request).unwrap_or(Outcome::Refused { varies }),
            PolicyLookup::NotOurs => Outcome::Untouched { varies: false },
            _ => Outcome::Untouched { varies },
        })
    }

    #[inline(always)]
    fn handle_with<A, B>(
        &self,
        source: &impl PolicySource<A>,
        request: &mut Request<A>,
        body: impl Fn(Bytes) -> B,
    ) -> Verdict<Response<B>, S3Grant> {
        if *request.method() != Method::OPTIONS {
            let lookup = source.policy_for(request);
            report(source, request, &lookup, self.reading());
            return Verdict::Forward(self.grant_of(&lookup, request));
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
    /// not ours.
    #[inline(always)]
    fn preflight<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> Option<Preflight> {
        let lookup = source.policy_for(request);
        report(source, request, &lookup, self.reading());
        if matches!(lookup, PolicyLookup::NotOurs) {
            return None;
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
            None => {
                let reason = Reason::of(&lookup, &asked, names.invalid.is_some(), self.is_uniform());
                Err(Refusal::new(reason, &asked, names.invalid))
            }
        })
    }
}

type Preflight = Result<(Arc<RuleAnswer>, Option<HeaderValue>), Refusal>;

impl Grants for S3 {
    type Grant = S3Grant;

    fn grant<A>(&self, source: &impl PolicySource<A>, request: &Request<A>) -> S3Grant {
        self.grant_of(&source.policy_for(request), request)
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

/// What a policy decides. S3 refuses a preflight that asks for an invalid name before it looks at the rules.
fn decide(policy: &CorsPolicy, asked: &CorsRequest<'_>) -> Decision {
    if asked.is_preflight() && has_invalid_name(asked) {
        return Decision::default();
    }
    policy.decide(asked)
}

fn reason<const UNIFORM: bool>(lookup: &PolicyLookup<'_>, asked: &CorsRequest<'_>) -> Reason {
    Reason::of(lookup, asked, has_invalid_name(asked), UNIFORM)
}

fn has_invalid_name(asked: &CorsRequest<'_>) -> bool {
    RequestedNames::read(asked.requested_lines).invalid.is_some()
}

const VARY_OF_GRANT: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// What the response to a request other than OPTIONS gets.
#[derive(Clone, Debug)]
pub struct S3Grant(Outcome);

#[derive(Clone, Debug)]
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
    let origin = match origin {
        Some(origin) => origin,
        None if rule.any_origin => STAR,
        // It is in another response already.
        None => return,
    };
    add(headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    add(headers, ACCESS_CONTROL_ALLOW_METHODS, rule.allow_methods.clone());
    // A list without a name is as if absent.
    add_some(headers, ACCESS_CONTROL_ALLOW_HEADERS, names.filter(|names| !names.is_empty()));
    add_some(headers, ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose_headers.clone());
    add_some(headers, ACCESS_CONTROL_MAX_AGE, rule.max_age.clone());
    if !rule.any_origin {
        add(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    }
}
