//! Terraform's HCL: from text to the tree. Blocks of one name are a list, and each label of a block is a mapping. What follows
//! from the file alone is worked out: locals, `dynamic` blocks, `for`, templates and the usual functions.

mod eval;
mod functions;
mod operators;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl_edit::Span;

use super::tree::{written, Entry, Node, SyntaxError, Value};
use super::values::{QUOTES, TYPOGRAPHIC};

/// The values that are worked out at most, so that a few bytes cannot become gigabytes.
const MAX_VALUES: usize = 100_000;

pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let body = parse_body(text).map_err(|error| {
        let offset = error.location().offset();
        let rest = text.get(offset..).unwrap_or_default();
        let message = if rest.starts_with(TYPOGRAPHIC) {
            QUOTES.into()
        } else if rest.starts_with('\'') {
            "single quotes; strings must be double-quoted".into()
        } else {
            format!("invalid HCL: {}", error.message().replace('`', "\"").replace("\"\"\"", "'\"'"))
        };
        SyntaxError { offset, message }
    })?;
    let reader = Reader {
        text,
        locals: locals(&body),
        used: RefCell::default(),
        left: Cell::new(MAX_VALUES),
        depth: Cell::new(0),
    };
    let mut tree = reader.body(&body, &Scope::default());
    reader.leave_out_used(&mut tree);
    Ok(tree)
}

fn locals(body: &Body) -> HashMap<&str, &Expression> {
    let attributes = body.get_blocks("locals").flat_map(|block| block.body.attributes());
    attributes.map(|attribute| (attribute.key.as_str(), &attribute.value)).collect()
}

struct Reader<'t> {
    text: &'t str,
    locals: HashMap<&'t str, &'t Expression>,
    /// The locals that something refers to.
    used: RefCell<HashSet<String>>,
    /// How many values may still be worked out.
    left: Cell<usize>,
    /// How many locals refer to each other at the moment.
    depth: Cell<usize>,
}

/// The names that `dynamic` and `for` give to values.
#[derive(Default)]
struct Scope<'s> {
    name: &'s str,
    value: Option<Node>,
    outer: Option<&'s Scope<'s>>,
}

impl Scope<'_> {
    fn with<'s>(&'s self, name: &'s str, value: Node) -> Scope<'s> {
        Scope { name, value: Some(value), outer: Some(self) }
    }

    fn get(&self, name: &str) -> Option<&Node> {
        let own = self.value.as_ref().filter(|_| self.name == name);
        own.or_else(|| self.outer.and_then(|outer| outer.get(name)))
    }
}

