//! CloudFormation's functions: those of literal text are worked out, all others are known to the cloud only.

use super::tree::{written, Entry, Node, Value};

/// Replaces each function in the tree, and each text with a variable of a template.
pub(crate) fn resolve(node: &mut Node, text: &str) {
    match &mut node.value {
        Value::Text(content) if content.contains("${") => {
            node.value = Value::Unknown(super::tree::quoted(content));
        }
        Value::List(items) => {
            items.retain(|item| !is_no_value(item));
            items.iter_mut().for_each(|item| resolve(item, text));
        }
        Value::Map(entries) => {
            if let Some(resolved) = function(entries, &node.span, text) {
                *node = resolved;
                return;
            }
            entries.retain(|entry| !is_no_value(&entry.value));
            entries.iter_mut().for_each(|entry| resolve(&mut entry.value, text));
        }
        _ => {}
    }
}

/// `!Ref AWS::NoValue`: as if it were not there.
fn is_no_value(node: &Node) -> bool {
    let is_text = |value: &Node| matches!(&value.value, Value::Text(text) if text == "AWS::NoValue");
    node.get("Ref").is_some_and(is_text) && node.entries().len() == 1
}

/// What a mapping that is a function becomes; none if it is any other mapping.
fn function(entries: &[Entry], span: &std::ops::Range<usize>, text: &str) -> Option<Node> {
    let [Entry { key, value, .. }] = entries else {
        return None;
    };
    let known = match key.as_str() {
        // The text inside, at its own place.
        "Fn::Sub" => substituted(value).map(|known| Node::new(value.span.clone(), known)),
        "Fn::Join" => joined(value).map(|known| Node::new(span.clone(), known)),
        // Its value is a condition, which no rule has, and `Condition` may be an ordinary key.
        "Condition" => return None,
        "Ref" => None,
        key if key.starts_with("Fn::") => None,
        _ => return None,
    };
    Some(known.unwrap_or_else(|| Node::new(span.clone(), Value::Unknown(written(text, span.clone())))))
}

/// A text without variables is itself.
fn substituted(value: &Node) -> Option<Value> {
    literal(value).filter(|text| !text.contains("${")).map(|text| Value::Text(text.to_owned()))
}

/// Literal parts and a literal between them.
fn joined(value: &Node) -> Option<Value> {
    let Value::List(arguments) = &value.value else {
        return None;
    };
    let [between, Node { value: Value::List(parts), .. }] = arguments.as_slice() else {
        return None;
    };
    let parts: Option<Vec<&str>> = parts.iter().map(literal).collect();
    Some(parts?.join(literal(between)?)).filter(|text| !text.contains("${")).map(Value::Text)
}

fn literal(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
