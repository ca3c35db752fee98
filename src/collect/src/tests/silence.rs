//! What failed, was cut or was misread must show as a gap, never as less.

use super::cloud::{FakeCloud, refused, scan};
use super::load::{file, good};
use crate::path::Path;
use crate::{Collectors, Plan, plan};
use serde_json::json;
use shoseki_model::Cause;
use std::collections::{BTreeMap, BTreeSet};

fn planned(c: &Collectors, r#type: &str, parts: &[&str]) -> Plan {
    let parts: BTreeSet<String> = parts.iter().map(|p| (*p).to_owned()).collect();
    plan(c, &BTreeMap::from([(r#type.to_owned(), parts)]))
}

#[tokio::test]
async fn an_item_of_a_refused_batch_that_its_own_answer_leaves_out_is_a_gap() {
    let p = planned(&super::load::standard(), "aws.x.thing", &["Full"]);
    let cloud = FakeCloud::new()
        .answers(
            "x:ListThings",
            json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "b", "State": "up"}]}),
        )
        .on("x:BatchGet", |r| {
            let ids = r.params["Ids"].as_array().unwrap();
            match ids.as_slice() {
                [one] if one == "a" => Ok(json!({"Things": [{"Id": "a"}]})),
                [_] => Ok(json!({"Things": []})),
                _ => Err(refused(Cause::Rejected, "NoSuchThing")),
            }
        });
    let (told, _) = scan(p, cloud).await;
    let b = &told.resources["aws.x.thing b"];
    assert_eq!(told.gaps[&b.unseen["Full"]].cause, Cause::Vanished);
    assert!(!b.settings.contains_key("Full"));
    assert!(told.resources["aws.x.thing a"].unseen.is_empty());
}

#[tokio::test]
async fn equal_children_of_two_parents_are_not_one() {
    let child = "scope: region\nlist: { call: x:Children, over: aws.x.thing, with: { Of: \"{parent.Id}\" }, items: Children, id: \"{Cid}\" }\n";
    let thing = "scope: region\nlist: { call: x:ListThings, items: Things, id: \"{Id}\" }\n";
    let c = good(&[
        file("aws/x/thing.yaml", thing),
        file("aws/x/child.yaml", child),
    ]);
    let cloud = FakeCloud::new()
        .answers(
            "x:ListThings",
            json!({"Things": [{"Id": "a"}, {"Id": "b"}]}),
        )
        .answers("x:Children", json!({"Children": [{"Cid": "same"}]}));
    let (told, _) = scan(planned(&c, "aws.x.child", &[]), cloud).await;
    let children = told.population("aws.x.child");
    assert_eq!((children.count, children.complete), (1, false));
}

#[tokio::test]
async fn a_condition_on_a_member_that_is_missing_is_a_gap_unless_it_speaks_of_absence() {
    let only = "scope: region\nlist: { call: x:ListThings, items: Things, id: \"{Id}\", only: { State: [up] } }\n";
    let c = good(&[file("aws/x/thing.yaml", only)]);
    let things =
        json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "b"}, {"Id": "c", "State": "down"}]});
    let cloud = FakeCloud::new().answers("x:ListThings", things.clone());
    let (told, _) = scan(planned(&c, "aws.x.thing", &[]), cloud).await;
    let pop = told.population("aws.x.thing");
    assert_eq!((pop.count, pop.complete), (1, false));

    let when = "scope: region\nlist: { call: x:ListThings, items: Things, id: \"{Id}\" }\nparts:\n  On: { call: x:Settings, take: Enabled, when: { State: [up] } }\n";
    let c = good(&[file("aws/x/thing.yaml", when)]);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things)
        .answers("x:Settings", json!({"Enabled": true}));
    let (told, _) = scan(planned(&c, "aws.x.thing", &["On"]), cloud).await;
    assert!(told.resources["aws.x.thing b"].unseen.contains_key("On"));
    assert_eq!(told.resources["aws.x.thing a"].settings["On"], true);
    assert_eq!(told.resources["aws.x.thing c"].settings["On"], json!(null));
}

#[test]
fn null_among_the_entries_of_a_list_is_not_passed_over() {
    let v = json!({"L": [null, {"A": 1}]});
    for p in ["L[]", "L[].A"] {
        assert!(Path::parse(p).unwrap().select(&v).is_err(), "{p}");
    }
}

#[tokio::test]
async fn a_document_with_a_key_twice_is_a_gap() {
    let p = planned(&super::load::standard(), "aws.s3.bucket", &["Policy"]);
    let cloud = FakeCloud::new()
        .answers("s3:ListBuckets", json!({"Buckets": [{"Name": "a"}]}))
        .answers(
            "s3:GetPolicy",
            json!({"Policy": "{\"Statement\":[{\"Effect\":\"Allow\"}],\"Statement\":[]}"}),
        );
    let (told, _) = scan(p, cloud).await;
    let unseen = &told.resources["aws.s3.bucket arn:aws:s3:::a"].unseen;
    assert_eq!(told.gaps[&unseen["Policy"]].cause, Cause::Malformed);
}
