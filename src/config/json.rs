//! JSON: from text to the tree, and from a configuration to text.

#[cfg(feature = "json")]
pub(super) use reader::parse;

use super::location::Field;
use super::{CorsConfiguration, CorsRule};
use crate::pattern::is_invisible_control;

/// Writes the object that the AWS command line takes, indented by two blanks.
pub(super) fn write(configuration: &CorsConfiguration) -> String {
    let rules: Vec<String> = configuration.rules.iter().map(rule).collect();
    format!("{{\n  \"CORSRules\": {}\n}}", list(&rules, "  "))
}

fn rule(rule: &CorsRule) -> String {
    let entry = |field: Field, value: String| format!("      {}: {value}", string(field.as_str()));
    let id = rule.id.iter().map(|id| entry(Field::Id, string(id)));
    let lists = rule.lists().into_iter().filter(|(_, values)| !values.is_empty()).map(|(field, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("        {}", string(value))).collect();
        entry(field, list(&values, "      "))
    });
    let age = rule.max_age_seconds.iter().map(|age| entry(Field::MaxAgeSeconds, age.to_string()));
    let entries: Vec<String> = id.chain(lists).chain(age).collect();
    match entries.is_empty() {
        true => "    {}".into(),
        false => format!("    {{\n{}\n    }}", entries.join(",\n")),
    }
}

/// A list of lines, of which the last one is indented as said.
fn list(lines: &[String], indent: &str) -> String {
    if lines.is_empty() {
        return "[]".into();
    }
    format!("[\n{}\n{indent}]", lines.join(",\n"))
}

/// A string as JSON (RFC 8259, 7), with what a terminal obeys escaped too.
fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c < ' ' || is_invisible_control(c) => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(feature = "json")]
mod reader {
    use jsonc_parser::ast;
    use jsonc_parser::errors::{ParseError as JsonError, ParseErrorKind};
    use jsonc_parser::{parse_to_ast, CollectOptions, ParseOptions, ParseStringErrorKind};

    use crate::config::error::Fault;
    use crate::config::read::{Entry, Node, Value};
    use crate::pattern::Quoted;

    /// JSON as RFC 8259 has it: nothing that other parsers would refuse.
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

    pub(in crate::config) fn parse(text: &str) -> Result<Node, Fault> {
        let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
        let value = parsed.map_err(|error| fault(text, &error))?.value;
        let value = value.ok_or_else(|| Fault::new(text.len(), "the document is empty"))?;
        loose_character(text).map_or_else(|| Ok(node(value)), Err)
    }

    /// The parser's nesting is bounded, so this is.
    fn node(value: ast::Value<'_>) -> Node {
        let (range, value) = match value {
            ast::Value::StringLit(string) => (string.range, Value::Text(string.value.into_owned())),
            ast::Value::NumberLit(number) => (number.range, Value::Bare(number.value.into())),
            ast::Value::BooleanLit(boolean) => (boolean.range, Value::Bare(boolean.value.to_string())),
            ast::Value::NullKeyword(null) => (null.range, Value::Bare("null".into())),
            ast::Value::Array(array) => {
                (array.range, Value::List(array.elements.into_iter().map(node).collect()))
            }
            ast::Value::Object(object) => {
                (object.range, Value::Map(object.properties.into_iter().map(entry).collect()))
            }
        };
        Node { span: range.start..range.end, value }
    }

    fn entry(property: ast::ObjectProp<'_>) -> Entry {
        let range = match &property.name {
            ast::ObjectPropName::String(name) => name.range,
            ast::ObjectPropName::Word(name) => name.range,
        };
        let key = property.name.into_string();
        Entry { key, key_span: range.start..range.end, node: node(property.value) }
    }

    /// The parser takes control characters in strings, and any white space between values.
    fn loose_character(text: &str) -> Option<Fault> {
        let (mut in_string, mut escaped) = (false, false);
        for (offset, c) in text.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if in_string => escaped = true,
                '"' => in_string = !in_string,
                '\0'..='\u{1f}' if in_string => {
                    return Some(Fault::new(offset, "control character in a string; escape it"));
                }
                c if !in_string && c.is_whitespace() && !" \t\r\n".contains(c) => {
                    let message = format!("{:?} is not JSON's white space; remove it", c.to_string());
                    return Some(Fault::new(offset, message));
                }
                _ => {}
            }
        }
        None
    }

    fn fault(text: &str, error: &JsonError) -> Fault {
        use ParseErrorKind::*;
        let offset = error.range().start;
        let rest = text.get(offset..).unwrap_or_default();
        match error.kind() {
            UnterminatedArray | UnterminatedObject | ExpectedObjectValue => {
                Fault::new(text.len(), "the document ends too early")
            }
            _ if rest.is_empty() => Fault::new(text.len(), "the document ends too early"),
            _ if rest.starts_with(['“', '”', '„', '‘', '’']) => {
                Fault::new(offset, "typographic quotes; use straight quotes")
            }
            kind => Fault::new(offset, message(kind, rest)),
        }
    }

    /// What is wrong and what to do: the parser's own words do not say the latter.
    fn message(kind: &ParseErrorKind, rest: &str) -> String {
        use ParseErrorKind::*;
        let line = rest.lines().next().unwrap_or_default();
        let found = || Quoted(line).to_string();
        match kind {
            CommentsNotAllowed | UnterminatedCommentBlock => "JSON has no comments; remove it".into(),
            UnexpectedToken | UnexpectedWord if rest.starts_with('#') => {
                "JSON has no comments; remove it".into()
            }
            TrailingCommasNotAllowed => "trailing comma; remove it".into(),
            UnexpectedComma => "unexpected comma; remove it".into(),
            ExpectedComma if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                "numbers have no leading zeros".into()
            }
            ExpectedComma => format!("expected \",\" between entries, found {}", Quoted(line.trim_start())),
            ExpectedStringObjectProperty | SingleQuotedStringsNotAllowed if rest.starts_with('\'') => {
                "single quotes; strings must be double-quoted".into()
            }
            ExpectedStringObjectProperty => "keys must be double-quoted".into(),
            SingleQuotedStringsNotAllowed => "strings must be double-quoted".into(),
            UnexpectedTokenInObject => format!("expected a key or \"}}\", found {}", found()),
            ExpectedColonAfterObjectKey => format!("expected \":\" after a key, found {}", found()),
            MultipleRootJsonValues => format!("unexpected text after the end: {}", found()),
            NestingDepthExceeded => "the document is nested too deeply".into(),
            String(ParseStringErrorKind::UnterminatedStringLiteral) => {
                "the string has no closing quote".into()
            }
            String(ParseStringErrorKind::ExpectedFourHexDigits) => {
                "expected four hexadecimal digits in \\u escape".into()
            }
            String(ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)) => {
                "unpaired surrogate in \\u escape".into()
            }
            String(_) => "invalid escape in a string".into(),
            BareDecimalPointNumbersNotAllowed
            | ExpectedDigit
            | ExpectedDigitFollowingNegativeSign
            | ExpectedPlusMinusOrDigitInNumberLiteral
            | HexadecimalNumbersNotAllowed
            | NonFiniteNumbersNotAllowed
            | UnaryPlusNumbersNotAllowed => format!("invalid number {}", found()),
            _ => format!("expected a value, found {}", found()),
        }
    }
}
