//! What the engine tells of answers and failures.

use super::cloud::{FakeCloud, Told, refused, scan, scan_with};
use super::load::{file, good, standard};
use crate::{Cloud, Collectors, Event, Options, Plan, plan, run};
use proptest::prelude::*;
use serde_json::{Value, json};
use shoseki_model::Cause;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

fn planned(c: &Collectors, demand: &[(&str, &[&str])]) -> Plan {
    let demand: BTreeMap<_, _> = demand
        .iter()
        .map(|(t, ps)| {
            (
                (*t).to_owned(),
                ps.iter().map(|p| (*p).to_owned()).collect(),
            )
        })
        .collect();
    let p = plan(c, &demand);
    assert!(p.unknown.is_empty());
    p
}

fn things(n: usize) -> Value {
    let all: Vec<_> = (0..n)
        .map(|i| json!({"Id": format!("t{i}"), "State": "up", "Groups": [{"Name": "a"}, {"Name": "b"}]}))
        .collect();
    json!({"Things": all})
}

fn buckets() -> Value {
    json!({"Buckets": [
        {"Name": "a", "BucketRegion": "tokyo"},
        {"Name": "b", "BucketRegion": "osaka"},
    ]})
}

#[tokio::test]
async fn all_pages_are_read_and_counted() {
    let p = planned(&standard(), &[("aws.x.thing", &[])]);
    for (n, size) in [(0, 3), (1, 3), (3, 3), (10, 3), (250, 100)] {
        let mut cloud = FakeCloud::new().answers("x:ListThings", things(n));
        cloud.page_size = size;
        let (told, cloud) = scan(p.clone(), cloud).await;
        let pop = told.population("aws.x.thing");
        assert_eq!((pop.count, pop.complete), (n as u64, true));
        assert_eq!(pop.query.len(), n.div_ceil(size).max(1));
        assert_eq!(cloud.calls("x:ListThings"), n.div_ceil(size).max(1));
    }
}

#[tokio::test]
async fn a_page_that_fails_keeps_what_was_read_and_says_so() {
    let p = planned(&standard(), &[("aws.x.child", &[])]);
    for page in 0..4 {
        let mut cloud = FakeCloud::new()
            .answers("x:ListThings", things(10))
            .on("x:Children", |r| {
                Ok(json!({"Children": [{"Cid": r.params["Of"]}]}))
            });
        cloud.page_size = 3;
        cloud
            .broken
            .push(("x:ListThings".to_owned(), page, Cause::Throttled));
        let (told, _) = scan(p.clone(), cloud).await;
        let pop = told.population("aws.x.thing");
        let gap = &told.gaps[&pop.gaps[0]];
        assert_eq!((pop.count, pop.complete), (3 * page as u64, false));
        assert_eq!(
            (gap.cause, gap.read),
            (Cause::Throttled, Some(3 * page as u64))
        );
        let children = told.population("aws.x.child");
        assert_eq!(
            (children.count, children.complete),
            (3 * page as u64, false)
        );
        assert_eq!(children.gaps, pop.gaps);
    }
}

