//! Writes XML and URLs as S3 does.

use axum::http::{header, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// A response with a whole document. `content` is XML and is not escaped.
pub fn document(root: &str, content: &str) -> Response {
    response(format!("{DECLARATION}<{root} xmlns=\"{NAMESPACE}\">{content}</{root}>"))
}

pub fn response(document: String) -> Response {
    (content_type(), document).into_response()
}

pub fn content_type() -> [(HeaderName, HeaderValue); 1] {
    [(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))]
}

/// Escapes text for XML. As in S3, control characters become character references, which XML 1.0 parsers
/// reject; clients with such keys use `encoding-type=url`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\0'..' ' => escaped += &format!("&#x{:x};", c as u32),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Percent-encodes text as `encoding-type=url` does, which keeps slashes.
pub fn url(text: &str) -> String {
    const ENCODED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
    utf8_percent_encode(text, ENCODED).to_string()
}
