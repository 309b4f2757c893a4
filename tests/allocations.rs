//! What a request allocates: every row of the README's table, counted.
//!
//! The header values are as a server's: slices of the buffer that the request was read into.

use std::future::Future;
use std::mem::size_of;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use tower_layer::Layer;
use tower_s3_cors::dialect::{Dialect, Grants};
#[cfg(feature = "reload")]
use tower_s3_cors::PolicyHandle;
use tower_s3_cors::{
    CorsConfiguration, CorsLayer, CorsPolicy, CorsRule, Fetch, FromExtensions, PolicyLookup, PolicySource, S3,
};
use tower_service::Service;

const ORIGIN: &str = "https://app.example.com";

/// Rules of which only the last grants.
fn policy(rules: usize) -> CorsPolicy {
    let rule = |number: usize| CorsRule {
        allowed_origins: vec![if number + 1 == rules {
            ORIGIN.into()
        } else {
            format!("https://{number}.example")
        }],
        allowed_methods: vec!["GET".into(), "PUT".into()],
        allowed_headers: vec!["content-type".into(), "x-*".into()],
        expose_headers: vec!["ETag".into()],
        max_age_seconds: Some(600),
        ..CorsRule::default()
    };
    let configuration = CorsConfiguration { rules: (0..rules).map(rule).collect() };
    CorsPolicy::builder().credentials(true).build(&configuration).expect("valid")
}

fn any_origin() -> CorsPolicy {
    let rule = CorsRule {
        allowed_origins: vec!["*".into()],
        allowed_methods: vec!["GET".into()],
        ..CorsRule::default()
    };
    CorsPolicy::new(&CorsConfiguration { rules: vec![rule] }).expect("valid")
}

