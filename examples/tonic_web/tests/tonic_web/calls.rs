//! Calls by gRPC-web, granted and refused.

use bytes::Bytes;
use http::Response;
use prost::Message;
use test_support::answers::line;

use crate::server::{Server, APP};

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

/// One byte of flags, four of length, and the message.
fn frame(text: &str) -> Bytes {
    let message = Text { text: text.into() }.encode_to_vec();
    let length = u32::try_from(message.len()).expect("a short message").to_be_bytes();
    [&[0], &length[..], &message].concat().into()
}

async fn call(server: &Server, origin: &str, name: &str) -> Response<Bytes> {
    let headers = [("origin", origin), ("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")];
    server.send("POST", &headers, frame(name)).await
}

fn exposed(response: &Response<Bytes>) -> String {
    line(response, "access-control-expose-headers").unwrap_or_default().to_lowercase()
}

#[tokio::test]
async fn preflight_of_grpc_web_is_granted() {
    let server = Server::start().await;
    for (origin, names, status) in [
        (APP, "content-type,x-grpc-web", 204),
        (APP, "content-type,grpc-timeout,x-grpc-web,x-user-agent", 204),
        (APP, "authorization,content-type", 403),
        ("https://other.example.net", "content-type,x-grpc-web", 403),
    ] {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", names),
        ];
        let preflight = server.send("OPTIONS", &headers, "").await;
        assert_eq!(preflight.status(), status, "{origin}, {names}");
        let allowed = line(&preflight, "access-control-allow-headers");
        assert_eq!(allowed.as_deref(), (status == 204).then_some(names), "{origin}, {names}");
    }
}

#[tokio::test]
async fn reply_and_trailers_are_in_the_body() {
    let server = Server::start().await;
    let reply = call(&server, APP, "browser").await;
    assert_eq!(reply.status(), 200);
    assert_eq!(line(&reply, "access-control-allow-origin").as_deref(), Some(APP));
    assert_eq!(line(&reply, "content-type").as_deref(), Some("application/grpc-web+proto"));
    let trailers = b"\x80\x00\x00\x00\x0fgrpc-status:0\r\n";
    assert_eq!(reply.body(), &[&frame("hello, browser"), &trailers[..]].concat());
}

#[tokio::test]
async fn status_of_a_failed_call_is_in_exposed_headers() {
    let server = Server::start().await;
    let failed = call(&server, APP, "").await;
    assert_eq!(failed.status(), 200);
    assert_eq!(line(&failed, "grpc-status").as_deref(), Some("3"));
    assert_eq!(line(&failed, "grpc-message").as_deref(), Some("the%20name%20is%20missing"));
    assert_eq!(exposed(&failed), "grpc-status, grpc-message, grpc-status-details-bin");
    assert_eq!(line(&failed, "access-control-allow-origin").as_deref(), Some(APP));
}

#[tokio::test]
async fn pages_of_other_origins_read_nothing() {
    let server = Server::start().await;
    for name in ["browser", ""] {
        let reply = call(&server, "https://other.example.net", name).await;
        assert_eq!((line(&reply, "access-control-allow-origin"), exposed(&reply)), (None, String::new()));
        assert_eq!(line(&reply, "vary").as_deref(), Some("Origin"));
    }
}
