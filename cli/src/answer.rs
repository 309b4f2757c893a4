//! What is sent to a client, beside the reason for it.

use std::fmt::Write;

use bytes::Bytes;
use http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use http::{HeaderMap, Request};
use serde_json::{json, Value};
use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
use tower_s3_cors::explain::Explanation;
use tower_s3_cors::CorsPolicy;

pub(crate) struct Answer {
    /// That of the layer; an actual request has that of the inner service.
    status: Option<u16>,
    headers: HeaderMap,
}

impl Answer {
    pub(crate) fn new<D: Dialect<Bytes>>(dialect: &D, policy: &CorsPolicy, mut request: Request<()>) -> Self {
        match dialect.handle(policy, &mut request) {
            Verdict::Answer(response) => {
                let (parts, _body) = response.into_parts();
                Answer { status: Some(parts.status.as_u16()), headers: parts.headers }
            }
            Verdict::Forward(mut grant) => {
                let mut headers = HeaderMap::new();
                grant.write(&mut headers);
                Answer { status: None, headers }
            }
        }
    }

    pub(crate) fn is_granted(&self) -> bool {
        self.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN)
    }

    /// The explanation, and below it the answer.
    pub(crate) fn text(&self, explanation: &Explanation) -> String {
        let mut text = format!("{}\n\n", explanation.to_string().trim_end());
        text += &match self.status {
            Some(status) => format!("answer: {status}\n"),
            None if self.headers.is_empty() => "answer: the service's own, no header added\n".into(),
            None => "answer: the service's own, with these headers\n".into(),
        };
        for (name, value) in &self.headers {
            // Rules and requests may hold control characters, which a terminal obeys.
            let _infallible = writeln!(text, "  {name}: {}", value.as_bytes().escape_ascii());
        }
        text
    }

    pub(crate) fn document(&self) -> Value {
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| json!({ "name": name.as_str(), "value": value.as_bytes().escape_ascii().to_string() });
        json!({ "status": self.status, "headers": self.headers.iter().map(header).collect::<Vec<_>>() })
    }
}
