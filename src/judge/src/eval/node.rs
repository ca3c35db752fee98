//! The compiled expression: paths resolved, constants and regular expressions
//! ready, functions bound.

use super::value::V;
use crate::functions::Run;
use crate::syntax::BinOp;
use regex_lite::Regex;

/// A path below `settings`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// `settings.Encryption.Rules`.
    pub text: Box<str>,
    /// First member.
    pub first: Box<str>,
    /// Index of the first member in the type's parts, where it is one.
    pub part: Option<usize>,
    /// The members below.
    pub rest: Vec<Box<str>>,
}

/// A variable that is not `settings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Id,
    Name,
    Type,
    Account,
    Region,
    Now,
}

/// What a macro makes of its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Exists,
    All,
    One,
    Filter,
    Map,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Const(V<'static>),
    Path(Box<Path>),
    /// `settings` as a whole.
    Whole,
    /// `settings[…]` with a name that is computed.
    Part(Box<Node>),
    Variable(Variable),
    /// A variable of a macro, by its place on the stack.
    Local(usize),
    /// Members below a variable of a macro.
    Below(usize, Vec<Box<str>>),
    Member(Box<Node>, Box<str>),
    Index(Box<Node>, Box<Node>),
    /// A value of the provider's that is going to be compared, held against the
    /// kinds that the model names.
    Held(u16, Box<Node>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Neg(Box<Node>),
    Binary(BinOp, Box<Node>, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Cond(Box<[Node; 3]>),
    /// The fold, the list, the slot, the test (for `map` also a filter), and
    /// what `map` makes.
    Fold(Fold, Box<Node>, usize, Option<Box<Node>>, Option<Box<Node>>),
    /// Name, what each argument may be, the function.
    Call(&'static str, &'static [u16], Run, Vec<Node>),
    Matches(Box<Node>, Box<Regex>),
}
