//! PutBucketCors, GetBucketCors and DeleteBucketCors, and what pages get before and after them.

use crate::answers::line;
use crate::proxy::{assert_fails, document, folder, request, text, Proxy, NO_STORE};
use crate::raw::Between;

const ORIGIN: &str = "https://app.example.com";
const NO_RULES: (u16, &str, &str) = (404, "NoSuchCORSConfiguration", "The CORS configuration does not exist");
const NOT_ENABLED: (u16, &str, &str) =
    (403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
const NOT_HERE: &str = "The CORS rules are read and changed at the address of --admin only.";
const MALFORMED: (u16, &str, &str) = (
    400,
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
);

#[tokio::test]
async fn rules_are_put_got_obeyed_and_deleted() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    let (status, code, message) = NO_RULES;
    let get = || proxy.administer("GET", "/photos?cors", "");
    assert_fails(&get().await, status, code, message);

    proxy.put_rules("photos", document(ORIGIN)).await;
    let got = get().await;
    assert_eq!(got.status(), 200);
    assert_eq!(got.headers()["content-type"], "application/xml");
    assert!(text(&got).contains(&format!("<AllowedOrigin>{ORIGIN}</AllowedOrigin>")), "{}", text(&got));
    let granted = proxy.preflight("/photos/a", ORIGIN).await;
    assert_eq!(
        (granted.status().as_u16(), line(&granted, "access-control-allow-origin")),
        (200, Some(ORIGIN.into()))
    );
    assert_eq!(proxy.preflight("/photos/a", "https://other.example.com").await.status(), 403);

    for _ in 0..2 {
        assert_eq!(proxy.administer("DELETE", "/photos?cors", "").await.status(), 204);
        assert_fails(&get().await, status, code, message);
        let (status, code, message) = NOT_ENABLED;
        assert_fails(&proxy.preflight("/photos/a", ORIGIN).await, status, code, message);
    }
}

/// Only the store knows which buckets exist. So no preflight tells it, and rules can be put before the bucket is there.
#[tokio::test]
async fn bucket_without_rules_refuses_preflights() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;
    let (status, code, message) = NOT_ENABLED;
    for target in
        ["/", "/other/a", "/..%2Fphotos/a", "//photos/a", "/photos%2F/a", "/Photos/a", "/photos.xml/a"]
    {
        assert_fails(&proxy.preflight(target, ORIGIN).await, status, code, message);
    }
}

/// A store that does not know `?cors` takes it for CreateBucket or DeleteBucket.
#[tokio::test]
async fn public_address_neither_accepts_nor_forwards_changes() {
    let mut between = Between::start().await;
    between.proxy.put_rules("photos", document(ORIGIN)).await;
    for target in ["/photos?cors", "/photos/?cors=", "/photos?x-id=a&%63ors", "/?cors"] {
        for method in ["GET", "PUT", "DELETE", "POST", "PATCH"] {
            let refused = between.proxy.send(method, target, &[]).await;
            assert_fails(&refused, 403, "AccessDenied", NOT_HERE);
        }
    }
    assert_eq!(between.proxy.administer("GET", "/photos?cors", "").await.status(), 200);
    // The first request that reaches the store is this one.
    let (arrived, _) = between.forward("GET /photos/a?cors HTTP/1.1\r\nhost: h\r\n\r\n", "\r\n\r\n").await;
    assert!(arrived.starts_with("GET /photos/a?cors HTTP/1.1\r\n"), "{arrived}");
}

/// Nothing authenticates them: a page that the rules allow to PUT could otherwise allow itself everything.
#[tokio::test]
async fn pages_cannot_change_rules() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    proxy.put_rules("photos", document(ORIGIN)).await;
    for origin in [ORIGIN, "null", &format!("http://{}", proxy.admin)] {
        for method in ["GET", "PUT", "DELETE"] {
            let request = request(method, "/photos?cors", &[("origin", origin)], document("*"));
            let refused = proxy.send_to(&proxy.admin, request).await;
            assert_fails(&refused, 403, "AccessDenied", "Web pages cannot change CORS rules.");
            assert_eq!(line(&refused, "access-control-allow-origin"), None);
            let headers = [("origin", origin), ("access-control-request-method", method)];
            for address in [&proxy.public, &proxy.admin] {
                let preflight = self::request("OPTIONS", "/photos?cors", &headers, "");
                let refused = proxy.send_to(address, preflight).await;
                assert_eq!(refused.status(), 403, "{}", text(&refused));
                assert_eq!(line(&refused, "access-control-allow-origin"), None);
            }
        }
    }
    let got = proxy.administer("GET", "/photos?cors", "").await;
    assert!(text(&got).contains(ORIGIN), "{}", text(&got));
}

