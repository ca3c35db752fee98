//! Equality, order and arithmetic as the standard defines them.

use super::value::{V, fault, kinds};
use crate::syntax::BinOp;
use jiff::{SignedDuration, Timestamp};
use shoseki_model::{REDACTED, Text};
use std::cmp::Ordering;

/// Whether two values are equal; values of different kinds never are, numbers
/// are compared as numbers.
pub(crate) fn equal(a: &V<'_>, b: &V<'_>) -> bool {
    match (a, b) {
        (V::Null, V::Null) => true,
        (V::Bool(a), V::Bool(b)) => a == b,
        (V::Int(a), V::Int(b)) => a == b,
        (V::Time(a), V::Time(b)) => a == b,
        (V::Span(a), V::Span(b)) => a == b,
        (V::Array(a), V::Array(b)) if std::ptr::eq(*a, *b) => true,
        (V::Int(_) | V::Double(_), V::Int(_) | V::Double(_)) => {
            numbers(a, b) == Some(Ordering::Equal)
        }
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => equal_inside(a, b),
            _ => false,
        },
    }
}

fn equal_inside(a: &V<'_>, b: &V<'_>) -> bool {
    let (kind, n) = (a.kind(), a.len());
    if kind != b.kind() || n != b.len() {
        return false;
    }
    if kind == kinds::LIST {
        return (0..n).all(|i| match (a.item(i), b.item(i)) {
            (Some(x), Some(y)) => equal(&x, &y),
            _ => false,
        });
    }
    kind == kinds::MAP
        && a.items().iter().all(|k| match (index(a, k), index(b, k)) {
            (Some(x), Some(y)) => equal(&x, &y),
            _ => false,
        })
}

/// The entry of a map under any key.
pub(crate) fn index<'a>(map: &V<'a>, key: &V<'_>) -> Option<V<'a>> {
    match (map, key.as_str()) {
        (_, Some(k)) => map.member(k),
        (V::Map(m), None) => m.iter().find(|e| equal(&e.0, key)).map(|e| e.1.clone()),
        _ => None,
    }
}

