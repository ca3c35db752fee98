//! The product's own catalogue and mappings are sound and complete.
#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use shoseki_assess::{Catalogue, File, Mappings, Tier, coverage, load_editions, select};
use shoseki_model::Text;

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
    assert!(all.rules >= 400, "{all:?}");
    for d in m.unbacked() {
        println!("{d}");
    }
    assert!(m.unbacked().len() <= 95, "{}", m.unbacked().len());
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
