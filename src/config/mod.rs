//! What a person wrote: CORS rules as plain data under S3's names.

mod error;
mod limits;
mod location;
mod problem;
mod source_text;
#[cfg(any(feature = "json", feature = "xml"))]
mod suggest;
mod validate;
pub(crate) mod xml;

#[cfg(feature = "json")]
mod json;

use std::path::Path;
use std::str::FromStr;

pub use error::{LoadError, ParseError, S3Error};
pub use location::{Field, Location};
pub use problem::{InvalidConfiguration, Problem, ProblemKind};

pub(crate) use limits::{is_token, is_token_byte, PolicyOptions, MAX_RULES, S3_METHODS};
pub(crate) use validate::validate;

/// The CORS rules of one bucket, or of one app: S3's `CORSConfiguration`, as it was written.
///
/// It is plain data. Reading one checks syntax only; what S3 would refuse, and what it would
/// match, is found by [`CorsPolicy::new`](crate::CorsPolicy::new).
///
/// S3's page: [CORSConfiguration](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSConfiguration.html).
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tower_s3_cors::CorsConfiguration;
///
/// let configuration: CorsConfiguration =
///     r#"[{ "AllowedOrigins": ["https://example.com"], "AllowedMethods": ["GET"] }]"#.parse()?;
/// assert_eq!(configuration.rules[0].allowed_methods, ["GET"]);
/// # }
/// # Ok::<(), tower_s3_cors::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CorsConfiguration {
    /// The rules in their order, which counts: the first that matches a request decides.
    pub rules: Vec<CorsRule>,
}

/// One rule: S3's `CORSRule`.
///
/// S3's page: [CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CorsRule {
    /// `ID`: a name for people, at most 255 characters. An empty one is read as none.
    pub id: Option<String>,
    /// `AllowedOrigin`: origins such as `https://example.com`, each with at most one `*`.
    pub allowed_origins: Vec<String>,
    /// `AllowedMethod`: `GET`, `PUT`, `POST`, `DELETE` or `HEAD`; any method if the policy is extended.
    pub allowed_methods: Vec<String>,
    /// `AllowedHeader`: names that a preflight may ask for, each with at most one `*`.
    pub allowed_headers: Vec<String>,
    /// `ExposeHeader`: names of response headers that a script may read.
    pub expose_headers: Vec<String>,
    /// `MaxAgeSeconds`: how long a browser may remember the answer to a preflight, in seconds.
    pub max_age_seconds: Option<i32>,
}

impl CorsRule {
    /// The fields that are lists, in the order in which they are written.
    pub(crate) fn lists(&self) -> [(Field, &[String]); 4] {
        [
            (Field::AllowedOrigins, &self.allowed_origins),
            (Field::AllowedMethods, &self.allowed_methods),
            (Field::AllowedHeaders, &self.allowed_headers),
            (Field::ExposeHeaders, &self.expose_headers),
        ]
    }

    #[cfg(feature = "xml")]
    fn list_mut(&mut self, field: Field) -> Option<&mut Vec<String>> {
        match field {
            Field::AllowedOrigins => Some(&mut self.allowed_origins),
            Field::AllowedMethods => Some(&mut self.allowed_methods),
            Field::AllowedHeaders => Some(&mut self.allowed_headers),
            Field::ExposeHeaders => Some(&mut self.expose_headers),
            Field::Id | Field::MaxAgeSeconds => None,
        }
    }
}

impl CorsConfiguration {
    /// Reads S3's XML document, UTF-8, with or without a namespace, a declaration and a byte order mark.
    ///
    /// Elements of a rule may stand in any order. A document type declaration is refused, and so
    /// is whatever S3's schema does not know.
    ///
    /// # Errors
    /// [`ParseError`] with the line and the column of the first thing that could not be read.
    ///
    /// ```
    /// use tower_s3_cors::CorsConfiguration;
    ///
    /// let configuration = CorsConfiguration::from_xml(
    ///     "<CORSConfiguration><CORSRule>
    ///        <AllowedOrigin>https://example.com</AllowedOrigin>
    ///        <AllowedMethod>GET</AllowedMethod>
    ///      </CORSRule></CORSConfiguration>",
    /// )?;
    /// assert_eq!(configuration.rules.len(), 1);
    /// # Ok::<(), tower_s3_cors::ParseError>(())
    /// ```
    #[cfg(feature = "xml")]
    pub fn from_xml(document: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        xml::parse(source_text::decode(document.as_ref())?)
    }

