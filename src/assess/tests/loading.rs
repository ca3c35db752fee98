//! Everything that can be wrong with a mapping file is said at its place.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use shoseki_assess::{Catalogue, File, Mappings, load_editions, select};
use shoseki_model::Diagnostic;

const CATALOGUE: &str = r#"{ "edition": "2024-07", "controls": [
{"id": "9", "tier": "control", "level": 1, "kind": "domain", "parent": null, "suffix": "", "mandatory": null, "reference": null, "pattern": null},
{"id": "9.4", "tier": "control", "level": 2, "kind": "category", "parent": "9", "suffix": "", "mandatory": null, "reference": null, "pattern": null},
{"id": "9.4.2", "tier": "control", "level": 3, "kind": "objective", "parent": "9.4", "suffix": "", "mandatory": true, "reference": null, "pattern": null},
{"id": "9.4.2.2.B", "tier": "control", "level": 4, "kind": "detailed", "parent": "9.4.2", "suffix": "B", "mandatory": true, "reference": null, "pattern": null},
{"id": "9.4.2.9", "tier": "control", "level": 4, "kind": "detailed", "parent": "9.4.2", "suffix": "", "mandatory": false, "reference": null, "pattern": null},
{"id": "9.5", "tier": "control", "level": 2, "kind": "category", "parent": "9", "suffix": "", "mandatory": null, "reference": null, "pattern": null},
{"id": "9.5.1", "tier": "control", "level": 3, "kind": "objective", "parent": "9.5", "suffix": "", "mandatory": true, "reference": null, "pattern": null}
]}"#;

const RULES: [&str; 2] = ["aws.iam.root-mfa", "aws.iam.user-mfa"];

const SOUND: &str = r#"edition: "2024-07"
section: "9.4"
label: { ja: 見出し, en: Heading }
controls:
  - id: "9.4.2"
    label: { ja: 目標, en: Objective }
    reach: part
    remains: { ja: 文書, en: Documents }
  - id: "9.4.2.2.B"
    label: { ja: 多要素, en: Second factor }
    reach: part
    remains: { ja: 文書, en: Documents }
    evidence:
      - rule: aws.iam.root-mfa
        strength: states
        because: { ja: 示す, en: Shows }
"#;

const OTHER: &str = r#"edition: "2024-07"
section: "9.5"
label: { ja: 分離, en: Apart }
controls:
  - id: "9.5.1"
    label: { ja: 目標, en: Objective }
    reach: human-only
    remains: { ja: 文書, en: Documents }
"#;

fn load(section: &str) -> (Mappings, Vec<Diagnostic>) {
    let catalogue = Catalogue::load("ismap/catalogue-2024-07.json", CATALOGUE).unwrap();
    let files = [
        File {
            path: "ismap/2024-07/9.4.yaml",
            text: section,
        },
        File {
            path: "ismap/2024-07/9.5.yaml",
            text: OTHER,
        },
    ];
    Mappings::load(&files, &catalogue, RULES)
}

/// The one diagnostic of `SOUND` with `from` replaced by `to`.
fn broken(from: &str, to: &str) -> Diagnostic {
    assert!(SOUND.contains(from), "{from}");
    let (_, errors) = load(&SOUND.replacen(from, to, 1));
    match <[Diagnostic; 1]>::try_from(errors) {
        Ok([d]) => d,
        Err(all) => panic!("{from} → {to}: {all:#?}"),
    }
}

#[test]
fn a_sound_file_loads_and_is_indexed_both_ways() {
    let (m, errors) = load(SOUND);
    assert_eq!(errors, []);
    assert_eq!(m.get("9.4.2.2.B").unwrap().evidence.len(), 1);
    let back: Vec<_> = m
        .controls_of("aws.iam.root-mfa")
        .map(|l| l.control)
        .collect();
    assert_eq!(back, ["9.4.2.2.B"]);
    assert_eq!(m.label("9.4").unwrap().en, "Heading");
    assert!(m.unbacked().is_empty());
}

