//! What is lawful, yet dangerous or useless: each with its location, its reason and a better value.

mod catalogue;
mod headers;
mod methods;
mod origins;
mod rules;

use std::fmt;

use crate::config::CorsConfiguration;
use crate::config::{Field, Location};
use crate::pattern::Quoted;

pub use catalogue::{LintKind, Severity};

/// One finding about a configuration that may well be lawful: an entry that can never do what its
/// author wanted, that lets in strangers, or that is worth knowing of.
///
/// What a policy refuses is a [`Problem`](crate::Problem) and no lint. Each kind of lint has an id, and
/// a page in the repository under `docs/lints`.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsRule, Severity};
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://Example.com/".into()],
///     allowed_methods: vec!["GET".into()],
///     ..CorsRule::default()
/// };
/// let lints = CorsConfiguration { rules: vec![rule] }.lint();
/// assert_eq!(lints[0].severity(), Severity::Error);
/// assert_eq!(lints[0].fix(), Some("https://example.com"));
/// assert_eq!(
///     lints[0].to_string(),
///     "error O09 CORSRules[0].AllowedOrigins[0]: \"https://Example.com/\" never matches: \
///      an origin does not end in \"/\"; write \"https://example.com\"",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    kind: &'static LintKind,
    location: Location,
    value: Option<String>,
    reason: String,
    fix: Option<String>,
}

impl Lint {
    fn new(kind: &'static LintKind, location: Location, reason: impl Into<String>) -> Self {
        Lint { kind, location, value: None, reason: reason.into(), fix: None }
    }

    fn with_value(self, value: impl Into<String>) -> Self {
        Lint { value: Some(value.into()), ..self }
    }

    fn with_fix(self, fix: Option<String>) -> Self {
        Lint { fix, ..self }
    }

    /// Every kind of lint, in the order of their ids: what they are about, why, and what to do.
    ///
    /// ```
    /// use tower_s3_cors::Lint;
    ///
    /// let page = Lint::catalogue().iter().find(|page| page.id() == "O09").ok_or("no such lint")?;
    /// assert_eq!(page.title(), "path, trailing slash or user name in an origin");
    /// # Ok::<(), &str>(())
    /// ```
    pub fn catalogue() -> &'static [&'static LintKind] {
        catalogue::ALL
    }

    /// The id of the kind, such as `O09`.
    pub fn id(&self) -> &'static str {
        self.kind.id()
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// The page of the catalogue about this kind of lint.
    pub fn kind(&self) -> &'static LintKind {
        self.kind
    }

    /// Where it is.
    pub fn location(&self) -> Location {
        self.location
    }

    /// What is written there; none if it is about a list or a rule as a whole.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// What is the matter, as a predicate of the value or the location: `never matches: it has no host`.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The value, the reason and the fix in one sentence.
    pub fn message(&self) -> String {
        let written = |value: &str| match self.location.field {
            Some(Field::MaxAgeSeconds) => value.to_owned(),
            _ => Quoted(value).to_string(),
        };
        let value = self.value().map(|value| written(value) + " ").unwrap_or_default();
        let fix = self.fix().map(|fix| format!("; write {}", written(fix))).unwrap_or_default();
        format!("{value}{}{fix}", self.reason)
    }

    /// What to write instead of the value, where that can be told.
    ///
    /// It makes this lint vanish. Whether it is what the author meant only the author knows.
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: {}", self.severity(), self.id(), self.location, self.message())
    }
}

impl CorsConfiguration {
    /// Finds what is lawful, yet dangerous or useless, in the order of the document.
    ///
    /// It works on any configuration. What [`CorsPolicy::new`](crate::CorsPolicy::new) refuses is a
    /// [`Problem`](crate::Problem) and not found again here, but for M03 and M04: an extended policy
    /// accepts those methods. Only the first 100 rules are compared with one another.
    ///
    /// Whether a policy will have credentials is not known here: what they make dangerous is a
    /// warning where it is dangerous without them too, else of the lowest severity.
    ///
    /// ```
    /// use tower_s3_cors::{CorsConfiguration, CorsRule, Severity};
    ///
    /// let rule = CorsRule {
    ///     allowed_origins: vec!["https://app.example.com".into()],
    ///     allowed_methods: vec!["GET".into(), "HEAD".into()],
    ///     ..CorsRule::default()
    /// };
    /// let lints = CorsConfiguration { rules: vec![rule] }.lint();
    /// assert!(lints.iter().all(|lint| lint.severity() == Severity::Info));
    /// ```
    pub fn lint(&self) -> Vec<Lint> {
        let mut found = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            let location = Location::rule(number);
            origins::find(location.with_field(Field::AllowedOrigins), rule, &mut found);
            methods::find(location.with_field(Field::AllowedMethods), &rule.allowed_methods, &mut found);
            headers::find(location, rule, &mut found);
            found.extend(headers::max_age(location.with_field(Field::MaxAgeSeconds), rule.max_age_seconds));
        }
        rules::find(&self.rules, &mut found);
        found.sort_by_key(|lint| (lint.location, lint.id()));
        found
    }
}
