//! Problems of a configuration: each with its location, its value, what to do, and S3's own words.

use std::fmt;

use super::error::{impl_error, write_list, S3Error};
use super::location::Location;
use crate::pattern::{OverbroadOrigin, Quoted};

/// The methods that S3 knows, in the order of its user guide.
pub(crate) const S3_METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(crate) const MAX_RULES: usize = 100;
pub(crate) const MAX_BYTES: usize = 64 * 1024;
pub(super) const MAX_ID: usize = 255;

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
    pub(crate) problems: Vec<Problem>,
}

impl InvalidConfiguration {
    /// All problems, in the order of the document.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The one error that S3 answers to a PutBucketCors request with this configuration.
    ///
    /// S3 reports one problem only, and checks a document against its schema before it looks at values.
    pub fn s3_error(&self) -> S3Error {
        let errors = self.problems.iter().map(Problem::s3_error);
        errors.min_by_key(|error| *error != S3Error::malformed()).unwrap_or_else(S3Error::malformed)
    }
}

impl_error!(InvalidConfiguration, |error, f| write_list(f, "invalid CORS configuration", &error.problems));

/// One limit that a configuration breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    location: Location,
    value: Option<String>,
    kind: ProblemKind,
    message: String,
}

impl Problem {
    pub(crate) fn new(location: Location, value: Option<String>, kind: ProblemKind) -> Self {
        let message = kind.message(value.as_deref().unwrap_or_default());
        Problem { location, value, kind, message }
    }

    /// A lint that a strict policy refuses.
    pub(crate) fn of_lint(
        location: Location,
        value: Option<String>,
        id: &'static str,
        message: String,
    ) -> Self {
        Problem { location, value, kind: ProblemKind::Lint(id), message }
    }

    pub(super) fn with_reason(self, reason: &str) -> Self {
        Problem { message: format!("{}: {reason}", self.message), ..self }
    }

    /// Where it is; the whole configuration if it is about all rules.
    pub fn location(&self) -> Location {
        self.location
    }

    /// What is written there; for [`ProblemKind::TooManyRules`] and [`ProblemKind::DocumentTooLarge`]
    /// the number that is too high; `None` if something is missing.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Which limit is broken.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The problem and what to do about it, without the location.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What S3 answers to a PutBucketCors request with this problem alone.
    pub fn s3_error(&self) -> S3Error {
        use ProblemKind::*;
        let value = self.value().unwrap_or_default();
        let message = match self.kind {
            NoRules | SplitRule | NoOrigin | NoMethod | NotXml | DocumentTooLarge => return S3Error::malformed(),
            TooManyRules => {
                format!("The number of CORS rules should not exceed allowed limit of {MAX_RULES} rules.")
            }
            IdTooLong => format!("The ID of a CORS rule should not exceed {MAX_ID} characters."),
            UnsupportedMethod | NotAMethod | ForbiddenMethod | WildcardMethod => {
                format!("Found unsupported HTTP method in CORS config. Unsupported method is {value}")
            }
            OriginWildcards => format!("AllowedOrigin \"{value}\" can not have more than one wildcard."),
            HeaderWildcards => format!("AllowedHeader \"{value}\" can not have more than one wildcard."),
            // S3 says AllowedHeader of an ExposeHeader too.
            NotAHeaderName => format!("AllowedHeader \"{value}\" contains invalid character."),
            ExposeWildcard => format!(
                "ExposeHeader \"{value}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            ),
            OverbroadOrigin(_) => format!("AllowedOrigin \"{value}\" is too broad for credentials."),
            Lint(_) => self.message.clone(),
        };
        S3Error { code: "InvalidRequest", message }
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
    /// A method of an extended policy is `*`, which browsers would take for each method, or `ALL` or `ANY`.
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
    /// A lint of severity error, by its id: a strict policy refuses it.
    Lint(&'static str),
}

impl ProblemKind {
    fn message(self, value: &str) -> String {
        use ProblemKind::*;
        let problem = match self {
            NoRules => return "at least one rule is needed".into(),
            NoOrigin => return "at least one origin is needed".into(),
            NoMethod => return "at least one method is needed".into(),
            SplitRule => return "each rule has only one field; put them into one rule".into(),
            TooManyRules => return format!("{value} rules, at most {MAX_RULES} are allowed"),
            DocumentTooLarge => {
                let more = "(an extended policy accepts more)";
                return format!("{value} bytes as XML, at most {MAX_BYTES} are allowed {more}");
            }
            IdTooLong => &format!("has {} characters, at most {MAX_ID} are allowed", value.chars().count()),
            NotXml => "has a character that XML cannot represent; remove it",
            UnsupportedMethod | NotAMethod | NotAHeaderName if holds_several(value) => {
                "holds several; write each as an entry of its own"
            }
            UnsupportedMethod => &unsupported_method(value),
            NotAMethod => "is not a valid method",
            ForbiddenMethod => "is forbidden by the Fetch standard and sent by no browser; remove it",
            WildcardMethod => "is not a method; list each method",
            OriginWildcards => {
                "has more than one \"*\"; write one (it matches dots too) or an entry for each origin"
            }
            HeaderWildcards => "has more than one \"*\"; write an entry for each header",
            NotAHeaderName => match value.split_once(':') {
                Some((name, _)) if !name.is_empty() && is_token(name) => {
                    &format!("is not a valid header name; write {} alone", Quoted(name))
                }
                _ => "is not a valid header name",
            },
            ExposeWildcard => "has a wildcard; list each header",
            OverbroadOrigin(_) => "is too broad for credentials",
            // Its message is the lint's.
            Lint(_) => "",
        };
        format!("{} {problem}", Quoted(value))
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
}

/// What is wrong with a method that S3 does not have.
fn unsupported_method(method: &str) -> String {
    let upper = method.to_ascii_uppercase();
    if S3_METHODS.contains(&upper.as_str()) {
        return format!("is not a method; write {upper:?}");
    }
    let s3_methods = S3_METHODS.join(", ");
    match ProblemKind::of_extended_method(&upper) {
        None if upper == "OPTIONS" => "is not needed; remove it: preflights need no rule".into(),
        None => format!("is not one of {s3_methods} (an extended policy accepts it)"),
        Some(ProblemKind::WildcardMethod) => "is not a method; list each method".into(),
        Some(_) => format!("is not one of {s3_methods}"),
    }
}

/// Whether a text is a list of names: `GET,PUT`, and of methods `GET PUT` too.
fn holds_several(text: &str) -> bool {
    let is_list = text.contains([',', ';', '|']) || text.to_ascii_uppercase() == text;
    let mut parts = text.split([',', ';', '|', ' ']).filter(|part| !part.is_empty());
    is_list && parts.clone().count() > 1 && parts.all(is_token)
}

/// Whether every byte is allowed in a header name or a method (RFC 9110, 5.6.2).
pub(crate) fn is_token(name: &str) -> bool {
    name.bytes().all(is_token_byte)
}

#[inline]
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    IS_TOKEN_BYTE[byte as usize]
}

/// A lookup for each byte of a header that anyone may send.
const IS_TOKEN_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'0'..=b'9' | b'A'..=b'Z' | b'^'..=b'z' | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'|' | b'~'
        );
        byte += 1;
    }
    table
};
