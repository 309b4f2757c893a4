//! Tests the example `two_buckets` through the controls of its page.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::engine::{Browser, Engine};
use crate::report::Report;
use crate::Failure;

pub const ANY_PORT: &str = "127.0.0.1:0";

/// An action, and what the page must show after it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    #[serde(default)]
    action: Action,
    shows: Map<String, Value>,
    /// What an engine shows differently, by engine.
    #[serde(default)]
    differs: HashMap<String, Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// The reason, which every difference must state.
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
enum Action {
    /// None: the page was just opened.
    #[default]
    None,
    /// Presses the button with this label.
    Press(String),
    /// Types a document into the editor and applies it with the keyboard.
    Type(String),
    /// Types a document into the editor and leaves it there.
    Draft(String),
    /// Types a URL into the second field of the comparison.
    Compare(String),
    /// Waits until the page says this below the PUT that keeps its URL.
    Await(String),
    /// Applies a document as another page does, and comes back to this one.
    Elsewhere(String),
    /// Loads the page again.
    Reload,
    /// Sets the width of the window, in pixels.
    Resize(u32),
}

/// Opens the page and runs all steps. A step that shows something else does not stop the run.
pub async fn run(engine: Engine, browser: &mut Browser, report: &mut Report) -> Result<(), Failure> {
    let steps: Vec<Step> = serde_json::from_str(include_str!("../demonstration.json"))?;
    let address = open(browser, ANY_PORT).await?;
    for step in steps {
        let shown =
            run_step(&browser.client, &step).await.map_err(|error| format!("{}: {error}", step.name))?;
        let port = address.rsplit(':').next().unwrap_or_default();
        let shown = shown.to_string().replace(&address, "SITE").replace(port, "PORT");
        let shown: Value = serde_json::from_str(&shown)?;
        let name = [engine.as_str(), "page", &step.name];
        report.outcome(&name, &differences(&step.expected(engine), &shown));
    }
    Ok(())
}

/// Starts the example and opens its page. Returns the page's origin.
pub async fn open(browser: &mut Browser, listen: &str) -> Result<String, Failure> {
    let line = |line: &str| Some(line.strip_prefix("open ")?.split_once(';')?.0.to_owned());
    let address = browser.start_program(Command::new(example()?).args(["--listen", listen]), line).await?;
    browser.client.goto(&address).await?;
    wait_until_idle(&browser.client).await?;
    Ok(address)
}

/// Returns the path of the example, which cargo builds next to this program.
fn example() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    let example = program.with_file_name("two_buckets");
    if !example.exists() {
        return Err(format!("{} is missing; run `cargo build -p two_buckets`", example.display()).into());
    }
    Ok(example)
}

async fn run_step(page: &Client, step: &Step) -> Result<Value, Failure> {
    match &step.action {
        Action::None => {}
        Action::Press(label) => press(page, label).await?,
        Action::Draft(document) => drop(write(page, document).await?),
        Action::Type(document) => {
            let editor = write(page, document).await?;
            editor.send_keys(&(Key::Control + &Key::Enter)).await?;
            wait_until_idle(page).await?;
        }
        Action::Compare(url) => {
            let second = page.find(Locator::Id("second")).await?;
            second.clear().await?;
            second.send_keys(url).await?;
        }
        Action::Await(text) => {
            page.execute_async(include_str!("../page/countdown.js"), vec![text.as_str().into()]).await?;
        }
        Action::Elsewhere(document) => {
            page.execute_async(include_str!("../page/elsewhere.js"), vec![document.as_str().into()]).await?;
            wait_until_idle(page).await?;
        }
        Action::Reload => {
            page.refresh().await?;
            wait_until_idle(page).await?;
        }
        Action::Resize(width) => page.set_window_size(*width, 900).await?,
    }
    Ok(page.execute(include_str!("../page/shown.js"), vec![]).await?)
}

async fn write(page: &Client, document: &str) -> Result<Element, Failure> {
    let editor = page.find(Locator::Id("document")).await?;
    editor.clear().await?;
    // WebDriver sends Enter as a key, not as a line feed.
    editor.send_keys(&document.replace('\n', &Key::Enter.to_string())).await?;
    Ok(editor)
}

pub async fn press(page: &Client, label: &str) -> Result<(), Failure> {
    let button = format!("//button[normalize-space()='{label}']");
    let button = page.find(Locator::XPath(&button)).await?;
    // Away from the bar at the bottom of the page, which WebDriver does not know of.
    page.execute("arguments[0].scrollIntoView({ block: 'center' })", vec![serde_json::to_value(&button)?])
        .await?;
    button.click().await?;
    wait_until_idle(page).await
}

async fn wait_until_idle(page: &Client) -> Result<(), Failure> {
    page.execute_async(include_str!("../page/rest.js"), vec![]).await?;
    Ok(())
}

/// Compares only what the step names.
fn differences(expected: &Map<String, Value>, shown: &Value) -> Vec<String> {
    expected
        .iter()
        .filter(|(name, value)| shown[*name] != **value)
        .map(|(name, value)| format!("{name}: expected {value}\n    {name}: got      {}", shown[name]))
        .collect()
}
