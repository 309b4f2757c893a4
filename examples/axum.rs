//! An axum app under the CORS rules of a file, XML or JSON: `cargo run --example axum [-- FILE]`.

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
const PATIENCE: Duration = Duration::from_secs(10);
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

    println!("http://{ADDRESS}/ under the rules of {file}, until ctrl-c\n");
    for (rule, number) in policy.configuration().rules.iter().zip(1..) {
        println!("{number}. {}", in_words(rule));
    }
    print!("\n{}", to_try(&policy)?);

    // After the routes: axum puts a layer around those that are there already.
    let app = Router::new().route("/", get(read).put(write)).layer(CorsLayer::new(policy));
    let server = axum::serve(listener, app).with_graceful_shutdown(interrupted());
    tokio::select! {
        served = server.into_future() => Ok(served?),
        // A request that never ends would keep it for ever.
        () = async { interrupted().await; tokio::time::sleep(PATIENCE).await } => {
            Err(format!("some requests were still under way after {PATIENCE:?}").into())
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

/// One line for each problem, as they are all reported at once.
fn load(file: &str) -> Result<CorsPolicy, Box<dyn Error>> {
    let configuration = CorsConfiguration::from_path(file)?;
    CorsPolicy::new(&configuration).map_err(|error| {
        let problems: Vec<_> =
            error.problems().iter().map(|problem| format!("{file:?}: {problem}")).collect();
        problems.join("\n").into()
    })
}

fn in_words(rule: &CorsRule) -> String {
    let mut words = format!("{} may {}", rule.allowed_origins.join(", "), rule.allowed_methods.join(", "));
    if !rule.allowed_headers.is_empty() {
        words += &format!(" with {}", rule.allowed_headers.join(", "));
    }
    if !rule.expose_headers.is_empty() {
        words += &format!(", read {}", rule.expose_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        words += &format!(", ask again after {seconds} s");
    }
    match &rule.id {
        Some(id) => format!("{id}: {words}"),
        None => words,
    }
}

/// Three requests for the command line: a granted preflight, a refused one, a GET.
fn to_try(policy: &CorsPolicy) -> Result<String, Box<dyn Error>> {
    let rules = &policy.configuration().rules;
    let reads = |rule: &&CorsRule| rule.allowed_methods.iter().any(|method| method == "GET");
    let rule = rules.iter().find(reads).or(rules.first()).ok_or("no rule")?;
    let origin = rule.allowed_origins.first().map(|pattern| an_origin(pattern)).unwrap_or_default();
    let method = rule.allowed_methods.last().map(String::as_str).unwrap_or_default();
    let names = rule.allowed_headers.first().map(|pattern| pattern.replace('*', "x-app"));

    let curl = |more: String| format!("curl -i http://{ADDRESS}/ {more}\n");
    let preflight = |origin: &str, method: &str| {
        format!("-X OPTIONS -H 'Origin: {origin}' -H 'Access-Control-Request-Method: {method}'")
    };
    let names =
        names.map(|names| format!(" -H 'Access-Control-Request-Headers: {names}'")).unwrap_or_default();
    let stranger = format!("{origin}.evil.example");
    let refused = match is_granted(policy, &stranger, method)? {
        false => preflight(&stranger, method),
        true => preflight(&origin, "PATCH"),
    };
    Ok(curl(preflight(&origin, method) + &names) + &curl(refused) + &curl(format!("-H 'Origin: {origin}'")))
}

/// An origin that the pattern matches.
fn an_origin(pattern: &str) -> String {
    match pattern {
        "*" | "https" => "https://app.example.com".into(),
        port if port.ends_with(":*") => port.replace('*', "8080"),
        pattern => pattern.replace('*', "app"),
    }
}

fn is_granted(policy: &CorsPolicy, origin: &str, method: &str) -> Result<bool, Box<dyn Error>> {
    let request = Request::builder().method(method).header("origin", origin).body(())?;
    Ok(CorsRequest::classify(&request).is_some_and(|asked| policy.decide(&asked).is_granted()))
}
