//! CORS when rules change, on errors, and in both addressing styles.

use bytes::Bytes;
use http::Response;

use crate::answers::{element_of, line};
use crate::server::{assert_fails, error, header, request, text, Server};

const APP: (&str, &str) = ("origin", "https://app.example.com");
const OTHER: (&str, &str) = ("origin", "https://other.example.com");
const REQUESTS_GET: (&str, &str) = ("access-control-request-method", "GET");

fn rules(origin: &str) -> String {
    let methods = ["GET", "PUT", "POST", "DELETE", "HEAD"]
        .map(|method| format!("<AllowedMethod>{method}</AllowedMethod>"))
        .concat();
    let rule = format!("<AllowedOrigin>{origin}</AllowedOrigin>{methods}<AllowedHeader>*</AllowedHeader>");
    format!("<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>")
}

fn allow_origin(response: &Response<Bytes>) -> Option<String> {
    line(response, "access-control-allow-origin")
}

async fn put_rules(server: &Server, origin: &str) {
    assert_eq!(server.put("/notes?cors", rules(origin)).await.status(), 200);
}

#[tokio::test]
async fn request_that_changes_the_rules_is_evaluated_under_the_old_ones() {
    let server = Server::with_bucket().await;
    let put = |from, origin| server.send(request("PUT", "/notes?cors", &[from], rules(origin)));
    let delete = |target| server.send(request("DELETE", target, &[OTHER], ""));

    assert_eq!(allow_origin(&put(APP, APP.1).await), None, "there were no rules before");
    assert_eq!(allow_origin(&put(APP, OTHER.1).await).as_deref(), Some(APP.1));
    assert_eq!(allow_origin(&put(APP, OTHER.1).await), None);
    assert_eq!(allow_origin(&put(OTHER, OTHER.1).await).as_deref(), Some(OTHER.1));

    let deleted = delete("/notes?cors").await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(allow_origin(&deleted).as_deref(), Some(OTHER.1));
    let deleted = delete("/notes?cors").await;
    assert_eq!((deleted.status().as_u16(), allow_origin(&deleted)), (204, None));
    assert_fails(&server.get("/notes?cors").await, 404, "NoSuchCORSConfiguration");

    put_rules(&server, OTHER.1).await;
    let deleted = delete("/notes").await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(allow_origin(&deleted).as_deref(), Some(OTHER.1));
    let deleted = delete("/notes").await;
    assert_fails(&deleted, 404, "NoSuchBucket");
    assert_eq!(allow_origin(&deleted), None);
}

#[tokio::test]
async fn bucket_that_is_created_again_has_no_rules() {
    let server = Server::with_bucket().await;
    put_rules(&server, APP.1).await;
    assert_eq!(server.delete("/notes").await.status(), 204);
    assert_eq!(server.put("/notes", "").await.status(), 200);
    assert_fails(&server.get("/notes?cors").await, 404, "NoSuchCORSConfiguration");
}

#[tokio::test]
async fn invalid_rules_do_not_replace_the_old_ones() {
    let server = Server::with_bucket().await;
    put_rules(&server, APP.1).await;
    assert_fails(&server.put("/notes?cors", rules("https://*.*.net")).await, 400, "InvalidRequest");
    assert_fails(&server.put("/notes?cors", "<CORSConfiguration>").await, 400, "MalformedXML");
    assert_fails(&server.put("/notes?cors", "").await, 400, "MalformedXML");
    assert_fails(&server.put("/other?cors", rules("*")).await, 404, "NoSuchBucket");
    let answer = server.send(request("GET", "/notes", &[APP], "")).await;
    assert_eq!(allow_origin(&answer).as_deref(), Some(APP.1));
}

#[tokio::test]
async fn error_responses_have_cors_headers() {
    let server = Server::with_bucket().await;
    put_rules(&server, APP.1).await;
    let long = format!("/notes/{}", "k".repeat(1025));
    let errors = [
        ("GET", "/notes/none", 404, "NoSuchKey"),
        ("GET", "/notes?website", 404, "NoSuchWebsiteConfiguration"),
        ("GET", "/notes?max-keys=many", 400, "InvalidArgument"),
        ("GET", "/notes/%ff", 400, "InvalidURI"),
        ("GET", &long, 400, "KeyTooLongError"),
        ("PUT", "/notes?acl", 501, "NotImplemented"),
        ("POST", "/notes/none?uploads", 501, "NotImplemented"),
    ];
    for (method, target, status, code) in errors {
        let answer = server.send(request(method, target, &[APP], "")).await;
        assert_fails(&answer, status, code);
        assert_eq!(allow_origin(&answer).as_deref(), Some(APP.1), "{method} {target}");
        let refused = server.send(request(method, target, &[OTHER], "")).await;
        assert_fails(&refused, status, code);
        assert_eq!(allow_origin(&refused), None, "{method} {target}");
    }
}

