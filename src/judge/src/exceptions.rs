//! Signed-off deviations: read, check, and find what covers a finding.

use crate::check::nearest;
use crate::load::fields::{Errors, Fields, text};
use crate::load::yaml::{self, Node, Yaml};
use jiff::civil::Date;
use jiff::{Timestamp, tz};
use shoseki_model::{
    Diagnostic, Excepted, Exception, ExceptionScope, ExceptionState, ExceptionUse, Finding,
    Verdict, fits,
};
use std::collections::{BTreeSet, HashMap};

/// The codes of the diagnostics, each with its meaning. A code is for ever.
pub const EXCEPTION_CODES: &[(&str, &str)] = &[
    ("yaml", "the file is not YAML, or not one document"),
    (
        "missing-field",
        "a field that every exception has is missing",
    ),
    ("unknown-field", "a field that no exception has"),
    ("wrong-value", "a field holds something else than it should"),
    ("duplicate-id", "two exceptions have the same id"),
    ("rule-or-control", "not exactly one of `rule` and `control`"),
    ("unknown-rule", "no rule fits the pattern"),
    ("unknown-control", "the control is not in the catalogue"),
    ("no-rule", "no rule moves the standing of the control"),
    (
        "open-scope",
        "the scope narrows nothing and does not say so",
    ),
    ("wrong-date", "not a day, or the last day before the first"),
];

const FIELDS: [&str; 10] = [
    "id",
    "rule",
    "control",
    "scope",
    "owner",
    "approver",
    "reason",
    "compensating",
    "from",
    "until",
];

#[derive(Clone, Debug)]
struct Entry {
    exception: Exception,
    /// Ids of the rules that it covers.
    rules: BTreeSet<String>,
    from: Date,
    until: Date,
}

/// All exceptions of a run, in the order of their file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions(Vec<Entry>);

/// What an exceptions file is held against.
struct Known<'k> {
    rules: &'k [String],
    controls: &'k dyn Fn(&str) -> Option<BTreeSet<String>>,
}

