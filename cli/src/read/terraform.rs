//! Terraform's JSON: what a `dynamic` block stands for is known only to Terraform, as its values are in texts.

use super::tree::{Entry, Node, Value};

/// Puts a value that is not known in place of each dynamic block.
pub(crate) fn resolve(node: &mut Node) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(resolve),
        Value::Map(entries) => {
            let own = std::mem::take(entries);
            for mut entry in own {
                if is_dynamic(&entry) {
                    entries.extend(entry.value.entries().iter().map(unknown));
                } else {
                    resolve(&mut entry.value);
                    entries.push(entry);
                }
            }
        }
        _ => {}
    }
}

fn is_dynamic(entry: &Entry) -> bool {
    let blocks = entry.value.entries();
    entry.key == "dynamic" && !blocks.is_empty() && blocks.iter().all(|block| has_content(&block.value))
}

fn has_content(block: &Node) -> bool {
    match &block.value {
        Value::List(items) => items.iter().all(has_content),
        _ => block.get("content").is_some(),
    }
}

fn unknown(block: &Entry) -> Entry {
    let value = Value::Unknown(format!("dynamic {:?}", block.key));
    Entry { value: Node::new(block.value.span.clone(), value), ..block.clone() }
}
