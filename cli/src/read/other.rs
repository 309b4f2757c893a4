//! Documents without rules: one of many that a command is given, or one in which they were not found.

use super::tree::{Entry, Node};
use super::{format, Syntax};

/// The message about a text in which no rules were found.
pub(super) fn nothing(text: &str) -> &'static str {
    if format::AZURE.iter().any(|name| text.contains(name)) {
        "no CORS rules found; those of Azure are not S3's"
    } else {
        "no CORS rules found; expected a list under a key such as CORSRules, CorsRules or cors_rule"
    }
}

/// What is said about a text that no syntax has, whatever else may be wrong with it, and the byte where.
pub(super) fn known_text(text: &str) -> Option<(usize, &'static str)> {
    let conflict = "\n<<<<<<< ";
    let start =
        if text.starts_with(conflict.trim_start()) { Some(0) } else { text.find(conflict).map(|at| at + 1) };
    if let Some(start) = start.filter(|_| text.contains("\n>>>>>>> ")) {
        return Some((start, "conflict markers of a merge; resolve the conflict first"));
    }
    let is_answer = text.contains("NoSuchCORSConfiguration") || text.contains("has no CORS configuration");
    // A description of the API has its errors too.
    (is_answer && text.len() < 2_000)
        .then_some((0, "this is an answer that says that the bucket has no rules"))
}

/// Whether the text has only templates or modules in which nothing looks like rules, some of many that a command is given,
/// or only comments.
pub(super) fn is_about_others(trees: &[Node], syntax: Syntax) -> bool {
    let is_empty = |tree: &Node| syntax == Syntax::Hcl && tree.entries().is_empty();
    let is_other = |tree: &Node| {
        is_empty(tree) || !tree.entries().is_empty() && !tree.entries().iter().any(looks_like_rules)
    };
    match syntax {
        Syntax::Xml => false,
        Syntax::Json => !trees.is_empty() && trees.iter().all(is_other),
        Syntax::Yaml | Syntax::Hcl => trees.iter().all(is_other),
    }
}

/// `rules` is a key of many things, so those below it count as well.
fn looks_like_rules(entry: &Entry) -> bool {
    const SIGNS: [&str; 3] = ["cors", "allow", "origin"];
    let is_sign = |entry: &Entry| {
        let key = entry.key.to_ascii_lowercase();
        SIGNS.iter().any(|sign| key.contains(sign))
    };
    let has_sign = |node: &Node| node.entries().iter().any(is_sign);
    let holds_sign = || has_sign(&entry.value) || entry.value.items().iter().any(has_sign);
    is_sign(entry) || entry.key.to_ascii_lowercase().contains("rule") && holds_sign()
}
