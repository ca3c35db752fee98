//! Writes a report of many findings, for measuring the page:
//! `cargo run --release -p shoseki-report --example page -- 50000 PAGE.html`.
//!
//! The run is made up in the proportions of real ones: ten rules a resource, three
//! fifths passed, a quarter failed, some unknown, an exchange for every three
//! findings with digests that do not compress, and as many rules and controls with
//! as long texts as the shipped ones.

use indexmap::IndexMap;
use serde_json::json;
use shoseki_model::{
    AnswerRef, Caller, Cause, Exchange, Finding, Gap, Lang, Observed, Population, Reach,
    ResourceRef, RuleStanding, Severity, Sight, Standing, State, Strength, Tally, Target, Text,
    Verdict,
};
use shoseki_report::{
    Again, ControlInfo, EvidenceInfo, FixInfo, ReportData, ReportError, RuleInfo, RunInfo, html,
};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::BufWriter;

const RULES: usize = 1_000;
const CONTROLS: usize = 330;
const RULES_EACH: usize = 10;
const ACCOUNTS: usize = 12;
const REGIONS: [&str; 4] = ["ap-northeast-1", "ap-northeast-3", "us-east-1", "global"];
const NAMES: [&str; 8] = [
    "billing-export",
    "log-archive",
    "web-frontend",
    "batch-worker",
    "customer-data",
    "audit-trail",
    "ci-artifacts",
    "session-store",
];

fn number(n: usize) -> u64 {
    n as u64
}

fn account(n: usize) -> String {
    format!(
        "{:012}",
        111_111_111_111 * (number(n % ACCOUNTS) + 1) % 1_000_000_000_000
    )
}

fn rule_id(n: usize) -> String {
    format!("aws.service{}.setting-number-{n}-is-as-expected", n % 60)
}

/// The rule, the resource and the verdict of a finding.
fn parts(n: usize) -> (usize, usize, Verdict) {
    let resource = n / RULES_EACH;
    let rule = resource % (RULES / RULES_EACH) * RULES_EACH + n % RULES_EACH;
    let verdict = match n * 7919 % 100 {
        0..60 => Verdict::Pass,
        60..85 => Verdict::Fail,
        85..88 => Verdict::Unknown,
        _ => Verdict::NotApplicable,
    };
    (rule, resource, verdict)
}

fn exchange_id(n: usize) -> String {
    shoseki_model::short_id("x", &[&(n / 3).to_string()])
}

fn finding(n: usize) -> Finding {
    let (rule, at, verdict) = parts(n);
    let (account, region) = (account(at), REGIONS[at % REGIONS.len()]);
    let name = format!(
        "{}-{:04x}",
        NAMES[at % NAMES.len()],
        at * 2_654_435_761 % 65_536
    );
    let resource = ResourceRef {
        r#type: format!("aws.service{}.thing", rule % 60),
        id: format!(
            "arn:aws:service{}:{region}:{account}:thing/{name}-{at}",
            rule % 60
        ),
        name,
        account,
        region: region.into(),
    };
    let gap = shoseki_model::short_id("g", &[&(at % 200).to_string()]);
    let sight = match verdict {
        Verdict::Unknown => Sight::Unseen(gap.clone()),
        Verdict::Fail if n.is_multiple_of(3) => Sight::Absent,
        _ => Sight::Seen(
            json!({ "Enabled": verdict == Verdict::Pass, "KeyId": format!("key/{:08x}", at * 40_503) }),
        ),
    };
    let path = format!("settings.Configuration.Setting{}", rule % 300);
    Finding {
        id: Finding::id_of(&rule_id(rule), &resource),
        rule: rule_id(rule),
        severity: severity(rule),
        verdict,
        reason: Text::new(
            format!(
                "{path} は {} の期待と異なるかどうかを観測した。",
                resource.name
            ),
            format!("{path} was observed on {}.", resource.name),
        ),
        observed: vec![Observed {
            path,
            sight,
            exchanges: vec![exchange_id(n)],
        }],
        gaps: if verdict == Verdict::Unknown {
            vec![gap]
        } else {
            Vec::new()
        },
        excepted: None,
        resource,
    }
}

fn severity(n: usize) -> Severity {
    [
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ][n % 4]
}

