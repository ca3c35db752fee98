//! What the run set out to do.

use super::{assets, id, line, metadata, prop, refer::write, reviewed, token};
use crate::data::{ReportData, ReportError};
use crate::outward::bearing;
use serde_json::{Value, json};
use shoseki_model::Lang;
use std::io::Write;

/// Writes the assessment plan: an activity for each rule, the accounts as
/// subjects. It imports no system security plan of its own: the provider's
/// statement (言明書) stands in its place, as a resource to be filled in.
///
/// # Errors
/// When the document cannot be written.
pub fn assessment_plan(
    data: &ReportData<'_>,
    lang: Lang,
    to: impl Write,
) -> Result<(), ReportError> {
    let say = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let statement = id(&["statement", &data.run.id]);
    let activities: Vec<Value> = activities(data, lang);
    let mut local = json!({});
    let mut task = json!({
        "uuid": id(&["task", &data.run.id]),
        "type": "action",
        "title": say("設定の読取りと判定", "Read and judge settings"),
    });
    if let (false, Some(l), Some(t)) = (
        activities.is_empty(),
        local.as_object_mut(),
        task.as_object_mut(),
    ) {
        let uses: Vec<_> = activities
            .iter()
            .map(|a| json!({ "activity-uuid": a["uuid"], "subjects": [{ "type": "inventory-item", "include-all": {} }] }))
            .collect();
        l.insert("activities".into(), json!(activities));
        t.insert("associated-activities".into(), json!(uses));
    }
    let scope: Vec<_> = data
        .targets
        .iter()
        .map(|t| {
            prop(
                "target",
                &format!("{} {} ({})", t.cloud, t.account, t.regions.join(", ")),
            )
        })
        .chain(data.run.selection.iter().map(|s| prop("selection", s)))
        .collect();
    let mut subjects = json!({ "type": "inventory-item", "include-all": {},
        "description": say("読み取ったアカウントのリソース。", "The resources of the accounts that were read.") });
    if let (false, Some(o)) = (scope.is_empty(), subjects.as_object_mut()) {
        o.insert("props".into(), json!(scope));
    }
    let mut plan = json!({
        "uuid": id(&["plan", &data.run.id]),
        "metadata": metadata(data, say("評価計画", "Assessment plan")),
        "import-ssp": { "href": format!("#{statement}") },
        "reviewed-controls": reviewed(data),
        "assessment-subjects": [subjects],
        "assessment-assets": assets(data, lang),
        "tasks": [task],
        "back-matter": { "resources": [{
            "uuid": statement,
            "title": say("言明書", "Statement of the provider"),
            "description": say(
                "クラウドサービス事業者の言明書。本書には含まれない。",
                "The provider's statement. It is not part of this document.",
            ),
            "rlinks": [{ "href": "system-security-plan.json" }],
        }]},
    });
    if let (true, Some(o)) = (local.get("activities").is_some(), plan.as_object_mut()) {
        o.insert("local-definitions".into(), local);
    }
    write(&json!({ "assessment-plan": plan }), to)
}

fn activities(data: &ReportData<'_>, lang: Lang) -> Vec<Value> {
    let bears = bearing(data);
    data.rules
        .values()
        .map(|r| {
            let mut activity = json!({
                "uuid": id(&["activity", &r.id]),
                "title": line(r.title.get(lang)),
                "description": r.why.get(lang),
                "props": [{ "name": "method", "value": "TEST" }, prop("rule", &r.id)],
            });
            let controls: Vec<_> = bears
                .get(r.id.as_str())
                .into_iter()
                .flatten()
                .map(|c| json!({ "control-id": token(c) }))
                .collect();
            if let (false, Some(o)) = (controls.is_empty(), activity.as_object_mut()) {
                let related = json!({ "control-selections": [{ "include-controls": controls }] });
                o.insert("related-controls".into(), related);
            }
            activity
        })
        .collect()
}
