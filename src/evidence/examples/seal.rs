//! A large run, made up, and what it costs to seal it with its redacted form and to
//! hand it over. `docs/benchmarks.md` has the figures.
//!
//! ```text
//! cargo run --release -p shoseki-evidence --example seal -- DIR [RESOURCES] [RULES]
//! ```

use serde_json::{Map, json};
use shoseki_evidence::seal::{
    self, Algorithm, Chosen, Draft, SecretKey, Trust, extract, pack, pack_redacted,
};
use shoseki_evidence::{Run, RunInfo, RunWriter, Selection, Tool};
use shoseki_model::{
    AnswerRef, Caller, Exchange, Finding, Lang, Observed, Population, Resource, ResourceRef,
    Severity, Sight, Tally, Target, Text, Verdict, digest,
};
use std::path::Path;
use std::time::Instant;

type Failed = Box<dyn std::error::Error>;

const ACCOUNT: &str = "111111111111";
const REGION: &str = "ap-northeast-1";
const TIME: &str = "2026-11-23T00:00:00Z";
/// One in so many resources is a person's.
const PEOPLE: u64 = 20;

fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let home = Path::new(args.first().ok_or("DIR is missing")?);
    let number = |i: usize, or: u64| args.get(i).map_or(Ok(or), |a| a.parse::<u64>());
    let (dir, out) = (home.join("run"), home.join("out"));
    std::fs::create_dir_all(&out)?;
    let finding = fill(&dir, number(1, 10_000)?, number(2, 5)?)?;
    let run = Run::open(&dir)?;
    let key = SecretKey::generate(Algorithm::Ed25519)?;
    timed("seal, with the redacted form", || {
        let draft = Draft::of(&run, &key, tool(), "2026-11-23T01:00:00Z", false)?;
        Ok(draft.write(&dir, None).map(drop)?)
    })?;
    let trust = Trust {
        keys: vec![key.public()],
        ..Trust::default()
    };
    timed(
        "check the seal",
        || Ok(seal::check(&dir, &trust).map(drop)?),
    )?;
    let part = Chosen {
        findings: vec![finding],
        ..Chosen::default()
    };
    timed("bundle", || Ok(pack(&dir, &out.join("run.tar.zst"))?))?;
    timed("bundle, one finding", || {
        Ok(extract(&dir, &part, &out.join("part.tar.zst"))?)
    })?;
    timed("bundle, redacted", || {
        let to = out.join("redacted.tar.zst");
        Ok(pack_redacted(&dir, &[], None, &to).map(drop)?)
    })?;
    timed("bundle, redacted, one finding", || {
        let to = out.join("redacted-part.tar.zst");
        Ok(pack_redacted(&dir, &[], Some(&part), &to).map(drop)?)
    })?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|l| l.starts_with("VmHWM"));
    println!("{}", peak.unwrap_or("VmHWM: unknown"));
    Ok(())
}

