//! XML of other clouds: from text to the tree. Children of one name are a list.

use roxmltree::{Document, Node as Element};

use super::tree::{Entry, Node, SyntaxError, Value};

/// The elements that are looked into; the deepest format, Google's, has four levels.
const DEPTH: usize = 8;
/// roxmltree compares every prefix with all others. The clouds' documents have none or one.
const MAX_PREFIXES: usize = 32;
/// It compares each attribute of an element with all others too. The clouds' documents have none.
const MAX_ATTRIBUTES: usize = 1_000;
/// The names of children that are compared with each other; the clouds' rules have six.
const MAX_NAMES: usize = 100;

pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    if text.matches("xmlns").count() > MAX_PREFIXES || text.matches("=\"").count() > MAX_ATTRIBUTES {
        return Err(SyntaxError { offset: 0, message: "the document has too many attributes".into() });
    }
    let document = Document::parse(text)
        .map_err(|error| SyntaxError { offset: 0, message: format!("invalid XML: {error}") })?;
    let root = document.root_element();
    let entry = Entry { key: name(root), key_span: root.range(), value: node(root, DEPTH) };
    Ok(Node::new(root.range(), Value::Map(vec![entry])))
}

fn name(element: Element<'_, '_>) -> String {
    element.tag_name().name().to_owned()
}

fn node(element: Element<'_, '_>, depth: usize) -> Node {
    let content = element.first_child().zip(element.last_child());
    let span = content.map(|(first, last)| first.range().start..last.range().end);
    let span = span.unwrap_or_else(|| element.range());
    let mut entries: Vec<Entry> = Vec::new();
    if depth > 0 {
        for child in element.children().filter(Element::is_element) {
            push(&mut entries, child, node(child, depth - 1));
        }
    }
    if entries.is_empty() {
        let texts = element.children().filter(Element::is_text).filter_map(|text| text.text());
        return Node::new(span, Value::Text(texts.collect()));
    }
    Node::new(span, Value::Map(entries))
}

fn push(entries: &mut Vec<Entry>, child: Element<'_, '_>, value: Node) {
    let key = name(child);
    if let Some(entry) = entries.iter_mut().take(MAX_NAMES).find(|entry| entry.key == key) {
        match &mut entry.value.value {
            Value::List(items) => items.push(value),
            _ => {
                let first = entry.value.clone();
                entry.value.value = Value::List(vec![first, value]);
            }
        }
    } else {
        entries.push(Entry { key, key_span: child.range(), value });
    }
}
