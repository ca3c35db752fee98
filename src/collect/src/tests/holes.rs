//! Answers that succeed and leave something out.

use super::cloud::{FakeCloud, scan};
use super::load::standard;
use crate::{Hole, Plan, plan};
use serde_json::json;
use shoseki_model::Cause;
use std::collections::{BTreeMap, BTreeSet};

fn planned(r#type: &str, parts: &[&str]) -> Plan {
    let parts: BTreeSet<String> = parts.iter().map(|p| (*p).to_owned()).collect();
    plan(&standard(), &BTreeMap::from([(r#type.to_owned(), parts)]))
}

fn hole(location: &str) -> Hole {
    Hole {
        location: location.to_owned(),
        message: format!("not reached: {location}"),
    }
}

fn things() -> FakeCloud {
    FakeCloud::new().answers(
        "x:ListThings",
        json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "b", "State": "up"}]}),
    )
}

#[tokio::test]
async fn a_hole_in_a_list_keeps_what_was_read_and_names_the_place() {
    for page in 0..2 {
        let mut cloud = things();
        cloud.page_size = 1;
        cloud.holes = vec![(
            "x:ListThings".to_owned(),
            page,
            vec![hole("osaka"), hole("")],
        )];
        let (told, _) = scan(planned("aws.x.thing", &[]), cloud).await;
        let pop = told.population("aws.x.thing");
        assert_eq!((pop.count, pop.complete), (2, false));
        assert_eq!(pop.query.len(), 2);
        let mut places: Vec<_> = told.gaps.values().map(|g| g.region.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["osaka", "tokyo"]);
        for gap in told.gaps.values() {
            assert_eq!(gap.cause, Cause::Truncated);
            assert!(gap.exchange.is_some());
        }
    }
}

#[tokio::test]
async fn a_hole_makes_the_children_not_whole() {
    let mut cloud = things().answers("x:Children", json!({"Children": [{"Cid": "1"}]}));
    cloud.holes = vec![("x:ListThings".to_owned(), 0, vec![hole("osaka")])];
    let (told, _) = scan(planned("aws.x.child", &[]), cloud).await;
    let children = told.population("aws.x.child");
    assert_eq!((children.count, children.complete), (2, false));
}

#[tokio::test]
async fn a_part_from_an_answer_with_a_hole_is_unseen() {
    let buckets = json!({"Buckets": [{"Name": "a", "BucketRegion": "tokyo"}]});
    let mut cloud = FakeCloud::new()
        .answers("s3:ListBuckets", buckets)
        .answers("s3:GetLogging", json!({"Logging": {"Target": "t"}}));
    cloud.holes = vec![("s3:GetLogging".to_owned(), 0, vec![hole("osaka")])];
    let (told, _) = scan(planned("aws.s3.bucket", &["Logging"]), cloud).await;
    let bucket = told
        .resources
        .values()
        .next()
        .map(|r| (&r.unseen, &r.settings));
    let gap = bucket.and_then(|(unseen, _)| unseen.get("Logging"));
    assert!(gap.is_some_and(|g| told.gaps[g].cause == Cause::Truncated));
    assert!(bucket.is_some_and(|(_, settings)| !settings.contains_key("Logging")));
    assert!(told.population("aws.s3.bucket").complete);
}

#[tokio::test]
async fn a_shared_answer_with_a_hole_hides_the_part_of_all() {
    let batch = json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "b", "State": "up"}]});
    let mut cloud = things().answers("x:BatchGet", batch);
    cloud.holes = vec![("x:BatchGet".to_owned(), 0, vec![hole("osaka")])];
    let (told, _) = scan(planned("aws.x.thing", &["Full"]), cloud).await;
    assert_eq!(told.resources.len(), 2);
    assert!(
        told.resources
            .values()
            .all(|r| r.unseen.contains_key("Full"))
    );
}
