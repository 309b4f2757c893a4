//! The whole answer to a request, by a naive reading of the rules: what both dialects must send, header for header.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, CorsRule, InvalidConfiguration, S3,
};

use crate::reference::{naive, names, origin};

/// What a policy and the dialect of S3 are set to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    pub extended: bool,
    pub credentials: bool,
    pub timing: bool,
    pub always_vary: bool,
    pub uniform_refusals: bool,
}

impl Settings {
    pub fn build(self, rules: &[CorsRule]) -> Result<CorsPolicy, InvalidConfiguration> {
        let builder = CorsPolicy::builder().extended(self.extended).credentials(self.credentials);
        builder.timing_allow_origin(self.timing).build(&CorsConfiguration { rules: rules.to_vec() })
    }
}

/// Decides about the request in both readings, sends it through both dialects, around a service with these headers, and
/// compares the rules and the whole answers.
#[track_caller]
pub fn check(policy: &CorsPolicy, settings: Settings, request: &Request<Bytes>, inner: &HeaderMap) {
    decides(policy, request);
    let reading = Reading { rules: &policy.configuration().rules, settings, request, inner };
    let service = crate::always(200, inner.clone());
    let layer = CorsLayer::new(policy.clone());
    let fetch = crate::call(layer.clone().layer(service.clone()), request.clone());
    assert_eq!(Answer::of(&fetch), reading.fetch(), "Fetch: {reading:?}");
    let dialect = S3::default().always_vary(settings.always_vary).uniform_refusals(settings.uniform_refusals);
    let s3 = crate::call(layer.dialect(dialect).layer(service), request.clone());
    assert_eq!(Answer::of(&s3), reading.s3(), "S3: {reading:?}");
}

/// Both readings of one request, each against the reference.
#[track_caller]
fn decides(policy: &CorsPolicy, request: &Request<Bytes>) {
    let headers = request.headers();
    let rules = &policy.configuration().rules;
    let origin = origin(headers);
    let requested = headers.get("access-control-request-method").map(HeaderValue::as_bytes);
    let own = request.method().as_str().as_bytes();
    let is_preflight = own == b"OPTIONS" && requested.is_some() && origin.is_some();
    let wanted = |method: &[u8], names: &[Vec<u8>]| naive(rules, origin?, method, names);

    let decided = |asked: CorsRequest<'_>| {
        let rule = policy.decide(&asked).rule();
        assert_eq!(policy.rule_for(&asked), rule.and_then(|rule| rules.get(rule)), "{request:?}");
        rule
    };
    let fetch = CorsRequest::classify(request).and_then(decided);
    let s3 = CorsRequest::classify_s3(request).and_then(decided);
    let preflight = wanted(requested.unwrap_or(own), &names(headers));
    assert_eq!(s3, preflight, "{request:?}");
    assert_eq!(fetch, if is_preflight { preflight } else { wanted(own, &[]) }, "{request:?}");
}

/// A response: its lines by name, those of one name in their order.
#[derive(PartialEq)]
struct Answer {
    status: u16,
    lines: Vec<Line>,
    body: Bytes,
}

type Line = (String, Vec<u8>);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.status)?;
        let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
        f.debug_map().entries(self.lines.iter().map(|(name, value)| (name, text(value)))).finish()?;
        write!(f, " {}", text(&self.body))
    }
}

impl Answer {
    fn new(status: u16, mut lines: Vec<Line>, body: impl Into<Bytes>) -> Self {
        lines.sort_by(|(a, _), (b, _)| a.cmp(b));
        Answer { status, lines, body: body.into() }
    }

    fn of(response: &Response<Bytes>) -> Self {
        Answer::new(response.status().as_u16(), lines(response.headers()), response.body().clone())
    }
}

fn lines(headers: &HeaderMap) -> Vec<Line> {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

const OWNED: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];
const FETCH_VARY: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
const S3_VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
const NO_MATCH: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                        Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers \
                        are not whitelisted by the resource's CORS spec.";

#[derive(Debug)]
struct Reading<'a> {
    rules: &'a [CorsRule],
    settings: Settings,
    request: &'a Request<Bytes>,
    inner: &'a HeaderMap,
}

