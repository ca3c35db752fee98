//! A scan in which something was hidden, held against one in which nothing was.

use super::packs::Packs;
use super::run::Seen;
use serde_json::Value;
use shoseki_model::{Cause, Finding, Sight, Verdict};
use std::collections::BTreeSet;

/// What a finding rests on.
struct Needs {
    list: BTreeSet<String>,
    parts: Vec<BTreeSet<String>>,
}

fn needs(packs: &Packs, f: &Finding) -> Needs {
    let rule = packs.rules.get(&f.rule).unwrap();
    let parts = rule.reads().parts.iter();
    Needs {
        list: packs.enumerating(&rule.resource),
        parts: parts
            .map(|p| packs.calls_of_part(&rule.resource, p))
            .collect(),
    }
}

/// Holds a scan with denied calls against one without, finding by finding, and
/// says how many needed them.
pub fn compare(
    packs: &Packs,
    baseline: &Seen,
    seen: &Seen,
    denied: &BTreeSet<String>,
    asked: impl Fn(&str) -> bool,
) -> usize {
    let mut touched = 0;
    for before in baseline.findings.values().filter(|f| asked(&f.rule)) {
        let needs = needs(packs, before);
        let now = seen.findings.get(&before.id);
        let what = format!(
            "{} {} with {denied:?} denied",
            before.rule, before.resource.name
        );
        if !needs.list.is_disjoint(denied) {
            touched += 1;
            assert!(now.is_none(), "{what}: judged, but could not be listed");
            let p = seen
                .populations
                .iter()
                .find(|p| {
                    let r = &before.resource;
                    (&p.r#type, &p.account) == (&r.r#type, &r.account)
                })
                .unwrap_or_else(|| panic!("{what}: no population"));
            assert!(!p.complete && !p.gaps.is_empty(), "{what}: {p:?}");
            continue;
        }
        let now = now.unwrap_or_else(|| panic!("{what}: lost"));
        let hidden = needs.parts.iter().any(|p| !p.is_disjoint(denied));
        if !hidden {
            assert_eq!(before.verdict, now.verdict, "{what}");
            assert_eq!(steady(before), steady(now), "{what}");
            continue;
        }
        touched += 1;
        unseen(before, now, &what);
    }
    let known: BTreeSet<&String> = baseline.findings.keys().collect();
    for f in seen.findings.values() {
        assert!(
            known.contains(&f.id),
            "a finding only where calls are denied: {f:?}"
        );
    }
    touched
}

/// What a finding observed, without moments: the server moves some with its clock.
fn steady(f: &Finding) -> Value {
    fn still(v: &mut Value) {
        match v {
            Value::String(s) if s.starts_with("20") && s.contains('T') => *v = "a moment".into(),
            Value::Array(a) => a.iter_mut().for_each(still),
            Value::Object(m) => m.values_mut().for_each(still),
            _ => {}
        }
    }
    let mut all = serde_json::to_value(&f.observed).unwrap();
    still(&mut all);
    all
}

/// A finding of which something was hidden is unknown, unless what was seen
/// decides it alone, or the hidden part was not asked of this resource.
fn unseen(before: &Finding, now: &Finding, what: &str) {
    if now.verdict == Verdict::Unknown {
        assert!(!now.gaps.is_empty(), "{what}: unknown without a gap");
        return;
    }
    assert_eq!(before.verdict, now.verdict, "{what}: a refusal moved it");
    let seen = now
        .observed
        .iter()
        .any(|o| !matches!(o.sight, Sight::Unseen(_)));
    assert!(seen, "{what}: {:?} although nothing was seen", now.verdict);
}

/// Each hidden call that was made is told with one of these causes and with the
/// permission that it needs.
pub fn gaps_tell(
    packs: &Packs,
    baseline: &Seen,
    seen: &Seen,
    hidden: &BTreeSet<String>,
    causes: &[Cause],
) {
    let plan = packs.plan(|_| true);
    for call in hidden {
        let mut asked = seen.asked.iter().filter(|x| x.call == *call).peekable();
        if asked.peek().is_none() {
            // What it is asked for was hidden as well.
            let was = baseline.asked.iter().any(|x| x.call == *call);
            assert!(was && hidden.len() > 1, "{call} was not asked");
            continue;
        }
        for x in asked {
            // A text within an answer may only show when it is decoded.
            let later = || {
                seen.gaps
                    .iter()
                    .find(|g| g.exchange.as_ref() == Some(&x.id))
            };
            let cause = x.failure.or_else(|| later().map(|g| g.cause));
            let fits = cause.is_some_and(|c| causes.contains(&c));
            assert!(fits, "{call}: {cause:?}, not {causes:?}: {x:?}");
        }
        let permissions: BTreeSet<&String> = plan
            .types
            .iter()
            .flat_map(|t| t.calls())
            .filter(|c| c.call == *call)
            .flat_map(|c| &c.permissions)
            .collect();
        let told = seen.gaps.iter().any(|g| {
            causes.contains(&g.cause)
                && g.call == *call
                && !g.permissions.is_empty()
                && g.permissions.iter().all(|p| permissions.contains(p))
        });
        // Signing in asks for it and no rule does: the alias is only a label.
        assert!(
            told || permissions.is_empty(),
            "no gap tells that {call} failed"
        );
    }
}