/// The parser bounds the nesting, so this is.
impl Reader<'_> {
    fn body(&self, body: &Body, scope: &Scope<'_>) -> Node {
        let mut entries: Vec<Entry> = Vec::new();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        body.blocks().for_each(|block| *counts.entry(block_name(block)).or_default() += 1);
        for structure in body {
            if scope.outer.is_some() && self.spend(1).is_none() {
                break;
            }
            match structure {
                Structure::Attribute(attribute) => entries.push(self.attribute(attribute, scope)),
                Structure::Block(block) => {
                    let is_alone = counts.get(block_name(block)) == Some(&1);
                    self.block(block, is_alone, scope, &mut entries);
                }
            }
        }
        Node::new(body.span().unwrap_or_default(), Value::Map(entries))
    }

    fn attribute(&self, attribute: &Attribute, scope: &Scope<'_>) -> Entry {
        let value = match attribute.key.contains("cors") {
            true => self.if_any(&attribute.value, scope),
            false => &attribute.value,
        };
        Entry {
            key: attribute.key.to_string(),
            key_span: attribute.key.span().unwrap_or_default(),
            value: self.expression(value, scope),
        }
    }

    fn block(&self, block: &Block, is_alone: bool, scope: &Scope<'_>, entries: &mut Vec<Entry>) {
        if let ("dynamic", [label]) = (block.ident.as_str(), block.labels.as_slice()) {
            let blocks = self.dynamic(block, is_alone, scope).unwrap_or_else(|| {
                let value = Value::Unknown(format!("dynamic {:?}", label.as_str()));
                vec![Node::new(block.span().unwrap_or_default(), value)]
            });
            return blocks.into_iter().for_each(|node| push(entries, label.as_str(), block, node));
        }
        // That of the block with its braces, so that a missing attribute is reported at the block.
        let whole = || Node { span: block.span().unwrap_or_default(), ..self.body(&block.body, scope) };
        if block.labels.is_empty() {
            return push(entries, block.ident.as_str(), block, whole());
        }
        let is_resource = ["resource", "module"].contains(&block.ident.as_str());
        let instances = if is_resource { self.instances(block, scope) } else { None };
        for (key, node) in instances.unwrap_or_else(|| vec![(String::new(), whole())]) {
            let mut value = node;
            for (number, label) in block.labels.iter().rev().enumerate() {
                value = labelled(label, if number == 0 { &key } else { "" }, value);
            }
            let key_span = block.ident.span().unwrap_or_default();
            entries.push(Entry { key: block.ident.to_string(), key_span, value });
        }
    }

    /// The blocks that a `dynamic` one stands for; none if that is not known.
    fn dynamic(&self, block: &Block, is_alone: bool, scope: &Scope<'_>) -> Option<Vec<Node>> {
        let attribute = |name| block.body.get_attribute(name).map(|attribute| &attribute.value);
        let iterator = match attribute("iterator") {
            Some(Expression::Variable(name)) => name.as_str(),
            _ => block_name(block),
        };
        let content = block.body.get_blocks("content").next()?;
        let collection = attribute("for_each")?;
        let collection = if is_alone { self.if_any(collection, scope) } else { collection };
        let items = self.items(collection, scope)?;
        let of_item = |item: (Node, Node)| {
            let (_, body) = self.body_of(&content.body, iterator, item, scope)?;
            Some(Node { span: content.span().unwrap_or_default(), ..body })
        };
        items.into_iter().map(of_item).collect()
    }

    /// The resources that one with `for_each` stands for, each with its key; none if that is not known, or if all have the
    /// same rules.
    fn instances(&self, block: &Block, scope: &Scope<'_>) -> Option<Vec<(String, Node)>> {
        let is_of_each = |structure: &Structure| {
            let name = match structure {
                Structure::Attribute(attribute) => attribute.key.as_str(),
                Structure::Block(block) => block.ident.as_str(),
            };
            let written = structure.span().and_then(|span| self.text.get(span)).unwrap_or_default();
            let is_rule = name == "dynamic" || name.contains("cors") || name.contains("rule");
            is_rule && written.contains("each.")
        };
        block.body.iter().any(is_of_each).then_some(())?;
        let items = self.items(&block.body.get_attribute("for_each")?.value, scope)?;
        let of_item = |item: (Node, Node)| {
            let (key, mut body) = self.body_of(&block.body, "each", item, scope)?;
            if let Value::Map(entries) = &mut body.value {
                // The rules in it are those of the instances.
                entries.retain(|entry| entry.key != "for_each");
            }
            Some((format!("[{key:?}]"), Node { span: block.span().unwrap_or_default(), ..body }))
        };
        items.into_iter().map(of_item).collect()
    }

    /// The body for one element, and the element's key; none if too much was worked out already.
    fn body_of(
        &self,
        body: &Body,
        name: &str,
        (key, value): (Node, Node),
        scope: &Scope<'_>,
    ) -> Option<(String, Node)> {
        self.spend(1)?;
        let text = match &key.value {
            Value::Text(text) | Value::Bare(text) => text.clone(),
            _ => return None,
        };
        let entry = |name: &str, value: Node| Entry { key: name.into(), key_span: 0..0, value };
        let item = Node::new(0..0, Value::Map(vec![entry("key", key), entry("value", value)]));
        let body = self.body(body, &scope.with(name, item));
        (self.left.get() > 0).then_some((text, body))
    }

    /// The value; what is an error in Terraform is not known.
    fn expression(&self, expression: &Expression, scope: &Scope<'_>) -> Node {
        self.evaluate(expression, scope).unwrap_or_else(|| self.unknown(expression))
    }

    fn entry(&self, key: &ObjectKey, value: &hcl_edit::expr::ObjectValue, scope: &Scope<'_>) -> Entry {
        let (name, key_span) = match key {
            ObjectKey::Ident(ident) => (ident.to_string(), ident.span()),
            ObjectKey::Expression(Expression::String(text)) => (text.value().clone(), text.span()),
            ObjectKey::Expression(other) => {
                (written(self.text, other.span().unwrap_or_default()), other.span())
            }
        };
        Entry {
            key: name,
            key_span: key_span.unwrap_or_default(),
            value: self.expression(value.expr(), scope),
        }
    }

    fn unknown(&self, expression: &Expression) -> Node {
        let span = expression.span().unwrap_or_default();
        Node::new(span.clone(), Value::Unknown(written(self.text, span)))
    }

    /// Leaves out the locals that are a part of something else: their rules are those of a bucket.
    fn leave_out_used(&self, tree: &mut Node) {
        let Value::Map(entries) = &mut tree.value else {
            return;
        };
        let used = self.used.borrow();
        for entry in entries.iter_mut().filter(|entry| entry.key == "locals") {
            let Value::List(blocks) = &mut entry.value.value else {
                continue;
            };
            for block in blocks {
                if let Value::Map(locals) = &mut block.value {
                    locals.retain(|local| !used.contains(&local.key));
                }
            }
        }
    }
}

/// The name of the block, or of those that it stands for.
fn block_name(block: &Block) -> &str {
    match block.labels.as_slice() {
        [label] if block.ident.as_str() == "dynamic" => label.as_str(),
        _ => block.ident.as_str(),
    }
}

/// Adds a block to those of its name.
fn push(entries: &mut Vec<Entry>, key: &str, block: &Block, node: Node) {
    let earlier = entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value.value);
    if let Some(Value::List(items)) = earlier {
        items.push(node);
    } else {
        let value = Node::new(node.span.clone(), Value::List(vec![node]));
        entries.push(Entry { key: key.into(), key_span: block.ident.span().unwrap_or_default(), value });
    }
}

fn labelled(label: &BlockLabel, key: &str, inner: Node) -> Node {
    let (span, key_span) = (inner.span.clone(), label.span().unwrap_or_default());
    Node::new(
        span,
        Value::Map(vec![Entry { key: format!("{}{key}", label.as_str()), key_span, value: inner }]),
    )
}
