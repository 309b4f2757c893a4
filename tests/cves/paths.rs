//! Paths that look like others to the code that chooses the rules.

use std::convert::Infallible;
use std::future::ready;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use tower_layer::Layer;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, PolicyLookup, S3};

use crate::{configuration, cors_headers, headers, policy, FRIEND};

/// Finds the bucket of a path as this test's server does: it resolves `..`, decodes nothing and compares bytes.
fn bucket(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty() && *segment != ".") {
        if segment == ".." {
            segments.pop();
        } else {
            segments.push(segment);
        }
    }
    segments.first().map(|segment| (*segment).to_owned()).unwrap_or_default()
}

/// Calls a server whose bucket `public` alone has rules, in both dialects. Its responses name the bucket.
fn serve(method: &str, path: &str) -> [Response<Bytes>; 2] {
    let policy = policy(&[FRIEND], true);
    let source = move |uri: &Uri, _: &HeaderMap| match bucket(uri.path()).as_str() {
        "public" => policy.clone().into(),
        _ => PolicyLookup::NoConfiguration,
    };
    let inner = tower::service_fn(|request: Request<Bytes>| {
        ready(Ok::<_, Infallible>(Response::new(Bytes::from(bucket(request.uri().path())))))
    });
    let layer = CorsLayer::from_source(source);
    let lines = [("origin", FRIEND), ("access-control-request-method", "PUT")];
    let lines = if method == "OPTIONS" { &lines[..] } else { &lines[..1] };
    let request = || test_support::request(method, path, headers(lines));
    let fetch = test_support::call(layer.clone().layer(inner), request());
    [fetch, test_support::call(layer.dialect(S3::default()).layer(inner), request())]
}

/// CVE-2020-25032 (Flask-CORS) and CVE-2019-18978 (rack-cors): `/public/../private` got the rules of `/public`, and
/// the response was that of `/private`. Here the source sees the path as the inner service does, so the code that
/// finds the resource finds the rules too.
/// <https://github.com/corydolphin/flask-cors/blob/master/CHANGELOG.md>,
/// <https://osv.dev/vulnerability/GHSA-pf8f-w267-mq2h>
#[test]
fn rules_are_those_of_the_resource_that_is_served() {
    let paths = [
        "/public/key",
        "/public/../private/key",
        "/private/../public/key",
        "//public/key",
        "/./public/key",
        "/public%2f..%2fprivate/key",
        "/public/%2e%2e/private/key",
        "/private/key?/../../public",
    ];
    for path in paths {
        for response in serve("GET", path) {
            let is_granted = !cors_headers(&response).is_empty();
            assert_eq!(is_granted, response.body().as_ref() == b"public", "{path}");
        }
    }
}

/// CVE-2024-6866 (Flask-CORS): paths were compared whatever their case.
/// CVE-2024-6844 (Flask-CORS): a `+` in a path was read as a blank.
/// <https://github.com/advisories/GHSA-43qf-4rqw-9q2g>, <https://github.com/advisories/GHSA-8vgw-p6qm-5gr7>
#[test]
fn path_is_neither_folded_nor_decoded() {
    for path in
        ["/PUBLIC/key", "/Public/key", "/%70ublic/key", "/+public/key", "/public+/key", "/public%20/key"]
    {
        for method in ["GET", "OPTIONS"] {
            for response in serve(method, path) {
                assert_eq!(cors_headers(&response), Vec::<String>::new(), "{method} {path}");
            }
        }
    }
    for response in serve("OPTIONS", "/public/key").iter().chain(&serve("GET", "/public/key")) {
        assert!(!cors_headers(response).is_empty());
    }
}

/// CVE-2015-9236 (hapi): preflights got the headers of the server where CORS was switched off for the route, so the
/// actual request was sent.
/// <https://osv.dev/vulnerability/GHSA-vwrf-r5r4-7775>
#[test]
fn preflight_and_actual_request_have_the_same_rules() {
    for (path, is_granted) in [("/public/key", true), ("/private/key", false), ("/", false)] {
        for method in ["OPTIONS", "PUT", "GET"] {
            for response in serve(method, path) {
                assert_eq!(!cors_headers(&response).is_empty(), is_granted, "{method} {path}");
            }
        }
    }
}

/// CVE-2024-6839 (Flask-CORS): of several patterns that match, the longer one won over the more specific one. Here the
/// first rule that matches decides, and a lint says where a later one never does.
/// <https://nvd.nist.gov/vuln/detail/CVE-2024-6839>
#[test]
fn first_rule_decides_and_not_the_longest() {
    let [short, long] = ["https://*.com", "https://a-very-long-name.example.com"].map(|origin| {
        let [rule] = <[_; 1]>::try_from(configuration(&[origin]).rules).expect("one rule");
        rule
    });
    let request =
        test_support::request("GET", "/", headers(&[("origin", "https://a-very-long-name.example.com")]));
    let request = CorsRequest::classify(&request).expect("an Origin");
    for rules in [vec![short.clone(), long.clone()], vec![long.clone(), short.clone()]] {
        let policy = CorsPolicy::new(&CorsConfiguration { rules }).expect("a valid configuration");
        assert_eq!(policy.decide(&request).rule(), Some(0));
    }
    let shadowed = CorsConfiguration { rules: vec![short, long] }.lint();
    assert!(shadowed.iter().any(|lint| lint.id() == "R01"), "{shadowed:?}");
}
