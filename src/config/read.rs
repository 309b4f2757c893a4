//! The tree that every format is parsed into, and from there to rules: every unknown, duplicate and ill-typed entry is a fault of its own.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use super::error::{ParseError, ParseFault};
use super::location::{Field, Location};
use super::spelling::{self, XML_BLANKS};
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
    pub(super) key_start: usize,
    pub(super) node: Node,
}

/// What a document says, and where it says it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) configuration: CorsConfiguration,
    pub(super) spans: Span,
}

/// The bytes of a configuration, a rule, a field or an entry, and those of its parts.
#[derive(Clone, Debug)]
pub(super) struct Span {
    bytes: Range<usize>,
    field: Option<Field>,
    parts: Vec<Span>,
}

impl Span {
    fn new(bytes: &Range<usize>, field: Option<Field>, parts: Vec<Span>) -> Self {
        Span { bytes: bytes.clone(), field, parts }
    }

    /// The bytes at the location, or those of the smallest part that it would be in.
    pub(super) fn find(&self, location: Location) -> &Range<usize> {
        let rule = location.rule.and_then(|rule| self.parts.get(rule));
        let field = rule.and_then(|rule| rule.parts.iter().find(|part| part.field == location.field));
        let entry = field.zip(location.index).and_then(|(field, index)| field.parts.get(index));
        &entry.or(field).or(rule).unwrap_or(self).bytes
    }
}

pub(super) const WRAPPER: &str = "CORSConfiguration";
pub(super) const RULES: &str = "CORSRules";
pub(super) const RULE: &str = "CORSRule";

/// Reads JSON: a list of rules, bare, under `CORSRules`, or under that in `CORSConfiguration`.
pub(super) fn json(text: &str, root: &Node) -> Result<Reading, ParseError> {
    let mut reader = Reader::new(false, Vec::new());
    let rules = reader.document(root, &[RULES, WRAPPER]);
    reader.finish(text, root, rules)
}

/// Reads XML: the children of the root element. `faults` were found in attributes and between elements.
pub(super) fn xml(text: &str, root: &Entry, faults: Vec<ParseFault>) -> Result<Reading, ParseError> {
    let mut reader = Reader::new(true, faults);
    if root.key != WRAPPER {
        reader.unknown("root element", root, None, &[WRAPPER]);
        return reader.finish(text, &root.node, Vec::new());
    }
    let mut rules = Vec::new();
    for entry in reader.children(&root.node, None) {
        if entry.key == RULE {
            rules.push(reader.rule(&entry.node, rules.len()));
        } else {
            reader.unknown("element", entry, None, &[RULE]);
        }
    }
    reader.finish(text, &root.node, rules)
}

struct Reader {
    /// In XML, each entry of a list is an element of its own, and all values are text.
    is_xml: bool,
    faults: Vec<ParseFault>,
    /// Faults that were found before, and that come later in the document.
    later: Peekable<IntoIter<ParseFault>>,
    /// Those of the rules.
    spans: Vec<Span>,
}

impl Reader {
    fn new(is_xml: bool, later: Vec<ParseFault>) -> Self {
        Reader { is_xml, faults: Vec::new(), later: later.into_iter().peekable(), spans: Vec::new() }
    }

    fn finish(mut self, text: &str, root: &Node, rules: Vec<CorsRule>) -> Result<Reading, ParseError> {
        self.faults.extend(self.later);
        if !self.faults.is_empty() {
            return Err(ParseError::new(text, self.faults));
        }
        let spans = Span::new(&root.span, None, self.spans);
        Ok(Reading { configuration: CorsConfiguration { rules }, spans })
    }

    fn fault(&mut self, offset: usize, location: impl Into<Option<Location>>, message: impl Into<String>) {
        while let Some(earlier) = self.later.next_if(|fault| fault.offset < offset) {
            self.faults.push(earlier);
        }
        self.faults.push(ParseFault::new(offset, location.into(), message));
    }

    fn unknown(&mut self, noun: &str, entry: &Entry, location: Option<Location>, known: &[&str]) {
        self.fault(entry.key_start, location, spelling::unknown(noun, &entry.key, known));
    }

    fn expected(&mut self, what: &str, node: &Node, location: impl Into<Option<Location>>) {
        let location = location.into();
        match &node.value {
            Value::Map(entries) if self.is_xml => {
                for Entry { key, key_start, .. } in entries {
                    let message = format!("unexpected element {}, expected text", Quoted(key));
                    self.fault(*key_start, location, message);
                }
            }
            value => {
                self.fault(node.span.start, location, format!("expected {what}, found {}", found(value)))
            }
        }
    }

    /// The rules of a JSON document, or of the object in its `CORSConfiguration`.
    fn document(&mut self, node: &Node, keys: &[&str]) -> Vec<CorsRule> {
        let is_root = keys.contains(&WRAPPER);
        match &node.value {
            Value::List(items) if is_root => return self.rules(items),
            Value::Map(entries) if is_rule(entries) => {
                self.fault(node.span.start, None, "this is a single rule; put it into a list: [ ... ]");
                return vec![self.rule(node, 0)];
            }
            Value::Map(entries) => return self.container(node, entries, keys),
            _ if is_root => {
                self.expected("an array of rules or an object with the key \"CORSRules\"", node, None);
            }
            _ => self.expected("an object with the key \"CORSRules\"", node, None),
        }
        Vec::new()
    }

