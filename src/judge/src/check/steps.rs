//! Constant steps of an expression: `settings.A["b"]` is two.

use crate::syntax::{Expr, ExprKind, Lit, Span};

/// One constant step: the name and where it stands.
pub(super) type Step<'e> = (&'e str, Span);

/// The constant steps below the variable `root`, where `e` is nothing else.
pub(super) fn steps<'e>(e: &'e Expr, root: &str) -> Option<Vec<Step<'e>>> {
    match &e.kind {
        ExprKind::Ident(s) if s == root => Some(Vec::new()),
        ExprKind::Member(of, name) => {
            let mut s = steps(of, root)?;
            s.push((&name.text, name.span));
            Some(s)
        }
        ExprKind::Index(of, i) => match &i.kind {
            ExprKind::Lit(Lit::Str(name)) => {
                let mut s = steps(of, root)?;
                s.push((name, i.span));
                Some(s)
            }
            _ => None,
        },
        _ => None,
    }
}
