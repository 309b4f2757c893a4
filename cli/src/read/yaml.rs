//! YAML: from text to the tree. A tag such as `!Ref` becomes the mapping that it is short for.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::tree::{written, Entry, Node, SyntaxError, Value};

/// The nesting that is read; deeper than that no template is.
const MAX_DEPTH: usize = 100;
/// The nodes that all aliases may stand for, so that a few bytes cannot become gigabytes.
const MAX_ALIASED: usize = 100_000;

/// Reads all documents of a stream.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut reader = Reader {
        bytes: Bytes::new(text),
        text,
        open: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        documents: Vec::new(),
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| reader.syntax_error(&error))?;
        reader.event(event, span)?;
    }
    Ok(reader.documents)
}

/// From the parser's offsets, in characters, to bytes.
struct Bytes(Option<Vec<usize>>);

impl Bytes {
    fn new(text: &str) -> Self {
        Bytes((!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()))
    }

    fn of(&self, span: Span, text: &str) -> Range<usize> {
        self.at(span.start.index(), text)..self.at(span.end.index(), text)
    }

    fn at(&self, index: usize, text: &str) -> usize {
        let at = self.0.as_ref().map_or(Some(index), |bytes| bytes.get(index).copied());
        at.unwrap_or(text.len()).min(text.len())
    }
}

/// A list or a mapping that has not ended.
struct Open {
    is_map: bool,
    anchor: usize,
    tag: Option<String>,
    start: usize,
    items: Vec<Node>,
}

struct Reader<'t> {
    bytes: Bytes,
    text: &'t str,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    documents: Vec<Node>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let bytes = self.bytes.of(span, self.text);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                let own = own_part(self.text.get(bytes.clone()).unwrap_or_default());
                let own = bytes.start + own.start..bytes.start + own.end;
                let whole = bytes.start..own.end;
                self.close(Node::new(own, value), anchor, tag.as_deref().and_then(function), whole);
            }
            Event::SequenceStart(anchor, tag) => self.start(false, anchor, tag.as_deref(), bytes)?,
            Event::MappingStart(anchor, tag) => self.start(true, anchor, tag.as_deref(), bytes)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(bytes),
            Event::Alias(anchor) => self.alias(anchor, bytes)?,
            _ => {}
        }
        Ok(())
    }

    fn start(
        &mut self,
        is_map: bool,
        anchor: usize,
        tag: Option<&Tag>,
        bytes: Range<usize>,
    ) -> Result<(), SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError {
                offset: bytes.start,
                message: "the document is nested too deeply".into(),
            });
        }
        self.open.push(Open {
            is_map,
            anchor,
            tag: tag.and_then(function),
            start: bytes.start,
            items: Vec::new(),
        });
        Ok(())
    }

    fn end(&mut self, bytes: Range<usize>) {
        let Some(Open { is_map, anchor, tag, start, items }) = self.open.pop() else {
            return;
        };
        // A block ends where its last part ends; only a flow has an end of its own.
        let is_flow = self.text.get(bytes.clone()).is_some_and(|end| end == "]" || end == "}");
        let last = items.last().map_or(bytes.end, |item| item.span.end);
        let end = if is_flow { bytes.end } else { last };
        let span = start..end.max(start);
        // To YAML, `{{ origin }}` of Ansible or Helm is a mapping whose key is a mapping.
        let is_template = |text: &str| text.starts_with("{{") && text.ends_with("}}");
        let value = match self.text.get(span.clone()).filter(|text| is_map && is_template(text)) {
            Some(_) => Value::Unknown(written(self.text, span.clone())),
            None if is_map => Value::Map(entries(items)),
            None => Value::List(items),
        };
        self.close(Node::new(span.clone(), value), anchor, tag, span);
    }

    /// Adds a complete node to what it is a part of.
    fn close(&mut self, node: Node, anchor: usize, tag: Option<String>, bytes: Range<usize>) {
        let node = match tag {
            Some(key) => {
                let entry = Entry { key, key_span: bytes.clone(), value: node };
                Node::new(bytes, Value::Map(vec![entry]))
            }
            None => node,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.documents.push(node),
        }
    }

    fn alias(&mut self, anchor: usize, bytes: Range<usize>) -> Result<(), SyntaxError> {
        let node = self.anchors.get(&anchor).cloned();
        let refuse = |message: &str| Err(SyntaxError { offset: bytes.start, message: message.into() });
        let Some(node) = node else {
            return refuse("the alias stands for a part that it is in itself");
        };
        self.aliased += size(&node);
        if self.aliased > MAX_ALIASED {
            return refuse("the aliases stand for too many values");
        }
        self.close(node, 0, None, bytes);
        Ok(())
    }

    fn syntax_error(&self, error: &ScanError) -> SyntaxError {
        let offset = self.bytes.at(error.marker().index(), self.text);
        let rest = self.text.get(offset..).unwrap_or_default();
        let before = self.text.get(..offset).unwrap_or_default();
        let is_control =
            |line: &str| ["{%", "{{-", "{{/*"].iter().any(|start| line.trim_start().starts_with(start));
        let message = if self.text.lines().any(is_control) {
            "this is a template of Jinja or Helm; render it first".into()
        } else if rest.starts_with('*') || before.ends_with('*') {
            "invalid YAML: a value that begins with \"*\" must be quoted".into()
        } else {
            format!("invalid YAML: {}", error.info().replace(['`', '\''], "\""))
        };
        SyntaxError { offset, message }
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        _ => 0,
    }
}