    fn container(&mut self, node: &Node, entries: &[Entry], keys: &[&str]) -> Vec<CorsRule> {
        let mut rules = None;
        for entry in entries {
            let own = keys.iter().copied().find(|key| *key == entry.key);
            if own.is_none() {
                self.unknown("key", entry, None, keys);
            }
            let Some(meant) = own.or_else(|| spelling::container(&entry.key)) else {
                continue;
            };
            if rules.is_some() {
                self.fault(entry.key_start, None, "rules are given twice; merge them into one list");
            }
            rules = Some(match &entry.node.value {
                _ if meant == WRAPPER => self.document(&entry.node, &[RULES]),
                Value::List(items) => self.rules(items),
                _ => {
                    self.expected("an array of rules", &entry.node, Location::default());
                    Vec::new()
                }
            });
        }
        if rules.is_none() && self.faults.is_empty() {
            self.fault(node.span.end.saturating_sub(1), None, format!("the key {RULES:?} is missing"));
        }
        rules.unwrap_or_default()
    }

    fn rules(&mut self, items: &[Node]) -> Vec<CorsRule> {
        items.iter().enumerate().map(|(number, item)| self.rule(item, number)).collect()
    }

    fn rule(&mut self, node: &Node, number: usize) -> CorsRule {
        let location = Location::rule(number);
        let (noun, name): (_, fn(Field) -> _) =
            if self.is_xml { ("element", Field::element) } else { ("key", Field::as_str) };
        let mut rule = CorsRule::default();
        let mut fields: Vec<Span> = Vec::new();
        for entry in self.children(node, Some(location)) {
            let known = Field::ALL.into_iter().find(|field| name(*field) == entry.key);
            if known.is_none() {
                self.unknown(noun, entry, Some(location), &Field::ALL.map(name));
            }
            let Some(field) = known.or_else(|| spelling::field(&entry.key)) else {
                continue;
            };
            let at = location.with_field(field);
            let may_repeat = self.is_xml && rule.list_mut(field).is_some();
            if !fields.iter().any(|span| span.field == Some(field)) {
                fields.push(Span::new(&entry.node.span, Some(field), Vec::new()));
            } else if !may_repeat {
                // Of another format's name it is said already that it is unknown.
                if known.is_some() {
                    self.fault(entry.key_start, location, format!("duplicate {noun} {}", Quoted(&entry.key)));
                }
                continue;
            }
            match (field, rule.list_mut(field)) {
                (_, Some(list)) => {
                    let entries = self.list(&entry.node, at, list);
                    if let Some(span) = fields.iter_mut().find(|span| span.field == Some(field)) {
                        span.parts.extend(entries);
                    }
                }
                (Field::MaxAgeSeconds, _) => rule.max_age_seconds = self.seconds(&entry.node, at),
                _ => rule.id = self.text(&entry.node, at).filter(|id| !id.is_empty()),
            }
        }
        self.spans.push(Span::new(&node.span, None, fields));
        rule
    }

    /// Appends the texts to the list, and returns their spans.
    fn list(&mut self, node: &Node, location: Location, list: &mut Vec<String>) -> Vec<Span> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            _ if self.is_xml => std::slice::from_ref(node),
            _ => {
                self.expected("an array of strings", node, location);
                &[]
            }
        };
        for item in items {
            let location = location.with_index(list.len());
            // What is no text keeps its place, so that those after it keep theirs.
            list.push(self.text(item, location).unwrap_or_default());
        }
        items.iter().map(|item| Span::new(&item.span, None, Vec::new())).collect()
    }

    fn text(&mut self, node: &Node, location: Location) -> Option<String> {
        if let Value::Text(text) = &node.value {
            return Some(text.clone());
        }
        self.expected("a string", node, location);
        None
    }

    fn seconds(&mut self, node: &Node, location: Location) -> Option<i32> {
        let (text, shown) = match &node.value {
            // XML Schema collapses the white space around an xs:int.
            Value::Text(text) if self.is_xml => {
                let text = text.trim_matches(XML_BLANKS);
                (text, Quoted(text).to_string())
            }
            Value::Bare(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                (text.as_str(), found(&node.value))
            }
            _ => {
                self.expected("an integer", node, location);
                return None;
            }
        };
        let number = text.parse();
        if number.is_err() && !text.is_empty() {
            let message = format!("{shown} is not an integer from {} to {}", i32::MIN, i32::MAX);
            self.fault(node.span.start, location, message);
        }
        number.ok()
    }

    /// The entries of a rule or of the root element; an XML element without children is one without entries.
    fn children<'n>(&mut self, node: &'n Node, location: Option<Location>) -> &'n [Entry] {
        match &node.value {
            Value::Map(entries) => return entries,
            Value::Text(text) if self.is_xml => {
                let text = text.trim_matches(XML_BLANKS);
                if !text.is_empty() {
                    let message = format!("unexpected text {} between elements", Quoted(text));
                    self.fault(node.span.start, location, message);
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
