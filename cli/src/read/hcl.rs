//! Terraform's HCL: from text to the tree. Blocks of one name are a list, and each label of a block is a mapping.

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hcl_edit::template::Template;
use hcl_edit::Span;

use super::tree::{written, Entry, Node, SyntaxError, Value};

pub(crate) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let body = parse_body(text).map_err(|error| SyntaxError {
        offset: error.location().offset(),
        message: format!("invalid HCL: {}", error.message().replace('`', "\"").replace("\"\"\"", "'\"'")),
    })?;
    Ok(Reader { text }.body(&body))
}

struct Reader<'t> {
    text: &'t str,
}

/// The parser bounds the nesting, so this is.
impl Reader<'_> {
    fn body(&self, body: &Body) -> Node {
        let mut entries: Vec<Entry> = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => entries.push(Entry {
                    key: attribute.key.to_string(),
                    key_span: attribute.key.span().unwrap_or_default(),
                    value: self.expression(&attribute.value),
                }),
                Structure::Block(block) => self.block(block, &mut entries),
            }
        }
        Node::new(body.span().unwrap_or_default(), Value::Map(entries))
    }

    fn block(&self, block: &Block, entries: &mut Vec<Entry>) {
        let (key, key_span) = (block.ident.to_string(), block.ident.span().unwrap_or_default());
        // That of the block with its braces, so that a missing attribute is reported at the block.
        let node = Node { span: block.span().unwrap_or_default(), ..self.body(&block.body) };
        if let ("dynamic", [label]) = (key.as_str(), block.labels.as_slice()) {
            let value = Node::new(node.span, Value::Unknown(format!("dynamic {:?}", label.as_str())));
            entries.push(Entry { key: label.as_str().to_owned(), key_span, value });
            return;
        }
        if !block.labels.is_empty() {
            let value = block.labels.iter().rev().fold(node, |inner, label| labelled(label, inner));
            entries.push(Entry { key, key_span, value });
            return;
        }
        let earlier = entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value.value);
        if let Some(Value::List(items)) = earlier {
            items.push(node);
        } else {
            let value = Node::new(node.span.clone(), Value::List(vec![node]));
            entries.push(Entry { key, key_span, value });
        }
    }

    fn expression(&self, expression: &Expression) -> Node {
        let span = expression.span().unwrap_or_default();
        let value = match expression {
            Expression::Null(_) => Value::Bare("null".into()),
            Expression::Bool(flag) => Value::Bare(flag.to_string()),
            Expression::Number(number) => Value::Bare(number.value().to_string()),
            Expression::String(text) => Value::Text(text.value().clone()),
            Expression::Array(items) => Value::List(items.iter().map(|item| self.expression(item)).collect()),
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, _)| self.entry(key, value);
                Value::Map(object.iter().map(entry).collect())
            }
            Expression::HeredocTemplate(heredoc) => {
                literal(&heredoc.template).unwrap_or_else(|| self.unknown(expression))
            }
            Expression::StringTemplate(_) => self.unknown(expression),
            Expression::Parenthesis(inner) => return self.expression(inner.inner()),
            Expression::FuncCall(call) => match converted(call) {
                Some(argument) => return self.expression(argument),
                None => self.unknown(expression),
            },
            _ => self.unknown(expression),
        };
        Node::new(span, value)
    }

    fn entry(&self, key: &ObjectKey, value: &hcl_edit::expr::ObjectValue) -> Entry {
        let (name, key_span) = match key {
            ObjectKey::Ident(ident) => (ident.to_string(), ident.span()),
            ObjectKey::Expression(Expression::String(text)) => (text.value().clone(), text.span()),
            ObjectKey::Expression(other) => {
                (written(self.text, other.span().unwrap_or_default()), other.span())
            }
        };
        Entry { key: name, key_span: key_span.unwrap_or_default(), value: self.expression(value.expr()) }
    }

    fn unknown(&self, expression: &Expression) -> Value {
        Value::Unknown(written(self.text, expression.span().unwrap_or_default()))
    }
}

fn labelled(label: &BlockLabel, inner: Node) -> Node {
    let (span, key_span) = (inner.span.clone(), label.span().unwrap_or_default());
    Node::new(span, Value::Map(vec![Entry { key: label.as_str().to_owned(), key_span, value: inner }]))
}

/// The text of a heredoc without interpolations.
fn literal(template: &Template) -> Option<Value> {
    let texts: Option<String> =
        template.iter().map(|element| element.as_literal().map(|text| text.as_str())).collect();
    texts.map(|text| Value::Text(text.trim_end().to_owned()))
}

/// The argument of a function that changes no more than the type of a list.
fn converted(call: &FuncCall) -> Option<&Expression> {
    let is_known = ["toset", "tolist"].contains(&call.name.name.as_str()) && !call.name.is_namespaced();
    call.args.get(0).filter(|_| is_known && call.args.len() == 1)
}
