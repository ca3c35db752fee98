//! Functions and macros.

use super::ty::Ty;
use super::walk::{NOTHING, Walk};
use super::{Fault, nearest};
use crate::eval::value::kinds;
use crate::eval::{Fold, Node};
use crate::functions::{self, Function, Style};
use crate::syntax::{Expr, ExprKind, Lit, Name};
use regex_lite::Regex;

const FOLDS: [(&str, Fold); 6] = [
    ("exists", Fold::Exists),
    ("all", Fold::All),
    ("exists_one", Fold::One),
    ("existsOne", Fold::One),
    ("filter", Fold::Filter),
    ("map", Fold::Map),
];

impl<'k> Walk<'k> {
    pub(super) fn call(
        &mut self,
        e: &Expr,
        target: Option<&Expr>,
        name: &Name,
        args: &[Expr],
    ) -> (Node, Ty<'k>) {
        if let (Some(list), Some(fold)) = (target, FOLDS.iter().find(|f| f.0 == name.text)) {
            return self.fold(e, fold.1, list, args);
        }
        if target.is_none() && name.text == "has" {
            return self.has(e, args);
        }
        let Some(f) = functions::find(&name.text) else {
            return self.unknown_function(target, name, args);
        };
        let style = !matches!(
            (f.style, target),
            (Style::Plain, Some(_)) | (Style::Method, None)
        );
        let all: Vec<&Expr> = target.into_iter().chain(args).collect();
        let count = f.args.len() - f.optional..=f.args.len();
        if !style || !count.contains(&all.len()) {
            self.faults.push(
                Fault::new(
                    e.span,
                    "wrong-arity",
                    format!("`{}` is not called like this", f.name),
                )
                .help(format!("write {}", f.usage)),
            );
            return (NOTHING, Ty::given(f.out));
        }
        self.apply(f, &all)
    }

    fn apply(&mut self, f: &'static Function, args: &[&Expr]) -> (Node, Ty<'k>) {
        let mut nodes = Vec::with_capacity(args.len());
        for (a, set) in args.iter().zip(f.args) {
            let (n, t) = self.expr(a);
            self.need(a, &t, *set, &format!("`{}`", f.name));
            nodes.push(n);
        }
        let ty = Ty::given(f.out);
        if f.name == "matches"
            && let [
                _,
                Expr {
                    kind: ExprKind::Lit(Lit::Str(pattern)),
                    span,
                    ..
                },
            ] = args
        {
            return match Regex::new(pattern) {
                Ok(r) => (
                    Node::Matches(Box::new(nodes.swap_remove(0)), Box::new(r)),
                    ty,
                ),
                Err(err) => {
                    let m = format!("not a regular expression: {err}");
                    self.faults.push(Fault::new(*span, "bad-regex", m));
                    (NOTHING, ty)
                }
            };
        }
        (Node::Call(f.name, f.args, f.run, nodes), ty)
    }

    /// `has(a.b)` is `a.b != null`.
    fn has(&mut self, e: &Expr, args: &[Expr]) -> (Node, Ty<'k>) {
        let [arg] = args else {
            self.faults.push(
                Fault::new(e.span, "wrong-arity", "`has` is not called like this")
                    .help("write has(settings.Member)"),
            );
            return (NOTHING, Ty::Bool);
        };
        if !matches!(arg.kind, ExprKind::Member(..)) {
            self.faults.push(
                Fault::new(arg.span, "wrong-type", "`has` asks for a member")
                    .help("write has(settings.Member)"),
            );
        }
        let (node, _) = self.expr(arg);
        let null = Box::new(NOTHING);
        (
            Node::Binary(crate::syntax::BinOp::Ne, Box::new(node), null),
            Ty::Bool,
        )
    }

    fn fold(&mut self, e: &Expr, fold: Fold, list: &Expr, args: &[Expr]) -> (Node, Ty<'k>) {
        let (node, ty) = self.expr(list);
        self.need(
            list,
            &ty,
            kinds::LIST | kinds::MAP,
            &format!("`{}`", fold.name()),
        );
        let three = fold == Fold::Map && args.len() == 3;
        let variable = match args.first().map(|a| &a.kind) {
            Some(ExprKind::Ident(v)) if args.len() == 2 || three => v.clone(),
            _ => {
                let second = if fold == Fold::Map {
                    "value"
                } else {
                    "condition"
                };
                self.faults.push(
                    Fault::new(
                        e.span,
                        "wrong-arity",
                        format!("`{}` is not called like this", fold.name()),
                    )
                    .help(format!("write list.{}(x, {second} with x)", fold.name())),
                );
                return (NOTHING, Ty::Any);
            }
        };
        let slot = self.locals.len();
        self.locals.push((variable, ty.element()));
        let what = format!("`{}`", fold.name());
        let (test, make, made) = if fold == Fold::Map {
            let test = three.then(|| Box::new(self.bool(&args[1], &what)));
            let (n, t) = self.expr(&args[args.len() - 1]);
            (test, Some(Box::new(n)), Ty::List(Box::new(t)))
        } else {
            let test = Some(Box::new(self.bool(&args[1], &what)));
            let made = match fold {
                Fold::Filter => Ty::List(Box::new(ty.element())),
                _ => Ty::Bool,
            };
            (test, None, made)
        };
        self.locals.truncate(slot);
        (Node::Fold(fold, Box::new(node), slot, test, make), made)
    }

    fn unknown_function(
        &mut self,
        target: Option<&Expr>,
        name: &Name,
        args: &[Expr],
    ) -> (Node, Ty<'k>) {
        let folds = FOLDS.iter().map(|f| f.0);
        let all = functions::ALL
            .iter()
            .map(|f| f.name)
            .chain(folds)
            .chain(["has"]);
        let fold = target.is_none() && FOLDS.iter().any(|f| f.0 == name.text);
        let fault = Fault::new(
            name.span,
            "unknown-function",
            format!("there is no function `{}`", name.text),
        );
        self.faults.push(if fold {
            fault.help(format!("write list.{}(x, …)", name.text))
        } else {
            fault.maybe_help(nearest(&name.text, all))
        });
        // The arguments may hold further errors.
        let macro_like = matches!(args.first().map(|a| &a.kind), Some(ExprKind::Ident(_)));
        let is_macro = fold || (target.is_some() && macro_like);
        if !is_macro {
            for a in target.into_iter().chain(args) {
                self.expr(a);
            }
        }
        (NOTHING, Ty::Any)
    }
}
