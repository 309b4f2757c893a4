//! Compiles rules and decides: an opaque, immutable policy.

mod affixes;
mod answer;
mod builder;
mod header_list;
mod matcher;
mod request;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::config::{CorsConfiguration, CorsRule, InvalidConfiguration, LoadError, PolicyOptions};
use crate::pattern::RuleSet;
use matcher::{Matcher, Methods};

pub(crate) use answer::RuleAnswer;
pub use builder::CorsPolicyBuilder;
pub use header_list::RequestedHeaders;
pub(crate) use header_list::{first_comma, trim, Lines};
pub use request::CorsRequest;
pub(crate) use request::{has_repeated, AskedHeaders, Found};

/// A validated, compiled set of CORS rules: decides which rule, if any, grants a request.
///
/// Cloning increments one reference count.
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
    configuration: Arc<CorsConfiguration>,
    options: PolicyOptions,
    origins: Matcher<false>,
    methods: Methods,
    /// Names are equal in any case.
    headers: Matcher<true>,
    answers: Box<[Arc<RuleAnswer>]>,
    ignores_origin: bool,
}

/// The outcome of [`CorsPolicy::decide`]: the rule that grants a request, or none.
///
/// ```
/// use tower_s3_cors::{CorsPolicy, CorsRequest};
///
/// let decision = CorsPolicy::permissive().decide(&CorsRequest::actual("https://example.com", "GET"));
/// assert!(decision.is_granted());
/// assert_eq!(decision.rule(), Some(0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decision {
    rule: Option<u8>,
}

impl Decision {
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
    /// Compiles a configuration under S3's limits: at most 100 rules and 64 KB as XML, methods GET, PUT, POST, DELETE and HEAD.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every problem of the configuration.
    pub fn new(configuration: &CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        Self::builder().build(configuration)
    }

    /// Compiles a configuration without S3's limits on methods (`PATCH`, `QUERY`) and size.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every problem of the configuration; there may still be at most 100 rules.
    pub fn extended(configuration: &CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        Self::builder().extended(true).build(configuration)
    }

    /// Reads the rules of a file and compiles them, as [`CorsPolicy::new`] does.
    ///
    /// # Errors
    /// [`LoadError`], which names the file, and the line and column of each fault and each problem.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::builder().from_path(path)
    }

    /// Starts a policy with [settings](CorsPolicyBuilder): `credentials`, `strict`, `extended`, `timing_allow_origin`.
    pub fn builder() -> CorsPolicyBuilder {
        CorsPolicyBuilder::default()
    }

    /// Finds the first rule whose origins, methods and headers all match: it grants the request.
    ///
    /// A request with several Origin headers matches only rules that list `*`.
    /// Allocates nothing; the work is linear in the length of the request's headers.
    #[inline(always)]
    pub fn decide(&self, request: &CorsRequest<'_>) -> Decision {
        let candidates = self.candidates(request.origin(), request.method());
        match request.requested_lines {
            Lines::None => Decision { rule: candidates.first() },
            lines => self.decide_among(candidates, lines.names()),
        }
    }

    /// The rule that grants the request, if one does.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRequest, CorsRule};
    ///
    /// let rule = CorsRule::new(["https://*.example.com"], ["GET"]).id("web");
    /// let policy = CorsPolicy::try_from(rule)?;
    /// let request = CorsRequest::actual("https://app.example.com", "GET");
    /// assert_eq!(policy.rule_for(&request).and_then(|rule| rule.id.as_deref()), Some("web"));
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    pub fn rule_for(&self, request: &CorsRequest<'_>) -> Option<&CorsRule> {
        self.configuration().rules.get(self.decide(request).rule()?)
    }

    /// The configuration that was compiled, as it was written.
    pub fn configuration(&self) -> &CorsConfiguration {
        &self.0.configuration
    }

    /// The rules that allow the origin and the method.
    #[inline(always)]
    pub(crate) fn candidates(&self, origin: Option<&[u8]>, method: &[u8]) -> RuleSet {
        let mut candidates = self.matching_origin(origin);
        if !candidates.is_empty() {
            candidates &= self.matching_method(method);
        }
        candidates
    }

    /// Decides among the rules that allow the origin and the method, by the requested names.
    #[inline]
    pub(crate) fn decide_among<'n>(
        &self,
        candidates: RuleSet,
        mut names: impl Iterator<Item = &'n [u8]>,
    ) -> Decision {
        let headers = &self.0.headers;
        let (any, mut listing) = (candidates & headers.any, candidates & !headers.any);
        // The rules that allow any header are not asked; where no other one is left, the names are not read.
        while !listing.is_empty() {
            let Some(name) = names.next() else { break };
            listing &= headers.listing(name, listing);
        }
        Decision { rule: (any | listing).first() }
    }

    /// The rules with an AllowedOrigin that matches; `None` is an Origin that cannot be read.
    #[inline(always)]
    pub(crate) fn matching_origin(&self, origin: Option<&[u8]>) -> RuleSet {
        match origin {
            Some(origin) => self.0.origins.matching(origin),
            None => self.0.origins.any,
        }
    }

    /// The rules with that AllowedMethod.
    #[inline]
    pub(crate) fn matching_method(&self, method: &[u8]) -> RuleSet {
        self.0.methods.matching(method)
    }

    /// The rules with an AllowedHeader that matches.
    #[inline]
    pub(crate) fn matching_header(&self, name: &[u8]) -> RuleSet {
        self.0.headers.matching(name)
    }

    /// Whether every rule lists `*`, so that no answer to an actual request depends on its Origin.
    pub(crate) fn ignores_origin(&self) -> bool {
        self.0.ignores_origin
    }

    /// A builder with the settings of this policy.
    #[cfg(feature = "reload")]
    pub(crate) fn settings(&self) -> CorsPolicyBuilder {
        CorsPolicyBuilder { options: self.0.options }
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

    /// What the rule answers where it decides.
    #[cfg(feature = "diff")]
    pub(crate) fn answer_of(&self, rule: u8) -> Option<&RuleAnswer> {
        self.0.answers.get(usize::from(rule)).map(Arc::as_ref)
    }
}

impl fmt::Debug for CorsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsPolicy")
            .field("configuration", &self.0.configuration)
            .field("extended", &self.0.options.extended)
            .field("timing_allow_origin", &self.0.options.timing_allow_origin)
            .field("credentials", &self.0.options.credentials.is_some())
            .field("strict", &self.0.options.strict.is_some())
            .finish()
    }
}
