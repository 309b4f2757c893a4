//! The outcome of each request, for counters and for shadow policies.

mod shadow;

use std::fmt;

use http::{Extensions, HeaderMap, Method, Request, Uri};

pub use shadow::{Difference, Shadow};

use super::dialect::{Reading, ResourceType};
use super::source::{PolicyLookup, PolicySource};
use crate::config::CorsRule;
use crate::explain::Explanation;
use crate::policy::{CorsPolicy, CorsRequest, Decision};

/// Is called once for each request, with its outcome: see [`CorsLayer::observe`](crate::CorsLayer::observe).
///
/// It is called on the hot path, before the inner service. A closure of `&Observation` is an observer.
pub trait Observer<B> {
    /// Receives the outcome of a request.
    fn observe(&self, request: &Request<B>, observation: &Observation<'_>);
}

impl<B, F: Fn(&Observation<'_>)> Observer<B> for F {
    fn observe(&self, _: &Request<B>, observation: &Observation<'_>) {
        self(observation);
    }
}

/// The outcome of a request, and the policy and the rule that decided.
///
/// It comes from the same lookup as the answer, so it has the policy that answered even while policies are replaced.
///
/// ```
/// use http::{Request, Response};
/// use tower::{service_fn, Layer, ServiceExt};
/// use tower_s3_cors::observe::{Observation, Outcome};
/// use tower_s3_cors::{CorsLayer, CorsPolicy};
///
/// let layer = CorsLayer::new(CorsPolicy::permissive()).observe(|observation: &Observation<'_>| {
///     assert_eq!(observation.outcome(), Outcome::NoOrigin);
/// });
/// let service = layer.layer(service_fn(|_| async { Ok::<_, ()>(Response::new(String::new())) }));
/// # drop(service.oneshot(Request::new(())));
/// ```
///
/// For metrics, label with [`outcome`](Observation::outcome), [`is_preflight`](Observation::is_preflight) and
/// [`rule`](Observation::rule), which have few values. The sender chooses the Origin, the method and the names of headers:
/// as labels, they let strangers fill your memory.
#[derive(Clone, Copy)]
pub struct Observation<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    asked: Option<CorsRequest<'a>>,
    lookup: &'a PolicyLookup<'a>,
    decision: Decision,
    reading: Reading,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The lookup was [`PolicyLookup::NotOurs`]: the layer changes nothing.
    NotOurs,
    /// It carries no Origin, so it is not a CORS request. [`S3`](crate::S3) refuses an OPTIONS without one.
    NoOrigin,
    /// The source has no policy for it.
    NoPolicy,
    /// A rule grants it.
    Granted,
    /// No rule grants it.
    Refused,
}

impl Outcome {
    /// The outcome as a label: `not_ours`, `no_origin`, `no_policy`, `granted`, `refused`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::NotOurs => "not_ours",
            Outcome::NoOrigin => "no_origin",
            Outcome::NoPolicy => "no_policy",
            Outcome::Granted => "granted",
            Outcome::Refused => "refused",
        }
    }
}

impl<'a> Observation<'a> {
    fn new<B>(
        request: &'a Request<B>,
        asked: Option<CorsRequest<'a>>,
        lookup: &'a PolicyLookup<'a>,
        reading: Reading,
    ) -> Self {
        let decision = match (&asked, lookup) {
            (Some(asked), PolicyLookup::Policy(policy)) => (reading.decide)(policy, asked),
            _ => Decision::default(),
        };
        Observation {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
            asked,
            lookup,
            decision,
            reading,
        }
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        match (self.lookup, &self.asked) {
            (PolicyLookup::NotOurs, _) => Outcome::NotOurs,
            (_, None) => Outcome::NoOrigin,
            (PolicyLookup::Policy(_), Some(_)) if self.decision.is_granted() => Outcome::Granted,
            (PolicyLookup::Policy(_), Some(_)) => Outcome::Refused,
            _ => Outcome::NoPolicy,
        }
    }

