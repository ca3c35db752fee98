//! What the loader accepts, and what it says of the rest.

use super::api::{StubApi, list, object};
use crate::{Collectors, load, plan};
use shoseki_model::{Diagnostic, Kind};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const HEAD: &str = "title: { ja: 物, en: Thing }\nsource: test\n";

/// A collector file of the type that `path` spells.
pub(super) fn file(path: &str, body: &str) -> (String, String) {
    let name = path.trim_end_matches(".yaml").replace('/', ".");
    (path.to_owned(), format!("type: {name}\n{HEAD}{body}"))
}

fn check(path: &str, body: &str) -> Vec<Diagnostic> {
    load(&[file(path, body)], &[&StubApi::standard()]).1
}

pub(super) fn good(files: &[(String, String)]) -> Collectors {
    let (c, errors) = load(files, &[&StubApi::standard()]);
    assert!(errors.is_empty(), "{errors:#?}");
    c
}

const BUCKET: &str = r#"scope: global
list:
  call: s3:ListBuckets
  items: Buckets
  id: "arn:{partition}:s3:::{Name}"
  name: "{Name}"
  region: "{BucketRegion}"
parts:
  Policy: { call: s3:GetPolicy, with: { Bucket: "{Name}" }, take: Policy, decode: json, absent: [NoSuchBucketPolicy], permission: s3:GetBucketPolicy }
  Logging: { call: s3:GetLogging, with: { Bucket: "{Name}" }, take: Logging }
"#;

const THING: &str = r#"scope: region
list:
  call: x:ListThings
  items: Things
  only: { State: { not: [gone, null] } }
  id: "{Id}"
parts:
  Report:
    call: x:Report
    prepare: { call: x:MakeReport, until: { State: COMPLETE } }
    take: Content
    decode: csv
    columns: [id, mfa]
    match: { id: "{Id}" }
    one: true
  Details: { call: x:GetThing, each: Groups, with: { Id: "{Id}", Group: "{each.Name}" }, take: Thing.State }
  Full: { call: x:BatchGet, batch: 10, with: { Ids: ["{Id}"] }, take: Things, match: { Id: "{Id}" }, one: true }
"#;

const CHILD: &str = r#"scope: region
list: { call: x:Children, over: aws.x.thing, with: { Of: "{parent.Id}" }, items: Children, id: "{parent.Id}/{Cid}" }
"#;

pub(super) fn standard() -> Collectors {
    good(&[
        file("aws/s3/bucket.yaml", BUCKET),
        file("aws/x/thing.yaml", THING),
        file("aws/x/child.yaml", CHILD),
    ])
}

#[test]
fn kinds_follow_from_the_model() {
    let c = standard();
    let bucket = &c.types()["aws.s3.bucket"];
    assert_eq!(bucket.parts, ["Policy", "Logging"]);
    assert_eq!(
        bucket.settings.at("Policy.Statement[].Effect"),
        Some(&Kind::Any)
    );
    assert_eq!(bucket.settings.at("Logging.Target"), Some(&Kind::Str));
    assert_eq!(bucket.settings.at("Size"), Some(&Kind::Int));
    let thing = &c.types()["aws.x.thing"].settings;
    assert_eq!(
        thing.at("Report"),
        Some(&object(&[("id", Kind::Str), ("mfa", Kind::Str)]))
    );
    assert_eq!(thing.at("Details"), Some(&list(Kind::Str)));
    assert_eq!(thing.at("Full.State"), Some(&Kind::Str));
}

