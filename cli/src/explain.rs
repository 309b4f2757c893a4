//! `s3-cors explain`: why a request is granted or refused, and what is answered.

use clap::{Args, ValueEnum};
use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderName, HeaderValue, Method, Request};
use serde_json::{json, Value};
use tower_s3_cors::explain::Explanation;
use tower_s3_cors::{CorsPolicy, CorsRequest, Fetch, S3};

use crate::answer::Answer;
use crate::clients::{self, ClientRequest};
use crate::curl::{self, Kind, Sent};
use crate::escape::escaped_json;
use crate::{Choice, Failure, Outcome, Settings};

/// Explain why a request is granted or refused, and show the headers of the answer
#[derive(Args)]
#[command(after_help = "\
Exit status: 0 granted, 1 refused, 2 an error

Examples:
  s3-cors explain cors.json --origin https://app.example.com --method PUT --header content-type
  s3-cors explain cors.xml --origin https://app.example.com --method GET --actual
  s3-cors explain cors.xml --origin https://app.example.com --method GET --dialect s3
  s3-cors explain cors.json --origin https://app.example.com --client uppy
  s3-cors explain cors.json --curl \"curl https://assets.example.com/a -X PUT -H 'Origin: https://app.example.com'\"")]
pub(crate) struct Explain {
    #[command(flatten)]
    choice: Choice,
    /// The page's origin, as a browser sends it: `https://app.example.com`
    #[arg(long, required_unless_present = "curl", default_value = "", hide_default_value = true)]
    origin: String,
    /// The method that the page wants to use
    #[arg(long, required_unless_present_any = ["curl", "client"], default_value = "", hide_default_value = true)]
    method: String,
    /// Names of headers that the page wants to send: `x-a`, `x-a,x-b` or `x-a: value`; may be given several times.
    /// With `--actual` only in the dialect `s3`
    #[arg(long = "header", value_name = "NAMES")]
    headers: Vec<String>,
    /// Evaluate the actual request alone, without its preflight
    #[arg(long)]
    actual: bool,
    /// A command of curl with an Origin, such as "Copy as cURL" of a browser's developer tools: its preflight, if it has
    /// one, and the request
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["origin", "method", "headers", "actual"])]
    curl: Option<String>,
    /// What that client sends: aws-sdk-js-v3, aws-sdk-js-v2, uppy, sentry or opentelemetry; `--method` chooses one of its
    /// requests, `--header` adds names
    #[arg(long, value_name = "NAME", conflicts_with_all = ["curl", "actual"], value_parser = clients::name)]
    client: Option<&'static str>,
    /// How to report
    #[arg(long, default_value = "human")]
    format: Format,
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

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    Human,
    /// A document for programs
    Json,
}

/// A request of a page, with its preflight if browsers send one.
struct Exchange {
    client: Option<ClientRequest>,
    steps: Vec<Step>,
}

impl Exchange {
    fn new(Sent { origin, method, headers, kind }: Sent, client: Option<ClientRequest>) -> Self {
        let step =
            |headers, is_actual| Step { origin: origin.clone(), method: method.clone(), headers, is_actual };
        let steps = match kind {
            Kind::Preflight => vec![step(headers, false)],
            Kind::Preflighted => vec![step(headers, false), step(Vec::new(), true)],
            Kind::Simple => vec![step(Vec::new(), true)],
        };
        Exchange { client, steps }
    }
}

/// A request to explain.
struct Step {
    origin: String,
    method: String,
    /// The names of the headers that it asks for.
    headers: Vec<String>,
    is_actual: bool,
}

/// What is said about a step.
struct Explained {
    explanation: Explanation,
    answer: Answer,
}

