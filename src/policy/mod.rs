//! Compiles rules and decides: an opaque, immutable policy.

mod affixes;
mod answer;
mod from;
mod header_list;
mod matcher;
mod request;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::config::{
    validate, CorsConfiguration, CorsDocument, CorsRule, InvalidConfiguration, LoadError, OriginCheck,
    PolicyOptions,
};
use crate::lint;
use crate::pattern::{OverbroadOrigin, Pattern, RuleSet};
use matcher::{Matcher, Methods};

pub(crate) use answer::RuleAnswer;
pub use header_list::RequestedHeaders;
pub(crate) use header_list::{trim, Lines};
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
    /// Compiles a configuration under S3's limits: at most 100 rules and 64 KB, methods GET, PUT, POST, DELETE and HEAD.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every problem of the configuration.
    pub fn new(configuration: &CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        Self::builder().build(configuration)
    }

    /// Compiles a configuration of any size, with any methods that browsers send (`PATCH`, `QUERY`).
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

    /// Compiles with other settings than those of [`CorsPolicy::new`].
    pub fn builder() -> CorsPolicyBuilder {
        CorsPolicyBuilder::default()
    }

    /// Decides a request: the first rule whose origins, methods and headers all match grants it.
    ///
    /// An Origin that cannot be read, since the request has several lines of it, is matched by `*` alone.
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
        mut candidates: RuleSet,
        mut names: impl Iterator<Item = &'n [u8]>,
    ) -> Decision {
        // Names are not read where no rule is left, or none that does not allow every name.
        while candidates & self.0.headers.any != candidates {
            let Some(name) = names.next() else { break };
            candidates &= self.0.headers.matching(name);
        }
        Decision { rule: candidates.first() }
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
}

impl fmt::Debug for CorsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsPolicy")
            .field("configuration", &self.0.configuration)
            .field("extended", &self.0.options.extended)
            .field("credentials", &self.0.options.credentials.is_some())
            .field("strict", &self.0.options.strict.is_some())
            .finish()
    }
}

/// The settings of a policy: see [`CorsPolicy::builder`].
///
/// ```no_run
/// use tower_s3_cors::{CorsLayer, CorsPolicy};
///
/// let policy = CorsPolicy::builder().extended(true).credentials(true).from_path("cors.json")?;
/// let layer = CorsLayer::new(policy);
/// # Ok::<(), tower_s3_cors::LoadError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CorsPolicyBuilder {
    options: PolicyOptions,
}

impl CorsPolicyBuilder {
    /// Sets whether any method token and any document size are valid. Off by default.
    pub fn extended(mut self, extended: bool) -> Self {
        self.options.extended = extended;
        self
    }

    /// Sets whether browsers may send cookies and read the answer: the Fetch dialect then sends
    /// `Access-Control-Allow-Credentials: true`. Off by default.
    ///
    /// With it, an origin pattern that matches origins of strangers is an error. [`S3`](crate::S3) has no such
    /// setting: it sends that header with every origin that it gives back, as Amazon S3 does.
    pub fn credentials(mut self, credentials: bool) -> Self {
        let check: OriginCheck =
            |origin| OverbroadOrigin::find(origin).map(|found| (found, found.reason(origin)));
        self.options.credentials = credentials.then_some(check);
        self
    }

    /// Sets whether an entry that can never do what its author wanted is an error too: each lint of severity error, such
    /// as an origin with a trailing slash. Off by default, since S3 accepts such rules.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRule};
    ///
    /// let rule = CorsRule::new(["https://app.example.com/"], ["GET"]);
    /// let error = CorsPolicy::builder().strict(true).build(&rule.into()).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "invalid CORS configuration: CORSRules[0].AllowedOrigins[0]: \"https://app.example.com/\" never matches: \
    ///      an origin does not end in \"/\"; write \"https://app.example.com\" (O09)",
    /// );
    /// ```
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict.then_some(lint::add_errors);
        self
    }

    /// Compiles the configuration.
    ///
    /// # Errors
    /// [`InvalidConfiguration`] with every problem of the configuration.
    pub fn build(self, configuration: &CorsConfiguration) -> Result<CorsPolicy, InvalidConfiguration> {
        let problems = validate(configuration, self.options);
        if !problems.is_empty() {
            return Err(InvalidConfiguration { problems });
        }
        Ok(self.compile(configuration.clone()))
    }

    /// Compiles a configuration that is valid.
    fn compile(self, configuration: CorsConfiguration) -> CorsPolicy {
        let configuration = Arc::new(configuration);
        let rules = &configuration.rules;
        let ignores_origin = rules.iter().all(answer::lists_any_origin);
        let answer = |rule| Arc::new(RuleAnswer::new(rule, self.options, !ignores_origin));
        CorsPolicy(Arc::new(Compiled {
            origins: Matcher::new(&configuration, |rule| &rule.allowed_origins, Pattern::parse_origin),
            methods: Methods::new(&configuration),
            headers: Matcher::new(&configuration, |rule| &rule.allowed_headers, Pattern::parse),
            answers: rules.iter().map(answer).collect(),
            ignores_origin,
            options: self.options,
            configuration,
        }))
    }

    /// Reads the rules of a file and compiles them, as [`CorsPolicyBuilder::build`] does.
    ///
    /// # Errors
    /// As [`CorsPolicy::from_path`].
    pub fn from_path(self, path: impl AsRef<Path>) -> Result<CorsPolicy, LoadError> {
        let path = path.as_ref();
        let built = self.build_document(&CorsDocument::from_path(path)?);
        built.map_err(|error| error.in_file(path))
    }
}
