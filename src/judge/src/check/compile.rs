//! Entry points: an expression that gives true or false, and a path to quote.

use super::Fault;
use super::ty::Ty;
use super::walk::Walk;
use crate::eval::Node;
use crate::syntax::{self, Span, SyntaxError};
use shoseki_model::TypeInfo;

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub node: Node,
    /// Paths that it reads, `settings.…` and `resource.…`, in order, each once.
    pub paths: Vec<String>,
    /// Whether it looks at `settings` as a whole.
    pub whole: bool,
}

/// Compiles an expression that must give true or false.
pub(crate) fn compile(src: &str, info: &TypeInfo) -> Result<Compiled, Vec<Fault>> {
    let tree = syntax::parse(src).map_err(|e| vec![syntax_fault(e)])?;
    let mut walk = Walk::new(info);
    let (node, ty) = walk.expr(&tree);
    if walk.faults.is_empty() && !matches!(ty, Ty::Bool | Ty::Any) {
        walk.faults.push(Fault::new(
            tree.span,
            "wrong-type",
            format!("the expression gives {}, not true or false", ty.told()),
        ));
    }
    walk.may_be_absent(&tree, &ty, "the expression");
    if walk.faults.is_empty() {
        Ok(Compiled {
            node,
            paths: walk.paths,
            whole: walk.whole,
        })
    } else {
        walk.faults.sort_by_key(|f| f.span.start);
        Err(walk.faults)
    }
}

/// Compiles a path that a finding quotes: `settings.A.B` or `resource.name`.
pub(crate) fn compile_path(src: &str, info: &TypeInfo) -> Result<Compiled, Vec<Fault>> {
    let tree = syntax::parse(src).map_err(|e| vec![syntax_fault(e)])?;
    let mut walk = Walk::new(info);
    let (node, _) = walk.expr(&tree);
    if walk.faults.is_empty() && !matches!(node, Node::Path(_) | Node::Variable(_)) {
        walk.faults.push(
            Fault::new(Span::new(0, src.len()), "not-a-path", "this is not a path")
                .help("write settings.Member.Member or resource.name"),
        );
    }
    if walk.faults.is_empty() {
        Ok(Compiled {
            node,
            paths: walk.paths,
            whole: walk.whole,
        })
    } else {
        Err(walk.faults)
    }
}

fn syntax_fault(e: SyntaxError) -> Fault {
    Fault::new(e.span, "syntax", e.message).maybe_help(e.help)
}

/// The first-level path of a type's setting, for planning.
pub(crate) fn first_member(path: &str) -> Option<&str> {
    path.strip_prefix("settings.")
        .map(|p| p.split('.').next().unwrap_or(p))
}

/// Compiles without judging types, for comparisons with other engines.
#[cfg(test)]
pub(crate) fn bare(tree: &crate::syntax::Expr, info: &TypeInfo) -> Node {
    Walk::new(info).expr(tree).0
}
