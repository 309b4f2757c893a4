//! S3's XML document to configuration and back.

#[cfg(feature = "xml")]
mod guard;

use super::location::Field;
use super::{CorsConfiguration, CorsRule};
use crate::pattern::{escape, is_invisible_control};

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
    escape(&xml, is_invisible_control, |c| format!("&#{};", u32::from(c)))
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
    use roxmltree::{Document, Error, Node, TextPos};

    use super::{guard, Field, ROOT, RULE};
    use crate::config::error::ParseError;
    use crate::config::location::Location;
    use crate::config::{source_text, suggest, CorsConfiguration, CorsRule};
    use crate::pattern::Quoted;

    /// What XML calls white space (XML 1.0, 2.3): a no-break space is text.
    const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

    pub(in crate::config) fn parse(document: &str) -> Result<CorsConfiguration, ParseError> {
        guard::before(document)?;
        let parsed = Document::parse(document).map_err(|error| syntax(document, &error))?;
        guard::after(document)?;
        let root = parsed.root_element();
        if root.tag_name().name() != ROOT {
            let message =
                format!("the root element is {}, expected {ROOT:?}", Quoted(root.tag_name().name()));
            return Err(fault(root, None, message));
        }
        let mut rules = Vec::new();
        for element in elements(root, None)? {
            if element.tag_name().name() != RULE {
                let message = suggest::unknown("element", element.tag_name().name(), &[RULE]);
                return Err(fault(element, None, message));
            }
            rules.push(rule(element, Location::rule(rules.len()))?);
        }
        Ok(CorsConfiguration { rules })
    }

    fn syntax(document: &str, error: &Error) -> ParseError {
        let offset = match error {
            Error::DtdDetected => {
                guard::find_markup(document, |rest| rest.starts_with("<!DOCTYPE")).unwrap_or_default()
            }
            // roxmltree has no location for these.
            Error::NoRootNode | Error::UnclosedRootNode | Error::UnexpectedEndOfStream => document.len(),
            error => offset(document, error.pos()),
        };
        let message = match document[offset..].is_empty() {
            true => source_text::early_end(document).into(),
            false => words(error, &document[offset..]),
        };
        source_text::fault(document, offset, message)
    }

    fn offset(document: &str, position: TextPos) -> usize {
        let (row, column) = (position.row as usize, position.col as usize);
        let line: usize = document.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
        let mut characters = document[line..].char_indices();
        characters.nth(column.saturating_sub(1)).map_or(document.len(), |(at, _)| line + at)
    }

    /// What is wrong, in words: roxmltree's own are for programmers.
    fn words(error: &Error, rest: &str) -> String {
        let line_end = rest.find('\n').unwrap_or(rest.len()).max(1);
        let line = Quoted(&rest[..line_end]);
        match error {
            Error::DtdDetected => "a document type declaration is not allowed".into(),
            Error::UnexpectedCloseTag(expected, found, _) => {
                let (expected, found) = (format!("</{expected}>"), format!("</{found}>"));
                format!("expected {}, found {}", Quoted(&expected), Quoted(&found))
            }
            Error::MalformedEntityReference(_) => {
                "malformed entity, \"&\" itself is written \"&amp;\"".into()
            }
            Error::UnknownEntityReference(name, _) => {
                let name = format!("&{name};");
                format!("unknown entity {}, \"&\" itself is written \"&amp;\"", Quoted(&name))
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

    fn rule(element: Node<'_, '_>, location: Location) -> Result<CorsRule, ParseError> {
        let mut rule = CorsRule::default();
        let mut once = Vec::new();
        for child in elements(element, Some(location))? {
            let name = child.tag_name().name();
            let Some(field) = Field::ALL.into_iter().find(|field| field.element() == name) else {
                let message = suggest::unknown("element", name, &Field::ALL.map(Field::element));
                return Err(fault(child, Some(location), message));
            };
            if let Some(list) = rule.list_mut(field) {
                list.push(content(child, location.with_field(field).with_index(list.len()))?);
                continue;
            }
            if once.contains(&field) {
                return Err(fault(child, Some(location), format!("the element {name:?} stands twice")));
            }
            once.push(field);
            let location = location.with_field(field);
            let text = content(child, location)?;
            match field {
                Field::MaxAgeSeconds => rule.max_age_seconds = seconds(child, location, &text)?,
                _ => rule.id = Some(text).filter(|id| !id.is_empty()),
            }
        }
        Ok(rule)
    }

    fn seconds(element: Node<'_, '_>, location: Location, text: &str) -> Result<Option<i32>, ParseError> {
        // XML Schema collapses the white space around an xs:int.
        let text = text.trim_matches(BLANKS);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let (least, most) = (i32::MIN, i32::MAX);
            fault(
                element,
                Some(location),
                format!("{} is not an integer from {least} to {most}", Quoted(text)),
            )
        })
    }

    /// The child elements; text between them may only be white space.
    fn elements<'a, 'i>(
        parent: Node<'a, 'i>,
        location: Option<Location>,
    ) -> Result<Vec<Node<'a, 'i>>, ParseError> {
        refuse_attributes(parent, location)?;
        for child in parent.children().filter(Node::is_text) {
            let text = child.text().unwrap_or_default().trim_matches(BLANKS);
            if !text.is_empty() {
                let written = &child.document().input_text()[child.range()];
                let blanks = written.len() - written.trim_start_matches(BLANKS).len();
                let message = format!("unexpected text {} between elements", Quoted(text));
                return Err(fault_at(child, child.range().start + blanks, location, message));
            }
        }
        Ok(parent.children().filter(Node::is_element).collect())
    }

    /// The text of an element that has no child elements, comments left out.
    fn content(element: Node<'_, '_>, location: Location) -> Result<String, ParseError> {
        refuse_attributes(element, Some(location))?;
        let mut content = String::new();
        for child in element.children() {
            if child.is_element() {
                let (inner, outer) = (Quoted(child.tag_name().name()), element.tag_name().name());
                return Err(fault(child, Some(location), format!("unexpected element {inner} in {outer:?}")));
            }
            if child.is_text() {
                content.push_str(child.text().unwrap_or_default());
            }
        }
        Ok(content)
    }

    /// S3's schema has no attributes; those with a namespace (`xsi:schemaLocation`) are the tools' own.
    fn refuse_attributes(element: Node<'_, '_>, location: Option<Location>) -> Result<(), ParseError> {
        match element.attributes().find(|attribute| attribute.namespace().is_none()) {
            Some(attribute) => {
                let message = format!("unexpected attribute {}", Quoted(attribute.name()));
                Err(fault_at(element, attribute.range().start, location, message))
            }
            None => Ok(()),
        }
    }

    fn fault(node: Node<'_, '_>, location: Option<Location>, message: String) -> ParseError {
        fault_at(node, node.range().start, location, message)
    }

    fn fault_at(
        node: Node<'_, '_>,
        offset: usize,
        location: Option<Location>,
        message: String,
    ) -> ParseError {
        let message = match location {
            Some(location) => format!("{location}: {message}"),
            None => message,
        };
        source_text::fault(node.document().input_text(), offset, message)
    }
}
