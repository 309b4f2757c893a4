//! What was compiled: an opaque, immutable policy that decides.

mod affixes;
mod criterion;
mod few;
mod hash;
mod literals;
mod matcher;
mod methods;
mod request;
mod word;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;

use crate::config::{validate, CorsConfiguration, CorsRule, InvalidConfiguration, PolicyOptions};
use crate::pattern::RuleSet;
use criterion::{Headers, Origins};
use matcher::Matcher;
use methods::Methods;

pub(crate) use request::{has_several, repeats_any, trim, Lines};
pub use request::{CorsRequest, RequestedHeaders};

/// A lawful configuration, compiled: decides which rule, if any, governs a request.
///
/// A clone costs one reference count. There is no way to make one that breaks a law.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRequest, CorsRule};
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://*.example.com".into()],
///     allowed_methods: vec!["GET".into()],
///     ..CorsRule::default()
/// };
/// let policy = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] })?;
///
/// let request = http::Request::get("/").header("origin", "https://app.example.com").body(())?;
/// let asked = CorsRequest::classify(&request).ok_or("no Origin")?;
/// assert_eq!(policy.decide(&asked).rule(), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CorsPolicy(Arc<Compiled>);

struct Compiled {
    configuration: CorsConfiguration,
    options: PolicyOptions,
    origins: Matcher<Origins>,
    methods: Methods,
    headers: Matcher<Headers>,
    answers: Box<[Arc<RuleAnswer>]>,
    ignores_origin: bool,
}

/// What one rule answers, its header values ready to be cloned without an allocation.
pub(crate) struct RuleAnswer {
    /// The rule lists `*`, so that is what it answers.
    pub(crate) any_origin: bool,
    /// The policy has credentials, for an origin that is given back.
    pub(crate) credentials: bool,
    /// The policy does not ignore origins.
    pub(crate) varies: bool,
    pub(crate) allow_methods: HeaderValue,
    pub(crate) expose_headers: Option<HeaderValue>,
    pub(crate) max_age: Option<HeaderValue>,
}

/// What a policy says of a request: the rule that decides, or that none does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decision {
    rule: Option<u8>,
}

impl Decision {
    fn of(candidates: RuleSet) -> Self {
        Decision { rule: candidates.first() }
    }

    /// Whether a rule matches.
    pub fn is_granted(&self) -> bool {
        self.rule.is_some()
    }

    /// The first rule that matches, counted from 0.
    pub fn rule(&self) -> Option<usize> {
        self.rule.map(usize::from)
    }
}

impl CorsPolicy {
    /// Compiles a configuration under S3's limits.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every law that the configuration breaks.
    pub fn new(configuration: &CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        Self::builder().build(configuration)
    }

    /// Compiles a configuration of any size, with any methods that browsers send (`PATCH`, `QUERY`).
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every law that the configuration breaks; there are still at most 100 rules.
    pub fn extended(configuration: &CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        Self::builder().extended(true).build(configuration)
    }

    /// A policy with other settings than those of [`CorsPolicy::new`].
    pub fn builder() -> CorsPolicyBuilder {
        CorsPolicyBuilder::default()
    }

    /// The configuration that was compiled, as it was written.
    pub fn configuration(&self) -> &CorsConfiguration {
        &self.0.configuration
    }

    /// Decides: the first rule whose origins, methods and headers all match.
    ///
    /// Allocates nothing; the work is linear in the length of the request's headers.
    #[inline(always)]
    pub fn decide(&self, request: &CorsRequest<'_>) -> Decision {
        let candidates = self.candidates(request.origin(), request.method());
        if candidates.is_empty() {
            return Decision::default();
        }
        match request.requested_lines() {
            Lines::None => Decision::of(candidates),
            lines => self.decide_among(candidates, lines.names()),
        }
    }

    /// The rules that allow the origin and the method.
    #[inline(always)]
    pub(crate) fn candidates(&self, origin: Option<&HeaderValue>, method: &[u8]) -> RuleSet {
        let policy = &*self.0;
        let rules = &policy.configuration.rules;
        let Some(origin) = origin else {
            return RuleSet::EMPTY;
        };
        let mut candidates = policy.origins.of(rules, origin.as_bytes());
        if !candidates.is_empty() {
            candidates &= policy.methods.of(rules, method);
        }
        candidates
    }

