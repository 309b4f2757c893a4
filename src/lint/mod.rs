//! Finds what is valid but dangerous or ineffective: each finding has a location, a reason and, if one is known, a fix.

mod catalogue;
mod names;
mod origins;
mod rules;

use std::collections::HashSet;
use std::fmt;

#[cfg(feature = "reload")]
use crate::config::InvalidConfiguration;
use crate::config::{CorsConfiguration, Field, Location, Problem};
use crate::pattern::{Listed, Quoted};
use crate::policy::CorsPolicyBuilder;

pub use catalogue::{LintKind, Severity};

/// A finding about a configuration that may be valid: an entry that can never do what its author wanted, that
/// lets in strangers, or that is worth knowing about.
///
/// A [`Problem`] is what a policy refuses. Each kind of lint has an id, and a page in the
/// repository under `docs/lints`.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsRule};
/// use tower_s3_cors::lint::Severity;
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://Example.com/".into()],
///     allowed_methods: vec!["GET".into()],
///     ..CorsRule::default()
/// };
/// let lints = CorsConfiguration { rules: vec![rule] }.lint();
/// assert_eq!(lints[0].severity(), Severity::Error);
/// assert_eq!(lints[0].fix(), Some("https://example.com"));
/// assert_eq!(lints[0].kind().title(), "path, trailing slash or user name in an origin");
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
    is_fix_certain: bool,
}

/// A lint about a value, without its location.
type Finding = (&'static LintKind, String);

impl Lint {
    fn new(kind: &'static LintKind, location: Location, reason: impl Into<String>) -> Self {
        Lint { kind, location, value: None, reason: reason.into(), fix: None, is_fix_certain: false }
    }

    fn with_value(self, value: impl Into<String>) -> Self {
        Lint { value: Some(value.into()), ..self }
    }

    /// Lists every kind of lint, by the letter and the number of its id.
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

    /// The kind of lint.
    pub fn kind(&self) -> &'static LintKind {
        self.kind
    }

    /// Where it is.
    pub fn location(&self) -> Location {
        self.location
    }

    /// The value at the location; none if the lint is about a list or a rule as a whole.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// What is wrong, as a predicate of the value or the location: `never matches: it has no host`.
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

    /// What to write instead of the value, if that is known.
    ///
    /// The fix removes this lint and leaves no error and no warning at its location. It never matches more origins
    /// than the value was meant for; whether it is what the author meant, only the author knows.
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    /// Whether there is a [fix](Lint::fix) that can be applied without asking the author: no page can depend on the value as
    /// it is. Browsers never send an origin that it matches, or no browser caches for so long.
    ///
    /// An origin or a method that matches something today is its author's to change, however odd it is.
    ///
    /// ```
    /// use tower_s3_cors::{CorsConfiguration, CorsRule};
    ///
    /// let origins = ["https://app.example.com/", "https://*example.com"];
    /// let lints = CorsConfiguration::from(CorsRule::new(origins, ["GET"])).lint();
    /// let of = |id| lints.iter().find(|lint| lint.id() == id).ok_or(id);
    /// assert!(of("O09")?.is_fix_certain());
    /// // Strangers match as well, but so do pages of example.com.
    /// assert_eq!(of("O03")?.fix(), Some("https://*.example.com"));
    /// assert!(!of("O03")?.is_fix_certain());
    /// # Ok::<(), &str>(())
    /// ```
    pub fn is_fix_certain(&self) -> bool {
        self.is_fix_certain
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: {}", self.severity(), self.id(), self.location, self.message())
    }
}

impl CorsConfiguration {
    /// Finds what is valid but dangerous or ineffective, in the order of the document.
    ///
    /// It works on any configuration. What [`CorsPolicy::new`](crate::CorsPolicy::new) refuses is a
    /// [`Problem`] and usually not a lint; lints about methods and names of headers also help with
    /// values that a policy refuses. The work is linear in the size of the configuration: only the first 100 rules
    /// are compared with one another, and of these only rules with at most 64 methods.
    ///
    /// Whether a policy has credentials is not known here: what is dangerous with credentials only has the lowest
    /// severity.
    pub fn lint(&self) -> Vec<Lint> {
        let index = rules::RuleIndex::new(&self.rules);
        let mut found = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            origins::find(number, rule, &index, &mut found);
            names::find(Location::rule(number), rule, &mut found);
        }
        rules::find(&self.rules, &index, &mut found);
        found.sort_by_key(|lint| (lint.location, lint.id()));
        found
    }
}

impl CorsPolicyBuilder {
    /// Sets whether lints of severity error are errors too: entries that can never do what their author wanted, such as an
    /// origin with a trailing slash. Off by default, since S3 accepts such rules.
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
        self.options.strict = strict.then_some(add_errors);
        self
    }
}

/// Adds the lints that are errors to the problems, but for those where a problem is already.
pub(crate) fn add_errors(configuration: &CorsConfiguration, problems: &mut Vec<Problem>) {
    let known: HashSet<Location> = problems.iter().map(Problem::location).collect();
    let is_new = |lint: &Lint| lint.severity() == Severity::Error && !known.contains(&lint.location);
    problems.extend(configuration.lint().into_iter().filter(is_new).map(|lint| {
        let message = format!("{} ({})", lint.message(), lint.id());
        Problem::of_lint(lint.location, lint.value, lint.kind.id(), message)
    }));
    problems.sort_by_key(Problem::location);
}

/// The lints that are errors.
#[cfg(feature = "reload")]
pub(crate) fn errors(configuration: &CorsConfiguration) -> Option<InvalidConfiguration> {
    let mut problems = Vec::new();
    add_errors(configuration, &mut problems);
    (!problems.is_empty()).then_some(InvalidConfiguration { problems })
}

fn several(what: &str, values: &[impl AsRef<str>]) -> String {
    format!("holds several {what}; write each as an entry of its own: {}", Listed(values))
}
