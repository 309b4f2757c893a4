//! The cases of the table, in one browser.

use serde_json::{json, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::servers::{Assets, Servers};
use crate::table::{Answer, Case, Dialect, Table};
use crate::Failure;

const RUN: &str = "const [base, steps, done] = arguments;
    run(base, steps).then(done, (error) => done([String(error)]));";

/// Runs every case in both dialects. A case that fails does not end the others; a browser that opens no page does.
pub async fn run(
    engine: Engine,
    browser: &Browser,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<(), Failure> {
    for case in &table.cases {
        for dialect in Dialect::ALL {
            // A page of its own, so that no image of another case is in its memory.
            browser.client.goto(&servers.page).await?;
            let met = meet(engine, browser, servers.assets(dialect), case).await;
            let answers = table.answers(case, dialect, engine);
            let name = [engine.as_str(), dialect.as_str(), &case.name];
            match answers.contains(&met) {
                // Which of several: no more than that is learned from it.
                true if answers.len() > 1 => report.passed(&name, &in_short(&met)),
                true => report.passed(&name, ""),
                false => report.failed(&name, &differences(&answers, &met)),
            }
        }
    }
    Ok(())
}

async fn meet(engine: Engine, browser: &Browser, assets: &Assets, case: &Case) -> Answer {
    let path = case.path(engine);
    let arguments = vec![json!(format!("{}{path}", assets.origin)), json!(case.steps)];
    let expect = match browser.client.execute_async(RUN, arguments).await {
        Ok(told) => told.as_array().into_iter().flatten().map(text).collect(),
        Err(error) => vec![error.to_string()],
    };
    Answer { expect, seen: assets.seen.take(&path) }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn differences(answers: &[Answer], met: &Answer) -> Vec<String> {
    let expected = answers.iter().map(|answer| format!("expected {}", line(answer)));
    expected.chain([format!("met      {}", line(met))]).collect()
}

fn line(answer: &Answer) -> String {
    format!("[{}] after [{}]", answer.expect.join("; "), answer.seen.join("; "))
}

fn in_short(answer: &Answer) -> String {
    let requests = answer.seen.len();
    format!(
        "({} after {requests} {})",
        answer.expect.join("; "),
        if requests == 1 { "request" } else { "requests" }
    )
}
