//! The walk that checks and compiles at once. It goes on after an error, so
//! that all errors of an expression are told together.

use super::steps::steps;
use super::ty::Ty;
use super::{Fault, nearest};
use crate::eval::value::{V, kinds};
use crate::eval::{Node, Variable};
use crate::syntax::{BinOp, Expr, ExprKind, Lit};
use shoseki_model::TypeInfo;

pub(super) struct Walk<'k> {
    pub info: &'k TypeInfo,
    pub faults: Vec<Fault>,
    pub paths: Vec<String>,
    pub whole: bool,
    /// Variables of the macros around the current node.
    pub locals: Vec<(String, Ty<'k>)>,
}

pub(super) const NOTHING: Node = Node::Const(V::Null);

impl<'k> Walk<'k> {
    pub fn new(info: &'k TypeInfo) -> Self {
        Self {
            info,
            faults: Vec::new(),
            paths: Vec::new(),
            whole: false,
            locals: Vec::new(),
        }
    }

    pub fn expr(&mut self, e: &Expr) -> (Node, Ty<'k>) {
        let shadowed = |w: &Self, n: &str| w.locals.iter().any(|l| l.0 == n);
        if !shadowed(self, "settings")
            && let Some(s) = steps(e, "settings")
        {
            return self.settings(&s);
        }
        if !shadowed(self, "resource")
            && let Some(s) = steps(e, "resource")
        {
            return self.resource(&s, e.span);
        }
        match &e.kind {
            ExprKind::Lit(l) => literal(l),
            ExprKind::Ident(name) => self.ident(e, name),
            ExprKind::Member(of, name) => self.member(of, &name.text, name.span),
            ExprKind::Index(of, i) => self.index(of, i),
            ExprKind::Call { target, name, args } => self.call(e, target.as_deref(), name, args),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Not(of) => {
                let n = self.bool(of, "`!`");
                (Node::Not(Box::new(n)), Ty::Bool)
            }
            ExprKind::Neg(of) => {
                let (n, t) = self.expr(of);
                self.need(of, &t, kinds::INT | kinds::DOUBLE | kinds::SPAN, "`-`");
                (Node::Neg(Box::new(n)), t)
            }
            ExprKind::Binary(op, a, b) => self.binary(e, *op, a, b),
            ExprKind::And(all) => {
                let all = all.iter().map(|e| self.bool(e, "`&&`")).collect();
                (Node::And(all), Ty::Bool)
            }
            ExprKind::Or(all) => {
                let all = all.iter().map(|e| self.bool(e, "`||`")).collect();
                (Node::Or(all), Ty::Bool)
            }
            ExprKind::Cond(c) => {
                let cond = self.bool(&c[0], "`?:`");
                let (yes, t) = self.expr(&c[1]);
                let (no, u) = self.expr(&c[2]);
                (Node::Cond(Box::new([cond, yes, no])), t.joined(u))
            }
        }
    }

    fn ident(&mut self, e: &Expr, name: &str) -> (Node, Ty<'k>) {
        if let Some(slot) = self.locals.iter().rposition(|l| l.0 == name) {
            return (Node::Local(slot), self.locals[slot].1.clone());
        }
        if name == "now" {
            return (Node::Variable(Variable::Now), Ty::Time);
        }
        let known = ["settings", "resource", "now", "true", "false", "null"];
        let locals = self.locals.iter().map(|l| l.0.as_str());
        let help = if self.info.settings.member(name).is_some() && name != "settings" {
            Some(format!("did you mean `settings.{name}`?"))
        } else {
            nearest(name, known.into_iter().chain(locals))
        };
        self.faults.push(
            Fault::new(
                e.span,
                "unknown-variable",
                format!("there is no variable `{name}`"),
            )
            .help(help.unwrap_or_else(|| "there is: settings, resource, now".to_owned())),
        );
        (NOTHING, Ty::Any)
    }

    fn member(&mut self, of: &Expr, name: &str, span: crate::syntax::Span) -> (Node, Ty<'k>) {
        let (node, ty) = self.expr(of);
        let got = match &ty {
            Ty::Any | Ty::Null => Ty::Any,
            Ty::Map(t) => (**t).clone(),
            Ty::Object(m) if m.contains_key(name) => m.get(name).map_or(Ty::Any, Ty::of),
            ty => {
                self.no_member(ty, name, span, "this value");
                Ty::Any
            }
        };
        (below(node, name), got)
    }