#[test]
fn plans_pull_parents_in_and_name_permissions() {
    let demand = BTreeMap::from([
        ("aws.x.child".to_owned(), BTreeSet::new()),
        (
            "aws.s3.bucket".to_owned(),
            BTreeSet::from(["Policy".to_owned()]),
        ),
    ]);
    let p = plan(&standard(), &demand);
    let types: Vec<_> = p
        .types
        .iter()
        .map(|t| (t.r#type.as_str(), t.wanted))
        .collect();
    assert_eq!(
        types,
        [
            ("aws.s3.bucket", true),
            ("aws.x.thing", false),
            ("aws.x.child", true)
        ]
    );
    assert_eq!(
        p.permissions,
        [
            "s3:GetBucketPolicy",
            "s3:ListBuckets",
            "x:Children",
            "x:ListThings"
        ]
    );
    assert_eq!(
        p.calls(),
        [
            "s3:GetPolicy",
            "s3:ListBuckets",
            "x:Children",
            "x:ListThings"
        ]
    );
    assert!(p.unknown.is_empty());
    serde_json::to_string(&p).unwrap();
}

#[test]
fn unknown_demand_is_told() {
    let demand = BTreeMap::from([
        ("aws.no.type".to_owned(), BTreeSet::new()),
        (
            "aws.x.thing".to_owned(),
            BTreeSet::from(["Nope".to_owned()]),
        ),
    ]);
    assert_eq!(
        plan(&standard(), &demand).unknown,
        ["aws.no.type", "aws.x.thing#Nope"]
    );
}

#[test]
fn all_errors_come_at_once_with_places_and_help() {
    let body = r#"scope: regional
list:
  cal: s3:ListBuckets
  items: Buckets
  id: "{Name"
"#;
    let found: Vec<_> = check("aws/s3/bucket.yaml", body)
        .into_iter()
        .map(|d| (d.line, d.column, d.code, d.help))
        .collect();
    let expected = [
        (4, 8, "wrong-type", None),
        (6, 3, "missing-field", None),
        (
            6,
            3,
            "unknown-field",
            Some("did you mean `call`?".to_owned()),
        ),
        (8, 7, "template", None),
    ];
    assert_eq!(found, expected);
}

/// One mistake each: body, code, a piece of the message.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "scope: region\nlist: { call: x:Nope, items: A, id: \"{A}\" }",
        "unknown-operation",
        "x:Nope",
    ),
    (
        "scope: region\nlist: { call: x:GetSecret, items: A, id: \"{A}\" }",
        "not-readable",
        "list of reading",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Thing, id: \"{Id}\" }",
        "unknown-path",
        "did you mean `Things`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Ident}\" }",
        "unknown-member",
        "no member `Ident`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"fixed\" }",
        "template",
        "nothing of the item",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, as: N, id: \"{N}\" }",
        "as-on-objects",
        "plain text",
    ),
    (
        "scope: region\nlist: { call: x:Names, items: Names, as: N, id: \"{N}\" }",
        "needs-page",
        "`Token`",
    ),
    (
        "scope: region\nlist: { call: x:Names, page: false, items: Names, id: \"{N}\" }",
        "not-a-list",
        "plain text",
    ),
    (
        "scope: region\nlist: { call: x:All, with: { Foo: 1 }, items: Things, id: \"{Id}\" }",
        "unknown-parameter",
        "`Foo`",
    ),
    (
        "scope: region\nlist: { call: x:ListThings, with: { Max: \"5\" }, items: Things, id: \"{Id}\" }",
        "wrong-type",
        "a whole number",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{parent.Id}{Id}\" }",
        "unknown-member",
        "no parent",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", only: { Stat: [a] } }",
        "unknown-path",
        "did you mean `State`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", only: { State: 3 } }",
        "wrong-type",
        "never 3",
    ),
    (
        "scope: region\nlist: { call: x:All, over: aws.x.nope, items: Things, id: \"{Id}\" }",
        "unknown-parent",
        "aws.x.nope",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  State: { call: x:Settings }",
        "part-collides",
        "`State`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:GetThing }",
        "missing-parameter",
        "`Id`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:All, take: Things, match: { Nope: \"{Id}\" } }",
        "unknown-path",
        "`Nope`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:Settings, one: true }",
        "not-a-list",
        "`one`",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:Settings, decode: json }",
        "decode",
        "text",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:Report, take: Content, decode: csv }",
        "decode",
        "columns",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:BatchGet, batch: 5, with: { Ids: [\"{Id}\"] }, take: Things }",
        "batch",
        "match",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }\nparts:\n  P: { call: x:GetThing, each: State, with: { Id: \"{each}\" } }",
        "not-a-list",
        "`State`",
    ),
    (
        "scope: global\nlist: { each: region, id: \"{region}\" }",
        "scope",
        "scope: region",
    ),
    (
        "scope: region\nlist: { each: region, id: \"{Name}\" }",
        "unknown-member",
        "no list item",
    ),
    (
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", absent: [AccessDenied] }",
        "absent",
        "not seen",
    ),
];

#[test]
fn each_mistake_is_found_once() {
    for (body, code, piece) in MISTAKES {
        let found = check("aws/x/thing.yaml", body);
        assert_eq!(found.len(), 1, "{body}\n{found:#?}");
        let d = &found[0];
        let text = d.to_string();
        assert_eq!(d.code, *code, "{body}\n{text}");
        assert!(text.contains(piece), "{body}\n{text}");
        assert!(d.line > 0, "{text}");
    }
}

#[test]
fn types_are_spelt_by_their_paths_and_described_once() {
    let body = "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }";
    let (_, text) = file("aws/x/thing.yaml", body);
    let files = [
        ("aws/x/other.yaml".to_owned(), text.clone()),
        ("aws/x/thing.yaml".to_owned(), text.clone()),
        ("Thing.yaml".to_owned(), text),
    ];
    let (_, errors) = load(&files, &[&StubApi::standard()]);
    let codes: Vec<_> = errors.iter().map(|d| d.code).collect();
    assert_eq!(
        codes,
        ["path", "duplicate-type", "type-path", "duplicate-type"]
    );
}

#[test]
fn permissions_agree_between_files() {
    let one = file(
        "aws/x/one.yaml",
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", permission: x:Other }",
    );
    let two = file(
        "aws/x/two.yaml",
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }",
    );
    let (_, errors) = load(&[one, two], &[&StubApi::standard()]);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(
        (errors[0].code, errors[0].file.as_str()),
        ("permission-differs", "aws/x/two.yaml")
    );
}

#[test]
fn a_type_is_not_its_own_ancestor() {
    let a = "scope: region\nlist: { call: x:Children, over: aws.x.b, with: { Of: \"{parent.Cid}\" }, items: Children, id: \"{Cid}\" }";
    let b = a.replace("aws.x.b", "aws.x.a");
    let (_, errors) = load(
        &[file("aws/x/a.yaml", a), file("aws/x/b.yaml", &b)],
        &[&StubApi::standard()],
    );
    assert!(
        errors.iter().all(|d| d.code == "parent-cycle"),
        "{errors:#?}"
    );
    assert_eq!(errors.len(), 2);
}

#[test]
fn what_one_collector_calls_secret_is_secret_for_all() {
    let one = file(
        "aws/x/one.yaml",
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", secret: [\"Things[].KeyId\"] }",
    );
    let two = file(
        "aws/x/two.yaml",
        "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\" }",
    );
    let c = good(&[one, two]);
    let q = c.get("aws.x.two").unwrap().list.query.as_ref().unwrap();
    assert_eq!(q.call.secret[0].value.as_str(), "Things[].KeyId");
}