/// Also the layer's own responses; the ids in an error body are those in the headers.
#[tokio::test]
async fn every_response_has_unique_ids() {
    let server = Server::with_bucket().await;
    put_rules(&server, APP.1).await;
    let requests = [
        request("OPTIONS", "/notes/key", &[APP, REQUESTS_GET], ""),
        request("GET", "/notes", &[], ""),
        request("PUT", "/notes/key", &[], "text"),
        request("DELETE", "/notes/key", &[], ""),
        request("HEAD", "/notes/key", &[], ""),
        request("GET", "/", &[], ""),
        request("OPTIONS", "/notes/key", &[OTHER, REQUESTS_GET], ""),
        request("OPTIONS", "/notes/key", &[], ""),
        request("OPTIONS", "/other", &[APP, REQUESTS_GET], ""),
        request("OPTIONS", "/", &[APP, REQUESTS_GET], ""),
        request("GET", "/other", &[], ""),
        request("POST", "/", &[], ""),
        request("BREW", "/notes/key", &[], ""),
    ];
    let mut seen = Vec::new();
    for request in requests {
        let name = format!("{} {}", request.method(), request.uri());
        let answer = server.send(request).await;
        let id = header(&answer, "x-amz-request-id");
        assert!(!id.is_empty() && !header(&answer, "x-amz-id-2").is_empty(), "{name}");
        assert!(!seen.contains(&id), "{name}: duplicate {id}");
        if answer.status().as_u16() >= 400 && !name.starts_with("HEAD") {
            error(&answer);
        }
        seen.push(id);
    }
}

#[tokio::test]
async fn virtual_hosted_style_requests_reach_their_bucket() {
    let server = Server::start().await;
    let port = server.address.rsplit(':').next().expect("a port");
    let host = format!("my.notes.localhost:{port}");
    let send = |host: &str, method, target, body: &str| {
        let headers = [("host", host), APP, REQUESTS_GET];
        server.send(request(method, target, &headers, body.to_owned()))
    };

    assert_eq!(send(&host, "PUT", "/", "").await.status(), 200);
    assert_eq!(send(&host, "PUT", "/?cors", &rules(APP.1)).await.status(), 200);
    assert_eq!(send(&host, "PUT", "/a/b%20c", "text").await.status(), 200);
    // A key may begin with the bucket's name.
    assert_eq!(send(&host, "PUT", "/my.notes/b", "other").await.status(), 200);
    assert_eq!(text(&server.get("/my.notes/a/b%20c").await), "text");
    assert_eq!(text(&server.get("/my.notes/my.notes/b").await), "other");

    for host in [&host, "MY.Notes.LOCALHOST", "my.notes.localhost"] {
        let answer = send(host, "GET", "/a/b%20c", "").await;
        assert_eq!((answer.status().as_u16(), text(&answer)), (200, "text"), "{host}");
        assert_eq!(allow_origin(&answer).as_deref(), Some(APP.1), "{host}");
        assert_eq!(send(host, "OPTIONS", "/a/b%20c", "").await.status(), 200, "{host}");
    }
    let listed = send(&host, "GET", "/?list-type=2", "").await;
    assert_eq!(element_of(text(&listed), "KeyCount"), "2");
    assert_fails(&send("other.localhost", "GET", "/", "").await, 404, "NoSuchBucket");
    for host in ["localhost", "127.0.0.1", "example.com", "[::1]:80"] {
        assert_eq!(text(&send(host, "GET", "/my.notes/my.notes/b", "").await), "other", "{host}");
    }
}

/// In both addressing styles.
#[tokio::test]
async fn error_of_a_preflight_names_the_resource_type() {
    let server = Server::with_bucket().await;
    put_rules(&server, APP.1).await;
    let targets = [
        ("localhost", "/notes", "BUCKET"),
        ("localhost", "/notes/", "BUCKET"),
        ("localhost", "/notes?list-type=2", "BUCKET"),
        ("localhost", "/notes/key", "OBJECT"),
        ("localhost", "/notes//", "OBJECT"),
        ("notes.localhost", "/", "BUCKET"),
        ("notes.localhost", "/?prefix=a/b", "BUCKET"),
        ("notes.localhost", "/key", "OBJECT"),
        ("notes.localhost", "/notes/", "OBJECT"),
    ];
    for (host, target, resource) in targets {
        let headers = [("host", host), OTHER, REQUESTS_GET];
        let answer = server.send(request("OPTIONS", target, &headers, "")).await;
        assert_fails(&answer, 403, "AccessForbidden");
        assert_eq!(element_of(text(&answer), "ResourceType"), resource, "{host}{target}");
    }
}