    fn index(&mut self, of: &Expr, i: &Expr) -> (Node, Ty<'k>) {
        if let ExprKind::Lit(Lit::Str(name)) = &i.kind {
            return self.member(of, name, i.span);
        }
        let root = matches!(&of.kind, ExprKind::Ident(s) if s == "settings")
            && !self.locals.iter().any(|l| l.0 == "settings");
        let (key, key_ty) = self.expr(i);
        if root {
            // Which part it is shows only at run time, so all must be read.
            self.whole = true;
            self.need(i, &key_ty, kinds::STR, "settings[…]");
            return (Node::Part(Box::new(key)), Ty::Any);
        }
        let (node, ty) = self.expr(of);
        let got = match &ty {
            Ty::List(t) => {
                self.need(i, &key_ty, kinds::INT, "the index of a list");
                (**t).clone()
            }
            Ty::Map(t) => (**t).clone(),
            Ty::Any | Ty::Null | Ty::Object(_) => Ty::Any,
            ty => {
                let m = format!("{} has no elements", ty.told());
                self.faults.push(Fault::new(i.span, "wrong-type", m));
                Ty::Any
            }
        };
        (Node::Index(Box::new(node), Box::new(key)), got)
    }

    fn list(&mut self, items: &[Expr]) -> (Node, Ty<'k>) {
        let mut nodes = Vec::with_capacity(items.len());
        let mut ty: Option<Ty<'k>> = None;
        for i in items {
            let (n, t) = self.expr(i);
            nodes.push(n);
            ty = Some(match ty {
                Some(u) => u.joined(t),
                None => t,
            });
        }
        let ty = Ty::List(Box::new(ty.unwrap_or(Ty::Any)));
        let constants: Option<Vec<V<'static>>> = nodes
            .iter()
            .map(|n| match n {
                Node::Const(v) => Some(v.clone()),
                _ => None,
            })
            .collect();
        match constants {
            Some(c) => (Node::Const(V::list(c)), ty),
            None => (Node::List(nodes), ty),
        }
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> (Node, Ty<'k>) {
        let mut nodes = Vec::with_capacity(entries.len());
        for (k, v) in entries {
            let (key, t) = self.expr(k);
            self.need(
                k,
                &t,
                kinds::STR | kinds::INT | kinds::BOOL,
                "the key of a map",
            );
            nodes.push((key, self.expr(v).0));
        }
        (Node::Map(nodes), Ty::Map(Box::new(Ty::Any)))
    }

    /// A node that must give true or false.
    pub fn bool(&mut self, e: &Expr, what: &str) -> Node {
        let (node, ty) = self.expr(e);
        self.need(e, &ty, kinds::BOOL, what);
        self.may_be_absent(e, &ty, what);
        node
    }

    /// A bare true-or-false member gives an error, hence *unknown*, where the
    /// provider leaves it out; the author must say what absence means.
    pub fn may_be_absent(&mut self, e: &Expr, ty: &Ty<'_>, what: &str) {
        let path = matches!(e.kind, ExprKind::Member(..) | ExprKind::Index(..));
        if *ty == Ty::Bool && path {
            self.faults.push(
                Fault::new(
                    e.span,
                    "may-be-absent",
                    format!("{what} needs true or false, and this member may be absent"),
                )
                .help("write `== true` (absent counts as false) or `!= false` (absent counts as true)"),
            );
        }
    }

    /// Reports a type that can never be one of `set`.
    pub fn need(&mut self, e: &Expr, ty: &Ty<'_>, set: u16, what: &str) {
        if ty.kinds() & set == 0 {
            let m = format!("{what} needs {}, this is {}", kinds::told(set).1, ty.told());
            self.faults.push(Fault::new(e.span, "wrong-type", m));
        }
    }

    fn binary(&mut self, e: &Expr, op: BinOp, a: &Expr, b: &Expr) -> (Node, Ty<'k>) {
        let (x, t) = self.expr(a);
        let (y, u) = self.expr(b);
        let wrong = match op {
            BinOp::Eq | BinOp::Ne => !t.comparable(&u),
            BinOp::In => !holds(&u, &t),
            BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge => !orderable(&t, &u),
            _ => false,
        };
        if wrong {
            let sign = op.sign();
            let help = (matches!(t, Ty::Time) || matches!(u, Ty::Time))
                .then(|| "turn the text into a moment: timestamp(…)".to_owned());
            self.faults.push(
                Fault::new(
                    e.span,
                    "wrong-type",
                    format!("`{sign}` never holds between {} and {}", t.told(), u.told()),
                )
                .maybe_help(help),
            );
        }
        let ty = match op {
            BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div | BinOp::Rem => {
                self.calculated(e, op, &t, &u)
            }
            _ => Ty::Bool,
        };
        let (x, y) = match op {
            BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div | BinOp::Rem => (x, y),
            _ => (held(x, &t, &u), held(y, &u, &t)),
        };
        (Node::Binary(op, Box::new(x), Box::new(y)), ty)
    }

    fn calculated(&mut self, e: &Expr, op: BinOp, t: &Ty<'k>, u: &Ty<'k>) -> Ty<'k> {
        match (op, t, u) {
            (_, Ty::Any, _) | (_, _, Ty::Any) => Ty::Any,
            (_, Ty::Int, Ty::Int) => Ty::Int,
            (op, Ty::Float, Ty::Float) if op != BinOp::Rem => Ty::Float,
            (_, Ty::Float, Ty::Int) | (_, Ty::Int, Ty::Float) => {
                let m = format!("`{}` does not mix whole and decimal numbers", op.sign());
                self.faults
                    .push(Fault::new(e.span, "wrong-type", m).help("convert one side: double(…)"));
                Ty::Any
            }
            (BinOp::Add, Ty::Str, Ty::Str) => Ty::Str,
            (BinOp::Add, Ty::List(a), Ty::List(b)) => {
                Ty::List(Box::new((**a).clone().joined((**b).clone())))
            }
            (BinOp::Sub, Ty::Time, Ty::Time) => Ty::Span,
            (BinOp::Add, Ty::Span, Ty::Time) => Ty::Time,
            (BinOp::Add | BinOp::Sub, Ty::Time, Ty::Span) => Ty::Time,
            (BinOp::Add | BinOp::Sub, Ty::Span, Ty::Span) => Ty::Span,
            _ => {
                let m = format!(
                    "`{}` has no meaning between {} and {}",
                    op.sign(),
                    t.told(),
                    u.told()
                );
                self.faults.push(Fault::new(e.span, "wrong-type", m));
                Ty::Any
            }
        }
    }
}

