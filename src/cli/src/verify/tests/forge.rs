//! A forger with time: changes records, and makes all digests and numbers fit.

use crate::args::{Cli, Command};
use crate::packs::Packs;
use clap::Parser as _;
use serde_json::{Map, Value, json};
use shoseki_evidence::Run;
use shoseki_model::digest;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

pub const FILES: [&str; 8] = [
    "exchanges.jsonl.zst",
    "resources.jsonl.zst",
    "gaps.jsonl",
    "populations.jsonl",
    "findings.jsonl.zst",
    "tallies.jsonl",
    "standings.jsonl",
    "pack.jsonl.zst",
];

/// A run in memory.
#[derive(Clone)]
pub struct Forged {
    pub run: Value,
    /// Shared with the true run until they are changed.
    pub records: BTreeMap<&'static str, Arc<Vec<Value>>>,
    truth: BTreeMap<&'static str, Arc<Vec<Value>>>,
    /// Answers that differ from the true run's; `None`: taken away.
    pub answers: BTreeMap<String, Option<Vec<u8>>>,
    pub pack_changed: bool,
}

/// A scan of the demonstration.
pub fn scan(dir: &Path, more: &[&str]) {
    let out = dir.to_str().unwrap();
    let args = [
        "shoseki", "scan", "--demo", "--format", "json", "--out", out,
    ];
    let cli = Cli::parse_from(args.into_iter().chain(more.iter().copied()));
    let Command::Scan(args) = &cli.command else {
        unreachable!()
    };
    crate::scan::run(&cli.common, args).unwrap();
}

impl Forged {
    pub fn read(dir: &Path) -> Self {
        let records: BTreeMap<_, _> = FILES
            .map(|name| (name, Arc::new(lines(&dir.join(name)))))
            .into();
        let run = fs::read(dir.join("run.json")).unwrap();
        Self {
            run: serde_json::from_slice(&run).unwrap(),
            truth: records.clone(),
            records,
            answers: BTreeMap::new(),
            pack_changed: false,
        }
    }

    pub fn of(&mut self, name: &'static str) -> &mut Vec<Value> {
        Arc::make_mut(self.records.get_mut(name).unwrap())
    }

    pub fn exchanges(&mut self) -> &mut Vec<Value> {
        self.of("exchanges.jsonl.zst")
    }

    pub fn resources(&mut self) -> &mut Vec<Value> {
        self.of("resources.jsonl.zst")
    }

    pub fn findings(&mut self) -> &mut Vec<Value> {
        self.of("findings.jsonl.zst")
    }

    /// Writes the run with all digests and numbers made to fit.
    pub fn write(&self, truth: &Path, dir: &Path) {
        let mut run = self.run.clone();
        let mut files = Vec::new();
        for (name, entry) in FILES.into_iter().zip(run["files"].as_array().unwrap()) {
            if Arc::ptr_eq(&self.records[name], &self.truth[name]) {
                fs::hard_link(truth.join(name), dir.join(name)).unwrap();
                assert_eq!(entry["path"], name);
                files.push(entry.clone());
                continue;
            }
            let format = format!("shoseki.{}/1", name.split('.').next().unwrap());
            let mut text = json!({"format": format}).to_string() + "\n";
            for r in self.records[name].iter() {
                text += &(r.to_string() + "\n");
            }
            let mut bytes = text.into_bytes();
            if name.ends_with(".zst") {
                bytes = zstd::encode_all(&bytes[..], 1).unwrap();
            }
            files.push(json!({
                "path": name, "bytes": bytes.len(), "sha256": digest(&bytes),
                "records": self.records[name].len(),
            }));
            fs::write(dir.join(name), bytes).unwrap();
        }
        run["files"] = files.into();
        if self.pack_changed {
            run["packs"] = self.packs();
        }
        run["answers"] = self.lay(truth, dir);
        self.counts(&mut run["counts"]);
        fs::write(dir.join("run.json"), format!("{run:#}\n")).unwrap();
    }

    fn packs(&self) -> Value {
        let mut lines: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for f in self.records["pack.jsonl.zst"].iter() {
            let (path, text) = (f["path"].as_str().unwrap(), f["text"].as_str().unwrap());
            let line = format!("{}  {path}\n", digest(text.as_bytes()));
            let folder = path.split('/').next().unwrap();
            lines.entry(folder).or_default().insert(path, line);
        }
        let digests = lines.into_iter().map(|(folder, lines)| {
            let all: String = lines.into_values().collect();
            (folder.to_owned(), digest(all.as_bytes()).into())
        });
        Value::Object(digests.collect::<Map<_, _>>())
    }

