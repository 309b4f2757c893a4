//! Several processes on one database.

use crate::postgres::Postgres;
use crate::server::{execute, rules, sqlite, Server, APP};

const SHOP: &str = "https://shop.example.net";

#[tokio::test]
async fn processes_on_one_postgres_see_each_others_changes_within_a_second() {
    let postgres = Postgres::start().await;
    see_each_others_changes(&postgres.url()).await;

    // By any other program too, in whatever way it changes the table.
    let database = postgres.url();
    let server = Server::start(&database).await;
    server.grants_within_a_second("acme", SHOP, true).await;
    for (statement, tenant, expected) in [
        ("UPDATE tenants SET name = 'globex' WHERE name = 'acme'", "acme", false),
        ("SELECT 1", "globex", true),
        ("TRUNCATE tenants", "globex", false),
    ] {
        execute(&database, statement).await;
        server.grants_within_a_second(tenant, SHOP, expected).await;
    }
}

#[tokio::test]
async fn processes_on_one_sqlite_file_see_each_others_changes_within_a_second() {
    let (_folder, database) = sqlite();
    see_each_others_changes(&database).await;
}

async fn see_each_others_changes(database: &str) {
    // At the same time, so that both want to create the table.
    let (one, other) = tokio::join!(Server::start(database), Server::start(database));
    for server in [&one, &other] {
        assert!(!server.grants("acme", APP).await);
    }
    // Often enough that a change between a query and its result would be missed now and then.
    for (writer, reader) in [(&one, &other), (&other, &one)].into_iter().cycle().take(20) {
        for (origin, former) in [(APP, SHOP), (SHOP, APP)] {
            assert_eq!(writer.put("acme", &rules(origin)).await.0, 204);
            reader.grants_within_a_second("acme", origin, true).await;
            assert!(!reader.grants("acme", former).await);
        }
    }
}
