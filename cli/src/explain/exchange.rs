//! The requests that the options describe, in the order in which a browser sends them.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{HeaderName, HeaderValue, Method, Request};

use super::{Explain, Wire};
use crate::clients::{self, ClientRequest};
use crate::curl::{self, Kind, Sent};
use crate::Failure;

const ACTUAL_HEADER: &str =
    "--header: in the dialect fetch only a preflight asks for headers, remove --header or --actual";

/// A request of a page, with its preflight if browsers send one.
pub(super) struct Exchange {
    pub(super) client: Option<ClientRequest>,
    pub(super) steps: Vec<Step>,
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
pub(super) struct Step {
    pub(super) origin: String,
    pub(super) method: String,
    /// The names of the headers that it asks for.
    pub(super) headers: Vec<String>,
    pub(super) is_actual: bool,
}

impl Explain {
    /// The requests in the order in which a browser sends them.
    pub(super) fn exchanges(&self) -> Result<Vec<Exchange>, Failure> {
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

    fn requested_headers(&self) -> Result<Vec<String>, Failure> {
        if matches!((self.actual, self.dialect, self.headers.is_empty()), (true, Wire::Fetch, false)) {
            // Not passed over: "granted" would be read as an answer about the headers too.
            return Err(ACTUAL_HEADER.into());
        }
        Ok(self.headers.iter().flat_map(|argument| names(argument)).map(String::from).collect())
    }
}

impl Step {
    pub(super) fn request(&self) -> Result<Request<()>, Failure> {
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
