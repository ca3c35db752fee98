//! The functions of the language. Each is strict: it runs only where all its
//! arguments are known and of the kinds that its row names.

pub(crate) mod standard;

use crate::eval::value::{V, kinds::*};
use jiff::Timestamp;

/// How a function is called: the values of its row's kinds, and the time of the run.
pub(crate) type Run = for<'a, 's> fn(&'s [V<'a>], Timestamp) -> V<'a>;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `f(x, y)`.
    Plain,
    /// `x.f(y)`.
    Method,
    /// Either.
    Both,
}

/// What it gives, for checks at load time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Out {
    Bool,
    Int,
    Double,
    Str,
    Time,
    Span,
    Strs,
    Anys,
}

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    pub name: &'static str,
    pub style: Style,
    /// For each argument the kinds that it may have; the receiver comes first.
    pub args: &'static [u16],
    /// Arguments that may be left out at the end.
    pub optional: usize,
    pub out: Out,
    /// For messages: `startsWith(text)`.
    pub usage: &'static str,
    pub run: Run,
}

const fn f(
    name: &'static str,
    style: Style,
    args: &'static [u16],
    out: Out,
    usage: &'static str,
    run: Run,
) -> Function {
    Function {
        name,
        style,
        args,
        optional: 0,
        out,
        usage,
        run,
    }
}

use standard as s;

/// Every function, in the order of `rules/README.md`.
pub(crate) static ALL: &[Function] = &[
    f(
        "size",
        Style::Both,
        &[NULL | STR | LIST | MAP],
        Out::Int,
        "size(x)",
        s::size,
    ),
    f(
        "startsWith",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.startsWith(text)",
        s::starts_with,
    ),
    f(
        "endsWith",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.endsWith(text)",
        s::ends_with,
    ),
    f(
        "contains",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.contains(text)",
        s::contains,
    ),
    f(
        "matches",
        Style::Both,
        &[STR, STR],
        Out::Bool,
        "text.matches(regex)",
        s::matches,
    ),
    f(
        "int",
        Style::Plain,
        &[INT | DOUBLE | STR | TIME],
        Out::Int,
        "int(x)",
        s::int,
    ),
    f(
        "double",
        Style::Plain,
        &[INT | DOUBLE | STR],
        Out::Double,
        "double(x)",
        s::double,
    ),
    f(
        "string",
        Style::Plain,
        &[BOOL | INT | DOUBLE | STR | TIME | SPAN],
        Out::Str,
        "string(x)",
        s::string,
    ),
    f(
        "bool",
        Style::Plain,
        &[BOOL | STR],
        Out::Bool,
        "bool(x)",
        s::bool,
    ),
    f(
        "timestamp",
        Style::Plain,
        &[STR | INT | TIME],
        Out::Time,
        "timestamp(text)",
        s::timestamp,
    ),
    f(
        "duration",
        Style::Plain,
        &[STR | SPAN],
        Out::Span,
        "duration(text)",
        s::duration,
    ),
    f(
        "lowerAscii",
        Style::Method,
        &[STR],
        Out::Str,
        "text.lowerAscii()",
        s::lower,
    ),
    f(
        "upperAscii",
        Style::Method,
        &[STR],
        Out::Str,
        "text.upperAscii()",
        s::upper,
    ),
    f(
        "split",
        Style::Method,
        &[STR, STR],
        Out::Strs,
        "text.split(separator)",
        s::split,
    ),
    Function {
        optional: 1,
        ..f(
            "join",
            Style::Method,
            &[LIST, STR],
            Out::Str,
            "list.join(separator)",
            s::join,
        )
    },
    f(
        "trim",
        Style::Method,
        &[STR],
        Out::Str,
        "text.trim()",
        s::trim,
    ),
];

/// The function called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|f| f.name == name)
}
