//! Documents to start from, each with a hint of what it shows.

use serde_json::{json, Value};

use crate::hosts::Hosts;

/// Name, hint and document of each preset. In a document, SITE stands for the site's origin, and SIBLINGS for
/// the same origin with `*` as the first label of its host.
const PRESETS: [(&str, &str, &str); 7] = [
    ("One exact origin", "The site may read and write, but not delete.", include_str!("../presets/exact.json")),
    (
        "No rules",
        "A bucket without CORS rules: the server responds, but the browser does not let the page read any response.",
        "",
    ),
    (
        "Any origin",
        "* lets every page on the web read. PUT and DELETE are refused because the rule does not list them.",
        include_str!("../presets/any.json"),
    ),
    (
        "A wildcard",
        "One * in an origin matches any characters: here, every name below localhost.",
        include_str!("../presets/wildcard.xml"),
    ),
    (
        "Methods only",
        "PUT is allowed, but its header x-note is not, so the preflight is refused. The explanation says why.",
        include_str!("../presets/methods.json"),
    ),
    (
        "Dangerous",
        "Everything works, but also for pages of http://site.localhost.evil.example. The lint warns about it.",
        include_str!("../presets/dangerous.json"),
    ),
    (
        "Invalid",
        "All problems are shown at once, each at its line, and the active rules stay unchanged.",
        include_str!("../presets/invalid.json"),
    ),
];

/// The rules that are active when the example starts.
pub fn first(hosts: &Hosts) -> String {
    let [(_, _, document), ..] = PRESETS;
    fill_in(hosts, document)
}

pub fn all(hosts: &Hosts) -> Value {
    PRESETS
        .iter()
        .map(|(name, hint, document)| json!({ "name": name, "hint": hint, "document": fill_in(hosts, document) }))
        .collect()
}

/// Replaces the placeholders of a document by origins.
fn fill_in(hosts: &Hosts, document: &str) -> String {
    document
        .replace("SITE", &hosts.site_origin())
        .replace("SIBLINGS", &hosts.site_origin().replacen("site", "*", 1))
}
