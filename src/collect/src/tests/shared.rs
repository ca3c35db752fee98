//! One answer for several askers: a list and a part that ask alike. What failed,
//! was cut or left something out must show at each of them.

use super::api::StubApi;
use super::cloud::{FakeCloud, Told, refused, scan};
use super::load::{file, good};
use crate::{Hole, Plan, load, plan};
use serde_json::{Value, json};
use shoseki_model::{Cause, Gap};
use std::collections::{BTreeMap, BTreeSet};

const THING: &str = "scope: region\nlist: { call: x:ListThings, items: Things, id: \"{Id}\" }\n";

/// The list of the children, and a part that asks the same; of both that error is
/// an answer.
fn planned(absent: &str, part_first: bool) -> Plan {
    let child = format!(
        "scope: region\nlist: {{ call: x:Children, over: aws.x.thing, with: {{ Of: \"{{parent.Id}}\" }}, items: Children, id: \"{{parent.Id}}/{{Cid}}\"{absent} }}\n"
    );
    let part = format!(
        "parts:\n  Kids: {{ call: x:Children, with: {{ Of: \"{{Id}}\" }}, take: Children{absent} }}\n"
    );
    // Types of one depth are read in the order of their names.
    let other = if part_first { "aws.x.a" } else { "aws.x.z" };
    let c = good(&[
        file("aws/x/thing.yaml", THING),
        file("aws/x/child.yaml", &child),
        file(
            &format!("{}.yaml", other.replace('.', "/")),
            &format!("{}{part}", THING.replace("{Id}", "other/{Id}")),
        ),
    ]);
    let kids = BTreeSet::from(["Kids".to_owned()]);
    let demand = [("aws.x.child", BTreeSet::new()), (other, kids)];
    let demand: BTreeMap<_, _> = demand.map(|(t, p)| (t.to_owned(), p)).into();
    plan(&c, &demand)
}

/// Two things with three children each, one on a page.
fn cloud() -> FakeCloud {
    let mut cloud = FakeCloud::new()
        .answers("x:ListThings", json!({"Things": [{"Id": "t0"}]}))
        .answers(
            "x:Children",
            json!({"Children": [{"Cid": "a"}, {"Cid": "b"}, {"Cid": "c"}]}),
        );
    cloud.page_size = 1;
    cloud
}

/// The value of the part, or the gap that hides it.
fn kids(told: &Told) -> Result<&Value, &Gap> {
    let mut with = told
        .resources
        .values()
        .filter(|r| r.id.starts_with("other/"));
    let r = with.next().unwrap();
    match r.unseen.get("Kids") {
        Some(gap) => Err(&told.gaps[gap]),
        None => Ok(&r.settings["Kids"]),
    }
}

#[tokio::test]
async fn what_a_list_and_a_part_ask_alike_is_asked_once() {
    for part_first in [true, false] {
        let (told, cloud) = scan(planned("", part_first), cloud()).await;
        assert_eq!(cloud.calls("x:Children"), 3);
        assert_eq!(cloud.calls("x:ListThings"), 1);
        assert_eq!(kids(&told).unwrap().as_array().unwrap().len(), 3);
        let children = told.population("aws.x.child");
        assert_eq!((children.count, children.complete), (3, true));
        assert_eq!(children.query.len(), 3);
    }
}

#[tokio::test]
async fn a_page_that_fails_hides_the_part_and_breaks_the_list() {
    let absent = ", absent: [Broken]";
    for part_first in [true, false] {
        for absent in ["", absent] {
            for page in 0..3 {
                let mut cloud = cloud();
                cloud
                    .broken
                    .push(("x:Children".to_owned(), page, Cause::Rejected));
                let (told, cloud) = scan(planned(absent, part_first), cloud).await;
                assert_eq!(cloud.calls("x:Children"), page + 1);
                let children = told.population("aws.x.child");
                assert_eq!(children.count, page as u64);
                // That there is nothing is said by the first page alone: behind
                // others the same error cuts them off.
                if page == 0 && !absent.is_empty() {
                    assert!(children.complete);
                    assert_eq!(kids(&told), Ok(&Value::Null));
                    continue;
                }
                assert!(!children.complete);
                assert_eq!(kids(&told).unwrap_err().cause, Cause::Rejected);
            }
        }
    }
}