fn numbers(a: &V<'_>, b: &V<'_>) -> Option<Ordering> {
    match (a, b) {
        (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
        (V::Double(a), V::Double(b)) => a.partial_cmp(b),
        (V::Int(a), V::Double(b)) => mixed(*a, *b),
        (V::Double(a), V::Int(b)) => mixed(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// A whole number against a decimal one, without rounding the whole one.
fn mixed(a: i64, b: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return None;
    }
    if b >= LIMIT {
        return Some(Ordering::Less);
    }
    if b < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = b.trunc();
    Some(
        a.cmp(&(whole as i64))
            .then(0.0_f64.partial_cmp(&(b - whole)).unwrap_or(Ordering::Equal)),
    )
}

/// `<`, `<=`, `>`, `>=`.
pub(crate) fn order<'a>(op: BinOp, a: &V<'_>, b: &V<'_>) -> V<'a> {
    let o = match (a, b) {
        (V::Int(_) | V::Double(_), V::Int(_) | V::Double(_)) => match numbers(a, b) {
            Some(o) => o,
            None => return V::Bool(false),
        },
        (V::Bool(a), V::Bool(b)) => a.cmp(b),
        (V::Time(a), V::Time(b)) => a.cmp(b),
        (V::Span(a), V::Span(b)) => a.cmp(b),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a.cmp(b),
            _ => return operands(op, a, b),
        },
    };
    V::Bool(match op {
        BinOp::Lt => o.is_lt(),
        BinOp::Le => o.is_le(),
        BinOp::Gt => o.is_gt(),
        _ => o.is_ge(),
    })
}

/// `in`: an element of a list or a key of a map; nothing is in an absent list.
pub(crate) fn within<'a>(a: &V<'_>, b: &V<'_>) -> V<'a> {
    match b {
        V::Null => V::Bool(false),
        V::Array(list) => {
            let found = match a.as_str() {
                Some(s) => list.iter().any(|v| v.as_str() == Some(s)),
                None => list.iter().any(|v| equal(a, &V::of(v))),
            };
            // What stood there before may have been it.
            if !found && list.iter().any(|v| v.as_str() == Some(REDACTED)) {
                return super::replaced();
            }
            V::Bool(found)
        }
        V::List(list) => V::Bool(list.iter().any(|v| equal(a, v))),
        V::Object(_) | V::Map(_) => {
            const KEYS: u16 = kinds::STR | kinds::INT | kinds::DOUBLE | kinds::BOOL;
            if a.kind() & KEYS == 0 {
                return operands(BinOp::In, a, b);
            }
            V::Bool(index(b, a).is_some())
        }
        _ => operands(BinOp::In, a, b),
    }
}

/// `+ - * / %`.
pub(crate) fn arithmetic<'a>(op: BinOp, a: V<'a>, b: V<'a>) -> V<'a> {
    match (&a, &b) {
        (V::Int(x), V::Int(y)) => whole(op, *x, *y),
        (V::Double(x), V::Double(y)) => match op {
            BinOp::Add => V::Double(x + y),
            BinOp::Sub => V::Double(x - y),
            BinOp::Mul => V::Double(x * y),
            BinOp::Div => V::Double(x / y),
            _ => operands(op, &a, &b),
        },
        (V::Time(_) | V::Span(_), V::Time(_) | V::Span(_)) => moments(op, &a, &b),
        _ if op == BinOp::Add => joined(&a, &b),
        _ => operands(op, &a, &b),
    }
}

fn joined<'a>(a: &V<'a>, b: &V<'a>) -> V<'a> {
    if let (Some(x), Some(y)) = (a.as_str(), b.as_str()) {
        return V::text(format!("{x}{y}"));
    }
    if a.kind() == kinds::LIST && b.kind() == kinds::LIST {
        let mut all = a.items();
        all.extend(b.items());
        return V::list(all);
    }
    operands(BinOp::Add, a, b)
}

fn whole<'a>(op: BinOp, x: i64, y: i64) -> V<'a> {
    let n = match op {
        BinOp::Add => x.checked_add(y),
        BinOp::Sub => x.checked_sub(y),
        BinOp::Mul => x.checked_mul(y),
        BinOp::Div | BinOp::Rem if y == 0 => {
            return fault(Text::new("0 で割った", "division by zero"));
        }
        BinOp::Div => x.checked_div(y),
        _ => x.checked_rem(y),
    };
    n.map_or_else(overflow, V::Int)
}

fn moments<'a>(op: BinOp, a: &V<'_>, b: &V<'_>) -> V<'a> {
    let done = match (op, a, b) {
        (BinOp::Add, V::Time(t), V::Span(d)) | (BinOp::Add, V::Span(d), V::Time(t)) => {
            t.checked_add(*d).ok().map(V::Time)
        }
        (BinOp::Sub, V::Time(t), V::Span(d)) => t.checked_sub(*d).ok().map(V::Time),
        (BinOp::Sub, V::Time(t), V::Time(u)) => Some(V::Span(t.duration_since(*u))),
        (BinOp::Add, V::Span(d), V::Span(e)) => d.checked_add(*e).map(V::Span),
        (BinOp::Sub, V::Span(d), V::Span(e)) => d.checked_sub(*e).map(V::Span),
        _ => return operands(op, a, b),
    };
    done.unwrap_or_else(overflow)
}

/// `-x`.
pub(crate) fn negative<'a>(v: &V<'_>) -> V<'a> {
    match v {
        V::Int(i) => i.checked_neg().map_or_else(overflow, V::Int),
        V::Double(d) => V::Double(-d),
        V::Span(d) => d.checked_neg().map_or_else(overflow, V::Span),
        v => {
            let (ja, en) = kinds::told(v.kind());
            fault(Text::new(
                format!("「-」を{ja}に使った"),
                format!("`-` was applied to {en}"),
            ))
        }
    }
}

fn overflow<'a>() -> V<'a> {
    fault(Text::new(
        "計算の結果が範囲を超えた",
        "the result of a calculation is out of range",
    ))
}

fn operands<'a>(op: BinOp, a: &V<'_>, b: &V<'_>) -> V<'a> {
    let (ja_a, en_a) = kinds::told(a.kind());
    let (ja_b, en_b) = kinds::told(b.kind());
    fault(Text::new(
        format!("「{}」を{ja_a}と{ja_b}の間で使った", op.sign()),
        format!("`{}` was used between {en_a} and {en_b}", op.sign()),
    ))
}

/// A moment of an RFC 3339 text.
pub(crate) fn time(s: &str) -> Option<Timestamp> {
    s.parse().ok()
}

/// A duration of a text such as `1h30m`, `-2.5s`, `300ms`: numbers with the
/// units h, m, s, ms, us, ns.
pub(crate) fn duration(s: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match s.strip_prefix(['-', '+']) {
        Some(r) => (s.starts_with('-'), r),
        None => (false, s),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let letters = tail
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(tail.len());
        let (unit, next) = tail.split_at(letters);
        nanos = nanos.checked_add(scaled(number, unit)?)?;
        rest = next;
    }
    SignedDuration::try_from_nanos_i128(if negative { -nanos } else { nanos })
}

fn scaled(number: &str, unit: &str) -> Option<i128> {
    let scale: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let mut n = if whole.is_empty() {
        0
    } else {
        whole.parse::<i128>().ok()?.checked_mul(scale)?
    };
    let mut step = scale;
    for d in part.chars() {
        step /= 10;
        n = n.checked_add(i128::from(d.to_digit(10)?) * step)?;
    }
    Some(n)
}

#[cfg(test)]
#[path = "ops_tests.rs"]
mod tests;