    /// Puts those answers in place that an exchange names.
    fn lay(&self, truth: &Path, dir: &Path) -> Value {
        let mut named: BTreeMap<&str, u64> = BTreeMap::new();
        for x in self.records["exchanges.jsonl.zst"].iter() {
            if let Some(sha) = x["answer"]["sha256"].as_str() {
                named.insert(sha, x["answer"]["bytes"].as_u64().unwrap());
            }
        }
        for sha in named.keys() {
            let place = format!("answers/{}/{sha}.zst", &sha[..2]);
            let to = dir.join(&place);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            match self.answers.get(*sha) {
                Some(Some(bytes)) => {
                    fs::write(to, zstd::encode_all(&bytes[..], 1).unwrap()).unwrap()
                }
                Some(None) => {}
                None => fs::hard_link(truth.join(&place), to).unwrap(),
            }
        }
        json!({"count": named.len(), "bytes": named.values().sum::<u64>()})
    }

    fn counts(&self, counts: &mut Value) {
        let all = |name| &self.records[name];
        let n = |v: &str| {
            let is = |f: &&Value| f["verdict"] == v;
            all("findings.jsonl.zst").iter().filter(is).count()
        };
        let whole = |p: &&Value| p["complete"] == true;
        *counts = json!({
            "exchanges": all("exchanges.jsonl.zst").len(),
            "resources": all("resources.jsonl.zst").len(),
            "gaps": all("gaps.jsonl").len(),
            "findings": {
                "pass": n("pass"), "fail": n("fail"), "unknown": n("unknown"),
                "not-applicable": n("not-applicable"),
                "excepted": all("findings.jsonl.zst").iter().filter(|f| f.get("excepted").is_some()).count(),
            },
            "populations": {
                "complete": all("populations.jsonl").iter().filter(whole).count(),
                "all": all("populations.jsonl").len(),
            },
        });
    }

    /// Moves `by` in a count of the tally of a finding.
    pub fn tally(&mut self, f: &Value, verdict: &str, by: i64) {
        let scope = self.scope_of(f);
        let member = verdict.replace('-', "_");
        let rule = f["rule"].clone();
        let t = self
            .of("tallies.jsonl")
            .iter_mut()
            .find(|t| t["rule"] == rule && t["account"] == scope.0 && t["region"] == scope.1);
        let t = t.unwrap();
        t[&member] = (t[&member].as_i64().unwrap() + by).into();
    }

    /// Account and region of the population that a finding's resource belongs to.
    fn scope_of(&mut self, f: &Value) -> (Value, Value) {
        let r = &f["resource"];
        let found = self.resources().iter().find(|x| {
            ["type", "id", "account", "region"]
                .iter()
                .all(|m| x[*m] == r[*m])
        });
        (r["account"].clone(), found.unwrap()["scope"].clone())
    }

    /// Changes the text of a data file.
    pub fn repack(&mut self, path: &str, change: impl Fn(&str) -> String) {
        let file = self
            .of("pack.jsonl.zst")
            .iter_mut()
            .find(|f| f["path"] == path)
            .unwrap();
        let text = change(file["text"].as_str().unwrap());
        assert_ne!(file["text"], text.as_str(), "{path}");
        file["text"] = text.into();
        self.pack_changed = true;
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let bytes = fs::read(path).unwrap();
    let text = match path.extension().unwrap().to_str() {
        Some("zst") => zstd::decode_all(&bytes[..]).unwrap(),
        _ => bytes,
    };
    let text = String::from_utf8(text).unwrap();
    text.lines()
        .skip(1)
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// Whether the forgery is found.
pub fn found(forged: &Forged, truth: &Path, packs: &Packs) -> Result<String, ()> {
    let dir = TempDir::new_in(truth.parent().unwrap()).unwrap();
    forged.write(truth, dir.path());
    let run = match Run::open(dir.path()) {
        Ok(run) => run,
        Err(e) => return Ok(e.to_string()),
    };
    let report = if forged.pack_changed {
        super::super::check(&crate::args::Common::default(), &run).map(|c| c.report)
    } else {
        super::super::derive(&run, packs)
    };
    match report {
        Err(e) => Ok(e.message),
        Ok(r) if r.holds() => Err(()),
        Ok(r) => Ok(format!("{:?}", r.problems[0])),
    }
}