fn timed(what: &str, work: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    let start = Instant::now();
    work()?;
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn tool() -> Tool {
    Tool {
        name: "shoseki".into(),
        version: "0".into(),
    }
}

/// Writes the run; gives the id of a finding about a person.
fn fill(dir: &Path, resources: u64, rules: u64) -> Result<String, Failed> {
    let w = RunWriter::create(dir)?;
    let mut one = String::new();
    for n in 0..resources {
        let person = n % PEOPLE == 0;
        let name = match person {
            true => format!("tanaka.{n:06}"),
            false => format!("thing-{n:06}"),
        };
        let answer = json!({
            "UserName": if person { name.as_str() } else { "" },
            "Thing": { "Id": name, "Encrypted": n % 3 == 0, "Size": n, "Arn": arn(&name) },
            "Tags": [{ "Key": "Owner", "Value": format!("team {} 営業", n % 97) }],
            "Padding": "x".repeat(600),
        });
        let body = answer.to_string().into_bytes();
        let exchange = asked(&name, &body);
        w.record(&exchange, Some(&body))?;
        let mut r = Resource {
            r#type: "aws.made.thing".into(),
            id: arn(&name),
            name: name.clone(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            scope: REGION.into(),
            ..Resource::default()
        };
        if let serde_json::Value::Object(m) = answer {
            r.settings = m;
        }
        r.sources.insert(String::new(), vec![exchange.id.clone()]);
        w.resource(&r)?;
        for rule in 0..rules {
            let f = finding(&r, rule, n, &exchange.id);
            if person {
                one.clone_from(&f.id);
            }
            w.finding(&f)?;
        }
    }
    w.population(&Population {
        r#type: "aws.made.thing".into(),
        cloud: "aws".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        count: resources,
        complete: true,
        query: Vec::new(),
        gaps: Vec::new(),
    })?;
    for rule in 0..rules {
        w.tally(&tally(rule, resources))?;
    }
    w.finish(info(), false)?;
    Ok(one)
}

fn arn(name: &str) -> String {
    format!("arn:aws:made:{REGION}:{ACCOUNT}:user/{name}")
}

fn asked(name: &str, body: &[u8]) -> Exchange {
    let mut params = Map::new();
    params.insert("Id".into(), name.into());
    let call = "made:GetThing";
    Exchange {
        id: Exchange::id_of("aws", ACCOUNT, REGION, call, &params),
        cloud: "aws".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        call: call.into(),
        params,
        caller: format!("arn:aws:iam::{ACCOUNT}:user/auditor"),
        started: TIME.into(),
        ended: TIME.into(),
        date: None,
        request_id: Some("r".into()),
        status: Some(200),
        headers: std::collections::BTreeMap::new(),
        attempts: 1,
        http: Some("POST https://made.example/".into()),
        error: None,
        failure: None,
        answer: Some(AnswerRef {
            sha256: digest(body),
            bytes: body.len() as u64,
            redacted: 0,
        }),
    }
}

fn finding(r: &Resource, rule: u64, n: u64, exchange: &str) -> Finding {
    let resource = ResourceRef {
        r#type: r.r#type.clone(),
        id: r.id.clone(),
        name: r.name.clone(),
        account: r.account.clone(),
        region: r.region.clone(),
    };
    let rule = format!("aws.made.rule-{rule}");
    Finding {
        id: Finding::id_of(&rule, &resource),
        rule,
        severity: Severity::High,
        verdict: match n % 3 {
            0 => Verdict::Pass,
            _ => Verdict::Fail,
        },
        resource,
        observed: vec![Observed {
            path: "settings.Thing.Encrypted".into(),
            sight: Sight::Seen(n.is_multiple_of(3).into()),
            exchanges: vec![exchange.to_owned()],
        }],
        reason: Text::new(
            format!("{} は期待どおりでない。", r.name),
            format!("{} is not as expected.", r.name),
        ),
        gaps: Vec::new(),
        excepted: None,
    }
}

fn tally(rule: u64, resources: u64) -> Tally {
    let pass = resources.div_ceil(3);
    Tally {
        rule: format!("aws.made.rule-{rule}"),
        r#type: "aws.made.thing".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        enumerated: resources,
        complete: true,
        pass,
        fail: resources - pass,
        unknown: 0,
        excepted: 0,
        not_applicable: 0,
        gaps: Vec::new(),
    }
}

fn info() -> RunInfo {
    RunInfo {
        tool: tool(),
        started: TIME.into(),
        ended: TIME.into(),
        judged_at: TIME.into(),
        backfill: None,
        sought: Vec::new(),
        targets: vec![Target {
            cloud: "aws".into(),
            account: ACCOUNT.into(),
            level: "account".into(),
            name: None,
            partition: "aws".into(),
            regions: vec![REGION.into()],
            regions_left_out: Vec::new(),
            caller: Caller {
                id: format!("arn:aws:iam::{ACCOUNT}:user/auditor"),
                account: ACCOUNT.into(),
                via: Vec::new(),
            },
            endpoint: None,
        }],
        selection: Selection {
            rules: None,
            controls: Vec::new(),
            lang: Lang::Ja,
        },
        edition: None,
    }
}