#[test]
fn each_mistake_has_its_code_place_and_help() {
    let evidence = "    evidence:\n      - rule: aws.iam.root-mfa\n        strength: states\n        because: { ja: 示す, en: Shows }\n";
    let again = format!("{evidence}{}", &evidence[14..]);
    for (from, to, code, line, column, help) in [
        (
            "9.4.2.2.B\"",
            "9.4.2.2\"",
            "unknown-control",
            9,
            9,
            "9.4.2.2.B",
        ),
        ("\"9.4.2\"", "\"9.4\"", "unknown-control", 5, 9, ""),
        (
            "root-mfa",
            "root-mfaa",
            "unknown-rule",
            14,
            15,
            "aws.iam.root-mfa",
        ),
        ("states", "state", "unknown-word", 15, 19, "states"),
        ("reach: part", "reech: part", "unknown-field", 7, 5, "reach"),
        (
            "section: \"9.4\"",
            "section: \"9.5\"",
            "wrong-section",
            2,
            10,
            "9.4.yaml",
        ),
        (
            "edition: \"2024-07\"",
            "edition: \"2025-09\"",
            "wrong-edition",
            1,
            10,
            "2024-07",
        ),
        ("en: Objective", "en: \"\"", "empty", 6, 26, ""),
        ("en: Objective", "en: 目標", "same-text", 6, 12, ""),
        (
            "9.4.2.2.B\"",
            "9.4.2\"",
            "duplicate-control",
            9,
            9,
            "9.4.yaml",
        ),
        (evidence, &again, "duplicate-rule", 17, 15, ""),
        ("Shows }", "Shows", "syntax", 0, 0, ""),
    ] {
        let (_, errors) = load(&SOUND.replacen(from, to, 1));
        let d = errors
            .iter()
            .find(|d| d.code == code)
            .unwrap_or_else(|| panic!("{to}: {errors:#?}"));
        assert_eq!(d.file, "ismap/2024-07/9.4.yaml");
        if line > 0 {
            assert_eq!((d.line, d.column), (line, column), "{d}");
        }
        let said = d.help.clone().unwrap_or_default();
        assert!(said.contains(help), "{d}");
    }
}

#[test]
fn all_errors_come_at_once() {
    let bad = SOUND
        .replacen("root-mfa", "rot-mfa", 1)
        .replacen("states", "proves", 1)
        .replacen("en: Objective", "en: ''", 1);
    let (_, errors) = load(&bad);
    let mut codes: Vec<_> = errors.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["empty", "missing-objective", "unknown-rule", "unknown-word"]
    );
}

#[test]
fn an_unquoted_number_is_named_as_such() {
    let d = broken("section: \"9.4\"", "section: 9.4");
    assert_eq!((d.code, d.line), ("wrong-shape", 2));
    assert!(d.help.unwrap().contains("quotes"));
}

#[test]
fn a_control_in_the_wrong_file_is_sent_home() {
    let stray = "controls:\n  - id: \"9.5.1\"\n    label: { ja: あ, en: a }\n    reach: full\n";
    let (_, errors) = load(&SOUND.replacen("controls:\n", stray, 1));
    let codes: Vec<_> = errors.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["wrong-section", "duplicate-control"]);
    assert_eq!(errors[0].help.as_deref(), Some("move it to 9.5.yaml"));
}

#[test]
fn reach_and_evidence_agree() {
    let d = broken("reach: part", "reach: human-only");
    assert_eq!(d.code, "evidence-out-of-reach");
    assert!(d.message.contains("9.4.2.2.B"));
    let d = broken("    remains: { ja: 文書, en: Documents }\n", "");
    assert_eq!(d.code, "missing-remains");
    let start = SOUND.find("    evidence").unwrap();
    let (m, errors) = load(&SOUND[..start]);
    assert_eq!(errors, []);
    let ids: Vec<_> = m.unbacked().iter().map(|d| (d.code, d.line)).collect();
    assert_eq!(ids, [("no-evidence", 5), ("no-evidence", 9)]);
}

