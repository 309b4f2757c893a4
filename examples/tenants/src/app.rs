//! The app: an API for pages of the tenants' origins, and the operations on the tenants' rules.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn_with_state, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{RequestExt, Router};
use tower_s3_cors::{CorsLayer, FromExtensions};

use crate::database::Failure;
use crate::rules::{compile_new, Rules, MAX_NAME};

const MAX_RULES: usize = 64 * 1024;

pub fn router(rules: Arc<Rules>) -> Router {
    // The layer that is added last is outermost: it looks the policy up before the CORS layer needs it.
    let api = Router::new()
        .route("/api/{tenant}/notes", get(notes).put(|| async { StatusCode::NO_CONTENT }))
        .layer(CorsLayer::from_source(FromExtensions))
        .layer(from_fn_with_state(rules.clone(), look_up));
    // Without CORS: no page of another origin changes rules. A real server also authenticates these requests.
    let rules = Router::new()
        .route("/rules/{tenant}", get(read_rules).put(write_rules).delete(delete_rules))
        .layer(DefaultBodyLimit::max(MAX_RULES))
        .with_state(rules);
    api.merge(rules)
}

/// Looks the tenant's policy up and inserts it into the request's extensions, where `FromExtensions` reads it.
async fn look_up(State(rules): State<Arc<Rules>>, mut request: Request, next: Next) -> Response {
    // The name as the routes see it, without percent-encoding. A path without a route has none.
    let parameters = request.extract_parts::<RawPathParams>().await.ok();
    let tenant = parameters.as_ref().and_then(|parameters| parameters.iter().next());
    match rules.policy_for(tenant.map_or("", |(_, name)| name)).await {
        Ok(Some(policy)) => drop(request.extensions_mut().insert(policy)),
        // Without a policy the layer forwards the request unchanged.
        Ok(None) => {}
        // Why is in the log, and not for strangers.
        Err(_) => return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
    next.run(request).await
}

async fn notes(Path(tenant): Path<String>) -> String {
    format!("the notes of {tenant}\n")
}

async fn read_rules(State(rules): State<Arc<Rules>>, Path(tenant): Path<String>) -> Response {
    match rules.database.read(&tenant).await {
        Ok(Some(text)) => text.into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, format!("there is no tenant {tenant:?}\n")).into_response(),
        Err(error) => unavailable(error),
    }
}

/// Nothing is written unless all of it is valid; otherwise the answer has every problem.
async fn write_rules(
    State(rules): State<Arc<Rules>>,
    Path(tenant): Path<String>,
    document: String,
) -> Response {
    if tenant.len() > MAX_NAME {
        return refused(format!("the name of a tenant has at most {MAX_NAME} bytes"));
    }
    if let Err(error) = compile_new(&document) {
        return refused(error.to_string());
    }
    let written = rules.database.write(&tenant, &document).await;
    changed(&rules, &tenant, written).await
}

async fn delete_rules(State(rules): State<Arc<Rules>>, Path(tenant): Path<String>) -> Response {
    let deleted = rules.database.delete(&tenant).await;
    changed(&rules, &tenant, deleted).await
}

/// This process sees its own changes at once.
async fn changed(rules: &Rules, tenant: &str, result: Result<(), Failure>) -> Response {
    rules.outdate(tenant).await;
    result.map_or_else(unavailable, |()| StatusCode::NO_CONTENT.into_response())
}

fn refused(why: String) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, why + "\n").into_response()
}

fn unavailable(error: Failure) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("the database does not answer: {error}\n")).into_response()
}