    /// The request as the dialect reads it; `None` if it carries no Origin.
    pub fn request(&self) -> Option<&CorsRequest<'a>> {
        self.asked.as_ref()
    }

    /// The method of the request: OPTIONS for a preflight, which [asks](Observation::request) about another one.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target of the request.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// All headers of the request.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The extensions of the request, such as the tenant that a layer in front has found.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// Whether the request is a preflight.
    pub fn is_preflight(&self) -> bool {
        self.asked.is_some_and(|asked| asked.is_preflight())
    }

    /// Whether the dialect answers the request itself where no rule grants it. S3 answers every OPTIONS.
    fn is_refused_by_us(&self) -> bool {
        if self.reading.is_s3() {
            *self.method == Method::OPTIONS && self.outcome() != Outcome::NotOurs
        } else {
            self.policy().is_some() && self.is_preflight()
        }
    }

    /// The policy that decided, if the source had one.
    pub fn policy(&self) -> Option<&'a CorsPolicy> {
        match self.lookup {
            PolicyLookup::Policy(policy) => Some(policy),
            _ => None,
        }
    }

    /// The index of the rule that grants the request.
    pub fn rule(&self) -> Option<usize> {
        self.decision.rule()
    }

    /// The rule that grants the request.
    pub fn matched_rule(&self) -> Option<&'a CorsRule> {
        self.policy()?.configuration().rules.get(self.rule()?)
    }

    /// Explains the outcome. It allocates and costs much more than the request, so call it only for a few requests.
    ///
    /// `None` without an Origin or a policy, and for what [`S3`](crate::S3) refuses although a rule matches: a preflight that
    /// asks for what is no name of a header.
    pub fn explain(&self) -> Option<Explanation> {
        let explanation = self.policy()?.explain(self.asked.as_ref()?);
        (explanation.is_granted() == self.decision.is_granted()).then_some(explanation)
    }
}

impl fmt::Debug for Observation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation")
            .field("outcome", &self.outcome())
            .field("preflight", &self.is_preflight())
            .field("rule", &self.rule())
            .finish_non_exhaustive()
    }
}

/// Calls the source's observer, if it has one, and writes the events.
#[inline(always)]
pub(super) fn report<A>(
    source: &impl PolicySource<A>,
    request: &Request<A>,
    lookup: &PolicyLookup<'_>,
    reading: Reading,
) {
    #[cfg(feature = "tracing")]
    if let PolicyLookup::Policy(policy) = lookup {
        super::telemetry::report(policy, request, reading);
    }
    if let Some(observer) = source.observer() {
        observer.observe(request, &Observation::new(request, reading.classify(request), lookup, reading));
    }
}

/// A source with an observer: [`CorsLayer::observe`](crate::CorsLayer::observe),
/// [`CorsLayer::shadow`](crate::CorsLayer::shadow).
#[derive(Clone, Copy)]
pub struct Observed<P, O> {
    pub(super) source: P,
    pub(super) observer: O,
}

impl<P: fmt::Debug, O> fmt::Debug for Observed<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").field("source", &self.source).finish_non_exhaustive()
    }
}

impl<B, P: PolicySource<B>, O: Observer<B>> PolicySource<B> for Observed<P, O> {
    fn policy_for<'a>(&'a self, request: &'a Request<B>) -> PolicyLookup<'a> {
        self.source.policy_for(request)
    }

    fn resource_type(&self, request: &Request<B>) -> Option<ResourceType> {
        self.source.resource_type(request)
    }

    fn observer(&self) -> Option<&dyn Observer<B>> {
        Some(self)
    }
}

impl<B, P: PolicySource<B>, O: Observer<B>> Observer<B> for Observed<P, O> {
    fn observe(&self, request: &Request<B>, observation: &Observation<'_>) {
        if let Some(observer) = self.source.observer() {
            observer.observe(request, observation);
        }
        self.observer.observe(request, observation);
    }
}
