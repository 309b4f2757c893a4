//! The tree that every format is parsed into, and from there to rules: every unknown, duplicate and ill-typed entry is a fault of its own.

use std::ops::Range;

use super::document::{Reading, Span};
use super::error::{Fault, ParseError};
use super::location::{Field, Location};
use super::spelling::{self, XML_BLANKS};
use super::{CorsConfiguration, CorsRule};
use crate::pattern::Quoted;

/// A part of a document: an entry of an object with its key, an XML element with its name, or an item of a list.
#[derive(Debug)]
pub(super) struct Node {
    /// Empty for the item of a list.
    pub(super) key: String,
    pub(super) key_start: usize,
    /// The bytes of the text that the value was read from.
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    /// A number, `true`, `false` or `null`, as it is written.
    Bare(String),
    List(Vec<Node>),
    /// JSON's object, or an XML element with child elements.
    Map(Vec<Node>),
}

pub(super) const WRAPPER: &str = "CORSConfiguration";
pub(super) const RULES: &str = "CORSRules";
pub(super) const RULE: &str = "CORSRule";

/// Reads the rules of the tree. `faults` were found before, in attributes and between elements.
pub(super) fn read(text: &str, root: &Node, is_xml: bool, faults: Vec<Fault>) -> Result<Reading, ParseError> {
    let noun = if is_xml { "element" } else { "key" };
    let mut reader = Reader { is_xml, noun, faults: Vec::new(), spans: Vec::new() };
    let rules = if is_xml { reader.root_element(root) } else { reader.document(root, &[RULES, WRAPPER]) };
    let faults = merge(faults, reader.faults);
    if !faults.is_empty() {
        return Err(ParseError::new(text, faults));
    }
    let spans = Span { bytes: root.span.clone(), field: None, parts: reader.spans };
    Ok(Reading { configuration: CorsConfiguration { rules }, spans })
}

/// Both lists as one in the order of the document: a sort would be 8 KB of code in a user's program.
fn merge(first: Vec<Fault>, second: Vec<Fault>) -> Vec<Fault> {
    let (mut first, mut merged) = (first.into_iter().peekable(), Vec::new());
    for fault in second {
        while let Some(earlier) = first.next_if(|earlier| earlier.0 < fault.0) {
            merged.push(earlier);
        }
        merged.push(fault);
    }
    merged.extend(first);
    merged
}

struct Reader {
    /// In XML, each entry of a list is an element of its own, and all values are text.
    is_xml: bool,
    /// What the format calls an entry.
    noun: &'static str,
    faults: Vec<Fault>,
    /// Those of the rules.
    spans: Vec<Span>,
}

impl Reader {
    fn fault(&mut self, offset: usize, location: Option<Location>, message: &str) {
        let location = location.map(|location| format!("{location}: ")).unwrap_or_default();
        self.faults.push((offset, location + message));
    }

    fn unknown(&mut self, noun: &str, entry: &Node, location: Option<Location>, known: &[&str]) {
        self.fault(entry.key_start, location, &spelling::unknown(noun, &entry.key, known));
    }

    fn expected(&mut self, what: &str, node: &Node, location: Option<Location>) {
        match &node.value {
            Value::Map(entries) if self.is_xml => {
                for Node { key, key_start, .. } in entries {
                    let message = format!("unexpected element {}, expected text", Quoted(key));
                    self.fault(*key_start, location, &message);
                }
            }
            found => {
                let message = format!("expected {what}, found {}", shown(found));
                self.fault(node.span.start, location, &message);
            }
        }
    }

    fn root_element(&mut self, root: &Node) -> Vec<CorsRule> {
        let mut rules = Vec::new();
        if root.key != WRAPPER {
            self.unknown("root element", root, None, &[WRAPPER]);
            return rules;
        }
        for entry in self.children(root, None) {
            if entry.key == RULE {
                rules.push(self.rule(entry, rules.len()));
            } else {
                self.unknown(self.noun, entry, None, &[RULE]);
            }
        }
        rules
    }

    /// The rules of a JSON document: a list, or that under `CORSRules`, or that object under `CORSConfiguration`.
    fn document(&mut self, node: &Node, keys: &[&str]) -> Vec<CorsRule> {
        let is_root = keys.contains(&WRAPPER);
        match &node.value {
            Value::List(items) if is_root => self.rules(items),
            Value::Map(entries) if is_rule(entries) => {
                self.fault(node.span.start, None, "this is a single rule; put it into a list: [ ... ]");
                vec![self.rule(node, 0)]
            }
            Value::Map(entries) => self.container(node, entries, keys),
            _ => {
                let list = if is_root { "an array of rules or " } else { "" };
                self.expected(&format!("{list}an object with the key {RULES:?}"), node, None);
                Vec::new()
            }
        }
    }

