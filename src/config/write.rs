//! Configurations as S3's XML document and as JSON.

use super::location::Field;
use super::read::{RULE, RULES, WRAPPER};
use super::{CorsConfiguration, CorsRule};
use crate::pattern::{escape, is_invisible_control};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub(super) fn xml(configuration: &CorsConfiguration) -> String {
    let mut xml = format!("{HEAD}<{WRAPPER} xmlns=\"{NAMESPACE}\">");
    for rule in &configuration.rules {
        xml.extend(["<", RULE, ">"]);
        push_rule(&mut xml, rule);
        xml.extend(["</", RULE, ">"]);
    }
    xml.extend(["</", WRAPPER, ">"]);
    // Not in `push_element`: S3's errors are to be S3's bytes.
    escape(&xml, is_invisible_control, |c| format!("&#{};", u32::from(c)))
}

fn push_rule(xml: &mut String, rule: &CorsRule) {
    if let Some(id) = &rule.id {
        push_element(xml, Field::Id.element(), id);
    }
    for (field, values) in rule.lists() {
        values.iter().for_each(|value| push_element(xml, field.element(), value));
    }
    if let Some(seconds) = rule.max_age_seconds {
        push_element(xml, Field::MaxAgeSeconds.element(), &seconds.to_string());
    }
}

/// Appends `<name>text</name>`.
pub(crate) fn push_element(xml: &mut String, name: &str, text: &str) {
    xml.extend(["<", name, ">"]);
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            // A reader turns a bare carriage return into a line feed (XML 1.0, 2.11).
            '\r' => xml.push_str("&#13;"),
            c => xml.push(c),
        }
    }
    xml.extend(["</", name, ">"]);
}

/// Whether XML 1.0 (2.2) has a way to write the character at all.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The object that the AWS command line takes, indented by two blanks.
pub(super) fn json(configuration: &CorsConfiguration) -> String {
    let rules = configuration.rules.iter().map(json_rule).collect();
    format!("{{\n  \"{RULES}\": {}\n}}", json_block(["[", "]"], rules, 2))
}

fn json_rule(rule: &CorsRule) -> String {
    let entry = |field: Field, value: String| format!("\"{field}\": {value}");
    let list = |values: &[String]| {
        json_block(["[", "]"], values.iter().map(|value| json_string(value)).collect(), 6)
    };
    let id = rule.id.iter().map(|id| entry(Field::Id, json_string(id)));
    let lists = rule.lists().into_iter().filter(|(_, values)| !values.is_empty());
    let lists = lists.map(|(field, values)| entry(field, list(values)));
    let age = rule.max_age_seconds.iter().map(|age| entry(Field::MaxAgeSeconds, age.to_string()));
    json_block(["{", "}"], id.chain(lists).chain(age).collect(), 4)
}

/// An array or an object with a line for each item; the line of the closing bracket is indented as said.
fn json_block([open, close]: [&str; 2], items: Vec<String>, indent: usize) -> String {
    if items.is_empty() {
        return format!("{open}{close}");
    }
    let line = format!("\n{}", " ".repeat(indent));
    format!("{open}{line}  {}{line}{close}", items.join(&format!(",{line}  ")))
}

/// A string as JSON (RFC 8259, 7), with what a terminal obeys escaped too.
fn json_string(text: &str) -> String {
    let is_escaped = |c| c < ' ' || c == '"' || c == '\\' || is_invisible_control(c);
    let escaped = escape(text, is_escaped, |c| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        c => format!("\\u{:04x}", u32::from(c)),
    });
    format!("\"{escaped}\"")
}
