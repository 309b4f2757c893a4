//! The app's answers follow the bucket's rules.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};

use axum::routing::get;
use axum::Router;
use test_support::answers::line;
use test_support::example::text;
use tokio::net::TcpListener;

use crate::server::Server;
use crate::store::Store;

const APP: &str = "https://app.example.com";
const SHOP: &str = "https://shop.example.net";

#[tokio::test]
async fn app_follows_the_bucket_server() {
    follows(Store::bucket_server("127.0.0.1:0").await).await;
}

#[tokio::test]
#[ignore = "needs the Python package moto, which .ci/programs installs"]
async fn app_follows_moto() {
    follows(Store::moto().await).await;
}

async fn follows(store: Store) {
    store.fill().await;
    store.put_rule(APP).await;
    let mut server = Server::start(&store.address).await;

    assert_object_is_whole(&server).await;
    let asked = [
        ("origin", APP),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "x-trace"),
    ];
    let preflight = server.send("OPTIONS", &asked).await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(line(&preflight, "access-control-max-age").as_deref(), Some("60"));
    assert_eq!(line(&preflight, "access-control-allow-headers").as_deref(), Some("x-trace"));
    assert!(!server.grants(SHOP).await);

    store.put_rule(SHOP).await;
    server.grants_soon(SHOP, true).await;
    assert!(!server.grants(APP).await);
    assert_eq!(server.error().await, "the bucket's rules have changed");

    store.delete_rules().await;
    server.grants_soon(SHOP, false).await;
    let response = server.send("GET", &[("origin", SHOP)]).await;
    assert_eq!((response.status().as_u16(), line(&response, "vary").as_deref()), (200, Some("Origin")));
    // No rules, no layer: the app knows no OPTIONS.
    let preflight = server.send("OPTIONS", &asked).await;
    assert_eq!((preflight.status().as_u16(), line(&preflight, "access-control-allow-origin")), (405, None));
    let missing = server.send_to("GET", "/gone.txt", &[("origin", APP)]).await;
    assert_eq!((missing.status().as_u16(), text(&missing)), (404, "there is no such object\n"));
}

async fn assert_object_is_whole(server: &Server) {
    let response = server.send("GET", &[("origin", APP)]).await;
    assert_eq!((response.status().as_u16(), text(&response)), (200, "a cat\n"));
    for (name, value) in [
        ("access-control-allow-origin", APP),
        ("access-control-expose-headers", "ETag"),
        ("content-length", "6"),
        ("content-type", "text/plain"),
        ("etag", "\"955f01223dc708f928a8b5384df20a28\""),
        ("vary", "Origin"),
    ] {
        assert_eq!(line(&response, name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn last_good_rules_stay_in_force_while_the_store_is_away() {
    let mut store = Store::bucket_server("127.0.0.1:0").await;
    store.fill().await;
    store.put_rule(APP).await;
    let mut server = Server::start(&store.address).await;
    assert!(server.grants(APP).await);

    store.kill().await;
    let away = server.error().await;
    assert!(
        away.starts_with("the last good rules stay in force: cannot read the rules of \"photos\": "),
        "{away}"
    );
    // The page is told that the store is away.
    let response = server.send("GET", &[("origin", APP)]).await;
    assert_eq!((response.status().as_u16(), text(&response)), (502, "the store does not answer\n"));
    assert_eq!(line(&response, "access-control-allow-origin").as_deref(), Some(APP));
    assert!(server.error().await.starts_with("cannot read \"2024/cat.txt\": "));

    // Back, without its bucket: that is a failure too. Then with other rules.
    let store = Store::bucket_server(&store.address).await;
    assert!(server.grants(APP).await);
    store.fill().await;
    store.put_rule(SHOP).await;
    server.grants_soon(SHOP, true).await;
    assert!(!server.grants(APP).await);
}

#[tokio::test]
async fn invalid_rules_leave_the_last_good_ones_in_force() {
    // A store that accepts anything.
    let origin = Arc::new(Mutex::new(APP));
    let shared = origin.clone();
    let answer = move || async move {
        let origin = *shared.lock().expect("no panic");
        format!(
            "<CORSConfiguration><CORSRule><AllowedOrigin>{origin}</AllowedOrigin>\
             <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
        )
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    tokio::spawn(axum::serve(listener, Router::new().fallback(get(answer))).into_future());

    let mut server = Server::start(&address).await;
    assert!(server.grants(APP).await);
    *origin.lock().expect("no panic") = "https://*.*.example.com";
    assert_eq!(
        server.error().await,
        "the last good rules stay in force: the rules of \"photos\" are invalid: invalid CORS configuration: \
         CORSRules[0].AllowedOrigins[0]: \"https://*.*.example.com\" has more than one \"*\"; write one (it matches \
         dots too) or an entry for each origin"
    );
    assert!(server.grants(APP).await);
    *origin.lock().expect("no panic") = SHOP;
    assert_eq!(server.error().await, "the bucket's rules have changed");
    assert_eq!(server.error().await, "the bucket's rules are read again");
    assert!(server.grants(SHOP).await && !server.grants(APP).await);
}
