//! JSON, parsed into the tree.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError as JsonError, ParseErrorKind};
use jsonc_parser::{parse_to_ast, CollectOptions, ParseOptions, ParseStringErrorKind as StringError};

use super::document::Reading;
use super::error::ParseError;
use super::read::{self, Node, Value};
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

pub(super) fn read(text: &str) -> Result<Reading, ParseError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let value = parsed.map_err(|error| syntax_error(text, &error))?.value;
    let value = value.ok_or_else(|| ParseError::at(text, text.len(), "the document is empty"))?;
    check_characters(text)?;
    read::read(text, &node(value), false, Vec::new())
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
    Node { key: String::new(), key_start: range.start, span: range.start..range.end, value }
}

fn entry(property: ast::ObjectProp<'_>) -> Node {
    let key_start = property.name.start();
    Node { key: property.name.into_string(), key_start, ..node(property.value) }
}

/// Refuses control characters in strings and other white space between values, which the parser takes.
fn check_characters(text: &str) -> Result<(), ParseError> {
    let (mut in_string, mut escaped) = (false, false);
    for (offset, c) in text.char_indices() {
        let message = match c {
            '\0'..='\u{1f}' if in_string => "control character in a string; escape it".into(),
            c if !in_string && c.is_whitespace() && !" \t\r\n".contains(c) => {
                format!("{:?} is not JSON's white space; remove it", c.to_string())
            }
            c => {
                in_string ^= c == '"' && !escaped;
                escaped = in_string && c == '\\' && !escaped;
                continue;
            }
        };
        return Err(ParseError::at(text, offset, message));
    }
    Ok(())
}

fn syntax_error(text: &str, error: &JsonError) -> ParseError {
    use ParseErrorKind::*;
    let offset = error.range().start;
    let rest = text.get(offset..).unwrap_or_default();
    let is_cut = matches!(error.kind(), UnterminatedArray | UnterminatedObject | ExpectedObjectValue);
    if is_cut || rest.is_empty() {
        return ParseError::at(text, text.len(), "the document ends too early");
    }
    let message = message(error.kind(), rest);
    if !message.ends_with(' ') {
        return ParseError::at(text, offset, message);
    }
    let line = rest.lines().next().unwrap_or_default();
    let found = if matches!(error.kind(), ExpectedComma) { line.trim_start() } else { line };
    ParseError::at(text, offset, format!("{message}{}", Quoted(found)))
}

/// What is wrong and what to do: the parser's own words do not say the latter. What ends in a blank is followed by what
/// was found.
fn message(kind: &ParseErrorKind, rest: &str) -> &'static str {
    use ParseErrorKind::*;
    match kind {
        _ if rest.starts_with(['“', '”', '„', '‘', '’']) => {
            "typographic quotes; use straight quotes"
        }
        CommentsNotAllowed | UnterminatedCommentBlock => "JSON has no comments; remove it",
        UnexpectedToken | UnexpectedWord if rest.starts_with('#') => "JSON has no comments; remove it",
        TrailingCommasNotAllowed => "trailing comma; remove it",
        UnexpectedComma => "unexpected comma; remove it",
        ExpectedComma if rest.starts_with(|c: char| c.is_ascii_digit()) => "numbers have no leading zeros",
        ExpectedComma => "expected \",\" between entries, found ",
        ExpectedStringObjectProperty | SingleQuotedStringsNotAllowed if rest.starts_with('\'') => {
            "single quotes; strings must be double-quoted"
        }
        ExpectedStringObjectProperty => "keys must be double-quoted",
        SingleQuotedStringsNotAllowed => "strings must be double-quoted",
        NestingDepthExceeded => "the document is nested too deeply",
        String(StringError::UnterminatedStringLiteral) => "the string has no closing quote",
        String(StringError::ExpectedFourHexDigits) => "expected four hexadecimal digits in \\u escape",
        String(StringError::InvalidUnicodeEscapeSequence(_)) => "unpaired surrogate in \\u escape",
        String(_) => "invalid escape in a string",
        UnexpectedTokenInObject => "expected a key or \"}\", found ",
        ExpectedColonAfterObjectKey => "expected \":\" after a key, found ",
        MultipleRootJsonValues => "unexpected text after the end: ",
        BareDecimalPointNumbersNotAllowed
        | ExpectedDigit
        | ExpectedDigitFollowingNegativeSign
        | ExpectedPlusMinusOrDigitInNumberLiteral
        | HexadecimalNumbersNotAllowed
        | NonFiniteNumbersNotAllowed
        | UnaryPlusNumbersNotAllowed => "invalid number ",
        _ => "expected a value, found ",
    }
}
