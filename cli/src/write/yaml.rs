//! YAML, indented by two blanks.

use super::{json, Part};

pub(super) fn write(part: &Part) -> String {
    let mut lines = Vec::new();
    push(part, &mut lines);
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The lines of a list or a mapping that is not empty.
fn push(part: &Part, lines: &mut Vec<String>) {
    match part {
        Part::List(items) => {
            for item in items {
                nested(item, "- ", "  ", lines);
            }
        }
        Part::Map(entries) => {
            for (key, part) in entries {
                match inline(part) {
                    Some(text) => lines.push(format!("{}: {text}", scalar(key))),
                    None => {
                        lines.push(format!("{}:", scalar(key)));
                        nested(part, "  ", "  ", lines);
                    }
                }
            }
        }
        _ => lines.extend(inline(part)),
    }
}

fn nested(part: &Part, first: &str, others: &str, lines: &mut Vec<String>) {
    let mut inner = Vec::new();
    match inline(part) {
        Some(text) => inner.push(text),
        None => push(part, &mut inner),
    }
    let indent = |number| if number == 0 { first } else { others };
    lines.extend(inner.iter().enumerate().map(|(number, line)| format!("{}{line}", indent(number))));
}

/// What has its place beside its key.
fn inline(part: &Part) -> Option<String> {
    match part {
        Part::Text(text) => Some(scalar(text)),
        Part::Number(number) => Some(number.to_string()),
        Part::List(items) if items.is_empty() => Some("[]".into()),
        Part::Map(entries) if entries.is_empty() => Some("{}".into()),
        _ => None,
    }
}

/// Text without quotes if no version of YAML takes it for anything else.
pub(crate) fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    // A colon is a part of the text unless a blank follows it.
    let is_safe = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| is_plain(c) || c == ':')
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_safe {
        text.into()
    } else {
        json::string(text)
    }
}
