//! The table of cases: the steps, the rules, and the expected outcome of each.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tower_s3_cors::{CorsConfiguration, CorsPolicy};

use crate::engine::Engine;
use crate::Failure;

const TABLE: &str = include_str!("../cases.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Words that stand for a status, where the dialects have different ones.
    statuses: BTreeMap<String, BTreeMap<Dialect, String>>,
    pub cases: Vec<Case>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    Fetch,
    S3,
}

impl Dialect {
    pub const ALL: [Dialect; 2] = [Dialect::Fetch, Dialect::S3];

    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Fetch => "fetch",
            Dialect::S3 => "s3",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(rename = "why")]
    _why: String,
    rules: Value,
    #[serde(default)]
    credentials: bool,
    #[serde(default)]
    extended: bool,
    /// Run by the page: see `page/steps.js`.
    pub steps: Vec<Value>,
    #[serde(flatten)]
    expected: Expected,
    /// Each replaces the parts that it names; later ones win.
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// The expected outcome, or several outcomes of which any is accepted.
#[derive(Clone, Default, Deserialize)]
struct Expected {
    expect: Option<Vec<String>>,
    seen: Option<Vec<String>>,
    #[serde(default)]
    any_of: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    dialect: Option<Dialect>,
    engines: Option<Vec<Engine>>,
    /// The reason, which every exception must state.
    #[serde(rename = "note")]
    _note: String,
    #[serde(flatten)]
    expected: Expected,
}

/// What each step returned, and the requests that the server received.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub expect: Vec<String>,
    pub seen: Vec<String>,
}

impl Table {
    pub fn read() -> Result<Self, Failure> {
        Ok(serde_json::from_str(TABLE).map_err(|error| format!("cases.json: {error}"))?)
    }

    /// Returns the expected outcomes of a case, of which any is accepted.
    pub fn expected(&self, case: &Case, dialect: Dialect, engine: Engine) -> Vec<Outcome> {
        let mut expected = case.expected.clone();
        for exception in case.exceptions.iter().filter(|exception| exception.applies_to(dialect, engine)) {
            expected.replace(&exception.expected);
        }
        let Expected { expect, seen, any_of } = expected;
        let mut outcomes = if any_of.is_empty() {
            vec![Outcome { expect: expect.unwrap_or_default(), seen: seen.unwrap_or_default() }]
        } else {
            any_of
        };
        for line in outcomes.iter_mut().flat_map(|outcome| &mut outcome.seen) {
            for (word, statuses) in &self.statuses {
                *line = line.replace(word, statuses.get(&dialect).map_or("", String::as_str));
            }
        }
        outcomes
    }
}

impl Case {
    /// Returns the start of the paths of the case's assets.
    pub fn path(&self, engine: Engine) -> String {
        format!("/{}/{}", engine.as_str(), self.name)
    }

    /// Compiles the rules, with `{page}` replaced by the origin of the page.
    pub fn policy(&self, page: &str) -> Result<CorsPolicy, Failure> {
        let rules = self.rules.to_string().replace("{page}", page);
        let configuration: CorsConfiguration =
            rules.parse().map_err(|error| format!("{}: {error}", self.name))?;
        let builder = CorsPolicy::builder().credentials(self.credentials).extended(self.extended);
        Ok(builder.build(&configuration).map_err(|error| format!("{}: {error}", self.name))?)
    }
}

impl Exception {
    fn applies_to(&self, dialect: Dialect, engine: Engine) -> bool {
        self.dialect.is_none_or(|only| only == dialect)
            && self.engines.as_ref().is_none_or(|only| only.contains(&engine))
    }
}

impl Expected {
    fn replace(&mut self, other: &Expected) {
        if !other.any_of.is_empty() {
            *self = other.clone();
            return;
        }
        self.any_of.clear();
        self.expect = other.expect.clone().or(self.expect.take());
        self.seen = other.seen.clone().or(self.seen.take());
    }
}
