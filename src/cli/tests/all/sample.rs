//! Populations and samples of the demonstration cloud, repeated with the tools
//! of any system.

use crate::demo::{Ended, run, scan, sh};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The commands of docs/sample.md: the draw, from the list alone.
const DRAW: &str = r#"
awk -F'\t' -v r="$RULES" 'index(r, " "$1" ") && $8 != "not-applicable" { print $7 }' population.tsv |
while read -r id; do
  printf '%s %s\n' "$(printf '%s:%s' "$SEED" "$id" | sha256sum | cut -d' ' -f1)" "$id"
done | LC_ALL=C sort | awk -v n="$SIZE" 'NR <= n'
"#;

/// The list of rules, from the run alone.
const LIST: &str = r#"
zstdcat "$RUN/resources.jsonl.zst" | tail -n +2 |
  jq -c '{key: ([.type, .id, .account, .region] | tojson), value: .scope}' | jq -cs from_entries > scopes.json
zstdcat "$RUN/findings.jsonl.zst" | tail -n +2 | jq -r --arg r "$RULES" --slurpfile s scopes.json '
  select(.rule as $x | $r | contains(" " + $x + " "))
  | [.rule, .resource.type, .resource.account,
     $s[0][[.resource.type, .resource.id, .resource.account, .resource.region] | tojson],
     .resource.region, .resource.id, .id,
     (if .verdict == "fail" and .excepted then "excepted" else .verdict end)] | @tsv' |
LC_ALL=C sort -u
"#;

fn rules(draw: &Value) -> String {
    let all = draw["rules"].as_array().unwrap().iter();
    let ids: Vec<_> = all.map(|r| r["rule"].as_str().unwrap()).collect();
    format!(" {} ", ids.join(" "))
}

fn read(dir: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(dir.join("sample.json")).unwrap()).unwrap()
}

