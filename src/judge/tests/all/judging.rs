use crate::common::*;
use serde_json::{Value, json};
use shoseki_judge::Judge;
use shoseki_model::{ApiError, Cause, Finding, Gap, Resource, Sight, Verdict};

fn one(j: &Judge, r: &Resource) -> Finding {
    let mut all = j.judge(r, &|_| None);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn verdict(expect: &str, r: &Resource) -> Verdict {
    one(&judge(expect, ""), r).verdict
}

const ENCRYPTED: &str = r#"settings.Encryption.Rules.exists(r, r.ApplyServerSideEncryptionByDefault.SSEAlgorithm in ["aws:kms", "AES256"])"#;

#[test]
fn a_rule_passes_fails_and_stays_unknown() {
    let good = bucket(json!({"Encryption": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]}}));
    assert_eq!(verdict(ENCRYPTED, &good), Verdict::Pass);
    assert_eq!(verdict(ENCRYPTED, &bucket(json!({}))), Verdict::Fail);
    let denied = hidden(good, &["Encryption"]);
    assert_eq!(verdict(ENCRYPTED, &denied), Verdict::Unknown);
}

#[test]
fn what_was_never_asked_for_is_not_absent() {
    let mut r = bucket(json!({}));
    r.sources.shift_remove("Policy");
    let f = one(&judge("settings.Policy == null", ""), &r);
    assert_eq!(f.verdict, Verdict::Unknown);
    assert!(f.gaps.is_empty());
    assert_eq!(f.observed[0].sight, Sight::Unseen("not-asked".into()));
    assert_eq!(f.reason.en, "settings.Policy was never asked for.");
}

#[test]
fn settings_as_a_whole_are_unseen_where_a_part_is() {
    let r = hidden(bucket(json!({"Name": "b"})), &["Policy"]);
    for e in [
        "settings == {}",
        "size(settings) == 1",
        "\"Name\" in settings",
        "settings.exists(k, k == \"Name\")",
        "[settings] != []",
        "settings[\"Pol\" + \"icy\"] == null",
        "[\"Policy\"].exists(k, settings[k] == null)",
    ] {
        assert_eq!(verdict(e, &r), Verdict::Unknown, "{e}");
    }
    assert_eq!(
        verdict("settings[\"Na\" + \"me\"] == \"b\"", &r),
        Verdict::Pass
    );
}

#[test]
fn an_unseen_list_item_hides_its_members() {
    let mut r = bucket(json!({"Name": "b"}));
    r.unseen.insert(String::new(), "gitem".into());
    assert_eq!(verdict("settings.Name == \"b\"", &r), Verdict::Unknown);
    assert_eq!(verdict("settings.Policy == null", &r), Verdict::Pass);
}

#[test]
fn three_values_follow_kleene() {
    let r = hidden(
        bucket(json!({"Name": "b", "Tags": {"a": "1"}})),
        &["Policy"],
    );
    let u = "settings.Policy == null";
    for (e, v) in [
        ("false && U", Verdict::Fail),
        ("U && false", Verdict::Fail),
        ("true && U", Verdict::Unknown),
        ("true || U", Verdict::Pass),
        ("U || true", Verdict::Pass),
        ("false || U", Verdict::Unknown),
        ("!(U)", Verdict::Unknown),
        ("(U) ? true : true", Verdict::Unknown),
        ("true ? true : (U)", Verdict::Pass),
        ("[1, 2].exists(x, x == 2 || U)", Verdict::Pass),
        ("[1, 2].exists(x, x == 3 || U)", Verdict::Unknown),
        ("[1, 2].all(x, x == 2 && U)", Verdict::Fail),
        ("[1, 2].all(x, x > 0 && U)", Verdict::Unknown),
        ("[1, 2].filter(x, x == 1 || U) == [1]", Verdict::Unknown),
        ("[].exists(x, U)", Verdict::Fail),
        ("settings.Policy in [null]", Verdict::Unknown),
        ("size([settings.Policy]) == 1", Verdict::Unknown),
    ] {
        let e = e.replace('U', u);
        assert_eq!(verdict(&e, &r), v, "{e}");
    }
}