#[tokio::test]
async fn global_types_are_asked_at_home_and_parts_where_the_item_lives() {
    let p = planned(&standard(), &[("aws.s3.bucket", &["Policy", "Logging"])]);
    let cloud = FakeCloud::new()
        .answers("s3:ListBuckets", buckets())
        .on("s3:GetPolicy", |r| match r.params["Bucket"].as_str() {
            Some("a") => Ok(json!({"Policy": "{\"Version\":\"1\"}"})),
            _ => Err(refused(Cause::Rejected, "NoSuchBucketPolicy")),
        })
        .fails("s3:GetLogging", Cause::Denied, "AccessDenied");
    let (told, cloud) = scan(p, cloud).await;
    let (a, b) = (
        &told.resources["aws.s3.bucket arn:aws:s3:::a"],
        &told.resources["aws.s3.bucket arn:aws:s3:::b"],
    );
    assert_eq!(a.settings["Policy"], json!({"Version": "1"}));
    assert_eq!(b.settings["Policy"], Value::Null);
    assert_eq!(b.sources["Policy"], ["x-NoSuchBucketPolicy"]);
    assert_eq!((a.region.as_str(), b.region.as_str()), ("tokyo", "osaka"));
    assert!(!a.settings.contains_key("Logging"));
    let gap = &told.gaps[&a.unseen["Logging"]];
    assert_eq!(
        (gap.cause, gap.part.as_deref()),
        (Cause::Denied, Some("Logging"))
    );
    assert_eq!(gap.permissions, ["s3:GetLogging"]);
    assert_eq!(gap.resource.as_deref(), Some("arn:aws:s3:::a"));
    assert_ne!(a.unseen["Logging"], b.unseen["Logging"]);
    let pop = told.population("aws.s3.bucket");
    assert_eq!((pop.region.as_str(), pop.complete), ("global", true));
    for r in cloud.log.lock().unwrap().iter() {
        let at = match r.params.get("Bucket").and_then(Value::as_str) {
            None => "home",
            Some("a") => "tokyo",
            Some(_) => "osaka",
        };
        assert_eq!(r.region, at);
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_is_prepared_asked_once_and_joined() {
    let p = planned(&standard(), &[("aws.x.thing", &["Report"])]);
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(3))
        .on("x:MakeReport", move |_| {
            let n = tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok(json!({"State": if n < 2 { "STARTED" } else { "COMPLETE" }}))
        })
        .answers(
            "x:Report",
            json!({"Content": "id,mfa\nt0,true\nt2,false\n"}),
        );
    let (told, cloud) = scan(p, cloud).await;
    assert_eq!(
        (cloud.calls("x:MakeReport"), cloud.calls("x:Report")),
        (3, 1)
    );
    let report = |id: &str| told.resources[&format!("aws.x.thing {id}")].settings["Report"].clone();
    assert_eq!(report("t0"), json!({"id": "t0", "mfa": "true"}));
    assert_eq!(report("t1"), Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_never_comes_hides_the_part_once_for_all() {
    let p = planned(&standard(), &[("aws.x.thing", &["Report"])]);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(3))
        .answers("x:MakeReport", json!({"State": "STARTED"}));
    let (told, cloud) = scan(p, cloud).await;
    assert_eq!(cloud.calls("x:Report"), 0);
    assert_eq!(told.gaps.len(), 1);
    let gap = told.gaps.values().next().unwrap();
    assert_eq!(
        (gap.cause, gap.call.as_str(), &gap.resource),
        (Cause::Timeout, "x:MakeReport", &None)
    );
    assert!(told.population("aws.x.thing").complete);
}

#[tokio::test]
async fn an_entry_that_fails_hides_the_whole_part() {
    let p = planned(&standard(), &[("aws.x.thing", &["Details"])]);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(2))
        .on("x:GetThing", |r| {
            match (r.params["Id"].as_str(), r.params["Group"].as_str()) {
                (Some("t1"), Some("b")) => Err(refused(Cause::Timeout, "")),
                (_, g) => Ok(json!({"Thing": {"State": g}})),
            }
        });
    let (told, _) = scan(p, cloud).await;
    assert_eq!(
        told.resources["aws.x.thing t0"].settings["Details"],
        json!(["a", "b"])
    );
    assert_eq!(told.resources["aws.x.thing t0"].sources["Details"].len(), 3);
    let t1 = &told.resources["aws.x.thing t1"];
    assert_eq!(told.gaps[&t1.unseen["Details"]].cause, Cause::Timeout);
}

#[tokio::test]
async fn batches_share_calls_and_what_an_answer_leaves_out_is_a_gap() {
    let p = planned(&standard(), &[("aws.x.thing", &["Full"])]);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(25))
        .on("x:BatchGet", |r| {
            let ids = r.params["Ids"].as_array().unwrap();
            let known = ids
                .iter()
                .filter(|i| *i != "t7")
                .map(|i| json!({"Id": i, "State": "full"}));
            Ok(json!({"Things": known.collect::<Vec<_>>()}))
        });
    let (told, cloud) = scan(p.clone(), cloud).await;
    assert_eq!(cloud.calls("x:BatchGet"), 3);
    assert_eq!(
        told.resources["aws.x.thing t24"].settings["Full"]["State"],
        "full"
    );
    assert_eq!(told.gaps.len(), 1);
    let gap = &told.gaps[&told.resources["aws.x.thing t7"].unseen["Full"]];
    assert_eq!(gap.cause, Cause::Vanished);

    let refusing = FakeCloud::new()
        .answers("x:ListThings", things(12))
        .on("x:BatchGet", |r| {
            let ids = r.params["Ids"].as_array().unwrap();
            if ids.iter().any(|i| i == "t3") {
                return Err(refused(Cause::Rejected, "NoSuchThing"));
            }
            Ok(json!({"Things": ids.iter().map(|i| json!({"Id": i})).collect::<Vec<_>>()}))
        });
    let (told, cloud) = scan(p, refusing).await;
    assert_eq!(cloud.calls("x:BatchGet"), 2 + 10);
    assert_eq!(told.gaps.len(), 1);
    assert!(told.resources["aws.x.thing t3"].unseen.contains_key("Full"));
}

