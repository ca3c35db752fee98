//! What is known of a value before anything is read.

use crate::eval::value::kinds;
use crate::functions::Out;
use indexmap::IndexMap;
use shoseki_model::Kind;

/// A static type. Everything may also be absent, hence null.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ty<'k> {
    Any,
    Null,
    Bool,
    Int,
    Float,
    Str,
    Time,
    Span,
    List(Box<Ty<'k>>),
    Map(Box<Ty<'k>>),
    Object(&'k IndexMap<String, Kind>),
}

impl<'k> Ty<'k> {
    /// Of a member of the provider's model. A moment there is RFC 3339 text.
    pub fn of(kind: &'k Kind) -> Self {
        match kind {
            Kind::Any => Ty::Any,
            Kind::Bool => Ty::Bool,
            Kind::Int => Ty::Int,
            Kind::Float => Ty::Float,
            Kind::Str | Kind::Time => Ty::Str,
            Kind::List(k) => Ty::List(Box::new(Ty::of(k))),
            Kind::Map(k) => Ty::Map(Box::new(Ty::of(k))),
            Kind::Object(m) => Ty::Object(m),
        }
    }

    /// What a function gives.
    pub fn given(out: Out) -> Self {
        match out {
            Out::Bool => Ty::Bool,
            Out::Int => Ty::Int,
            Out::Double => Ty::Float,
            Out::Str => Ty::Str,
            Out::Time => Ty::Time,
            Out::Span => Ty::Span,
            Out::Strs => Ty::List(Box::new(Ty::Str)),
            Out::Anys => Ty::List(Box::new(Ty::Any)),
        }
    }

    /// The kinds that a value of this type may have at run time, null aside.
    pub fn kinds(&self) -> u16 {
        match self {
            Ty::Any => kinds::ANY,
            Ty::Null => kinds::NULL,
            Ty::Bool => kinds::BOOL,
            Ty::Int => kinds::INT,
            // JSON writes 1.0 as 1.
            Ty::Float => kinds::DOUBLE | kinds::INT,
            Ty::Str => kinds::STR,
            Ty::Time => kinds::TIME,
            Ty::Span => kinds::SPAN,
            Ty::List(_) => kinds::LIST,
            Ty::Map(_) | Ty::Object(_) => kinds::MAP,
        }
    }

    /// In words, for messages.
    pub fn told(&self) -> &'static str {
        match self {
            Ty::Any => "any value",
            Ty::Null => "null",
            Ty::Bool => "true or false",
            Ty::Int => "a whole number",
            Ty::Float => "a number",
            Ty::Str => "a text",
            Ty::Time => "a timestamp",
            Ty::Span => "a duration",
            Ty::List(_) => "a list",
            Ty::Map(_) | Ty::Object(_) => "a map",
        }
    }

    /// Whether the two can ever be equal without both being null.
    pub fn comparable(&self, other: &Ty<'_>) -> bool {
        let numbers = kinds::INT | kinds::DOUBLE;
        match (self, other) {
            (Ty::Any | Ty::Null, _) | (_, Ty::Any | Ty::Null) => true,
            (Ty::List(a), Ty::List(b)) => a.comparable(b),
            _ => {
                let (a, b) = (self.kinds(), other.kinds());
                a & b != 0 || (a & numbers != 0 && b & numbers != 0)
            }
        }
    }

    /// The type that fits both, for lists and the branches of `?:`.
    pub fn joined(self, other: Ty<'k>) -> Ty<'k> {
        match (self, other) {
            (a, b) if a == b => a,
            (Ty::Null, t) | (t, Ty::Null) => t,
            _ => Ty::Any,
        }
    }

    /// The element of a list, or the key of a map.
    pub fn element(&self) -> Ty<'k> {
        match self {
            Ty::List(t) => (**t).clone(),
            Ty::Map(_) | Ty::Object(_) => Ty::Str,
            _ => Ty::Any,
        }
    }
}
