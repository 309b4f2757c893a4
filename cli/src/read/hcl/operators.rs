//! Operators of known values.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use crate::read::tree::{Node, Value};

pub(super) fn flag(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Bare(flag) => flag.parse().ok(),
        _ => None,
    }
}

fn number(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Bare(text) | Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

pub(super) fn unary(operator: UnaryOperator, operand: &Node) -> Option<Value> {
    Some(Value::Bare(match operator {
        UnaryOperator::Neg => number(operand)?.checked_neg()?.to_string(),
        UnaryOperator::Not => (!flag(operand)?).to_string(),
    }))
}

pub(super) fn binary(operator: BinaryOperator, left: &Node, right: &Node) -> Option<Value> {
    use BinaryOperator::{And, Div, Eq, Greater, GreaterEq, Less, LessEq, Minus, Mul, NotEq, Or, Plus};
    let truth = |is_true: bool| Some(Value::Bare(is_true.to_string()));
    let numbers = || number(left).zip(number(right));
    let computed = |compute: fn(i64, i64) -> Option<i64>| {
        let (left, right) = numbers()?;
        Some(Value::Bare(compute(left, right)?.to_string()))
    };
    let compared = |compare: fn(&i64, &i64) -> bool| {
        let (left, right) = numbers()?;
        truth(compare(&left, &right))
    };
    match operator {
        Eq => truth(is_equal(left, right)?),
        NotEq => truth(!is_equal(left, right)?),
        And => truth(flag(left)? && flag(right)?),
        Or => truth(flag(left)? || flag(right)?),
        Plus => computed(i64::checked_add),
        Minus => computed(i64::checked_sub),
        Mul => computed(i64::checked_mul),
        Div => computed(|left, right| left.checked_div(right).filter(|_| left % right == 0)),
        Greater => compared(i64::gt),
        GreaterEq => compared(i64::ge),
        Less => compared(i64::lt),
        LessEq => compared(i64::le),
        _ => None,
    }
}

fn is_equal(left: &Node, right: &Node) -> Option<bool> {
    match (&left.value, &right.value) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        _ if left.is_null() || right.is_null() => Some(left.is_null() && right.is_null()),
        (Value::Text(a), Value::Text(b)) | (Value::Bare(a), Value::Bare(b)) => Some(a == b),
        _ => None,
    }
}