impl Reading<'_> {
    fn own_method(&self) -> &[u8] {
        self.request.method().as_str().as_bytes()
    }

    fn requested_method(&self) -> Option<&[u8]> {
        self.request.headers().get("access-control-request-method").map(HeaderValue::as_bytes)
    }

    fn rule(&self, origin: Option<&[u8]>, method: &[u8], names: &[Vec<u8>]) -> Option<&CorsRule> {
        self.rules.get(naive(self.rules, origin, method, names)?)
    }

    /// `*`, or the Origin as it was sent.
    fn allow_origin(&self, rule: &CorsRule) -> Vec<u8> {
        let sent = self.request.headers().get("origin").map(HeaderValue::as_bytes);
        if lists_any(rule) { b"*" } else { sent.unwrap_or(b"*") }.to_vec()
    }

    fn fetch(&self) -> Answer {
        let headers = self.request.headers();
        if let (b"OPTIONS", Some(method), Some(origin)) =
            (self.own_method(), self.requested_method(), origin(headers))
        {
            return self.fetch_preflight(origin, method);
        }
        let ignores_origin = self.rules.iter().all(lists_any);
        let rule = match origin(headers) {
            None if !ignores_origin => None,
            origin => self.rule(origin.flatten(), self.own_method(), &[]),
        };
        let mut own = Vec::new();
        if let Some(rule) = rule {
            own.push(line(OWNED[0], self.allow_origin(rule)));
            own.extend(self.settings.credentials.then(|| line(OWNED[1], "true")));
            own.extend(joined(&rule.expose_headers).map(|names| line(OWNED[4], names)));
        }
        self.forwarded(own, (!ignores_origin).then_some("Origin"))
    }

    fn fetch_preflight(&self, origin: Option<&[u8]>, method: &[u8]) -> Answer {
        let headers = self.request.headers();
        let names = names(headers);
        let vary = line("vary", FETCH_VARY);
        let Some(rule) = self.rule(origin, method, &names) else {
            return Answer::new(403, vec![vary], "");
        };
        let sent: Vec<_> = headers.get_all("access-control-request-headers").iter().collect();
        let list = match sent.as_slice() {
            [line] => line.as_bytes().to_vec(),
            _ => names.join(&b", "[..]),
        };
        let mut own = vec![vary, line(OWNED[0], self.allow_origin(rule))];
        own.extend(self.settings.credentials.then(|| line(OWNED[1], "true")));
        own.push(line(OWNED[2], joined(&rule.allowed_methods).unwrap_or_default()));
        own.extend((!names.is_empty()).then(|| line(OWNED[3], list)));
        own.extend(rule.max_age_seconds.map(|age| line(OWNED[5], age.to_string())));
        Answer::new(204, own, "")
    }

    fn s3(&self) -> Answer {
        let headers = self.request.headers();
        let names = names(headers);
        let method = self.requested_method().unwrap_or(self.own_method());
        let is_preflight = self.own_method() == b"OPTIONS";
        let rule = origin(headers).and_then(|origin| self.rule(origin, method, &names));
        if is_preflight {
            let refusal = self.s3_refusal(method, rule.is_some());
            return refusal.unwrap_or_else(|| {
                let own = rule.map(|rule| self.s3_answer(rule, &names)).unwrap_or_default();
                Answer::new(200, [own, vec![line("vary", S3_VARY)]].concat(), "")
            });
        }
        match rule {
            Some(rule) => self.forwarded(self.s3_answer(rule, &names), Some(S3_VARY)),
            None => self.forwarded(Vec::new(), self.settings.always_vary.then_some(S3_VARY)),
        }
    }

    fn s3_answer(&self, rule: &CorsRule, names: &[Vec<u8>]) -> Vec<Line> {
        let lower = names.join(&b", "[..]).to_ascii_lowercase();
        let mut own = vec![line(OWNED[0], self.allow_origin(rule))];
        own.extend((!lists_any(rule)).then(|| line(OWNED[1], "true")));
        own.push(line(OWNED[2], joined(&rule.allowed_methods).unwrap_or_default()));
        own.extend((!names.is_empty()).then(|| line(OWNED[3], lower)));
        own.extend(joined(&rule.expose_headers).map(|names| line(OWNED[4], names)));
        own.extend(rule.max_age_seconds.map(|age| line(OWNED[5], age.to_string())));
        own
    }

    /// Why S3 refuses the preflight, in the order in which it looks.
    fn s3_refusal(&self, method: &[u8], is_granted: bool) -> Option<Answer> {
        let bad_request = |message: String| Some(self.s3_error(400, "BadRequest", &message, &[]));
        if origin(self.request.headers()).is_none() {
            return bad_request("Insufficient information. Origin request header needed.".into());
        }
        let is_known = |method| ["GET", "PUT", "POST", "DELETE", "HEAD"].map(str::as_bytes).contains(&method);
        let takes_any_method = self.settings.extended || self.settings.uniform_refusals;
        if self.requested_method().is_some_and(|method| !takes_any_method && !is_known(method)) {
            return bad_request(format!("Invalid Access-Control-Request-Method: {}", text(method)));
        }
        if let Some(element) = self.invalid_element() {
            let element = text(&element);
            return bad_request(format!(
                "Access-Control-Request-Headers \"{element}\" contains invalid character."
            ));
        }
        let resource = if self.request.uri().path() == "/" { "BUCKET" } else { "OBJECT" };
        let more = [("Method", text(method)), ("ResourceType", resource.to_owned())];
        (!is_granted).then(|| self.s3_error(403, "AccessForbidden", NO_MATCH, &more))
    }

    /// The first element of the requested headers that is no name, as it was sent.
    fn invalid_element(&self) -> Option<Vec<u8>> {
        let lines = self.request.headers().get_all("access-control-request-headers");
        let elements = lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let is_name = |element: &&[u8]| element.trim_ascii().iter().all(is_token);
        elements.into_iter().find(|element| !is_name(element)).map(<[u8]>::to_vec)
    }

    fn s3_error(&self, status: u16, code: &str, message: &str, more: &[(&str, String)]) -> Answer {
        let escaped = |text: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            text.replace('\r', "&#13;")
        };
        let element = |name: &str, text: &str| format!("<{name}>{}</{name}>", escaped(text));
        let more: String = more.iter().map(|(name, text)| element(name, text)).collect();
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{}{}{more}</Error>",
            element("Code", code),
            element("Message", message),
        );
        let mut own = vec![line("content-type", "application/xml")];
        own.extend(self.settings.always_vary.then(|| line("vary", S3_VARY)));
        Answer::new(status, own, body)
    }

    /// The inner service's response with our headers in place of its own of that name, and our Vary beside its own.
    fn forwarded(&self, mut own: Vec<Line>, vary: Option<&str>) -> Answer {
        let mut lines = lines(self.inner);
        lines.retain(|(name, _)| !OWNED.contains(&name.as_str()));
        let origin = own.first().filter(|_| self.settings.timing).cloned();
        if let Some((_, origin)) = origin {
            lines.retain(|(name, _)| name != "timing-allow-origin");
            own.push(line("timing-allow-origin", origin));
        }
        if let Some(vary) = vary {
            let is_vary = |(name, _): &&Line| name == "vary";
            let theirs: Vec<Vec<u8>> = lines.iter().filter(is_vary).map(|(_, value)| value.clone()).collect();
            lines.retain(|line| !is_vary(&line));
            own.push(line("vary", if theirs.is_empty() { vary.into() } else { merged(theirs, vary) }));
        }
        Answer::new(200, [lines, own].concat(), "inner")
    }
}

/// All names of Vary once, in any case; `*` stands for all of them.
fn merged(theirs: Vec<Vec<u8>>, ours: &str) -> Vec<u8> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for name in [theirs, vec![ours.into()]].concat().join(&b',').split(|byte| *byte == b',') {
        let name = name.trim_ascii();
        if !name.is_empty() && !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            names.push(name.to_vec());
        }
    }
    if names.iter().any(|name| name == b"*") {
        return b"*".to_vec();
    }
    names.join(&b", "[..])
}

fn line(name: &str, value: impl Into<Vec<u8>>) -> Line {
    (name.to_owned(), value.into())
}

pub fn lists_any(rule: &CorsRule) -> bool {
    rule.allowed_origins.iter().any(|origin| origin == "*")
}

/// The names of a list that are not empty.
fn joined(names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Bytes as a document can have them: what is no character of XML is shown as U+FFFD.
fn text(bytes: &[u8]) -> String {
    let is_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    String::from_utf8_lossy(bytes).chars().map(|c| if is_xml(c) { c } else { '\u{fffd}' }).collect()
}
