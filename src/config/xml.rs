//! S3's XML document to configuration and back.

use super::place::Field;
use super::{CorsConfiguration, CorsRule};

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
    xml
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
    use roxmltree::{Document, Error, Node};

    use super::{Field, ROOT, RULE};
    use crate::config::error::ParseError;
    use crate::config::place::Place;
    use crate::config::{suggest, text, CorsConfiguration, CorsRule};

    pub(in crate::config) fn parse(document: &str) -> Result<CorsConfiguration, ParseError> {
        let parsed = Document::parse(document).map_err(|error| syntax(document, &error))?;
        let root = parsed.root_element();
        if root.tag_name().name() != ROOT {
            let message = format!("the root element is {:?}, expected {ROOT:?}", root.tag_name().name());
            return Err(fault(root, None, message));
        }
        let mut rules = Vec::new();
        for element in elements(root, None)? {
            if element.tag_name().name() != RULE {
                let message = suggest::unknown("element", element.tag_name().name(), &[RULE]);
                return Err(fault(element, None, message));
            }
            rules.push(rule(element, Place::rule(rules.len()))?);
        }
        Ok(CorsConfiguration { rules })
    }

    fn syntax(document: &str, error: &Error) -> ParseError {
        if let Error::DtdDetected = error {
            let offset = document.find("<!DOCTYPE").unwrap_or_default();
            return text::fault(document, offset, "a document type declaration is not allowed".into());
        }
        let position = error.pos();
        let message = error.to_string().replace(&format!(" at {position}"), "");
        ParseError::new(position.row as usize, position.col as usize, message)
    }

    fn rule(element: Node<'_, '_>, place: Place) -> Result<CorsRule, ParseError> {
        let mut rule = CorsRule::default();
        let mut once = Vec::new();
        for child in elements(element, Some(place))? {
            let name = child.tag_name().name();
            let Some(field) = Field::ALL.into_iter().find(|field| field.element() == name) else {
                let message = suggest::unknown("element", name, &Field::ALL.map(Field::element));
                return Err(fault(child, Some(place), message));
            };
            if let Some(list) = rule.list_mut(field) {
                list.push(content(child, place.field(field).index(list.len()))?);
                continue;
            }
            if once.contains(&field) {
                return Err(fault(child, Some(place), format!("the element {name:?} stands twice")));
            }
            once.push(field);
            let place = place.field(field);
            let text = content(child, place)?;
            match field {
                Field::MaxAgeSeconds => rule.max_age_seconds = seconds(child, place, &text)?,
                _ => rule.id = Some(text).filter(|id| !id.is_empty()),
            }
        }
        Ok(rule)
    }

    fn seconds(element: Node<'_, '_>, place: Place, text: &str) -> Result<Option<i32>, ParseError> {
        // XML Schema collapses the white space around an xs:int.
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            let (least, most) = (i32::MIN, i32::MAX);
            fault(element, Some(place), format!("{text:?} is not an integer from {least} to {most}"))
        })
    }

    /// The child elements; text between them may only be white space.
    fn elements<'a, 'i>(parent: Node<'a, 'i>, place: Option<Place>) -> Result<Vec<Node<'a, 'i>>, ParseError> {
        refuse_attributes(parent, place)?;
        let mut elements = Vec::new();
        for child in parent.children() {
            let blank = child.text().unwrap_or_default().trim().is_empty();
            if child.is_element() {
                elements.push(child);
            } else if child.is_text() && !blank {
                let text = child.text().unwrap_or_default().trim();
                return Err(fault(child, place, format!("unexpected text {text:?} between elements")));
            }
        }
        Ok(elements)
    }

    /// The text of an element that has no child elements, comments left out.
    fn content(element: Node<'_, '_>, place: Place) -> Result<String, ParseError> {
        refuse_attributes(element, Some(place))?;
        let mut content = String::new();
        for child in element.children() {
            if child.is_element() {
                let (inner, outer) = (child.tag_name().name(), element.tag_name().name());
                return Err(fault(child, Some(place), format!("unexpected element {inner:?} in {outer:?}")));
            }
            if child.is_text() {
                content.push_str(child.text().unwrap_or_default());
            }
        }
        Ok(content)
    }

    /// S3's schema has no attributes; those with a namespace (`xsi:schemaLocation`) are the tools' own.
    fn refuse_attributes(element: Node<'_, '_>, place: Option<Place>) -> Result<(), ParseError> {
        match element.attributes().find(|attribute| attribute.namespace().is_none()) {
            Some(attribute) => {
                Err(fault(element, place, format!("unexpected attribute {:?}", attribute.name())))
            }
            None => Ok(()),
        }
    }

    fn fault(node: Node<'_, '_>, place: Option<Place>, message: String) -> ParseError {
        let position = node.document().text_pos_at(node.range().start);
        let message = match place {
            Some(place) => format!("{place}: {message}"),
            None => message,
        };
        ParseError::new(position.row as usize, position.col as usize, message)
    }
}
