//! S3's XML document to configuration and back.

#[cfg(feature = "xml")]
mod guard;

use super::location::Field;
use super::{CorsConfiguration, CorsRule};
use crate::pattern::is_invisible_control;

#[cfg(feature = "xml")]
pub(super) use reader::parse;

const ROOT: &str = "CORSConfiguration";
const RULE: &str = "CORSRule";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

pub(super) fn write(configuration: &CorsConfiguration) -> String {
    let mut xml = format!("{HEAD}<{ROOT} xmlns=\"{NAMESPACE}\">");
    for rule in &configuration.rules {
        push_tag(&mut xml, "<", RULE);
        write_rule(&mut xml, rule);
        push_tag(&mut xml, "</", RULE);
    }
    push_tag(&mut xml, "</", ROOT);
    // Not in `push_element`: S3's errors are to be S3's bytes.
    let mut escaped = String::with_capacity(xml.len());
    for c in xml.chars() {
        if is_invisible_control(c) {
            escaped.push_str(&format!("&#{};", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn write_rule(xml: &mut String, rule: &CorsRule) {
    if let Some(id) = &rule.id {
        push_element(xml, Field::Id.element(), id);
    }
    for (field, values) in rule.lists() {
        for value in values {
            push_element(xml, field.element(), value);
        }
    }
    if let Some(seconds) = rule.max_age_seconds {
        push_element(xml, Field::MaxAgeSeconds.element(), &seconds.to_string());
    }
}

/// Appends `<name>text</name>`.
pub(crate) fn push_element(xml: &mut String, name: &str, text: &str) {
    push_tag(xml, "<", name);
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            // A reader turns a bare carriage return into a line feed (XML 1.0, 2.11).
            '\r' => xml.push_str("&#13;"),
            c => xml.push(c),
        }
    }
    push_tag(xml, "</", name);
}

fn push_tag(xml: &mut String, open: &str, name: &str) {
    xml.push_str(open);
    xml.push_str(name);
    xml.push('>');
}

/// Whether XML 1.0 (2.2) has a way to write the character at all.
pub(crate) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(feature = "xml")]
mod reader {
    use roxmltree::{Document, Error, Node as Element, TextPos};

    use super::guard;
    use crate::config::error::Fault;
    use crate::config::read::{Entry, Node, Value};
    use crate::config::spelling::XML_BLANKS;
    use crate::pattern::Quoted;

    /// The elements below the root that are looked into: rules, fields, and what is wrong inside of a field.
    const DEPTH: usize = 3;

    /// The root element, and what is wrong in attributes and between elements.
    pub(in crate::config) fn parse(text: &str) -> Result<(Entry, Vec<Fault>), Fault> {
        guard::before(text)?;
        let parsed = Document::parse(text).map_err(|error| fault(text, &error))?;
        guard::after(text)?;
        let mut faults = Vec::new();
        let root = entry(parsed.root_element(), DEPTH, &mut faults);
        Ok((root, faults))
    }

    fn entry(element: Element<'_, '_>, depth: usize, faults: &mut Vec<Fault>) -> Entry {
        let key = element.tag_name().name();
        let start = element.range().start;
        let children = element.children();
        let (first, last) = (children.clone().next(), element.last_child());
        let content = first.zip(last).map(|(first, last)| first.range().start..last.range().end);
        let value = if depth == 0 { Value::Text(String::new()) } else { value(element, depth, faults) };
        let node = Node { span: content.unwrap_or(element.range()), value };
        Entry { key: key.into(), key_span: start..start + key.len() + 1, node }
    }

    fn value(element: Element<'_, '_>, depth: usize, faults: &mut Vec<Fault>) -> Value {
        // S3's schema has no attributes; those with a namespace (`xsi:schemaLocation`) are the tools' own.
        for attribute in element.attributes().filter(|attribute| attribute.namespace().is_none()) {
            let message = format!("unexpected attribute {}", Quoted(attribute.name()));
            faults.push(Fault::new(attribute.range().start, message));
        }
        if !element.children().any(|child| child.is_element()) {
            let texts = element.children().filter(Element::is_text);
            return Value::Text(texts.filter_map(|text| text.text()).collect());
        }
        // Of a field with child elements, those are the fault.
        if depth > 1 {
            faults.extend(element.children().filter_map(stray_text));
        }
        let elements = element.children().filter(Element::is_element);
        Value::Map(elements.map(|child| entry(child, depth - 1, faults)).collect())
    }

    /// Between elements there may only be white space.
    fn stray_text(node: Element<'_, '_>) -> Option<Fault> {
        let text = node.text().filter(|_| node.is_text())?.trim_matches(XML_BLANKS);
        let written = node.document().input_text().get(node.range()).unwrap_or_default();
        let blanks = written.len() - written.trim_start_matches(XML_BLANKS).len();
        let message = format!("unexpected text {} between elements", Quoted(text));
        (!text.is_empty()).then(|| Fault::new(node.range().start + blanks, message))
    }

    fn fault(text: &str, error: &Error) -> Fault {
        let offset = match error {
            Error::DtdDetected => {
                guard::find_markup(text, |rest| rest.starts_with("<!DOCTYPE")).unwrap_or_default()
            }
            // roxmltree has no position for these.
            Error::NoRootNode | Error::UnclosedRootNode | Error::UnexpectedEndOfStream => text.len(),
            error => offset(text, error.pos()),
        };
        let (before, rest) = text.split_at_checked(offset).unwrap_or((text, ""));
        if rest.is_empty() {
            let message =
                if text.trim().is_empty() { "the document is empty" } else { "the document ends too early" };
            return Fault::new(text.len(), message);
        }
        if rest.starts_with("<?xml") {
            return Fault::new(offset, "nothing may come before the XML declaration, not even a blank line");
        }
        if before.ends_with("<?") && rest.starts_with(XML_BLANKS) {
            return Fault::new(offset, "remove the blank after \"<?\"");
        }
        Fault::new(offset, message(error, rest))
    }

    fn offset(text: &str, position: TextPos) -> usize {
        let (row, column) = (position.row as usize, position.col as usize);
        let line: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
        let mut characters = text.get(line..).unwrap_or_default().char_indices();
        characters.nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| line + at)
    }

    /// What is wrong and what to do: the parser's own words are for programmers.
    fn message(error: &Error, rest: &str) -> String {
        let line = Quoted(rest.split_inclusive('\n').next().map_or(rest, |line| {
            if line == "\n" {
                line
            } else {
                line.trim_end_matches('\n')
            }
        }));
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
}
