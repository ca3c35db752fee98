//! The walk over the compiled expression.

use super::node::{Fold, Node, Variable};
use super::value::{Undef, V, fault, get, kinds, walk};
use super::{View, ops};
use crate::syntax::BinOp;
use jiff::Timestamp;
use shoseki_model::{REDACTED, Text};

/// What an expression is evaluated against.
pub(crate) struct Env<'a, 'v> {
    view: &'v View<'a>,
    now: Timestamp,
    locals: Vec<V<'a>>,
    /// What may still be spent, see [`BUDGET`].
    left: u64,
}

/// Passes through lists, and bytes or elements that are joined or compared, in
/// one evaluation: three thousand elements against as many fit in.
/// Rules come with foreign runs too, and a short one could else fill any memory
/// or keep a machine busy for ever.
const BUDGET: u64 = 10_000_000;

impl<'a, 'v> Env<'a, 'v> {
    pub fn new(view: &'v View<'a>, now: Timestamp) -> Self {
        Self {
            view,
            now,
            locals: Vec::new(),
            left: BUDGET,
        }
    }

    /// The value of `node`.
    pub fn eval(&mut self, node: &'a Node) -> V<'a> {
        match node {
            // Text is lent, so that no reference is counted.
            Node::Const(V::Text(s)) => V::Str(s),
            Node::Const(v) => v.clone(),
            Node::Path(p) => self.view.look(p),
            Node::Whole => self.view.whole(),
            Node::Part(name) => self.part(name),
            Node::Variable(v) => self.variable(*v),
            Node::Local(slot) => self.locals.get(*slot).cloned().unwrap_or(V::Null),
            Node::Below(slot, names) => self.below(*slot, names),
            Node::Member(e, name) => member(self.eval(e), name),
            Node::Index(e, i) => {
                let (e, i) = (self.eval(e), self.eval(i));
                strict(e, i, entry)
            }
            Node::Held(set, e) => held(self.eval(e), *set),
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
            Node::Not(e) => match self.eval(e) {
                V::Bool(b) => V::Bool(!b),
                v @ V::Undef(_) => v,
                v => not_bool("!", &v),
            },
            Node::Neg(e) => match self.eval(e) {
                v @ V::Undef(_) => v,
                v => ops::negative(&v),
            },
            Node::Binary(op, a, b) => self.binary(*op, a, b),
            Node::And(all) => self.either(all, false, "&&"),
            Node::Or(all) => self.either(all, true, "||"),
            Node::Cond(c) => match self.eval(&c[0]) {
                V::Bool(true) => self.eval(&c[1]),
                V::Bool(false) => self.eval(&c[2]),
                v @ V::Undef(_) => v,
                v => not_bool("?:", &v),
            },
            Node::Fold(fold, list, slot, test, make) => {
                self.fold(*fold, list, *slot, test.as_deref(), make.as_deref())
            }
            Node::Call(name, accept, run, args) => self.call(name, accept, *run, args),
            Node::Matches(e, regex) => match self.eval(e) {
                v @ V::Undef(_) => v,
                v => match v.as_str() {
                    Some(REDACTED) => replaced(),
                    Some(s) => V::Bool(regex.is_match(s)),
                    None => wrong_argument("matches", kinds::STR, &v),
                },
            },
        }
    }

    fn variable(&self, v: Variable) -> V<'a> {
        let r = self.view.resource;
        V::Str(match v {
            Variable::Id => &r.id,
            Variable::Name => &r.name,
            Variable::Type => &r.r#type,
            Variable::Account => &r.account,
            Variable::Region => &r.region,
            Variable::Now => return V::Time(self.now),
        })
    }