const SHARING: &str = r#"scope: region
list: { call: x:All, items: Things, id: "TYPE/{Id}" }
parts:
  Same: { call: x:All, take: Things, match: { Id: "{Id}" }, one: true }
  On: { call: x:Settings, take: Enabled }
"#;

#[tokio::test]
async fn a_shared_call_is_made_once_for_lists_and_parts() {
    let c = good(&[
        file("aws/x/one.yaml", &SHARING.replace("TYPE", "one")),
        file("aws/x/two.yaml", &SHARING.replace("TYPE", "two")),
    ]);
    let p = planned(
        &c,
        &[
            ("aws.x.one", &["Same", "On"]),
            ("aws.x.two", &["Same", "On"]),
        ],
    );
    let mut cloud = FakeCloud::new()
        .answers("x:All", things(7))
        .answers("x:Settings", json!({"Enabled": true}));
    cloud.page_size = 3;
    cloud.regions.push("osaka".to_owned());
    let (told, cloud) = scan(p, cloud).await;
    assert_eq!(
        (cloud.calls("x:All"), cloud.calls("x:Settings")),
        (2 * 3, 2)
    );
    assert_eq!(told.populations.len(), 4);
}

const GROUPS: &str = r#"scope: region
list: { call: x:ListThings, items: Things, id: "TYPE/{Id}" }
parts:
  Group: { call: x:GetThing, each: Groups, with: { Id: "{each.Name}" }, take: Thing.State }
  Own: { call: x:Children, with: { Of: "{Id}" }, take: Children }
"#;

#[tokio::test]
async fn an_entry_that_must_be_there_and_is_not_is_a_gap() {
    let part = "  P: { call: x:Report, take: Content, decode: csv, columns: [id], match: { id: \"{Id}\" }, one: true, missing: gap }";
    let body = format!(
        "scope: region\nlist: {{ call: x:All, items: Things, id: \"{{Id}}\" }}\nparts:\n{part}\n"
    );
    let p = planned(
        &good(&[file("aws/x/one.yaml", &body)]),
        &[("aws.x.one", &["P"])],
    );
    for (answer, seen) in [
        (json!({"Content": "id\nt0\n"}), 1),
        (json!({"Content": null}), 0),
        (json!({}), 0),
    ] {
        let cloud = FakeCloud::new()
            .answers("x:All", things(2))
            .answers("x:Report", answer);
        let (told, _) = scan(p.clone(), cloud).await;
        assert_eq!(told.gaps.len(), 2 - seen);
        assert!(
            told.gaps
                .values()
                .all(|g| g.cause == Cause::Vanished && g.resource.is_some())
        );
    }
}

