//! Rules and requests as lines, each with a sign in front, so that a changed line is a case too:
//!
//! ```text
//! ! ect            settings: extended, credentials, timing_allow_origin, always_vary (v), uniform_refusals (u)
//! - web            the next rule, and its ID
//! o https://*.example.com
//! m GET
//! h x-*
//! e etag
//! a 600
//! > OPTIONS /key   the next request, with its headers
//! origin: https://app.example.com
//! < vary: accept   a header of the inner service
//! ```
//!
//! What no line can say is left out: a rule has at most 16 entries of a kind.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use test_support::expected::Settings;
use tower_s3_cors::CorsRule;

#[derive(Debug, Default)]
pub struct Case {
    pub settings: Settings,
    pub rules: Vec<CorsRule>,
    pub requests: Vec<Request<Bytes>>,
    pub inner: HeaderMap,
}

const MAX_ENTRIES: usize = 16;
const MAX_RULES: usize = 20;

impl Case {
    pub fn parse(data: &[u8]) -> Self {
        let mut case = Case::default();
        data.split(|byte| *byte == b'\n').for_each(|line| case.line(line));
        case
    }

    fn line(&mut self, line: &[u8]) {
        match line {
            [b'!', b' ', letters @ ..] => self.settings = settings(letters),
            [b'>', b' ', target @ ..] => self.requests.push(request(target)),
            [b'<', b' ', header @ ..] => append(&mut self.inner, header),
            [b'-', id @ ..] if self.rules.len() < MAX_RULES => {
                let id = text(id.trim_ascii());
                self.rules.push(CorsRule { id: (!id.is_empty()).then_some(id), ..CorsRule::default() });
            }
            [field @ (b'o' | b'm' | b'h' | b'e' | b'a'), b' ', value @ ..] => self.entry(*field, value),
            header => {
                if let Some(request) = self.requests.last_mut() {
                    append(request.headers_mut(), header);
                }
            }
        }
    }

    fn entry(&mut self, field: u8, value: &[u8]) {
        let Some(rule) = self.rules.last_mut() else { return };
        let list = match field {
            b'o' => &mut rule.allowed_origins,
            b'm' => &mut rule.allowed_methods,
            b'h' => &mut rule.allowed_headers,
            b'e' => &mut rule.expose_headers,
            _ => {
                rule.max_age_seconds = text(value).trim().parse().ok();
                return;
            }
        };
        if list.len() < MAX_ENTRIES {
            list.push(text(value));
        }
    }
}

fn settings(letters: &[u8]) -> Settings {
    let has = |letter| letters.contains(&letter);
    Settings {
        extended: has(b'e'),
        credentials: has(b'c'),
        timing: has(b't'),
        always_vary: has(b'v'),
        uniform_refusals: has(b'u'),
    }
}

fn request(target: &[u8]) -> Request<Bytes> {
    let mut words = target.split(|byte| *byte == b' ');
    let mut request = Request::new(Bytes::new());
    let method = Method::from_bytes(words.next().unwrap_or_default());
    *request.method_mut() = method.unwrap_or(Method::OPTIONS);
    let target = words.next().and_then(|target| std::str::from_utf8(target).ok()?.parse().ok());
    *request.uri_mut() = target.unwrap_or_else(|| http::Uri::from_static("/"));
    request
}

/// `name: value`, if it is a header at all.
fn append(headers: &mut HeaderMap, line: &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let value = value.strip_prefix(b" ").unwrap_or(value);
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        headers.append(name, value);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