/// Pairs keys and values. What `<<` merges comes after the mapping's own entries, unless those have its keys.
fn entries(items: Vec<Node>) -> Vec<Entry> {
    let (mut own, mut merged): (Vec<Entry>, Vec<Entry>) = Default::default();
    let mut items = items.into_iter();
    while let Some((key, value)) = items.next().zip(items.next()) {
        let name = match &key.value {
            Value::Text(text) | Value::Bare(text) => text.clone(),
            _ => String::new(),
        };
        match value.value {
            Value::Map(inner) if name == "<<" => merged.extend(inner),
            Value::List(maps) if name == "<<" => merged.extend(maps.into_iter().flat_map(into_entries)),
            value_of_key => {
                own.push(Entry { key: name, key_span: key.span, value: Node::new(value.span, value_of_key) });
            }
        }
    }
    // Of several mappings with the same key the first counts.
    if !merged.is_empty() {
        let mut seen: HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        own.extend(merged.into_iter().filter(|entry| seen.insert(entry.key.clone())));
    }
    own
}

fn into_entries(node: Node) -> Vec<Entry> {
    match node.value {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    }
}

/// The function of CloudFormation that a tag is short for.
fn function(tag: &Tag) -> Option<String> {
    let name = (tag.handle == "!").then_some(&tag.suffix).filter(|name| !name.is_empty())?;
    Some(match name.as_str() {
        "Ref" | "Condition" => name.clone(),
        _ => format!("Fn::{name}"),
    })
}

/// The part of a scalar that is its value: the parser counts a tag and an anchor before it, and what follows a text in
/// quotes up to the line's end.
fn own_part(written: &str) -> Range<usize> {
    let mut value = written;
    while value.starts_with(['!', '&']) {
        let after = value.find(char::is_whitespace).and_then(|end| value.get(end..));
        value = after.unwrap_or_default().trim_start();
    }
    let start = written.len() - value.len();
    start..start + length(value)
}

fn length(value: &str) -> usize {
    let Some(quote) = value.chars().next().filter(|quote| ['"', '\''].contains(quote)) else {
        return value.trim_end().len();
    };
    let mut rest = value.char_indices().skip(1).peekable();
    while let Some((at, c)) = rest.next() {
        let is_next = |next: Option<&(usize, char)>| next.is_some_and(|(_, next)| *next == '\'');
        let is_escape = match quote {
            '"' => c == '\\',
            _ => c == '\'' && is_next(rest.peek()),
        };
        if is_escape {
            rest.next();
        } else if c == quote {
            return at + 1;
        }
    }
    value.len()
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Value::Text(text.into());
    }
    let is_number = text.strip_prefix(['-', '+']).unwrap_or(text).starts_with(|c: char| c.is_ascii_digit())
        && text.parse::<f64>().is_ok();
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Bare("null".into()),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Value::Bare(text.to_ascii_lowercase()),
        _ if is_number => Value::Bare(text.into()),
        _ => Value::Text(text.into()),
    }
}
