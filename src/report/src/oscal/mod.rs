//! OSCAL 1.1 documents (NIST): assessment results of a run, and the catalog,
//! profile, component definition and assessment plan that they refer to.
//! `docs/oscal.md` says how unknown and excepted are written.

mod plan;
mod refer;
mod results;

pub use plan::assessment_plan;
pub use refer::{catalog, component_definition, profile};
pub use results::assessment_results;

use crate::data::ReportData;
use crate::outward::{NAMESPACE, moment};
use crate::visible::visible;
use serde_json::{Map, Value, json};
use shoseki_model::Lang;
use uuid::Uuid;

/// Version of OSCAL that the documents follow.
pub const OSCAL_VERSION: &str = "1.1.3";

/// Files under which the documents refer to each other.
const CATALOG: &str = "ismap-catalog.json";
const PLAN: &str = "assessment-plan.json";

/// A version 5 UUID of the parts: the same for the same run. Each part is
/// preceded by its length, so that no two lists collide.
fn id(parts: &[&str]) -> String {
    let name: String = parts.iter().map(|p| format!("{}:{p}", p.len())).collect();
    let space = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
    Uuid::new_v5(&space, name.as_bytes()).to_string()
}

/// A token of OSCAL for a control: tokens cannot begin with a digit.
fn token(control: &str) -> String {
    format!("ismap-{control}")
}

/// The part of a control that settings can show, which a finding targets.
fn objective(control: &str) -> String {
    format!("ismap-{control}_settings")
}

/// The statement of a control.
fn statement(control: &str) -> String {
    format!("ismap-{control}_statement")
}

/// A property of ours. Values of OSCAL are one line without space at its ends,
/// and not empty.
fn prop(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": line(value) })
}

/// Text as one line; `-` where nothing is left.
fn line(s: &str) -> String {
    let shown = visible(s);
    match shown.trim() {
        "" => "-".to_owned(),
        t => t.to_owned(),
    }
}

fn metadata(data: &ReportData<'_>, title: &str) -> Value {
    json!({
        "title": title,
        "last-modified": moment(data),
        "version": format!("{} {}", line(&data.run.tool), line(&data.run.version)),
        "oscal-version": OSCAL_VERSION,
        "props": [prop("edition", &data.run.edition), prop("run", &data.run.id)],
    })
}

/// The tool as a component, which observations name as their origin.
fn tool(data: &ReportData<'_>, lang: Lang) -> Value {
    let description = match lang {
        Lang::Ja => "クラウドの設定を読み取り、規則で判定した道具。",
        Lang::En => "The tool that read the cloud's settings and judged them by rules.",
    };
    let mut props = vec![prop("version", &data.run.version)];
    props.extend(data.run.digests.iter().map(|(name, sha)| {
        let mut p = prop("sha256", sha);
        if let Some(p) = p.as_object_mut() {
            p.insert("remarks".into(), json!(name));
        }
        p
    }));
    json!({
        "uuid": tool_id(data),
        "type": "software",
        "title": line(&data.run.tool),
        "description": description,
        "props": props,
        "status": { "state": "operational" },
    })
}

fn tool_id(data: &ReportData<'_>) -> String {
    id(&["tool", &data.run.tool, &data.run.version])
}

/// The platform that assessed: the tool.
fn assets(data: &ReportData<'_>, lang: Lang) -> Value {
    json!({
        "components": [tool(data, lang)],
        "assessment-platforms": [{
            "uuid": id(&["platform", &data.run.tool, &data.run.version]),
            "title": line(&data.run.tool),
            "uses-components": [{ "component-uuid": tool_id(data) }],
        }],
    })
}

/// The controls of the run.
fn reviewed(data: &ReportData<'_>) -> Value {
    let ids: Vec<_> = data
        .standings
        .iter()
        .map(|s| json!({ "control-id": token(&s.control) }))
        .collect();
    let mut selection = Map::new();
    if ids.is_empty() {
        selection.insert("include-all".into(), json!({}));
    } else {
        selection.insert("include-controls".into(), json!(ids));
    }
    json!({ "control-selections": [selection] })
}
