//! What a scan says when the network or the provider fails: nothing that it did
//! not see.

use crate::support::cli::{self, Scan};
use crate::support::compare::{compare, gaps_tell};
use crate::support::invariants;
use crate::support::moto::Moto;
use crate::support::packs::{self, Packs};
use crate::support::proxy::{Proxy, denied};
use crate::support::run::{self, Seen};
use shoseki_aws::model::service;
use shoseki_model::{Cause, Verdict};
use shoseki_sandbox::{Asked, Reply};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Lists and parts of every protocol that are made to fail.
const HURT: [&str; 9] = [
    "dynamodb:DescribeTable",
    "ec2:DescribeSecurityGroups",
    "iam:GetAccountAuthorizationDetails",
    "lambda:GetPolicy",
    "lambda:ListFunctions",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "sns:GetTopicAttributes",
    "sqs:GetQueueAttributes",
];

/// Rules that ask for them, and some that do not.
const RULES: &str = "aws.dynamodb.*,aws.ec2.security-group-*,aws.iam.user-*,aws.lambda.*,\
                     aws.s3.bucket-*,aws.sns.*,aws.sqs.*,aws.kinesis.*,aws.rds.*";

fn hurt(asked: &Asked) -> bool {
    HURT.contains(&asked.call.as_str())
}

struct Bench {
    moto: Moto,
    proxy: Proxy,
    packs: Packs,
    baseline: Seen,
}

impl Bench {
    fn scan(&self, more: &[&str]) -> (Scan, Seen) {
        let mut args = vec!["--rules", RULES];
        args.extend(more);
        let scan = cli::scan(&self.proxy.url(), &args);
        let seen = run::read(&scan.dir());
        (scan, seen)
    }

    /// Scans with a fault; whatever needed the hurt calls must be unknown, and
    /// the gaps must tell one of the causes.
    fn expect(
        &self,
        name: &str,
        causes: &[Cause],
        more: &[&str],
        fault: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) {
        self.proxy
            .set(move |asked| hurt(asked).then(|| fault(asked)).flatten());
        let (scan, seen) = self.scan(more);
        assert_eq!(scan.ended.code, 5, "{name}");
        invariants::check(&seen, &self.packs);
        let all: BTreeSet<String> = HURT.iter().map(|&c| c.to_owned()).collect();
        let touched = compare(&self.packs, &self.baseline, &seen, &all, |_| true);
        assert!(touched > 100, "{name}: only {touched} findings");
        gaps_tell(&self.packs, &self.baseline, &seen, &all, causes);
    }
}

#[test]
fn a_failure_is_never_a_verdict() {
    let moto = Moto::start();
    let proxy = Proxy::start(&moto.url);
    let packs = packs::load();
    let first = cli::scan(&proxy.url(), &["--rules", RULES]);
    let baseline = run::read(&first.dir());
    let bench = Bench {
        moto,
        proxy,
        packs,
        baseline,
    };
    errors(&bench);
    broken_connections(&bench);
    unreadable_answers(&bench);
    throttling_that_passes(&bench);
    nothing_can_be_read(&bench);
    signing_in_fails(&bench);
}

fn raw(status: u16, body: &str) -> Option<Reply> {
    let body = body.as_bytes().to_vec();
    Some(Reply::Raw { status, body })
}

fn throttled(asked: &Asked) -> Reply {
    let code = match asked.call.split_once(':').unwrap().0 {
        "ec2" => "RequestLimitExceeded",
        "s3" => "SlowDown",
        "iam" | "sns" => "Throttling",
        _ => "ThrottlingException",
    };
    Reply::Error {
        status: if code == "SlowDown" { 503 } else { 400 },
        code: code.to_owned(),
        message: "Rate exceeded".to_owned(),
    }
}

fn errors(b: &Bench) {
    let twice = ["--max-attempts", "2"];
    b.expect("throttled", &[Cause::Throttled], &twice, |a| {
        Some(throttled(a))
    });
    b.expect("failing", &[Cause::ServerError], &[], |_| {
        Some(Reply::Error {
            status: 500,
            code: "InternalFailure".to_owned(),
            message: "We do not know".to_owned(),
        })
    });
    b.expect("a bare 502", &[Cause::ServerError], &[], |_| {
        raw(502, "<html>Bad gateway</html>")
    });
}

fn broken_connections(b: &Bench) {
    let gone = [Cause::Unreachable, Cause::Truncated];
    b.expect("dropped", &gone, &[], |_| Some(Reply::Drop));
    let patience = [
        "--attempt-timeout",
        "1",
        "--operation-timeout",
        "2",
        "--max-attempts",
        "2",
    ];
    b.expect("hanging", &[Cause::Timeout], &patience, |_| {
        Some(Reply::Hang)
    });
    for percent in [0, 50, 97] {
        let to = b.moto.url.clone();
        let name = format!("{percent} % of what was announced");
        let cut = Some((percent, true));
        b.expect(&name, &gone, &[], move |_| {
            let to = to.clone();
            Some(Reply::Forward { to, cut })
        });
    }
}