#[test]
fn absent_is_null_and_lists_that_are_absent_are_empty() {
    let r = bucket(json!({"Encryption": null, "Tags": {"a": "1", "b": null}}));
    for e in [
        "settings.Encryption == null",
        "settings.Encryption.Rules == null",
        "settings.Encryption.Rules[0].BucketKeyEnabled == null",
        "!settings.Encryption.Rules.exists(r, true)",
        "settings.Encryption.Rules.all(r, false)",
        "size(settings.Encryption.Rules) == 0",
        "settings.Encryption.Rules.map(r, r) == []",
        "settings.Encryption.Rules.filter(r, true) == []",
        "!settings.Encryption.Rules.exists_one(r, true)",
        "!(1 in settings.Policy)",
        "settings.Tags.a == \"1\" && settings.Tags.b == null && settings.Tags[\"c\"] == null",
        "settings.PublicAccessBlock.BlockPublicAcls != false",
        "!(null == false) && null == null",
        "!has(settings.Policy) && has(settings.Tags.a)",
    ] {
        assert_eq!(verdict(e, &r), Verdict::Pass, "{e}");
    }
    for e in [
        "settings.Size > 3",
        "settings.Size + 1 == 1",
        "settings.Name.startsWith(\"a\")",
    ] {
        assert_eq!(verdict(e, &r), Verdict::Unknown, "{e}");
    }
}

#[test]
fn an_error_makes_the_verdict_unknown_and_is_told() {
    let f = one(&judge("settings.Size > 3", ""), &bucket(json!({})));
    assert_eq!(f.verdict, Verdict::Unknown);
    assert_eq!(
        f.reason.en,
        "The expression could not be evaluated: `>` was used between absent and a whole number. settings.Size is not set."
    );
    assert_eq!(
        f.reason.ja,
        "判定の式を評価できなかった: 「>」を未設定と整数の間で使った。settings.Size は設定されていない。"
    );
}

#[test]
fn scope_comes_first() {
    let j = judge("settings.Name == \"b\"", "when: settings.Policy != null");
    let f = one(&j, &bucket(json!({"Name": "b"})));
    assert_eq!(f.verdict, Verdict::NotApplicable);
    assert_eq!(
        f.reason.ja,
        "この規則の対象外である。settings.Policy は設定されていない。"
    );
    let f = one(&j, &hidden(bucket(json!({"Name": "b"})), &["Policy"]));
    assert_eq!(f.verdict, Verdict::Unknown);
    assert_eq!(f.gaps, ["gPolicy"]);
    let f = one(&j, &bucket(json!({"Name": "c", "Policy": {}})));
    assert_eq!(f.verdict, Verdict::Fail);
}

#[test]
fn findings_quote_what_was_observed_and_where_it_came_from() {
    let j = judge(
        "settings.Versioning.Status == \"Enabled\" && settings.Name != resource.name",
        "",
    );
    let f = one(
        &j,
        &bucket(json!({"Name": "n", "Versioning": {"Status": "Suspended"}})),
    );
    let seen: Vec<_> = f
        .observed
        .iter()
        .map(|o| (o.path.as_str(), &o.sight, o.exchanges.join(",")))
        .collect();
    let value = |s: &str| Sight::Seen(Value::from(s));
    assert_eq!(
        seen,
        [
            (
                "settings.Versioning.Status",
                &value("Suspended"),
                "xVersioning".to_owned()
            ),
            ("settings.Name", &value("n"), "xlist".to_owned()),
            ("resource.name", &value("b"), "xlist".to_owned()),
        ]
    );
    assert_eq!(
        f.reason.en,
        "settings.Versioning.Status is \"Suspended\". settings.Name is \"n\". resource.name is \"b\"."
    );
    assert_eq!(f.id, Finding::id_of("aws.s3.r", &f.resource));
}

#[test]
fn a_gap_is_told_with_call_cause_and_permission() {
    let gap = Gap {
        id: "gPolicy".into(),
        cause: Cause::Denied,
        cloud: "aws".into(),
        account: "111122223333".into(),
        region: "ap-northeast-1".into(),
        call: "s3:GetBucketPolicy".into(),
        permissions: vec!["s3:GetBucketPolicy".into()],
        r#type: "aws.s3.bucket".into(),
        resource: None,
        part: Some("Policy".into()),
        read: None,
        error: Some(ApiError {
            code: "AccessDenied".into(),
            message: String::new(),
        }),
        exchange: None,
    };
    let j = judge("settings.Policy == null", "");
    let r = hidden(bucket(json!({})), &["Policy"]);
    let f = j
        .judge(&r, &|id| (id == gap.id).then(|| gap.clone()))
        .remove(0);
    assert_eq!(
        f.reason.en,
        "settings.Policy could not be read: s3:GetBucketPolicy was denied (AccessDenied). Permission needed: s3:GetBucketPolicy. Gap gPolicy."
    );
    assert_eq!(
        f.reason.ja,
        "settings.Policy を読み取れなかった: s3:GetBucketPolicy は拒否された（AccessDenied）。必要な権限: s3:GetBucketPolicy。欠落 gPolicy。"
    );
    assert_eq!(f.gaps, ["gPolicy"]);
}