#[tokio::test]
async fn a_part_alone_is_not_absent_because_a_later_page_fails() {
    let part = format!(
        "{THING}parts:\n  Kids: {{ call: x:Children, with: {{ Of: \"{{Id}}\" }}, take: Children, absent: [Broken] }}\n"
    );
    let part = part.replace("id: \"{Id}", "id: \"other/{Id}");
    let c = good(&[file("aws/x/thing.yaml", &part)]);
    let demand = BTreeMap::from([(
        "aws.x.thing".to_owned(),
        BTreeSet::from(["Kids".to_owned()]),
    )]);
    for page in 0..3 {
        let mut cloud = cloud();
        cloud
            .broken
            .push(("x:Children".to_owned(), page, Cause::Denied));
        let (told, _) = scan(plan(&c, &demand), cloud).await;
        match page {
            0 => assert_eq!(kids(&told), Ok(&Value::Null)),
            _ => assert_eq!(kids(&told).unwrap_err().cause, Cause::Denied),
        }
    }
}

#[tokio::test]
async fn a_hole_in_any_page_hides_the_part_and_breaks_the_list() {
    for part_first in [true, false] {
        for page in 0..3 {
            let mut cloud = cloud();
            let hole = Hole {
                location: "osaka".to_owned(),
                message: "not reached".to_owned(),
            };
            cloud
                .holes
                .push(("x:Children".to_owned(), page, vec![hole]));
            let (told, cloud) = scan(planned("", part_first), cloud).await;
            assert_eq!(cloud.calls("x:Children"), 3);
            assert_eq!(kids(&told).unwrap_err().cause, Cause::Truncated);
            let children = told.population("aws.x.child");
            assert_eq!((children.count, children.complete), (3, false));
        }
    }
}

#[tokio::test]
async fn pages_in_a_circle_end_and_are_no_whole() {
    for back in 0..3 {
        let circle = Some(("x:Children".to_owned(), 2, back));
        for part_first in [true, false] {
            let mut cloud = cloud();
            cloud.leads.clone_from(&circle);
            let (told, cloud) = scan(planned("", part_first), cloud).await;
            assert!(cloud.calls("x:Children") <= 9);
            assert_eq!(kids(&told).unwrap_err().cause, Cause::Truncated);
            let children = told.population("aws.x.child");
            assert!(!children.complete);
        }
        // Pages that nobody shares.
        let part = format!(
            "{THING}parts:\n  Kids: {{ call: x:Children, with: {{ Of: \"{{Id}}\" }}, take: Children }}\n"
        );
        let part = part.replace("id: \"{Id}", "id: \"other/{Id}");
        let c = good(&[file("aws/x/thing.yaml", &part)]);
        let parts = BTreeSet::from(["Kids".to_owned()]);
        let mut cloud = cloud();
        cloud.leads = circle;
        let demand = BTreeMap::from([("aws.x.thing".to_owned(), parts)]);
        let (told, _) = scan(plan(&c, &demand), cloud).await;
        assert_eq!(kids(&told).unwrap_err().cause, Cause::Truncated);
    }
}

