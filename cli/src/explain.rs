//! `s3-cors explain`: why a request is granted or refused, and what is answered.

use std::fmt::Write;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use tower_s3_cors::dialect::{Dialect, Grant, Verdict};
use tower_s3_cors::explain::Explanation;
use tower_s3_cors::{CorsPolicy, CorsRequest, Fetch, S3};

use crate::curl::{self, Kind, Sent};
use crate::{Choice, Failure, Outcome, Settings};

/// Explain why a request is granted or refused, and show the headers of the answer
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 granted, 1 refused, 2 an error

Examples:
  s3-cors explain cors.json --origin https://app.example.com --method PUT --header content-type
  s3-cors explain cors.xml --origin https://app.example.com --method GET --actual
  s3-cors explain cors.xml --origin https://app.example.com --method GET --dialect s3
  s3-cors explain cors.json --curl \"curl https://assets.example.com/a -X PUT -H 'Origin: https://app.example.com'\"")]
pub(crate) struct Explain {
    #[command(flatten)]
    choice: Choice,
    /// The page's origin, as a browser sends it: `https://app.example.com`
    #[arg(long, required_unless_present = "curl", default_value = "", hide_default_value = true)]
    origin: String,
    /// The method that the page wants to use
    #[arg(long, required_unless_present = "curl", default_value = "", hide_default_value = true)]
    method: String,
    /// Names of headers that the page wants to send: `x-a`, `x-a,x-b` or `x-a: value`; may be given several times.
    /// With `--actual` only in the dialect `s3`
    #[arg(long = "header", value_name = "NAMES")]
    headers: Vec<String>,
    /// Evaluate the actual request instead of its preflight
    #[arg(long)]
    actual: bool,
    /// A command of curl with an Origin, such as "Copy as cURL" of a browser's developer tools: its preflight, if it has
    /// one, and the request
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["origin", "method", "headers", "actual"])]
    curl: Option<String>,
    /// Answer as browsers need it, or as Amazon S3 answers
    #[arg(long, default_value = "fetch")]
    dialect: Wire,
    #[command(flatten)]
    settings: Settings,
}

const ACTUAL_HEADER: &str =
    "--header: in the dialect fetch only a preflight asks for headers, remove --header or --actual";

#[derive(Clone, Copy, ValueEnum)]
enum Wire {
    Fetch,
    S3,
}

/// What is sent to the client.
struct Answer {
    /// That of the layer; an actual request has that of the inner service.
    status: Option<u16>,
    headers: HeaderMap,
}

/// A request to explain.
struct Step {
    origin: String,
    method: String,
    /// The names of the headers that it asks for.
    headers: Vec<String>,
    is_actual: bool,
}

