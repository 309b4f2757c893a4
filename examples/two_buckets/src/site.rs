//! The site bucket: the page, and the API that its scripts use.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{json, Value};
use tower_s3_cors::lint::Lint;
use tower_s3_cors::CorsConfiguration;

use crate::hosts::Hosts;
use crate::rules::Rules;
use crate::traffic_log::TrafficLog;
use crate::{course, findings, presets};

const STYLES: [(&str, &str); 3] = [
    ("/style.css", include_str!("../page/style.css")),
    ("/story.css", include_str!("../page/story.css")),
    ("/lab.css", include_str!("../page/lab.css")),
];
const SCRIPTS: [(&str, &str); 14] = [
    ("/main.js", include_str!("../page/main.js")),
    ("/dom.js", include_str!("../page/dom.js")),
    ("/busy.js", include_str!("../page/busy.js")),
    ("/rules.js", include_str!("../page/rules.js")),
    ("/traffic.js", include_str!("../page/traffic.js")),
    ("/picture.js", include_str!("../page/picture.js")),
    ("/origins.js", include_str!("../page/origins.js")),
    ("/story.js", include_str!("../page/story.js")),
    ("/tries.js", include_str!("../page/tries.js")),
    ("/cards.js", include_str!("../page/cards.js")),
    ("/lanes.js", include_str!("../page/lanes.js")),
    ("/memory.js", include_str!("../page/memory.js")),
    ("/editor.js", include_str!("../page/editor.js")),
    ("/findings.js", include_str!("../page/findings.js")),
];
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

#[derive(Clone)]
struct Site {
    hosts: Hosts,
    rules: Rules,
    traffic: TrafficLog,
}

pub fn router(hosts: &Hosts, rules: Rules, traffic: TrafficLog) -> Router {
    let (assets, stranger) = (hosts.assets_origin(), hosts.stranger_origin());
    // The page may load from its own bucket and from the assets bucket only, and show the stranger's page.
    let security_policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         connect-src 'self' {assets}; img-src 'self' {assets} data:; font-src {assets}; frame-src {stranger}"
    );
    let page = include_str!("../page/index.html").replace("<!-- course -->", &course::html());
    let api = Router::new()
        .route("/api/rules", get(read).put(apply))
        .route("/api/rules/as/{format}", post(convert))
        .route("/api/traffic", get(read_traffic))
        .route("/lints/{id}", get(lint_page))
        .with_state(Site { hosts: hosts.clone(), rules, traffic });
    files(&security_policy, page, &SCRIPTS).merge(api)
}

/// The page of a stranger, which is shown in a frame and tries to read the image too.
pub fn stranger_router(hosts: &Hosts) -> Router {
    let (site, assets) = (hosts.site_origin(), hosts.assets_origin());
    let security_policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; \
         img-src {assets} data:; frame-ancestors {site}"
    );
    let scripts = [
        ("/stranger.js", include_str!("../page/stranger.js")),
        ("/picture.js", include_str!("../page/picture.js")),
        ("/dom.js", include_str!("../page/dom.js")),
    ];
    files(&security_policy, include_str!("../page/stranger.html").to_owned(), &scripts)
}

fn files(security_policy: &str, page: String, scripts: &[(&'static str, &'static str)]) -> Router {
    let styles = STYLES.iter().map(|&(path, text)| (path, CSS, text.to_owned()));
    let scripts = scripts.iter().map(|&(path, text)| (path, SCRIPT, text.to_owned()));
    [("/", HTML, page)].into_iter().chain(styles).chain(scripts).fold(
        Router::new(),
        |router, (path, content_type, text)| {
            let headers = [
                (CONTENT_TYPE, content_type.to_owned()),
                (CONTENT_SECURITY_POLICY, security_policy.to_owned()),
                (CACHE_CONTROL, "no-cache".to_owned()),
            ];
            router.route(path, get(move || async move { (headers, text) }))
        },
    )
}

async fn read(State(site): State<Site>) -> Json<Value> {
    Json(json!({
        "site": site.hosts.site_origin(),
        "assets": site.hosts.assets_origin(),
        "stranger": site.hosts.stranger_origin(),
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
        Ok((document, lints)) => Json(findings::lints(&document, &lints)).into_response(),
        Err(error) => rejected(findings::problems(&error)),
    }
}

async fn convert(Path(format): Path<String>, document: String) -> Response {
    match (document.parse::<CorsConfiguration>(), format.as_str()) {
        (Ok(configuration), "xml") => configuration.to_xml().into_response(),
        (Ok(configuration), "json") => configuration.to_json().into_response(),
        (Ok(_), _) => StatusCode::NOT_FOUND.into_response(),
        (Err(error), _) => rejected(findings::faults(&error)),
    }
}

fn rejected(problems: Value) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(problems)).into_response()
}

async fn lint_page(Path(id): Path<String>) -> Response {
    match Lint::catalogue().iter().find(|kind| kind.id() == id) {
        Some(kind) => Html(course::page(&format!("{id}: {}", kind.title()), kind.page())).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
