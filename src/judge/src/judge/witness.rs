//! The element of a list that a reason names.

use crate::eval::value::V;
use crate::eval::{Env, Fold, Node, View};
use jiff::Timestamp;
use serde_json::Value;

/// An element of a list under the condition of an `exists` or `all`.
pub(super) struct Witness {
    /// Whether it fits the condition (`exists`) or does not (`all`).
    pub fits: bool,
    /// Elements of the list.
    pub of: usize,
    /// The element.
    pub element: Value,
}

/// The first element of the list at `path` that settles an `exists` or `all`
/// over it in `node`; `None` where none does.
pub(super) fn witness(node: &Node, path: &str, view: &View<'_>, now: Timestamp) -> Option<Witness> {
    let mut folds = Vec::new();
    gather(node, path, &mut folds);
    folds.into_iter().find_map(|(fold, list, test)| {
        let mut env = Env::new(view, now);
        let items = env.eval(list).items();
        let fits = fold == Fold::Exists;
        let of = items.len();
        let element = items
            .into_iter()
            .find(|item| matches!(env.with(0, item.clone(), test), V::Bool(b) if b == fits))?;
        let element = element.json();
        Some(Witness { fits, of, element })
    })
}

/// The outermost folds over the list at `path`.
fn gather<'n>(node: &'n Node, path: &str, out: &mut Vec<(Fold, &'n Node, &'n Node)>) {
    match node {
        Node::Fold(fold @ (Fold::Exists | Fold::All), list, 0, Some(test), None) => match &**list {
            Node::Path(p) if &*p.text == path => out.push((*fold, list, test)),
            _ => {}
        },
        Node::And(all) | Node::Or(all) => all.iter().for_each(|n| gather(n, path, out)),
        Node::Not(n) => gather(n, path, out),
        Node::Binary(_, a, b) => {
            gather(a, path, out);
            gather(b, path, out);
        }
        Node::Cond(c) => c.iter().for_each(|n| gather(n, path, out)),
        _ => {}
    }
}
