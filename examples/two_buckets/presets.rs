//! Rules that teach something, each with what to look for.

use serde_json::{json, Value};

use crate::hosts::Hosts;

/// A name, what to look for, and the document, in which SITE is the site's origin and SIBLINGS
/// stands for all origins that differ from it in the first label of the host.
const SETS: [(&str, &str, &str); 7] = [
    ("One exact origin", "The site may read and write, but not delete.", include_str!("presets/exact.json")),
    (
        "No rules",
        "A bucket without CORS rules: the server answers, and the browser keeps every answer from the page.",
        "",
    ),
    (
        "Any origin",
        "* lets every page on the web read. PUT and DELETE are refused: the rule does not list them.",
        include_str!("presets/any.json"),
    ),
    (
        "A wildcard",
        "One * in an origin stands for any characters: here for every name under localhost.",
        include_str!("presets/wildcard.xml"),
    ),
    (
        "Methods only",
        "PUT is allowed, its header x-note is not: the preflight is refused. See the explanation.",
        include_str!("presets/methods.json"),
    ),
    (
        "Dangerous",
        "All works, for http://site.localhost.evil.example too: the lint says so before somebody else does.",
        include_str!("presets/dangerous.json"),
    ),
    (
        "Faulty",
        "All faults are shown at once, each in its place, and the rules that were in force stay.",
        include_str!("presets/faulty.json"),
    ),
];

/// The rules that are in force when the demonstration starts.
pub fn first(hosts: &Hosts) -> String {
    let [(_, _, document), ..] = SETS;
    on(hosts, document)
}

pub fn all(hosts: &Hosts) -> Value {
    SETS.iter()
        .map(|(name, about, document)| json!({ "name": name, "about": about, "document": on(hosts, document) }))
        .collect()
}

fn on(hosts: &Hosts, document: &str) -> String {
    document
        .replace("SITE", &hosts.site_origin())
        .replace("SIBLINGS", &hosts.site_origin().replacen("site", "*", 1))
}
