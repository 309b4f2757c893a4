//! Google Cloud Storage: its XML, its `*` for all methods, and its one list for both kinds of headers.

use super::tree::{Entry, Node, Value};

/// Turns `<CorsConfig><Cors><Origins><Origin>` into what the JSON has: `cors`, `origin` and so on.
pub(crate) fn from_xml(root: &Node) -> Option<Node> {
    let config = root.get("CorsConfig")?;
    let rules = config.get("Cors").map(items).unwrap_or_default();
    let rules = rules.into_iter().map(rule).collect();
    let list = Node::new(config.span.clone(), Value::List(rules));
    let entry = Entry { key: "cors".into(), key_span: config.span.clone(), value: list };
    Some(Node::new(root.span.clone(), Value::Map(vec![entry])))
}

/// The items of a list; a single value is a list of its own.
fn items(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![node],
    }
}

fn rule(node: &Node) -> Node {
    let entries = node.entries().iter().map(|entry| {
        let (key, item) = match entry.key.as_str() {
            "Origins" => ("origin", "Origin"),
            "Methods" => ("method", "Method"),
            "ResponseHeaders" => ("responseHeader", "ResponseHeader"),
            "MaxAgeSec" => ("maxAgeSeconds", ""),
            other => (other, ""),
        };
        let list = || {
            let values = entry.value.get(item).map(items).unwrap_or_default();
            Node::new(entry.value.span.clone(), Value::List(values.into_iter().cloned().collect()))
        };
        let value = if item.is_empty() { entry.value.clone() } else { list() };
        Entry { key: key.into(), key_span: entry.key_span.clone(), value }
    });
    Node::new(node.span.clone(), Value::Map(entries.collect()))
}

/// The methods that `*` stands for.
pub(crate) const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];
