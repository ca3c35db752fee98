//! A small run made by hand: every verdict, state, cause and reach, and the
//! names that strangers could choose.

use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_model::{
    AnswerRef, ApiError, Caller, Cause, Excepted, Exchange, Finding, Gap, Observed, Population,
    Reach, ResourceRef, RuleStanding, Severity, Sight, Standing, State, Strength, Tally, Target,
    Text, Verdict,
};
use shoseki_report::{ControlInfo, EvidenceInfo, FixInfo, ReportData, RuleInfo, RunInfo};

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
pub const CAUSES: [Cause; 12] = [
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
        owner: "広報部 <web@example.jp>".into(),
        approver: "情報セキュリティ委員会".into(),
        reason: "公開ウェブサイトの配信元である".into(),
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

fn rule(id: &str, severity: Severity, ja: &str, en: &str) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        title: Text::new(ja, en),
        severity,
        resource: "aws.s3.bucket".into(),
        why: Text::new("保存したデータが読み取られるおそれがある。", "Stored data could be read."),
        fix: FixInfo {
            ja: "既定の暗号化を設定する。".into(),
            en: "Set the default encryption.".into(),
            cli: "aws s3api put-bucket-encryption --bucket NAME \\\n  --server-side-encryption-configuration file://x.json".into(),
            terraform: "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"NAME\"\n}".into(),
        },
        references: vec![
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html".into(),
            "javascript:alert(1)".into(),
        ],
    }
}

fn tally(rule: &str, n: [u64; 5], complete: bool) -> Tally {
    Tally {
        rule: rule.into(),
        r#type: "aws.s3.bucket".into(),
        account: ACCOUNT.into(),
        region: "global".into(),
        enumerated: n.iter().sum(),
        complete,
        pass: n[0],
        fail: n[1],
        unknown: n[2],
        excepted: n[3],
        not_applicable: n[4],
        gaps: Vec::new(),
    }
}

fn tallies() -> Vec<Tally> {
    vec![
        tally(ENCRYPTION, [2, 2, 1, 0, 1], false),
        tally(PUBLIC, [0, 1, 1, 1, 0], true),
    ]
}

fn bearing(t: &Tally, strength: Strength) -> RuleStanding {
    RuleStanding {
        rule: t.rule.clone(),
        strength,
        scopes_complete: u64::from(t.complete),
        scopes: 1,
        enumerated: t.enumerated,
        pass: t.pass,
        fail: t.fail,
        unknown: t.unknown,
        excepted: t.excepted,
        not_applicable: t.not_applicable,
    }
}

/// Control, reach, state, Japanese and English label.
const CONTROLS: [(&str, Reach, State, &str, &str); 9] = [
    (
        "5.1.1",
        Reach::HumanOnly,
        State::HumanOnly,
        "方針群",
        "Set of policies",
    ),
    (
        "9.2.1",
        Reach::Part,
        State::PartlyShown,
        "利用者の登録",
        "Registering users",
    ),
    ("9.4.2", Reach::Part, State::NotSeen, "ログオン", "Log-on"),
    (
        "9.4.2.2.B",
        Reach::Part,
        State::NotSeen,
        "多要素認証",
        "Multi-factor authentication",
    ),
    (
        "10.1.1",
        Reach::Part,
        State::Contradicted,
        "暗号の利用",
        "Use of cryptography",
    ),
    (
        "10.1.1.3",
        Reach::Full,
        State::Shown,
        "通信の暗号化",
        "Encryption in transit",
    ),
    (
        "10.1.2.9",
        Reach::Part,
        State::Contradicted,
        "鍵の更新",
        "Key rotation",
    ),
    (
        "11.1.1",
        Reach::Inherited,
        State::Inherited,
        "物理的な境界",
        "Physical perimeter",
    ),
    (
        "14.1.3.5",
        Reach::Part,
        State::Contradicted,
        "公開されない保存先",
        "Storage out of reach",
    ),
];

fn standings() -> Vec<Standing> {
    let t = tallies();
    CONTROLS
        .iter()
        .map(|&(id, reach, state, ..)| Standing {
            control: id.into(),
            edition: "2024-07".into(),
            reach,
            state,
            rules: match (state, id) {
                (State::Contradicted, "14.1.3.5") => vec![bearing(&t[1], Strength::States)],
                (State::Contradicted | State::PartlyShown | State::Shown, _) => vec![
                    bearing(&t[0], Strength::States),
                    bearing(&t[1], Strength::Supports),
                ],
                (State::NotSeen, _) => vec![bearing(&tally(MFA, [0; 5], false), Strength::Context)],
                _ => Vec::new(),
            },
        })
        .map(|mut s| {
            // A rule that was not part of the run.
            for r in s.rules.iter_mut().filter(|r| r.rule == MFA) {
                r.scopes = 0;
            }
            s
        })
        .collect()
}

fn controls() -> IndexMap<String, ControlInfo> {
    let because = Text::new(
        "既定の暗号化が設定されていることを示す。既に保存されたオブジェクトが暗号化されていることは示さない。",
        "Shows that default encryption is set. Does not show that objects stored before are encrypted.",
    );
    let evidence = |rule: &str, strength| EvidenceInfo {
        rule: rule.into(),
        strength,
        because: because.clone(),
    };
    CONTROLS
        .iter()
        .map(|&(id, reach, _, ja, en)| {
            let info = ControlInfo {
                id: id.into(),
                label: Text::new(ja, en),
                reach,
                remains: match reach {
                    Reach::Full => Text::default(),
                    Reach::Inherited => {
                        Text::new("基盤となる IaaS の事業者", "The provider of the IaaS")
                    }
                    _ => Text::new(
                        "方針の文書と承認の記録",
                        "The policy document and records of approval",
                    ),
                },
                mandatory: id.ends_with('B'),
                evidence: vec![
                    evidence(ENCRYPTION, Strength::States),
                    evidence(PUBLIC, Strength::Supports),
                ],
            };
            (id.to_owned(), info)
        })
        .collect()
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
        },
        run_record: None,
        targets: vec![Target {
            cloud: "aws".into(),
            account: ACCOUNT.into(),
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
        standings: standings(),
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
        findings: &stores.findings,
        gaps: &stores.gaps,
        exchanges: &stores.exchanges,
        run_path: "runs/20261123T010000Z-7f3a".into(),
        report_path: Some("runs/20261123T010000Z-7f3a/report.html".into()),
    }
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
