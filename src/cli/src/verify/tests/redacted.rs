//! The redacted form of a whole scan: derived again but for what rests on hidden
//! values.

use super::forge::scan;
use crate::args::Common;
use shoseki_evidence::Run;
use shoseki_evidence::seal::{
    Algorithm, Chosen, Draft, Opened, Proof, SecretKey, Trust, pack_redacted,
};
use shoseki_model::Verdict;
use shoseki_replay::Problem;
use std::path::Path;
use tempfile::TempDir;

#[test]
fn a_redacted_run_is_derived_again_but_for_what_is_hidden() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("run");
    scan(&dir, &["--rules", "aws.iam.*,aws.s3.*,aws.ec2.*"]);
    std::fs::remove_file(dir.join("report.html")).unwrap_or_default();
    let key = SecretKey::generate(Algorithm::P256).unwrap();
    let now = "2026-11-23T01:04:00Z";
    let draft = Draft::of(
        &Run::open(&dir).unwrap(),
        &key,
        crate::record::tool(),
        now,
        false,
    );
    draft.unwrap().write(&dir, None).unwrap();
    let out = home.path().join("redacted.tar.zst");
    assert!(pack_redacted(&dir, &[], None, &out).unwrap().hidden > 10);
    let opened = Opened::open(&out).unwrap();
    let trust = Trust {
        keys: vec![key.public()],
        ..Trust::default()
    };
    assert!(opened.check(&trust).unwrap().redacted);
    let run = Run::open(opened.dir()).unwrap();
    let mut report = super::super::check(&Common::default(), &run)
        .unwrap()
        .report;
    let found = report.problems.len();
    super::super::set_aside(&run, &mut report).unwrap();
    assert_eq!(report.problems, []);
    assert!(report.holds() && report.hidden.len() == found);
    // Few: pseudonyms are the same everywhere, so that most of it follows.
    assert!(report.compared.findings > 100 && found < 30, "{found}");
    // What rests on no hidden value stays a problem; what does is set aside.
    let (mut plain, mut hidden) = (None, None);
    for f in run.findings().unwrap().map(Result::unwrap) {
        let text = serde_json::to_string(&f).unwrap();
        match text.contains("user-") {
            true if f.verdict == Verdict::Fail => hidden = Some(f.id),
            false if f.rule.starts_with("aws.s3.account") => plain = Some(f.id),
            _ => {}
        }
    }
    let wrong = |id: Option<String>| Problem {
        file: "findings.jsonl.zst".to_owned(),
        record: id.unwrap(),
        message: "verdict differs".to_owned(),
    };
    let (plain, hidden) = (wrong(plain), wrong(hidden));
    report.problems = vec![plain.clone(), hidden.clone()];
    report.problems_found = 2;
    super::super::set_aside(&run, &mut report).unwrap();
    assert_eq!(
        (report.problems, report.hidden),
        (vec![plain], vec![hidden])
    );
    assert_eq!(report.problems_found, 1);
    of_one_user(&dir, &home.path().join("part.tar.zst"), &trust);
}

/// A finding about a user alone: by its id in the run, under a pseudonym in the part.
fn of_one_user(dir: &Path, out: &Path, trust: &Trust) {
    let run = Run::open(dir).unwrap();
    let mut all = run.findings().unwrap().map(Result::unwrap);
    let user = all.find(|f| f.resource.r#type == "aws.iam.user").unwrap();
    let chosen = Chosen {
        findings: vec![user.id.clone()],
        ..Chosen::default()
    };
    let told = pack_redacted(dir, &[], Some(&chosen), out).unwrap();
    assert!(told.hidden > 0);
    let opened = Opened::open(out).unwrap();
    let report = opened.check(trust).unwrap();
    assert!(report.part && report.redacted);
    assert_ne!(report.worst(), Proof::Broken, "{report:#?}");
    let proofs = std::fs::read_to_string(opened.dir().join("proofs.jsonl")).unwrap();
    assert!(proofs.contains("user-") && !proofs.contains(&user.id));
    let name = format!("user/{}", user.resource.name);
    assert!(!proofs.contains(&name), "{name}");
}
