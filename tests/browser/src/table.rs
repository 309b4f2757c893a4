//! The table of cases: what is done, under which rules, and what must come of it.

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
    /// The words for statuses in which the dialects differ.
    words: BTreeMap<String, BTreeMap<Dialect, String>>,
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
    /// For the page, which knows what they mean.
    #[serde(rename = "do")]
    pub steps: Vec<Value>,
    #[serde(flatten)]
    expected: Expected,
    /// Each replaces what it names, the later one the earlier.
    #[serde(default)]
    but: Vec<Exception>,
}

/// What must come of a case, or several things of which any may.
#[derive(Clone, Default, Deserialize)]
struct Expected {
    expect: Option<Vec<String>>,
    seen: Option<Vec<String>>,
    #[serde(default)]
    either: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    dialect: Option<Dialect>,
    engines: Option<Vec<Engine>>,
    /// Why: no exception without a reason.
    #[serde(rename = "note")]
    _note: String,
    #[serde(flatten)]
    expected: Expected,
}

/// What the page was told, step by step, and what the server saw.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub expect: Vec<String>,
    pub seen: Vec<String>,
}

impl Table {
    pub fn read() -> Result<Self, Failure> {
        Ok(serde_json::from_str(TABLE).map_err(|error| format!("cases.json: {error}"))?)
    }

    /// The answers of which any will do.
    pub fn answers(&self, case: &Case, dialect: Dialect, engine: Engine) -> Vec<Answer> {
        let mut expected = case.expected.clone();
        for exception in case.but.iter().filter(|exception| exception.is_for(dialect, engine)) {
            expected.replace(&exception.expected);
        }
        let Expected { expect, seen, either } = expected;
        let mut answers = match either.is_empty() {
            true => vec![Answer { expect: expect.unwrap_or_default(), seen: seen.unwrap_or_default() }],
            false => either,
        };
        for line in answers.iter_mut().flat_map(|answer| &mut answer.seen) {
            for (word, statuses) in &self.words {
                *line = line.replace(word, statuses.get(&dialect).map_or("", String::as_str));
            }
        }
        answers
    }
}

impl Case {
    /// What the paths of its assets begin with.
    pub fn path(&self, engine: Engine) -> String {
        format!("/{}/{}", engine.as_str(), self.name)
    }

    /// The policy of the rules, in which `{page}` is the origin of the page.
    pub fn policy(&self, page: &str) -> Result<CorsPolicy, Failure> {
        let rules = self.rules.to_string().replace("{page}", page);
        let configuration: CorsConfiguration =
            rules.parse().map_err(|error| format!("{}: {error}", self.name))?;
        let builder = CorsPolicy::builder().credentials(self.credentials).extended(self.extended);
        Ok(builder.build(&configuration).map_err(|error| format!("{}: {error}", self.name))?)
    }
}

impl Exception {
    fn is_for(&self, dialect: Dialect, engine: Engine) -> bool {
        self.dialect.is_none_or(|its| its == dialect)
            && self.engines.as_ref().is_none_or(|its| its.contains(&engine))
    }
}

impl Expected {
    fn replace(&mut self, other: &Expected) {
        if !other.either.is_empty() {
            *self = other.clone();
            return;
        }
        self.either.clear();
        self.expect = other.expect.clone().or(self.expect.take());
        self.seen = other.seen.clone().or(self.seen.take());
    }
}
