//! The options that a configuration breaks: each fault with its location, its value and S3's own words.

use std::error::Error;
use std::fmt;

use super::error::S3Error;
use super::limits::{is_token, MAX_BYTES, MAX_ID, MAX_RULES, S3_METHODS};
use super::location::Location;
use crate::pattern::OverbroadOrigin;
use crate::pattern::Quoted;

/// Why a configuration became no policy: every problem it has, at least one.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://*.*.example.com".into()],
///     allowed_methods: vec!["GET".into(), "PATCH".into()],
///     ..CorsRule::default()
/// };
/// let error = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).unwrap_err();
/// assert_eq!(error.problems().len(), 2);
/// assert_eq!(
///     error.problems()[1].to_string(),
///     "CORSRules[0].AllowedMethods[1]: \"PATCH\" is not one of GET, PUT, POST, DELETE, HEAD \
///      (an extended policy accepts it)",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidConfiguration {
    problems: Vec<Problem>,
}

impl InvalidConfiguration {
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        match problems.is_empty() {
            true => Ok(()),
            false => Err(InvalidConfiguration { problems }),
        }
    }

    /// All problems, in the order of the document.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The one error that S3 answers to a PutBucketCors request with this configuration.
    ///
    /// S3 reports one fault only, and holds a document against its schema before it looks at values.
    pub fn s3_error(&self) -> S3Error {
        let errors = || self.problems.iter().map(Problem::s3_error);
        errors().find(S3Error::is_malformed).or_else(|| errors().next()).unwrap_or_else(S3Error::malformed)
    }
}

impl fmt::Display for InvalidConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid CORS configuration: ")?;
        for (number, problem) in self.problems.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl Error for InvalidConfiguration {}

/// One law that a configuration breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    location: Location,
    value: Option<String>,
    kind: ProblemKind,
}

impl Problem {
    pub(crate) fn new(location: Location, value: Option<String>, kind: ProblemKind) -> Self {
        Problem { location, value, kind }
    }

    /// Where it is; the whole configuration if it is about all rules.
    pub fn location(&self) -> Location {
        self.location
    }

    /// What is written there; of [`ProblemKind::TooManyRules`] and [`ProblemKind::DocumentTooLarge`]
    /// the number that is too high; none if something is missing.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Which law is broken.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What S3 answers to a PutBucketCors request with this problem alone.
    pub fn s3_error(&self) -> S3Error {
        self.kind.s3_error(self.value().unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, kind, .. } = self;
        let value = self.value().unwrap_or_default();
        let quoted = Quoted(value);
        write!(f, "{location}: ")?;
        match kind {
            ProblemKind::NoRules => write!(f, "at least one rule is needed"),
            ProblemKind::TooManyRules => write!(f, "{value} rules, at most {MAX_RULES} are allowed"),
            ProblemKind::DocumentTooLarge => {
                write!(
                    f,
                    "{value} bytes as XML, at most {MAX_BYTES} are allowed (an extended policy accepts them)"
                )
            }
            ProblemKind::NoOrigin => write!(f, "at least one origin is needed"),
            ProblemKind::NoMethod => write!(f, "at least one method is needed"),
            ProblemKind::IdTooLong => {
                write!(f, "{quoted} has {} characters, at most {MAX_ID} are allowed", value.chars().count())
            }
            ProblemKind::NotXml => write!(f, "{quoted} has a character that XML cannot carry"),
            ProblemKind::UnsupportedMethod => {
                write!(f, "{quoted} is not one of {}{}", S3_METHODS.join(", "), advice(value))
            }
            ProblemKind::NotAMethod => write!(f, "{quoted} is not a method name"),
            ProblemKind::ForbiddenMethod => write!(f, "{quoted} is forbidden by Fetch, no browser sends it"),
            ProblemKind::WildcardMethod => {
                write!(f, "{quoted} is no wildcard for methods, name each of them")
            }
            ProblemKind::OriginWildcards | ProblemKind::HeaderWildcards => {
                write!(f, "{quoted} has more than one \"*\"")
            }
            ProblemKind::NotAHeaderName => write!(f, "{quoted} is not a header name"),
            ProblemKind::ExposeWildcard => write!(f, "{quoted} has a wildcard, name each header in full"),
            ProblemKind::OverbroadOrigin(wide) => {
                write!(f, "{quoted} is too wide for credentials: {}", wide.reason(value))
            }
        }
    }
}