fn exchange(n: usize) -> Exchange {
    let call = format!("service{}:GetSetting{}", n % 60, n % 300);
    let digest = shoseki_model::digest(n.to_string().as_bytes());
    Exchange {
        id: exchange_id(n * 3),
        cloud: "aws".into(),
        account: account(n),
        region: REGIONS[n % REGIONS.len()].into(),
        call,
        params: Default::default(),
        caller: String::new(),
        started: format!(
            "2026-11-23T01:{:02}:{:02}.{:09}Z",
            n / 60 % 60,
            n % 60,
            n * 7_919_333 % 1_000_000_000
        ),
        ended: String::new(),
        date: None,
        request_id: Some(format!(
            "{}-{}-4{}",
            &digest[..8],
            &digest[8..12],
            &digest[12..15]
        )),
        status: Some(200),
        headers: BTreeMap::new(),
        attempts: 1,
        http: None,
        error: None,
        failure: None,
        answer: Some(AnswerRef {
            sha256: digest,
            bytes: 400,
            redacted: 0,
        }),
    }
}

fn gap(n: usize) -> Gap {
    Gap {
        id: shoseki_model::short_id("g", &[&n.to_string()]),
        cause: if n.is_multiple_of(5) {
            Cause::Throttled
        } else {
            Cause::Denied
        },
        cloud: "aws".into(),
        account: account(n),
        region: REGIONS[n % REGIONS.len()].into(),
        call: format!("service{}:GetSetting", n % 20),
        permissions: vec![format!("service{}:GetSetting", n % 20)],
        r#type: format!("aws.service{}.thing", n % 20),
        resource: None,
        part: Some("Configuration".into()),
        read: None,
        error: None,
        exchange: Some(exchange_id(n)),
    }
}

fn rule(n: usize) -> RuleInfo {
    let long = |what: &str, times: usize| format!("{what} {n}。").repeat(times);
    RuleInfo {
        id: rule_id(n),
        title: Text::new(
            format!("設定 {n} が期待どおりに有効になっている"),
            format!("Setting number {n} is switched on as expected"),
        ),
        severity: severity(n),
        resource: format!("aws.service{}.thing", n % 60),
        why: Text::new(
            long("この設定が無効のままであると、記録が残らない", 3),
            long("Without it nothing is kept", 4),
        ),
        fix: FixInfo {
            ja: long("この設定を有効にする", 4),
            en: long("Switch it on", 5),
            cli: format!("aws service put-setting --number {n} --enabled"),
            terraform: format!("resource \"aws_service_setting\" \"this\" {{\n  number = {n}\n}}"),
        },
        references: vec![format!("https://docs.aws.amazon.com/service/{n}.html")],
    }
}

fn control(n: usize) -> (String, ControlInfo) {
    let id = format!(
        "{}.{}.{}.{}",
        n % 14 + 5,
        n / 14 % 4 + 1,
        n / 56 % 4 + 1,
        n / 224 + 1
    );
    let evidence = (0..RULES_EACH).map(|i| EvidenceInfo {
        rule: rule_id((n * 3 + i) % RULES),
        strength: Strength::States,
        because: Text::new(
            format!(
                "設定 {i} が有効であることを示す。運用の記録が見直されたことまでは示さない（{n}）。"
            ),
            format!("Shows that setting {i} is on; not that anybody looks at what it keeps ({n})."),
        ),
    });
    let info = ControlInfo {
        id: id.clone(),
        label: Text::new(format!("管理策の略称 {n}"), format!("Short words for {n}")),
        reach: Reach::Part,
        remains: Text::new(
            "運用の記録と承認を確認する。",
            "Records and approvals are checked.",
        ),
        mandatory: n.is_multiple_of(40),
        evidence: evidence.collect(),
    };
    (id, info)
}

/// Counts of a rule's findings: pass, fail, unknown, not applicable.
fn counted(count: usize) -> Vec<[u64; 4]> {
    let mut out = vec![[0; 4]; RULES];
    for n in 0..count {
        let (rule, _, verdict) = parts(n);
        out[rule][verdict as usize] += 1;
    }
    out
}