#[tokio::test]
async fn the_same_question_is_asked_once_whoever_asks() {
    let c = good(&[
        file("aws/x/one.yaml", &GROUPS.replace("TYPE", "one")),
        file("aws/x/two.yaml", &GROUPS.replace("TYPE", "two")),
    ]);
    let p = planned(
        &c,
        &[("aws.x.one", &["Group", "Own"]), ("aws.x.two", &["Own"])],
    );
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(5))
        .on("x:GetThing", |r| match r.params["Id"].as_str() {
            Some("a") => Ok(json!({"Thing": {"State": "ok"}})),
            _ => Ok(json!({"Thing": {}})),
        })
        .on("x:Children", |r| match r.params["Of"].as_str() {
            Some("t1") => Err(refused(Cause::Denied, "AccessDenied")),
            _ => Ok(json!({"Children": [{"Cid": "c"}]})),
        });
    let (told, cloud) = scan(p, cloud).await;
    assert_eq!(cloud.calls("x:ListThings"), 1);
    assert_eq!(
        (cloud.calls("x:GetThing"), cloud.calls("x:Children")),
        (2, 5)
    );
    let one = &told.resources["aws.x.one one/t3"];
    assert_eq!(one.settings["Group"], json!(["ok", null]));
    assert_eq!(told.gaps.len(), 2);
    assert!(
        told.gaps
            .values()
            .all(|g| g.resource.as_ref().unwrap().ends_with("t1"))
    );
}

#[tokio::test]
async fn a_shared_failure_is_one_gap_a_type_and_part() {
    let c = good(&[file("aws/x/one.yaml", &SHARING.replace("TYPE", "one"))]);
    let p = planned(&c, &[("aws.x.one", &["On"])]);
    let cloud = FakeCloud::new().answers("x:All", things(7)).fails(
        "x:Settings",
        Cause::Denied,
        "AccessDenied",
    );
    let (told, _) = scan(p, cloud).await;
    assert_eq!(told.gaps.len(), 1);
    assert!(told.resources.values().all(|r| r.unseen.contains_key("On")));
}

#[tokio::test]
async fn children_that_cannot_be_listed_break_their_population_only() {
    let p = planned(&standard(), &[("aws.x.child", &[])]);
    let cloud = FakeCloud::new()
        .answers("x:ListThings", things(3))
        .on("x:Children", |r| match r.params["Of"].as_str() {
            Some("t1") => Err(refused(Cause::Denied, "AccessDenied")),
            _ => Ok(json!({"Children": [{"Cid": "c1"}, {"Cid": "c2"}]})),
        });
    let (told, _) = scan(p, cloud).await;
    assert!(told.population("aws.x.thing").complete);
    let children = told.population("aws.x.child");
    assert_eq!((children.count, children.complete), (4, false));
    assert_eq!(told.gaps[&children.gaps[0]].resource.as_deref(), Some("t1"));
}

