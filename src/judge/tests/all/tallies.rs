use crate::common::*;
use serde_json::json;
use shoseki_judge::{Judge, Tallies, TallyError};
use shoseki_model::{Population, Tally};

fn population(region: &str, count: u64, gaps: &[&str]) -> Population {
    Population {
        r#type: "aws.s3.bucket".into(),
        cloud: "aws".into(),
        account: "111122223333".into(),
        region: region.into(),
        count,
        complete: gaps.is_empty(),
        query: vec!["x".into()],
        gaps: gaps.iter().map(|g| (*g).to_owned()).collect(),
    }
}

fn counted(populations: &[Population]) -> Result<Vec<Tally>, TallyError> {
    let j = judge("settings.Size >= 3", "when: settings.Name != \"skip\"");
    let mut t = Tallies::new(j.rules());
    for r in [
        bucket(json!({"Size": 3})),
        bucket(json!({"Size": 1})),
        bucket(json!({"Size": 1})),
        bucket(json!({})),
        bucket(json!({"Name": "skip"})),
    ] {
        t.add(&r, &j.judge(&r, &|_| None));
    }
    t.finish(populations)
}

#[test]
fn the_counts_add_up_to_the_population_of_the_scope() {
    let all = counted(&[
        population("global", 5, &[]),
        population("eu-west-1", 0, &["g1"]),
    ])
    .unwrap();
    let t = &all[1];
    assert_eq!(
        (t.pass, t.fail, t.unknown, t.not_applicable, t.excepted),
        (1, 2, 1, 1, 0)
    );
    assert_eq!(
        (t.enumerated, t.complete, t.region.as_str()),
        (5, true, "global")
    );
    let empty = &all[0];
    assert_eq!(
        (empty.enumerated, empty.complete, empty.gaps.len()),
        (0, false, 1)
    );
}

#[test]
fn counts_that_do_not_fit_are_an_error() {
    assert!(matches!(
        counted(&[population("global", 6, &[])]),
        Err(TallyError::Sum {
            counted: 5,
            enumerated: 6,
            ..
        })
    ));
    assert!(matches!(
        counted(&[population("eu-west-1", 0, &[])]),
        Err(TallyError::NoPopulation { count: 5, .. })
    ));
    let twice = [population("global", 5, &[]), population("global", 5, &[])];
    assert!(matches!(
        counted(&twice),
        Err(TallyError::TwoPopulations { .. })
    ));
}

#[test]
fn an_unknown_type_gives_no_finding() {
    let j: Judge = judge("settings.Size >= 3", "");
    let mut r = bucket(json!({}));
    r.r#type = "aws.s3.other".into();
    assert!(j.judge(&r, &|_| None).is_empty());
}