    fn container(&mut self, node: &Node, entries: &[Node], keys: &[&str]) -> Vec<CorsRule> {
        let mut rules = None;
        for entry in entries {
            let own = keys.iter().copied().find(|key| *key == entry.key);
            if own.is_none() {
                self.unknown(self.noun, entry, None, keys);
            }
            let Some(meant) = own.or_else(|| spelling::container(&entry.key)) else {
                continue;
            };
            if rules.is_some() {
                self.fault(entry.key_start, None, "rules are given twice; merge them into one list");
            }
            rules = Some(match &entry.value {
                _ if meant == WRAPPER => self.document(entry, &[RULES]),
                Value::List(items) => self.rules(items),
                _ => {
                    self.expected("an array of rules", entry, Some(Location::default()));
                    Vec::new()
                }
            });
        }
        if rules.is_none() && self.faults.is_empty() {
            self.fault(node.span.end.saturating_sub(1), None, &format!("the key {RULES:?} is missing"));
        }
        rules.unwrap_or_default()
    }

    fn rules(&mut self, items: &[Node]) -> Vec<CorsRule> {
        items.iter().enumerate().map(|(number, item)| self.rule(item, number)).collect()
    }

    fn rule(&mut self, node: &Node, number: usize) -> CorsRule {
        let location = Location::rule(number);
        let mut rule = CorsRule::default();
        let mut fields: Vec<Span> = Vec::new();
        for entry in self.children(node, Some(location)) {
            let Some(field) = self.field(entry, location) else {
                continue;
            };
            let at = location.with_field(field);
            let list = rule.list_mut(field);
            let earlier = fields.iter_mut().find(|span| span.field == Some(field));
            if earlier.is_some() && !(self.is_xml && list.is_some()) {
                // Of another format's name it is said already that it is unknown.
                if self.name(field) == entry.key {
                    let message = format!("duplicate {} {}", self.noun, Quoted(&entry.key));
                    self.fault(entry.key_start, Some(location), &message);
                }
                continue;
            }
            let mut parts = Vec::new();
            match (field, list) {
                (_, Some(list)) => parts = self.list(entry, at, list),
                (Field::MaxAgeSeconds, _) => rule.max_age_seconds = self.seconds(entry, at),
                _ => rule.id = self.text(entry, at).filter(|id| !id.is_empty()),
            }
            match earlier {
                Some(span) => span.parts.extend(parts),
                None => fields.push(Span { bytes: entry.span.clone(), field: Some(field), parts }),
            }
        }
        self.spans.push(Span { bytes: node.span.clone(), field: None, parts: fields });
        rule
    }

    /// The field that the entry means; another format's name for it is a fault.
    fn field(&mut self, entry: &Node, location: Location) -> Option<Field> {
        let known = Field::ALL.into_iter().find(|field| self.name(*field) == entry.key);
        known.or_else(|| {
            let names = Field::ALL.map(|field| self.name(field));
            self.unknown(self.noun, entry, Some(location), &names);
            spelling::field(&entry.key)
        })
    }

    fn name(&self, field: Field) -> &'static str {
        if self.is_xml {
            field.element()
        } else {
            field.as_str()
        }
    }

    /// Appends the texts to the list, and returns their spans.
    fn list(&mut self, node: &Node, location: Location, list: &mut Vec<String>) -> Vec<Span> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ if self.is_xml => std::slice::from_ref(node),
            _ => {
                self.expected("an array of strings", node, Some(location));
                &[]
            }
        };
        for item in items {
            let location = location.with_index(list.len());
            // What is no text keeps its place, so that those after it keep theirs.
            list.push(self.text(item, location).unwrap_or_default());
        }
        items.iter().map(|item| Span { bytes: item.span.clone(), field: None, parts: Vec::new() }).collect()
    }

    fn text(&mut self, node: &Node, location: Location) -> Option<String> {
        let Value::Text(text) = &node.value else {
            self.expected("a string", node, Some(location));
            return None;
        };
        Some(text.clone())
    }

    fn seconds(&mut self, node: &Node, location: Location) -> Option<i32> {
        let text = match &node.value {
            // XML Schema collapses the white space around an xs:int.
            Value::Text(text) if self.is_xml => text.trim_matches(XML_BLANKS),
            Value::Bare(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => text,
            _ => {
                self.expected("an integer", node, Some(location));
                return None;
            }
        };
        let number = text.parse();
        if number.is_err() && !text.is_empty() {
            let shown = if self.is_xml { Quoted(text).to_string() } else { shown(&node.value) };
            let message = format!("{shown} is not an integer from {} to {}", i32::MIN, i32::MAX);
            self.fault(node.span.start, Some(location), &message);
        }
        number.ok()
    }

    /// The entries of a rule or of the root element; an XML element without children is one without entries.
    fn children<'n>(&mut self, node: &'n Node, location: Option<Location>) -> &'n [Node] {
        match &node.value {
            Value::Map(entries) => return entries,
            Value::Text(text) if self.is_xml => {
                let text = text.trim_matches(XML_BLANKS);
                if !text.is_empty() {
                    let message = format!("unexpected text {} between elements", Quoted(text));
                    self.fault(node.span.start, location, &message);
                }
            }
            _ => self.expected("a rule, which is an object", node, location),
        }
        &[]
    }
}

/// A value as a message shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => Quoted(text).to_string(),
        Value::Bare(text) => text.chars().take(100).collect(),
        Value::List(_) => "an array".into(),
        Value::Map(_) => "an object".into(),
    }
}

/// Whether an object is a rule that should be in a list.
fn is_rule(entries: &[Node]) -> bool {
    entries.iter().any(|entry| spelling::field(&entry.key).is_some_and(|field| field != Field::Id))
}