    /// Reads JSON, UTF-8: the console's array of rules, or the command line's `{"CORSRules": [...]}`,
    /// or that inside `{"CORSConfiguration": {...}}`.
    ///
    /// # Errors
    /// [`ParseError`] with the line and the column of the first thing that could not be read: an
    /// unknown key (with the nearest known one), a key given twice, a value of the wrong type.
    ///
    /// ```
    /// use tower_s3_cors::CorsConfiguration;
    ///
    /// let error = CorsConfiguration::from_json(r#"[{ "AllowedOrigin": ["*"] }]"#).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "invalid CORS document: line 1, column 4: CORSRules[0]: \
    ///      unknown key \"AllowedOrigin\", did you mean \"AllowedOrigins\"?",
    /// );
    /// ```
    #[cfg(feature = "json")]
    pub fn from_json(document: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        json::parse(source_text::decode(document.as_ref())?)
    }

    /// Reads the file at `path`, XML or JSON by its first character, whatever its name.
    ///
    /// # Errors
    /// [`LoadError`], which names the file, if it cannot be read or is no configuration.
    ///
    /// ```no_run
    /// use tower_s3_cors::CorsConfiguration;
    ///
    /// let configuration = CorsConfiguration::from_path("cors.xml")?;
    /// # Ok::<(), tower_s3_cors::LoadError>(())
    /// ```
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| LoadError::read(path, error))?;
        parse_bytes(&bytes).map_err(|error| LoadError::parse(path, error))
    }

    /// Writes S3's XML document, with declaration and namespace, without line breaks between elements.
    ///
    /// Reading it back gives the same rules. Control characters past ASCII, and what turns the
    /// direction of text, are written as character references. Characters that XML cannot carry (most
    /// other control characters) are written as they are; no policy accepts a configuration with one.
    ///
    /// ```
    /// use tower_s3_cors::{CorsConfiguration, CorsRule};
    ///
    /// let rule = CorsRule {
    ///     allowed_origins: vec!["*".into()],
    ///     allowed_methods: vec!["GET".into()],
    ///     ..CorsRule::default()
    /// };
    /// let xml = CorsConfiguration { rules: vec![rule] }.to_xml();
    /// assert!(xml.contains("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"));
    /// ```
    pub fn to_xml(&self) -> String {
        xml::write(self)
    }

    /// Writes `{"CORSRules": [...]}`, indented, as the command line and the SDKs read it.
    ///
    /// Reading it back gives the same rules. Control characters, and what turns the direction of text,
    /// are escaped.
    #[cfg(feature = "json")]
    pub fn to_json(&self) -> String {
        json::write(self)
    }
}

/// Decodes a document and parses it, as `str::parse` does.
pub(crate) fn parse_bytes(bytes: &[u8]) -> Result<CorsConfiguration, ParseError> {
    source_text::decode(bytes).and_then(str::parse)
}

/// Reads XML or JSON, told apart by the first character that is not white space: `<` is XML, `{`
/// or `[` is JSON.
impl FromStr for CorsConfiguration {
    type Err = ParseError;

    fn from_str(document: &str) -> Result<Self, ParseError> {
        let document = source_text::without_mark(document);
        let start = document.len() - document.trim_start().len();
        let refuse = |message: String| Err(source_text::fault(document, start, message));
        match document[start..].chars().next() {
            #[cfg(feature = "xml")]
            Some('<') => xml::parse(document),
            #[cfg(not(feature = "xml"))]
            Some('<') => refuse("this is XML, which needs the feature \"xml\" of tower-s3-cors".into()),
            #[cfg(feature = "json")]
            Some('{' | '[') => json::parse(document),
            #[cfg(not(feature = "json"))]
            Some('{' | '[') => {
                refuse("this is JSON, which needs the feature \"json\" of tower-s3-cors".into())
            }
            Some(other) => refuse(format!(
                "expected XML or JSON, which start with \"<\", \"{{\" or \"[\", found {:?}",
                other.to_string()
            )),
            None => refuse("the document is empty".into()),
        }
    }
}
