//! From a list of rules in the tree to a configuration, with the bytes of each location.

use std::collections::HashSet;
use std::ops::Range;

use tower_s3_cors::document::{Field, Location};
use tower_s3_cors::{CorsConfiguration, CorsRule};

use super::find::Found;
use super::finding::{Finding, Kind};
use super::format::{self, Format};
use super::tree::{quoted, Entry, Node, Value};
use super::values::placeholder;
use super::{Rules, Spans, Syntax};

/// Reads the rules that were found.
pub(crate) fn read(found: &Found<'_>, format: &Format, syntax: Syntax, findings: &mut Vec<Finding>) -> Rules {
    let mut reader = Reader {
        format,
        syntax,
        spans: Spans::new(found.node.span.clone()),
        findings,
        unknown: HashSet::new(),
        may_be_singular: syntax == Syntax::Xml || found.container() == Some("CORSRule"),
    };
    reader.siblings(found.siblings);
    let mut rules = Vec::new();
    match &found.node.value {
        Value::List(items) => {
            for (number, item) in items.iter().enumerate() {
                rules.push(reader.rule(item, Location::rule(number)));
            }
        }
        Value::Map(entries) if !format::is_rule(found.node) => {
            let mut entries: Vec<&Entry> = entries.iter().collect();
            // As `for_each` has them.
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            for (number, entry) in entries.into_iter().enumerate() {
                rules.push(reader.rule(&entry.value, Location::rule(number)));
            }
        }
        Value::Map(_) => rules.push(reader.single(found)),
        Value::Unknown(_) => {
            reader.is_unknown(found.node, Location::default());
        }
        _ => reader.expected("a list of rules", found.node, Some(Location::default())),
    }
    let configuration = CorsConfiguration { rules };
    let (spans, unknown) = (reader.spans, reader.unknown);
    Rules { bucket: String::new(), resource: None, configuration, spans, unknown, is_typical: false }
}

const RESPONSE_VARY: [&str; 2] = ["ResponseVary", "response_vary"];

pub(super) struct Reader<'f> {
    pub(super) format: &'f Format,
    pub(super) syntax: Syntax,
    pub(super) spans: Spans,
    findings: &'f mut Vec<Finding>,
    /// The locations whose values only the cloud knows.
    pub(super) unknown: HashSet<Location>,
    /// The names of XML may stand here, or it is said that they may not.
    may_be_singular: bool,
}

