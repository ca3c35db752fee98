//! The product's own catalogue and mappings are sound and complete.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use shoseki_assess::{Catalogue, File, Mappings, Tier, coverage, load_editions, select};
use shoseki_model::{Strength, Text};

fn load() -> (Catalogue, Mappings) {
    let files = shoseki_data::mappings();
    let files: Vec<File> = files
        .iter()
        .map(|f| File {
            path: &f.path,
            text: &f.text,
        })
        .collect();
    // The path spells the id.
    let rules: Vec<String> = shoseki_data::rules()
        .iter()
        .filter_map(|f| f.path.strip_suffix(".yaml"))
        .map(|p| p.replace('/', "."))
        .collect();
    let (mut editions, errors) = load_editions(&files, rules.iter().map(String::as_str));
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    assert_eq!(editions.len(), 1);
    editions.remove(0)
}

#[test]
fn the_catalogue_holds_every_id_of_the_edition() {
    let (c, _) = load();
    let count = |tier, level, mandatory: fn(Option<bool>) -> bool| {
        c.controls()
            .iter()
            .filter(|x| x.tier == tier && x.level == level && mandatory(x.mandatory))
            .count()
    };
    assert_eq!(c.controls().len(), 1373);
    assert_eq!(count(Tier::Governance, 4, |_| true), 18);
    assert_eq!(count(Tier::Management, 4, |_| true), 64);
    assert_eq!(count(Tier::Control, 3, |m| m == Some(true)), 121);
    assert_eq!(count(Tier::Control, 4, |_| true), 1081);
    assert_eq!(count(Tier::Control, 4, |m| m == Some(true)), 31);
    // Selection relies on it.
    for x in c.controls() {
        let parent = x.parent.as_deref().map(|p| c.position(p).unwrap());
        assert!(parent < c.position(&x.id), "{}", x.id);
    }
}

#[test]
fn every_objective_and_every_mandatory_control_has_an_entry() {
    let (c, m) = load();
    let all = coverage(&m, &c);
    assert_eq!(all.objectives.entries, 121);
    assert_eq!((all.mandatory.entries, all.mandatory.controls), (31, 31));
}

/// Evidence may grow; what was once shown must not get lost unnoticed. The
/// numbers fell once, on purpose: links whose failure proves nothing became
/// context.
#[test]
fn evidence_does_not_shrink() {
    let (c, m) = load();
    let all = coverage(&m, &c);
    println!("{all:#?}");
    assert!(all.objectives.stated >= 19, "{all:?}");
    assert!(all.objectives.part >= 67, "{all:?}");
    assert!(all.rules >= 1000, "{all:?}");
    for d in m.unbacked() {
        println!("{d}");
    }
    assert!(m.unbacked().len() <= 95, "{}", m.unbacked().len());
}

/// Objectives whose technical core can be read from settings.
const READABLE: [&str; 21] = [
    "8.1.1", "9.1.2", "9.2.1", "9.2.3", "9.4.1", "9.4.2", "9.4.3", "9.5.2.P", "10.1.1", "10.1.2",
    "12.2.1", "12.3.1", "12.4.1", "12.4.2", "12.4.3", "12.6.1", "13.1.1", "13.1.3", "14.1.2",
    "17.2.1", "18.2.3",
];

/// On each cloud some rule states a readable objective, or `remains` says why none
/// does: by the cloud's name, or as "on no cloud".
#[test]
fn every_readable_objective_is_stated_on_each_cloud_or_says_why_not() {
    let (c, m) = load();
    let mut without = Vec::new();
    for id in READABLE {
        let below = c.children(id).filter_map(|x| m.get(&x.id));
        let all: Vec<_> = m.get(id).into_iter().chain(below).collect();
        assert!(!all.is_empty(), "{id}");
        for (prefix, name) in [
            ("aws.", "AWS"),
            ("azure.", "Azure"),
            ("gcp.", "Google Cloud"),
        ] {
            let mut evidence = all.iter().flat_map(|e| &e.evidence);
            let stated =
                evidence.any(|v| v.rule.starts_with(prefix) && v.strength == Strength::States);
            let said = all.iter().filter_map(|e| e.remains.as_ref()).any(|r| {
                (r.ja.contains(name) && r.en.contains(name))
                    || (r.ja.contains("どのクラウド") && r.en.contains("no cloud"))
            });
            if !stated && !said {
                without.push(format!("{id} on {name}"));
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn headings_are_labelled_down_to_the_section() {
    let (c, m) = load();
    for x in c.controls() {
        if x.tier == Tier::Control && x.level <= 3 {
            assert!(m.label(&x.id).is_some(), "{}", x.id);
        }
    }
}

#[test]
fn japanese_is_japanese_and_english_is_not() {
    let (_, m) = load();
    let japanese = |s: &str| s.chars().any(|c| ('\u{3040}'..='\u{9fff}').contains(&c));
    let check = |id: &str, t: &Text| {
        assert!(japanese(&t.ja), "{id}: {}", t.ja);
        assert!(!japanese(&t.en), "{id}: {}", t.en);
    };
    for e in m.entries() {
        check(&e.id, &e.label);
        if let Some(r) = &e.remains {
            check(&e.id, r);
        }
        for v in &e.evidence {
            check(&e.id, &v.because);
        }
        assert!(e.label.ja.chars().count() <= 30, "{}: long label", e.id);
        assert!(e.label.en.chars().count() <= 64, "{}: long label", e.id);
    }
}

#[test]
fn every_objective_selects_within_itself() {
    let (c, m) = load();
    for o in c.objectives() {
        let s = select(&[&o.id], &m, &c).unwrap();
        let below = s.controls.iter().all(|id| {
            *id == o.id || c.get(id).and_then(|x| x.parent.as_deref()) == Some(o.id.as_str())
        });
        assert!(below, "{}", o.id);
    }
}
