//! Made-up records, filled to the last member and with the least.

use crate::{RunInfo, RunWriter, Selection, Tool};
use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_model::*;

pub(super) fn id(prefix: &str, of: &str) -> String {
    short_id(prefix, &[of])
}

pub(super) fn exchange(n: u64, body: &[u8]) -> Exchange {
    let params = json!({"Bucket": format!("b{n}")})
        .as_object()
        .unwrap()
        .clone();
    Exchange {
        id: Exchange::id_of("aws", "1", "tokyo", "s3:GetPolicy", &params),
        cloud: "aws".to_owned(),
        account: "1".to_owned(),
        region: "tokyo".to_owned(),
        call: "s3:GetPolicy".to_owned(),
        params,
        caller: "arn:aws:iam::1:user/a".to_owned(),
        started: "2026-11-23T01:02:03.004Z".to_owned(),
        ended: "2026-11-23T01:02:03.104Z".to_owned(),
        date: Some("Mon, 23 Nov 2026 01:02:03 GMT".to_owned()),
        request_id: Some("R1".to_owned()),
        status: Some(200),
        headers: Default::default(),
        attempts: 1,
        http: Some("GET https://s3.example/b?policy".to_owned()),
        error: None,
        failure: None,
        answer: Some(AnswerRef {
            sha256: digest(body),
            bytes: body.len() as u64,
            redacted: 0,
        }),
    }
}

pub(super) fn failed(n: u64) -> Exchange {
    Exchange {
        date: None,
        request_id: None,
        status: None,
        http: None,
        error: Some(ApiError {
            code: "AccessDenied".to_owned(),
            message: "no".to_owned(),
        }),
        failure: Some(Cause::Denied),
        answer: None,
        ..exchange(n, b"")
    }
}

pub(super) fn resource(n: u64) -> Resource {
    Resource {
        r#type: "aws.s3.bucket".to_owned(),
        id: format!("arn:aws:s3:::b{n}"),
        name: format!("b{n}"),
        account: "1".to_owned(),
        region: "tokyo".to_owned(),
        scope: "global".to_owned(),
        settings: json!({"Name": format!("b{n}"), "Policy": null})
            .as_object()
            .unwrap()
            .clone(),
        sources: IndexMap::from([
            (String::new(), vec![id("x", "list")]),
            ("Policy".to_owned(), vec![id("x", "p")]),
        ]),
        unseen: IndexMap::from([("Acl".to_owned(), id("g", "acl"))]),
    }
}

pub(super) fn gap() -> Gap {
    Gap {
        id: id("g", "acl"),
        cause: Cause::Denied,
        cloud: "aws".to_owned(),
        account: "1".to_owned(),
        region: "tokyo".to_owned(),
        call: "s3:GetBucketAcl".to_owned(),
        permissions: vec!["s3:GetBucketAcl".to_owned()],
        r#type: "aws.s3.bucket".to_owned(),
        resource: Some("arn:aws:s3:::b1".to_owned()),
        part: Some("Acl".to_owned()),
        read: Some(3),
        error: Some(ApiError {
            code: "AccessDenied".to_owned(),
            message: String::new(),
        }),
        exchange: Some(id("x", "acl")),
    }
}

pub(super) fn population(complete: bool) -> Population {
    Population {
        r#type: "aws.s3.bucket".to_owned(),
        cloud: "aws".to_owned(),
        account: "1".to_owned(),
        region: "global".to_owned(),
        count: 1,
        complete,
        query: vec![id("x", "list")],
        gaps: if complete {
            vec![]
        } else {
            vec![id("g", "list")]
        },
    }
}

