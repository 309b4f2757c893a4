//! PostgreSQL goes away, or becomes silent, and comes back.

use std::time::{Duration, Instant};

use crate::postgres::Postgres;
use crate::server::{execute, rules, Server, APP};

const SHOP: &str = "https://shop.example.net";

#[tokio::test]
async fn last_good_rules_stay_in_force_while_the_database_is_away() {
    let mut postgres = Postgres::start().await;
    let mut server = Server::start(&postgres.url()).await;
    server.put("acme", &rules(APP)).await;
    assert!(server.grants("acme", APP).await);

    postgres.stop().await;
    let away = server.error().await;
    assert!(away.starts_with("the database is away, the last good rules stay in force: "), "{away}");
    let start = Instant::now();
    for _ in 0..20 {
        assert!(server.grants("acme", APP).await);
        assert!(!server.grants("acme", SHOP).await);
    }
    assert!(start.elapsed() < Duration::from_secs(1), "requests wait for a database that is away");
    let unknown = server.send("GET", "/api/globex/notes", &[], "").await;
    assert_eq!(unknown.status(), 503);
    assert_eq!(unknown.into_body(), "the database does not answer\n");
    let (status, message) = server.put("acme", &rules(SHOP)).await;
    assert_eq!(status, 503);
    assert!(message.starts_with("the database does not answer: "), "{message}");
    assert!(server.grants("acme", APP).await);

    postgres.serve().await;
    // Nobody listened to this change, or the server did already: both are right.
    let statement = format!("UPDATE tenants SET rules = '{}'", rules(SHOP));
    execute(&postgres.url(), &statement).await;
    assert_eq!(server.error().await, "the database is back");
    server.grants_within_a_second("acme", SHOP, true).await;
    assert!(!server.grants("acme", APP).await);
    assert_eq!(server.errors_after_kill().await, [""; 0]);
}

#[tokio::test]
async fn silent_database_is_noticed() {
    let postgres = Postgres::start().await;
    let mut server = Server::start(&postgres.url()).await;
    server.put("acme", &rules(APP)).await;
    assert!(server.grants("acme", APP).await);

    postgres.signal("-STOP").await;
    assert_eq!(
        server.error().await,
        "the database is away, the last good rules stay in force: no answer within 2s"
    );
    assert!(server.grants("acme", APP).await);
    let unknown = server.send("GET", "/api/globex/notes", &[], "").await;
    assert_eq!(unknown.status(), 503);

    postgres.signal("-CONT").await;
    assert_eq!(server.error().await, "the database is back");
    server.grants_within_a_second("globex", APP, false).await;
    assert!(server.grants("acme", APP).await);
}
