//! Documents to start from, each with a hint of what it shows.

use serde_json::{json, Value};

use crate::hosts::Hosts;

/// A document to start from. In it, SITE stands for the site's origin, and SIBLINGS for the same origin with `*` as
/// the first label of its host.
struct Preset {
    /// The page's steps know these ids.
    id: &'static str,
    name: &'static str,
    hint: &'static str,
    document: &'static str,
}

const PRESETS: [Preset; 8] = [
    Preset {
        id: "none",
        name: "No rules",
        hint: "The server answers, but the browser does not let the page read any answer.",
        document: "",
    },
    Preset {
        id: "read",
        name: "This page may read",
        hint: "One rule for one origin and GET. PUT and DELETE ask in a preflight and are refused.",
        document: include_str!("../presets/read.json"),
    },
    Preset {
        id: "write",
        name: "This page may write",
        hint: "PUT is granted with its header x-note, and the browser remembers that for a minute. DELETE is not.",
        document: include_str!("../presets/write.json"),
    },
    Preset {
        id: "star",
        name: "A star for everyone",
        hint: "Every page on the web may read, a stranger's too.",
        document: include_str!("../presets/star.json"),
    },
    Preset {
        id: "wildcard",
        name: "A wildcard",
        hint: "One * inside of an origin matches any characters: here, every name below localhost.",
        document: include_str!("../presets/wildcard.xml"),
    },
    Preset {
        id: "methods",
        name: "Methods only",
        hint: "PUT is allowed, but its header x-note is not, so the preflight is refused. The explanation says why.",
        document: include_str!("../presets/methods.json"),
    },
    Preset {
        id: "dangerous",
        name: "Dangerous",
        hint: "Everything works, but also for pages of http://site.localhost.evil.example. A lint warns about it.",
        document: include_str!("../presets/dangerous.json"),
    },
    Preset {
        id: "invalid",
        name: "Invalid",
        hint: "All problems are found at once, each at its line, and the rules in force stay as they are.",
        document: include_str!("../presets/invalid.json"),
    },
];

pub fn all(hosts: &Hosts) -> Value {
    let to_json = |preset: &Preset| {
        json!({
            "id": preset.id,
            "name": preset.name,
            "hint": preset.hint,
            "document": fill_in(hosts, preset.document),
        })
    };
    PRESETS.iter().map(to_json).collect()
}

/// Replaces the placeholders of a document by origins.
fn fill_in(hosts: &Hosts, document: &str) -> String {
    document
        .replace("SITE", &hosts.site_origin())
        .replace("SIBLINGS", &hosts.site_origin().replacen("site", "*", 1))
}
