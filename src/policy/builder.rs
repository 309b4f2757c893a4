//! From rules to a policy: with settings, or in one step from a text, a rule or a configuration.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::answer::{lists_any_origin, RuleAnswer};
use super::matcher::{Matcher, Methods};
use super::{Compiled, CorsPolicy};
use crate::config::{
    validate, CorsConfiguration, CorsDocument, CorsRule, InvalidConfiguration, LoadError, OriginCheck,
    PolicyOptions,
};
use crate::pattern::{OverbroadOrigin, Pattern};

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
    pub(crate) options: PolicyOptions,
}

impl CorsPolicyBuilder {
    /// Lifts S3's limits on methods and document size. Off by default.
    pub fn extended(mut self, extended: bool) -> Self {
        self.options.extended = extended;
        self
    }

    /// Sets whether browsers may send cookies and read the answer: the Fetch dialect then sends
    /// `Access-Control-Allow-Credentials: true`. Off by default.
    ///
    /// With it, an AllowedOrigin that lets in strangers is an error: each case of
    /// [`OverbroadOrigin`](crate::error::OverbroadOrigin). Set it for [`S3`](crate::S3) too: that dialect sends the header with
    /// every echoed origin, as Amazon S3 does, and only this setting checks the origins.
    pub fn credentials(mut self, credentials: bool) -> Self {
        let check: OriginCheck =
            |origin| OverbroadOrigin::find(origin).map(|found| (found, found.reason(origin)));
        self.options.credentials = credentials.then_some(check);
        self
    }

    /// Sets whether scripts of a granted origin may read the timings of responses: both dialects then set
    /// [`Timing-Allow-Origin`](https://www.w3.org/TR/resource-timing/#sec-timing-allow-origin) to the echoed
    /// origin, or to `*`. Off by default: S3 has no such header, and timings tell more than the response does.
    ///
    /// Where no rule matches, that header of the inner service stays.
    pub fn timing_allow_origin(mut self, allow: bool) -> Self {
        self.options.timing_allow_origin = allow;
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
        let ignores_origin = rules.iter().all(lists_any_origin);
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

    /// Reads XML or JSON and compiles it, as [`CorsPolicyBuilder::build`] does.
    ///
    /// # Errors
    /// [`LoadError`] with the line and the column of each fault and each problem.
    pub fn parse(self, text: &str) -> Result<CorsPolicy, LoadError> {
        self.build_document(&text.parse()?)
    }

    /// The error has the positions in the document.
    pub(crate) fn build_document(self, document: &CorsDocument) -> Result<CorsPolicy, LoadError> {
        let built = self.build(document.configuration());
        built.map_err(|error| LoadError::invalid(error, document))
    }
}

impl CorsPolicy {
    /// A policy for public data: any origin, the methods GET, HEAD, PUT, POST, PATCH and DELETE, any header, and never
    /// credentials.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRequest};
    ///
    /// let policy = CorsPolicy::permissive();
    /// let request = CorsRequest::preflight("https://example.com", "PATCH", "x-trace");
    /// assert!(policy.decide(&request).is_granted());
    /// ```
    pub fn permissive() -> Self {
        let rule =
            CorsRule::new(["*"], ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]).allow_headers(["*"]);
        CorsPolicyBuilder::default().extended(true).compile(rule.into())
    }
}

/// Reads XML or JSON and compiles it, as [`CorsPolicy::new`] does.
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tower_s3_cors::CorsPolicy;
///
/// let rules = r#"[{ "AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["get"] }]"#;
/// let error = rules.parse::<CorsPolicy>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid CORS configuration: line 1, column 70: CORSRules[0].AllowedMethods[0]: \
///      \"get\" is not a method; write \"GET\"",
/// );
/// # }
/// ```
impl FromStr for CorsPolicy {
    type Err = LoadError;

    fn from_str(text: &str) -> Result<Self, LoadError> {
        CorsPolicyBuilder::default().parse(text)
    }
}

/// Compiles a single rule, as [`CorsPolicy::new`] does.
impl TryFrom<CorsRule> for CorsPolicy {
    type Error = InvalidConfiguration;

    fn try_from(rule: CorsRule) -> Result<Self, InvalidConfiguration> {
        CorsPolicy::new(&rule.into())
    }
}

/// Compiles a configuration, as [`CorsPolicy::new`] does.
impl TryFrom<CorsConfiguration> for CorsPolicy {
    type Error = InvalidConfiguration;

    fn try_from(configuration: CorsConfiguration) -> Result<Self, InvalidConfiguration> {
        CorsPolicy::new(&configuration)
    }
}
