//! The page of `two_buckets` as it looks, in Chromium: pictures of it, and what axe finds in it, at two widths, light
//! and dark.

use std::fs;
use std::path::Path;

use fantoccini::Client;
use serde_json::Value;

use crate::demonstration::{open, press, ANY_PORT};
use crate::devtools::{reset_size, Look};
use crate::engine::Browser;
use crate::report::Report;
use crate::Failure;

/// What to press for each state of the page that is looked at.
const STATES: [(&str, &[&str]); 3] = [
    ("blocked", &[]),
    ("loaded", &["Allow this origin"]),
    ("faulty", &["This page may write", "Send it", "Methods only", "Send it", "Invalid"]),
];

/// The example's own, so that pictures are the same each time.
const DEFAULT_PORT: &str = "127.0.0.1:3002";

/// What is wrong with the layout: a page that scrolls sideways, or a first screen that does not fit into a screen.
const LAYOUT: &str = "const { scrollWidth, clientWidth } = document.documentElement;
    const bottom = document.querySelector('.star').getBoundingClientRect().bottom + scrollY;
    return [
        ...(scrollWidth > clientWidth ? [`it is ${scrollWidth} pixels wide`] : []),
        ...(innerWidth >= 1280 && bottom > innerHeight ? [`the first screen is ${bottom} pixels high`] : []),
    ];";

const AXE: &str = "const [done] = arguments;
    const lines = ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`);
    axe.run({ iframes: false }).then(({ violations }) => done(violations.flatMap(lines)), error => done([String(error)]));";

/// Opens the page anew, and has axe look for faults of accessibility.
pub async fn check(browser: &mut Browser, report: &mut Report) -> Result<(), Failure> {
    let file = std::env::var("AXE").map_err(|_| "AXE is not set; start the tests with tests/browser/run")?;
    let axe = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    open(browser, ANY_PORT).await?;
    let page = &browser.client;
    page.execute(&axe, vec![]).await?;
    for (state, labels) in STATES {
        press_all(page, labels).await?;
        for look in Look::ALL {
            look.show(page).await?;
            let layout = page.execute(LAYOUT, vec![]).await?;
            let faults = page.execute_async(AXE, vec![]).await?;
            let found: Vec<String> =
                [layout, faults].iter().filter_map(Value::as_array).flatten().map(text).collect();
            let name = format!("axe {state} {}", look.name());
            report.outcome(&["chromium", "page", &name], &found);
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().replace('\n', " ")
}

/// Writes pictures into a folder: `first-WIDTH-SCHEME.png` is the first screen after its steps, `page-WIDTH-SCHEME.png`
/// the whole page with several faults in its rules.
pub async fn pictures(browser: &mut Browser, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    open(browser, DEFAULT_PORT).await?;
    let page = &browser.client;
    press_all(page, STATES[1].1).await?;
    for look in Look::ALL {
        write(page, look, &folder.join(format!("first-{}.png", look.name()))).await?;
    }
    press_all(page, STATES[2].1).await?;
    for look in Look::ALL {
        look.show(page).await?;
        let height = page.execute("return document.documentElement.scrollHeight", vec![]).await?;
        let whole = Look { height: height.as_u64().unwrap_or_default() as u32, ..look };
        write(page, whole, &folder.join(format!("page-{}.png", look.name()))).await?;
    }
    Ok(())
}

/// Writes the README's picture.
pub async fn picture(browser: &mut Browser, file: &Path) -> Result<(), Failure> {
    open(browser, DEFAULT_PORT).await?;
    press_all(&browser.client, STATES[1].1).await?;
    write(&browser.client, Look::ALL[0], file).await
}

async fn write(page: &Client, look: Look, file: &Path) -> Result<(), Failure> {
    look.show(page).await?;
    page.execute("scrollTo(0, 0); document.activeElement.blur()", vec![]).await?;
    fs::write(file, page.screenshot().await?).map_err(|error| format!("{}: {error}", file.display()).into())
}

async fn press_all(page: &Client, labels: &[&str]) -> Result<(), Failure> {
    reset_size(page).await?;
    for label in labels {
        press(page, label).await?;
    }
    Ok(())
}
