//! Rules that are written in code.

use super::{CorsConfiguration, CorsRule};

impl CorsRule {
    /// A rule that allows the origins and the methods.
    ///
    /// Origins are strings, without a slash at the end; methods may also be `http::Method`s, and names of headers
    /// `http::HeaderName`s.
    ///
    /// ```
    /// use tower_s3_cors::{CorsPolicy, CorsRule};
    ///
    /// let rule = CorsRule::new(["https://app.example.com"], ["GET", "PUT"])
    ///     .allow_headers([http::header::CONTENT_TYPE])
    ///     .expose_headers(["ETag"])
    ///     .max_age(600);
    /// let policy = CorsPolicy::try_from(rule)?;
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    pub fn new(
        origins: impl IntoIterator<Item = impl AsRef<str>>,
        methods: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        CorsRule { allowed_origins: texts(origins), allowed_methods: texts(methods), ..CorsRule::default() }
    }

    /// A rule that allows the methods to a comma-separated list of origins; `None` if the list is empty.
    ///
    /// Blanks around an origin are dropped. With an environment variable, which may be empty or unset:
    ///
    /// ```
    /// use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule};
    ///
    /// let origins = std::env::var("CORS_ALLOWED_ORIGINS").unwrap_or_default();
    /// let rule = CorsRule::from_origin_list(&origins, ["GET", "POST"]);
    /// let policy = rule.map(CorsPolicy::try_from).transpose()?;
    /// let layer = CorsLayer::from_source(policy);
    /// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
    /// ```
    pub fn from_origin_list(
        origins: &str,
        methods: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Option<Self> {
        let origins = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        Some(CorsRule::new(origins, methods)).filter(|rule| !rule.allowed_origins.is_empty())
    }

    /// Adds to `allowed_headers`: names, or patterns of names, that a preflight may ask for.
    #[must_use]
    pub fn allow_headers(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.allowed_headers.extend(texts(names));
        self
    }

    /// Adds to `expose_headers`: names of response headers that a script may read.
    #[must_use]
    pub fn expose_headers(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.expose_headers.extend(texts(names));
        self
    }

    /// Sets how long a browser may remember the answer to a preflight, in seconds.
    #[must_use]
    pub fn max_age(self, seconds: i32) -> Self {
        CorsRule { max_age_seconds: Some(seconds), ..self }
    }

    /// Sets the name for people, which explanations show.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        CorsRule { id: Some(id.into()), ..self }
    }
}

fn texts(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    texts.into_iter().map(|text| text.as_ref().to_owned()).collect()
}

/// A configuration with that rule alone.
impl From<CorsRule> for CorsConfiguration {
    fn from(rule: CorsRule) -> Self {
        CorsConfiguration { rules: vec![rule] }
    }
}

/// Several rules, in their order:
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};
///
/// let app = CorsRule::new(["https://app.example.com"], ["GET", "PUT"]);
/// let everyone = CorsRule::new(["*"], ["GET"]);
/// let policy = CorsPolicy::new(&CorsConfiguration::from_iter([app, everyone]))?;
/// # Ok::<(), tower_s3_cors::InvalidConfiguration>(())
/// ```
impl FromIterator<CorsRule> for CorsConfiguration {
    fn from_iter<R: IntoIterator<Item = CorsRule>>(rules: R) -> Self {
        CorsConfiguration { rules: rules.into_iter().collect() }
    }
}