/// What to do about a method that S3 does not know.
fn advice(method: &str) -> &'static str {
    let upper = method.to_ascii_uppercase();
    if upper != method && S3_METHODS.contains(&upper.as_str()) {
        return " (methods are upper case)";
    }
    match ProblemKind::of_extended_method(method) {
        None => " (an extended policy accepts it)",
        Some(_) => "",
    }
}

/// The options of a configuration, and what breaks each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There is no rule.
    NoRules,
    /// There are more than 100 rules.
    TooManyRules,
    /// The document is larger than 65,536 bytes as XML. Extended policies accept any size.
    DocumentTooLarge,
    /// A rule has no AllowedOrigin.
    NoOrigin,
    /// A rule has no AllowedMethod.
    NoMethod,
    /// An ID is longer than 255 characters.
    IdTooLong,
    /// A value has a character that no XML document can carry, so S3 cannot have been given it.
    NotXml,
    /// A method is not GET, PUT, POST, DELETE or HEAD. Extended policies accept any method token.
    UnsupportedMethod,
    /// A method of an extended policy is not a token.
    NotAMethod,
    /// A method of an extended policy is CONNECT, TRACE or TRACK, which Fetch forbids
    /// ([forbidden method](https://fetch.spec.whatwg.org/#forbidden-method)).
    ForbiddenMethod,
    /// A method of an extended policy is `*`, which browsers would take for every method.
    WildcardMethod,
    /// An AllowedOrigin has more than one `*`.
    OriginWildcards,
    /// An AllowedHeader has more than one `*`.
    HeaderWildcards,
    /// An AllowedHeader or ExposeHeader is not a token.
    NotAHeaderName,
    /// An ExposeHeader has a `*`.
    ExposeWildcard,
    /// An AllowedOrigin is too wide for a policy with credentials.
    OverbroadOrigin(OverbroadOrigin),
}

impl ProblemKind {
    /// What an extended policy has against a method.
    pub(crate) fn of_extended_method(method: &str) -> Option<Self> {
        match method {
            "*" => Some(ProblemKind::WildcardMethod),
            method if method.is_empty() || !is_token(method) => Some(ProblemKind::NotAMethod),
            // Fetch forbids them whatever their case.
            method if ["CONNECT", "TRACE", "TRACK"].iter().any(|m| m.eq_ignore_ascii_case(method)) => {
                Some(ProblemKind::ForbiddenMethod)
            }
            _ => None,
        }
    }

    fn s3_error(self, value: &str) -> S3Error {
        let invalid = S3Error::invalid;
        match self {
            ProblemKind::NoRules
            | ProblemKind::NoOrigin
            | ProblemKind::NoMethod
            | ProblemKind::NotXml
            | ProblemKind::DocumentTooLarge => S3Error::malformed(),
            ProblemKind::TooManyRules => {
                invalid(format!("The number of CORS rules should not exceed allowed limit of {MAX_RULES} rules."))
            }
            ProblemKind::IdTooLong => invalid(format!("The ID of a CORS rule should not exceed {MAX_ID} characters.")),
            ProblemKind::UnsupportedMethod
            | ProblemKind::NotAMethod
            | ProblemKind::ForbiddenMethod
            | ProblemKind::WildcardMethod => {
                invalid(format!("Found unsupported HTTP method in CORS config. Unsupported method is {value}"))
            }
            ProblemKind::OriginWildcards => {
                invalid(format!("AllowedOrigin \"{value}\" can not have more than one wildcard."))
            }
            ProblemKind::HeaderWildcards => {
                invalid(format!("AllowedHeader \"{value}\" can not have more than one wildcard."))
            }
            // S3 says AllowedHeader of an ExposeHeader too.
            ProblemKind::NotAHeaderName => {
                invalid(format!("AllowedHeader \"{value}\" contains invalid character."))
            }
            ProblemKind::ExposeWildcard => invalid(format!(
                "ExposeHeader \"{value}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            )),
            ProblemKind::OverbroadOrigin(_) => {
                invalid(format!("AllowedOrigin \"{value}\" is too wide for credentials."))
            }
        }
    }
}
