//! Rules, controls and where they stand in the small run.

use crate::fixture::{ACCOUNT, ENCRYPTION, MFA, PUBLIC};
use indexmap::IndexMap;
use shoseki_model::{Reach, RuleStanding, Severity, Standing, State, Strength, Tally, Text};
use shoseki_report::{ControlInfo, EvidenceInfo, FixInfo, RuleInfo};

pub fn rule(id: &str, severity: Severity, ja: &str, en: &str) -> RuleInfo {
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

pub fn tallies() -> Vec<Tally> {
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

pub fn standings() -> Vec<Standing> {
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
                (State::Shown, _) => vec![bearing(
                    &tally(ENCRYPTION, [6, 0, 0, 0, 0], true),
                    Strength::States,
                )],
                (State::Contradicted | State::PartlyShown, _) => vec![
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

pub fn controls() -> IndexMap<String, ControlInfo> {
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
