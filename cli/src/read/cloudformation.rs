//! CloudFormation's functions: those of literal text are worked out, all others are known to the cloud only.

use std::ops::Range;

use super::tree::{written, Entry, Node, Value};

/// Replaces each function in the tree, and each text with a variable of a template.
pub(crate) fn resolve(node: &mut Node, text: &str) {
    match &mut node.value {
        // `{{` is that of Ansible, Helm and of references such as `{{resolve:ssm:/origin}}`.
        Value::Text(content) if content.contains("${") || content.contains("{{") => {
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
            for entry in entries.iter_mut().filter(|entry| WHOLE.contains(&entry.key.as_str())) {
                if let Some(rules) = only_value(&entry.value) {
                    entry.value = rules;
                }
            }
            entries.iter_mut().for_each(|entry| resolve(&mut entry.value, text));
        }
        _ => {}
    }
}

/// The keys of all rules of a bucket.
const WHOLE: [&str; 2] = ["CorsConfiguration", "CorsRules"];

/// The value of `!If [Condition, value, !Ref AWS::NoValue]`: the rules of the bucket, if it has any.
fn only_value(node: &Node) -> Option<Node> {
    let [Entry { key, value: Node { value: Value::List(arguments), .. }, .. }] = node.entries() else {
        return None;
    };
    match arguments.as_slice() {
        [_, value, nothing] | [_, nothing, value] if key == "Fn::If" && is_no_value(nothing) => {
            Some(value.clone())
        }
        _ => None,
    }
}

/// `!Ref AWS::NoValue`: as if it were not there.
fn is_no_value(node: &Node) -> bool {
    let is_text = |value: &Node| value.text() == Some("AWS::NoValue");
    node.get("Ref").is_some_and(is_text) && node.entries().len() == 1
}

/// What a mapping that is a function becomes; none if it is any other mapping.
fn function(entries: &[Entry], span: &Range<usize>, text: &str) -> Option<Node> {
    let [Entry { key, value, .. }] = entries else {
        return None;
    };
    // Pulumi writes its own in the same way: `fn::join`.
    let own = key
        .strip_prefix("fn::")
        .and_then(|name| Some(format!("Fn::{}{}", name.get(..1)?.to_uppercase(), name.get(1..)?)));
    let known = match own.as_deref().unwrap_or(key) {
        // The text inside, at its own place.
        "Fn::Sub" => substituted(value).map(|known| Node::new(value.span.clone(), known)),
        "Fn::Join" => joined(value).map(|known| Node::new(span.clone(), known)),
        "Fn::Split" => split(value, span),
        // Its value is a condition, which no rule has, and `Condition` may be an ordinary key.
        "Condition" => return None,
        // It repeats what is in it, rules and all.
        key if key.starts_with("Fn::ForEach::") => return None,
        "Ref" => None,
        key if key.starts_with("Fn::") => None,
        _ => return None,
    };
    Some(known.unwrap_or_else(|| Node::new(span.clone(), Value::Unknown(written(text, span.clone())))))
}

/// A text without variables is itself; those of a mapping beside it may be literal.
fn substituted(value: &Node) -> Option<Value> {
    if let Value::List(arguments) = &value.value {
        let [text, variables] = arguments.as_slice() else {
            return None;
        };
        let mut text = text.text()?.to_owned();
        for Entry { key, value, .. } in variables.entries() {
            text = text.replace(&format!("${{{key}}}"), value.text()?);
        }
        return (!text.contains("${")).then_some(Value::Text(text));
    }
    value.text().filter(|text| !text.contains("${")).map(|text| Value::Text(text.to_owned()))
}

/// Literal parts and a literal between them.
fn joined(value: &Node) -> Option<Value> {
    let Value::List(arguments) = &value.value else {
        return None;
    };
    let [between, Node { value: Value::List(parts), .. }] = arguments.as_slice() else {
        return None;
    };
    let parts: Option<Vec<&str>> = parts.iter().map(Node::text).collect();
    Some(parts?.join(between.text()?)).filter(|text| !text.contains("${")).map(Value::Text)
}

/// The parts of a literal text.
fn split(value: &Node, span: &Range<usize>) -> Option<Node> {
    let Value::List(arguments) = &value.value else {
        return None;
    };
    let [between, text] = arguments.as_slice() else {
        return None;
    };
    let (between, text) = (between.text()?, text.text().filter(|text| !text.contains("${"))?);
    let part = |part: &str| Node::new(span.clone(), Value::Text(part.into()));
    Some(Node::new(span.clone(), Value::List(text.split(between).map(part).collect())))
}
