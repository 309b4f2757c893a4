//! Runs the cases of `cases.json` in one browser.

use serde_json::{json, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::servers::{Assets, Servers};
use crate::table::{Case, Dialect, Outcome, Table};
use crate::Failure;

const RUN: &str = "const [base, steps, done] = arguments;
    run(base, steps).then(done, (error) => done([String(error)]));";

/// Runs every case in both dialects. A failed case does not stop the run; a browser that cannot open a page does.
pub async fn run(
    engine: Engine,
    browser: &Browser,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<(), Failure> {
    for case in &table.cases {
        for dialect in Dialect::ALL {
            // A fresh page, because engines keep the images of a page in memory.
            browser.client.goto(&servers.page).await?;
            let actual = run_case(engine, browser, servers.assets(dialect), case).await;
            let expected = table.expected(case, dialect, engine);
            let name = [engine.as_str(), dialect.as_str(), &case.name];
            if !expected.contains(&actual) {
                report.failed(&name, &differences(&expected, &actual));
            } else if expected.len() > 1 {
                report.passed(&name, &summary(&actual));
            } else {
                report.passed(&name, "");
            }
        }
    }
    Ok(())
}

async fn run_case(engine: Engine, browser: &Browser, assets: &Assets, case: &Case) -> Outcome {
    let path = case.path(engine);
    let arguments = vec![json!(format!("{}{path}", assets.origin)), json!(case.steps)];
    let expect = match browser.client.execute_async(RUN, arguments).await {
        Ok(lines) => lines.as_array().into_iter().flatten().map(text).collect(),
        Err(error) => vec![error.to_string()],
    };
    Outcome { expect, seen: assets.seen.take(&path) }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn differences(expected: &[Outcome], actual: &Outcome) -> Vec<String> {
    let expected = expected.iter().map(|outcome| format!("expected {}", line(outcome)));
    expected.chain([format!("got      {}", line(actual))]).collect()
}

fn line(outcome: &Outcome) -> String {
    format!("[{}] after [{}]", outcome.expect.join("; "), outcome.seen.join("; "))
}

/// Which of several allowed outcomes it was, for the report.
fn summary(outcome: &Outcome) -> String {
    let requests = outcome.seen.len();
    format!(
        "({} after {requests} {})",
        outcome.expect.join("; "),
        if requests == 1 { "request" } else { "requests" }
    )
}
