//! Tests the example `reverse_proxy`: a page uploads to presigned URLs of a store that has no CORS.

use std::path::Path;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{json, Map, Value};
use tower_s3_cors::CorsConfiguration;

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::Failure;

/// What the page does, and what it must get.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    #[serde(rename = "why")]
    _why: String,
    /// The rules that are put before, with `{page}` for the origin of the page.
    rules: Option<Value>,
    #[serde(default)]
    headers: Map<String, Value>,
    /// What is uploaded; the page downloads if there is nothing.
    upload: Option<String>,
    expect: String,
}

/// What `tests/proxy/page.py` prints.
#[derive(Deserialize)]
struct Store {
    /// The proxy's private address, where rules are changed.
    admin: String,
    put: String,
    get: String,
}

/// Starts a store and a proxy, and runs all steps. A step with another result does not stop the run.
pub async fn run(
    engine: Engine,
    browser: &mut Browser,
    page: &str,
    report: &mut Report,
) -> Result<(), Failure> {
    let steps: Vec<Step> = serde_json::from_str(include_str!("../proxy.json"))?;
    let line = |line: &str| serde_json::from_str::<Store>(line).ok();
    let store = browser.start_program(&mut program()?, line).await?;
    browser.client.goto(page).await?;
    for step in steps {
        if let Some(rules) = &step.rules {
            put_rules(&store, &rules.to_string().replace("{page}", page)).await?;
        }
        let result = transfer(browser, &store, &step).await?;
        let name = [engine.as_str(), "proxy", &step.name];
        if result == step.expect {
            report.passed(&name, "");
        } else {
            report.failed(&name, &[format!("expected {:?}, got {result:?}", step.expect)]);
        }
    }
    Ok(())
}

/// The program that starts store and proxy, with the Python and the store that `tests/browser/run` has installed.
fn program() -> Result<Command, Failure> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("cargo's target directory is missing")?;
    let mut command = Command::new(target.join("clients-venv/bin/python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../proxy/page.py"));
    command.args([own.with_file_name("reverse_proxy"), target.join("moto-venv/bin/moto_server")]);
    Ok(command)
}

/// Puts rules as an administrator does.
async fn put_rules(store: &Store, rules: &str) -> Result<(), Failure> {
    let document = rules.parse::<CorsConfiguration>()?.to_xml();
    let url = format!("http://{}/photos?cors", store.admin);
    let request = Request::put(url).body(Body::from(document))?;
    let answer = Client::builder(TokioExecutor::new()).build_http().request(request).await?;
    if !answer.status().is_success() {
        return Err(format!("the rules {rules} are answered with {}", answer.status()).into());
    }
    Ok(())
}

/// Returns what the page can read.
async fn transfer(browser: &Browser, store: &Store, step: &Step) -> Result<String, Failure> {
    let (url, method) = if step.upload.is_some() { (&store.put, "PUT") } else { (&store.get, "GET") };
    let arguments = vec![json!(url), json!(method), json!(step.headers), json!(step.upload)];
    let result = browser.client.execute_async(include_str!("../page/transfer.js"), arguments).await?;
    Ok(result.as_str().map_or_else(|| result.to_string(), str::to_owned))
}
