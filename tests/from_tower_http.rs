//! The table "What changes on the wire" of the guide `from_tower_http`, row by row.

use http::{header, Method, StatusCode};
use test_support::browser::{answer, inner, reads};
use tower_layer::Layer;
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule};

const ORIGIN: &str = "https://app.example.com";

fn theirs() -> tower_http::cors::CorsLayer {
    tower_http::cors::CorsLayer::new()
        .allow_origin(ORIGIN.parse::<http::HeaderValue>().expect("an origin"))
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers(tower_http::cors::Any)
}

fn ours() -> CorsLayer<CorsPolicy> {
    let rule = CorsRule::new([ORIGIN], [Method::GET, Method::PUT]).allow_headers(["*"]);
    CorsLayer::new(CorsPolicy::try_from(rule).expect("a valid rule"))
}

/// The answers of both layers to one request.
fn answers(method: &str, headers: &[(&str, &str)]) -> [http::Response<String>; 2] {
    [answer(theirs().layer(inner()), method, headers), answer(ours().layer(inner()), method, headers)]
}

fn preflight<'a>(origin: &'a str, method: &'a str) -> [(&'a str, &'a str); 2] {
    [("origin", origin), ("access-control-request-method", method)]
}

#[test]
fn granted_preflight_is_204() {
    let [theirs, ours] = answers("OPTIONS", &preflight(ORIGIN, "PUT"));
    assert_eq!((theirs.status(), ours.status()), (StatusCode::OK, StatusCode::NO_CONTENT));
    assert_eq!(theirs.headers()[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,PUT");
    assert_eq!(ours.headers()[header::ACCESS_CONTROL_ALLOW_METHODS], "GET, PUT");
    assert_eq!(theirs.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "*");
    assert!(!ours.headers().contains_key(header::ACCESS_CONTROL_ALLOW_HEADERS));
}

#[test]
fn refused_preflight_is_403_without_lists() {
    for (origin, method) in [("https://evil.example", "PUT"), (ORIGIN, "DELETE")] {
        let [theirs, ours] = answers("OPTIONS", &preflight(origin, method));
        assert_eq!((theirs.status(), ours.status()), (StatusCode::OK, StatusCode::FORBIDDEN));
        assert!(theirs.headers().contains_key(header::ACCESS_CONTROL_ALLOW_METHODS));
        assert!(!ours.headers().contains_key(header::ACCESS_CONTROL_ALLOW_METHODS));
    }
}

#[test]
fn options_that_is_no_preflight_reaches_the_inner_service() {
    let [theirs, ours] = answers("OPTIONS", &[("origin", ORIGIN)]);
    assert_eq!((theirs.body().as_str(), ours.body().as_str()), ("", "inner"));
}

#[test]
fn answer_to_an_unlisted_method_is_not_readable() {
    let [theirs, ours] = answers("POST", &[("origin", ORIGIN)]);
    assert_eq!(theirs.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], ORIGIN);
    assert!(!ours.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    assert_eq!((theirs.body().as_str(), ours.body().as_str()), ("inner", "inner"));
}

#[test]
fn all_headers_include_authorization() {
    let asked = (ORIGIN, "GET", "authorization");
    assert!(!reads(theirs().layer(inner()), asked));
    assert!(reads(ours().layer(inner()), asked));
}

#[test]
fn vary_names_what_the_answer_depends_on() {
    let names = "origin, access-control-request-method, access-control-request-headers";
    let [theirs, ours] = answers("GET", &[("origin", ORIGIN)]);
    assert!(!theirs.headers().contains_key(header::VARY));
    assert_eq!(ours.headers()[header::VARY], "Origin");
    let several = tower_http::cors::CorsLayer::new().allow_origin([ORIGIN.parse().expect("an origin")]);
    assert_eq!(
        answer(several.layer(inner()), "GET", &[("origin", ORIGIN)]).headers()[header::VARY],
        "origin"
    );
    let [_, ours] = answers("OPTIONS", &preflight(ORIGIN, "PUT"));
    assert!(ours.headers()[header::VARY].to_str().expect("text").eq_ignore_ascii_case(names));
    let public = CorsLayer::new(CorsPolicy::permissive()).layer(inner());
    let preflight = answer(public.clone(), "OPTIONS", &preflight(ORIGIN, "PUT"));
    assert!(preflight.headers()[header::VARY].to_str().expect("text").eq_ignore_ascii_case(names));
    assert!(!answer(public, "GET", &[("origin", ORIGIN)]).headers().contains_key(header::VARY));
}

#[test]
fn no_policy_is_no_cors() {
    let none = CorsLayer::from_source(None::<CorsPolicy>).layer(inner());
    let answer = answer(none, "OPTIONS", &preflight(ORIGIN, "GET"));
    assert_eq!((answer.status(), answer.headers().len()), (StatusCode::OK, 0));
}
