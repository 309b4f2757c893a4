//! The tree that every format is parsed into, and from there to rules: every unknown, duplicate and ill-typed entry is a fault of its own.

use std::ops::Range;

use super::error::{Fault, ParseError};
use super::location::{Field, Location};
use super::spelling::{self, Spelling};
use super::{CorsConfiguration, CorsRule};
use crate::pattern::Quoted;

/// A part of a document, and the bytes of the text that it was read from.
#[derive(Debug)]
pub(super) struct Node {
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
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) node: Node,
}

/// What a document says, and where it says it.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) configuration: CorsConfiguration,
    /// Sorted by location.
    pub(super) spans: Vec<(Location, Range<usize>)>,
}

const WRAPPER: &str = "CORSConfiguration";
const RULES: &str = "CORSRules";
const RULE: &str = "CORSRule";

/// Reads JSON: a list of rules, bare, under `CORSRules`, or under that in `CORSConfiguration`.
#[cfg(feature = "json")]
pub(super) fn json(text: &str, root: &Node) -> Result<Reading, ParseError> {
    let mut reader = Reader::new(&spelling::JSON);
    let rules = reader.document(root, &[RULES, WRAPPER]);
    reader.finish(text, root, rules)
}

/// Reads XML: the children of the root element. `faults` were found in attributes and between elements.
#[cfg(feature = "xml")]
pub(super) fn xml(text: &str, root: &Entry, faults: Vec<Fault>) -> Result<Reading, ParseError> {
    let mut reader = Reader { faults, ..Reader::new(&spelling::XML) };
    if root.key != WRAPPER {
        let message = spelling::unknown("root element", &root.key, &[WRAPPER]);
        reader.faults.push(Fault::new(root.key_span.start, message));
        return reader.finish(text, &root.node, Vec::new());
    }
    let mut rules = Vec::new();
    for entry in reader.children(&root.node, None) {
        if entry.key == RULE {
            rules.push(reader.rule(&entry.node, rules.len()));
        } else {
            let message = spelling::unknown("element", &entry.key, &[RULE]);
            reader.faults.push(Fault::new(entry.key_span.start, message));
        }
    }
    reader.finish(text, &root.node, rules)
}

struct Reader {
    spelling: &'static Spelling,
    faults: Vec<Fault>,
    spans: Vec<(Location, Range<usize>)>,
}

impl Reader {
    fn new(spelling: &'static Spelling) -> Self {
        Reader { spelling, faults: Vec::new(), spans: Vec::new() }
    }

    fn finish(mut self, text: &str, root: &Node, rules: Vec<CorsRule>) -> Result<Reading, ParseError> {
        if !self.faults.is_empty() {
            return Err(ParseError::new(text, self.faults));
        }
        self.spans.push((Location::default(), root.span.clone()));
        self.spans.sort_by_key(|(location, _)| *location);
        Ok(Reading { configuration: CorsConfiguration { rules }, spans: self.spans })
    }

    fn fault_at(&mut self, offset: usize, location: impl Into<Option<Location>>, message: impl Into<String>) {
        self.faults.push(Fault { location: location.into(), ..Fault::new(offset, message) });
    }

    fn fault(&mut self, node: &Node, location: impl Into<Option<Location>>, message: impl Into<String>) {
        self.fault_at(node.span.start, location, message);
    }

    fn expected(&mut self, what: &str, node: &Node, location: impl Into<Option<Location>>) {
        self.fault(node, location, format!("expected {what}, found {}", found(&node.value)));
    }

    /// The rules of a JSON document, or of the object in its `CORSConfiguration`.
    fn document(&mut self, node: &Node, keys: &[&str]) -> Vec<CorsRule> {
        match &node.value {
            Value::List(items) if keys.contains(&WRAPPER) => self.rules(items),
            Value::Map(entries) if is_rule(entries) => {
                self.fault(node, None, "this is a single rule; put it into a list: [ ... ]");
                vec![self.rule(node, 0)]
            }
            Value::Map(entries) => self.container(node, entries, keys),
            _ if keys.contains(&WRAPPER) => {
                self.expected("an array of rules or an object with the key \"CORSRules\"", node, None);
                Vec::new()
            }
            _ => {
                self.expected("an object with the key \"CORSRules\"", node, None);
                Vec::new()
            }
        }
    }

    fn container(&mut self, node: &Node, entries: &[Entry], keys: &[&str]) -> Vec<CorsRule> {
        let mut rules = None;
        for Entry { key, key_span, node } in entries {
            let meant =
                if keys.contains(&key.as_str()) { Some(key.as_str()) } else { spelling::container(key) };
            if meant != Some(key.as_str()) {
                let message = spelling::unknown("key", key, keys);
                self.fault_at(key_span.start, None, message);
            }
            if meant.is_some() && rules.is_some() {
                self.faults
                    .push(Fault::new(key_span.start, "rules are given twice; merge them into one list"));
            }
            match (meant, &node.value) {
                (Some(WRAPPER), _) => rules = Some(self.document(node, &[RULES])),
                (Some(_), Value::List(items)) => rules = Some(self.rules(items)),
                (Some(_), _) => {
                    self.expected("an array of rules", node, Location::default());
                    rules = Some(Vec::new());
                }
                (None, _) => {}
            }
        }
        if rules.is_none() && self.faults.is_empty() {
            let at = node.span.end.saturating_sub(1);
            self.faults.push(Fault::new(at, format!("the key {RULES:?} is missing")));
        }
        rules.unwrap_or_default()
    }

