//! What Chromium can do beyond WebDriver, through its DevTools protocol: any size of the page, and its colours.

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::Client;
use serde_json::{json, Value};
use url::{ParseError, Url};

use crate::Failure;

/// A size of the page and a colour scheme.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub scheme: &'static str,
}

impl Look {
    pub const ALL: [Look; 4] = [
        Look::new(1280, 800, "light"),
        Look::new(1280, 800, "dark"),
        Look::new(390, 844, "light"),
        Look::new(390, 844, "dark"),
    ];

    const fn new(width: u32, height: u32, scheme: &'static str) -> Self {
        Look { width, height, scheme }
    }

    pub fn name(self) -> String {
        format!("{}-{}", self.width, self.scheme)
    }

    /// Shows the page like this. Nothing moves, so that pictures are the same each time.
    pub async fn show(self, page: &Client) -> Result<(), Failure> {
        let Look { width, height, scheme } = self;
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        execute(page, "Emulation.setEmulatedMedia", media).await?;
        execute(page, "Emulation.setScrollbarsHidden", json!({ "hidden": true })).await?;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        execute(page, "Emulation.setDeviceMetricsOverride", size).await.map(drop)
    }
}

/// Gives the page the size of its window again: WebDriver's clicks miss in any other size.
pub async fn reset_size(page: &Client) -> Result<(), Failure> {
    execute(page, "Emulation.clearDeviceMetricsOverride", json!({})).await.map(drop)
}

#[derive(Debug)]
struct Command(Value);

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

async fn execute(page: &Client, command: &str, parameters: Value) -> Result<Value, Failure> {
    Ok(page.issue_cmd(Command(json!({ "cmd": command, "params": parameters }))).await?)
}
