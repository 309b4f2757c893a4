//! Shadow policies: evaluated beside the one in force.

use std::fmt;

use http::Request;

use super::{Observation, Observer, Outcome};
use crate::pattern::Quoted;
use crate::policy::{CorsPolicy, CorsRequest, Decision, RuleAnswer};
use crate::service::dialect::Reason;
use crate::service::source::PolicySource;

/// Evaluates a second source for each request, and reports where the answers would differ:
/// [`CorsLayer::shadow`](crate::CorsLayer::shadow).
#[derive(Clone, Copy)]
pub struct Shadow<Q, F> {
    pub(crate) next: Q,
    pub(crate) report: F,
}

impl<Q: fmt::Debug, F> fmt::Debug for Shadow<Q, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").field("next", &self.next).finish_non_exhaustive()
    }
}

impl<B, Q: PolicySource<B>, F: Fn(&Difference<'_>)> Observer<B> for Shadow<Q, F> {
    fn observe(&self, request: &Request<B>, served: &Observation<'_>) {
        let lookup = self.next.policy_for(request);
        let next = Observation::new(request, served.asked, &lookup, served.reading);
        if Answer::of(served).differs(&Answer::of(&next), served) {
            let difference = Difference { served: *served, next };
            #[cfg(feature = "tracing")]
            crate::service::telemetry::differs(&difference);
            (self.report)(&difference);
        }
    }
}

/// A request that two policies answer differently.
///
/// Printed, it is one line: `"GET" from "https://app.example.com": granted by CORSRules[0], then refused`. What the request
/// sent is escaped and cut.
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    served: Observation<'a>,
    next: Observation<'a>,
}

impl<'a> Difference<'a> {
    /// The outcome of the request.
    pub fn served(&self) -> &Observation<'a> {
        &self.served
    }

    /// Its outcome under the shadow policy.
    pub fn next(&self) -> &Observation<'a> {
        &self.next
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        match self.served.request() {
            None => f.write_str("a request without an Origin")?,
            Some(request) => {
                let kind = if request.is_preflight() { "preflight for " } else { "" };
                write!(f, "{kind}{}", Quoted(&text(request.method())))?;
                match request.origin() {
                    Some(origin) => write!(f, " from {}", Quoted(&text(origin)))?,
                    None => f.write_str(" with several Origin headers")?,
                }
            }
        }
        write!(f, ": {}, then {}", Words(&self.served), Words(&self.next))
    }
}

/// An outcome in words.
struct Words<'a>(&'a Observation<'a>);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.outcome(), self.0.rule()) {
            (Outcome::Granted, Some(rule)) => write!(f, "granted by CORSRules[{rule}]"),
            (Outcome::NotOurs, _) => f.write_str("forwarded"),
            (Outcome::NoPolicy, _) => f.write_str("without a policy"),
            (Outcome::NoOrigin, _) if self.0.is_refused_by_us() => f.write_str("refused"),
            (Outcome::NoOrigin, _) if self.0.policy().is_some_and(CorsPolicy::ignores_origin) => {
                f.write_str("the same for every origin")
            }
            (Outcome::NoOrigin, _) => f.write_str("not a CORS request"),
            _ => f.write_str("refused"),
        }
    }
}

/// What the layer answers, as far as it depends on the policy.
enum Answer<'a> {
    /// No header of ours.
    Nothing,
    /// Vary alone.
    Varies,
    /// The refusal of a preflight, which in S3's dialect says why, unless there is no Origin.
    Refusal(Option<Reason>),
    Granted(&'a RuleAnswer),
}

impl<'a> Answer<'a> {
    fn of(observation: &'a Observation<'_>) -> Self {
        if observation.outcome() == Outcome::NotOurs {
            return Answer::Nothing;
        }
        let policy = observation.policy();
        let granted = |policy: &'a CorsPolicy| policy.answer(decision(observation, policy));
        if let Some(answer) = policy.and_then(granted) {
            return Answer::Granted(answer);
        }
        let reading = observation.reading;
        if observation.is_refused_by_us() {
            let reason = reading.refusal.zip(observation.asked.as_ref());
            return Answer::Refusal(reason.map(|(reason, asked)| reason(observation.lookup, asked)));
        }
        let varies_by_policy = |policy: &CorsPolicy| !reading.is_s3() && !policy.ignores_origin();
        if reading.always_varies || policy.is_some_and(varies_by_policy) {
            return Answer::Varies;
        }
        Answer::Nothing
    }

    fn differs(&self, other: &Answer<'_>, served: &Observation<'_>) -> bool {
        match (self, other) {
            (Answer::Nothing, Answer::Nothing) | (Answer::Varies, Answer::Varies) => false,
            (Answer::Refusal(a), Answer::Refusal(b)) => a != b,
            (Answer::Granted(a), Answer::Granted(b)) => grants_differ(a, b, served),
            _ => true,
        }
    }
}

/// In Fetch's dialect, rules that all list `*` grant a request without an Origin too.
fn decision(observation: &Observation<'_>, policy: &CorsPolicy) -> Decision {
    let is_granted_to_all =
        observation.asked.is_none() && !observation.reading.is_s3() && policy.ignores_origin();
    if is_granted_to_all {
        policy.decide(&CorsRequest::without_origin(observation.method.as_str()))
    } else {
        observation.decision
    }
}

/// Compares the headers that the dialect sends with such a response.
fn grants_differ(a: &RuleAnswer, b: &RuleAnswer, served: &Observation<'_>) -> bool {
    let (is_s3, is_preflight) = (served.reading.is_s3(), served.is_preflight());
    a.any_origin != b.any_origin
        || (!is_s3 && a.credentials != b.credentials)
        || (!is_s3 && !is_preflight && a.varies != b.varies)
        || (!is_preflight && a.timing != b.timing)
        || ((is_s3 || is_preflight) && (a.allow_methods != b.allow_methods || a.max_age != b.max_age))
        || ((is_s3 || !is_preflight) && a.expose_headers != b.expose_headers)
}
