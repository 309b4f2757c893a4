//! The store behind the proxy: forwards requests to it and gives its answers back, without its CORS headers.

use std::error::Error as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use http::header::{CONNECTION, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::error::Error;
use crate::upload::Upload;
use crate::Body;

/// Servers close idle connections, Node's after five seconds. A request on a connection that is being closed fails.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Anyone can send requests that the store does not answer, so without a bound they could fill the log.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// What a proxy does not forward besides the fields that `Connection` names
/// (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1).
const HOP_BY_HOP: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    UPGRADE,
];

pub struct Store {
    authority: Authority,
    client: Client<HttpConnector, Upload>,
    logged: Mutex<Option<Instant>>,
}

impl Store {
    pub fn new(authority: Authority) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            // The names of headers go out as they came in, for those who compare them with care for case.
            .http1_preserve_header_case(true)
            .build(connector);
        Store { authority, client, logged: Mutex::default() }
    }

    /// Forwards a request. Its target, its headers and its body are what the client has signed, so they stay as they are.
    pub async fn forward(&self, mut request: Request<Incoming>) -> Result<Response<Body>, Error> {
        self.redirect(&mut request)?;
        prepare_request_headers(request.headers_mut());
        let response = self.client.request(Upload::prepare(request)).await;
        let mut response = response.map_err(|error| self.bad_gateway(&error))?;
        // Whether the connection to the client stays open is not for the store to say.
        *response.version_mut() = Version::HTTP_11;
        prepare_response_headers(response.headers_mut());
        Ok(response.map(Body::Right))
    }

    /// Makes the store the one who is asked. Path and query stay byte for byte, and Host as the client sent it.
    fn redirect(&self, request: &mut Request<Incoming>) -> Result<(), Error> {
        let invalid =
            || Error::new(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.");
        if *request.method() == Method::CONNECT {
            let message = "The specified method is not allowed against this resource.";
            return Err(Error::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message));
        }
        // A target with a host counts more than Host (https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2).
        if let Some(host) = request.uri().authority().map(Authority::as_str).map(HeaderValue::from_str) {
            let host = host.map_err(|_| invalid())?;
            request.headers_mut().insert(HOST, host);
        }
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        *request.uri_mut() = Uri::from_parts(parts).map_err(|_| invalid())?;
        *request.version_mut() = Version::HTTP_11;
        Ok(())
    }

    fn bad_gateway(&self, error: &legacy::Error) -> Error {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
        if cause.is_some_and(hyper::Error::is_user) {
            let message = "The request body terminated unexpectedly";
            return Error::new(StatusCode::BAD_REQUEST, "IncompleteBody", message);
        }
        self.log(error);
        Error::new(StatusCode::BAD_GATEWAY, "BadGateway", "The store behind this proxy does not answer.")
    }

    fn log(&self, error: &legacy::Error) {
        let Ok(mut logged) = self.logged.lock() else { return };
        if logged.is_none_or(|logged| logged.elapsed() > LOG_INTERVAL) {
            *logged = Some(Instant::now());
            let mut message = format!("the store {} does not answer: {error}", self.authority);
            let mut source = error.source();
            while let Some(cause) = source {
                message += &format!(": {cause}");
                source = cause.source();
            }
            eprintln!("{message}");
        }
    }
}

fn prepare_request_headers(headers: &mut HeaderMap) {
    let takes_trailers = headers.get_all(TE).iter().any(|te| te == "trailers");
    remove_hop_by_hop(headers);
    if takes_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    // Transfer-Encoding stays: hyper has undone `chunked` alone and does it again, even for a GET.
}

fn prepare_response_headers(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
    headers.remove(TRANSFER_ENCODING);
    // The rules of this proxy decide, so none of the store's CORS headers may be beside ours, or where we grant nothing.
    let theirs: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        // Who sends `Connection: host` would have the store serve another bucket than the one whose rules count.
        .filter(|name| *name != HOST && *name != TRANSFER_ENCODING)
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}
