//! XML and URLs as S3 writes them.

use axum::http::{header, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use percent_encoding::{utf8_percent_encode, AsciiSet, NON_ALPHANUMERIC};

pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// A whole document; `content` is XML.
pub fn document(root: &str, content: &str) -> Response {
    response(format!("{DECLARATION}<{root} xmlns=\"{NAMESPACE}\">{content}</{root}>"))
}

pub fn response(document: String) -> Response {
    (content_type(), document).into_response()
}

pub fn content_type() -> [(HeaderName, HeaderValue); 1] {
    [(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"))]
}

/// As S3 does, control characters are written as references that XML 1.0 readers refuse: whoever stores such
/// keys lists them with `encoding-type=url`.
fn escaped(text: &str) -> String {
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

/// Percent-encoded as in `encoding-type=url`: slashes stay.
pub fn url(text: &str) -> String {
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
    utf8_percent_encode(text, KEPT).to_string()
}
