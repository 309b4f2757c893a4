//! What a server can set of the answers: S3's refusals and Vary, the timings of granted origins; and the headers of responses
//! that are made outside of the layer.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use test_support::{always, call, request};
use tower_layer::Layer;
use tower_s3_cors::dialect::{Dialect, Grant, Grants};
use tower_s3_cors::{
    CorsLayer, CorsPolicy, CorsPolicyBuilder, CorsRequest, CorsRule, Fetch, PolicyLookup, PolicySource, S3,
};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";
const S3_VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

fn built(builder: CorsPolicyBuilder, origin: &str) -> CorsPolicy {
    builder.build(&CorsRule::new([origin], ["GET", "PUT"]).into()).expect("a valid rule")
}

fn policy() -> CorsPolicy {
    built(CorsPolicy::builder(), APP)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect()
}

fn preflight(method: &str) -> Request<Bytes> {
    request("OPTIONS", "/b/k", headers(&[("origin", EVIL), ("access-control-request-method", method)]))
}

fn get(origin: Option<&str>) -> Request<Bytes> {
    let origin: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
    request("GET", "/b/k", headers(&origin))
}

fn answer<P, D>(source: P, dialect: D, inner: HeaderMap, request: Request<Bytes>) -> Response<Bytes>
where
    P: PolicySource<Bytes> + Clone,
    D: Dialect<Bytes> + Clone,
{
    call(CorsLayer::from_source(source).dialect(dialect).layer(always(200, inner)), request)
}

fn lookups() -> [PolicyLookup<'static>; 4] {
    let extended = built(CorsPolicy::builder().extended(true), APP);
    [policy().into(), extended.into(), PolicyLookup::NoConfiguration, PolicyLookup::NoSuchBucket]
}

#[test]
fn uniform_refusals_do_not_tell_which_buckets_exist() {
    for method in ["GET", "PATCH", "NONSENSE"] {
        let answer_of = |lookup, dialect| {
            let response = answer(lookup, dialect, HeaderMap::new(), preflight(method));
            (response.status(), response.headers().clone(), response.body().clone())
        };
        let uniform = lookups().map(|lookup| answer_of(lookup, S3::default().uniform_refusals(true)));
        assert!(uniform.iter().all(|answer| *answer == uniform[0]), "{method}: {uniform:?}");
        assert_eq!(uniform[0].0, StatusCode::FORBIDDEN);
        let body = String::from_utf8_lossy(&uniform[0].2);
        assert!(body.contains("This CORS request is not allowed.") && body.contains(">OBJECT<"), "{body}");
        let plain = lookups().map(|lookup| answer_of(lookup, S3::default()));
        assert!(plain.iter().any(|answer| *answer != plain[0]), "{method}");
    }
}

#[test]
fn always_vary_says_vary_on_every_answer() {
    let dialect = || S3::default().always_vary(true);
    let inner = || headers(&[("vary", "Accept-Encoding"), ("access-control-allow-origin", "inner")]);
    let merged = format!("Accept-Encoding, {S3_VARY}");
    for lookup in lookups() {
        for origin in [None, Some(APP), Some(EVIL)] {
            let vary =
                |inner| answer(lookup.clone(), dialect(), inner, get(origin)).headers()["vary"].clone();
            assert_eq!(vary(HeaderMap::new()), S3_VARY, "{lookup:?} {origin:?}");
            assert_eq!(vary(inner()), merged, "{lookup:?} {origin:?}");
        }
        let refused = answer(lookup, dialect(), HeaderMap::new(), preflight("GET"));
        assert_eq!(refused.headers()["vary"], S3_VARY);
    }
    let untouched = answer(PolicyLookup::NotOurs, dialect(), inner(), get(Some(APP)));
    assert_eq!(*untouched.headers(), inner());
    // What the server itself says of a bucket without rules stays.
    let without_rules = answer(PolicyLookup::NoConfiguration, dialect(), inner(), get(Some(APP)));
    assert_eq!(without_rules.headers()["access-control-allow-origin"], "inner");
    // Amazon S3's way.
    let refused = answer(policy(), S3::default(), HeaderMap::new(), get(Some(EVIL)));
    assert!(!refused.headers().contains_key("vary"));
}

#[test]
fn timings_are_for_granted_origins() {
    let with = |origin| built(CorsPolicy::builder().timing_allow_origin(true), origin);
    let inner = headers(&[("timing-allow-origin", "inner")]);
    let cases =
        [(policy(), APP, "inner"), (with(APP), APP, APP), (with(APP), EVIL, "inner"), (with("*"), EVIL, "*")];
    for (policy, origin, expected) in cases {
        let fetch = answer(policy.clone(), Fetch, inner.clone(), get(Some(origin)));
        let s3 = answer(policy.clone(), S3::default(), inner.clone(), get(Some(origin)));
        for response in [fetch, s3] {
            let values: Vec<_> = response.headers().get_all("timing-allow-origin").iter().collect();
            assert_eq!(values, [expected], "{policy:?} {origin}");
        }
    }
    let preflight = answer(with("*"), Fetch, HeaderMap::new(), preflight("GET"));
    assert!(!preflight.headers().contains_key("timing-allow-origin"));
}