/// A request as a browser sends it, nine headers with Origin, read into one buffer.
fn request(method: Method, cors: &[(&'static str, &str)]) -> Request<Bytes> {
    let plain = ["host", "user-agent", "accept", "accept-encoding", "accept-language", "referer"];
    let lines: Vec<(&'static str, &str)> =
        plain.iter().map(|name| (*name, "value")).chain(cors.iter().copied()).collect();
    let buffer = Bytes::from(lines.iter().map(|(_, value)| *value).collect::<String>());
    let _shared = buffer.clone();
    let mut headers = HeaderMap::new();
    let mut start = 0;
    for (name, value) in lines {
        let slice = buffer.slice(start..start + value.len());
        start += value.len();
        headers
            .append(HeaderName::from_static(name), HeaderValue::from_maybe_shared(slice).expect("a value"));
    }
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    request
}

/// The same with values whose first clone would allocate: a preflight's are moved, not cloned.
fn fresh(mut request: Request<Bytes>) -> Request<Bytes> {
    for value in request.headers_mut().values_mut() {
        *value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
    }
    request
}

fn preflight(origin: &str) -> Request<Bytes> {
    let cors = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type,x-trace"),
    ];
    request(Method::OPTIONS, &cors)
}

/// How often a service allocates for one request, and whether the response has an Allow-Origin.
fn count<S>(mut service: S, request: Request<Bytes>) -> (u64, bool)
where
    S: Service<Request<Bytes>, Response = Response<Bytes>>,
{
    let mut granted = false;
    let info = allocation_counter::measure(|| {
        let mut context = Context::from_waker(futures_util::task::noop_waker_ref());
        let mut answer = pin!(service.call(request));
        if let Poll::Ready(Ok(response)) = answer.as_mut().poll(&mut context) {
            granted = response.headers().contains_key("access-control-allow-origin");
        }
    });
    (info.count_total, granted)
}

/// The inner service; its map has room, since growing it is the price of headers and not of the layer.
fn inner() -> impl Service<Request<Bytes>, Response = Response<Bytes>> + Clone {
    tower::service_fn(|_| {
        let mut response = Response::new(Bytes::new());
        response.headers_mut().reserve(16);
        response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    })
}

/// What the layer allocates beyond the inner service.
fn added<P, D>(source: P, dialect: D, request: impl Fn() -> Request<Bytes>) -> (u64, bool)
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    let (bare, _) = count(inner(), request());
    let (layered, granted) = count(CorsLayer::from_source(source).dialect(dialect).layer(inner()), request());
    (layered - bare, granted)
}

#[test]
fn fetch_dialect_allocates_nothing() {
    for rules in [1, 100] {
        let check = |request: &dyn Fn() -> Request<Bytes>, granted: bool| {
            assert_eq!(added(policy(rules), Fetch, request), (0, granted), "{rules} rules");
        };
        check(&|| request(Method::GET, &[]), false);
        check(&|| request(Method::GET, &[("origin", ORIGIN)]), true);
        check(&|| request(Method::POST, &[("origin", ORIGIN)]), false);
        check(&|| request(Method::GET, &[("origin", "https://evil.example")]), false);
        check(&|| request(Method::OPTIONS, &[("origin", ORIGIN)]), false);
        // A preflight allocates nothing in all, not only nothing beyond the inner service.
        let answered = |origin| count(CorsLayer::new(policy(rules)).layer(inner()), preflight(origin));
        assert_eq!(answered(ORIGIN), (0, true), "{rules} rules");
        assert_eq!(answered("https://evil.example"), (0, false), "{rules} rules");
        let moved = count(CorsLayer::new(policy(rules)).layer(inner()), fresh(preflight(ORIGIN)));
        assert_eq!(moved, (0, true), "{rules} rules");
    }
    assert_eq!(added(any_origin(), Fetch, || request(Method::GET, &[])), (0, true));
}

#[test]
fn s3_dialect_allocates_nothing() {
    for rules in [1, 100] {
        let check = |request: &dyn Fn() -> Request<Bytes>, granted: bool| {
            assert_eq!(added(policy(rules), S3::default(), request), (0, granted), "{rules} rules");
        };
        check(&|| request(Method::GET, &[]), false);
        check(&|| request(Method::GET, &[("origin", "https://evil.example")]), false);
        check(
            &|| request(Method::PUT, &[("origin", ORIGIN), ("access-control-request-method", "PATCH")]),
            false,
        );
        check(&|| request(Method::GET, &[("origin", ORIGIN)]), true);
        let names = ("access-control-request-headers", "content-type, x-trace");
        check(&|| request(Method::GET, &[("origin", ORIGIN), names]), true);
        // As S3 writes the list already, so nothing is joined anew.
        let asked = [("origin", ORIGIN), ("access-control-request-method", "PUT"), names];
        let service = CorsLayer::new(policy(rules)).dialect(S3::default()).layer(inner());
        assert_eq!(count(service.clone(), request(Method::OPTIONS, &asked)), (0, true), "{rules} rules");
        assert_eq!(count(service, fresh(request(Method::OPTIONS, &asked))), (0, true), "{rules} rules");
    }
}

/// A source lends its policy or counts a reference, whatever kind it is.
fn check_source(source: impl PolicySource<Bytes> + Clone) {
    let left = |mut request: Request<Bytes>| {
        request.extensions_mut().insert(PolicyLookup::from(policy(1)));
        request
    };
    let get = || left(request(Method::GET, &[("origin", ORIGIN)]));
    assert_eq!(added(source.clone(), Fetch, get), (0, true));
    assert_eq!(added(source.clone(), S3::default(), get), (0, true));
    let answered = |service| count(service, left(preflight(ORIGIN)));
    assert_eq!(answered(CorsLayer::from_source(source).layer(inner())), (0, true));
}

#[test]
fn sources_allocate_nothing() {
    check_source(policy(1));
    check_source(FromExtensions);
    let policy = policy(1);
    check_source(move |_: &Uri, _: &HeaderMap| policy.clone());
}

#[test]
#[cfg(feature = "reload")]
fn handles_allocate_nothing() {
    let handle = PolicyHandle::new(policy(100));
    // The first request of a thread makes it known to `arc-swap`.
    let _known = handle.current();
    check_source(handle.clone());
    handle.replace(policy(1));
    check_source(handle);
}

/// An inner service that sets these lines of Vary.
fn with_vary(
    lines: &'static [&'static str],
) -> impl Service<Request<Bytes>, Response = Response<Bytes>> + Clone {
    tower::service_fn(move |_| {
        let mut response = Response::new(Bytes::new());
        response.headers_mut().reserve(16);
        for line in lines {
            response.headers_mut().append("vary", HeaderValue::from_static(line));
        }
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    })
}