#[tokio::test]
async fn odd_answers_are_gaps_and_absent_lists_are_empty() {
    let p = planned(&standard(), &[("aws.x.thing", &[])]);
    for (answer, count, complete) in [
        (json!({}), 0, true),
        (json!({"Things": null}), 0, true),
        (json!({"Things": "text"}), 0, false),
        (json!(null), 0, false),
        (json!([]), 0, false),
        (
            json!({"Things": [{"State": "up"}, {"Id": "a", "State": "up"}]}),
            1,
            false,
        ),
        (json!({"Things": ["text"]}), 0, false),
        (json!({"Things": [{"Id": {}, "State": "up"}]}), 0, false),
        (json!({"Things": [{"Id": "a", "State": ["up"]}]}), 0, false),
        (
            json!({"Things": [{"Id": "a", "State": "gone"}, {"Id": "b"}]}),
            0,
            true,
        ),
        (
            json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "a", "State": "up"}]}),
            1,
            true,
        ),
        (
            json!({"Things": [{"Id": "a", "State": "up"}, {"Id": "a", "State": "x"}]}),
            1,
            false,
        ),
    ] {
        let (told, _) = scan(
            p.clone(),
            FakeCloud::new().answers("x:ListThings", answer.clone()),
        )
        .await;
        let pop = told.population("aws.x.thing");
        assert_eq!((pop.count, pop.complete), (count, complete), "{answer}");
        assert!(
            told.gaps.values().all(|g| g.cause == Cause::Malformed),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn odd_parts_are_gaps() {
    let p = planned(&standard(), &[("aws.s3.bucket", &["Policy", "Logging"])]);
    let cloud = FakeCloud::new()
        .answers("s3:ListBuckets", buckets())
        .answers("s3:GetPolicy", json!({"Policy": "{"}))
        .answers("s3:GetLogging", json!("text"));
    let (told, _) = scan(p, cloud).await;
    assert_eq!(told.gaps.len(), 4);
    assert!(told.gaps.values().all(|g| g.cause == Cause::Malformed));
}

const LOOKING: &str = r#"scope: region
list: { each: region, id: "{region}" }
parts:
  All: { call: x:All, take: Things }
  Each: { call: x:GetThing, each: All, with: { Id: "{each.Id}" }, take: Thing }
"#;

#[tokio::test]
async fn a_part_that_looks_into_another_shares_its_fate() {
    let c = good(&[file("aws/x/one.yaml", LOOKING)]);
    let p = planned(&c, &[("aws.x.one", &["Each"])]);
    assert_eq!(p.types[0].parts.len(), 2);
    let cloud = FakeCloud::new()
        .answers("x:All", things(2))
        .on("x:GetThing", |r| {
            Ok(json!({"Thing": {"Id": r.params["Id"]}}))
        });
    let (told, _) = scan(p.clone(), cloud).await;
    let one = &told.resources["aws.x.one tokyo"];
    assert_eq!(one.settings["Each"], json!([{"Id": "t0"}, {"Id": "t1"}]));
    assert_eq!(one.sources["Each"].len(), 3);
    assert_eq!(told.population("aws.x.one").count, 1);

    let denied = FakeCloud::new().fails("x:All", Cause::Denied, "AccessDenied");
    let (told, cloud) = scan(p, denied).await;
    let one = &told.resources["aws.x.one tokyo"];
    assert_eq!(one.unseen["Each"], one.unseen["All"]);
    assert_eq!(cloud.calls("x:GetThing"), 0);
}

#[tokio::test]
async fn errors_that_mean_none_give_a_whole_and_empty_population() {
    let body = "scope: region\nlist: { call: x:All, items: Things, id: \"{Id}\", absent: [NotOn, { code: Denied, message: not enabled }] }";
    let p = planned(
        &good(&[file("aws/x/one.yaml", body)]),
        &[("aws.x.one", &[])],
    );
    let (told, _) = scan(
        p.clone(),
        FakeCloud::new().fails("x:All", Cause::Rejected, "NotOn"),
    )
    .await;
    let pop = told.population("aws.x.one");
    assert_eq!((pop.count, pop.complete, pop.query.len()), (0, true, 1));
    let (told, _) = scan(p, FakeCloud::new().fails("x:All", Cause::Denied, "Denied")).await;
    assert!(!told.population("aws.x.one").complete);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_says_so_of_every_unfinished_population() {
    let p = planned(
        &standard(),
        &[("aws.x.child", &[]), ("aws.s3.bucket", &["Policy"])],
    );
    let mut cloud = FakeCloud::new()
        .answers("x:ListThings", things(50))
        .answers("s3:ListBuckets", json!({}));
    cloud.delay = Duration::from_secs(3);
    cloud.page_size = 5;
    let (stop, cancel) = watch::channel(false);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.send(true).unwrap();
        tokio::time::sleep(Duration::from_secs(1000)).await;
    });
    let options = Options {
        cancel: Some(cancel),
        ..Options::default()
    };
    let (told, _) = scan_with(p, cloud, options).await;
    assert!(told.summary.cancelled);
    assert!(told.population("aws.s3.bucket").complete);
    for t in ["aws.x.thing", "aws.x.child"] {
        let pop = told.population(t);
        assert!(!pop.complete);
        assert!(
            pop.gaps
                .iter()
                .any(|g| told.gaps[g].cause == Cause::Cancelled)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_listener_holds_the_reading_back() {
    let p = Arc::new(planned(&standard(), &[("aws.x.thing", &[])]));
    let mut cloud = FakeCloud::new().answers("x:ListThings", things(500));
    cloud.page_size = 5;
    let cloud = Arc::new(cloud);
    let (tx, mut rx) = mpsc::channel(2);
    let task = tokio::spawn(run(
        p,
        Arc::clone(&cloud) as Arc<dyn Cloud>,
        tx,
        Options::default(),
    ));
    let mut resources = 0;
    while let Some(e) = rx.recv().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if matches!(e, Event::Resource(_)) {
            resources += 1;
            let ahead = cloud.calls("x:ListThings") * 5 - resources;
            assert!(ahead <= 5 + 2 + 5, "{ahead} resources ahead");
        }
    }
    assert_eq!(resources, 500);
    assert!(!task.await.unwrap().cancelled);
}

#[tokio::test]
async fn nobody_listening_ends_the_run() {
    let p = Arc::new(planned(&standard(), &[("aws.x.thing", &[])]));
    let (tx, rx) = mpsc::channel(2);
    drop(rx);
    let cloud = Arc::new(FakeCloud::new().answers("x:ListThings", things(50)));
    assert!(run(p, cloud, tx, Options::default()).await.cancelled);
}

#[tokio::test(start_paused = true)]
async fn requests_in_flight_are_bounded() {
    let p = planned(&standard(), &[("aws.x.thing", &["Details", "Full"])]);
    let mut cloud = FakeCloud::new().answers("x:ListThings", things(200));
    cloud.delay = Duration::from_millis(10);
    let options = Options {
        requests: 7,
        ..Options::default()
    };
    let (_, cloud) = scan_with(p, cloud, options).await;
    assert_eq!(cloud.most.load(std::sync::atomic::Ordering::SeqCst), 7);
}

/// What happens to a call.
fn fate(n: u8) -> Option<Cause> {
    [
        None,
        None,
        None,
        Some(Cause::Denied),
        Some(Cause::Throttled),
        Some(Cause::Malformed),
        Some(Cause::Rejected),
    ][usize::from(n) % 7]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever fails, every planned population is told once, its count is that
    /// of the resources told, and each part is seen or names its gap
    /// ([`Told::check`]); with nothing failing there are no gaps.
    #[test]
    fn the_books_balance(n in 0..30_usize, size in 1..8_usize, fates in prop::collection::vec(0..7_u8, 8), page in 0..4_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let told: Told = runtime.block_on(async {
            let p = planned(&standard(), &[
                ("aws.s3.bucket", &["Policy", "Logging"]),
                ("aws.x.thing", &["Report", "Details", "Full"]),
                ("aws.x.child", &[]),
            ]);
            let mut cloud = FakeCloud::new()
                .answers("x:ListThings", things(n))
                .answers("s3:ListBuckets", buckets())
                .answers("s3:GetPolicy", json!({"Policy": "{}"}))
                .answers("s3:GetLogging", json!({}))
                .answers("x:MakeReport", json!({"State": "COMPLETE"}))
                .answers("x:Report", json!({"Content": "id,mfa\n"}))
                .answers("x:GetThing", json!({}))
                .on("x:BatchGet", |r| {
                    let ids = r.params["Ids"].as_array().unwrap();
                    Ok(json!({"Things": ids.iter().map(|i| json!({"Id": i})).collect::<Vec<_>>()}))
                })
                .on("x:Children", |r| Ok(json!({"Children": [{"Cid": r.params["Of"]}]})));
            cloud.page_size = size;
            cloud.regions.push("osaka".to_owned());
            let calls = ["x:ListThings", "s3:ListBuckets", "s3:GetPolicy", "x:MakeReport", "x:Report", "x:GetThing", "x:BatchGet", "x:Children"];
            for (call, f) in calls.iter().zip(&fates) {
                if let Some(cause) = fate(*f) {
                    cloud.broken.push(((*call).to_owned(), page, cause));
                }
            }
            scan(p, cloud).await.0
        });
        if fates.iter().all(|f| fate(*f).is_none()) {
            prop_assert!(told.gaps.is_empty());
            prop_assert_eq!(told.population_of("aws.x.child", "osaka"), n as u64);
        }
    }
}

impl Told {
    fn population_of(&self, r#type: &str, region: &str) -> u64 {
        let mut found = self
            .populations
            .iter()
            .filter(|p| p.r#type == r#type && p.region == region);
        found.next().unwrap().count
    }
}

/// CPU of the engine itself: 5,000 buckets with two parts each.
#[tokio::test]
#[ignore = "a measurement"]
async fn speed() {
    let p = Arc::new(planned(
        &standard(),
        &[("aws.s3.bucket", &["Policy", "Logging"])],
    ));
    let all: Vec<_> = (0..5000)
        .map(|i| json!({"Name": format!("b{i}"), "BucketRegion": "tokyo"}))
        .collect();
    let mut cloud = FakeCloud::new()
        .answers("s3:ListBuckets", json!({"Buckets": all}))
        .answers(
            "s3:GetPolicy",
            json!({"Policy": "{\"Statement\":[{\"Effect\":\"Allow\"}]}"}),
        )
        .answers("s3:GetLogging", json!({"Logging": {"Target": "x"}}));
    cloud.page_size = 5000;
    let (tx, mut rx) = mpsc::channel(64);
    let start = std::time::Instant::now();
    let task = tokio::spawn(run(p, Arc::new(cloud), tx, Options::default()));
    while rx.recv().await.is_some() {}
    let summary = task.await.unwrap();
    println!("{} requests: {:?}", summary.requests, start.elapsed());
}

const ELSEWHERE: &str = r#"scope: global
at: virginia
list: { call: x:All, items: Things, id: "{region}/{Id}", region: "{State}" }
parts:
  There: { call: x:Settings, region: far, take: Enabled }
  Here: { call: x:GetThing, with: { Id: "{Id}" }, take: Thing.Id }
"#;

#[tokio::test]
async fn calls_go_where_the_collector_says() {
    let c = good(&[file("aws/x/one.yaml", ELSEWHERE)]);
    let p = planned(&c, &[("aws.x.one", &["There", "Here"])]);
    let cloud = FakeCloud::new()
        .answers(
            "x:All",
            json!({"Things": [{"Id": "a", "State": "tokyo"}, {"Id": "b"}]}),
        )
        .answers("x:Settings", json!({"Enabled": true}))
        .on("x:GetThing", |r| Ok(json!({"Thing": {"Id": r.region}})));
    let (told, cloud) = scan(p, cloud).await;
    let (a, b) = (
        &told.resources["aws.x.one virginia/a"],
        &told.resources["aws.x.one virginia/b"],
    );
    assert_eq!((a.region.as_str(), a.scope.as_str()), ("tokyo", "global"));
    assert_eq!((b.region.as_str(), b.scope.as_str()), ("global", "global"));
    assert_eq!(a.settings["Here"], "tokyo");
    assert_eq!(b.settings["Here"], "virginia");
    assert_eq!(cloud.calls("x:Settings"), 1);
    let log = cloud.log.lock().unwrap();
    let regions = |op: &str| -> Vec<String> {
        log.iter()
            .filter(|r| r.operation == op)
            .map(|r| r.region.clone())
            .collect()
    };
    assert_eq!(
        (regions("All"), regions("Settings")),
        (vec!["virginia".to_owned()], vec!["far".to_owned()])
    );
}