#[test]
fn a_missing_objective_is_said() {
    let start = SOUND.find("  - id: \"9.4.2\"").unwrap();
    let end = SOUND.find("  - id: \"9.4.2.2.B\"").unwrap();
    let d = broken(&SOUND[start..end], "");
    assert_eq!((d.code, d.line), ("missing-objective", 0));
    assert!(d.file.ends_with("9.4.yaml"));
}

#[test]
fn stray_files_and_bad_catalogues_are_said() {
    let files = [
        File {
            path: "ismap/2099-01/9.4.yaml",
            text: SOUND,
        },
        File {
            path: "ismap/catalogue-2024-08.json",
            text: CATALOGUE,
        },
        File {
            path: "ismap/catalogue-2025-01.json",
            text: "{",
        },
    ];
    let (loaded, errors) = load_editions(&files, RULES);
    assert!(loaded.is_empty());
    let codes: Vec<_> = errors.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["wrong-edition", "wrong-edition", "syntax"]);
}

#[test]
fn patterns_select_controls_and_their_rules() {
    let (m, _) = load(SOUND);
    let catalogue = Catalogue::load("catalogue-2024-07.json", CATALOGUE).unwrap();
    for pattern in ["9.4.2.2.B", "9.4.2", "9.4", "9", "9.4.*"] {
        let s = select(&[pattern], &m, &catalogue).unwrap();
        assert!(s.rules.contains("aws.iam.root-mfa"), "{pattern}");
    }
    let s = select(&["9.5", "9.4.2.9"], &m, &catalogue).unwrap();
    assert!(s.rules.is_empty());
    assert_eq!(s.controls, ["9.4.2.9", "9.5.1"]);
    let errors = select(&["9.4.2.2", "99.*", "9.4.2"], &m, &catalogue).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(
        errors[0].to_string(),
        "no control 9.4.2.2 in the catalogue of 2024-07: did you mean 9.4.2.2.B?"
    );
}

#[test]
fn a_file_of_ones_own_adds_evidence_in_any_order() {
    let catalogue = Catalogue::load("ismap/catalogue-2024-07.json", CATALOGUE).unwrap();
    let load = |text: &str| {
        let files = [
            ("ismap/2024-07/adds-acme.yaml", text),
            ("ismap/2024-07/9.4.yaml", SOUND),
            ("ismap/2024-07/9.5.yaml", OTHER),
        ]
        .map(|(path, text)| File { path, text });
        Mappings::load(&files, &catalogue, RULES)
    };
    let adds = |id: &str, rule: &str| {
        format!(
            "edition: \"2024-07\"\ncontrols:\n  - id: \"{id}\"\n    evidence:\n      - rule: {rule}\n        strength: supports\n        because: {{ ja: 示す, en: Shows }}\n"
        )
    };
    let (m, errors) = load(&adds("9.4.2.2.B", "aws.iam.user-mfa"));
    assert_eq!(errors, []);
    assert_eq!(m.get("9.4.2.2.B").unwrap().evidence.len(), 2);
    for (id, rule, code) in [
        ("9.4.2.2.B", "aws.iam.root-mfa", "duplicate-rule"),
        ("9.4.2.9", "aws.iam.user-mfa", "missing-entry"),
        ("9.5.1", "aws.iam.user-mfa", "evidence-out-of-reach"),
        ("9.9.9", "aws.iam.user-mfa", "unknown-control"),
    ] {
        let (_, errors) = load(&adds(id, rule));
        let codes: Vec<_> = errors.iter().map(|d| (d.code, d.line)).collect();
        assert_eq!(codes, [(code, 3)], "{id}");
    }
    let whole = adds("9.4.2.9", "aws.iam.user-mfa").replace(
        "    evidence",
        "    label: { ja: 新, en: New }\n    reach: full\n    evidence",
    );
    let (m, errors) = load(&whole);
    assert_eq!(errors, []);
    assert_eq!(m.get("9.4.2.9").unwrap().label.en, "New");
}
