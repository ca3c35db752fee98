//! The tree of an expression.

use super::Span;

/// A name in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub text: String,
    pub span: Span,
}

/// A constant in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lit {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Str(String),
}

/// An operator with two sides; `&&` and `||` have nodes of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

impl BinOp {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            BinOp::Eq => "==",
            BinOp::Ne => "!=",
            BinOp::Lt => "<",
            BinOp::Le => "<=",
            BinOp::Gt => ">",
            BinOp::Ge => ">=",
            BinOp::In => "in",
            BinOp::Add => "+",
            BinOp::Sub => "-",
            BinOp::Mul => "*",
            BinOp::Div => "/",
            BinOp::Rem => "%",
        }
    }
}

/// A node and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
    /// Height of the tree below, so that nothing recurses without bound.
    pub height: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    Lit(Lit),
    Ident(String),
    Member(Box<Expr>, Name),
    Index(Box<Expr>, Box<Expr>),
    Call {
        target: Option<Box<Expr>>,
        name: Name,
        args: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Not(Box<Expr>),
    Neg(Box<Expr>),
    Binary(BinOp, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Cond(Box<[Expr; 3]>),
}

impl ExprKind {
    /// One more than the highest child.
    pub fn height(&self) -> usize {
        let all = |v: &[Expr]| v.iter().map(|e| e.height).max().unwrap_or(0);
        1 + match self {
            ExprKind::Lit(_) | ExprKind::Ident(_) => 0,
            ExprKind::Member(e, _) | ExprKind::Not(e) | ExprKind::Neg(e) => e.height,
            ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) => a.height.max(b.height),
            ExprKind::Call { target, args, .. } => {
                all(args).max(target.as_ref().map_or(0, |t| t.height))
            }
            ExprKind::List(v) | ExprKind::And(v) | ExprKind::Or(v) => all(v),
            ExprKind::Map(v) => v
                .iter()
                .map(|(k, v)| k.height.max(v.height))
                .max()
                .unwrap_or(0),
            ExprKind::Cond(c) => all(c.as_slice()),
        }
    }
}
