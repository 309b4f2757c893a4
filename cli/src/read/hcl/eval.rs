//! The values of expressions, as far as the file alone says them.

use std::ops::Range;

use hcl_edit::expr::{Conditional, Expression, ForExpr, Traversal, TraversalOperator};
use hcl_edit::template::Element;
use hcl_edit::Span;

use super::operators::{binary, flag, unary};
use super::{functions, Reader, Scope};
use crate::read::tree::{Entry, Node, Value};

/// Locals that refer to locals, in a row: two that refer to each other would never end, and the stack is small.
const MAX_DEPTH: usize = 8;

/// What is not known, before it is said how it is written.
pub(super) fn nothing() -> Node {
    Node::new(0..0, Value::Unknown(String::new()))
}

impl Reader<'_> {
    /// The value; none if evaluating it is an error, such as an attribute that is not there.
    pub(super) fn evaluate(&self, expression: &Expression, scope: &Scope<'_>) -> Option<Node> {
        // What is written once is worked out once, however large the document is.
        let is_repeated = self.depth.get() > 0 || scope.outer.is_some();
        if is_repeated && self.spend(1).is_none() {
            return Some(self.unknown(expression));
        }
        let span = expression.span().unwrap_or_default();
        let node = match expression {
            Expression::Parenthesis(inner) => return self.evaluate(inner.inner(), scope),
            Expression::Conditional(conditional) => match self.branch(conditional, scope) {
                Some(branch) => return self.evaluate(branch, scope),
                None => nothing(),
            },
            Expression::Variable(name) => {
                scope.get(name).map_or_else(nothing, |value| self.placed(value, &span))
            }
            Expression::Traversal(traversal) => self.placed(&self.traversal(traversal, scope)?, &span),
            Expression::FuncCall(call) => functions::call(self, call, scope)?,
            _ => Node::new(span, self.value(expression, scope)?),
        };
        let is_known = !matches!(node.value, Value::Unknown(_));
        Some(if is_known { node } else { self.unknown(expression) })
    }

    fn value(&self, expression: &Expression, scope: &Scope<'_>) -> Option<Value> {
        Some(match expression {
            Expression::Null(_) => Value::Bare("null".into()),
            Expression::Bool(flag) => Value::Bare(flag.to_string()),
            Expression::Number(number) => Value::Bare(number.value().to_string()),
            Expression::String(text) => Value::Text(text.value().clone()),
            Expression::Array(items) => {
                Value::List(items.iter().map(|item| self.expression(item, scope)).collect())
            }
            Expression::Object(object) => {
                Value::Map(object.iter().map(|(key, value)| self.entry(key, value, scope)).collect())
            }
            Expression::StringTemplate(template) => self.text(template.iter(), scope)?,
            Expression::HeredocTemplate(heredoc) => match self.text(heredoc.template.iter(), scope)? {
                Value::Text(text) => Value::Text(text.trim_end().to_owned()),
                other => other,
            },
            Expression::ForExpr(of) => self.for_each(of, scope).unwrap_or_else(|| nothing().value),
            Expression::UnaryOp(operation) => {
                let operand = self.evaluate(&operation.expr, scope)?;
                unary(*operation.operator.value(), &operand).unwrap_or_else(|| nothing().value)
            }
            Expression::BinaryOp(operation) => {
                let [left, right] =
                    [&operation.lhs_expr, &operation.rhs_expr].map(|side| self.evaluate(side, scope));
                binary(*operation.operator.value(), &left?, &right?).unwrap_or_else(|| nothing().value)
            }
            _ => nothing().value,
        })
    }

    /// None if too much was worked out already.
    pub(super) fn spend(&self, values: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(values)?);
        Some(())
    }

    /// The value where it is used: what is about it is to be changed by whoever knows what else uses it.
    fn placed(&self, node: &Node, span: &Range<usize>) -> Node {
        if self.spend(1).is_none() {
            return Node::new(span.clone(), Value::Unknown("too large a value".into()));
        }
        let mut placed = Node::new(span.clone(), Value::Bare("null".into()));
        placed.value = match &node.value {
            Value::List(items) => Value::List(items.iter().map(|item| self.placed(item, span)).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: entry.key.clone(),
                        key_span: span.clone(),
                        value: self.placed(&entry.value, span),
                    })
                    .collect(),
            ),
            other => other.clone(),
        };
        placed
    }

    /// The text of a template.
    fn text<'e>(&self, elements: impl Iterator<Item = &'e Element>, scope: &Scope<'_>) -> Option<Value> {
        let mut text = String::new();
        for element in elements {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(inner) => match self.evaluate(&inner.expr, scope)?.value {
                    Value::Text(part) | Value::Bare(part) => text.push_str(&part),
                    _ => return Some(nothing().value),
                },
                Element::Directive(_) => return Some(nothing().value),
            }
        }
        Some(Value::Text(text))
    }

    fn traversal(&self, traversal: &Traversal, scope: &Scope<'_>) -> Option<Node> {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        match (&traversal.expr, operators.as_slice()) {
            (Expression::Variable(name), [TraversalOperator::GetAttr(attribute), rest @ ..])
                if name.as_str() == "local" =>
            {
                match self.local(attribute.as_str()) {
                    Some(value) => self.apply(&value, rest, scope),
                    None => Some(nothing()),
                }
            }
            (Expression::Variable(name), rest) => match scope.get(name) {
                Some(value) => self.apply(value, rest, scope),
                None => Some(nothing()),
            },
            (other, rest) => self.apply(&self.evaluate(other, scope)?, rest, scope),
        }
    }

    fn local(&self, name: &str) -> Option<Node> {
        let expression = self.locals.get(name)?;
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let value = self.expression(expression, &Scope::default());
        self.depth.set(depth);
        self.used.borrow_mut().insert(name.to_owned());
        Some(value)
    }

    /// A part of the value; none if it has no such part.
    fn apply(&self, node: &Node, operators: &[&TraversalOperator], scope: &Scope<'_>) -> Option<Node> {
        let [first, rest @ ..] = operators else {
            return Some(node.clone());
        };
        if matches!(node.value, Value::Unknown(_)) {
            return Some(node.clone());
        }
        let part = match first {
            TraversalOperator::GetAttr(name) => node.get(name.as_str())?,
            TraversalOperator::LegacyIndex(index) => element(node, &index.value().to_string())?,
            TraversalOperator::Index(index) => match self.evaluate(index, scope)?.value {
                Value::Text(key) | Value::Bare(key) => element(node, &key)?,
                _ => return Some(nothing()),
            },
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                // A single value is a list of its own, and null an empty one.
                let items = match &node.value {
                    Value::List(items) => items.as_slice(),
                    _ if node.is_null() => &[],
                    _ => std::slice::from_ref(node),
                };
                let parts: Option<Vec<Node>> =
                    items.iter().map(|item| self.apply(item, rest, scope)).collect();
                return Some(Node::new(node.span.clone(), Value::List(parts?)));
            }
        };
        self.apply(part, rest, scope)
    }

    fn branch<'e>(&self, conditional: &'e Conditional, scope: &Scope<'_>) -> Option<&'e Expression> {
        let is_true = flag(&self.evaluate(&conditional.cond_expr, scope)?)?;
        Some(if is_true { &conditional.true_expr } else { &conditional.false_expr })
    }

    /// Of `condition ? value : []`, if the condition is not known, the value: the rules that there are if there are any.
    pub(super) fn if_any<'e>(&self, expression: &'e Expression, scope: &Scope<'_>) -> &'e Expression {
        match expression {
            Expression::Parenthesis(inner) => self.if_any(inner.inner(), scope),
            Expression::Conditional(conditional) if self.branch(conditional, scope).is_none() => {
                match (&conditional.true_expr, &conditional.false_expr) {
                    (value, nothing) | (nothing, value) if is_nothing(nothing) => value,
                    _ => expression,
                }
            }
            _ => expression,
        }
    }

    /// The elements of a collection. Those of a set are in the order of their bytes.
    pub(super) fn items(&self, collection: &Expression, scope: &Scope<'_>) -> Option<Vec<(Node, Node)>> {
        let node = self.expression(collection, scope);
        let is_set = matches!(collection, Expression::FuncCall(call) if call.name.name.as_str() == "toset");
        if !is_set {
            return items(&node);
        }
        // The key of an element of a set is the element.
        let items = items(&functions::set(node))?;
        Some(items.into_iter().map(|(_, value)| (value.clone(), value)).collect())
    }

    fn for_each(&self, of: &ForExpr, scope: &Scope<'_>) -> Option<Value> {
        let (mut list, mut map) = (Vec::new(), Vec::new());
        for (key, value) in self.items(&of.intro.collection_expr, scope)? {
            self.spend(1)?;
            let scope = scope.with(&of.intro.value_var, value);
            let scope = scope.with(of.intro.key_var.as_ref().map_or("", |name| name.as_str()), key);
            let condition = of.cond.as_ref().map(|condition| self.evaluate(&condition.expr, &scope));
            match condition.map_or(Some(true), |condition| flag(&condition?))? {
                false => continue,
                true if of.key_expr.is_none() => list.push(self.expression(&of.value_expr, &scope)),
                true => map.push(self.element(of, &scope)?),
            }
        }
        Some(if of.key_expr.is_some() { Value::Map(map) } else { Value::List(list) })
    }

    /// `{ for rule in local.rules : rule.id => rule }`
    fn element(&self, of: &ForExpr, scope: &Scope<'_>) -> Option<Entry> {
        let key = self.evaluate(of.key_expr.as_ref()?, scope)?;
        let (Value::Text(name) | Value::Bare(name)) = key.value else {
            return None;
        };
        let value = self.expression(&of.value_expr, scope);
        (!of.grouping).then_some(Entry { key: name, key_span: key.span, value })
    }
}

fn is_nothing(expression: &Expression) -> bool {
    match expression {
        Expression::Null(_) => true,
        Expression::Array(items) => items.is_empty(),
        Expression::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// The elements with their keys, in Terraform's order; none if it is no collection.
pub(super) fn items(node: &Node) -> Option<Vec<(Node, Node)>> {
    let key = |text: String| Node::new(node.span.clone(), Value::Text(text));
    match &node.value {
        Value::List(items) => {
            let number = |index: usize| Node::new(node.span.clone(), Value::Bare(index.to_string()));
            Some(items.iter().enumerate().map(|(index, item)| (number(index), item.clone())).collect())
        }
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            Some(entries.into_iter().map(|entry| (key(entry.key.clone()), entry.value.clone())).collect())
        }
        _ => None,
    }
}

fn element<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::List(items) => items.get(key.parse::<usize>().ok()?),
        _ => node.get(key),
    }
}
