//! The bucket with the site: the page, and what its script asks of this process.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{json, Value};
use tower_s3_cors::{CorsConfiguration, Lint, ParseError, Problem};

use crate::hosts::Hosts;
use crate::presets;
use crate::rules::{Refusal, Rules};
use crate::traffic_log::TrafficLog;

const PAGE: [(&str, &str, &str); 9] = [
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/origins.js", SCRIPT, include_str!("page/origins.js")),
    ("/tries.js", SCRIPT, include_str!("page/tries.js")),
    ("/cards.js", SCRIPT, include_str!("page/cards.js")),
    ("/editor.js", SCRIPT, include_str!("page/editor.js")),
    ("/busy.js", SCRIPT, include_str!("page/busy.js")),
    ("/places.js", SCRIPT, include_str!("page/places.js")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";

#[derive(Clone)]
struct Site {
    hosts: Hosts,
    rules: Rules,
    exchanges: TrafficLog,
}

pub fn router(hosts: &Hosts, rules: Rules, exchanges: TrafficLog) -> Router {
    let assets = hosts.assets_origin();
    // What the page may load: itself and the other bucket, nothing from elsewhere.
    let sources = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         connect-src 'self' {assets}; img-src 'self' {assets} data:; font-src {assets}"
    );
    let mut router: Router<Site> = Router::new()
        .route("/api/rules", get(read).put(apply))
        .route("/api/rules/as/{format}", post(convert))
        .route("/api/exchanges", get(seen));
    for (path, content_type, text) in PAGE {
        let headers = [
            (CONTENT_TYPE, content_type.to_owned()),
            (CONTENT_SECURITY_POLICY, sources.clone()),
            (CACHE_CONTROL, "no-cache".to_owned()),
        ];
        router = router.route(path, get(move || async move { (headers, text) }));
    }
    router.with_state(Site { hosts: hosts.clone(), rules, exchanges })
}

async fn read(State(site): State<Site>) -> Json<Value> {
    Json(json!({
        "site": site.hosts.site_origin(),
        "assets": site.hosts.assets_origin(),
        "document": site.rules.document(),
        "sets": presets::all(&site.hosts),
    }))
}

async fn seen(State(site): State<Site>) -> Json<Value> {
    Json(site.exchanges.all())
}

/// Only this page can send it: to a page of another origin a PUT needs leave, which the site gives to none.
async fn apply(State(site): State<Site>, document: String) -> Response {
    match site.rules.apply(&document) {
        Ok(lints) => {
            let found = |lint: &Lint| finding(lint.severity(), lint.location().to_string(), lint);
            Json(lints.iter().map(found).collect::<Value>()).into_response()
        }
        Err(Refusal::Unreadable(error)) => unreadable(&error),
        Err(Refusal::Invalid(error)) => {
            let found = |problem: &Problem| finding("problem", problem.location().to_string(), problem);
            refused(error.problems().iter().map(found).collect())
        }
    }
}

fn finding(severity: impl ToString, path: String, text: &impl ToString) -> Value {
    json!({ "severity": severity.to_string(), "path": path, "text": text.to_string() })
}

async fn convert(Path(format): Path<String>, document: String) -> Response {
    match (document.parse::<CorsConfiguration>(), format.as_str()) {
        (Ok(configuration), "xml") => configuration.to_xml().into_response(),
        (Ok(configuration), "json") => configuration.to_json().into_response(),
        (Ok(_), _) => StatusCode::NOT_FOUND.into_response(),
        (Err(error), _) => unreadable(&error),
    }
}

fn unreadable(error: &ParseError) -> Response {
    refused(json!([{ "severity": "problem", "line": error.line(), "text": error.to_string() }]))
}

fn refused(problems: Value) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(problems)).into_response()
}
