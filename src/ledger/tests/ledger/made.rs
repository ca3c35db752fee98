//! Made-up runs.

use serde_json::json;
use shoseki_evidence::{Outcome, RunInfo, RunWriter, Selection, Tool};
use shoseki_ledger::{Error, Ledger, Listed, Moment, RunRecord};
use shoseki_model::*;
use std::collections::BTreeMap;
use std::path::Path;

/// 2026-04-01 03:00 in Japan.
pub const START: i64 = 1_774_980_000_000;
pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;
pub const RULE: &str = "aws.made.rule";

/// A scan of one rule over things in Tokyo.
#[derive(Clone, Debug)]
pub struct Made {
    pub at: i64,
    pub account: String,
    /// Number of a thing, its verdict and observed value.
    pub things: BTreeMap<u32, (Verdict, i64)>,
    pub whole: bool,
    /// Whether the rule was judged at all.
    pub asked: bool,
    pub control: State,
    pub rule_text: String,
}

impl Made {
    pub fn at(at: i64) -> Self {
        Self {
            at,
            account: "111111111111".into(),
            things: BTreeMap::new(),
            whole: true,
            asked: true,
            control: State::Shown,
            rule_text: "one".into(),
        }
    }

    pub fn thing(mut self, n: u32, verdict: Verdict, value: i64) -> Self {
        self.things.insert(n, (verdict, value));
        self
    }

    pub fn findings(&self) -> Vec<Finding> {
        let of = |(n, (verdict, value)): (&u32, &(Verdict, i64))| {
            let resource = ResourceRef {
                r#type: "aws.made.thing".into(),
                id: format!("arn:aws:made:::thing/{n}"),
                name: format!("thing-{n}"),
                account: self.account.clone(),
                region: "ap-northeast-1".into(),
            };
            Finding {
                id: Finding::id_of(RULE, &resource),
                rule: RULE.into(),
                severity: Severity::High,
                verdict: *verdict,
                resource,
                observed: vec![Observed {
                    path: "settings.A".into(),
                    sight: Sight::Seen(json!({"b": value, "a": [1]})),
                    exchanges: vec!["x0".into()],
                }],
                reason: Text::new("理由", "reason"),
                gaps: Vec::new(),
                excepted: None,
            }
        };
        self.things.iter().map(of).collect()
    }

    pub fn tally(&self) -> Tally {
        let count = |v| self.things.values().filter(|t| t.0 == v).count() as u64;
        Tally {
            rule: RULE.into(),
            r#type: "aws.made.thing".into(),
            account: self.account.clone(),
            region: "global".into(),
            enumerated: self.things.len() as u64,
            complete: self.whole,
            pass: count(Verdict::Pass),
            fail: count(Verdict::Fail),
            unknown: count(Verdict::Unknown),
            excepted: 0,
            not_applicable: count(Verdict::NotApplicable),
            gaps: Vec::new(),
        }
    }

    pub fn standing(&self) -> Standing {
        Standing {
            control: "9.1.1".into(),
            edition: "2024-07".into(),
            reach: Reach::Part,
            state: self.control,
            rules: Vec::new(),
        }
    }

    pub fn target(&self) -> Target {
        Target {
            cloud: "aws".into(),
            account: self.account.clone(),
            level: "account".into(),
            name: None,
            partition: "aws".into(),
            regions: vec!["ap-northeast-1".into()],
            regions_left_out: Vec::new(),
            caller: Caller::default(),
            endpoint: None,
        }
    }

    pub fn record(&self) -> RunRecord {
        let sha = digest(self.rule_text.as_bytes());
        let line = format!("{sha}  rules/aws/made/rule.yaml\n");
        RunRecord {
            backfill: None,
            run: format!("run-{}", self.at),
            run_sha256: digest(format!("{self:?}").as_bytes()),
            started: Moment(self.at).utc(),
            ended: Moment(self.at + 600_000).utc(),
            judged_at: Moment(self.at).utc(),
            outcome: Outcome::Complete,
            edition: Some("2024-07".into()),
            targets: vec![self.target()],
            rules: None,
            controls: Vec::new(),
            packs: BTreeMap::from([("rules".into(), digest(line.as_bytes()))]),
        }
    }

    pub fn add(&self, ledger: &mut Ledger) -> Result<Listed, Error> {
        use sha2::Digest;
        let mut a = ledger.append(self.record())?;
        if self.asked {
            a.cover(&self.tally())?;
            for f in self.findings() {
                a.finding(&f, "global")?;
            }
            a.standing(&self.standing())?;
        }
        let sha = sha2::Sha256::digest(self.rule_text.as_bytes()).into();
        a.pack_file("rules/aws/made/rule.yaml", sha);
        a.commit()
    }

    /// The same as a run directory.
    pub fn write(&self, dir: &Path) {
        let w = RunWriter::create(dir).unwrap();
        for f in self.findings() {
            let r = f.resource.clone();
            w.resource(&Resource {
                r#type: r.r#type,
                id: r.id,
                name: r.name,
                account: r.account,
                region: r.region,
                scope: "global".into(),
                sources: indexmap::IndexMap::from([(String::new(), vec!["x0".into()])]),
                ..Resource::default()
            })
            .unwrap();
            w.finding(&f).unwrap();
        }
        w.population(&Population {
            r#type: "aws.made.thing".into(),
            cloud: "aws".into(),
            account: self.account.clone(),
            region: "global".into(),
            count: self.things.len() as u64,
            complete: self.whole,
            query: vec!["x0".into()],
            gaps: Vec::new(),
        })
        .unwrap();
        w.tally(&self.tally()).unwrap();
        w.standing(&self.standing()).unwrap();
        w.pack("rules/aws/made/rule.yaml", &self.rule_text).unwrap();
        let info = RunInfo {
            backfill: None,
            tool: Tool {
                name: "shoseki".into(),
                version: "0".into(),
            },
            started: Moment(self.at).utc(),
            ended: Moment(self.at + 600_000).utc(),
            judged_at: Moment(self.at).utc(),
            sought: Vec::new(),
            targets: vec![self.target()],
            selection: Selection::default(),
            edition: Some("2024-07".into()),
        };
        w.finish(info, false).unwrap();
    }
}
