//! The documents that results refer to: what controls and rules there are.

use super::{CATALOG, id, line, metadata, objective, prop, statement, token};
use crate::data::{ControlInfo, ReportData, ReportError};
use crate::overview::chapter_of;
use crate::words;
use indexmap::IndexMap;
use serde_json::{Value, json};
use shoseki_model::{Lang, Reach, Strength};
use std::io::Write;

/// Writes the catalog of the ids that have an entry, in groups by chapter, with
/// our own labels. The text of the criteria is not in it: the statement of a
/// control is an empty part that the user's own copy fills.
///
/// # Errors
/// When the document cannot be written.
pub fn catalog(data: &ReportData<'_>, lang: Lang, to: impl Write) -> Result<(), ReportError> {
    let mut chapters: IndexMap<&str, Vec<Value>> = IndexMap::new();
    for c in data.controls.values() {
        let control = control(c, lang);
        chapters.entry(chapter_of(&c.id)).or_default().push(control);
    }
    let groups: Vec<_> = chapters
        .into_iter()
        .map(|(id, controls)| {
            let title = words::chapter(id).map_or(id, |w| w.get(lang));
            json!({ "id": token(id), "class": "chapter", "title": line(title), "controls": controls })
        })
        .collect();
    let title = format!("ISMAP {}", line(&data.run.edition));
    let mut doc =
        json!({ "uuid": id(&["catalog", &data.run.edition]), "metadata": metadata(data, &title) });
    if let (false, Some(o)) = (groups.is_empty(), doc.as_object_mut()) {
        o.insert("groups".into(), json!(groups));
    }
    write(&json!({ "catalog": doc }), to)
}

fn control(c: &ControlInfo, lang: Lang) -> Value {
    let label = c.label.get(lang);
    let title = if label.is_empty() { &c.id } else { label };
    let mut parts = vec![json!({ "id": statement(&c.id), "name": "statement" })];
    if matches!(c.reach, Reach::Full | Reach::Part) {
        let prose = match lang {
            Lang::Ja => "クラウドの設定で示せる範囲。",
            Lang::En => "What settings of the cloud can show of it.",
        };
        parts.push(json!({
            "id": objective(&c.id), "name": "assessment-objective", "prose": prose,
            "props": [{ "name": "method", "ns": crate::outward::NAMESPACE, "value": "TEST" }],
        }));
    }
    if !c.remains.get(lang).is_empty() {
        parts.push(json!({
            "id": format!("{}_people", token(&c.id)), "name": "guidance",
            "class": "people", "prose": c.remains.get(lang),
        }));
    }
    json!({
        "id": token(&c.id),
        "class": if c.mandatory { "mandatory" } else { "selectable" },
        "title": line(title),
        "props": [
            { "name": "label", "value": line(&c.id) },
            prop("mandatory", if c.mandatory { "yes" } else { "no" }),
            prop("reach", reach(c.reach)),
        ],
        "parts": parts,
    })
}

fn reach(r: Reach) -> &'static str {
    match r {
        Reach::Full => "full",
        Reach::Part => "part",
        Reach::HumanOnly => "human-only",
        Reach::Inherited => "inherited",
    }
}

/// Writes a profile that selects the mandatory ids of the catalog.
///
/// # Errors
/// When the document cannot be written.
pub fn profile(data: &ReportData<'_>, lang: Lang, to: impl Write) -> Result<(), ReportError> {
    let ids: Vec<_> = data
        .controls
        .values()
        .filter(|c| c.mandatory)
        .map(|c| token(&c.id))
        .collect();
    let title = match lang {
        Lang::Ja => "ISMAP 必須の管理策",
        Lang::En => "ISMAP, mandatory controls",
    };
    let mut import = json!({ "href": CATALOG });
    if let (false, Some(o)) = (ids.is_empty(), import.as_object_mut()) {
        o.insert("include-controls".into(), json!([{ "with-ids": ids }]));
    }
    let doc = json!({ "profile": {
        "uuid": id(&["profile", "mandatory", &data.run.edition]),
        "metadata": metadata(data, &format!("{title} ({})", line(&data.run.edition))),
        "imports": [import],
        "merge": { "as-is": true },
    }});
    write(&doc, to)
}

/// Writes the component definition: which rule of the run evidences which
/// control, how strongly, and what it does not show. The rules are properties
/// `Rule_Id` and `Rule_Description` of a validation component, as
/// compliance-trestle has them.
///
/// # Errors
/// When the document cannot be written.
pub fn component_definition(
    data: &ReportData<'_>,
    lang: Lang,
    to: impl Write,
) -> Result<(), ReportError> {
    let mut props = Vec::new();
    for (i, r) in data.rules.values().enumerate() {
        for (name, value) in [
            ("Rule_Id", r.id.as_str()),
            ("Rule_Description", r.title.get(lang)),
        ] {
            let mut p = prop(name, value);
            if let Some(p) = p.as_object_mut() {
                p.insert("remarks".into(), json!(format!("rule_set_{i:04}")));
            }
            props.push(p);
        }
    }
    let requirements: Vec<_> = data
        .controls
        .values()
        .filter_map(|c| requirement(data, c, lang))
        .collect();
    let description = match lang {
        Lang::Ja => "クラウドの設定を読み取り、管理策の証跡とする規則の集まり。",
        Lang::En => "Rules that read settings of a cloud as evidence of controls.",
    };
    let mut component = json!({
        "uuid": id(&["component", &data.run.tool, &data.run.version]),
        "type": "validation",
        "title": line(&data.run.tool),
        "description": description,
    });
    if let Some(o) = component.as_object_mut() {
        if !props.is_empty() {
            o.insert("props".into(), json!(props));
        }
        if !requirements.is_empty() {
            let uuid = id(&["implementation", &data.run.edition]);
            let set = json!([{ "uuid": uuid, "source": CATALOG, "description": description,
                "implemented-requirements": requirements }]);
            o.insert("control-implementations".into(), set);
        }
    }
    let title = format!("{} {}", line(&data.run.tool), line(&data.run.version));
    let doc = json!({ "component-definition": {
        "uuid": id(&["component-definition", &data.run.id]),
        "metadata": metadata(data, &title),
        "components": [component],
    }});
    write(&doc, to)
}

fn requirement(data: &ReportData<'_>, c: &ControlInfo, lang: Lang) -> Option<Value> {
    let props: Vec<_> = c
        .evidence
        .iter()
        .filter(|e| data.rules.contains_key(&e.rule))
        .map(|e| {
            let mut p = prop("Rule_Id", &e.rule);
            if let Some(o) = p.as_object_mut() {
                o.insert("class".into(), json!(strength(e.strength)));
                o.insert("remarks".into(), json!(e.because.get(lang)));
            }
            p
        })
        .collect();
    if props.is_empty() {
        return None;
    }
    let remains = c.remains.get(lang);
    let description = match (lang, remains.is_empty()) {
        (_, false) => remains,
        (Lang::Ja, true) => "規則が示す範囲は props に記す。",
        (Lang::En, true) => "What the rules show is in the props.",
    };
    Some(json!({
        "uuid": id(&["requirement", &data.run.edition, &c.id]),
        "control-id": token(&c.id),
        "description": description,
        "props": props,
    }))
}

fn strength(s: Strength) -> &'static str {
    match s {
        Strength::States => "states",
        Strength::Supports => "supports",
        Strength::Context => "context",
    }
}

pub(super) fn write(doc: &Value, mut to: impl Write) -> Result<(), ReportError> {
    serde_json::to_writer(&mut to, doc)?;
    to.write_all(b"\n")?;
    to.flush()?;
    Ok(())
}