fn unreadable_answers(b: &Bench) {
    let bad = [Cause::Malformed];
    for percent in [50, 97] {
        let to = b.moto.url.clone();
        let cut = Some((percent, false));
        let either = [Cause::Malformed, Cause::Truncated];
        b.expect(
            &format!("{percent} % as if whole"),
            &either,
            &[],
            move |_| {
                let to = to.clone();
                Some(Reply::Forward { to, cut })
            },
        );
    }
    b.expect("malformed", &bad, &[], |a| {
        let name = a.call.split_once(':').unwrap().0;
        let xml = service(name).unwrap().protocol.is_xml();
        raw(200, if xml { "<A><B>x</A>" } else { "{\"A\": [1," })
    });
    b.expect("a page of a proxy", &bad, &[], |_| {
        raw(
            200,
            "<!DOCTYPE html><html><body>Sign in to the network</body></html>",
        )
    });
    b.expect("an empty answer", &bad, &[], |_| raw(200, ""));
}

/// What is throttled once and then answered is seen.
fn throttling_that_passes(b: &Bench) {
    let before = Mutex::new(BTreeSet::new());
    b.proxy.set(move |asked| {
        let what = format!("{} {:?}", asked.call, asked.values);
        let first = hurt(asked) && before.lock().unwrap().insert(what);
        first.then(|| throttled(asked))
    });
    let (_scan, seen) = b.scan(&["--max-attempts", "5"]);
    let none = BTreeSet::new();
    compare(&b.packs, &b.baseline, &seen, &none, |_| true);
    assert_eq!(b.baseline.findings.len(), seen.findings.len());
    let tried = seen
        .asked
        .iter()
        .filter(|x| HURT.contains(&x.call.as_str()));
    for x in tried {
        assert!(
            x.attempts >= 2 && x.failure != Some(Cause::Throttled),
            "{x:?}"
        );
    }
}

/// Says so, is incomplete, and judges nothing.
fn nothing_can_be_read(b: &Bench) {
    let signing_in = ["sts:GetCallerIdentity", "ec2:DescribeRegions"];
    b.proxy
        .set(move |a| (!signing_in.contains(&a.call.as_str())).then(|| denied(&a.call)));
    for (lang, words) in [
        ("en", "Nothing could be read."),
        ("ja", "何も読み取れなかった。"),
    ] {
        let scan = cli::scan(&b.proxy.url(), &["--lang", lang]);
        assert_eq!(scan.ended.code, 4, "{}", scan.ended.out);
        let seen = run::read(&scan.dir());
        invariants::check(&seen, &b.packs);
        for f in seen.findings.values() {
            assert_eq!(f.verdict, Verdict::Unknown, "{f:?}");
        }
        for p in &seen.populations {
            let without_call = b.packs.enumerating(&p.r#type).is_empty();
            assert_eq!(p.complete, without_call, "{p:?}");
        }
        for r in &seen.resources {
            let sources: Vec<_> = r.sources.values().flatten().collect();
            let failed = |id: &&String| seen.exchanges[*id].failure.is_some();
            assert!(sources.iter().all(failed), "{r:?}");
        }
        let outcome = seen.run.file().outcome;
        assert_eq!(outcome, shoseki_evidence::Outcome::NothingRead);
        assert!(scan.ended.out.contains(words), "{}", scan.ended.out);
        let lower = scan.ended.out.to_lowercase();
        for no in ["completed", "complete.", "完了"] {
            assert!(!lower.contains(no), "{no}: {}", scan.ended.out);
        }
    }
}

/// Leaves no run directory that could be taken for evidence.
fn signing_in_fails(b: &Bench) {
    b.proxy.deny(["sts:GetCallerIdentity".to_owned()]);
    let scan = cli::scan(&b.proxy.url(), &[]);
    assert_eq!(scan.ended.code, 6, "{}", scan.ended.err);
    assert!(!scan.dir().exists() && scan.ended.err.contains("sign in"));
    b.proxy.deny(["ec2:DescribeRegions".to_owned()]);
    let scan = cli::scan(&b.proxy.url(), &["--regions", "all"]);
    assert_eq!(scan.ended.code, 6, "{}", scan.ended.err);
    assert!(
        scan.ended.err.contains("ec2:DescribeRegions"),
        "{}",
        scan.ended.err
    );
    let rules = ["--rules", "aws.sqs.*"];
    let scan = cli::scan(&b.proxy.url(), &rules);
    assert!(scan.dir().exists(), "{}", scan.ended.err);
}
