//! Rules of tenants, in SQLite.

use test_support::answers::line;
use test_support::example::text;

use crate::server::{execute, rules, sqlite, Server, APP};

const SHOP: &str = "https://shop.example.net";

#[tokio::test]
async fn each_tenant_has_its_own_rules() {
    let (_folder, database) = sqlite();
    let server = Server::start(&database).await;
    assert_eq!(server.put("acme", &rules(APP)).await, (204, String::new()));
    assert_eq!(server.put("globex", &rules(SHOP)).await, (204, String::new()));
    for (tenant, origin, expected) in [
        ("acme", APP, true),
        ("acme", SHOP, false),
        ("globex", APP, false),
        ("globex", SHOP, true),
        ("initech", APP, false),
        // The policy is looked up by the name that the routes see.
        ("acm%65", APP, true),
        ("acm%65", SHOP, false),
        ("", APP, false),
    ] {
        assert_eq!(server.grants(tenant, origin).await, expected, "{tenant}, {origin}");
    }

    let response = server.send("GET", "/api/acme/notes", &[("origin", APP)], "").await;
    assert_eq!((response.status().as_u16(), text(&response)), (200, "the notes of acme\n"));
    assert_eq!(line(&response, "access-control-allow-origin").as_deref(), Some(APP));
    let unknown = server.send("GET", "/api/initech/notes", &[("origin", APP)], "").await;
    assert_eq!((unknown.status().as_u16(), line(&unknown, "access-control-allow-origin")), (200, None));
    assert_eq!(server.send("GET", "/nowhere", &[("origin", APP)], "").await.status(), 404);
}

#[tokio::test]
async fn pages_of_other_origins_cannot_change_rules() {
    let (_folder, database) = sqlite();
    let server = Server::start(&database).await;
    server.put("acme", &rules(APP)).await;
    let headers = [("origin", APP), ("access-control-request-method", "PUT")];
    let preflight = server.send("OPTIONS", "/rules/acme", &headers, "").await;
    assert_eq!(preflight.status(), 405);
    assert_eq!(line(&preflight, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn invalid_rules_are_refused_with_all_problems() {
    let (_folder, database) = sqlite();
    let server = Server::start(&database).await;
    server.put("acme", &rules(APP)).await;
    let invalid = r#"[
  { "AllowedOrigins": ["https://*.*.example.com", "https://app.example.com/"], "AllowedMethods": ["FETCH"] }
]"#;
    let problems = r#"invalid CORS configuration:
  line 2, column 24: CORSRules[0].AllowedOrigins[0]: "https://*.*.example.com" has more than one "*"; write one (it matches dots too) or an entry for each origin
  line 2, column 51: CORSRules[0].AllowedOrigins[1]: "https://app.example.com/" never matches: an origin does not end in "/"; write "https://app.example.com" (O09)
  line 2, column 99: CORSRules[0].AllowedMethods[0]: "FETCH" is not one of GET, PUT, POST, DELETE, HEAD (an extended policy accepts it)
"#;
    assert_eq!(server.put("acme", invalid).await, (422, problems.to_owned()));
    assert!(server.grants("acme", APP).await);
    let stored = server.send("GET", "/rules/acme", &[], "").await;
    assert_eq!(text(&stored), rules(APP));

    let long = "a".repeat(64);
    let refused = server.put(&long, &rules(APP)).await;
    assert_eq!(refused, (422, "the name of a tenant has at most 63 bytes\n".into()));
    let large = " ".repeat(64 * 1024 + 1);
    assert_eq!(server.put("acme", &large).await.0, 413);
}

#[tokio::test]
async fn changes_are_in_force_at_once_and_after_a_restart() {
    let (_folder, database) = sqlite();
    let server = Server::start(&database).await;
    server.put("acme", &rules(APP)).await;
    assert!(server.grants("acme", APP).await);
    server.put("acme", &rules(SHOP)).await;
    assert!(server.grants("acme", SHOP).await && !server.grants("acme", APP).await);
    drop(server);

    let server = Server::start(&database).await;
    assert!(server.grants("acme", SHOP).await && !server.grants("acme", APP).await);
    assert_eq!(server.send("DELETE", "/rules/acme", &[], "").await.status(), 204);
    assert!(!server.grants("acme", SHOP).await);
    let gone = server.send("GET", "/rules/acme", &[], "").await;
    assert_eq!((gone.status().as_u16(), text(&gone)), (404, "there is no tenant \"acme\"\n"));
}

#[tokio::test]
async fn invalid_rules_in_the_database_leave_the_last_good_ones_in_force() {
    let (_folder, database) = sqlite();
    let mut server = Server::start(&database).await;
    server.put("acme", &rules(APP)).await;
    assert!(server.grants("acme", APP).await);
    execute(&database, "UPDATE tenants SET rules = '[{\"AllowedMethods\": [\"GET\"]}]'").await;
    execute(&database, "INSERT INTO tenants VALUES ('globex', 'none')").await;

    // Each is read by the first request after the change was noticed.
    let said = server.said_on_request("acme").await;
    assert_eq!(
        said,
        "the rules of \"acme\" in the database are invalid, the last good ones stay in force: invalid CORS configuration: \
         line 1, column 2: CORSRules[0].AllowedOrigins: at least one origin is needed"
    );
    assert!(server.grants("acme", APP).await);
    let said = server.said_on_request("globex").await;
    assert_eq!(
        said,
        "the rules of \"globex\" in the database are invalid, none are in force: invalid CORS document: line 1, \
         column 1: expected XML or JSON, which begin with \"<\", \"{\" or \"[\""
    );
    assert!(!server.grants("globex", APP).await);
}
