//! Problems of a configuration: each with its location, its value, what to do, and S3's own words.

use std::error::Error;
use std::fmt;

use super::error::{write_list, S3Error};
use super::limits::{is_token, MAX_BYTES, MAX_ID, MAX_RULES, S3_METHODS};
use super::location::Location;
use crate::pattern::{OverbroadOrigin, Quoted};

/// A configuration that cannot become a policy: every problem that it has, at least one.
///
/// ```
/// use tower_s3_cors::{CorsConfiguration, CorsPolicy, CorsRule};
///
/// let rule = CorsRule {
///     allowed_origins: vec!["https://example.com".into()],
///     allowed_methods: vec!["get".into(), "PATCH".into()],
///     ..CorsRule::default()
/// };
/// let error = CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid CORS configuration:
///   CORSRules[0].AllowedMethods[0]: \"get\" is not a method; write \"GET\"
///   CORSRules[0].AllowedMethods[1]: \"PATCH\" is not one of GET, PUT, POST, DELETE, HEAD (an extended policy accepts it)",
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidConfiguration {
    problems: Vec<Problem>,
}

impl InvalidConfiguration {
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(InvalidConfiguration { problems })
        }
    }

    /// All problems, in the order of the document.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The one error that S3 answers to a PutBucketCors request with this configuration.
    ///
    /// S3 reports one problem only, and checks a document against its schema before it looks at values.
    pub fn s3_error(&self) -> S3Error {
        let errors = || self.problems.iter().map(Problem::s3_error);
        errors().find(S3Error::is_malformed).or_else(|| errors().next()).unwrap_or_else(S3Error::malformed)
    }
}

impl fmt::Display for InvalidConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, "invalid CORS configuration", &self.problems)
    }
}

/// As people see it through `fn main() -> Result<(), Box<dyn Error>>`.
impl fmt::Debug for InvalidConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for InvalidConfiguration {}

/// One limit that a configuration breaks, and where.
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
    /// the number that is too high; `None` if something is missing.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Which limit is broken.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The problem and what to do about it, without the location.
    pub fn message(&self) -> String {
        self.kind.message(self.value().unwrap_or_default())
    }

    /// What S3 answers to a PutBucketCors request with this problem alone.
    pub fn s3_error(&self) -> S3Error {
        self.kind.s3_error(self.value().unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message())
    }
}

/// The limits of a configuration, and what breaks each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There is no rule.
    NoRules,
    /// There are more than 100 rules.
    TooManyRules,
    /// The document is larger than 65,536 bytes as XML. Extended policies accept any size.
    DocumentTooLarge,
    /// Each rule has one field only, so that all of them were meant to be one rule.
    SplitRule,
    /// A rule has no AllowedOrigin.
    NoOrigin,
    /// A rule has no AllowedMethod.
    NoMethod,
    /// An ID is longer than 255 characters.
    IdTooLong,
    /// A value has a character that XML cannot represent, so S3 cannot have received it.
    NotXml,
    /// A method is not GET, PUT, POST, DELETE or HEAD. Extended policies accept any method token.
    UnsupportedMethod,
    /// A method of an extended policy is not a token.
    NotAMethod,
    /// A method of an extended policy is CONNECT, TRACE or TRACK, which Fetch forbids
    /// ([forbidden method](https://fetch.spec.whatwg.org/#forbidden-method)).
    ForbiddenMethod,
    /// A method of an extended policy is `*`, which browsers would take for every method, or `ALL` or `ANY`.
    WildcardMethod,
    /// An AllowedOrigin has more than one `*`.
    OriginWildcards,
    /// An AllowedHeader has more than one `*`.
    HeaderWildcards,
    /// An AllowedHeader or ExposeHeader is not a token.
    NotAHeaderName,
    /// An ExposeHeader has a `*`.
    ExposeWildcard,
    /// An AllowedOrigin is too broad for a policy with credentials.
    OverbroadOrigin(OverbroadOrigin),
}