impl Explain {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let source = self.choice.read()?;
        let (rules, diagnostics) = self.choice.select_one(&source)?;
        let policy = self.settings.builder().build(&rules.configuration);
        let policy = policy.map_err(|error| Failure(source.problems(rules, &error)))?;
        let (mut texts, mut documents, mut is_granted) = (Vec::new(), Vec::new(), true);
        for exchange in self.exchanges()? {
            texts.extend(exchange.client.map(|client| heading(&client)));
            for step in &exchange.steps {
                let explained = self.explain(&policy, step)?;
                texts.push(explained.answer.text(&explained.explanation));
                documents.push(explained.document(step, exchange.client));
                // Browsers send no request whose preflight was refused.
                if !explained.answer.is_granted() {
                    is_granted = false;
                    break;
                }
            }
        }
        let text = match self.format {
            Format::Human => texts.join("\n"),
            Format::Json => {
                let document = json!({ "version": 1, "granted": is_granted, "requests": documents });
                escaped_json(&format!("{document:#}\n"))
            }
        };
        Ok(Outcome { text, diagnostics, status: u8::from(!is_granted) })
    }

    /// The requests in the order in which a browser sends them.
    fn exchanges(&self) -> Result<Vec<Exchange>, Failure> {
        if let Some(command) = &self.curl {
            let sent = curl::read(command).map_err(|message| format!("--curl: {message}"))?;
            return Ok(vec![Exchange::new(sent, None)]);
        }
        let headers = self.requested_headers()?;
        let Some(client) = self.client else {
            return Ok(vec![self.page_request(headers)]);
        };
        let is_chosen = |method: Option<&str>| {
            self.method.is_empty() || method.is_none_or(|method| method.eq_ignore_ascii_case(&self.method))
        };
        let mut requests = clients::requests(client);
        requests.retain(|request| is_chosen(request.method));
        if requests.is_empty() {
            return Err(format!(
                "--client: no request of {client} is known with the method {:?}",
                self.method
            )
            .into());
        }
        requests.into_iter().map(|request| self.request_of_client(request, &headers)).collect()
    }

    /// The request that the options describe. A preflight that browsers would not send is explained alone.
    fn page_request(&self, headers: Vec<String>) -> Exchange {
        let (origin, method) = (self.origin.clone(), self.method.clone());
        if self.actual {
            return Exchange { client: None, steps: vec![Step { origin, method, headers, is_actual: true }] };
        }
        let is_simple = headers.is_empty() && curl::is_simple_method(&method);
        let kind = if is_simple { Kind::Preflight } else { Kind::Preflighted };
        Exchange::new(Sent { origin, method, headers, kind }, None)
    }

    fn request_of_client(&self, request: ClientRequest, headers: &[String]) -> Result<Exchange, Failure> {
        let method = request.method.unwrap_or(&self.method);
        if method.is_empty() {
            let client = request.client;
            return Err(format!(
                "--client: {client} adds headers to requests of the page, give --method too"
            )
            .into());
        }
        let mut headers: Vec<String> = names(request.headers)
            .map(String::from)
            .chain(headers.iter().map(|name| name.to_ascii_lowercase()))
            .collect();
        headers.sort();
        headers.dedup();
        let (origin, method) = (self.origin.clone(), method.to_owned());
        Ok(Exchange::new(Sent { origin, method, headers, kind: Kind::Preflighted }, Some(request)))
    }

    /// The explanation of a request with its answer.
    fn explain(&self, policy: &CorsPolicy, step: &Step) -> Result<Explained, Failure> {
        let request = step.request()?;
        let explanation = self.explanation(policy, &request).ok_or("the request has no Origin")?;
        let answer = match self.dialect {
            Wire::Fetch => Answer::new(&Fetch, policy, request),
            Wire::S3 => Answer::new(&S3::default(), policy, request),
        };
        Ok(Explained { explanation, answer })
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

impl Explained {
    fn document(&self, step: &Step, client: Option<ClientRequest>) -> Value {
        json!({
            "client": client.map(|client| client.client),
            "when": client.map(|client| client.when),
            "sources": client.map(|client| client.sources.split(' ').collect::<Vec<_>>()),
            "kind": if step.is_actual { "actual" } else { "preflight" },
            "origin": step.origin,
            "method": step.method,
            "headers": step.headers,
            "granted": self.answer.is_granted(),
            "rule": self.explanation.rule(),
            "explanation": self.explanation.to_string().trim_end(),
            "answer": self.answer.document(),
        })
    }
}

/// What is said above the requests of a client.
fn heading(client: &ClientRequest) -> String {
    let sources: String = client.sources.split(' ').map(|source| format!("  {source}\n")).collect();
    format!("{}: {}\n{sources}", client.client, client.when)
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