#[test]
fn merged_vary_is_one_allocation() {
    for lines in
        [&["accept"][..], &["Accept-Encoding, cookie", "accept, Cookie"], &["a,b,c,d,e,f,g,h,i,j,k,l"]]
    {
        for origin in [None, Some(ORIGIN), Some("https://evil.example")] {
            let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
            let get = || request(Method::GET, &headers);
            let (bare, _) = count(with_vary(lines), get());
            let (layered, granted) = count(CorsLayer::new(policy(1)).layer(with_vary(lines)), get());
            assert_eq!((layered - bare, granted), (1, origin == Some(ORIGIN)), "{lines:?}");
            if granted {
                let s3 = CorsLayer::new(policy(1)).dialect(S3::default()).layer(with_vary(lines));
                assert_eq!(count(s3, get()), (bare + 1, true), "{lines:?}");
            }
        }
    }
}

#[test]
fn joined_names_are_one_allocation() {
    let mut split = preflight(ORIGIN);
    split.headers_mut().append("access-control-request-headers", HeaderValue::from_static("x-b"));
    let fetch = CorsLayer::new(policy(1)).layer(inner());
    assert_eq!(count(fetch, split.clone()), (1, true));
    // As a browser sends the list, in which S3 puts a blank after each comma.
    let s3 = CorsLayer::new(policy(1)).dialect(S3::default()).layer(inner());
    for request in [preflight(ORIGIN), split] {
        assert_eq!(count(s3.clone(), request), (1, true));
    }
}

#[test]
fn refusal_of_s3_is_two_allocations() {
    let s3 = CorsLayer::new(policy(1)).dialect(S3::default()).layer(inner());
    assert_eq!(count(s3, preflight("https://evil.example")), (2, false));
}

/// The heap that a policy holds, its own copy of the configuration included.
fn heap(configuration: &CorsConfiguration) -> i64 {
    let mut policy = None;
    let info = allocation_counter::measure(|| {
        policy = CorsPolicy::builder().extended(true).credentials(true).build(configuration).ok();
    });
    assert!(policy.is_some());
    info.bytes_current
}

#[test]
fn policy_holds_little_heap() {
    let mut one = policy(1).configuration().clone();
    one.rules[0].allowed_headers = vec!["content-type".into(), "x-trace".into()];
    // What the process makes once, perhaps while another test makes it too, is not the policy's.
    heap(&one);
    assert!(heap(&one) <= 1024, "{} bytes for one origin", heap(&one));

    let mut many = one;
    let origins = (0..100_000).map(|number| format!("https://app-{number}.example.com"));
    many.rules[0].allowed_origins = origins.collect();
    let strings: usize = many.rules[0].allowed_origins.iter().map(String::len).sum();
    let (bytes, limit) = (heap(&many), strings as i64 * 3 / 2 + 64 * 100_000);
    assert!(bytes <= limit, "{bytes} bytes for 100,000 origins, at most {limit}");
}

type Inner = [u8; 24];

fn size_of_service<D: Clone>(dialect: D) -> usize {
    std::mem::size_of_val(&CorsLayer::new(policy(1)).dialect(dialect).layer(Inner::default()))
}

#[test]
fn service_and_future_stay_small() {
    let added = |with: usize| with - size_of::<Inner>();
    assert!(added(size_of::<tower_s3_cors::Cors<Inner>>()) <= 16);
    assert!(added(size_of::<tower_s3_cors::Cors<Inner, CorsPolicy, S3>>()) <= 16);
    assert!(added(size_of_service(S3::default().body(|bytes| bytes))) <= 16);
    assert!(added(size_of_service(Fetch.body(Bytes::new))) <= 16);
    assert_eq!(size_of::<CorsPolicy>(), size_of::<usize>());
    #[cfg(feature = "reload")]
    assert!(added(size_of::<tower_s3_cors::Cors<Inner, PolicyHandle, S3>>()) <= 16);

    // The future carries the inner one and what goes into its response: an Origin and a reference.
    type Ready = std::future::Ready<Result<Response<()>, std::convert::Infallible>>;
    type Wrapped = tower_s3_cors::future::ResponseFuture<Ready, <Fetch as Grants>::Grant, ()>;
    assert_eq!(size_of::<Wrapped>() - size_of::<Ready>(), size_of::<HeaderValue>() + size_of::<usize>());
}
