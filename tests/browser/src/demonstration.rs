//! The example `two_buckets`, operated through the controls of its page.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::Failure;

/// What is done, one step after the other, and what the page shows then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    #[serde(default)]
    act: Act,
    shows: Map<String, Value>,
    /// By engine: what of that it shows otherwise.
    #[serde(default)]
    differs: HashMap<String, Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// Why: no difference without a reason.
    #[serde(rename = "note")]
    _note: String,
    shows: Map<String, Value>,
}

impl Step {
    fn expected(&self, engine: Engine) -> Map<String, Value> {
        let mut expected = self.shows.clone();
        expected.extend(
            self.differs.get(engine.as_str()).map(|difference| difference.shows.clone()).unwrap_or_default(),
        );
        expected
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    /// Only the page is opened.
    #[default]
    Open,
    /// A button is pressed.
    Press(String),
    /// A document is typed into the editor and applied by the keyboard.
    Type(String),
    /// A URL is typed into the second field of the comparison.
    Compare(String),
    /// The window is made so many pixels wide.
    Narrow(u32),
}

/// Opens the page and goes through all steps; one that fails does not end the others.
pub async fn run(engine: Engine, browser: &mut Browser, report: &mut Report) -> Result<(), Failure> {
    let steps: Vec<Step> = serde_json::from_str(include_str!("../demonstration.json"))?;
    let address = open(browser).await?;
    for step in steps {
        let shown = act(&browser.client, &step).await.map_err(|error| format!("{}: {error}", step.name))?;
        let shown: Value = serde_json::from_str(&shown.to_string().replace(&address, "SITE"))?;
        let name = [engine.as_str(), "page", &step.name];
        match differences(&step.expected(engine), &shown) {
            none if none.is_empty() => report.passed(&name, ""),
            some => report.failed(&name, &some),
        }
    }
    Ok(())
}

/// Writes a picture of the page.
pub async fn picture(browser: &mut Browser, file: &str) -> Result<(), Failure> {
    open(browser).await?;
    let page = &browser.client;
    page.set_window_size(1000, 1060).await?;
    press(page, "Methods only").await?;
    page.execute(
        "document.body.style.zoom = .75; document.querySelector('.columns').scrollIntoView()",
        vec![],
    )
    .await?;
    std::fs::write(file, page.screenshot().await?).map_err(|error| format!("{file}: {error}").into())
}

/// Starts the demonstration and opens its page. Gives its origin.
async fn open(browser: &mut Browser) -> Result<String, Failure> {
    let line = |line: &str| Some(line.strip_prefix("open ")?.split_once(',')?.0.to_owned());
    let address = browser.start_beside(&mut Command::new(example()?), line).await?;
    browser.client.goto(&address).await?;
    rest(&browser.client).await?;
    Ok(address)
}

/// Cargo puts it beside this program.
fn example() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    let example = program.with_file_name("examples").join("two_buckets");
    match example.exists() {
        true => Ok(example),
        false => Err(format!("{} is missing: cargo build --example two_buckets", example.display()).into()),
    }
}

async fn act(page: &Client, step: &Step) -> Result<Value, Failure> {
    match &step.act {
        Act::Open => {}
        Act::Press(words) => press(page, words).await?,
        Act::Type(document) => {
            let editor = page.find(Locator::Id("document")).await?;
            editor.clear().await?;
            // A line feed is no key.
            editor.send_keys(&document.replace('\n', &Key::Enter.to_string())).await?;
            editor.send_keys(&(Key::Control + &Key::Enter)).await?;
            rest(page).await?;
        }
        Act::Compare(url) => {
            let second = page.find(Locator::Id("second")).await?;
            second.clear().await?;
            second.send_keys(url).await?;
        }
        Act::Narrow(width) => page.set_window_size(*width, 900).await?,
    }
    Ok(page.execute(include_str!("../page/shown.js"), vec![]).await?)
}

async fn press(page: &Client, words: &str) -> Result<(), Failure> {
    let button = format!("//button[normalize-space()='{words}']");
    page.find(Locator::XPath(&button)).await?.click().await?;
    rest(page).await
}

async fn rest(page: &Client) -> Result<(), Failure> {
    page.execute_async(include_str!("../page/rest.js"), vec![]).await?;
    Ok(())
}

/// Of what the step names, what is not as it says.
fn differences(expected: &Map<String, Value>, shown: &Value) -> Vec<String> {
    expected
        .iter()
        .filter(|(what, value)| shown[*what] != **value)
        .map(|(what, value)| format!("{what}: expected {value}\n    {what}: met      {}", shown[what]))
        .collect()
}
