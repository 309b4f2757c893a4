//! What a page sees through a browser, by the Fetch standard's own steps: to compare two layers that may differ on the wire.

use std::convert::Infallible;
use std::future::{ready, Ready};

use futures_util::FutureExt;
use http::{header, HeaderMap, Method, Request, Response};
use tower::{service_fn, ServiceExt};
use tower_service::Service;

/// The service behind the layers: any request gets a 200.
pub fn inner() -> impl Service<
    Request<String>,
    Response = Response<String>,
    Error = Infallible,
    Future = Ready<Result<Response<String>, Infallible>>,
> + Clone {
    service_fn(|_| ready(Ok(Response::new("inner".to_owned()))))
}

/// A request of a page: its origin, its method, and the headers that its script sets, as `content-type,x-trace`.
pub type Asked<'a> = (&'a str, &'a str, &'a str);

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// The request is sent once the preflight is answered.
    sent: bool,
    readable: bool,
    exposed: Vec<String>,
    /// Seconds that the preflight is remembered.
    remembered: Option<String>,
}

/// Panics unless pages see the same through both services, with and without credentials.
#[track_caller]
pub fn assert_same<S, T>(theirs: S, ours: T, asked: &[Asked<'_>])
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible> + Clone,
    T: Service<Request<String>, Response = Response<String>, Error = Infallible> + Clone,
{
    for request in asked {
        for credentials in [false, true] {
            let (theirs, ours) =
                (see(theirs.clone(), *request, credentials), see(ours.clone(), *request, credentials));
            assert_eq!(theirs, ours, "{request:?}, credentials: {credentials}");
        }
    }
}

/// Whether a page sends the request and reads the answer.
pub fn reads<S>(service: S, asked: Asked<'_>) -> bool
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible> + Clone,
{
    see(service, asked, false).readable
}

/// The response to a request with these headers.
pub fn answer<S>(service: S, method: &str, headers: &[(&str, &str)]) -> Response<String>
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible>,
{
    let request = Request::builder().method(method).uri("/");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(String::new()).expect("a request");
    let answered = service.oneshot(request).now_or_never().expect("an answer at once");
    answered.unwrap_or_else(|never| match never {})
}

fn see<S>(service: S, (origin, method, names): Asked<'_>, credentials: bool) -> Seen
where
    S: Service<Request<String>, Response = Response<String>, Error = Infallible> + Clone,
{
    let mut headers = vec![("origin", origin), ("access-control-request-method", method)];
    if !names.is_empty() {
        headers.push(("access-control-request-headers", names));
    }
    let preflight = answer(service.clone(), Method::OPTIONS.as_str(), &headers);
    let allowed = |header, wanted: &str, safelisted: &[&str]| {
        let list = list(preflight.headers(), header);
        // A wildcard stands for all but Authorization, and for nothing in a request with credentials.
        let wildcard = !credentials && wanted != "authorization" && list.contains(&"*".into());
        wildcard || safelisted.contains(&wanted) || list.iter().any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let sent = preflight.status().is_success()
        && is_readable(preflight.headers(), origin, credentials)
        && allowed(header::ACCESS_CONTROL_ALLOW_METHODS, method, &["GET", "HEAD", "POST"])
        && names
            .split(',')
            .filter(|name| !name.is_empty())
            .all(|name| allowed(header::ACCESS_CONTROL_ALLOW_HEADERS, name, &[]));
    let response = answer(service, method, &[("origin", origin)]);
    let readable = sent && is_readable(response.headers(), origin, credentials);
    let exposed = list(response.headers(), header::ACCESS_CONTROL_EXPOSE_HEADERS);
    let remembered = list(preflight.headers(), header::ACCESS_CONTROL_MAX_AGE).pop();
    Seen {
        sent,
        readable,
        exposed: if readable { exposed } else { Vec::new() },
        remembered: remembered.filter(|_| sent),
    }
}

/// The standard's CORS check (<https://fetch.spec.whatwg.org/#cors-check>).
fn is_readable(headers: &HeaderMap, origin: &str, credentials: bool) -> bool {
    let allow_origin = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let with_credentials = headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
    match allow_origin.and_then(|origin| origin.to_str().ok()) {
        Some("*") => !credentials,
        Some(allowed) => {
            allowed == origin && (!credentials || with_credentials.is_some_and(|value| value == "true"))
        }
        None => false,
    }
}

fn list(headers: &HeaderMap, name: header::HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}