/// A side of a comparison, held against its type where it is read from the
/// answers. To ask whether something is there at all needs no type.
fn held(node: Node, ty: &Ty<'_>, other: &Ty<'_>) -> Node {
    let read = matches!(
        node,
        Node::Path(_) | Node::Local(_) | Node::Below(..) | Node::Member(..) | Node::Index(..)
    );
    if !read || matches!((ty, other), (_, Ty::Null) | (Ty::Null, _)) {
        return node;
    }
    // Some services write whole numbers as 1.0.
    let set = match ty.kinds() {
        kinds::INT => kinds::INT | kinds::DOUBLE,
        set => set,
    };
    Node::Held(set, Box::new(node))
}

/// A member; below a variable of a macro the names are gathered.
fn below(node: Node, name: &str) -> Node {
    match node {
        Node::Local(slot) => Node::Below(slot, vec![name.into()]),
        Node::Below(slot, mut names) => {
            names.push(name.into());
            Node::Below(slot, names)
        }
        node => Node::Member(Box::new(node), name.into()),
    }
}

fn literal<'k>(l: &Lit) -> (Node, Ty<'k>) {
    let (v, t) = match l {
        Lit::Null => (V::Null, Ty::Null),
        Lit::Bool(b) => (V::Bool(*b), Ty::Bool),
        Lit::Int(i) => (V::Int(*i), Ty::Int),
        Lit::Double(d) => (V::Double(*d), Ty::Float),
        Lit::Str(s) => (V::text(s.as_str()), Ty::Str),
    };
    (Node::Const(v), t)
}

/// Whether a value of `item` can be in `list`.
fn holds(list: &Ty<'_>, item: &Ty<'_>) -> bool {
    match list {
        Ty::Any => true,
        Ty::List(t) => t.comparable(item),
        Ty::Map(_) | Ty::Object(_) => Ty::Str.comparable(item),
        _ => false,
    }
}

fn orderable(t: &Ty<'_>, u: &Ty<'_>) -> bool {
    let plain = |t: &Ty<'_>| !matches!(t, Ty::List(_) | Ty::Map(_) | Ty::Object(_) | Ty::Null);
    plain(t) && plain(u) && t.comparable(u)
}
