//! Policies made from a text, a rule or a configuration in one step.

use std::str::FromStr;

use super::{CorsPolicy, CorsPolicyBuilder};
use crate::config::{CorsConfiguration, CorsDocument, CorsRule, InvalidConfiguration, LoadError};

impl CorsPolicy {
    /// A policy for public data: any origin, the six usual methods, any header, and never credentials.
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

impl CorsPolicyBuilder {
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
