//! Single values of a rule and lists of them, as people write them.

use tower_s3_cors::document::{Field, Location};

use super::finding::Kind;
use super::rules::Reader;
use super::tree::{quoted, Node, Value};
use super::Syntax;

impl Reader<'_> {
    pub(super) fn id(&mut self, node: &Node, location: Location) -> Option<String> {
        match &node.value {
            // No request is decided by it.
            Value::Unknown(written) => {
                let message =
                    format!("{written} is known only when it is deployed; the rule is read without an ID");
                self.find(Kind::Note, &node.span, Some(location), message);
                None
            }
            Value::Text(text) | Value::Bare(text) => Some(text.clone()).filter(|id| !id.is_empty()),
            _ => {
                self.expected("a string", node, Some(location));
                None
            }
        }
    }

    pub(super) fn seconds(&mut self, node: &Node, location: Location) -> Option<i32> {
        if self.is_unknown(node, location) {
            return None;
        }
        let text = match &node.value {
            Value::Bare(text) => text.as_str(),
            Value::Text(text) => text.trim(),
            _ => "",
        };
        let Ok(seconds) = text.parse() else {
            self.expected("a number of seconds", node, Some(location));
            return None;
        };
        let is_text = matches!(node.value, Value::Text(_)) && self.syntax != Syntax::Xml;
        // CloudFormation and Terraform convert it, and examples in AWS's documentation have it in quotes.
        let is_converted =
            ["oss", "cloudformation", "terraform"].iter().any(|own| self.format.has_option(own));
        if is_text && !is_converted {
            let message = format!("expected a number, found {}; write {seconds}", node.describe());
            self.find(Kind::Doubt, &node.span, Some(location), message);
        }
        Some(seconds)
    }

    pub(super) fn list(&mut self, node: &Node, location: Location) -> Vec<String> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Unknown(_) => {
                self.is_unknown(node, location);
                return vec![placeholder(location)];
            }
            Value::Text(text) => {
                if self.syntax != Syntax::Xml && !self.format.has_option("oss") {
                    let message = format!("expected a list, found {0}; write [{0}]", quoted(text));
                    self.find(Kind::Doubt, &node.span, Some(location), message);
                }
                std::slice::from_ref(node)
            }
            _ => {
                self.expected("a list of strings", node, Some(location));
                &[]
            }
        };
        items.iter().enumerate().map(|(index, item)| self.text(item, location.with_index(index))).collect()
    }

    fn text(&mut self, node: &Node, location: Location) -> String {
        self.spans.push(location, node.span.clone());
        match &node.value {
            Value::Text(text) if self.syntax == Syntax::Xml && text.trim() != text => {
                let message = format!("{} has blanks around it; they are left out", quoted(text));
                self.find(Kind::Doubt, &node.span, Some(location), message);
                text.trim().into()
            }
            Value::Text(text) if text.starts_with(TYPOGRAPHIC) => {
                self.find(Kind::Fault, &node.span, Some(location), QUOTES.into());
                String::new()
            }
            Value::Text(text) => text.clone(),
            Value::Unknown(_) => {
                self.is_unknown(node, location);
                placeholder(location)
            }
            _ => {
                self.expected("a string", node, Some(location));
                String::new()
            }
        }
    }
}

/// Quotes of a text program, which to YAML are a part of the value.
pub(super) const TYPOGRAPHIC: [char; 6] =
    ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}'];
pub(super) const QUOTES: &str = "typographic quotes; use straight quotes";

/// A text that no check has anything against, and that is like no other.
pub(super) fn placeholder(location: Location) -> String {
    let [rule, index] = [location.rule, location.index].map(Option::unwrap_or_default);
    match location.field {
        Some(Field::AllowedOrigins) => format!("https://unknown-{rule}-{index}.example.com"),
        _ => format!("x-unknown-{rule}-{index}"),
    }
}
