use crate::common::*;
use shoseki_judge::{CODES, load};

/// Line, column, width, code and the text that is underlined.
fn told(file: &(String, String)) -> Vec<(u32, u32, &'static str, String)> {
    errors(std::slice::from_ref(file))
        .iter()
        .map(|d| {
            assert!(CODES.iter().any(|c| c.0 == d.code), "{}", d.code);
            let line = file.1.lines().nth(d.line as usize - 1).unwrap_or_default();
            let text = line
                .chars()
                .skip(d.column as usize - 1)
                .take(d.width as usize)
                .collect();
            (d.line, d.column, d.code, text)
        })
        .collect()
}

#[test]
fn a_good_rule_loads_and_tells_what_it_reads() {
    let rules = set(&[rule(
        "r",
        "settings.Versioning.Status == \"Enabled\" || resource.name == settings.Name",
        "observe: [settings.Policy]",
    )]);
    let r = rules.get("aws.s3.r").unwrap();
    assert_eq!(r.reads().parts, ["Policy", "Versioning"]);
    assert_eq!(
        r.reads().paths,
        [
            "settings.Versioning.Status",
            "resource.name",
            "settings.Name",
            "settings.Policy"
        ]
    );
    assert_eq!(r.observe, ["settings.Policy"]);
    let whole = set(&[rule("r", "size(settings) > 0", "")]);
    assert_eq!(whole.get("aws.s3.r").unwrap().reads().parts.len(), 4);
}

#[test]
fn errors_point_into_plain_quoted_folded_and_literal_texts() {
    for (text, line, column) in [
        ("settings.Nmae == \"x\"", 5, 18),
        ("'settings.Nmae == \"it''s\"'", 5, 19),
        ("\"\\\"é\\\" == settings.Nmae\"", 5, 28),
        (">-\n  true &&\n  settings.Nmae == \"x\"", 7, 12),
        ("|\n  // é", 6, 3),
        ("|\n  true &&\n\n    settings.Nmae == \"x\"", 8, 14),
        ("true\n  && settings.Nmae == \"x\"", 6, 15),
    ] {
        let t = told(&rule("r", text, ""));
        assert_eq!(t.len(), 1, "{text}: {t:?}");
        assert_eq!((t[0].0, t[0].1), (line, column), "{text}: {t:?}");
        if !text.contains("//") {
            assert_eq!(t[0].3, "Nmae", "{text}");
        }
    }
}

#[test]
fn every_kind_of_error_of_an_expression_is_told() {
    for (e, code, at) in [
        ("settings.Encription == null", "unknown-path", "Encription"),
        (
            "settings.Encryption.Rules.BucketKeyEnabled == true",
            "unknown-path",
            "BucketKeyEnabled",
        ),
        (
            "settings.Encryption.Rules.exists(r, r.Bucket == true)",
            "unknown-path",
            "Bucket",
        ),
        ("settings.Name.Length == 1", "unknown-path", "Length"),
        (
            "settings.Name.size() == 1 && setings == null",
            "unknown-variable",
            "setings",
        ),
        ("Name == \"x\"", "unknown-variable", "Name"),
        (
            "settings.Name.startWith(\"x\")",
            "unknown-function",
            "startWith",
        ),
        ("daySince(now) > 1", "unknown-function", "daySince"),
        (
            "settings.Name.startsWith()",
            "wrong-arity",
            "settings.Name.startsWith()",
        ),
        (
            "startsWith(settings.Name, \"a\")",
            "wrong-arity",
            "startsWith(settings.Name, \"a\")",
        ),
        (
            "settings.Policy.exists(x)",
            "wrong-arity",
            "settings.Policy.exists(x)",
        ),
        ("settings.Name == 1", "wrong-type", "settings.Name == 1"),
        ("settings.Name", "wrong-type", "settings.Name"),
        ("size(settings.Size) == 1", "wrong-type", "settings.Size"),
        (
            "settings.Name in [1, 2]",
            "wrong-type",
            "settings.Name in [1, 2]",
        ),
        (
            "settings.CreationDate < now",
            "wrong-type",
            "settings.CreationDate < now",
        ),
        ("settings.Name < 3", "wrong-type", "settings.Name < 3"),
        (
            "settings.Size + 1.5 > 2.0",
            "wrong-type",
            "settings.Size + 1.5",
        ),
        (
            "settings.Name.exists(x, x == 1)",
            "wrong-type",
            "settings.Name",
        ),
        ("resource.arn == null", "unknown-path", "arn"),
        ("settings.Name.matches(\"(\")", "bad-regex", "\"(\""),
        (
            "settings.PublicAccessBlock.BlockPublicAcls",
            "may-be-absent",
            "settings.PublicAccessBlock.BlockPublicAcls",
        ),
        (
            "!settings.PublicAccessBlock.BlockPublicAcls",
            "may-be-absent",
            "settings.PublicAccessBlock.BlockPublicAcls",
        ),
        ("settings.Name == ", "syntax", ""),
    ] {
        let text = format!("|\n  {e}");
        let t = told(&rule("r", &text, ""));
        assert_eq!(t.len(), 1, "{e}: {t:?}");
        assert_eq!((t[0].2, t[0].3.trim()), (code, at), "{e}");
    }
}