fn standing(id: &str, c: &ControlInfo, counts: &[[u64; 4]]) -> Standing {
    let rules = c.evidence.iter().map(|e| {
        let number = e
            .rule
            .split('-')
            .nth(2)
            .and_then(|n| n.parse::<usize>().ok());
        let [pass, fail, unknown, not_applicable] = counts[number.unwrap_or(0)];
        RuleStanding {
            rule: e.rule.clone(),
            strength: e.strength,
            scopes_complete: 3,
            scopes: 4,
            enumerated: pass + fail + unknown + not_applicable,
            pass,
            fail,
            unknown,
            excepted: 0,
            not_applicable,
        }
    });
    Standing {
        control: id.to_owned(),
        edition: "2024-07".into(),
        reach: c.reach,
        state: State::Contradicted,
        rules: rules.collect(),
    }
}

/// A tally for each rule, account and region.
fn tallies(count: usize) -> Vec<Tally> {
    let mut out: IndexMap<(usize, String, usize), Tally> = IndexMap::new();
    for n in 0..count {
        let (rule, at, verdict) = parts(n);
        let region = at % REGIONS.len();
        let t = out
            .entry((rule, account(at), region))
            .or_insert_with(|| Tally {
                rule: rule_id(rule),
                r#type: format!("aws.service{}.thing", rule % 60),
                account: account(at),
                region: REGIONS[region].into(),
                complete: !at.is_multiple_of(17),
                ..Tally::default()
            });
        t.enumerated += 1;
        match verdict {
            Verdict::Pass => t.pass += 1,
            Verdict::Fail => t.fail += 1,
            Verdict::Unknown => t.unknown += 1,
            Verdict::NotApplicable => t.not_applicable += 1,
        }
    }
    out.into_values().collect()
}

fn populations() -> Vec<Population> {
    let of = |n: usize| Population {
        r#type: format!("aws.service{}.thing", n % 60),
        cloud: "aws".into(),
        account: account(n / 60),
        region: REGIONS[n / 720 % REGIONS.len()].into(),
        count: number(n % 40),
        complete: !n.is_multiple_of(17),
        query: vec![exchange_id(n)],
        gaps: Vec::new(),
    };
    (0..60 * ACCOUNTS * REGIONS.len()).map(of).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(count), Some(path)) = (args.next(), args.next()) else {
        return Err("usage: page COUNT PAGE.html".into());
    };
    let count: usize = count.parse()?;
    let findings =
        Again::new(move || Ok::<_, Infallible>((0..count).map(finding).map(Ok::<_, Infallible>)));
    let gaps = Again::new(|| Ok::<_, Infallible>((0..200).map(gap).map(Ok::<_, Infallible>)));
    let exchanges = Again::new(move || {
        Ok::<_, Infallible>((0..count / 3 + 1).map(exchange).map(Ok::<_, Infallible>))
    });
    let controls: IndexMap<String, ControlInfo> = (0..CONTROLS).map(control).collect();
    let counts = counted(count);
    let data = ReportData {
        run: RunInfo {
            id: "20261123T010000Z-7f3a".into(),
            tool: "shoseki".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            edition: "2024-07".into(),
            started: "2026-11-23T01:00:00Z".into(),
            ended: Some("2026-11-23T01:02:10Z".into()),
            exchanges: number(count / 3 + 1),
            ..RunInfo::default()
        },
        run_record: None,
        targets: (0..ACCOUNTS)
            .map(|n| Target {
                cloud: "aws".into(),
                account: account(n),
                level: "account".into(),
                name: Some(format!("account-{n}")),
                partition: "aws".into(),
                regions: REGIONS.map(str::to_owned).into(),
                regions_left_out: Vec::new(),
                caller: Caller::default(),
                endpoint: None,
            })
            .collect(),
        rules: (0..RULES).map(|n| (rule_id(n), rule(n))).collect(),
        standings: controls
            .iter()
            .map(|(id, c)| standing(id, c, &counts))
            .collect(),
        controls,
        texts: BTreeMap::new(),
        clouds: IndexMap::new(),
        tallies: tallies(count),
        populations: populations(),
        trend: Vec::new(),
        trend_unread: None,
        exceptions: Vec::new(),
        findings: &findings,
        gaps: &gaps,
        exchanges: &exchanges,
        run_path: "runs/20261123T010000Z-7f3a".into(),
        report_path: None,
    };
    let file = BufWriter::new(std::fs::File::create(&path)?);
    html(&data, Lang::Ja, file).map_err(|e: ReportError| e.into())
}
