//! What serde_json found wrong, placed and said for whoever wrote the document.

use std::borrow::Cow;

use serde_json::error::Category;

use crate::config::error::ParseError;
use crate::config::location::Location;
use crate::config::source_text;

pub(super) fn of(document: &str, location: Option<Location>, error: &serde_json::Error) -> ParseError {
    let message = match location {
        Some(location) => format!("{location}: {}", words(document, error)),
        None => words(document, error),
    };
    source_text::fault(document, offset(document, error), message)
}

/// Where the thing at fault begins.
fn offset(document: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return document.len();
    }
    let line: usize = document.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // serde_json counts the bytes read, so the last of them is the one at fault.
    let last = (line + error.column()).saturating_sub(1);
    match error.is_data() {
        true => token_start(document, last),
        false => last,
    }
}

/// The first byte of the key or value that was read last, or was about to be read.
fn token_start(document: &str, last: usize) -> usize {
    let (Some(before), Some(rest)) = (document.get(..last), document.get(last..)) else {
        return last;
    };
    let in_word = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match rest.chars().next() {
        Some('"') => string_start(before).unwrap_or(last),
        Some(c) if in_word(c) => before.trim_end_matches(in_word).len(),
        Some('}') => last,
        // An array or object in the wrong location is refused before its first byte is read.
        _ => document.len() - rest.get(1..).unwrap_or_default().trim_start().len(),
    }
}

/// The last quote that no backslash escapes.
fn string_start(before: &str) -> Option<usize> {
    let backslashes = |at: usize| before[..at].bytes().rev().take_while(|b| *b == b'\\').count();
    before.rmatch_indices('"').map(|(at, _)| at).find(|at| backslashes(*at) % 2 == 0)
}

/// What is wrong, in words: serde_json's own are for programmers.
fn words(document: &str, error: &serde_json::Error) -> String {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&position).unwrap_or(&message);
    match error.classify() {
        Category::Eof => source_text::early_end(document).into(),
        Category::Data => type_words(message),
        Category::Syntax | Category::Io => syntax_words(message),
    }
}

/// ``invalid type: integer `5`, expected a string`` as `expected a string, found 5`.
fn type_words(message: &str) -> String {
    let types = message.strip_prefix("invalid type: ").and_then(|types| types.rsplit_once(", expected "));
    let Some((found, expected)) = types else {
        return message.to_owned();
    };
    let found = match found {
        "map" => "an object",
        "sequence" => "an array",
        found => found.strip_prefix("string ").or(found.split('`').nth(1)).unwrap_or(found),
    };
    format!("expected {expected}, found {}", cut(found))
}

/// A quoted string of no more than 100 characters.
fn cut(found: &str) -> Cow<'_, str> {
    match found.char_indices().nth(102) {
        None => found.into(),
        Some(_) => found.chars().take(101).chain("\"...".chars()).collect(),
    }
}

fn syntax_words(message: &str) -> String {
    match message {
        "expected value" => "expected a value".into(),
        "expected ident" => "expected true, false or null".into(),
        "key must be a string" => "a key must stand in double quotes".into(),
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "half a surrogate pair is no character".into()
        }
        "trailing characters" => "unexpected text after the end".into(),
        message if message.starts_with("control character") => "a control character must be escaped".into(),
        message => message.replace('`', "\""),
    }
}
