//! Seals: made, checked, damaged, handed over.

mod bundles;
mod merkle;
mod mutations;
mod others;
mod redacted;
mod stamps;

use super::records::{exchange, failed, finding, gap, info, population, resource, standing, tally};
use crate::seal::{Algorithm, Draft, SealReport, SecretKey, Trust};
use crate::{Run, RunWriter, Tool};
use shoseki_model::{Exchange, Finding, Population, Resource, Sight, Tally, Verdict, short_id};
use std::path::Path;
use std::process::Command;

/// Two accounts with a bucket each, consistent to the last link.
fn fill(w: &RunWriter) {
    let x = |id: &str, account: &str, body: Option<&[u8]>| {
        let at = body.map_or_else(|| failed(9), |b| exchange(9, b));
        let x = Exchange {
            id: short_id("x", &[id, account]),
            account: account.to_owned(),
            ..at
        };
        w.record(&x, body).unwrap();
        x.id
    };
    for (n, account) in [(1, "1"), (2, "2")] {
        let body = format!("{{\"Policy\":\"{n}\"}}");
        let list = x("list", account, Some(b"{\"Buckets\":[]}"));
        let part = x("p", account, Some(body.as_bytes()));
        let mut hole = gap();
        hole.exchange = Some(x("acl", account, None));
        hole.id = short_id("g", &["acl", account]);
        hole.account = account.to_owned();
        w.gap(&hole).unwrap();
        let mut r = Resource {
            account: account.to_owned(),
            ..resource(n)
        };
        r.sources.insert(String::new(), vec![list.clone()]);
        r.sources.insert("Policy".to_owned(), vec![part.clone()]);
        r.unseen.insert("Acl".to_owned(), hole.id.clone());
        w.resource(&r).unwrap();
        let p = Population {
            account: account.to_owned(),
            query: vec![list],
            ..population(true)
        };
        w.population(&p).unwrap();
        for (rule, verdict) in [("aws.s3.x", Verdict::Pass), ("aws.s3.y", Verdict::Unknown)] {
            let mut f: Finding = finding(n, verdict);
            f.rule = rule.to_owned();
            f.resource.account = account.to_owned();
            f.id = Finding::id_of(rule, &f.resource);
            f.gaps = vec![hole.id.clone()];
            f.observed
                .iter_mut()
                .for_each(|o| o.exchanges = vec![part.clone()]);
            f.observed[3].sight = Sight::Unseen(hole.id.clone());
            w.finding(&f).unwrap();
            let t = Tally {
                rule: rule.to_owned(),
                account: account.to_owned(),
                region: "global".to_owned(),
                pass: u64::from(verdict == Verdict::Pass),
                unknown: u64::from(verdict == Verdict::Unknown),
                gaps: vec![],
                complete: true,
                ..tally()
            };
            w.tally(&t).unwrap();
        }
    }
    let mut s = standing();
    s.rules[0].scopes = 2;
    s.rules[0].enumerated = 2;
    w.standing(&s).unwrap();
    w.pack("collectors/aws/s3/bucket.yaml", "type: aws.s3.bucket\n")
        .unwrap();
    w.pack("rules/aws/s3/x.yaml", "id: aws.s3.x\n").unwrap();
    w.pack("rules/aws/s3/y.yaml", "id: aws.s3.y\n").unwrap();
    w.pack("mappings/ismap/10.1.yaml", "- id: \"10.1.2.9\"\n")
        .unwrap();
}

fn write(dir: &Path) -> Run {
    let w = RunWriter::create(dir).unwrap();
    fill(&w);
    w.finish(info(), false).unwrap();
    Run::open(dir).unwrap()
}

fn tool() -> Tool {
    info().tool
}

fn draft(run: &Run, key: &SecretKey, stamped: bool) -> Draft {
    Draft::of(run, key, tool(), "2026-11-23T01:04:00Z", stamped).unwrap()
}

/// A sealed run without a time stamp, and the trust to check it.
fn sealed(dir: &Path, algorithm: Algorithm) -> Trust {
    let key = SecretKey::generate(algorithm).unwrap();
    draft(&write(dir), &key, false).write(dir, None).unwrap();
    Trust {
        keys: vec![key.public()],
        ..Trust::default()
    }
}

/// What is not proven.
fn open_points(report: &SealReport) -> Vec<(crate::seal::About, crate::seal::Proof)> {
    let all = report.statements.iter().map(|s| (s.about, s.proof));
    all.filter(|s| s.1 != crate::seal::Proof::Proven).collect()
}

/// Runs a command that must succeed; gives what it prints.
fn command(program: &str, dir: &Path, args: &[&str]) -> String {
    let out = Command::new(program)
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{program} {args:?}: {told}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}
