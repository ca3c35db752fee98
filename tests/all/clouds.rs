//! Azure and Google Cloud on the sandbox: the same demands on each, from a table.

mod azure;
mod gcp;

use crate::calls;
use crate::support::cli::{self, Scan};
use crate::support::compare::{compare, gaps_tell};
use crate::support::packs::{self, Packs};
use crate::support::run::{self, Seen};
use crate::support::seeded::{Cloud, Seeded};
use crate::support::{invariants, root};
use serde::Deserialize;
use serde_json::Value;
use shoseki_model::{Cause, Exchange, Verdict};
use shoseki_sandbox::{Asked, Reply, Responder};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

struct Bench {
    cloud: &'static Cloud,
    server: Seeded,
    packs: Packs,
    first: Scan,
    baseline: Seen,
}

impl Bench {
    fn start(cloud: &'static Cloud) -> Self {
        let server = Seeded::start(None);
        let packs = packs::load();
        let first = server.scan(cloud, &["--max-attempts", "3"]);
        assert_eq!(
            first.ended.code, 5,
            "{}{}",
            first.ended.out, first.ended.err
        );
        let baseline = run::read(&first.dir());
        Self {
            cloud,
            server,
            packs,
            first,
            baseline,
        }
    }
}

/// What holds of a scan in which nothing is made to fail.
fn as_it_is(cloud: &'static Cloud) {
    let bench = Bench::start(cloud);
    sound(&bench);
    verdicts(&bench);
    permitted(&bench);
    tiny_pages(&bench);
    secrets(&bench);
}

/// What holds when reads are denied.
fn with_refusals(cloud: &'static Cloud) {
    refused(&Bench::start(cloud));
}

/// What holds when the cloud or the network fails.
fn with_failures(cloud: &'static Cloud) {
    let bench = Bench::start(cloud);
    throttled(&bench);
    broken(&bench);
}