    fn below(&self, slot: usize, names: &[Box<str>]) -> V<'a> {
        match self.locals.get(slot) {
            Some(V::Object(m)) => {
                let Some((first, rest)) = names.split_first() else {
                    return V::Object(m);
                };
                match get(m, first).map(|v| walk(v, rest)) {
                    None | Some(Ok(None)) => V::Null,
                    Some(Ok(Some(v))) => V::of(v),
                    Some(Err((i, other))) => no_member(&V::of(other), &rest[i], ""),
                }
            }
            Some(v) => names.iter().fold(v.clone(), |v, n| member(v, n)),
            None => V::Null,
        }
    }

    fn part(&mut self, name: &'a Node) -> V<'a> {
        match self.eval(name) {
            v @ V::Undef(_) => v,
            v => match v.as_str() {
                Some(name) => self.view.first(name),
                None => wrong_argument("settings[…]", kinds::STR, &v),
            },
        }
    }

    fn list(&mut self, items: &'a [Node]) -> V<'a> {
        if !self.spend(items.len() as u64) {
            return exhausted();
        }
        let mut out = Vec::with_capacity(items.len());
        let mut why = None;
        for i in items {
            match self.eval(i) {
                V::Undef(u) => add(&mut why, u),
                v => out.push(v),
            }
        }
        why.map_or_else(|| V::list(out), V::Undef)
    }

    fn map(&mut self, entries: &'a [(Node, Node)]) -> V<'a> {
        if !self.spend(entries.len() as u64) {
            return exhausted();
        }
        let mut out: Vec<(V<'a>, V<'a>)> = Vec::with_capacity(entries.len());
        let mut why = None;
        for (k, v) in entries {
            match (self.eval(k), self.eval(v)) {
                (V::Undef(u), V::Undef(w)) => {
                    add(&mut why, u);
                    add(&mut why, w);
                }
                (V::Undef(u), _) | (_, V::Undef(u)) => add(&mut why, u),
                (k, v) => {
                    if k.kind() & (kinds::STR | kinds::INT | kinds::BOOL) == 0 {
                        return wrong_argument("{…}", kinds::STR | kinds::INT | kinds::BOOL, &k);
                    }
                    if out.iter().any(|e| ops::equal(&e.0, &k)) {
                        return fault(Text::new("同じキーが二度ある", "a map has a key twice"));
                    }
                    out.push((k, v));
                }
            }
        }
        why.map_or_else(|| V::Map(out.into()), V::Undef)
    }

    fn binary(&mut self, op: BinOp, a: &'a Node, b: &'a Node) -> V<'a> {
        let a = self.eval(a);
        // A constant side is looked at where it stands.
        if let (Node::Const(b), false) = (b, matches!(a, V::Undef(_))) {
            match op {
                BinOp::Eq => return V::Bool(ops::equal(&a, b)),
                BinOp::Ne => return V::Bool(!ops::equal(&a, b)),
                BinOp::In => return ops::within(&a, b),
                _ => {}
            }
        }
        let b = self.eval(b);
        let cost = match op {
            BinOp::Add => size(&a).saturating_add(size(&b)),
            BinOp::Eq | BinOp::Ne | BinOp::In => weight(&a, self.left) + weight(&b, self.left),
            _ => 0,
        };
        if !self.spend(cost) {
            return exhausted();
        }
        strict(a, b, |a, b| match op {
            BinOp::Eq => V::Bool(ops::equal(&a, &b)),
            BinOp::Ne => V::Bool(!ops::equal(&a, &b)),
            BinOp::In => ops::within(&a, &b),
            BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge => ops::order(op, &a, &b),
            _ => ops::arithmetic(op, a, b),
        })
    }

    /// `||` where `decides` is true, `&&` where it is false: one side that
    /// decides is enough, whatever the others are.
    fn either(&mut self, all: &'a [Node], decides: bool, sign: &str) -> V<'a> {
        let mut why = None;
        for e in all {
            match self.eval(e) {
                V::Bool(b) if b == decides => return V::Bool(decides),
                V::Bool(_) => {}
                V::Undef(u) => add(&mut why, u),
                v => add_value(&mut why, not_bool(sign, &v)),
            }
        }
        why.map_or(V::Bool(!decides), V::Undef)
    }

    fn fold(
        &mut self,
        fold: Fold,
        list: &'a Node,
        slot: usize,
        test: Option<&'a Node>,
        make: Option<&'a Node>,
    ) -> V<'a> {
        let list = match self.eval(list) {
            v @ V::Undef(_) => return v,
            v if v.kind() & (kinds::LIST | kinds::MAP | kinds::NULL) == 0 => {
                return wrong_argument(fold.name(), kinds::LIST | kinds::MAP, &v);
            }
            v => v,
        };
        let done = match (fold, list) {
            (Fold::Exists, V::Array(a)) => self.any(a.iter().map(V::of), slot, test, true),
            (Fold::All, V::Array(a)) => self.any(a.iter().map(V::of), slot, test, false),
            (Fold::Exists, v) => self.any(v.items().into_iter(), slot, test, true),
            (Fold::All, v) => self.any(v.items().into_iter(), slot, test, false),
            (_, v) => self.pick(fold, v.items(), slot, test, make),
        };
        self.locals.truncate(slot);
        done
    }

    /// The value of `node` where the variable at `slot` is `item`.
    pub fn with(&mut self, slot: usize, item: V<'a>, node: &'a Node) -> V<'a> {
        if !self.spend(1) {
            return exhausted();
        }
        self.locals.truncate(slot);
        self.locals.push(item);
        self.eval(node)
    }

    fn spend(&mut self, n: u64) -> bool {
        match self.left.checked_sub(n) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                false
            }
        }
    }

    fn any(
        &mut self,
        items: impl Iterator<Item = V<'a>>,
        slot: usize,
        test: Option<&'a Node>,
        decides: bool,
    ) -> V<'a> {
        let mut why = None;
        for item in items {
            let Some(test) = test else { break };
            match self.with(slot, item, test) {
                V::Bool(b) if b == decides => return V::Bool(decides),
                V::Bool(_) => {}
                V::Undef(u) => add(&mut why, u),
                v => add_value(
                    &mut why,
                    not_bool(if decides { "exists" } else { "all" }, &v),
                ),
            }
        }
        why.map_or(V::Bool(!decides), V::Undef)
    }

    fn pick(
        &mut self,
        fold: Fold,
        items: Vec<V<'a>>,
        slot: usize,
        test: Option<&'a Node>,
        make: Option<&'a Node>,
    ) -> V<'a> {
        let mut out = Vec::new();
        let mut why = None;
        for item in items {
            let keep = match test.map(|t| self.with(slot, item.clone(), t)) {
                None => true,
                Some(V::Bool(b)) => b,
                Some(V::Undef(u)) => {
                    add(&mut why, u);
                    false
                }
                Some(v) => {
                    add_value(&mut why, not_bool(fold.name(), &v));
                    false
                }
            };
            if !keep {
                continue;
            }
            match make.map(|m| self.with(slot, item.clone(), m)) {
                None => out.push(item),
                Some(V::Undef(u)) => add(&mut why, u),
                Some(v) => out.push(v),
            }
        }
        match why {
            Some(u) => V::Undef(u),
            None if fold == Fold::One => V::Bool(out.len() == 1),
            None => V::list(out),
        }
    }

    fn call(
        &mut self,
        name: &'static str,
        accept: &[u16],
        run: crate::functions::Run,
        args: &'a [Node],
    ) -> V<'a> {
        let mut why = None;
        let mut values: [V<'a>; 3] = [V::Null, V::Null, V::Null];
        for (v, a) in values.iter_mut().zip(args) {
            match self.eval(a) {
                V::Undef(u) => add(&mut why, u),
                given => *v = given,
            }
        }
        if let Some(u) = why {
            return V::Undef(u);
        }
        let values = &values[..args.len().min(3)];
        let cost = values.iter().map(|v| weight(v, self.left)).sum();
        if !self.spend(cost) {
            return exhausted();
        }
        for (v, set) in values.iter().zip(accept) {
            if v.kind() & set == 0 {
                return wrong_argument(name, *set, v);
            }
            if v.as_str() == Some(REDACTED) {
                return replaced();
            }
        }
        run(values, self.now)
    }
}