#[tokio::test]
async fn each_asker_tells_a_shared_failure_of_what_it_asked_for() {
    // The list of one type is the part of another, with the same parameters in
    // the end: a failure is told of the item by the one, of all by the other.
    let one = "scope: region\nlist: { call: x:Children, with: { Of: t0 }, items: Children, id: \"{Cid}\" }\nparts:\n  All: { call: x:Children, with: { Of: t0 }, take: Children }\n";
    let two = format!(
        "{THING}parts:\n  Kids: {{ call: x:Children, with: {{ Of: \"{{Id}}\" }}, take: Children }}\n  Again: {{ call: x:Children, with: {{ Of: \"{{Id}}\" }}, take: Children }}\n"
    );
    let c = good(&[file("aws/x/one.yaml", one), file("aws/x/two.yaml", &two)]);
    let parts = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    let demand: BTreeMap<_, BTreeSet<String>> = BTreeMap::from([
        ("aws.x.one".to_owned(), parts(&["All"])),
        ("aws.x.two".to_owned(), parts(&["Kids", "Again"])),
    ]);
    let mut broken = cloud();
    broken
        .broken
        .push(("x:Children".to_owned(), 1, Cause::Denied));
    let (told, cloud) = scan(plan(&c, &demand), broken).await;
    assert_eq!(cloud.calls("x:Children"), 2);
    let one = told.population("aws.x.one");
    assert_eq!((one.count, one.complete), (1, false));
    let of_item = |part: &str| {
        let two = &told.resources["aws.x.two t0"];
        told.gaps[&two.unseen[part]].resource.clone()
    };
    let whole = &told.resources["aws.x.one a"].unseen["All"];
    assert_eq!(told.gaps[whole].resource, None);
    for part in ["Kids", "Again"] {
        assert_eq!(of_item(part).as_deref(), Some("t0"), "{part}");
    }
}

#[tokio::test]
async fn one_item_that_is_refused_hides_nothing_of_another() {
    let things = json!({"Things": [{"Id": "t0"}, {"Id": "t1"}]});
    let mut cloud = cloud()
        .answers("x:ListThings", things)
        .on("x:Children", |r| match r.params["Of"].as_str() {
            Some("t0") => Err(refused(Cause::Throttled, "SlowDown")),
            _ => Ok(json!({"Children": [{"Cid": "a"}]})),
        });
    cloud.page_size = 9;
    let (told, _) = scan(planned("", true), cloud).await;
    let unseen = |id: &str| {
        !told.resources[&format!("aws.x.a other/{id}")]
            .unseen
            .is_empty()
    };
    assert_eq!((unseen("t0"), unseen("t1")), (true, false));
    let children = told.population("aws.x.child");
    assert_eq!((children.count, children.complete), (1, false));
}

/// The codes of what is wrong with two files.
fn codes(one: &str, two: &str) -> Vec<&'static str> {
    let files = [file("aws/x/one.yaml", one), file("aws/x/two.yaml", two)];
    let (_, errors) = load(&files, &[&StubApi::standard()]);
    errors.iter().map(|d| d.code).collect()
}

#[test]
fn who_shares_an_answer_pages_it_alike() {
    let names = |page: &str| {
        format!(
            "scope: region\nlist: {{ call: x:Names, page: {page}, items: Names, as: N, id: \"{{N}}\" }}"
        )
    };
    let token = "{ input: Token, output: Token }";
    assert!(codes(&names(token), &names(token)).is_empty());
    assert_eq!(codes(&names(token), &names("false")), ["call-differs"]);
}

#[test]
fn who_shares_an_answer_waits_for_it_alike() {
    let report = |prepare: &str| {
        format!("{THING}parts:\n  R: {{ call: x:Report, {prepare}take: Content }}\n")
    };
    let ready = "prepare: { call: x:MakeReport, until: { State: COMPLETE } }, ";
    assert!(codes(&report(ready), &report(ready)).is_empty());
    assert_eq!(codes(&report(ready), &report("")), ["call-differs"]);
}

#[test]
fn operations_of_every_kind_of_target_are_named() {
    let c = good(&[
        file("aws/x/one.yaml", THING),
        file(
            "aws/x/two.yaml",
            "scope: global\ntarget: organisation\nlist: { call: x:All, items: Things, id: \"{Id}\" }",
        ),
    ]);
    let names = c.operations("aws").into_iter().map(|(_, o)| o);
    assert_eq!(names.collect::<Vec<_>>(), ["All", "ListThings"]);
    assert!(c.operations("gcp").is_empty());
}
