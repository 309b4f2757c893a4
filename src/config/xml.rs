//! S3's XML document, parsed into the tree.

use roxmltree::{Document, Error, Node as Element, TextPos};

use super::document::Reading;
use super::error::{Fault, ParseError};
use super::read::{self, Node, Value};
use super::spelling::XML_BLANKS;
use crate::pattern::Quoted;

/// The elements below the root that are looked into: rules, fields, and what is wrong inside of a field.
const DEPTH: usize = 3;

pub(super) fn read(text: &str) -> Result<Reading, ParseError> {
    let mut prefixes = Vec::new();
    check(text, &mut |markup| check_limits(markup, &mut prefixes))?;
    let parsed = Document::parse(text).map_err(|error| syntax_error(text, &error))?;
    check(text, &mut check_reference)?;
    let mut faults = Vec::new();
    let root = node(parsed.root_element(), DEPTH, &mut faults);
    read::read(text, &root, true, faults)
}

fn node(element: Element<'_, '_>, depth: usize, faults: &mut Vec<Fault>) -> Node {
    let range = element.range();
    let content = element.first_child().zip(element.last_child());
    let content = content.map(|(first, last)| first.range().start..last.range().end);
    Node {
        key: element.tag_name().name().into(),
        key_start: range.start,
        span: content.unwrap_or(range),
        value: if depth == 0 { Value::Text(String::new()) } else { value(element, depth, faults) },
    }
}

fn value(element: Element<'_, '_>, depth: usize, faults: &mut Vec<Fault>) -> Value {
    // S3's schema has no attributes; those with a namespace (`xsi:schemaLocation`) are the tools' own.
    for attribute in element.attributes().filter(|attribute| attribute.namespace().is_none()) {
        let message = format!("unexpected attribute {}", Quoted(attribute.name()));
        faults.push((attribute.range().start, message));
    }
    if !element.children().any(|child| child.is_element()) {
        let texts = element.children().filter(Element::is_text);
        return Value::Text(texts.filter_map(|text| text.text()).collect());
    }
    let mut entries = Vec::new();
    for child in element.children() {
        if child.is_element() {
            entries.push(node(child, depth - 1, faults));
        } else if depth > 1 {
            // Of a field with child elements, those are the fault.
            faults.extend(stray_text(child));
        }
    }
    Value::Map(entries)
}

/// Between elements there may only be white space.
fn stray_text(node: Element<'_, '_>) -> Option<Fault> {
    let text = node.text().filter(|_| node.is_text())?.trim_matches(XML_BLANKS);
    let written = node.document().input_text().get(node.range()).unwrap_or_default();
    let blanks = written.len() - written.trim_start_matches(XML_BLANKS).len();
    let message = format!("unexpected text {} between elements", Quoted(text));
    (!text.is_empty()).then(|| (node.range().start + blanks, message))
}

fn syntax_error(text: &str, error: &Error) -> ParseError {
    let offset = match error {
        Error::DtdDetected => {
            let doctype = markup(text).find(|markup| markup.starts_with("<!DOCTYPE"));
            text.len() - doctype.unwrap_or(text).len()
        }
        // roxmltree has no position for these.
        Error::NoRootNode | Error::UnclosedRootNode | Error::UnexpectedEndOfStream => text.len(),
        error => offset(text, error.pos()),
    };
    let (before, rest) = text.split_at_checked(offset).unwrap_or((text, ""));
    let message = if text.trim().is_empty() {
        "the document is empty".into()
    } else if rest.is_empty() {
        "the document ends too early".into()
    } else if rest.starts_with("<?xml") {
        "nothing may come before the XML declaration, not even a blank line".into()
    } else if before.ends_with("<?") && rest.starts_with(XML_BLANKS) {
        "remove the blank after \"<?\"".into()
    } else {
        message(error, rest)
    };
    ParseError::at(text, text.len() - rest.len(), message)
}

fn offset(text: &str, position: TextPos) -> usize {
    let (row, column) = (position.row as usize, position.col as usize);
    let line: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let mut characters = text.get(line..).unwrap_or_default().char_indices();
    characters.nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| line + at)
}