impl Fold {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Fold::Exists => "exists",
            Fold::All => "all",
            Fold::One => "exists_one",
            Fold::Filter => "filter",
            Fold::Map => "map",
        }
    }
}

fn add(why: &mut Option<Box<Undef>>, u: Box<Undef>) {
    match why {
        Some(w) => w.merge(*u),
        None => *why = Some(u),
    }
}

fn add_value(why: &mut Option<Box<Undef>>, v: V<'_>) {
    if let V::Undef(u) = v {
        add(why, u);
    }
}

/// A value that is of none of the kinds `set`, or that was replaced, is there,
/// but nothing follows from comparing it.
fn held<'a>(v: V<'a>, set: u16) -> V<'a> {
    match v {
        V::Null | V::Undef(_) => v,
        v if v.kind() & set == 0 => {
            let ((ja, en), (ja_got, en_got)) = (kinds::told(set), kinds::told(v.kind()));
            fault(Text::new(
                format!("提供者のモデルでは{ja}である値が、応答では{ja_got}だった"),
                format!("the provider's model says {en}, the answer has {en_got}"),
            ))
        }
        v if v.as_str() == Some(REDACTED) => replaced(),
        v => v,
    }
}

/// What joining it copies.
fn size(v: &V<'_>) -> u64 {
    v.as_str().map_or(v.len(), str::len) as u64
}

