//! What a person wrote: CORS rules as plain data under S3's names.

mod document;
mod error;
mod in_code;
#[cfg(feature = "json")]
mod json;
mod location;
mod problem;
// All formats share one tree and one reader: where one of them is switched off, its part of those is unused.
#[cfg_attr(not(all(feature = "json", feature = "xml")), allow(dead_code))]
mod read;
#[cfg(feature = "serde")]
mod serde;
#[cfg_attr(not(all(feature = "json", feature = "xml")), allow(dead_code))]
mod spelling;
mod validate;
mod write;
#[cfg(feature = "xml")]
mod xml;

use std::path::Path;
use std::str::FromStr;

pub use document::CorsDocument;
pub use error::{LoadError, ParseError, ParseFault, S3Error};
pub use location::{Field, LineIndex, Location, Position};
pub use problem::{InvalidConfiguration, Problem, ProblemKind};

#[cfg(feature = "reload")]
pub(crate) use document::{read_file, MAX_FILE_BYTES};
#[cfg(feature = "reload")]
pub(crate) use problem::MAX_BYTES;
pub(crate) use problem::{is_token, is_token_byte, MAX_RULES, S3_METHODS};
pub(crate) use validate::{validate, OriginCheck, PolicyOptions};
pub(crate) use write::{is_xml_char, push_element};

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
/// It has the fields of S3's schema and will get no others. Build it with [`CorsRule::new`], or with
/// `..CorsRule::default()`.
///
/// S3's page: [CORSRule](https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CorsRule {
    /// `ID`: a name for people, at most 255 characters. An empty one is read as none.
    pub id: Option<String>,
    /// `AllowedOrigin`: origins such as `https://example.com`, each with at most one `*`, which matches any text, the empty one
    /// too. `https://*.example.com` matches the names below the domain, not the domain itself; `https` alone is `https://*`.
    pub allowed_origins: Vec<String>,
    /// `AllowedMethod`: `GET`, `PUT`, `POST`, `DELETE` or `HEAD`; any method if the policy is extended.
    pub allowed_methods: Vec<String>,
    /// `AllowedHeader`: names that a preflight may ask for, in any case, each with at most one `*`.
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

    pub(crate) fn list_mut(&mut self, field: Field) -> Option<&mut Vec<String>> {
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
    /// The elements of a rule may come in any order. A document type declaration is refused, and so is everything that
    /// S3's schema does not have. The work is linear in the document's bytes: more than 64 attributes of one element, or
    /// 32 namespace prefixes, are an error.
    ///
    /// # Errors
    /// [`ParseError`] with everything that could not be read, each with its line and column.
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
    /// assert!(configuration.to_xml().contains("<AllowedOrigin>https://example.com</AllowedOrigin>"));
    /// # Ok::<(), tower_s3_cors::ParseError>(())
    /// ```
    #[cfg(feature = "xml")]
    pub fn from_xml(document: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        xml::read(document::decode(document.as_ref())?).map(|reading| reading.configuration)
    }

    /// Reads JSON, UTF-8: the console's array of rules, or the command line's `{"CORSRules": [...]}`,
    /// or that inside `{"CORSConfiguration": {...}}`.
    ///
    /// # Errors
    /// [`ParseError`] with the first syntax error, or else with every unknown key (and what it was probably meant to
    /// be), every duplicate key and every value of the wrong type, each with its line and column.
    #[cfg(feature = "json")]
    pub fn from_json(document: impl AsRef<[u8]>) -> Result<Self, ParseError> {
        json::read(document::decode(document.as_ref())?).map(|reading| reading.configuration)
    }

    /// Reads the file at `path`, XML or JSON by its first character, whatever its name, at most 16 MiB of it.
    ///
    /// # Errors
    /// [`LoadError`], which names the file, if it cannot be read, is larger, or is not a configuration.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        CorsDocument::from_path(path).map(|document| document.reading.configuration)
    }

    /// Writes S3's XML document, with declaration and namespace, without line breaks between elements.
    ///
    /// Reading it back gives the same rules. Control characters past ASCII and bidirectional controls are written as
    /// character references. Characters that XML cannot carry (most
    /// other control characters) are written as they are; no policy accepts a configuration with one.
    pub fn to_xml(&self) -> String {
        write::xml(self)
    }

    /// Writes `{"CORSRules": [...]}`, indented, as the command line and the SDKs read it.
    ///
    /// Reading it back gives the same rules. Control characters and bidirectional controls are escaped.
    ///
    /// ```
    /// use tower_s3_cors::{CorsConfiguration, CorsRule};
    ///
    /// let json = CorsConfiguration::from(CorsRule::new(["*"], ["GET"])).to_json();
    /// assert!(json.starts_with("{\n  \"CORSRules\": [\n    {\n      \"AllowedOrigins\": ["));
    /// ```
    pub fn to_json(&self) -> String {
        write::json(self)
    }
}

/// Reads XML or JSON, told apart by the first character that is not white space: `<` is XML, `{`
/// or `[` is JSON.
impl FromStr for CorsConfiguration {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        document::read_any(document::without_mark(text)).map(|reading| reading.configuration)
    }
}
