//! JSON, indented by two blanks.

use super::Part;
use crate::escape::escaped_json;

pub(super) fn write(part: &Part) -> String {
    value(part, 0) + "\n"
}

fn value(part: &Part, indent: usize) -> String {
    let block = |[open, close]: [&str; 2], items: Vec<String>| {
        if items.is_empty() {
            return format!("{open}{close}");
        }
        let line = format!("\n{}", " ".repeat(indent));
        format!("{open}{line}  {}{line}{close}", items.join(&format!(",{line}  ")))
    };
    match part {
        Part::Text(text) => string(text),
        Part::Number(number) => number.to_string(),
        Part::List(items) => block(["[", "]"], items.iter().map(|item| value(item, indent + 2)).collect()),
        Part::Map(entries) => {
            let entry =
                |(key, part): &(String, Part)| format!("{}: {}", string(key), value(part, indent + 2));
            block(["{", "}"], entries.iter().map(entry).collect())
        }
    }
}

/// A string that JSON, YAML and HCL read the same.
pub(crate) fn string(text: &str) -> String {
    escaped_json(&serde_json::Value::from(text).to_string())
}
