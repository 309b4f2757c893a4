//! Each framework over TCP: what a page gets is the same everywhere.

use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use frameworks::Failure;
use http::Response;
use test_support::answers::line;
use test_support::example::{connect, request, send_on, text};
use tokio::net::TcpListener;
use tower_s3_cors::{CorsLayer, CorsPolicy, CorsRule};

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://other.example.net";

fn policy() -> CorsPolicy {
    let rule = CorsRule::new([APP], ["GET", "POST", "DELETE"]).allow_headers(["content-type"]);
    rule.expose_headers(["x-request-id"]).max_age(60).try_into().expect("a policy")
}

/// Serves on a free port for as long as the test runs.
async fn start<F>(serve: impl FnOnce(TcpListener) -> F) -> SocketAddr
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(serve(listener));
    address
}

/// A request of a page that the framework answers, and what its answer has in it.
struct Call {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    answer: &'static str,
    /// What the framework itself says in Vary.
    vary: &'static str,
}

const GET: Call =
    Call { method: "GET", path: "/hello", headers: &[], body: "", answer: "hello", vary: "Origin" };

async fn send(address: SocketAddr, call: &Call, origin: &str) -> Response<Bytes> {
    let host = address.to_string();
    let page = [("host", host.as_str()), ("origin", origin)];
    let request = request(call.method, call.path, &[&page, call.headers].concat(), call.body);
    send_on(&mut connect(&host).await, request).await
}

async fn preflight(address: SocketAddr, call: &Call, origin: &str, names: &str) -> Response<Bytes> {
    let host = address.to_string();
    let headers = [
        ("host", host.as_str()),
        ("origin", origin),
        ("access-control-request-method", call.method),
        ("access-control-request-headers", names),
    ];
    send_on(&mut connect(&host).await, request("OPTIONS", call.path, &headers, "")).await
}

async fn check(address: SocketAddr, call: &Call) {
    let response = send(address, call, APP).await;
    assert_eq!(response.status(), 200, "{}", text(&response));
    assert!(text(&response).contains(call.answer), "{}", text(&response));
    assert_eq!(line(&response, "access-control-allow-origin").as_deref(), Some(APP));
    assert_eq!(line(&response, "access-control-expose-headers").as_deref(), Some("x-request-id"));
    assert_eq!(line(&response, "vary").as_deref(), Some(call.vary));

    let response = send(address, call, OTHER).await;
    assert_eq!(response.status(), 200);
    assert_eq!(line(&response, "access-control-allow-origin"), None);
    assert_eq!(line(&response, "vary").as_deref(), Some(call.vary));

    let granted = preflight(address, call, APP, "content-type").await;
    assert_eq!((granted.status().as_u16(), text(&granted)), (204, ""));
    assert_eq!(line(&granted, "access-control-allow-origin").as_deref(), Some(APP));
    assert_eq!(line(&granted, "access-control-allow-headers").as_deref(), Some("content-type"));
    assert_eq!(line(&granted, "access-control-max-age").as_deref(), Some("60"));

    for (origin, names) in [(OTHER, "content-type"), (APP, "x-other")] {
        let refused = preflight(address, call, origin, names).await;
        assert_eq!((refused.status().as_u16(), text(&refused)), (403, ""), "{origin}, {names}");
        assert_eq!(line(&refused, "access-control-allow-origin"), None);
    }

    // A page reads errors too.
    let missing = send(address, &Call { path: "/missing", ..GET }, APP).await;
    assert!(missing.status().is_client_error(), "{}", missing.status());
    assert_eq!(line(&missing, "access-control-allow-origin").as_deref(), Some(APP));
}

#[tokio::test]
async fn salvo() {
    check(start(|listener| frameworks::salvo::serve(listener, policy())).await, &GET).await;
}

/// The mistake that the guide warns of.
#[tokio::test]
async fn salvo_router_passes_no_preflight_to_its_hoops() {
    use salvo::conn::tcp::TcpAcceptor;
    use salvo::prelude::{Router, TowerLayerCompat};
    let address = start(|listener| async {
        let hoop = CorsLayer::new(policy()).compat();
        let router = Router::with_path("hello").hoop(hoop).get(salvo::handler::empty());
        Ok(salvo::Server::new(TcpAcceptor::try_from(listener)?).try_serve(router).await?)
    });
    let unanswered = preflight(address.await, &GET, APP, "content-type").await;
    assert!(unanswered.status().is_client_error(), "{}", unanswered.status());
    assert_eq!(line(&unanswered, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn warp() {
    check(start(|listener| frameworks::warp::serve(listener, policy())).await, &GET).await;
}

#[tokio::test]
async fn jsonrpsee() {
    let call = Call {
        method: "POST",
        path: "/",
        headers: &[("content-type", "application/json")],
        body: r#"{"jsonrpc": "2.0", "id": 1, "method": "hello"}"#,
        answer: r#""result":"hello""#,
        ..GET
    };
    check(start(|listener| frameworks::jsonrpsee::serve(listener, policy())).await, &call).await;
}

#[tokio::test]
async fn rmcp() {
    let call = Call {
        method: "POST",
        path: "/mcp",
        headers: &[("content-type", "application/json"), ("accept", "application/json, text/event-stream")],
        body: r#"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18",
                  "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}"#,
        answer: r#""serverInfo""#,
        ..GET
    };
    let address = start(|listener| frameworks::rmcp::serve(listener, policy())).await;
    check(address, &call).await;

    // A host that rmcp does not know.
    let elsewhere = [("host", "mcp.example.com"), ("origin", APP)];
    let elsewhere = request(call.method, call.path, &[&elsewhere, call.headers].concat(), call.body);
    let refused = send_on(&mut connect(&address.to_string()).await, elsewhere).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(line(&refused, "access-control-allow-origin").as_deref(), Some(APP));

    let policy = frameworks::rmcp::policy(APP).expect("a policy");
    let address = start(|listener| frameworks::rmcp::serve(listener, policy)).await;
    let response = send(address, &call, APP).await;
    assert!(line(&response, "mcp-session-id").is_some());
    let exposed = line(&response, "access-control-expose-headers");
    assert_eq!(exposed.as_deref(), Some("mcp-session-id, www-authenticate"));
    for method in ["GET", "POST", "DELETE"] {
        let names = "authorization,content-type,last-event-id,mcp-protocol-version,mcp-session-id";
        let granted = preflight(address, &Call { method, ..call }, APP, names).await;
        assert_eq!(granted.status(), 204, "{method}");
    }
}

#[tokio::test]
async fn poem() {
    check(start(|listener| frameworks::poem::serve(listener, policy())).await, &GET).await;
}

#[tokio::test]
async fn actix_web() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    // Its own runtime. The thread ends with the tests.
    std::thread::spawn(|| {
        actix_web::rt::System::new().block_on(frameworks::actix_web::serve(listener, policy()))
    });
    check(address, &GET).await;
}
