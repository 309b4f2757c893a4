//! Terraform's functions that lists of origins and the like are put together with.

use std::collections::HashSet;
use std::ops::Range;

use hcl_edit::expr::FuncCall;
use hcl_edit::Span;

use super::eval::nothing;
use super::{Reader, Scope};
use crate::read::tree::{Entry, Node, Value};

/// The value; none if the call is an error.
pub(super) fn call(reader: &Reader<'_>, call: &FuncCall, scope: &Scope<'_>) -> Option<Node> {
    let name = if call.name.is_namespaced() { "" } else { call.name.name.as_str() };
    if name == "try" {
        return call.args.iter().find_map(|argument| reader.evaluate(argument, scope));
    }
    let arguments: Option<Vec<Node>> =
        call.args.iter().map(|argument| reader.evaluate(argument, scope)).collect();
    let arguments = arguments?;
    if arguments.iter().any(|argument| matches!(argument.value, Value::Unknown(_))) {
        return Some(nothing());
    }
    let span = call.span().unwrap_or_default();
    let known = match text(name, &arguments) {
        Some(text) => Some(Node::new(span, Value::Text(text))),
        None => listed(name, &arguments, &span).or_else(|| collected(name, arguments, &span)),
    };
    Some(known.unwrap_or_else(nothing))
}

/// Functions that make a text.
fn text(name: &str, arguments: &[Node]) -> Option<String> {
    let words: Option<Vec<&str>> = arguments.iter().map(word).collect();
    Some(match (name, words.as_deref(), arguments) {
        ("lower", Some([only]), _) => only.to_lowercase(),
        ("upper", Some([only]), _) => only.to_uppercase(),
        ("trimspace", Some([only]), _) => only.trim().into(),
        ("trimsuffix", Some([whole, end]), _) => whole.strip_suffix(end).unwrap_or(whole).into(),
        ("trimprefix", Some([whole, start]), _) => whole.strip_prefix(start).unwrap_or(whole).into(),
        ("format", Some([form, rest @ ..]), _) => formatted(form, rest)?,
        ("join", _, [between, parts]) => self::words(parts)?.join(word(between)?),
        _ => return None,
    })
}

/// Functions that make a list of texts, look into a mapping, or change no more than a type.
fn listed(name: &str, arguments: &[Node], span: &Range<usize>) -> Option<Node> {
    match (name, arguments) {
        // As a value, the order of a set is that of the file.
        (
            "tolist" | "toset" | "tostring" | "tonumber" | "jsonencode" | "sensitive" | "nonsensitive",
            [only],
        ) => Some(only.clone()),
        ("length", [only]) => {
            let length = match &only.value {
                Value::List(items) => items.len(),
                Value::Map(entries) => entries.len(),
                _ => word(only)?.chars().count(),
            };
            Some(Node::new(span.clone(), Value::Bare(length.to_string())))
        }
        ("coalesce" | "coalescelist", all) => all.iter().find(|one| !is_nothing(one)).cloned(),
        ("split", [between, whole]) => list(word(whole)?.split(word(between)?), span),
        ("formatlist", [form, values]) => {
            let (form, values) = (word(form)?, words(values)?);
            let texts: Option<Vec<String>> = values.iter().map(|value| formatted(form, &[*value])).collect();
            list(texts?.iter().map(String::as_str), span)
        }
        ("lookup", [map, key]) => map.get(word(key)?).cloned(),
        ("lookup", [map, key, default]) => Some(map.get(word(key)?).unwrap_or(default).clone()),
        ("merge", maps) => {
            // Of several entries with the same key the last counts.
            let mut seen = HashSet::new();
            let mut entries: Vec<Entry> = maps.iter().flat_map(Node::entries).rev().cloned().collect();
            entries.retain(|entry| seen.insert(entry.key.clone()));
            Some(Node::new(span.clone(), Value::Map(entries)))
        }
        _ => None,
    }
}

/// Functions whose elements are those of their lists.
fn collected(name: &str, arguments: Vec<Node>, span: &Range<usize>) -> Option<Node> {
    let mut items = Vec::new();
    match name {
        "concat" | "setunion" => {
            for argument in arguments {
                items.extend(elements(argument)?);
            }
        }
        "flatten" | "distinct" | "compact" | "sort" | "values" => {
            let [only] = <[Node; 1]>::try_from(arguments).ok()?;
            items = match only.value {
                Value::Map(_) if name == "values" => {
                    super::eval::items(&only)?.into_iter().map(|(_, value)| value).collect()
                }
                _ => elements(only)?,
            };
        }
        _ => return None,
    }
    match name {
        "flatten" => items = items.into_iter().flat_map(flat).collect(),
        "compact" => items.retain(|item| !item.is_null() && word(item) != Some("")),
        "sort" => items.sort_by(|a, b| word(a).cmp(&word(b))),
        _ => {}
    }
    let node = Node::new(span.clone(), Value::List(items));
    Some(if ["distinct", "setunion"].contains(&name) { distinct(node) } else { node })
}

/// What `coalesce` passes over.
fn is_nothing(node: &Node) -> bool {
    matches!(&node.value, Value::List(items) if items.is_empty()) || node.is_null() || word(node) == Some("")
}

fn elements(node: Node) -> Option<Vec<Node>> {
    match node.value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

fn flat(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(items) => items.into_iter().flat_map(flat).collect(),
        _ => vec![node],
    }
}

/// A set of texts: in the order of their bytes, each once. Any other list stays as it is.
pub(super) fn set(mut node: Node) -> Node {
    match &mut node.value {
        Value::List(items) if items.iter().all(|item| word(item).is_some()) => {
            items.sort_by(|a, b| word(a).cmp(&word(b)));
            distinct(node)
        }
        _ => node,
    }
}

fn distinct(mut node: Node) -> Node {
    if let Value::List(items) = &mut node.value {
        let mut seen = HashSet::new();
        items.retain(|item| word(item).is_none_or(|word| seen.insert(word.to_owned())));
    }
    node
}

fn word(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Bare(word) if word != "null" => Some(word),
        _ => None,
    }
}

fn words(node: &Node) -> Option<Vec<&str>> {
    match &node.value {
        Value::List(items) => items.iter().map(word).collect(),
        _ => None,
    }
}

fn list<'w>(words: impl Iterator<Item = &'w str>, span: &Range<usize>) -> Option<Node> {
    let items = words.map(|word| Node::new(span.clone(), Value::Text(word.into()))).collect();
    Some(Node::new(span.clone(), Value::List(items)))
}

/// `%s` and `%d` only.
fn formatted(form: &str, values: &[&str]) -> Option<String> {
    let mut parts = form.split('%');
    let mut text = parts.next()?.to_owned();
    let mut values = values.iter();
    for part in parts {
        text += values.next()?;
        text += part.strip_prefix(['s', 'd'])?;
    }
    values.next().is_none().then_some(text)
}
