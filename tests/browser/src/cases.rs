//! The cases of the table, in one browser.

use serde_json::{json, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::servers::Servers;
use crate::table::{Answer, Case, Dialect, Table};
use crate::Failure;

const RUN: &str = "const [base, steps, done] = arguments;
    run(base, steps).then(done, (error) => done([String(error)]));";

/// Runs every case in both dialects; a case that fails does not end the others, a browser that fails does.
pub async fn run(
    engine: Engine,
    browser: &Browser,
    servers: &Servers,
    table: &Table,
    report: &mut Report,
) -> Result<(), Failure> {
    for case in &table.cases {
        for dialect in Dialect::ALL {
            let met = meet(engine, browser, servers, case, dialect).await?;
            let answers = table.answers(case, dialect, engine);
            let name = [engine.as_str(), dialect.as_str(), &case.name];
            match answers.contains(&met) {
                // Which of several, as no more than that is learned from it.
                true if answers.len() > 1 => report.passed(&name, &format!("with {}", line(&met))),
                true => report.passed(&name, ""),
                false => report.failed(&name, &differences(&answers, &met)),
            }
        }
    }
    Ok(())
}

/// A page of its own, so that no image of another case is in its memory.
async fn meet(
    engine: Engine,
    browser: &Browser,
    servers: &Servers,
    case: &Case,
    dialect: Dialect,
) -> Result<Answer, Failure> {
    let assets = servers.assets(dialect);
    let path = case.path(engine);
    let failed = |error| format!("{} {}: {error}", dialect.as_str(), case.name);
    browser.client.goto(&servers.page).await.map_err(failed)?;
    let steps = vec![json!(format!("{}{path}", assets.origin)), json!(case.steps)];
    let told = browser.client.execute_async(RUN, steps).await.map_err(failed)?;
    let expect = told.as_array().into_iter().flatten().map(text).collect();
    Ok(Answer { expect, seen: assets.seen.take(&path) })
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