impl Reader<'_> {
    pub(super) fn find(
        &mut self,
        kind: Kind,
        span: &Range<usize>,
        location: Option<Location>,
        message: String,
    ) {
        self.findings.push(Finding { kind, span: span.clone(), bucket: String::new(), location, message });
    }

    pub(super) fn expected(&mut self, what: &str, node: &Node, location: Option<Location>) {
        self.find(Kind::Fault, &node.span, location, format!("expected {what}, found {}", node.describe()));
    }

    fn single(&mut self, found: &Found<'_>) -> CorsRule {
        // In Terraform's JSON an object is one block, and of what type a module's variable is, the module says.
        let is_block = matches!(found.path.first(), Some(&("resource" | "module")));
        if self.syntax != Syntax::Xml && found.container() != Some("CORSRule") && !is_block {
            let message = "this is a single rule; put it into a list";
            self.find(Kind::Doubt, &found.node.span, None, message.into());
        }
        self.rule(found.node, Location::rule(0))
    }

    /// What OSS and COS have beside the rules.
    fn siblings(&mut self, siblings: &[Entry]) {
        for Entry { key, key_span, value } in siblings {
            let is_set =
                !matches!(&value.value, Value::Text(word) | Value::Bare(word) if word.trim() == "false");
            if RESPONSE_VARY.contains(&key.as_str()) && is_set {
                self.left_out(key, key_span, None);
            }
        }
    }

    fn left_out(&mut self, name: &str, span: &Range<usize>, location: Option<Location>) {
        self.find(Kind::Note, span, location, format!("S3 has no {name:?}; it is left out"));
    }

    /// Whether only the cloud knows the value, which is then a finding.
    pub(super) fn is_unknown(&mut self, node: &Node, location: Location) -> bool {
        let Value::Unknown(written) = &node.value else {
            return false;
        };
        self.find(
            Kind::Unknown,
            &node.span,
            Some(location),
            format!("{written} is known only when it is deployed"),
        );
        self.unknown.insert(location)
    }

    fn rule(&mut self, node: &Node, location: Location) -> CorsRule {
        let mut rule = CorsRule::default();
        self.spans.push(location, node.span.clone());
        if self.is_unknown(node, location) {
            return unknown_rule(location);
        }
        if !matches!(node.value, Value::Map(_)) {
            self.expected("a rule", node, Some(location));
        }
        let mut seen = Vec::new();
        for entry in node.entries() {
            match format::allowed(entry) {
                Some(inner) => {
                    for inner in inner {
                        self.entry(inner, &format!("allowed.{}", inner.key), location, &mut rule, &mut seen);
                    }
                }
                None => self.entry(entry, &entry.key, location, &mut rule, &mut seen),
            }
        }
        rule
    }

    fn entry(
        &mut self,
        entry: &Entry,
        name: &str,
        location: Location,
        rule: &mut CorsRule,
        seen: &mut Vec<(Field, String)>,
    ) {
        let Some(field) = self.field(entry, name, location) else {
            return;
        };
        if let Some((_, earlier)) = seen.iter().find(|(other, _)| *other == field) {
            let message = if earlier == name {
                format!("duplicate {} {}", self.noun(), quoted(name))
            } else {
                format!("{} and {} are the same field; write one of them", quoted(earlier), quoted(name))
            };
            return self.find(Kind::Fault, &entry.key_span, Some(location), message);
        }
        self.doubt(entry, name, field, location);
        seen.push((field, name.to_owned()));
        if entry.value.is_null() {
            return;
        }
        let at = location.with_field(field);
        self.spans.push(at, entry.value.span.clone());
        match field {
            Field::Id => rule.id = self.id(&entry.value, at),
            Field::MaxAgeSeconds => rule.max_age_seconds = self.seconds(&entry.value, at),
            Field::AllowedOrigins => rule.allowed_origins = self.list(&entry.value, at),
            Field::AllowedMethods => rule.allowed_methods = self.methods(&entry.value, at),
            Field::AllowedHeaders => rule.allowed_headers = self.list(&entry.value, at),
            _ if self.format.has_option("gcs") => self.response_headers(&entry.value, location, rule),
            _ => rule.expose_headers = self.list(&entry.value, at),
        }
    }

    fn noun(&self) -> &'static str {
        if self.syntax == Syntax::Xml {
            "element"
        } else {
            "key"
        }
    }

    /// The field that the entry means in this format, or in another that has a name of its own for it here.
    fn field(&mut self, entry: &Entry, name: &str, location: Location) -> Option<Field> {
        if name.to_ascii_lowercase().contains("credential") {
            let message = format!("S3's rules have no {}; use --credentials", quoted(name));
            self.find(Kind::Note, &entry.key_span, Some(location), message);
            return None;
        }
        // Volcano Engine has it in each rule.
        if RESPONSE_VARY.contains(&name) {
            self.left_out(name, &entry.key_span, Some(location));
            return None;
        }
        let known = self.format.field(name).or_else(|| format::field(name));
        let known = known.filter(|field| self.format.name_of(*field).is_some());
        if known.is_none() {
            let message = self.format.unknown(self.noun(), name);
            self.find(Kind::Fault, &entry.key_span, Some(location), message);
        }
        known
    }

    /// Another format's name is read too, but its own tool would refuse or ignore it.
    fn doubt(&mut self, entry: &Entry, name: &str, field: Field, location: Location) {
        match self.format.name_of(field) {
            Some(own) if own != name => {
                let message =
                    format!("{} is not a name of {}; write {own:?}", quoted(name), self.format.name);
                self.find(Kind::Doubt, &entry.key_span, Some(location), message);
            }
            _ => self.singular(entry, location),
        }
    }

    /// The singular names are those of XML: tools that take S3's JSON refuse them.
    fn singular(&mut self, entry: &Entry, location: Location) {
        let is_singular = self.format.has_option("oss") && entry.key.starts_with("Allowed");
        if is_singular && !self.may_be_singular {
            self.may_be_singular = true;
            let message =
                format!("{:?} is the name in XML; S3's JSON has {:?}", entry.key, entry.key.clone() + "s");
            self.find(Kind::Doubt, &entry.key_span, Some(location), message);
        }
    }
}

fn unknown_rule(location: Location) -> CorsRule {
    CorsRule::new([placeholder(location.with_field(Field::AllowedOrigins))], ["GET"])
}