impl ProblemKind {
    fn message(self, value: &str) -> String {
        let quoted = Quoted(value);
        match self {
            ProblemKind::NoRules => "at least one rule is needed".into(),
            ProblemKind::TooManyRules => format!("{value} rules, at most {MAX_RULES} are allowed"),
            ProblemKind::DocumentTooLarge => {
                format!("{value} bytes as XML, at most {MAX_BYTES} are allowed (an extended policy accepts more)")
            }
            ProblemKind::SplitRule => "each rule has only one field; put them into one rule".into(),
            ProblemKind::NoOrigin => "at least one origin is needed".into(),
            ProblemKind::NoMethod => "at least one method is needed".into(),
            ProblemKind::IdTooLong => {
                format!("{quoted} has {} characters, at most {MAX_ID} are allowed", value.chars().count())
            }
            ProblemKind::NotXml => format!("{quoted} has a character that XML cannot represent; remove it"),
            ProblemKind::UnsupportedMethod => format!("{quoted} {}", unsupported_method(value)),
            ProblemKind::NotAMethod | ProblemKind::NotAHeaderName if holds_several(value) => {
                format!("{quoted} holds several; write each as an entry of its own")
            }
            ProblemKind::NotAMethod => format!("{quoted} is not a valid method"),
            ProblemKind::ForbiddenMethod => {
                format!("{quoted} is forbidden by the Fetch standard and sent by no browser; remove it")
            }
            ProblemKind::WildcardMethod => format!("{quoted} is not a method; list each method"),
            ProblemKind::OriginWildcards => format!(
                "{quoted} has more than one \"*\"; write one (it matches dots too) or an entry for each origin"
            ),
            ProblemKind::HeaderWildcards => {
                format!("{quoted} has more than one \"*\"; write an entry for each header")
            }
            ProblemKind::NotAHeaderName => match value.split_once(':') {
                Some((name, _)) if !name.is_empty() && is_token(name) => {
                    format!("{quoted} is not a valid header name; write {} alone", Quoted(name))
                }
                _ => format!("{quoted} is not a valid header name"),
            },
            ProblemKind::ExposeWildcard => format!("{quoted} has a wildcard; list each header"),
            ProblemKind::OverbroadOrigin(overbroad) => {
                format!("{quoted} is too broad for credentials: {}", overbroad.reason(value))
            }
        }
    }

    /// The problem that a method is even in an extended policy.
    pub(crate) fn of_extended_method(method: &str) -> Option<Self> {
        match method {
            "*" | "ALL" | "ANY" => Some(ProblemKind::WildcardMethod),
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
            | ProblemKind::SplitRule
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
                invalid(format!("AllowedOrigin \"{value}\" is too broad for credentials."))
            }
        }
    }
}

/// What is wrong with a method that S3 does not have, and what to do.
fn unsupported_method(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    let s3_methods = S3_METHODS.join(", ");
    if upper != method && S3_METHODS.contains(&upper.as_str()) {
        return format!("is not a method; write {upper:?}");
    }
    match ProblemKind::of_extended_method(&upper) {
        _ if holds_several(method) => "holds several; write each as an entry of its own".into(),
        _ if upper == "OPTIONS" => "is not needed; remove it: preflights need no rule".into(),
        Some(ProblemKind::WildcardMethod) => "is not a method; list each method".into(),
        None => format!("is not one of {s3_methods} (an extended policy accepts it)"),
        Some(_) => format!("is not one of {s3_methods}"),
    }
}

/// Whether a text is a list of names: `GET,PUT`, and of methods `GET PUT` too.
fn holds_several(text: &str) -> bool {
    let is_list = text.contains([',', ';', '|']) || text.to_ascii_uppercase() == text;
    let mut parts = text.split([',', ';', '|', ' ']).filter(|part| !part.is_empty());
    is_list && parts.clone().count() > 1 && parts.all(is_token)
}
