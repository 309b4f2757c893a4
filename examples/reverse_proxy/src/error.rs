//! The proxy's own errors: a status, and S3's XML body.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::Body;

#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
    bucket: Option<String>,
}

impl Error {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Error { status, code, message: message.into(), bucket: None }
    }

    pub fn of_bucket(self, name: &str) -> Self {
        Error { bucket: Some(name.to_owned()), ..self }
    }

    pub fn response(&self) -> Response<Body> {
        let elements = [
            ("Code", Some(self.code)),
            ("Message", Some(self.message.as_str())),
            ("BucketName", self.bucket.as_deref()),
        ];
        let elements: String = elements
            .into_iter()
            .filter_map(|(name, text)| Some(format!("<{name}>{}</{name}>", escape(text?))))
            .collect();
        let document = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>");
        xml(self.status, document)
    }
}

pub fn xml(status: StatusCode, document: String) -> Response<Body> {
    let mut response = Response::new(Body::Left(document.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// Escapes text for XML, and leaves out what XML cannot carry.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
