//! The Serverless Framework's `${self:custom.origins}`: what the same file says.

use std::ops::Range;

use super::tree::{Entry, Node, Value};

/// References that refer to references, in a row.
const MAX_DEPTH: usize = 5;
/// The values that all references may stand for, so that a few bytes cannot become gigabytes.
const MAX_VALUES: usize = 100_000;

/// Puts what the document says in place of its references to itself.
pub(crate) fn resolve(tree: &mut Node) {
    if tree.get("service").is_none() || tree.get("custom").is_none() {
        return;
    }
    let root = tree.clone();
    Resolver { root: &root, left: MAX_VALUES }.resolve(tree, MAX_DEPTH);
}

struct Resolver<'r> {
    root: &'r Node,
    left: usize,
}

impl Resolver<'_> {
    fn resolve(&mut self, node: &mut Node, depth: usize) {
        match &mut node.value {
            Value::Text(text) if text.contains("${self:") => {
                if let Some(value) = self.value(text, &node.span, depth) {
                    node.value = value;
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.resolve(item, depth)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.resolve(&mut entry.value, depth)),
            _ => {}
        }
    }

    /// What the text stands for; none if a part of it is not in the document.
    fn value(&mut self, text: &str, span: &Range<usize>, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if let Some(path) = text.strip_prefix("${self:").and_then(|rest| rest.strip_suffix('}')) {
            if !path.contains("${") {
                return Some(self.at(path, span, depth)?.value);
            }
        }
        let (before, rest) = text.split_once("${self:")?;
        let (path, after) = rest.split_once('}')?;
        let (Value::Text(part) | Value::Bare(part)) = self.at(path, span, depth)?.value else {
            return None;
        };
        let text = format!("{before}{part}{after}");
        if text.contains("${self:") {
            return self.value(&text, span, depth);
        }
        Some(Value::Text(text))
    }

    /// The value at the path, at the place where it is used.
    fn at(&mut self, path: &str, span: &Range<usize>, depth: usize) -> Option<Node> {
        let mut node = self.root;
        for key in path.trim().split('.') {
            node = match &node.value {
                Value::List(items) => items.get(key.parse::<usize>().ok()?)?,
                _ => node.get(key)?,
            };
        }
        let mut placed = self.placed(node, span)?;
        self.resolve(&mut placed, depth);
        Some(placed)
    }

    fn placed(&mut self, node: &Node, span: &Range<usize>) -> Option<Node> {
        self.left = self.left.checked_sub(1)?;
        let value = match &node.value {
            Value::List(items) => {
                let items: Option<Vec<Node>> = items.iter().map(|item| self.placed(item, span)).collect();
                Value::List(items?)
            }
            Value::Map(entries) => {
                let entries: Option<Vec<Entry>> = entries
                    .iter()
                    .map(|entry| {
                        let value = self.placed(&entry.value, span)?;
                        Some(Entry { key: entry.key.clone(), key_span: span.clone(), value })
                    })
                    .collect();
                Value::Map(entries?)
            }
            other => other.clone(),
        };
        Some(Node::new(span.clone(), value))
    }
}