/// What is wrong and what to do: the parser's own words are for programmers.
fn message(error: &Error, rest: &str) -> String {
    let line = Quoted(rest.split('\n').next().filter(|line| !line.is_empty()).unwrap_or("\n"));
    match error {
        Error::DtdDetected => "a document type declaration is not allowed; remove it".into(),
        Error::UnexpectedCloseTag(expected, found, _) => {
            let (expected, found) = (format!("</{expected}>"), format!("</{found}>"));
            format!("expected {}, found {}", Quoted(&expected), Quoted(&found))
        }
        Error::MalformedEntityReference(_) => "malformed entity; write \"&\" itself as \"&amp;\"".into(),
        Error::UnknownEntityReference(name, _) => {
            let name = format!("&{name};");
            format!("unknown entity {}; write \"&\" itself as \"&amp;\"", Quoted(&name))
        }
        Error::NonXmlChar(c, _) => format!("the character {:?} is not allowed in XML", c.to_string()),
        Error::InvalidChar(expected, ..) => {
            format!("expected {:?}, found {line}", char::from(*expected).to_string())
        }
        Error::InvalidChar2(expected, ..) => format!("expected {expected}, found {line}"),
        Error::InvalidName(_) => format!("expected a name, found {line}"),
        Error::UnknownToken(_) => format!("unexpected {line}"),
        Error::InvalidCharacterData(_) => "\"]]>\" is not allowed in text".into(),
        error => error.to_string().replace(&format!(" at {}", error.pos()), "").replace('\'', "\""),
    }
}

/// roxmltree copies every prefix in scope to each element that declares one, and compares it with each:
/// a minute for 48 KB of nested declarations. S3's clients declare one or none.
const MAX_PREFIXES: usize = 32;
/// It compares each attribute of an element with all others, too.
const MAX_ATTRIBUTES: usize = 64;

/// Refuses more prefixes than that, wherever they are declared, and more attributes in one tag.
fn check_limits<'t>(tag: &'t str, prefixes: &mut Vec<&'t str>) -> Option<String> {
    let mut attributes = 0;
    for name in attribute_names(tag) {
        attributes += 1;
        if let Some(prefix) = name.strip_prefix("xmlns:").filter(|prefix| !prefixes.contains(prefix)) {
            prefixes.push(prefix);
        }
        if prefixes.len() > MAX_PREFIXES {
            return Some(format!("more than {MAX_PREFIXES} namespace prefixes are declared"));
        }
    }
    (attributes > MAX_ATTRIBUTES).then(|| format!("the element has more than {MAX_ATTRIBUTES} attributes"))
}

/// The names of the attributes in the tag that begins the text: the word before each quoted value.
fn attribute_names(text: &str) -> impl Iterator<Item = &str> {
    // A value may have a `>`, but no `<`.
    let mut tag = text.strip_prefix('<').and_then(|tag| tag.split('<').next()).unwrap_or_default();
    std::iter::from_fn(move || {
        let (before, value) = tag.split_at_checked(tag.find(['"', '\'', '>'])?)?;
        let quote = value.chars().next().filter(|quote| *quote != '>')?;
        tag = value.splitn(3, quote).nth(2).unwrap_or_default();
        let word = before.rsplit(['=', ' ', '\t', '\r', '\n']).find(|word| !word.is_empty());
        Some(word.unwrap_or_default())
    })
}

/// Refuses a reference to a number that no character has: roxmltree reads U+FFFD in its place.
fn check_reference(reference: &str) -> Option<String> {
    let number = reference.strip_prefix("&#")?.split(';').next()?;
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let is_character = code.is_ok_and(|code| char::from_u32(code).is_some());
    (!is_character).then(|| format!("{} is not a character", Quoted(&format!("&#{number};"))))
}

/// Refuses the first markup that has a fault.
fn check<'t>(text: &'t str, fault: &mut dyn FnMut(&'t str) -> Option<String>) -> Result<(), ParseError> {
    for markup in markup(text) {
        if let Some(message) = fault(markup) {
            return Err(ParseError::at(text, text.len() - markup.len(), message));
        }
    }
    Ok(())
}

/// The text from each `<` and `&` on, but for those that stand for themselves.
fn markup(text: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(first_markup(text), |found| first_markup(found.get(1..)?))
}

fn first_markup(mut text: &str) -> Option<&str> {
    const PLAIN: [(&str, &str); 3] = [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")];
    loop {
        text = text.get(text.find(['<', '&'])?..)?;
        let plain = PLAIN.iter().find_map(|(open, close)| Some((text.strip_prefix(open)?, close)));
        let Some((inside, close)) = plain else {
            return Some(text);
        };
        text = inside.get(inside.find(close)?..)?;
    }
}