#[test]
fn long_values_are_cut() {
    let j = judge("settings.Policy == null", "");
    let f = one(&j, &bucket(json!({"Policy": {"x": "あ".repeat(5000)}})));
    let Sight::Seen(Value::String(s)) = &f.observed[0].sight else {
        panic!("{:?}", f.observed)
    };
    assert!(s.len() < 4200 && s.ends_with("/15008 bytes)"), "{s}");
    assert!(f.reason.en.chars().count() < 260);
}

#[test]
fn a_path_through_something_else_quotes_what_stands_there() {
    let f = one(
        &judge("settings.Policy.Version == \"x\"", ""),
        &bucket(json!({"Policy": "text"})),
    );
    assert_eq!(f.verdict, Verdict::Unknown);
    assert_eq!(f.observed[0].path, "settings.Policy");
    assert_eq!(f.observed[0].sight, Sight::Seen("text".into()));
}

#[test]
fn the_element_that_settles_a_condition_is_named() {
    let r = bucket(json!({"Encryption": {"Rules": [
        {"BucketKeyEnabled": true}, {"BucketKeyEnabled": false}
    ]}}));
    let f = one(
        &judge(
            "settings.Encryption.Rules.all(r, r.BucketKeyEnabled == true)",
            "",
        ),
        &r,
    );
    assert_eq!(f.verdict, Verdict::Fail);
    assert_eq!(
        f.reason.en,
        "Of settings.Encryption.Rules (2), the first that does not fit the condition is {\"BucketKeyEnabled\":false}."
    );
    assert_eq!(
        f.reason.ja,
        "settings.Encryption.Rules（2 件）のうち、条件に当てはまらない最初の要素は {\"BucketKeyEnabled\":false} である。"
    );
    let f = one(
        &judge(
            "!settings.Encryption.Rules.exists(r, r.BucketKeyEnabled == true)",
            "",
        ),
        &r,
    );
    assert_eq!(
        f.reason.en,
        "Of settings.Encryption.Rules (2), the first that fits the condition is {\"BucketKeyEnabled\":true}."
    );
    let f = one(
        &judge(
            "settings.Encryption.Rules.exists(r, r.BucketKeyEnabled == null)",
            "",
        ),
        &r,
    );
    assert!(
        f.reason.en.starts_with("settings.Encryption.Rules is [{"),
        "{}",
        f.reason.en
    );
}

/// Short expressions that would fill any memory or never end: their outcome is
/// not known, and says why.
#[test]
fn an_expression_that_takes_too_much_is_unknown() {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let mut loops = String::new();
    for n in 0..20 {
        loops += &format!("{ten}.all(v{n}, ");
    }
    loops += &format!("v0 == v1 || v0 != v1{}", ")".repeat(20));
    let text = format!(
        "[\"0123456789\"]{}.exists(x, x == settings.Name)",
        ".map(x, x + x)".repeat(80)
    );
    let shared = format!("[[1]]{}", ".map(x, [x, x])".repeat(60));
    for expect in [
        loops,
        text,
        format!("{shared} == {shared}"),
        format!("{shared} in [{shared}]"),
    ] {
        let expect = format!("{expect} || settings.Name == \"c\"");
        let f = one(&judge(&expect, ""), &bucket(json!({"Name": "b"})));
        assert_eq!(f.verdict, Verdict::Unknown, "{expect}");
        assert!(f.reason.en.contains("takes more than"), "{}", f.reason.en);
    }
    // A few thousand elements against as many are within what is asked of rules.
    let names: Vec<String> = (0..2000).map(|n| format!("n{n}")).collect();
    let many = bucket(json!({"Policy": {"Statement": names}}));
    let pairs = "settings.Policy.Statement.all(a, settings.Policy.Statement.exists(b, b == a))";
    assert_eq!(verdict(pairs, &many), Verdict::Pass);
}
