//! Requests that ask for more than the rules allow, or that are malformed.

use http::HeaderValue;
use tower_s3_cors::document::Field;
use tower_s3_cors::CorsPolicy;

use crate::{
    answers, assert_refused, configuration, cors_headers, is_readable, line, policy, preflight, request,
    FRIEND,
};

fn preflight_for(method: &str, names: &str) -> http::Request<bytes::Bytes> {
    let lines = [
        ("origin", FRIEND),
        ("access-control-request-method", method),
        ("access-control-request-headers", names),
    ];
    request("OPTIONS", &lines)
}

/// google/go-safeweb#372: `Access-Control-Request-Method: GET, DELETE` was echoed into Allow-Methods, and browsers read
/// that as a list.
/// <https://github.com/google/go-safeweb/pull/372>
#[test]
fn requested_method_is_not_echoed() {
    let policy = policy(&[FRIEND], true);
    for method in ["GET, DELETE", "PUT,DELETE", "PUT DELETE", "DELETE", "*", "put"] {
        assert_refused(&policy, &preflight_for(method, "x-trace"));
    }
    for response in answers(&policy, &preflight_for("PUT", "x-trace")) {
        assert_eq!(line(&response, "access-control-allow-methods"), "GET, PUT");
    }
}

/// noobaa/noobaa-core#9776: the requested headers were compared as one text and not one by one.
/// <https://github.com/noobaa/noobaa-core/pull/9776>
#[test]
fn each_requested_header_must_be_allowed() {
    let policy = policy(&[FRIEND], true);
    let refused =
        ["authorization", "x-trace,authorization", "authorization,x-trace", "x-trace, x-trace-2", "*"];
    for names in refused {
        assert_refused(&policy, &preflight_for("PUT", names));
    }
    for response in answers(&policy, &preflight_for("PUT", "content-type,x-trace")) {
        assert!(is_readable(&response, FRIEND));
        assert_eq!(line(&response, "access-control-allow-headers").replace(' ', ""), "content-type,x-trace");
    }
}

/// CVE-2024-6221 (Flask-CORS): `Access-Control-Allow-Private-Network: true` was sent by default, so that sites could
/// reach the user's own network.
/// <https://github.com/advisories/GHSA-hxwh-jpp2-84pm>
#[test]
fn access_to_private_networks_is_never_granted() {
    let lines = [
        ("origin", FRIEND),
        ("access-control-request-method", "PUT"),
        ("access-control-request-private-network", "true"),
        ("access-control-request-local-network", "true"),
    ];
    for policy in [policy(&["*"], false), policy(&[FRIEND], true)] {
        for request in [request("OPTIONS", &lines), request("GET", &lines)] {
            for response in answers(&policy, &request) {
                let names = cors_headers(&response);
                assert!(names.contains(&"access-control-allow-origin".to_owned()), "{names:?}");
                assert!(!names.iter().any(|name| name.contains("network")), "{names:?}");
            }
        }
    }
}

/// pathosDev/actor-ts#1516 and ruoka/net4cpp#52: CR and LF in an Origin were echoed, so that the attacker wrote headers
/// of the response. `http` has no such value; all others come back as one line, whatever their bytes.
/// <https://github.com/pathosDev/actor-ts/issues/1516>, <https://github.com/ruoka/net4cpp/pull/52>
#[test]
fn origin_cannot_write_other_headers() {
    let policy = policy(&["https://*.example.com"], true);
    for byte in 0..=u8::MAX {
        let origin = [b"https://a", &[byte][..], b"Set-Cookie: x=1.example.com"].concat();
        let Ok(origin) = HeaderValue::from_bytes(&origin) else {
            continue;
        };
        assert!(!b"\r\n\0".contains(&byte));
        for mut request in [request("GET", &[]), preflight("")] {
            request.headers_mut().insert("origin", origin.clone());
            for response in answers(&policy, &request) {
                let lines: Vec<_> =
                    response.headers().get_all("access-control-allow-origin").iter().collect();
                assert_eq!(lines, [&origin]);
                assert!(!response.headers().contains_key("set-cookie"));
            }
        }
    }
}

/// The same through the rules, where they come from users of a server: what is written into responses has no line
/// breaks.
#[test]
fn rules_cannot_write_other_headers() {
    let split = "X\r\nSet-Cookie: x=1";
    for field in [Field::AllowedMethods, Field::AllowedHeaders, Field::ExposeHeaders] {
        let mut configuration = configuration(&[FRIEND]);
        let rule = &mut configuration.rules[0];
        match field {
            Field::AllowedMethods => rule.allowed_methods.push(split.into()),
            Field::AllowedHeaders => rule.allowed_headers.push(split.into()),
            _ => rule.expose_headers.push(split.into()),
        }
        for extended in [false, true] {
            let error = CorsPolicy::builder().extended(extended).build(&configuration).expect_err("refused");
            assert!(error.problems().iter().all(|problem| problem.value() == Some(split)), "{error}");
        }
    }
}

/// GHSA-23vw-mhv5-grv5 (hapi): invalid values in the headers of a cross-origin request threw an error that ended the
/// process.
/// <https://github.com/advisories/GHSA-23vw-mhv5-grv5>
#[test]
fn invalid_header_values_cause_no_panic_and_no_grant() {
    let policy = policy(&[FRIEND], true);
    let invalid: [&[u8]; 8] =
        [b"", b" ", b"\xff", b"\xc3\x28", b"://", b"https://[", b"%00", &[b'a'; 65_536]];
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        for value in invalid {
            let mut request = preflight_for("PUT", "x-trace");
            request.headers_mut().insert(name, HeaderValue::from_bytes(value).expect("a value"));
            for method in [http::Method::OPTIONS, http::Method::GET] {
                *request.method_mut() = method.clone();
                let is_actual = method == http::Method::GET;
                for response in answers(&policy, &request) {
                    assert!(response.status().as_u16() < 500);
                    // Blank lists and lists without names ask for nothing, and GET needs no preflight.
                    let asks_for_nothing =
                        name == "access-control-request-headers" && value.trim_ascii().is_empty();
                    let is_granted = !cors_headers(&response).is_empty();
                    assert!(
                        !is_granted || asks_for_nothing || (is_actual && name != "origin"),
                        "{name}: {value:?}"
                    );
                }
            }
        }
    }
}