#[test]
fn names_are_suggested() {
    let d = errors(&[rule("r", "settings.Encription == null", "")]);
    assert_eq!(d[0].help.as_deref(), Some("did you mean `Encryption`?"));
    let d = errors(&[rule("r", "Name == null", "")]);
    assert_eq!(d[0].help.as_deref(), Some("did you mean `settings.Name`?"));
    let d = errors(&[rule("r", "settings.Name.startWith(\"x\")", "")]);
    assert_eq!(d[0].help.as_deref(), Some("did you mean `startsWith`?"));
}

#[test]
fn all_errors_of_all_files_come_at_once() {
    let broken = "id: aws.s3.other
title: { ja: x }
severity: grave
resource: aws.s3.buckett
expects: true
observe: nothing
fix: { ja: a, en: b, cli: 12 }
references: [http://x]
cases: [{ expect: maybe }]
";
    let files = [
        ("aws/s3/b.yaml".to_owned(), broken.to_owned()),
        rule(
            "r",
            "settings.A == 1 && settings.B == 2",
            "observe: [settings.C, \"1 + 1\"]",
        ),
        ("aws/s3/bad.yaml".to_owned(), "a: [1".to_owned()),
        ("aws/s3/empty.yaml".to_owned(), String::new()),
    ];
    let all = errors(&files);
    let codes: Vec<_> = all
        .iter()
        .map(|d| {
            (
                d.file.rsplit('/').next().unwrap_or_default(),
                d.line,
                d.code,
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("b.yaml", 1, "missing-field"),
            ("b.yaml", 1, "missing-field"),
            ("b.yaml", 1, "wrong-id"),
            ("b.yaml", 2, "missing-field"),
            ("b.yaml", 3, "wrong-value"),
            ("b.yaml", 4, "unknown-type"),
            ("b.yaml", 5, "unknown-field"),
            ("b.yaml", 6, "wrong-value"),
            ("b.yaml", 7, "missing-field"),
            ("b.yaml", 7, "wrong-value"),
            ("b.yaml", 8, "wrong-value"),
            ("b.yaml", 9, "missing-case"),
            ("b.yaml", 9, "missing-case"),
            ("b.yaml", 9, "missing-case"),
            ("b.yaml", 9, "wrong-value"),
            ("bad.yaml", 1, "yaml"),
            ("empty.yaml", 1, "wrong-value"),
            ("r.yaml", 5, "unknown-path"),
            ("r.yaml", 5, "unknown-path"),
            ("r.yaml", 9, "unknown-path"),
            ("r.yaml", 9, "not-a-path"),
        ],
        "{all:#?}"
    );
}

#[test]
fn cases_are_checked_and_run() {
    let cases = "id: aws.s3.r
title: { ja: a, en: b }
severity: low
resource: aws.s3.bucket
when: settings.Name != \"skip\"
expect: settings.Size >= 3
why: { ja: a, en: b }
fix: { ja: a, en: b, cli: c, terraform: d }
references: [https://x]
cases:
  - expect: pass
    settings: { Size: 3 }
  - { expect: fail, settings: { Size: 2 } }
  - { expect: unknown, unseen: [Size] }
  - { expect: not-applicable, settings: { Name: skip } }
";
    let file = |text: &str| [("aws/s3/r.yaml".to_owned(), text.to_owned())];
    assert!(set(&file(cases)).run_cases().is_empty());

    let wrong = set(&file(&cases.replace("Size: 2", "Size: 5"))).run_cases();
    assert_eq!(
        wrong[0].to_string(),
        "aws/s3/r.yaml:13:5: error[case-fails]: case 2 gives `pass`, not `fail`"
    );

    for (from, to, code) in [
        ("unseen: [Size]", "unseen: [Sizes]", "unknown-path"),
        ("Size: 3", "Sise: 3", "unknown-path"),
        ("Size: 3", "Size: \"3\"", "wrong-type"),
        ("Name: skip", "Name: 3", "wrong-type"),
        ("expect: unknown", "now: x, expect: unknown", "wrong-value"),
        (
            "expect: unknown",
            "account: 12, expect: unknown",
            "wrong-value",
        ),
        ("not-applicable", "pass", "missing-case"),
    ] {
        let (_, e) = load(&file(&cases.replace(from, to)), &types());
        assert_eq!(e.first().map(|d| d.code), Some(code), "{to}: {e:#?}");
    }
}

#[test]
fn an_unreadable_file_never_panics() {
    for text in [
        "",
        "- 1",
        "a",
        "\u{feff}id: x",
        "a: &x [*x]",
        "id: [",
        "\t",
        "%",
        "? a",
        "{}",
        "id: \"\\ud800\"",
    ] {
        let (rules, e) = load(&[("aws/s3/r.yaml".to_owned(), text.to_owned())], &types());
        assert!(rules.is_empty() && !e.is_empty(), "{text:?}");
    }
}

#[test]
fn two_hundred_rules_load_quickly() {
    let files: Vec<_> = (0..200)
        .map(|i| rule(&format!("r{i}"), "settings.Encryption.Rules.exists(r, r.BucketKeyEnabled == true) && settings.Name.matches(\"^a\")", ""))
        .collect();
    let start = std::time::Instant::now();
    assert_eq!(set(&files).len(), 200);
    // 100 ms is the aim for a release build; a debug build on a busy machine gets more.
    assert!(start.elapsed().as_millis() < 2000, "{:?}", start.elapsed());
}