pub(super) fn finding(n: u64, verdict: Verdict) -> Finding {
    let resource = ResourceRef {
        r#type: "aws.s3.bucket".to_owned(),
        id: format!("arn:aws:s3:::b{n}"),
        name: format!("b{n}"),
        account: "1".to_owned(),
        region: "tokyo".to_owned(),
    };
    let sight = |path: &str, sight| Observed {
        path: path.to_owned(),
        sight,
        exchanges: vec![id("x", "p")],
    };
    Finding {
        id: Finding::id_of("aws.s3.x", &resource),
        rule: "aws.s3.x".to_owned(),
        severity: Severity::High,
        verdict,
        resource,
        observed: vec![
            sight("settings.A", Sight::Seen(json!({"a": [1, null]}))),
            sight("settings.N", Sight::Seen(Value::Null)),
            sight("settings.B", Sight::Absent),
            sight("settings.C", Sight::Unseen("not-asked".to_owned())),
        ],
        reason: Text::new("理由", "reason"),
        gaps: vec![id("g", "acl")],
        excepted: (verdict == Verdict::Fail).then(|| Excepted {
            id: "e".to_owned(),
            owner: "o".to_owned(),
            approver: "a".to_owned(),
            reason: "r".to_owned(),
            compensating: "c".to_owned(),
            from: "2026-04-01".to_owned(),
            until: "2027-03-31".to_owned(),
        }),
    }
}

pub(super) fn tally() -> Tally {
    Tally {
        rule: "aws.s3.x".to_owned(),
        r#type: "aws.s3.bucket".to_owned(),
        enumerated: 1,
        unknown: 1,
        gaps: vec![id("g", "list")],
        ..Tally::default()
    }
}

pub(super) fn standing() -> Standing {
    let rule = RuleStanding {
        rule: "aws.s3.x".to_owned(),
        strength: Strength::States,
        scopes_complete: 1,
        scopes: 1,
        enumerated: 1,
        pass: 0,
        fail: 0,
        unknown: 1,
        excepted: 0,
        not_applicable: 0,
    };
    Standing {
        control: "10.1.2.9".to_owned(),
        edition: "2024-07".to_owned(),
        reach: Reach::Part,
        state: State::NotSeen,
        rules: vec![rule],
    }
}

pub(super) fn info() -> RunInfo {
    RunInfo {
        backfill: None,
        tool: Tool {
            name: "shoseki".to_owned(),
            version: "0.1.0".to_owned(),
        },
        started: "2026-11-23T01:02:03Z".to_owned(),
        ended: "2026-11-23T01:03:03Z".to_owned(),
        judged_at: "2026-11-23T01:02:03Z".to_owned(),
        sought: Vec::new(),
        targets: vec![Target {
            cloud: "aws".to_owned(),
            account: "1".to_owned(),
            level: "account".into(),
            name: Some("n".to_owned()),
            partition: "aws".to_owned(),
            regions: vec!["tokyo".to_owned()],
            regions_left_out: vec!["osaka".to_owned()],
            caller: Caller {
                id: "arn".to_owned(),
                account: "1".to_owned(),
                via: vec!["role".to_owned()],
            },
            endpoint: Some("http://127.0.0.1:1".to_owned()),
        }],
        selection: Selection {
            rules: Some("aws.s3.*".to_owned()),
            controls: vec!["10.1.2".to_owned()],
            lang: Lang::Ja,
        },
        edition: Some("2024-07".to_owned()),
    }
}

/// Writes a small run; two of its three answers are the same.
pub(super) fn write(w: &RunWriter) {
    for n in 0..3 {
        let body: &[u8] = if n < 2 {
            b"{\"Policy\":\"{}\"}"
        } else {
            b"other"
        };
        w.record(&exchange(n, body), Some(body)).unwrap();
    }
    w.record(&failed(3), None).unwrap();
    w.resource(&resource(1)).unwrap();
    w.gap(&gap()).unwrap();
    w.population(&population(true)).unwrap();
    for v in [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::NotApplicable,
    ] {
        w.finding(&finding(v as u64, v)).unwrap();
    }
    w.tally(&tally()).unwrap();
    w.standing(&standing()).unwrap();
    w.pack("collectors/aws/s3/bucket.yaml", "type: aws.s3.bucket\n")
        .unwrap();
    w.pack("rules/aws/s3/x.yaml", "id: aws.s3.x\n").unwrap();
}