/// The headers of a response that is made outside of the layer, and of one that went through it.
fn outside_and_through<D>(dialect: D, request: Request<Bytes>) -> [HeaderMap; 2]
where
    D: Dialect<Bytes> + Grants + Clone,
{
    let made = headers(&[("vary", "accept"), ("access-control-allow-origin", "made"), ("retry-after", "60")]);
    let layer = CorsLayer::new(policy()).dialect(dialect);
    let mut outside = made.clone();
    let mut grant = layer.grant(&request);
    grant.write(&mut outside);
    let once = outside.clone();
    layer.grant(&request).write(&mut outside);
    assert_eq!(outside, once, "a second time changes nothing");
    let through = call(layer.layer(always(429, made)), request);
    [outside, through.headers().clone()]
}

#[test]
fn response_made_outside_gets_the_same_headers() {
    for origin in [None, Some(APP), Some(EVIL)] {
        let [outside, through] = outside_and_through(Fetch, get(origin));
        assert_eq!(outside, through, "{origin:?}");
        assert_eq!(outside.get("access-control-allow-origin").is_some(), origin == Some(APP));
        let [outside, through] = outside_and_through(S3::default(), get(origin));
        assert_eq!(outside, through, "{origin:?}");
        let with_body = S3::default().body(|bytes| bytes);
        assert_eq!(outside_and_through(with_body, get(origin))[0], outside);
    }
}

/// The origin is given away with the first response: nothing may be in its place.
#[test]
fn grant_that_is_written_again_grants_nothing() {
    fn check<D: Dialect<Bytes> + Grants>(dialect: D) {
        let layer = CorsLayer::new(policy()).dialect(dialect);
        let grant = layer.grant(&get(Some(APP)));
        let mut copy = grant.clone();
        let mut written = [grant.clone(), grant].map(|mut grant| {
            let mut headers = HeaderMap::new();
            grant.write(&mut headers);
            (grant, headers)
        });
        assert_eq!(written[0].1["access-control-allow-origin"], APP);
        assert_eq!(written[0].1, written[1].1, "a clone is for another response");
        let mut again =
            headers(&[("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")]);
        written[0].0.write(&mut again);
        assert_eq!(again.keys().collect::<Vec<_>>(), ["vary"], "{again:?}");
        copy.write(&mut again);
        assert_eq!(again["access-control-allow-origin"], APP);
    }
    check(Fetch);
    check(S3::default());
}

#[test]
fn refusal_has_no_character_that_xml_cannot_have() {
    let mut request = preflight("GET");
    let names = "x y\u{ffff}\u{fffe}é".parse().expect("a header value");
    request.headers_mut().insert("access-control-request-headers", names);
    let response = answer(policy(), S3::default(), HeaderMap::new(), request);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let body = String::from_utf8_lossy(response.body());
    let message = "Access-Control-Request-Headers \"x y\u{fffd}\u{fffd}é\" contains invalid character.";
    assert!(body.contains(message), "{body}");
}

/// Other headers of the request are not for logs.
#[test]
fn debug_of_requested_headers_is_their_line() {
    let sent = [("origin", APP), ("access-control-request-method", "GET"), ("cookie", "secret")];
    let mut headers = headers(&sent);
    headers.insert("access-control-request-headers", "x-a, x-b".parse().expect("a header value"));
    let request = request("OPTIONS", "/", headers);
    let asked = CorsRequest::classify(&request).expect("a CORS request");
    let debug = format!("{:?}", asked.requested_headers());
    assert_eq!(debug, "RequestedHeaders { line: Some(\"x-a, x-b\"), .. }");
}

/// What a person sees of a policy in a log.
#[test]
fn debug_of_a_policy_has_its_rules_and_settings() {
    let policy = built(CorsPolicy::builder().extended(true).timing_allow_origin(true), APP);
    let debug = format!("{policy:?}");
    assert!(
        debug.starts_with("CorsPolicy { configuration: CorsConfiguration { rules: [CorsRule {"),
        "{debug}"
    );
    let settings = "extended: true, timing_allow_origin: true, credentials: false, strict: false }";
    assert!(debug.ends_with(settings), "{debug}");
    let policy = built(CorsPolicy::builder().credentials(true).strict(true), APP);
    assert!(format!("{policy:?}").ends_with("credentials: true, strict: true }"));
}

#[test]
fn debug_of_a_dialect_has_its_settings() {
    assert_eq!(format!("{:?}", Fetch.body(Bytes::new)), "WithBody { dialect: Fetch, .. }");
    let dialect = format!("{:?}", S3::default().always_vary(true));
    assert_eq!(dialect, "S3 { settings: Some(Settings { always_vary: true, uniform_refusals: false, .. }) }");
}
