//! What holds of every run, whatever was scanned and however it went.

use super::packs::Packs;
use super::root;
use super::run::Seen;
use serde_json::Value;
use shoseki_model::{Sight, Verdict, digest};
use std::collections::{BTreeMap, BTreeSet};

/// Checks all of them.
pub fn check(seen: &Seen, packs: &Packs) {
    assert_eq!(
        seen.run.check().unwrap(),
        [],
        "the files are not as run.json says"
    );
    tallies(seen);
    evidence(seen);
    populations(seen);
    gaps(seen);
    standings(seen, packs);
    schemas(seen);
}

/// The five counts of every tally add up to the population, and are those of
/// the findings.
fn tallies(seen: &Seen) {
    let mut counted: BTreeMap<(&str, &str, &str), [u64; 4]> = BTreeMap::new();
    let scopes: BTreeMap<(&str, &str, &str), &str> = seen
        .resources
        .iter()
        .map(|r| {
            (
                (r.r#type.as_str(), r.id.as_str(), r.region.as_str()),
                r.scope.as_str(),
            )
        })
        .collect();
    for f in seen.findings.values() {
        let r = &f.resource;
        let scope = scopes[&(r.r#type.as_str(), r.id.as_str(), r.region.as_str())];
        let of = counted.entry((&f.rule, &r.account, scope)).or_default();
        of[f.verdict as usize] += 1;
    }
    for t in &seen.tallies {
        let sum = t.pass + t.fail + t.unknown + t.excepted + t.not_applicable;
        assert_eq!(sum, t.enumerated, "{t:?}");
        let population = seen
            .populations
            .iter()
            .find(|p| (&p.r#type, &p.account, &p.region) == (&t.r#type, &t.account, &t.region));
        let population = population.unwrap_or_else(|| panic!("no population for {t:?}"));
        assert_eq!(
            (population.count, population.complete),
            (t.enumerated, t.complete),
            "{t:?}"
        );
        let found = counted
            .remove(&(t.rule.as_str(), t.account.as_str(), t.region.as_str()))
            .unwrap_or_default();
        assert_eq!(
            found,
            [t.pass, t.fail, t.unknown, t.not_applicable],
            "{t:?}"
        );
    }
    assert!(counted.is_empty(), "findings without a tally: {counted:?}");
}

/// Every value that a finding quotes comes from exchanges whose answer is kept.
fn evidence(seen: &Seen) {
    let mut checked = BTreeSet::new();
    for f in seen.findings.values() {
        for o in &f.observed {
            for id in &o.exchanges {
                let x = seen.exchanges.get(id);
                let x = x.unwrap_or_else(|| panic!("{}: no exchange {id}", f.id));
                if checked.insert(id) {
                    let answer = x.answer.as_ref();
                    let answer = answer.unwrap_or_else(|| panic!("{id}: no answer is kept"));
                    let bytes = seen.run.answer(&answer.sha256).unwrap();
                    assert_eq!(digest(&bytes), answer.sha256);
                    assert_eq!(bytes.len() as u64, answer.bytes, "{id}");
                }
            }
            match &o.sight {
                Sight::Unseen(gap) if gap != "not-asked" => {
                    assert!(seen.gap(gap).is_some(), "{}: no gap {gap}", f.id);
                }
                _ => {}
            }
        }
        for g in &f.gaps {
            assert!(seen.gap(g).is_some(), "{}: no gap {g}", f.id);
        }
        if f.verdict == Verdict::Unknown {
            assert!(!f.reason.en.is_empty() && !f.reason.ja.is_empty(), "{f:?}");
        }
    }
}

/// A population names the exchanges that enumerated it, or why it is not whole.
fn populations(seen: &Seen) {
    let mut scopes = BTreeSet::new();
    for p in &seen.populations {
        let once = scopes.insert((&p.r#type, &p.account, &p.region));
        assert!(once, "two populations of one scope: {p:?}");
        for id in &p.query {
            assert!(seen.exchanges.contains_key(id), "no exchange of {p:?}");
        }
        assert_eq!(p.complete, p.gaps.is_empty(), "{p:?}");
        for g in &p.gaps {
            assert!(seen.gap(g).is_some(), "no gap {g} of {p:?}");
        }
    }
}

/// A gap has an id of its own, a call, and a permission where it was denied.
fn gaps(seen: &Seen) {
    let mut ids = BTreeSet::new();
    for g in &seen.gaps {
        assert!(ids.insert(&g.id), "two gaps have one id: {g:?}");
        assert!(!g.call.is_empty() && !g.permissions.is_empty(), "{g:?}");
        if let Some(x) = &g.exchange {
            assert!(seen.exchanges.contains_key(x), "no exchange of {g:?}");
        }
    }
}

/// A standing rests on the rules that the mapping names, and on no other.
fn standings(seen: &Seen, packs: &Packs) {
    assert!(!seen.standings.is_empty());
    for s in &seen.standings {
        let mut allowed: BTreeSet<&str> = BTreeSet::new();
        for e in packs.mappings.entries() {
            let below = packs
                .catalogue
                .ancestors(&e.id)
                .iter()
                .any(|a| a.id == s.control);
            if e.id == s.control || below {
                allowed.extend(e.evidence.iter().map(|v| v.rule.as_str()));
            }
        }
        for r in &s.rules {
            assert!(
                allowed.contains(r.rule.as_str()),
                "{} rests on {}",
                s.control,
                r.rule
            );
        }
    }
}

fn schema(name: &str) -> jsonschema::Validator {
    let path = root().join(format!("src/evidence/schemas/{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// Every record as it is written satisfies its schema.
fn schemas(seen: &Seen) {
    let dir = seen.run.dir();
    for (file, name) in [
        ("exchanges.jsonl.zst", "exchange"),
        ("resources.jsonl.zst", "resource"),
        ("gaps.jsonl", "gap"),
        ("populations.jsonl", "population"),
        ("findings.jsonl.zst", "finding"),
        ("tallies.jsonl", "tally"),
        ("standings.jsonl", "standing"),
        ("pack.jsonl.zst", "pack"),
    ] {
        let bytes = std::fs::read(dir.join(file)).unwrap();
        let text = if file.ends_with(".zst") {
            zstd::stream::decode_all(bytes.as_slice()).unwrap()
        } else {
            bytes
        };
        let text = String::from_utf8(text).unwrap();
        let mut lines = text
            .lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap());
        let header = lines.next().unwrap();
        assert!(schema("header").is_valid(&header), "{file}: {header}");
        let of = schema(name);
        for v in lines {
            if let Err(e) = of.validate(&v) {
                panic!("{file}: {e}: {v}");
            }
        }
    }
    let run = std::fs::read_to_string(dir.join("run.json")).unwrap();
    let run: Value = serde_json::from_str(&run).unwrap();
    if let Err(e) = schema("run").validate(&run) {
        panic!("run.json: {e}");
    }
}
