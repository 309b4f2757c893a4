//! What the rules answer, written down without the library's tables.

use test_support::reference;
use tower_s3_cors::diff::{Change, HeaderChange};
use tower_s3_cors::{CorsPolicy, CorsRule};

/// A request: its origin, its method, and the headers that it asks for.
pub struct Asked<'a> {
    pub origin: &'a str,
    pub method: &'a str,
    pub names: Vec<&'a str>,
}

/// The headers that differ between two answers, by their names, each with both values.
pub type Differences = Vec<(&'static str, Option<String>, Option<String>)>;

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Granted,
    Refused,
    /// In one of the dialects at least.
    OtherHeaders(Differences),
}

pub fn decides(rules: &[CorsRule], asked: &Asked<'_>) -> Option<usize> {
    let names: Vec<Vec<u8>> = asked.names.iter().map(|name| name.as_bytes().to_vec()).collect();
    reference::naive(rules, Some(asked.origin.as_bytes()), asked.method.as_bytes(), &names)
}

/// What changes for a request that these rules decide.
pub fn outcome(old: Option<&CorsRule>, new: Option<&CorsRule>) -> Option<Outcome> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(Outcome::Granted),
        (Some(_), None) => Some(Outcome::Refused),
        (Some(old), Some(new)) => {
            let differences: Differences = answer(old)
                .into_iter()
                .zip(answer(new))
                .filter(|((_, old), (_, new))| old != new)
                .map(|((name, old), (_, new))| (name, old, new))
                .collect();
            (!differences.is_empty()).then_some(Outcome::OtherHeaders(differences))
        }
    }
}

/// Whether the dialect Fetch sends one of these headers, in the answer to a preflight or in the response to a request that
/// asks for no headers.
pub fn are_in_fetch(differences: &Differences, has_names: bool) -> bool {
    differences.iter().any(|(name, ..)| !has_names || *name != "access-control-expose-headers")
}

/// What a rule answers, without credentials.
fn answer(rule: &CorsRule) -> [(&'static str, Option<String>); 4] {
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    [
        ("access-control-allow-origin", Some(if lists_any(rule) { "*" } else { "the origin" }.to_owned())),
        ("access-control-allow-methods", list(&rule.allowed_methods)),
        ("access-control-expose-headers", list(&rule.expose_headers)),
        ("access-control-max-age", rule.max_age_seconds.map(|seconds| seconds.to_string())),
    ]
}

pub fn lists_any(rule: &CorsRule) -> bool {
    rule.allowed_origins.iter().any(|origin| origin == "*")
}

/// Whether responses have an origin in place of `*` that a policy with credentials refuses to give back.
pub fn gives_back_to_strangers(change: &Change) -> bool {
    let is_refused = |origin: &String| {
        let rules = CorsRule::new([origin.as_str()], ["GET"]).into();
        CorsPolicy::builder().credentials(true).build(&rules).is_err()
    };
    let is_given_back = |header: &HeaderChange| {
        (header.name().as_str(), header.before()) == ("access-control-allow-origin", Some("*"))
    };
    change.answer().iter().any(is_given_back) && change.origins().iter().any(is_refused)
}
