//! JSON: from text to the tree.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{parse_to_ast, CollectOptions, ParseOptions};

use super::tree::{Entry, Node, SyntaxError, Value};

/// JSON as RFC 8259 has it. What is no JSON is explained by the library, which refuses it too.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|error| {
        let offset = error.range().start;
        let rest = text.get(offset..).unwrap_or_default();
        let message = if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
            "JSON has no comments; remove it".into()
        } else {
            format!("invalid JSON: {}", error.kind())
        };
        SyntaxError { offset, message }
    })?;
    let empty = || SyntaxError { offset: text.len(), message: "the document is empty".into() };
    parsed.value.map(node).ok_or_else(empty)
}

/// The parser's nesting is bounded, so this is.
fn node(value: ast::Value<'_>) -> Node {
    let range = value.range();
    let value = match value {
        ast::Value::StringLit(string) => Value::Text(string.value.into_owned()),
        ast::Value::NumberLit(number) => Value::Bare(number.value.into()),
        ast::Value::BooleanLit(boolean) => Value::Bare(boolean.value.to_string()),
        ast::Value::NullKeyword(_) => Value::Bare("null".into()),
        ast::Value::Array(array) => Value::List(array.elements.into_iter().map(node).collect()),
        ast::Value::Object(object) => Value::Map(object.properties.into_iter().map(entry).collect()),
    };
    Node::new(range.start..range.end, value)
}

fn entry(property: ast::ObjectProp<'_>) -> Entry {
    let range = property.name.range();
    Entry { key: property.name.into_string(), key_span: range.start..range.end, value: node(property.value) }
}
