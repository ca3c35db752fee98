//! A year of daily runs, made up, into a ledger; then the time, memory and size
//! of its period report. `docs/benchmarks-ledger.md` has the figures.
//!
//! ```text
//! cargo run --release -p shoseki-ledger --example year -- fill DIR [DAYS] [RESOURCES] [RULES]
//! cargo run --release -p shoseki-ledger --example year -- period DIR html OUT
//! ```

use shoseki_evidence::Outcome;
use shoseki_ledger::{Error, Ledger, Moment, Period, Query, RunRecord, day_bounds};
use shoseki_model::{
    Caller, Finding, Lang, Observed, Reach, ResourceRef, RuleStanding, Severity, Sight, Standing,
    State, Strength, Tally, Target, Text, Verdict, digest,
};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Of a thousand findings, so many change from one day to the next.
const CHURN: u64 = 5;
const FIRST_DAY: i64 = 1_774_969_200_000;
const DAY: i64 = 86_400_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = Path::new(args.get(1).ok_or("DIR is missing")?);
    let number = |i: usize, or: u64| args.get(i).map_or(Ok(or), |a| a.parse::<u64>());
    match args.first().map(String::as_str) {
        Some("fill") => fill(dir, number(2, 365)?, number(3, 10_000)?, number(4, 5)?),
        Some("period") => period(dir, args.get(2).map_or("html", |s| s), args.get(3)),
        _ => Err("fill or period".into()),
    }
}

/// Chance without a generator: the same every time.
fn mix(a: u64, b: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 32)
}

/// How often resource and rule have changed up to a day.
fn generation(resource: u64, rule: u64, day: u64) -> u64 {
    // Of 1000 findings, CHURN change a day: one changes every 1000 / CHURN days.
    let every = 1000 / CHURN;
    (day + mix(resource, rule) % every) / every
}

fn finding(resource: u64, rule: u64, day: u64) -> Finding {
    let r = ResourceRef {
        r#type: format!("aws.made.thing-{}", resource % 20),
        id: format!("arn:aws:made:ap-northeast-1:111111111111:thing/{resource:08}"),
        name: format!("thing-{resource:08}"),
        account: "111111111111".into(),
        region: region(resource).into(),
    };
    let rule_id = format!("aws.made.rule-{:02}-{rule}", resource % 20);
    let g = generation(resource, rule, day);
    let verdict = match mix(resource * 31 + rule, g) % 100 {
        0..=4 => Verdict::Fail,
        5..=6 => Verdict::Unknown,
        7..=14 => Verdict::NotApplicable,
        _ => Verdict::Pass,
    };
    Finding {
        id: Finding::id_of(&rule_id, &r),
        rule: rule_id,
        severity: Severity::Medium,
        verdict,
        observed: vec![
            Observed {
                path: "settings.Encryption.Rules".into(),
                sight: Sight::Seen(serde_json::json!([
                    {"Algorithm": if verdict == Verdict::Pass { "aws:kms" } else { "none" },
                     "KeyId": format!("arn:aws:kms:ap-northeast-1:111111111111:key/{:016x}", mix(resource, g))}
                ])),
                exchanges: vec!["x0123456789abcdef0123".into()],
            },
            Observed {
                path: "settings.Owner".into(),
                sight: Sight::Absent,
                exchanges: Vec::new(),
            },
        ],
        resource: r,
        reason: Text::new("理由", "reason"),
        gaps: Vec::new(),
        excepted: None,
    }
}

fn region(resource: u64) -> &'static str {
    match resource % 3 {
        0 => "ap-northeast-1",
        1 => "ap-northeast-3",
        _ => "global",
    }
}

fn fill(
    dir: &Path,
    days: u64,
    resources: u64,
    rules: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut ledger = Ledger::create(dir)?;
    let file = ledger.path().to_owned();
    let mut last = 0;
    let begun = Instant::now();
    for day in 0..days {
        // Three days are missing, so that there is a gap.
        if (200..203).contains(&day) {
            continue;
        }
        let start = Instant::now();
        run(&mut ledger, day, resources, rules)?;
        let size = std::fs::metadata(&file)?.len();
        if day < 3 || day % 60 == 0 {
            println!(
                "day {day}: {} findings, {} KiB more, {} ms",
                resources * rules,
                (size - last) / 1024,
                start.elapsed().as_millis()
            );
        }
        last = size;
    }
    println!(
        "{days} days: {} KiB, {} s",
        last / 1024,
        begun.elapsed().as_secs()
    );
    Ok(())
}