/// How many values a comparison meets in a list or map that the expression
/// made, counted up to `most`: their parts may be shared many times over.
fn weight(v: &V<'_>, most: u64) -> u64 {
    let parts = |sum: u64, item: &V<'_>| {
        let sum = sum + 1 + weight(item, most.saturating_sub(sum));
        if sum > most { Err(sum) } else { Ok(sum) }
    };
    let done = match v {
        V::List(l) => l.iter().try_fold(0, parts),
        V::Map(m) => m.iter().flat_map(|(k, v)| [k, v]).try_fold(0, parts),
        _ => Ok(0),
    };
    done.unwrap_or_else(|sum| sum)
}

fn exhausted<'a>() -> V<'a> {
    fault(Text::new(
        format!("評価の量が上限({BUDGET})を超えた"),
        format!("evaluating it takes more than {BUDGET} steps"),
    ))
}

/// The error of looking into a secret that was replaced.
pub(crate) fn replaced<'a>() -> V<'a> {
    fault(Text::new(
        "秘密として伏せた値の中身は判定に使えない",
        "a value that was replaced because it is secret cannot be judged",
    ))
}

/// Applies `f` where both sides are known.
fn strict<'a>(a: V<'a>, b: V<'a>, f: impl FnOnce(V<'a>, V<'a>) -> V<'a>) -> V<'a> {
    match (a, b) {
        (V::Undef(mut a), V::Undef(b)) => {
            a.merge(*b);
            V::Undef(a)
        }
        (u @ V::Undef(_), _) | (_, u @ V::Undef(_)) => u,
        (a, b) => f(a, b),
    }
}

fn member<'a>(v: V<'a>, name: &str) -> V<'a> {
    match v {
        V::Null | V::Undef(_) => v,
        V::Object(_) | V::Map(_) => v.member(name).unwrap_or(V::Null),
        v => no_member(&v, name, ""),
    }
}

fn entry<'a>(v: V<'a>, i: V<'a>) -> V<'a> {
    match (&v, &i) {
        (V::Null, _) => V::Null,
        (V::Object(_) | V::Map(_), _) => ops::index(&v, &i).unwrap_or(V::Null),
        (V::Array(_) | V::List(_), V::Int(n)) => usize::try_from(*n)
            .ok()
            .and_then(|n| v.item(n))
            .unwrap_or_else(|| {
                fault(Text::new(
                    format!("一覧に {n} 番目の要素がない（要素数 {}）", v.len()),
                    format!("the list has no element {n} (it has {})", v.len()),
                ))
            }),
        (V::Array(_) | V::List(_), _) => wrong_argument("[…]", kinds::INT, &i),
        _ => wrong_argument("[…]", kinds::LIST | kinds::MAP, &v),
    }
}

/// The error of a member asked of something without members.
pub(crate) fn no_member<'a>(v: &V<'_>, name: &str, of: &str) -> V<'a> {
    let (ja, en) = kinds::told(v.kind());
    let (of_ja, of_en) = match of {
        "" => (String::new(), String::new()),
        of => (format!("{of} は"), format!("{of} is ")),
    };
    fault(Text::new(
        format!("{of_ja}{ja}であり、項目「{name}」を持たない"),
        format!("{of_en}{en}, which has no member `{name}`"),
    ))
}

pub(crate) fn wrong_argument<'a>(function: &str, set: u16, v: &V<'_>) -> V<'a> {
    let ((ja, en), (ja_got, en_got)) = (kinds::told(set), kinds::told(v.kind()));
    fault(Text::new(
        format!("「{function}」には{ja}が要るが、{ja_got}だった"),
        format!("`{function}` needs {en} but got {en_got}"),
    ))
}

fn not_bool<'a>(sign: &str, v: &V<'_>) -> V<'a> {
    wrong_argument(sign, kinds::BOOL, v)
}
