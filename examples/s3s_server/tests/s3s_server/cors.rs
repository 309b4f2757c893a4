//! The bucket's rules, and the answers under them.

use aws_sdk_s3::error::ProvideErrorMetadata;
use test_support::answers::{element_of, line};
use test_support::example::text;

use crate::server::{rule, Server, APP};

const OTHER: &str = "https://other.example.net";

#[tokio::test]
async fn put_bucket_cors_feeds_the_layer() {
    let server = Server::with_rule().await;
    let preflight = server.preflight("/photos/cat.txt", APP, "PUT").await;
    assert_eq!(preflight.status(), 200);
    for (name, value) in [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "60"),
        ("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ] {
        assert_eq!(line(&preflight, name).as_deref(), Some(value), "{name}");
    }

    server.put_cors([rule(OTHER, ["GET"])]).await.expect("rules");
    assert_eq!(server.preflight("/photos/cat.txt", APP, "PUT").await.status(), 403);
    assert_eq!(server.preflight("/photos/cat.txt", OTHER, "GET").await.status(), 200);
    // The bucket's name in another spelling.
    assert_eq!(server.preflight("/%70hotos/cat.txt", OTHER, "GET").await.status(), 200);

    server.client.delete_bucket_cors().bucket("photos").send().await.expect("no rules");
    assert_eq!(server.preflight("/photos/cat.txt", OTHER, "GET").await.status(), 403);
}

#[tokio::test]
async fn preflights_are_refused_in_s3s_words() {
    let server = Server::with_rule().await;
    const REFUSED: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                           Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are \
                           not whitelisted by the resource's CORS spec.";
    for (target, origin, method, message, resource) in [
        ("/photos/cat.txt", OTHER, "GET", REFUSED, "OBJECT"),
        ("/photos/cat.txt", APP, "DELETE", REFUSED, "OBJECT"),
        ("/photos", APP, "DELETE", REFUSED, "BUCKET"),
        ("/gone/cat.txt", APP, "GET", "CORSResponse: Bucket not found", "BUCKET"),
    ] {
        let refused = server.preflight(target, origin, method).await;
        let body = text(&refused);
        let answer = (refused.status().as_u16(), element_of(body, "Code"), element_of(body, "ResourceType"));
        assert_eq!(answer, (403, "AccessForbidden".into(), resource.into()), "{target}, {origin}, {method}");
        assert_eq!(element_of(body, "Message"), message, "{target}, {origin}, {method}");
        assert_eq!(line(&refused, "access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn page_uploads_with_a_presigned_url_and_reads_why_a_request_failed() {
    let server = Server::with_rule().await;
    let target = server.presigned_put("dog.txt").await;
    // The preflight has no signature.
    assert_eq!(server.preflight(&target, APP, "PUT").await.status(), 200);
    let stored = server.send("PUT", &target, &[("origin", APP)], "a dog\n").await;
    assert_eq!(stored.status(), 200, "{}", text(&stored));
    assert_eq!(line(&stored, "access-control-allow-origin").as_deref(), Some(APP));
    let object = server.client.get_object().bucket("photos").key("dog.txt").send().await.expect("an object");
    assert_eq!(object.body.collect().await.expect("its bytes").into_bytes().as_ref(), b"a dog\n");

    let unsigned = server.send("GET", "/photos/cat.txt", &[("origin", APP)], "").await;
    assert_eq!(
        (unsigned.status().as_u16(), element_of(text(&unsigned), "Code")),
        (403, "AccessDenied".into())
    );
    assert_eq!(line(&unsigned, "access-control-allow-origin").as_deref(), Some(APP));
    let unsigned = server.send("GET", "/photos/cat.txt", &[("origin", OTHER)], "").await;
    assert_eq!(line(&unsigned, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn invalid_rules_are_refused_in_s3s_words() {
    let server = Server::with_rule().await;
    for (refused, code, message) in [
        (
            rule("https://*.*.example.com", ["GET"]),
            "InvalidRequest",
            "AllowedOrigin \"https://*.*.example.com\" can not have more than one wildcard.",
        ),
        (
            rule(APP, ["PATCH"]),
            "InvalidRequest",
            "Found unsupported HTTP method in CORS config. Unsupported method is PATCH",
        ),
    ] {
        let error = server.put_cors([refused]).await;
        assert_eq!(error, Err([code, message].map(String::from)));
    }
    assert_eq!(server.preflight("/photos/cat.txt", APP, "PUT").await.status(), 200);
}

#[tokio::test]
async fn rules_are_read_back() {
    let server = Server::with_rule().await;
    let written = [rule(APP, ["GET", "PUT"])];
    let read = server.client.get_bucket_cors().bucket("photos").send().await.expect("rules");
    assert_eq!(read.cors_rules(), written);
    server.client.delete_bucket_cors().bucket("photos").send().await.expect("no rules");
    let missing = server.client.get_bucket_cors().bucket("photos").send().await.expect_err("no rules");
    assert_eq!(missing.code(), Some("NoSuchCORSConfiguration"));
    assert_eq!(missing.message(), Some("The CORS configuration does not exist"));
    let gone = server.client.get_bucket_cors().bucket("gone").send().await.expect_err("no bucket");
    assert_eq!(gone.code(), Some("NoSuchBucket"));
}
