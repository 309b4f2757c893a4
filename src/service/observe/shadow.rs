//! A policy that is evaluated beside the one in force.

use std::fmt;

use http::{Method, Request};

use super::{Observation, Observer, Outcome};
use crate::pattern::Quoted;
use crate::policy::{CorsPolicy, CorsRequest, Decision, RuleAnswer};
use crate::service::dialect::Reason;
use crate::service::source::PolicySource;

/// Evaluates a second source for each request, and tells where the answers would differ:
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
        let method = request.method().as_str();
        if Answer::of(served, method).differs(&Answer::of(&next, method), served) {
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
    /// What became of the request.
    pub fn served(&self) -> &Observation<'a> {
        &self.served
    }

    /// What would have become of it under the other policy.
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
    /// The refusal of a preflight, which in S3's dialect tells why, unless there is no Origin.
    Refusal(Option<Reason>),
    Granted(&'a RuleAnswer),
}

impl<'a> Answer<'a> {
    fn of(observation: &'a Observation<'_>, method: &str) -> Self {
        if observation.outcome() == Outcome::NotOurs {
            return Answer::Nothing;
        }
        let policy = observation.policy();
        let granted = |policy: &'a CorsPolicy| policy.answer(decision(observation, policy, method));
        if let Some(answer) = policy.and_then(granted) {
            return Answer::Granted(answer);
        }
        let reading = observation.reading;
        let refusal = |asked| reading.refusal.map(|reason| reason(observation.lookup, asked));
        // S3 answers every OPTIONS, Fetch's dialect preflights alone.
        let (is_answered, varies) = match reading.is_s3() {
            true => (*method == *Method::OPTIONS.as_str(), reading.always_varies),
            false => (policy.is_some() && observation.is_preflight(), policy.is_some_and(varies)),
        };
        match observation.asked {
            asked if is_answered => Answer::Refusal(asked.as_ref().and_then(refusal)),
            _ if varies => Answer::Varies,
            _ => Answer::Nothing,
        }
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

fn varies(policy: &CorsPolicy) -> bool {
    !policy.ignores_origin()
}

/// In Fetch's dialect, rules that all list `*` grant a request without an Origin too.
fn decision(observation: &Observation<'_>, policy: &CorsPolicy, method: &str) -> Decision {
    let is_granted_to_all =
        observation.asked.is_none() && !observation.reading.is_s3() && policy.ignores_origin();
    if is_granted_to_all {
        policy.decide(&CorsRequest::without_origin(method))
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