impl Exceptions {
    /// Reads an exceptions file. `rules`: the ids of all rules; `controls`: the
    /// rules that move the standing of a control, `None` where there is no such
    /// control.
    ///
    /// # Errors
    /// Everything that is wrong with the file, in the order of its lines.
    pub fn load(
        file: &str,
        text: &str,
        rules: &[String],
        controls: &dyn Fn(&str) -> Option<BTreeSet<String>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let root = yaml::read(file, text).map_err(|d| vec![d])?;
        let mut errors = Errors::new(file);
        let known = Known { rules, controls };
        let mut all = Vec::new();
        if let Some(f) = Fields::of(&root, "the file", &["exceptions"], &mut errors) {
            f.need("exceptions", &mut errors);
            let mut ids: HashMap<String, u64> = HashMap::new();
            for node in f.list("exceptions", &mut errors) {
                if let Some(e) = entry(node, &known, &mut errors) {
                    let line = node.referenced.line();
                    if let Some(first) = ids.insert(e.exception.id.clone(), line) {
                        let id = &e.exception.id;
                        let m = format!("the id `{id}` is already that of line {first}");
                        errors.add(node.referenced, "duplicate-id", m);
                    }
                    all.push(e);
                }
            }
        }
        match errors.all.is_empty() {
            true => Ok(Self(all)),
            false => {
                errors.all.sort();
                Err(errors.all)
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The exception under which a failed finding is shown: the first of the
    /// file that is in force at `now` and covers it.
    pub fn covering(&self, f: &Finding, now: Timestamp) -> Option<Excepted> {
        if f.verdict != Verdict::Fail || self.0.is_empty() {
            return None;
        }
        let day = day_in_japan(now);
        let found = self
            .0
            .iter()
            .find(|e| e.state(day) == ExceptionState::InForce && e.matches(f))?;
        let e = &found.exception;
        Some(Excepted {
            id: e.id.clone(),
            owner: e.owner.clone(),
            approver: e.approver.clone(),
            reason: e.reason.clone(),
            compensating: e.compensating.clone(),
            from: e.from.clone(),
            until: e.until.clone(),
        })
    }

    /// Each exception with where it stood at `now`; nothing counted yet.
    pub fn uses(&self, now: Timestamp) -> Vec<ExceptionUse> {
        let day = day_in_japan(now);
        let all = self.0.iter().map(|e| ExceptionUse {
            exception: e.exception.clone(),
            state: e.state(day),
            covers: 0,
            matches: 0,
        });
        all.collect()
    }

    /// Counts a finding into what [`Exceptions::uses`] gave.
    pub fn count(&self, uses: &mut [ExceptionUse], f: &Finding) {
        if f.verdict != Verdict::Fail {
            return;
        }
        for (e, u) in self.0.iter().zip(uses) {
            u.matches += u64::from(e.matches(f));
            let by = f.excepted.as_ref().map(|x| x.id.as_str());
            u.covers += u64::from(by == Some(e.exception.id.as_str()));
        }
    }
}

impl Entry {
    fn state(&self, day: Date) -> ExceptionState {
        if day > self.until {
            ExceptionState::Expired
        } else if day < self.from {
            ExceptionState::Future
        } else {
            ExceptionState::InForce
        }
    }

    fn matches(&self, f: &Finding) -> bool {
        let any =
            |list: &[String], text: &str| list.is_empty() || list.iter().any(|p| fits(p, text));
        let s = &self.exception.scope;
        self.rules.contains(&f.rule)
            && any(&s.accounts, &f.resource.account)
            && any(&s.regions, &f.resource.region)
            && any(&s.resources, &f.resource.id)
    }
}

/// The day in Japan, which keeps no summer time.
fn day_in_japan(now: Timestamp) -> Date {
    tz::offset(9).to_datetime(now).date()
}

fn entry(node: &Node, known: &Known<'_>, errors: &mut Errors<'_>) -> Option<Entry> {
    let f = Fields::of(node, "an exception", &FIELDS, errors)?;
    let id = f.text("id", errors);
    let rules = covered(&f, known, errors);
    let scope = f.need("scope", errors).and_then(|n| scope(n, errors));
    let mut words = ["owner", "approver", "reason", "compensating"].map(|n| f.text(n, errors));
    let (from, until) = (date(&f, "from", errors), date(&f, "until", errors));
    if let (Some((from, _)), Some((until, at))) = (&from, &until)
        && until < from
    {
        let m = format!("the last day {until} is before the first, {from}");
        errors.add(at.referenced, "wrong-date", m);
        return None;
    }
    let mut word = |i: usize| words[i].take();
    let (from, until) = (from?.0, until?.0);
    let exception = Exception {
        id: id?,
        rule: f.maybe_text("rule", errors),
        control: f.maybe_text("control", errors),
        scope: scope?,
        owner: word(0)?,
        approver: word(1)?,
        reason: word(2)?,
        compensating: word(3)?,
        from: from.to_string(),
        until: until.to_string(),
    };
    Some(Entry {
        exception,
        rules: rules?,
        from,
        until,
    })
}

/// The rules that an exception covers.
fn covered(f: &Fields<'_>, known: &Known<'_>, errors: &mut Errors<'_>) -> Option<BTreeSet<String>> {
    let (node, by_rule) = match (f.get("rule"), f.get("control")) {
        (Some(n), None) => (n, true),
        (None, Some(n)) => (n, false),
        _ => {
            let m = "an exception names either a `rule` or a `control`";
            errors.add(f.here, "rule-or-control", m);
            return None;
        }
    };
    let name = text(node, if by_rule { "rule" } else { "control" }, errors)?;
    if by_rule {
        let fit = known.rules.iter().filter(|r| fits(&name, r)).cloned();
        let fit: BTreeSet<String> = fit.collect();
        if fit.is_empty() {
            let help = nearest(&name, known.rules.iter().map(String::as_str));
            let m = format!("no rule fits `{name}`");
            errors.add_help(node.referenced, "unknown-rule", m, help);
            return None;
        }
        return Some(fit);
    }
    match (known.controls)(&name) {
        Some(rules) if !rules.is_empty() => Some(rules),
        Some(_) => {
            let m = format!("no rule moves the standing of {name}");
            let help = "there is nothing that an exception could cover; `shoseki controls show` names the rules";
            errors.add_help(node.referenced, "no-rule", m, Some(help.to_owned()));
            None
        }
        None => {
            let m = format!("the catalogue has no control {name}");
            let help = "give the id of one control; `shoseki controls list --all` names them";
            errors.add_help(node.referenced, "unknown-control", m, Some(help.to_owned()));
            None
        }
    }
}

fn scope(node: &Node, errors: &mut Errors<'_>) -> Option<ExceptionScope> {
    let known = ["accounts", "regions", "resources", "everything"];
    let f = Fields::of(node, "`scope`", &known, errors)?;
    let before = errors.all.len();
    let mut patterns = |name: &str| -> Vec<String> {
        let mut out = Vec::new();
        for n in f.list(name, errors) {
            let Some(p) = text(n, name, errors) else {
                continue;
            };
            if p.chars().all(|c| c == '*') {
                let m = format!("`{p}` does not narrow the scope");
                let help = "leave it out, or say `everything: true`".to_owned();
                errors.add_help(n.referenced, "open-scope", m, Some(help));
            }
            out.push(p);
        }
        out
    };
    let (accounts, regions) = (patterns("accounts"), patterns("regions"));
    let resources = patterns("resources");
    let everything = match f.get("everything").map(|n| (n, &n.value)) {
        None => false,
        Some((_, Yaml::Bool(b))) => *b,
        Some((n, other)) => {
            let m = format!(
                "`everything` must be true or false, this is {}",
                other.told()
            );
            errors.add(n.referenced, "wrong-value", m);
            return None;
        }
    };
    let narrowed = !(accounts.is_empty() && regions.is_empty() && resources.is_empty());
    if errors.all.len() == before && narrowed == everything {
        let m = match everything {
            true => "`everything` stands beside something that narrows",
            false => "the scope names no account, region or resource",
        };
        let help = "name what is covered, or say `everything: true` alone".to_owned();
        errors.add_help(node.referenced, "open-scope", m, Some(help));
    }
    (errors.all.len() == before).then_some(ExceptionScope {
        accounts,
        regions,
        resources,
        everything,
    })
}

/// A day, `2026-04-01`, and where it stands.
fn date<'n>(f: &Fields<'n>, name: &str, errors: &mut Errors<'_>) -> Option<(Date, &'n Node)> {
    let node = f.need(name, errors)?;
    let said = text(node, name, errors)?;
    let plain = said.len() == 10 && said.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    match said.parse::<Date>() {
        Ok(d) if plain => Some((d, node)),
        _ => {
            let m = format!("`{name}` is not a day");
            let help = "write it as 2027-03-31; days are those of Japan".to_owned();
            errors.add_help(node.referenced, "wrong-date", m, Some(help));
            None
        }
    }
}