    /// Decides among the rules that allow all else about the requested names.
    #[inline]
    pub(crate) fn decide_among<'n>(
        &self,
        mut candidates: RuleSet,
        names: impl Iterator<Item = &'n [u8]>,
    ) -> Decision {
        for name in names {
            if candidates.is_empty() {
                break;
            }
            candidates &= self.0.headers.of(&self.0.configuration.rules, name);
        }
        Decision::of(candidates)
    }

    /// Decides about an actual request under a policy that ignores origins.
    pub(crate) fn decide_by_method(&self, method: &[u8]) -> Decision {
        Decision::of(self.0.methods.of(&self.0.configuration.rules, method))
    }

    /// Every rule lists `*`, so no answer to an actual request depends on its Origin.
    pub(crate) fn ignores_origin(&self) -> bool {
        self.0.ignores_origin
    }

    /// A builder with the settings of this policy.
    #[cfg(feature = "reload")]
    pub(crate) fn settings(&self) -> CorsPolicyBuilder {
        CorsPolicyBuilder { options: self.0.options }
    }

    /// The rules with an AllowedOrigin that matches.
    pub(crate) fn matching_origin(&self, origin: &[u8]) -> RuleSet {
        self.0.origins.of(&self.0.configuration.rules, origin)
    }

    /// The rules with that AllowedMethod.
    pub(crate) fn matching_method(&self, method: &[u8]) -> RuleSet {
        self.0.methods.of(&self.0.configuration.rules, method)
    }

    /// The rules with an AllowedHeader that matches.
    pub(crate) fn matching_header(&self, name: &[u8]) -> RuleSet {
        self.0.headers.of(&self.0.configuration.rules, name)
    }

    pub(crate) fn options(&self) -> PolicyOptions {
        self.0.options
    }

    pub(crate) fn is_extended(&self) -> bool {
        self.0.options.extended
    }

    /// What the deciding rule answers; none on a refusal.
    pub(crate) fn answer(&self, decision: Decision) -> Option<&Arc<RuleAnswer>> {
        self.0.answers.get(decision.rule()?)
    }
}

impl fmt::Debug for CorsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsPolicy")
            .field("configuration", &self.0.configuration)
            .field("extended", &self.0.options.extended)
            .field("credentials", &self.0.options.credentials)
            .finish()
    }
}

/// The settings of a policy: see [`CorsPolicy::builder`].
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://app.example.com".into()],
///     allowed_methods: vec!["GET".into(), "PATCH".into()],
///     ..CorsRule::default()
/// };
/// let configuration = CorsConfiguration { rules: vec![rule] };
/// let policy = CorsPolicy::builder().extended(true).credentials(true).build(&configuration)?;
/// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CorsPolicyBuilder {
    options: PolicyOptions,
}

impl CorsPolicyBuilder {
    /// Whether any method token and any document size are lawful. Off by default.
    pub fn extended(mut self, extended: bool) -> Self {
        self.options.extended = extended;
        self
    }

    /// Whether browsers may send cookies and read the answer: the Fetch dialect then sends
    /// `Access-Control-Allow-Credentials: true`. Off by default.
    ///
    /// With it, an origin pattern that lets in strangers fails the build. The S3 dialect has no such
    /// knob: it answers as S3 does.
    pub fn credentials(mut self, credentials: bool) -> Self {
        self.options.credentials = credentials;
        self
    }

    /// Compiles the configuration.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every law that the configuration breaks.
    pub fn build(self, configuration: &CorsConfiguration) -> Result<CorsPolicy, InvalidConfiguration> {
        InvalidConfiguration::check(validate(configuration, self.options))?;
        let rules = &configuration.rules;
        let ignores_origin = rules.iter().all(lists_any_origin);
        Ok(CorsPolicy(Arc::new(Compiled {
            origins: Matcher::new(rules),
            methods: Methods::new(rules),
            headers: Matcher::new(rules),
            answers: rules
                .iter()
                .map(|rule| Arc::new(RuleAnswer::of(rule, self.options, !ignores_origin)))
                .collect(),
            ignores_origin,
            options: self.options,
            configuration: configuration.clone(),
        })))
    }
}

fn lists_any_origin(rule: &CorsRule) -> bool {
    rule.allowed_origins.iter().any(|origin| origin == "*")
}

impl RuleAnswer {
    fn of(rule: &CorsRule, options: PolicyOptions, varies: bool) -> Self {
        let age = rule.max_age_seconds.map(|seconds| seconds.to_string());
        let [allow_methods, expose_headers, max_age] =
            values([list(&rule.allowed_methods), list(&rule.expose_headers), age]);
        RuleAnswer {
            any_origin: lists_any_origin(rule),
            credentials: options.credentials,
            varies,
            allow_methods: allow_methods.unwrap_or(HeaderValue::from_static("")),
            expose_headers,
            max_age,
        }
    }
}

/// `GET, PUT`; nothing if no name is there.
fn list(names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Values in one buffer, whose every clone is one reference count: the first clone of fresh bytes allocates, so it is
/// made here, and it is parts of the clone that are kept, which need not ask whether they are the first.
fn values<const N: usize>(texts: [Option<String>; N]) -> [Option<HeaderValue>; N] {
    let fresh = Bytes::from(texts.each_ref().map(|text| text.as_deref().unwrap_or_default()).concat());
    let mut rest = fresh.clone();
    texts.map(|text| HeaderValue::from_maybe_shared(rest.split_to(text?.len())).ok())
}
