//! Tests the example `tonic_web`: its page, served from another origin, calls the service.

use std::process::Command;

use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use axum::Router;
use serde_json::{json, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::servers::listen;
use crate::Failure;

const PAGE: &str = include_str!("../../../examples/tonic_web/page/index.html");
const SCRIPT: &str = include_str!("../../../examples/tonic_web/page/hello.js");

/// Submits the form and waits for what the page shows. WebKit sometimes returns before the page's module has run, and
/// without it the form would leave the page.
const SUBMIT: &str = r#"const [name, done] = arguments;
    const form = document.querySelector("form"), output = document.querySelector("output");
    new MutationObserver(() => output.textContent && done(output.textContent)).observe(output, { childList: true });
    form.elements.name.value = name;
    const submit = () => form.onsubmit ? form.requestSubmit() : setTimeout(submit, 10);
    submit();"#;

/// Each step: its name, whether the rules name the page's origin, what is submitted, and how what the page shows begins.
/// Engines word a refusal differently.
const STEPS: [(&str, bool, &str, &str); 3] = [
    ("reply", true, "browser", "hello, browser"),
    ("status-of-failed-call", true, "", "status 3: the name is missing"),
    ("refused-for-origin", false, "browser", "the call failed: "),
];

pub async fn run(engine: Engine, browser: &mut Browser, report: &mut Report) -> Result<(), Failure> {
    let [granted, refused] = [serve_page().await?, serve_page().await?];
    let own = std::env::current_exe()?;
    let mut program = Command::new(own.with_file_name("tonic_web"));
    program.args(["--listen", "127.0.0.1:0", "--origin", &granted]);
    let line = |line: &str| Some(line.strip_prefix("listening on ")?.to_owned());
    let service = browser.start_program(&mut program, line).await?;
    for (step, is_granted, submitted, expected) in STEPS {
        let page = if is_granted { &granted } else { &refused };
        browser.client.goto(&format!("{page}/?service={service}")).await?;
        let shown = browser.client.execute_async(SUBMIT, vec![json!(submitted)]).await?;
        let name = [engine.as_str(), "grpc-web", step];
        if shown.as_str().is_some_and(|shown| shown.starts_with(expected)) {
            report.passed(&name, "");
        } else {
            report.failed(&name, &differences(expected, &shown));
        }
    }
    Ok(())
}

fn differences(expected: &str, shown: &Value) -> [String; 1] {
    [format!("expected {expected:?}, got {shown}")]
}

/// Serves the example's page. Returns its origin.
async fn serve_page() -> Result<String, Failure> {
    let (listener, origin) = listen().await?;
    let routes = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/hello.js", get(|| async { ([(CONTENT_TYPE, "text/javascript")], SCRIPT) }));
    tokio::spawn(async { axum::serve(listener, routes).await });
    Ok(origin)
}
