//! Caches that give a response to the wrong page.

use bytes::Bytes;
use http::{Request, Response};

use crate::{
    actual, answers, answers_around, is_readable, line, policy, preflight, request, FRIEND, STRANGER,
};

/// Whether a cache may give the stored response to another request for the same URL, by
/// [RFC 9111, 4.1](https://www.rfc-editor.org/rfc/rfc9111#section-4.1).
fn is_reused(first: &Request<Bytes>, stored: &Response<Bytes>, next: &Request<Bytes>) -> bool {
    let vary = line(stored, "vary");
    let mut names = vary.split(',').map(str::trim).filter(|name| !name.is_empty());
    let lines = |request: &Request<Bytes>, name: &str| {
        request.headers().get_all(name).iter().cloned().collect::<Vec<_>>()
    };
    names.all(|name| name != "*" && lines(first, name) == lines(next, name))
}

/// wheels-dev/wheels#2707, spring-projects/spring-framework#20772 and others: responses with an echoed origin had no
/// `Vary: Origin`, and neither had refusals, so that a cache gave the answer for one origin to another.
/// <https://github.com/wheels-dev/wheels/pull/2707>, <https://github.com/spring-projects/spring-framework/issues/20772>
#[test]
fn response_for_one_origin_is_not_given_to_another() {
    let policy = policy(&[FRIEND, "https://other.example.com"], true);
    let others = [actual("https://other.example.com"), actual(STRANGER), request("GET", &[])];
    for granted in answers(&policy, &actual(FRIEND)) {
        assert!(is_readable(&granted, FRIEND));
        for other in &others {
            assert!(!is_reused(&actual(FRIEND), &granted, other), "{other:?}");
        }
    }
    // A refusal out of a cache would break the friend's page. S3 itself sends no Vary with one.
    for first in &others {
        let [refused, _] = answers(&policy, first);
        assert!(!is_reused(first, &refused, &actual(FRIEND)), "{first:?}");
    }
}

/// spring-projects/spring-framework#20959: the answer to a preflight depends on the requested method and headers, and
/// Vary did not name them.
/// <https://github.com/spring-projects/spring-framework/issues/20772>
#[test]
fn answer_to_one_preflight_is_not_given_to_another() {
    let policy = policy(&[FRIEND], true);
    let preflight_of = |origin, method, names| {
        let lines = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", names),
        ];
        request("OPTIONS", &lines)
    };
    let first = preflight_of(FRIEND, "PUT", "x-trace");
    let others = [
        preflight_of(STRANGER, "PUT", "x-trace"),
        preflight_of(FRIEND, "DELETE", "x-trace"),
        preflight_of(FRIEND, "PUT", "authorization"),
        preflight(FRIEND),
    ];
    for granted in answers(&policy, &first) {
        assert!(is_readable(&granted, FRIEND));
        for other in &others {
            assert!(!is_reused(&first, &granted, other), "{other:?}");
        }
    }
}

/// CVE-2025-71381, GHSA-q7jf-gf43-6x6p (Hono): the request's Vary was copied into the response, so that a stranger
/// chose what caches distinguish.
/// <https://osv.dev/vulnerability/GHSA-q7jf-gf43-6x6p>
#[test]
fn vary_of_the_request_is_not_copied() {
    let policy = policy(&[FRIEND], true);
    let lines =
        [("origin", FRIEND), ("vary", "X-Evil"), ("vary", "*"), ("access-control-request-method", "PUT")];
    for request in [request("GET", &lines[..3]), request("OPTIONS", &lines)] {
        for response in answers(&policy, &request) {
            let vary = line(&response, "vary").to_lowercase();
            assert!(vary.contains("origin"), "{vary}");
            assert!(!vary.contains("x-evil") && !vary.contains('*'), "{vary}");
        }
    }
}

/// CVE-2026-59903, GHSA-8c42-7qj2-3j46 (Netty): the application's Vary was replaced by `Origin`, so that a cache gave
/// one user's response to another.
/// <https://osv.dev/vulnerability/CVE-2026-59903>
#[test]
fn vary_of_the_inner_service_is_kept() {
    let policy = policy(&[FRIEND], true);
    let inner = [("vary", "Cookie"), ("vary", "Authorization, Accept")];
    for origin in [FRIEND, STRANGER] {
        for response in answers_around(&policy, &inner, &actual(origin)) {
            let vary = line(&response, "vary");
            let names: Vec<_> = vary.split(", ").collect();
            assert!(["Cookie", "Authorization", "Accept"].iter().all(|name| names.contains(name)), "{vary}");
            let mut another = actual(origin);
            another.headers_mut().insert("cookie", http::HeaderValue::from_static("session=2"));
            assert!(!is_reused(&actual(origin), &response, &another));
        }
    }
}