#[tokio::test]
async fn invalid_requests_are_refused_in_the_words_of_s3() {
    let folder = folder();
    let proxy = Proxy::start(NO_STORE, &folder).await;
    let invalid_name = (400, "InvalidBucketName", "The specified bucket is not valid.");
    let no_bucket = "The request names no bucket. If its host does, start the proxy with --domain.";
    let not_allowed = "The specified method is not allowed against this resource.";
    let method = "Found unsupported HTTP method in CORS config. Unsupported method is PATCH";
    let patch = document("*").replace("<AllowedMethod>HEAD<", "<AllowedMethod>PATCH<");
    let long = document("*") + &" ".repeat(65_536);
    let cases = [
        ("PUT", "/photos?cors", "", MALFORMED),
        ("PUT", "/photos?cors", "not XML", MALFORMED),
        ("PUT", "/photos?cors", "[{\"AllowedOrigins\":[\"*\"],\"AllowedMethods\":[\"GET\"]}]", MALFORMED),
        ("PUT", "/photos?cors", &long, MALFORMED),
        ("PUT", "/photos?cors", &patch, (400, "InvalidRequest", method)),
        ("PUT", "/?cors", "", (400, "InvalidRequest", no_bucket)),
        ("POST", "/photos?cors", "", (405, "MethodNotAllowed", not_allowed)),
        ("PUT", "/..?cors", "", invalid_name),
        ("PUT", "/..%2Fa?cors", "", invalid_name),
        ("PUT", "/%2Fetc%2Fa?cors", "", invalid_name),
        ("PUT", "/a%00b?cors", "", invalid_name),
        ("GET", "/Photos?cors", "", invalid_name),
        ("DELETE", "/ab?cors", "", invalid_name),
    ];
    for (method, target, body, (status, code, message)) in cases {
        let refused = proxy.administer(method, target, body.to_owned()).await;
        assert_fails(&refused, status, code, message);
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[tokio::test]
async fn bucket_is_found_in_the_host() {
    let folder = folder();
    let proxy =
        Proxy::start_with(NO_STORE, &folder, &["--domain", "s3.example.com", "--domain", "localhost"]).await;
    let host = ("host", "photos.s3.example.com:8000");
    let put = request("PUT", "/?cors", &[host], document(ORIGIN));
    assert_eq!(proxy.send_to(&proxy.admin, put).await.status(), 200);
    let asked = [("origin", ORIGIN), ("access-control-request-method", "PUT")];
    for (host, target, status) in [
        ("photos.s3.example.com", "/a", 200),
        ("photos.localhost:80", "/a", 200),
        ("s3.example.com", "/photos/a", 200),
        ("photos.other.example.com", "/photos/a", 200),
        ("other.s3.example.com", "/photos/a", 403),
    ] {
        let headers = [&asked[..], &[("host", host)]].concat();
        let answer = proxy.send("OPTIONS", target, &headers).await;
        assert_eq!(answer.status(), status, "{host}{target}");
    }
}

/// Who creates a bucket of that name later does not get the rules of the old one.
#[tokio::test]
async fn deleted_bucket_loses_its_rules() {
    let cases = [
        ("DELETE /photos", "204 No Content", 404),
        ("DELETE /photos/?x-id=DeleteBucket", "204 No Content", 404),
        ("DELETE /photos", "409 Conflict", 200),
        ("DELETE /photos/a", "204 No Content", 200),
        ("DELETE /photos?policy", "204 No Content", 200),
        ("GET /photos", "200 OK", 200),
    ];
    for (start, status, rules) in cases {
        let mut between = Between::start().await;
        between.proxy.put_rules("photos", document(ORIGIN)).await;
        let request = format!("{start} HTTP/1.1\r\nhost: h\r\n\r\n");
        let (_, mut store) = between.forward(&request, "\r\n\r\n").await;
        store.write(format!("HTTP/1.1 {status}\r\n\r\n")).await;
        drop(store);
        assert!(between.client.read_head().await.starts_with(&format!("HTTP/1.1 {status}\r\n")));
        let got = between.proxy.administer("GET", "/photos?cors", "").await;
        assert_eq!(got.status(), rules, "{start}: {status}");
    }
}
