//! Paths below `settings`, resolved against the type.

use super::steps::Step;
use super::ty::Ty;
use super::walk::Walk;
use super::{Fault, nearest};
use crate::eval::{Node, Path, Variable};
use crate::syntax::Span;
use shoseki_model::Kind;

impl<'k> Walk<'k> {
    /// `settings.A.B`.
    pub(super) fn settings(&mut self, steps: &[Step<'_>]) -> (Node, Ty<'k>) {
        let Some(((first, _), rest)) = steps.split_first() else {
            self.whole = true;
            return (Node::Whole, Ty::of(&self.info.settings));
        };
        let mut kind: &'k Kind = &self.info.settings;
        let mut text = "settings".to_owned();
        for (name, span) in steps {
            match self.step(kind, name, *span, &text) {
                Some(k) => kind = k,
                None => return (Node::Const(crate::eval::value::V::Null), Ty::Any),
            }
            text.push('.');
            text.push_str(name);
        }
        self.read(&text);
        let node = Node::Path(Box::new(Path {
            text: text.into(),
            first: (*first).into(),
            part: self.info.parts.iter().position(|p| p == first),
            rest: rest.iter().map(|(n, _)| (*n).into()).collect(),
        }));
        (node, Ty::of(kind))
    }

    fn step(&mut self, kind: &'k Kind, name: &str, span: Span, so_far: &str) -> Option<&'k Kind> {
        if let Some(k) = kind.member(name) {
            return Some(k);
        }
        self.no_member(&Ty::of(kind), name, span, so_far);
        None
    }

    /// Reports that `ty` has no member `name`.
    pub(super) fn no_member(&mut self, ty: &Ty<'_>, name: &str, span: Span, of: &str) {
        let fault = match ty {
            Ty::Object(m) => {
                let keys = || m.keys().map(String::as_str);
                let help = nearest(name, keys()).or_else(|| {
                    let mut all: Vec<&str> = keys().take(12).collect();
                    if m.len() > all.len() {
                        all.push("…");
                    }
                    Some(format!("there is: {}", all.join(", ")))
                });
                Fault::new(span, "unknown-path", format!("{of} has no member `{name}`"))
                    .maybe_help(help)
            }
            Ty::List(_) => Fault::new(
                span,
                "unknown-path",
                format!("{of} is a list and has no member `{name}`"),
            )
            .help("use exists, all, filter or map to reach its elements"),
            ty => Fault::new(
                span,
                "unknown-path",
                format!("{of} is {} and has no member `{name}`", ty.told()),
            ),
        };
        self.faults.push(fault);
    }

    /// `resource.name`.
    pub(super) fn resource(&mut self, steps: &[Step<'_>], span: Span) -> (Node, Ty<'k>) {
        const MEMBERS: [(&str, Variable); 5] = [
            ("id", Variable::Id),
            ("name", Variable::Name),
            ("type", Variable::Type),
            ("account", Variable::Account),
            ("region", Variable::Region),
        ];
        let found = match steps {
            [(name, _)] => MEMBERS.iter().find(|m| m.0 == *name),
            _ => None,
        };
        match found {
            Some((name, v)) => {
                self.read(&format!("resource.{name}"));
                (Node::Variable(*v), Ty::Str)
            }
            None => {
                let at = steps.last().map_or(span, |s| s.1);
                let names = MEMBERS.iter().map(|m| m.0);
                let help = steps.first().and_then(|s| nearest(s.0, names));
                self.faults.push(
                    Fault::new(at, "unknown-path", "resource has no such member").help(
                        help.unwrap_or_else(|| {
                            "there is: id, name, type, account, region".to_owned()
                        }),
                    ),
                );
                (Node::Const(crate::eval::value::V::Null), Ty::Any)
            }
        }
    }

    /// Notes a path that is read.
    pub(super) fn read(&mut self, path: &str) {
        if !self.paths.iter().any(|p| p == path) {
            self.paths.push(path.to_owned());
        }
    }
}
