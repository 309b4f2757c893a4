//! What a rule answers, compiled from its lists.

use bytes::Bytes;
use http::HeaderValue;

use crate::config::{CorsRule, PolicyOptions};

/// The header values of one rule, ready to be cloned without an allocation.
#[derive(Debug)]
pub(crate) struct RuleAnswer {
    /// The rule lists `*`, so it answers `*` to every origin.
    pub(crate) any_origin: bool,
    /// The policy allows credentials, which go with an echoed origin.
    pub(crate) credentials: bool,
    /// Some rule of the policy does not list `*`, so that answers depend on the Origin.
    pub(crate) varies: bool,
    /// Scripts of a granted origin may read the timings of responses.
    pub(crate) timing: bool,
    pub(crate) allow_methods: HeaderValue,
    pub(crate) expose_headers: Option<HeaderValue>,
    pub(crate) max_age: Option<HeaderValue>,
}

impl RuleAnswer {
    pub(super) fn new(rule: &CorsRule, options: PolicyOptions, varies: bool) -> Self {
        let max_age = rule.max_age_seconds.map(|seconds| seconds.to_string());
        let [allow_methods, expose_headers, max_age] =
            values([list(&rule.allowed_methods), list(&rule.expose_headers), max_age]);
        RuleAnswer {
            any_origin: lists_any_origin(rule),
            credentials: options.credentials.is_some(),
            varies,
            timing: options.timing_allow_origin,
            allow_methods: allow_methods.unwrap_or(HeaderValue::from_static("")),
            expose_headers,
            max_age,
        }
    }
}

pub(super) fn lists_any_origin(rule: &CorsRule) -> bool {
    rule.allowed_origins.iter().any(|origin| origin == "*")
}

/// `GET, PUT`; `None` if there is no name.
fn list(names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Keeps all values in one shared buffer so that cloning never allocates at request time. The first clone of a fresh
/// `Bytes` allocates, so it is made here and slices of the clone are kept.
fn values<const N: usize>(texts: [Option<String>; N]) -> [Option<HeaderValue>; N] {
    let fresh = Bytes::from(texts.each_ref().map(|text| text.as_deref().unwrap_or_default()).concat());
    let mut rest = fresh.clone();
    texts.map(|text| HeaderValue::from_maybe_shared(rest.split_to(text?.len())).ok())
}
