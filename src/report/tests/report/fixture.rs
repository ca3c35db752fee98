//! A small run made by hand: every verdict, state, cause and reach, and the
//! names that strangers could choose.

use crate::catalogue::{controls, rule, standings, tallies};
use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_model::{
    AnswerRef, ApiError, Caller, Cause, Excepted, Exception, ExceptionScope, ExceptionState,
    ExceptionUse, Exchange, Finding, Gap, Observed, Population, ResourceRef, Severity, Sight,
    Target, Text, Verdict,
};
use shoseki_report::{ReportData, RunInfo};

pub const ACCOUNT: &str = "123456789012";
pub const TOKYO: &str = "ap-northeast-1";
/// Markup, a control sequence, a direction override, an emoji, a long name.
pub const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\u{1b}[2J\u{1b}[31mred\"' onmouseover=\"x",
    "invoice\u{202e}fdp.exe שלום",
    "👩‍💻-bucket-{{7*7}}-{% raw %}",
    "a-very-long-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on",
];
pub const CAUSES: [Cause; 13] = [
    Cause::Denied,
    Cause::Throttled,
    Cause::Timeout,
    Cause::Unreachable,
    Cause::RegionDisabled,
    Cause::ServerError,
    Cause::Rejected,
    Cause::Malformed,
    Cause::Truncated,
    Cause::Vanished,
    Cause::Cancelled,
    Cause::NotInSource,
    Cause::NotAsked,
];

/// What a report borrows.
#[derive(Default)]
pub struct Stores {
    pub findings: Vec<Finding>,
    pub gaps: Vec<Gap>,
    pub exchanges: Vec<Exchange>,
}

pub fn exchange(call: &str, region: &str, params: Value, status: u16) -> Exchange {
    let params = params.as_object().cloned().unwrap_or_default();
    Exchange {
        id: Exchange::id_of("aws", ACCOUNT, region, call, &params),
        cloud: "aws".into(),
        account: ACCOUNT.into(),
        region: region.into(),
        call: call.into(),
        params,
        caller: "arn:aws:sts::123456789012:assumed-role/reader/audit".into(),
        started: "2026-11-23T01:00:03.120Z".into(),
        ended: "2026-11-23T01:00:03.480Z".into(),
        date: Some("Mon, 23 Nov 2026 01:00:03 GMT".into()),
        request_id: Some("4442587FB7D0A2F9".into()),
        status: Some(status),
        headers: Default::default(),
        attempts: 1,
        http: None,
        error: (status == 403).then(|| ApiError {
            code: "AccessDenied".into(),
            message: "Access Denied <u>".into(),
        }),
        failure: (status == 403).then_some(Cause::Denied),
        answer: Some(AnswerRef {
            sha256: shoseki_model::digest(call.as_bytes()),
            bytes: 420,
            redacted: u64::from(status == 200),
        }),
    }
}

fn bucket(name: &str) -> ResourceRef {
    ResourceRef {
        r#type: "aws.s3.bucket".into(),
        id: format!("arn:aws:s3:::{name}"),
        name: name.into(),
        account: ACCOUNT.into(),
        region: TOKYO.into(),
    }
}

fn finding(rule: &str, severity: Severity, name: &str, verdict: Verdict, sight: Sight) -> Finding {
    let resource = bucket(name);
    let (ja, en) = match verdict {
        Verdict::Pass => ("期待した値を観測した。", "The expected value was observed."),
        Verdict::Fail => (
            "期待と異なる値を観測した。",
            "A value that differs was observed.",
        ),
        Verdict::Unknown => (
            "値を読み取れなかったため判定できない。",
            "The value was not seen.",
        ),
        Verdict::NotApplicable => ("このルールの対象ではない。", "The rule does not apply."),
    };
    let gaps = match &sight {
        Sight::Unseen(g) if g.starts_with('g') => vec![g.clone()],
        _ => Vec::new(),
    };
    let params = json!({ "Bucket": name });
    Finding {
        id: Finding::id_of(rule, &resource),
        rule: rule.into(),
        severity,
        verdict,
        observed: vec![Observed {
            path: "settings.Encryption".into(),
            sight,
            exchanges: vec![exchange("s3:GetBucketEncryption", TOKYO, params, 200).id],
        }],
        reason: Text::new(format!("{ja}（{name}）"), format!("{en} ({name})")),
        resource,
        gaps,
        excepted: None,
    }
}

pub const ENCRYPTION: &str = "aws.s3.bucket-default-encryption";
pub const PUBLIC: &str = "aws.s3.bucket-public-access-block";
pub const MFA: &str = "aws.iam.root-mfa";

pub fn stores() -> Stores {
    let gaps: Vec<Gap> = CAUSES.iter().enumerate().map(|(i, &c)| gap(i, c)).collect();
    let aes = json!({ "Rules": [{ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] });
    let long = json!({ "Rules": (0..20).map(|i| json!({ "Id": i, "Note": "<i>&amp;\u{202e}" })).collect::<Vec<_>>() });
    let m = Severity::Medium;
    let mut findings = vec![
        finding(
            ENCRYPTION,
            m,
            "logs",
            Verdict::Pass,
            Sight::Seen(aes.clone()),
        ),
        finding(ENCRYPTION, m, HOSTILE[3], Verdict::Pass, Sight::Seen(aes)),
        finding(ENCRYPTION, m, HOSTILE[0], Verdict::Fail, Sight::Absent),
        finding(ENCRYPTION, m, HOSTILE[1], Verdict::Fail, Sight::Seen(long)),
        finding(
            ENCRYPTION,
            m,
            HOSTILE[4],
            Verdict::Unknown,
            Sight::Unseen(gaps[0].id.clone()),
        ),
        finding(
            ENCRYPTION,
            m,
            "static",
            Verdict::NotApplicable,
            Sight::Seen(Value::Null),
        ),
        finding(
            PUBLIC,
            Severity::Critical,
            HOSTILE[2],
            Verdict::Fail,
            Sight::Seen(json!(false)),
        ),
        finding(
            PUBLIC,
            Severity::Critical,
            "logs",
            Verdict::Unknown,
            Sight::Unseen("not-asked".into()),
        ),
        finding(
            PUBLIC,
            Severity::Critical,
            "website",
            Verdict::Fail,
            Sight::Seen(json!({ "BlockPublicAcls": false })),
        ),
    ];
    findings[8].excepted = Some(Excepted {
        id: "EX-2026-01".into(),
        owner: "広報部 <web@example.jp>".into(),
        approver: "情報セキュリティ委員会".into(),
        reason: "公開ウェブサイトの配信元である".into(),
        compensating: "公開物だけを置くことを毎月確認する".into(),
        from: "2026-04-01".into(),
        until: "2027-03-31".into(),
    });
    let mut exchanges: Vec<Exchange> = findings
        .iter()
        .map(|f| {
            exchange(
                "s3:GetBucketEncryption",
                TOKYO,
                json!({ "Bucket": f.resource.name }),
                200,
            )
        })
        .collect();
    exchanges.push(exchange("s3:ListBuckets", "us-east-1", json!({}), 200));
    exchanges.push(exchange(
        "s3:GetBucketPolicy",
        TOKYO,
        json!({ "Bucket": "logs" }),
        403,
    ));
    Stores {
        findings,
        gaps,
        exchanges,
    }
}

fn gap(i: usize, cause: Cause) -> Gap {
    let whole = cause == Cause::Truncated || cause == Cause::RegionDisabled;
    Gap {
        id: shoseki_model::short_id("g", &[&i.to_string()]),
        cause,
        cloud: "aws".into(),
        account: ACCOUNT.into(),
        region: TOKYO.into(),
        call: "s3:GetBucketPolicy".into(),
        permissions: vec!["s3:GetBucketPolicy".into()],
        r#type: "aws.s3.bucket".into(),
        resource: (!whole).then(|| "arn:aws:s3:::logs".into()),
        part: (!whole).then(|| "Policy".into()),
        read: whole.then_some(100),
        error: Some(ApiError {
            code: "AccessDenied".into(),
            message: "User is <not> authorized".into(),
        }),
        exchange: Some(
            exchange(
                "s3:GetBucketPolicy",
                TOKYO,
                json!({ "Bucket": "logs" }),
                403,
            )
            .id,
        ),
    }
}

pub fn data(stores: &Stores) -> ReportData<'_> {
    let population = |region: &str, count, complete| Population {
        r#type: "aws.s3.bucket".into(),
        cloud: "aws".into(),
        account: ACCOUNT.into(),
        region: region.into(),
        count,
        complete,
        query: vec![exchange("s3:ListBuckets", "us-east-1", json!({}), 200).id],
        gaps: if complete {
            Vec::new()
        } else {
            stores.gaps.iter().take(1).map(|g| g.id.clone()).collect()
        },
    };
    let rules = [
        rule(
            ENCRYPTION,
            Severity::Medium,
            "S3 バケットの既定の暗号化が有効である",
            "S3 bucket has default encryption",
        ),
        rule(
            PUBLIC,
            Severity::Critical,
            "S3 バケットのパブリックアクセスが遮断されている",
            "S3 bucket blocks public access",
        ),
    ];
    ReportData {
        run: RunInfo {
            id: "20261123T010000Z-7f3a".into(),
            tool: "shoseki".into(),
            version: "0.1.0".into(),
            edition: "2024-07".into(),
            started: "2026-11-23T01:00:00Z".into(),
            ended: Some("2026-11-23T01:02:10Z".into()),
            selection: vec!["--controls".into(), "9,10".into()],
            digests: IndexMap::from([("rules".to_owned(), shoseki_model::digest(b"rules"))]),
            exchanges: stores.exchanges.len() as u64,
            demo: true,
            stopped: None,
            unreached: Vec::new(),
        },
        run_record: None,
        targets: vec![Target {
            cloud: "aws".into(),
            account: ACCOUNT.into(),
            level: "account".into(),
            name: Some("本番 <prod>".into()),
            partition: "aws".into(),
            regions: vec![TOKYO.into(), "ap-northeast-3".into()],
            regions_left_out: vec!["us-east-1".into()],
            caller: Caller {
                id: "arn:aws:sts::123456789012:assumed-role/reader/audit".into(),
                account: ACCOUNT.into(),
                via: vec!["arn:aws:iam::123456789012:role/reader".into()],
            },
            endpoint: None,
        }],
        rules: rules.into_iter().map(|r| (r.id.clone(), r)).collect(),
        controls: controls(),
        texts: Default::default(),
        standings: standings(),
        clouds: Default::default(),
        tallies: tallies(),
        populations: vec![
            population("global", 6, true),
            Population {
                r#type: "aws.ec2.instance".into(),
                ..population(TOKYO, 0, false)
            },
            Population {
                r#type: "aws.ec2.instance".into(),
                ..population("ap-northeast-3", 3, true)
            },
        ],
        trend: Vec::new(),
        trend_unread: None,
        exceptions: exceptions(&stores.findings),
        findings: &stores.findings,
        gaps: &stores.gaps,
        exchanges: &stores.exchanges,
        run_path: "runs/20261123T010000Z-7f3a".into(),
        report_path: Some("runs/20261123T010000Z-7f3a/report.html".into()),
    }
}

/// The exceptions of the fixture: one in force, one expired, one to come.
fn exceptions(findings: &[Finding]) -> Vec<ExceptionUse> {
    let Some(e) = findings.iter().find_map(|f| f.excepted.clone()) else {
        return Vec::new();
    };
    let exception = Exception {
        id: e.id,
        rule: Some(PUBLIC.into()),
        control: None,
        scope: ExceptionScope {
            accounts: vec![ACCOUNT.into()],
            resources: vec!["arn:aws:s3:::web*".into()],
            ..ExceptionScope::default()
        },
        owner: e.owner,
        approver: e.approver,
        reason: e.reason,
        compensating: e.compensating,
        from: e.from,
        until: e.until,
    };
    let other = |id: &str, state, matches, from: &str, until: &str| ExceptionUse {
        exception: Exception {
            id: id.into(),
            from: from.into(),
            until: until.into(),
            ..exception.clone()
        },
        state,
        covers: 0,
        matches,
    };
    vec![
        ExceptionUse {
            exception: exception.clone(),
            state: ExceptionState::InForce,
            covers: 1,
            matches: 1,
        },
        other(
            "EX-2025-07",
            ExceptionState::Expired,
            2,
            "2025-04-01",
            "2026-03-31",
        ),
        other(
            "EX-2027-01",
            ExceptionState::Future,
            0,
            "2027-04-01",
            "2028-03-31",
        ),
    ]
}

/// The same account when nothing could be read.
pub fn nothing(stores: &Stores) -> ReportData<'_> {
    let mut d = data(stores);
    d.tallies.clear();
    d.standings.clear();
    for p in &mut d.populations {
        p.count = 0;
        p.complete = false;
    }
    d
}