fn run(ledger: &mut Ledger, day: u64, resources: u64, rules: u64) -> Result<(), Error> {
    let at = Moment(FIRST_DAY + day.cast_signed() * DAY);
    let pack = digest(b"pack");
    let path = "rules/aws/made/rule.yaml";
    let rules_digest = digest(format!("{pack}  {path}\n").as_bytes());
    let record = RunRecord {
        backfill: None,
        run: format!("{}-aws", at.utc()),
        run_sha256: digest(format!("run {day}").as_bytes()),
        started: at.utc(),
        ended: Moment(at.0 + 600_000).utc(),
        judged_at: at.utc(),
        outcome: Outcome::Complete,
        edition: Some("2024-07".into()),
        targets: vec![Target {
            cloud: "aws".into(),
            account: "111111111111".into(),
            level: "account".into(),
            name: None,
            partition: "aws".into(),
            regions: vec!["ap-northeast-1".into(), "ap-northeast-3".into()],
            regions_left_out: Vec::new(),
            caller: Caller::default(),
            endpoint: None,
        }],
        rules: None,
        controls: Vec::new(),
        packs: BTreeMap::from([("rules".to_owned(), rules_digest)]),
    };
    let mut append = ledger.append(record)?;
    let mut tallies: BTreeMap<(String, &str), Tally> = BTreeMap::new();
    for n in 0..resources {
        for rule in 0..rules {
            let f = finding(n, rule, day);
            let t = tallies
                .entry((f.rule.clone(), region(n)))
                .or_insert_with(|| Tally {
                    rule: f.rule.clone(),
                    r#type: f.resource.r#type.clone(),
                    account: f.resource.account.clone(),
                    region: region(n).into(),
                    complete: true,
                    ..Tally::default()
                });
            t.enumerated += 1;
            match f.verdict {
                Verdict::Pass => t.pass += 1,
                Verdict::Fail => t.fail += 1,
                Verdict::Unknown => t.unknown += 1,
                Verdict::NotApplicable => t.not_applicable += 1,
            }
        }
    }
    for t in tallies.values() {
        append.cover(t)?;
    }
    for n in 0..resources {
        for rule in 0..rules {
            append.finding(&finding(n, rule, day), region(n))?;
        }
    }
    for c in 0..135 {
        append.standing(&standing(c, day))?;
    }
    append.pack_file(path, shoseki_sha(b"pack"));
    append.commit()?;
    Ok(())
}

fn shoseki_sha(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

fn standing(c: u64, day: u64) -> Standing {
    let state = match mix(c, day / 40) % 10 {
        0 => State::Contradicted,
        1 => State::PartlyShown,
        2 => State::NotSeen,
        _ if c.is_multiple_of(7) => State::HumanOnly,
        _ => State::Shown,
    };
    Standing {
        control: format!("{}.{}.{}", 5 + c / 10, 1 + c % 10 / 4, 1 + c % 4),
        edition: "2024-07".into(),
        reach: Reach::Part,
        state,
        rules: vec![RuleStanding {
            rule: "aws.made.rule-01-1".into(),
            strength: Strength::States,
            scopes_complete: 1,
            scopes: 1,
            enumerated: 1,
            pass: 1,
            fail: 0,
            unknown: 0,
            excepted: 0,
            not_applicable: 0,
        }],
    }
}

fn period(
    dir: &Path,
    format: &str,
    out: Option<&String>,
) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let ledger = Ledger::open(dir)?;
    let (from, to) = day_bounds("2026-04-01", "2027-03-31")?;
    let period = Period::read(
        &ledger,
        Query {
            from,
            to,
            frequency: DAY,
            tolerance: None,
            now: to,
        },
    )?;
    let mut to: Box<dyn Write> = match out {
        Some(path) => Box::new(BufWriter::new(std::fs::File::create(path)?)),
        None => Box::new(std::io::stdout().lock()),
    };
    match format {
        "json" => shoseki_ledger::json(&period, &ledger, &mut to)?,
        "csv" => shoseki_ledger::csv(&period, &ledger, &mut to)?,
        "text" => to.write_all(
            shoseki_ledger::text(&period, &period.summary(&ledger, false)?, Lang::Ja).as_bytes(),
        )?,
        _ => shoseki_ledger::html(&period, &ledger, &BTreeMap::new(), Lang::Ja, &mut to)?,
    }
    to.flush()?;
    eprintln!(
        "{format}: {:.1} s, peak {} MiB",
        start.elapsed().as_secs_f64(),
        peak().unwrap_or_default() / 1024
    );
    Ok(())
}

/// Peak resident memory in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
