//! The site bucket: the page, and the API that its scripts use.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{json, Value};
use tower_s3_cors::document::{Location, Position};
use tower_s3_cors::error::{ParseFault, Problem};
use tower_s3_cors::lint::{Lint, Severity};
use tower_s3_cors::{CorsConfiguration, ParseError};

use crate::hosts::Hosts;
use crate::presets;
use crate::rules::{ApplyError, Rules};
use crate::traffic_log::TrafficLog;

const PAGE: [(&str, &str, &str); 8] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../page/style.css")),
    ("/main.js", SCRIPT, include_str!("../page/main.js")),
    ("/origins.js", SCRIPT, include_str!("../page/origins.js")),
    ("/tries.js", SCRIPT, include_str!("../page/tries.js")),
    ("/cards.js", SCRIPT, include_str!("../page/cards.js")),
    ("/editor.js", SCRIPT, include_str!("../page/editor.js")),
    ("/busy.js", SCRIPT, include_str!("../page/busy.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

#[derive(Clone)]
struct Site {
    hosts: Hosts,
    rules: Rules,
    traffic: TrafficLog,
}

pub fn router(hosts: &Hosts, rules: Rules, traffic: TrafficLog) -> Router {
    let assets = hosts.assets_origin();
    // The page may load from its own bucket and from the assets bucket only.
    let security_policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         connect-src 'self' {assets}; img-src 'self' {assets} data:; font-src {assets}"
    );
    let mut router: Router<Site> = Router::new()
        .route("/api/rules", get(read).put(apply))
        .route("/api/rules/as/{format}", post(convert))
        .route("/api/traffic", get(read_traffic));
    for (path, content_type, text) in PAGE {
        let headers = [
            (CONTENT_TYPE, content_type.to_owned()),
            (CONTENT_SECURITY_POLICY, security_policy.clone()),
            (CACHE_CONTROL, "no-cache".to_owned()),
        ];
        router = router.route(path, get(move || async move { (headers, text) }));
    }
    router.with_state(Site { hosts: hosts.clone(), rules, traffic })
}

async fn read(State(site): State<Site>) -> Json<Value> {
    Json(json!({
        "site": site.hosts.site_origin(),
        "assets": site.hosts.assets_origin(),
        "document": site.rules.document(),
        "presets": presets::all(&site.hosts),
    }))
}

async fn read_traffic(State(site): State<Site>) -> Json<Value> {
    Json(site.traffic.all())
}

/// Applies a document. Other sites cannot call this: a cross-origin PUT needs a granted preflight, and the site
/// bucket grants none.
async fn apply(State(site): State<Site>, document: String) -> Response {
    match site.rules.apply(&document) {
        Ok((document, lints)) => {
            let to_json = |lint: &Lint| {
                let message = format!("{} {}: {}", lint.severity(), lint.id(), lint.message());
                finding(lint.severity(), document.position(lint.location()), lint.location(), &message)
            };
            let lints = lints.iter().filter(|lint| lint.severity() > Severity::Info);
            Json(lints.map(to_json).collect::<Value>()).into_response()
        }
        Err(ApplyError::Parse(error)) => parse_faults(&error),
        Err(ApplyError::Invalid(document, error)) => {
            let to_json = |problem: &Problem| {
                let location = problem.location();
                finding("problem", document.position(location), location, problem.message())
            };
            rejected(error.problems().iter().map(to_json).collect())
        }
    }
}

fn finding(severity: impl ToString, position: Position, location: Location, message: &str) -> Value {
    json!({
        "severity": severity.to_string(),
        "line": position.line,
        "location": location.to_string(),
        "message": message,
    })
}

async fn convert(Path(format): Path<String>, document: String) -> Response {
    match (document.parse::<CorsConfiguration>(), format.as_str()) {
        (Ok(configuration), "xml") => configuration.to_xml().into_response(),
        (Ok(configuration), "json") => configuration.to_json().into_response(),
        (Ok(_), _) => StatusCode::NOT_FOUND.into_response(),
        (Err(error), _) => parse_faults(&error),
    }
}

fn parse_faults(error: &ParseError) -> Response {
    let to_json = |fault: &ParseFault| json!({ "severity": "problem", "line": fault.position().line, "message": fault.message() });
    rejected(error.faults().iter().map(to_json).collect())
}

fn rejected(problems: Value) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(problems)).into_response()
}
