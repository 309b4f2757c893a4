//! The tree that every syntax is parsed into: values with the bytes of the text that they were read from.

use std::ops::Range;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// A number, `true`, `false` or `null`, as it is written.
    Bare(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// What only the cloud or its tool knows, as it is written: `!Ref Origin`, `var.origin`.
    Unknown(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
}

/// Why a text could not be parsed, and the byte where.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl Node {
    pub(crate) fn new(span: Range<usize>, value: Value) -> Self {
        Node { span, value }
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Bare(word) if word == "null")
    }

    /// What a message calls the value.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Text(text) => quoted(text),
            Value::Bare(word) => cut(word).into(),
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a mapping".into(),
            Value::Unknown(written) => written.clone(),
        }
    }
}

/// The part of the text, as a message repeats it: its first line, and not more than fits.
pub(crate) fn written(text: &str, span: Range<usize>) -> String {
    let part = text.get(span).unwrap_or_default().trim();
    let line = cut(part.lines().next().unwrap_or_default().trim_end());
    let more = if line.len() < part.len() { "..." } else { "" };
    crate::escape::escaped(line) + more
}

/// Text in double quotes, escaped so that it is one line, and cut if it is long.
pub(crate) fn quoted(text: &str) -> String {
    let more = if cut(text).len() < text.len() { "..." } else { "" };
    format!("{:?}{more}", cut(text))
}

fn cut(text: &str) -> &str {
    const MAX_CHARS: usize = 100;
    text.char_indices().nth(MAX_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}
