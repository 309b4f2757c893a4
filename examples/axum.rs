//! An axum app with CORS rules from an XML or JSON file: `cargo run --example axum [-- FILE]`.

use std::error::Error;
use std::future::IntoFuture;
use std::process::ExitCode;
use std::time::Duration;

use axum::http::{header, Request, StatusCode};
use axum::routing::get;
use axum::Router;
use tokio::net::TcpListener;
use tower_s3_cors::{CorsConfiguration, CorsLayer, CorsPolicy, CorsRequest, CorsRule};

const ADDRESS: &str = "127.0.0.1:3000";
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cors.xml");

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| DEFAULT_RULES.into());
    let policy = load(&file)?;
    let listener =
        TcpListener::bind(ADDRESS).await.map_err(|error| format!("cannot listen on {ADDRESS}: {error}"))?;

    println!("listening on http://{ADDRESS}/ with the rules of {file}; press ctrl-c to stop\n");
    for (rule, number) in policy.configuration().rules.iter().zip(1..) {
        println!("{number}. {}", describe(rule));
    }
    print!("\n{}", sample_requests(&policy)?);

    // After the routes: axum puts a layer only around routes that were added before it.
    let app = Router::new().route("/", get(read).put(write)).layer(CorsLayer::new(policy));
    let server = axum::serve(listener, app).with_graceful_shutdown(interrupted());
    tokio::select! {
        served = server.into_future() => Ok(served?),
        // A graceful shutdown alone would wait without limit for a request that never ends.
        () = async { interrupted().await; tokio::time::sleep(SHUTDOWN_TIMEOUT).await } => {
            Err(format!("some requests were still running after {SHUTDOWN_TIMEOUT:?}").into())
        }
    }
}

async fn read() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::ETAG, "\"1\"")], "hello\n")
}

async fn write() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("cannot wait for ctrl-c: {error}");
    }
}

/// Loads the policy; the error lists all problems, one on each line.
fn load(file: &str) -> Result<CorsPolicy, Box<dyn Error>> {
    let configuration = CorsConfiguration::from_path(file)?;
    CorsPolicy::new(&configuration).map_err(|error| {
        let problems: Vec<_> =
            error.problems().iter().map(|problem| format!("{file:?}: {problem}")).collect();
        problems.join("\n").into()
    })
}

fn describe(rule: &CorsRule) -> String {
    let mut text = format!("{} may {}", rule.allowed_origins.join(", "), rule.allowed_methods.join(", "));
    if !rule.allowed_headers.is_empty() {
        text += &format!(" with {}", rule.allowed_headers.join(", "));
    }
    if !rule.expose_headers.is_empty() {
        text += &format!(", read {}", rule.expose_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        text += &format!(", cache the preflight for {seconds} s");
    }
    match &rule.id {
        Some(id) => format!("{id}: {text}"),
        None => text,
    }
}

/// Returns three curl commands: a granted preflight, a refused preflight and a GET.
fn sample_requests(policy: &CorsPolicy) -> Result<String, Box<dyn Error>> {
    let rules = &policy.configuration().rules;
    let allows_get = |rule: &&CorsRule| rule.allowed_methods.iter().any(|method| method == "GET");
    let rule = rules.iter().find(allows_get).or(rules.first()).ok_or("no rule")?;
    let origin = rule.allowed_origins.first().map(|pattern| sample_origin(pattern)).unwrap_or_default();
    let method = rule.allowed_methods.last().map(String::as_str).unwrap_or_default();
    let header = rule.allowed_headers.first().map(|pattern| pattern.replace('*', "x-app"));

    let curl = |options: String| format!("curl -i http://{ADDRESS}/ {options}\n");
    let preflight = |origin: &str, method: &str| {
        format!("-X OPTIONS -H 'Origin: {origin}' -H 'Access-Control-Request-Method: {method}'")
    };
    let requested_headers =
        header.map(|name| format!(" -H 'Access-Control-Request-Headers: {name}'")).unwrap_or_default();
    let other_origin = format!("{origin}.evil.example");
    let refused = if is_granted(policy, &other_origin, method)? {
        preflight(&origin, "PATCH")
    } else {
        preflight(&other_origin, method)
    };
    let granted = preflight(&origin, method) + &requested_headers;
    Ok(curl(granted) + &curl(refused) + &curl(format!("-H 'Origin: {origin}'")))
}

/// Returns an origin that the pattern matches.
fn sample_origin(pattern: &str) -> String {
    match pattern {
        "*" | "https" => "https://app.example.com".into(),
        port if port.ends_with(":*") => port.replace('*', "8080"),
        pattern => pattern.replace('*', "app"),
    }
}

fn is_granted(policy: &CorsPolicy, origin: &str, method: &str) -> Result<bool, Box<dyn Error>> {
    let request = Request::builder().method(method).header("origin", origin).body(())?;
    Ok(CorsRequest::classify(&request).is_some_and(|request| policy.decide(&request).is_granted()))
}