impl Explain {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let source = self.choice.read()?;
        let (rules, diagnostics) = self.choice.select_one(&source)?;
        let policy = self.settings.builder().build(&rules.configuration);
        let policy = policy.map_err(|error| Failure(source.problems(rules, &error)))?;
        let mut texts = Vec::new();
        let mut granted = true;
        for step in self.steps()? {
            let (text, is_granted) = self.explain(&policy, &step)?;
            texts.push(text);
            granted = is_granted;
            // Browsers send no request whose preflight was refused.
            if !granted {
                break;
            }
        }
        Ok(Outcome { text: texts.join("\n"), diagnostics, status: u8::from(!granted) })
    }

    /// The requests in the order in which a browser sends them.
    fn steps(&self) -> Result<Vec<Step>, Failure> {
        let Some(command) = &self.curl else {
            let headers = self.requested_headers()?;
            let (origin, method) = (self.origin.clone(), self.method.clone());
            return Ok(vec![Step { origin, method, headers, is_actual: self.actual }]);
        };
        let Sent { origin, method, headers, kind } =
            curl::read(command).map_err(|message| format!("--curl: {message}"))?;
        let step =
            |headers, is_actual| Step { origin: origin.clone(), method: method.clone(), headers, is_actual };
        Ok(match kind {
            Kind::Preflight => vec![step(headers, false)],
            Kind::Preflighted => vec![step(headers, false), step(Vec::new(), true)],
            Kind::Simple => vec![step(Vec::new(), true)],
        })
    }

    /// The explanation of a request with its answer, and whether it is granted.
    fn explain(&self, policy: &CorsPolicy, step: &Step) -> Result<(String, bool), Failure> {
        let request = step.request()?;
        let explanation = self.explanation(policy, &request).ok_or("the request has no Origin")?;
        let answer = match self.dialect {
            Wire::Fetch => answer(&Fetch, policy, request),
            Wire::S3 => answer(&S3::default(), policy, request),
        };
        Ok((text(&explanation, &answer), answer.headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN)))
    }

    fn requested_headers(&self) -> Result<Vec<String>, Failure> {
        if matches!((self.actual, self.dialect, self.headers.is_empty()), (true, Wire::Fetch, false)) {
            // Not passed over: "granted" would be read as an answer about the headers too.
            return Err(ACTUAL_HEADER.into());
        }
        Ok(self.headers.iter().flat_map(|argument| names(argument)).map(String::from).collect())
    }

    fn explanation(&self, policy: &CorsPolicy, request: &Request<()>) -> Option<Explanation> {
        let asked = match self.dialect {
            Wire::Fetch => CorsRequest::classify(request),
            Wire::S3 => CorsRequest::classify_s3(request),
        };
        asked.map(|asked| policy.explain(&asked))
    }
}

impl Step {
    fn request(&self) -> Result<Request<()>, Failure> {
        let mut request = Request::new(());
        let origin = value("--origin", &self.origin)?;
        request.headers_mut().insert(ORIGIN, origin);
        let method = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| invalid("--method", &self.method, "method"))?;
        if self.is_actual {
            *request.method_mut() = method;
        } else {
            *request.method_mut() = Method::OPTIONS;
            request.headers_mut().insert(ACCESS_CONTROL_REQUEST_METHOD, value("--method", &self.method)?);
        }
        let is_name = |name: &str| HeaderName::from_bytes(name.as_bytes()).is_ok();
        if let Some(name) = self.headers.iter().find(|name| !is_name(name)) {
            return Err(invalid("--header", name, "header name"));
        }
        if !self.headers.is_empty() {
            // Browsers send them in lower case.
            let names = value("--header", &self.headers.join(",").to_ascii_lowercase())?;
            request.headers_mut().insert(ACCESS_CONTROL_REQUEST_HEADERS, names);
        }
        Ok(request)
    }
}

/// The names in an argument: a list with commas, or a header line with its value, as other tools take it.
fn names(argument: &str) -> impl Iterator<Item = &str> {
    let list = argument.split_once(':').map_or(argument, |(names, _value)| names);
    list.split(',').map(str::trim)
}

fn value(option: &str, text: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(text).map_err(|_| invalid(option, text, "header value"))
}

fn invalid(option: &str, text: &str, kind: &str) -> Failure {
    format!("{option}: {text:?} is not a valid {kind}").into()
}

fn answer<D: Dialect<Bytes>>(dialect: &D, policy: &CorsPolicy, mut request: Request<()>) -> Answer {
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

fn text(explanation: &Explanation, answer: &Answer) -> String {
    let mut text = format!("{}\n\n", explanation.to_string().trim_end());
    text += &match answer.status {
        Some(status) => format!("answer: {status}\n"),
        None if answer.headers.is_empty() => "answer: the service's own, no header added\n".into(),
        None => "answer: the service's own, with these headers\n".into(),
    };
    for (name, value) in &answer.headers {
        // Rules and requests may hold control characters, which a terminal obeys.
        let _infallible = writeln!(text, "  {name}: {}", value.as_bytes().escape_ascii());
    }
    text
}
