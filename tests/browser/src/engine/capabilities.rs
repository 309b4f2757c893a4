//! The WebDriver capabilities: which browser a driver starts, and with which options.

use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::wd::Capabilities;
use serde_json::{json, Value};

use super::{find, Engine};
use crate::Failure;

impl Engine {
    pub(super) fn capabilities(self, home: &Path) -> Result<Capabilities, Failure> {
        let (name, options) = match self {
            Engine::Chromium => ("goog:chromeOptions", chromium(home)?),
            Engine::Firefox => ("moz:firefoxOptions", firefox()?),
            Engine::WebKit => ("webkitgtk:browserOptions", webkit()?),
        };
        Ok(Capabilities::from_iter([(name.to_owned(), options)]))
    }
}

/// Disables the sandbox, which does not work for root, and features that access the network.
fn chromium(home: &Path) -> Result<Value, Failure> {
    Ok(json!({
        "binary": find(&["/usr/bin/chromium"])?,
        "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", format!("--user-data-dir={}", home.join("profile").display()),
        ],
    }))
}

fn firefox() -> Result<Value, Failure> {
    Ok(json!({
        "binary": find(&["/usr/bin/firefox-esr", "/usr/bin/firefox"])?,
        "args": ["-headless"],
        "prefs": {
            "app.update.enabled": false,
            "browser.safebrowsing.malware.enabled": false,
            "browser.safebrowsing.phishing.enabled": false,
            "datareporting.policy.dataSubmissionEnabled": false,
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            // Firefox drops a cached preflight when it resolves the host's address again.
            "network.dnsCacheExpiration": 3600,
            "services.settings.server": "http://127.0.0.1:9/",
            "toolkit.telemetry.enabled": false,
        },
    }))
}

fn webkit() -> Result<Value, Failure> {
    Ok(json!({ "binary": mini_browser()?, "args": ["--automation"] }))
}

/// Debian installs it in a folder that is named after the architecture.
fn mini_browser() -> Result<PathBuf, Failure> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let browser = |folder: PathBuf| folder.join("webkit2gtk-4.1/MiniBrowser");
    folders
        .map(browser)
        .find(|browser| browser.exists())
        .ok_or_else(|| "MiniBrowser of WebKitGTK is missing".into())
}