#[test]
fn a_draw_is_repeated_with_standard_tools() {
    let home = tempfile::tempdir().unwrap();
    let dir = scan(home.path());
    let out = home.path().join("sample");
    let (dir, to) = (dir.to_str().unwrap(), out.to_str().unwrap());
    let args = ["sample", dir, "--rule", "aws.iam.*", "--rule", "aws.s3.*"];
    let more = ["--size", "7", "--seed", "監査 2026", "--out", to];
    let ended = run(home.path(), &[&args[..], &more].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let sample = read(&out);
    for draw in sample["draws"].as_array().unwrap() {
        let rules = rules(draw);
        let asked = [
            ("RULES", &rules[..]),
            ("SEED", "監査 2026"),
            ("SIZE", "7"),
            ("RUN", dir),
        ];
        let drawn = sh(&out, DRAW, &asked);
        let ours: String = sample["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|i| i["drawn_for"] == draw["selector"])
            .map(|i| {
                format!(
                    "{} {}\n",
                    i["key"].as_str().unwrap(),
                    i["finding"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(drawn, ours);
        assert_eq!(ours.lines().count(), 7);
        let list = sh(home.path(), LIST, &asked);
        assert_eq!(shoseki_model::digest(list.as_bytes()), draw["sha256"]);
        assert_eq!(list.lines().count() as u64, draw["population"]);
    }
    let sums = sh(
        &out,
        "sha256sum --check --quiet SHA256SUMS && find . -type f ! -name SHA256SUMS | wc -l && wc -l < SHA256SUMS",
        &[],
    );
    let counts: Vec<_> = sums.split_whitespace().collect();
    assert_eq!(counts[0], counts[1]);
}

#[test]
fn the_evidence_of_each_item_is_there_as_it_stands_in_the_run() {
    let home = tempfile::tempdir().unwrap();
    let dir = scan(home.path());
    let out = home.path().join("sample");
    let (from, to) = (dir.to_str().unwrap(), out.to_str().unwrap());
    // Whatever is there is drawn; unknown findings are members like others.
    let args = [
        "sample",
        from,
        "--control",
        "12",
        "--size",
        "100000",
        "--seed",
        "1",
        "--out",
        to,
    ];
    let ended = run(home.path(), &args);
    assert_eq!(ended.code, 4, "{}", ended.err);
    assert!(
        ended.err.contains("WARNING: the population is not whole"),
        "{}",
        ended.err
    );
    let sample = read(&out);
    let draw = &sample["draws"][0];
    assert_eq!(draw["complete"], false);
    assert_eq!(draw["drawn"], draw["frame"]);
    let stored = shoseki_evidence::Run::open(&dir).unwrap();
    let lines = |file: &str| -> std::collections::HashSet<String> {
        let text = zstd::decode_all(&fs::read(dir.join(file)).unwrap()[..]).unwrap();
        String::from_utf8(text)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    };
    let (findings, exchanges) = (lines("findings.jsonl.zst"), lines("exchanges.jsonl.zst"));
    let mut unknown = 0;
    for item in sample["items"].as_array().unwrap() {
        let folder = out.join("evidence").join(item["finding"].as_str().unwrap());
        let text = fs::read_to_string(folder.join("finding.json")).unwrap();
        assert!(findings.contains(text.trim_end()));
        let finding: shoseki_model::Finding = serde_json::from_str(&text).unwrap();
        unknown += u64::from(finding.verdict == shoseki_model::Verdict::Unknown);
        let kept = fs::read_to_string(folder.join("exchanges.jsonl")).unwrap_or_default();
        for line in kept.lines() {
            assert!(exchanges.contains(line), "{line}");
            let x: shoseki_model::Exchange = serde_json::from_str(line).unwrap();
            if let Some(a) = x.answer {
                let bytes = fs::read(out.join("evidence/answers").join(&a.sha256)).unwrap();
                assert_eq!(bytes, stored.answer(&a.sha256).unwrap());
            }
        }
        for x in finding.observed.iter().flat_map(|o| &o.exchanges) {
            assert!(kept.contains(x), "{x} of {}", finding.id);
        }
        for g in &finding.gaps {
            let gaps = fs::read_to_string(folder.join("gaps.jsonl")).unwrap();
            assert!(gaps.contains(g), "{g} of {}", finding.id);
        }
    }
    assert!(unknown > 0, "the demonstration has unknown findings");
}

#[test]
fn a_population_tells_its_queries_and_its_holes() {
    let home = tempfile::tempdir().unwrap();
    let dir = scan(home.path());
    let dir = dir.to_str().unwrap();
    let json = |args: &[&str]| -> (i32, Value) {
        let e = run(
            home.path(),
            &[&["population", dir, "--format", "json"], args].concat(),
        );
        (e.code, serde_json::from_str(&e.out).unwrap())
    };
    let (code, whole) = json(&["--rule", "aws.iam.*"]);
    assert_eq!((code, &whole["complete"]), (0, &true.into()));
    for scope in whole["scopes"].as_array().unwrap() {
        assert_eq!(scope["sha256"].as_str().unwrap().len(), 64);
        for x in scope["query"].as_array().unwrap() {
            assert!(x["call"].is_string() && x["params"].is_object() && x["started"].is_string());
        }
    }
    let (code, holes) = json(&[]);
    assert_eq!((code, &holes["complete"]), (4, &false.into()));
    let broken: Vec<&Value> = holes["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["complete"] == false)
        .collect();
    assert!(
        broken
            .iter()
            .all(|s| !s["why"].as_array().unwrap().is_empty())
    );
    assert!(
        holes["known"]
            .as_array()
            .unwrap()
            .iter()
            .any(|k| k["state"] == "partly")
    );
    let tsv = run(home.path(), &["population", dir, "--format", "tsv"]);
    assert_eq!(shoseki_model::digest(tsv.out.as_bytes()), holes["sha256"]);
    let text = run(home.path(), &["population", dir, "--lang", "ja"]);
    assert!(
        text.out.contains("警告: 母集団は完全ではない"),
        "{}",
        text.out
    );
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let dir = scan(home.path());
    let from = dir.to_str().unwrap();
    let refused = |args: &[&str], told: &str| {
        let mut all = [&["sample", from], args].concat();
        for (name, value) in [("--seed", "1"), ("--size", "3")] {
            if !args.contains(&name) {
                all.extend([name, value]);
            }
        }
        let Ended { code, err, .. } = run(home.path(), &all);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(told), "{args:?}: {err}");
    };
    refused(&[], "--control or --rule");
    refused(&["--control", "9.4.2.2.Z"], "did you mean 9.4.2.2.B?");
    refused(&["--control", "5.1.1.1"], "no rule states or supports");
    refused(&["--rule", "aws.s3.nothing"], "no rule fits");
    refused(&["--rule", "aws.s3.*", "--size", "0"], "");
    refused(&["--rule", "aws.s3.*", "--seed", ""], "the seed must be");
    refused(
        &["--rule", "aws.s3.*", "--out", from],
        "not written into the run",
    );
    let inside = dir.join("x");
    refused(
        &["--rule", "aws.s3.*", "--out", inside.to_str().unwrap()],
        "not written into the run",
    );
    fs::write(home.path().join("there"), "").unwrap();
    refused(
        &["--rule", "aws.s3.*", "--out", "there"],
        "is there already",
    );
    // A run that lost findings has no population.
    let path = dir.join("findings.jsonl.zst");
    let text = zstd::decode_all(&fs::read(&path).unwrap()[..]).unwrap();
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let cut = [lines[0].to_vec(), lines[2..].concat()].concat();
    fs::write(&path, zstd::encode_all(&cut[..], 3).unwrap()).unwrap();
    let e = run(home.path(), &["population", from]);
    assert_eq!(e.code, 7, "{}", e.err);
}
