#![expect(clippy::unwrap_used, reason = "tests")]

use crate::load::{History, load};
use crate::recorder::{Recording, kept_from};
use crate::translate::{opened, settings};
use jiff::Timestamp;
use serde_json::{Value, json};
use shoseki_collect::Collectors;
use shoseki_model::PastCause;

fn history(members: &str) -> History {
    let text = format!("type: a.b.c\nconfig: AWS::A::B\nsource: x\nmembers:\n{members}");
    serde_saphyr::from_str(&text).unwrap()
}

fn read(members: &str, configuration: Value) -> (Value, Vec<String>) {
    let item = json!({
        "configuration": configuration.to_string(),
        "supplementaryConfiguration": { "Block": "{\"on\":true}" },
    });
    let (seen, unseen) = settings(&history(members), &opened(&item));
    (Value::Object(seen), unseen)
}

#[test]
fn a_missing_or_odd_member_is_unseen_and_never_not_set() {
    let members = "  A: { from: configuration.a, is: boolean }\n  B: { from: configuration.b, is: string, absent: true }\n";
    let (seen, unseen) = read(members, json!({ "a": "yes", "b": null }));
    assert_eq!((seen, unseen), (json!({}), vec!["A".to_owned()]));
    let (seen, unseen) = read(members, json!({ "a": false, "b": 3 }));
    // Something is there and is no text: that is not "not set".
    assert_eq!(
        (seen, unseen),
        (json!({ "A": false }), vec!["B".to_owned()])
    );
}

#[test]
fn one_entry_that_is_not_understood_hides_the_list() {
    let members =
        "  L:\n    from: configuration.l\n    is: list\n    of: { P: { from: p, is: integer } }\n";
    let (seen, _) = read(members, json!({ "l": [{ "p": 1 }, { "p": 2, "q": 3 }] }));
    assert_eq!(seen, json!({ "L": [{ "P": 1 }, { "P": 2 }] }));
    let (_, unseen) = read(members, json!({ "l": [{ "p": 1 }, {}] }));
    assert_eq!(unseen, ["L"]);
}

#[test]
fn words_and_several_places() {
    let members = "  S: { from: [configuration.s.value, configuration.s], is: string }\n  V: { from: configuration.v, is: string, values: { On: Enabled, Off: null } }\n  B: { from: supplementaryConfiguration.Block.on, is: boolean }\n";
    let (seen, unseen) = read(members, json!({ "s": { "value": "x" }, "v": "On" }));
    assert_eq!(
        (seen, unseen.len()),
        (json!({ "S": "x", "V": "Enabled", "B": true }), 0)
    );
    let (seen, unseen) = read(members, json!({ "s": "x", "v": "Off" }));
    assert_eq!((seen, unseen.len()), (json!({ "S": "x", "B": true }), 0));
    let (_, unseen) = read(members, json!({ "s": 1, "v": "Half" }));
    assert_eq!(unseen, ["S", "V"]);
}

#[test]
fn files_that_are_not_sound_are_told() {
    let of = |text: &str| {
        let files = [("aws/x/y.yaml".to_owned(), text.to_owned())];
        load(&files, &Collectors::default())
    };
    let (all, errors) = of("type: aws.x.y\nconfig: X\nsource: \"\"\nmembers: {}\n");
    assert_eq!(all.iter().count(), 0);
    assert!(errors.len() >= 3, "{errors:?}");
    let (_, errors) = of("type: aws.x.y\nsurprise: 1\n");
    assert_eq!(errors.len(), 1, "{errors:?}");
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn recording(status: Value) -> Recording {
    let group = json!({ "allSupported": true });
    Recording::of(
        &json!({ "ConfigurationRecorders": [{ "name": "d", "recordingGroup": group }] }),
        &json!({ "ConfigurationRecordersStatus": [status] }),
        at("2026-03-01T00:00:00Z"),
    )
}

#[test]
fn recording_is_known_since_the_last_start_alone() {
    let (start, stop) = ("2026-02-01T00:00:00Z", "2026-02-10T00:00:00Z");
    let on = recording(json!({ "recording": true, "lastStartTime": start }));
    assert_eq!(on.window, Ok((at(start), at("2026-03-01T00:00:00Z"))));
    let off =
        recording(json!({ "recording": false, "lastStartTime": start, "lastStopTime": stop }));
    assert_eq!(off.window, Ok((at(start), at(stop))));
    let asked = (at("2026-01-01T00:00:00Z"), at("2026-02-20T00:00:00Z"));
    assert_eq!(
        off.gaps("AWS::EC2::Volume", asked),
        [
            (asked.0, at(start), PastCause::RecorderUnknown),
            (at(stop), asked.1, PastCause::RecorderOff),
        ]
    );
    for (status, cause) in [
        (json!({ "recording": true }), PastCause::NotRead),
        (json!({ "lastStartTime": start }), PastCause::NotRead),
        (json!({ "recording": false }), PastCause::RecorderOff),
        (
            json!({ "recording": true, "lastStartTime": start, "lastStatus": "FAILURE" }),
            PastCause::RecorderFailing,
        ),
    ] {
        assert_eq!(recording(status.clone()).window, Err(cause), "{status}");
    }
}

#[test]
fn what_a_recorder_leaves_out_is_not_recorded() {
    let of = |group: Value| {
        let status = json!({ "recording": true, "lastStartTime": "2026-02-01T00:00:00Z" });
        Recording::of(
            &json!({ "ConfigurationRecorders": [{ "recordingGroup": group }] }),
            &json!({ "ConfigurationRecordersStatus": [status] }),
            at("2026-03-01T00:00:00Z"),
        )
        .window_of("AWS::EC2::Volume")
        .err()
    };
    assert_eq!(of(json!({ "allSupported": true })), None);
    assert_eq!(of(json!({ "resourceTypes": ["AWS::EC2::Volume"] })), None);
    assert_eq!(
        of(json!({ "resourceTypes": ["AWS::S3::Bucket"] })),
        Some(PastCause::TypeNotRecorded)
    );
    assert_eq!(of(json!({})), Some(PastCause::NotRead));
    let excluded = json!({
        "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" },
        "exclusionByResourceTypes": { "resourceTypes": ["AWS::EC2::Volume"] },
    });
    assert_eq!(of(excluded), Some(PastCause::TypeNotRecorded));
    let strange = json!({ "allSupported": true, "recordingStrategy": { "useOnly": "NEW" } });
    assert_eq!(of(strange), Some(PastCause::NotRead));
}

#[test]
fn items_are_kept_for_the_days_that_are_configured() {
    let now = at("2026-03-01T00:00:00Z");
    let thirty = json!({ "RetentionConfigurations": [{ "RetentionPeriodInDays": 30 }] });
    assert_eq!(
        kept_from(Some(&thirty), now),
        Some(at("2026-01-30T00:00:00Z"))
    );
    assert!(
        kept_from(Some(&json!({ "RetentionConfigurations": [] })), now).unwrap()
            < at("2020-01-01T00:00:00Z")
    );
    assert_eq!(kept_from(None, now), None);
}