    fn rules(&mut self, items: &[Node]) -> Vec<CorsRule> {
        items.iter().enumerate().map(|(number, item)| self.rule(item, number)).collect()
    }

    fn rule(&mut self, node: &Node, number: usize) -> CorsRule {
        let location = Location::rule(number);
        self.spans.push((location, node.span.clone()));
        let mut rule = CorsRule::default();
        let mut seen = Vec::with_capacity(Field::ALL.len());
        for entry in self.children(node, Some(location)) {
            let known = self.spelling.field(&entry.key);
            if known.is_none() {
                let message = spelling::unknown(self.spelling.noun, &entry.key, &self.spelling.names());
                self.fault_at(entry.key_span.start, location, message);
            }
            let Some(field) = known.or_else(|| spelling::field(&entry.key)) else {
                continue;
            };
            let is_first = !seen.contains(&field);
            let may_repeat = self.spelling.repeats_lists && rule.list_mut(field).is_some();
            if !is_first && !may_repeat {
                // Of another format's name it is said already that it is unknown.
                if known.is_some() {
                    let message = format!("duplicate {} {}", self.spelling.noun, Quoted(&entry.key));
                    self.fault_at(entry.key_span.start, location, message);
                }
                continue;
            }
            if is_first {
                seen.push(field);
                self.spans.push((location.with_field(field), entry.node.span.clone()));
            }
            self.field(&entry.node, location.with_field(field), field, &mut rule);
        }
        rule
    }

    fn field(&mut self, node: &Node, location: Location, field: Field, rule: &mut CorsRule) {
        match (field, rule.list_mut(field)) {
            (_, Some(list)) => self.list(node, location, list),
            (Field::MaxAgeSeconds, _) => rule.max_age_seconds = self.seconds(node, location),
            _ => rule.id = self.text(node, location).filter(|id| !id.is_empty()),
        }
    }

    fn list(&mut self, node: &Node, location: Location, list: &mut Vec<String>) {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ if self.spelling.repeats_lists => std::slice::from_ref(node),
            _ => return self.expected("an array of strings", node, location),
        };
        for item in items {
            let location = location.with_index(list.len());
            self.spans.push((location, item.span.clone()));
            // What is no text keeps its place, so that those after it keep theirs.
            list.push(self.text(item, location).unwrap_or_default());
        }
    }

    fn text(&mut self, node: &Node, location: Location) -> Option<String> {
        match &node.value {
            Value::Text(text) => return Some(text.clone()),
            Value::Map(entries) if self.spelling.repeats_lists => {
                for Entry { key, key_span, .. } in entries {
                    let message = format!("unexpected element {}, expected text", Quoted(key));
                    self.fault_at(key_span.start, location, message);
                }
            }
            _ => self.expected("a string", node, location),
        }
        None
    }

    fn seconds(&mut self, node: &Node, location: Location) -> Option<i32> {
        let text = match &node.value {
            Value::Bare(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => text.clone(),
            // XML Schema collapses the white space around an xs:int.
            _ if self.spelling.repeats_lists => {
                self.text(node, location)?.trim_matches(spelling::XML_BLANKS).into()
            }
            _ => {
                self.expected("an integer", node, location);
                return None;
            }
        };
        let number = text.parse();
        if number.is_err() && !text.is_empty() {
            let shown =
                if self.spelling.repeats_lists { Quoted(&text).to_string() } else { found(&node.value) };
            let message = format!("{shown} is not an integer from {} to {}", i32::MIN, i32::MAX);
            self.fault(node, location, message);
        }
        number.ok()
    }

    /// The entries of a rule or of the root element; an XML element without children is one without entries.
    fn children<'n>(&mut self, node: &'n Node, location: Option<Location>) -> &'n [Entry] {
        match &node.value {
            Value::Map(entries) => return entries,
            Value::Text(text) if self.spelling.repeats_lists => {
                let text = text.trim_matches(spelling::XML_BLANKS);
                if !text.is_empty() {
                    self.fault(node, location, format!("unexpected text {} between elements", Quoted(text)));
                }
            }
            _ => self.expected("a rule, which is an object", node, location),
        }
        &[]
    }
}

/// A value as a message shows it.
fn found(value: &Value) -> String {
    match value {
        Value::Text(text) => Quoted(text).to_string(),
        Value::Bare(text) => text.chars().take(100).collect(),
        Value::List(_) => "an array".into(),
        Value::Map(_) => "an object".into(),
    }
}

/// Whether an object is a rule that should be in a list.
fn is_rule(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| spelling::field(&entry.key).is_some_and(|field| field != Field::Id))
}