/// The run holds together, and follows from its answers; nothing that the sandbox
/// was asked is unknown to it.
fn sound(b: &Bench) {
    invariants::check(&b.baseline, &b.packs);
    for (kind, account, code) in b.cloud.none {
        let mut all = b.baseline.populations.iter();
        let found = all.find(|p| p.r#type == *kind && p.account == *account);
        let found = found.unwrap_or_else(|| panic!("{kind} of {account}"));
        assert!(found.complete && found.count == 0, "{found:?}");
        let said = |x: &&Exchange| x.error.as_ref().is_some_and(|e| e.code == *code);
        let asked = b
            .baseline
            .asked
            .iter()
            .find(|x| found.query.contains(&x.id));
        assert!(asked.filter(said).is_some(), "{found:?}: {asked:?}");
    }
    for x in &b.baseline.asked {
        let code = x.error.as_ref().map_or("", |e| e.code.as_str());
        assert_ne!(code, "NotInSandbox", "{x:?}");
    }
    let dir = b.first.dir();
    let ended = cli::run(&["verify", dir.to_str().unwrap(), "--lang", "en"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Expected {
    #[serde(default)]
    pass: BTreeSet<String>,
    #[serde(default)]
    fail: BTreeSet<String>,
    #[serde(default)]
    unknown: BTreeSet<String>,
    #[serde(default)]
    not_applicable: BTreeSet<String>,
}

/// Of a rule in the file every resource is named with its verdict.
fn verdicts(b: &Bench) {
    let (file, least) = b.cloud.expected;
    let text = std::fs::read_to_string(root().join("tests/expected").join(file)).unwrap();
    let expected: BTreeMap<String, Expected> = serde_saphyr::from_str(&text).unwrap();
    assert!(expected.len() >= least, "{file}: {} rules", expected.len());
    let mut wrong = Vec::new();
    for (rule, e) in &expected {
        let mut wanted: Vec<(&str, Verdict)> = Vec::new();
        for (set, verdict) in [
            (&e.pass, Verdict::Pass),
            (&e.fail, Verdict::Fail),
            (&e.unknown, Verdict::Unknown),
            (&e.not_applicable, Verdict::NotApplicable),
        ] {
            wanted.extend(set.iter().map(|n| (n.as_str(), verdict)));
        }
        let findings = b.baseline.findings.values().filter(|f| f.rule == *rule);
        let mut found: Vec<(&str, Verdict)> = findings
            .map(|f| (f.resource.name.as_str(), f.verdict))
            .collect();
        wanted.sort();
        found.sort();
        if wanted != found {
            wrong.push(format!("{rule}: {found:?}, expected {wanted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every call needs only what `permissions` prints.
fn permitted(b: &Bench) {
    let printed = cli::run(&["permissions", b.cloud.name, "--format", "text"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    let printed: BTreeSet<&str> = printed.out.lines().collect();
    let plan = b.packs.plan(|_| true);
    for x in &b.baseline.asked {
        let planned = plan.types.iter().flat_map(|t| t.calls());
        let mut needed: BTreeSet<&str> = planned
            .filter(|c| c.call == x.call)
            .flat_map(|c| c.permissions.iter().map(String::as_str))
            .collect();
        let own = b.cloud.signing_in.iter().find(|(call, _)| *call == x.call);
        needed.extend(own.into_iter().flat_map(|(_, p)| p.iter()));
        assert!(
            !needed.is_empty() || own.is_some(),
            "{} is not in the plan",
            x.call
        );
        for p in needed {
            let p = (b.cloud.printed)(p);
            assert!(printed.contains(p.as_str()), "{} needs {p}", x.call);
        }
    }
}

type Judged<'a> = BTreeMap<&'a str, (&'a str, Verdict)>;

fn judged(seen: &Seen) -> Judged<'_> {
    let all = seen.findings.values();
    all.map(|f| (f.id.as_str(), (f.rule.as_str(), f.verdict)))
        .collect()
}

/// Lists in pages of one give what whole lists give.
fn tiny_pages(b: &Bench) {
    let server = Seeded::start(Some(1));
    let scan = server.scan(b.cloud, &["--max-attempts", "3"]);
    let seen = run::read(&scan.dir());
    assert!(
        seen.asked.len() > b.baseline.asked.len() + 50,
        "{} requests, {} before",
        seen.asked.len(),
        b.baseline.asked.len()
    );
    assert_eq!(judged(&b.baseline), judged(&seen));
    let populations = |s: &Seen| -> BTreeSet<(String, String, String, u64, bool)> {
        let all = s.populations.iter();
        all.map(|p| {
            let (t, a, r) = (p.r#type.clone(), p.account.clone(), p.region.clone());
            (t, a, r, p.count, p.complete)
        })
        .collect()
    };
    assert_eq!(populations(&b.baseline), populations(&seen));
    assert_eq!(b.baseline.gaps.len(), seen.gaps.len());
    let ended = cli::run(&["verify", scan.dir().to_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}

/// Denied reads one at a time: exactly what needs them is unknown, and the gap
/// names the permission.
fn refused(b: &Bench) {
    assert!(b.cloud.denied.len() >= 20);
    for call in b.cloud.denied {
        let types = b.packs.types_of(call);
        assert!(!types.is_empty(), "no collector calls {call}");
        let mut rules: Vec<&str> = b.cloud.control.to_vec();
        let concerned = b.packs.rules.iter().filter(|r| types.contains(&r.resource));
        rules.extend(concerned.map(|r| r.id.as_str()));
        let refusal = b.cloud.refusal;
        b.server
            .set(move |asked, _| (asked.call == *call).then(|| refusal(asked)));
        let scan = b.server.scan(b.cloud, &["--rules", &rules.join(",")]);
        assert!(
            [4, 5].contains(&scan.ended.code),
            "{call}: {}",
            scan.ended.err
        );
        let seen = run::read(&scan.dir());
        let denied = BTreeSet::from([(*call).to_owned()]);
        let asked = |rule: &str| {
            let of = |g: &&&str| rule.starts_with(g.trim_end_matches('*'));
            rules.contains(&rule) || b.cloud.control.iter().any(|g| of(&g))
        };
        let touched = compare(&b.packs, &b.baseline, &seen, &denied, asked);
        assert!(
            touched > 0,
            "{call}: no finding of the seeded cloud needs it"
        );
        gaps_tell(&b.packs, &b.baseline, &seen, &denied, &[Cause::Denied]);
    }
}

fn hurt(cloud: &'static Cloud, asked: &Asked) -> bool {
    cloud.hurt.contains(&asked.call.as_str())
}

/// The rules that need the calls that are made to fail, and some that do not.
fn rules_of_hurt(b: &Bench) -> String {
    let types: BTreeSet<String> = b
        .cloud
        .hurt
        .iter()
        .flat_map(|c| b.packs.types_of(c))
        .collect();
    let concerned = b.packs.rules.iter().filter(|r| types.contains(&r.resource));
    let mut rules: Vec<&str> = b.cloud.control.to_vec();
    rules.extend(concerned.map(|r| r.id.as_str()));
    rules.join(",")
}

fn asked_of(b: &Bench, rules: &str, rule: &str) -> bool {
    let control = b.cloud.control.iter();
    let mut of = control.map(|g| g.trim_end_matches('*'));
    rules.split(',').any(|r| r == rule) || of.any(|g| rule.starts_with(g))
}

/// What is throttled once is seen; what is throttled for good is a gap.
fn throttled(b: &Bench) {
    let (cloud, reply) = (b.cloud, b.cloud.throttled);
    let rules = rules_of_hurt(b);
    let before = Mutex::new(BTreeSet::new());
    b.server.set(move |asked, _| {
        let what = format!("{} {:?}", asked.path, asked.values);
        let first = hurt(cloud, asked) && before.lock().unwrap().insert(what);
        first.then(|| reply(asked))
    });
    let scan = b
        .server
        .scan(cloud, &["--max-attempts", "4", "--rules", &rules]);
    let seen = run::read(&scan.dir());
    let asked = |rule: &str| asked_of(b, &rules, rule);
    compare(&b.packs, &b.baseline, &seen, &BTreeSet::new(), asked);
    for x in seen
        .asked
        .iter()
        .filter(|x| cloud.hurt.contains(&x.call.as_str()))
    {
        let fine = x.attempts >= 2 && x.failure != Some(Cause::Throttled);
        assert!(fine, "{x:?}");
    }
    expect(b, "throttled", &[Cause::Throttled], &[], move |asked, _| {
        Some(reply(asked))
    });
}

/// Scans with a fault of the hurt calls: whatever needs them must be unknown.
fn expect(
    b: &Bench,
    name: &str,
    causes: &[Cause],
    more: &[&str],
    fault: impl Fn(&Asked, &dyn Responder) -> Option<Reply> + Send + Sync + 'static,
) {
    let cloud = b.cloud;
    b.server
        .set(move |asked, answers| hurt(cloud, asked).then(|| fault(asked, answers)).flatten());
    let rules = rules_of_hurt(b);
    let mut args = vec!["--rules", rules.as_str()];
    args.extend(more);
    let scan = b.server.scan(cloud, &args);
    assert!(
        [4, 5].contains(&scan.ended.code),
        "{name}: {}",
        scan.ended.err
    );
    let seen = run::read(&scan.dir());
    invariants::check(&seen, &b.packs);
    let all: BTreeSet<String> = cloud.hurt.iter().map(|&c| c.to_owned()).collect();
    let asked = |rule: &str| asked_of(b, &rules, rule);
    let touched = compare(&b.packs, &b.baseline, &seen, &all, asked);
    assert!(touched > 20, "{name}: only {touched} findings");
    gaps_tell(&b.packs, &b.baseline, &seen, &all, causes);
}

fn broken(b: &Bench) {
    let raw = |body: &'static str| {
        move |_: &Asked, _: &dyn Responder| {
            Some(Reply::Raw {
                status: 200,
                body: body.as_bytes().to_vec(),
            })
        }
    };
    let bad = [Cause::Malformed];
    let page = "<!DOCTYPE html><html><body>Sign in to the network</body></html>";
    expect(b, "a page of a proxy", &bad, &[], raw(page));
    expect(b, "an empty answer", &bad, &[], raw(""));
    for odd in b.cloud.odd {
        expect(b, odd, &bad, &[], raw(odd));
    }
    for (percent, announced) in [(50, true), (97, true), (50, false), (97, false)] {
        let name = format!("{percent} % ({announced})");
        let causes = [Cause::Malformed, Cause::Truncated, Cause::Unreachable];
        expect(
            b,
            &name,
            &causes,
            &[],
            move |asked, answers| match answers.reply(asked) {
                Reply::Answer(answer) => Some(Reply::Cut {
                    answer,
                    percent,
                    announced,
                }),
                other => Some(other),
            },
        );
    }
    let gone = [Cause::Unreachable, Cause::Truncated];
    expect(b, "dropped", &gone, &[], |_, _| Some(Reply::Drop));
}

/// Whatever stands where secrets can be reaches neither disk nor screen.
fn secrets(b: &Bench) {
    let cloud = b.cloud;
    b.server.set(move |asked, answers| {
        let mut places = cloud
            .secrets
            .iter()
            .filter(|(c, _)| *c == asked.call)
            .peekable();
        places.peek()?;
        let Reply::Answer(mut value) = answers.reply(asked) else {
            return None;
        };
        for (_, pointer) in places {
            put(&mut value, pointer);
        }
        Some(Reply::Answer(value))
    });
    let scan = b.server.scan(cloud, &["--max-attempts", "3"]);
    let seen = run::read(&scan.dir());
    calls::hold_no_secret(&scan);
    for (call, _) in cloud.secrets {
        let mut of = seen.asked.iter().filter(|x| x.call == *call);
        let replaced = of.any(|x| x.answer.as_ref().is_some_and(|a| a.redacted > 0));
        assert!(replaced, "{call}: nothing was replaced");
    }
}

/// Puts the secret where a pointer leads, where what is above it is there.
fn put(value: &mut Value, pointer: &str) {
    let (above, name) = pointer.rsplit_once('/').unwrap();
    if let Some(o) = value.pointer_mut(above).and_then(Value::as_object_mut) {
        o.insert(name.to_owned(), calls::SECRET.into());
    }
}
