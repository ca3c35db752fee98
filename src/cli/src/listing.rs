//! `rules list|show` and `controls list|show`.

use crate::args::{Common, ControlsCommand, Format, RulesCommand, Selection};
use crate::exit::{Exit, Failed, Result};
use crate::lang::{self, pick};
use crate::packs::{self, Packs};
use crate::terminal::folded;
use crate::{select, terminal};
use serde_json::{Value, json};
use shoseki_judge::Rule;
use shoseki_model::Lang;
use shoseki_report::{Table, visible, words};

/// `rules …`.
pub fn rules(common: &Common, what: &RulesCommand) -> Result {
    let packs = packs::load(common)?;
    let lang = lang::of(common);
    match what {
        RulesCommand::List { selection, format } => list_rules(&packs, selection, *format, lang),
        RulesCommand::Show { id, format } => {
            let rule = packs.rules.get(id).ok_or_else(|| {
                // The selection words the error with the nearest id.
                let by = Selection {
                    rules: vec![id.clone()],
                    controls: Vec::new(),
                };
                select::rules(&packs, &by)
                    .err()
                    .unwrap_or_else(|| Failed::usage("no such rule"))
            })?;
            match format {
                Format::Json => terminal::print(&format!("{:#}\n", rule_json(&packs, rule))),
                Format::Text => terminal::print(&rule_text(&packs, rule, lang)),
            }
            Ok(Exit::Ok)
        }
    }
}

fn list_rules(packs: &Packs, by: &Selection, format: Format, lang: Lang) -> Result {
    let set = select::rules(packs, by)?;
    if format == Format::Json {
        let all: Vec<Value> = set
            .iter()
            .map(|r| {
                json!({
                    "id": r.id,
                    "title": r.title,
                    "resource": r.resource,
                    "severity": r.severity,
                    "controls": controls_of(packs, &r.id),
                })
            })
            .collect();
        terminal::print(&format!("{:#}\n", Value::Array(all)));
        return Ok(Exit::Ok);
    }
    let mut table = Table::with_heads([
        pick(lang, "ID!", "ID!"),
        pick(lang, "重要度!", "SEVERITY!"),
        pick(lang, "期待~", "EXPECTED~"),
    ]);
    for r in set.iter() {
        table.row([
            r.id.as_str(),
            words::severity(r.severity).get(lang),
            r.title.get(lang),
        ]);
    }
    terminal::print(&table.print(terminal::columns()));
    Ok(Exit::Ok)
}

fn controls_of(packs: &Packs, rule: &str) -> Vec<String> {
    packs
        .mappings
        .controls_of(rule)
        .map(|l| l.control.to_owned())
        .collect()
}

fn rule_json(packs: &Packs, r: &Rule) -> Value {
    json!({
        "id": r.id,
        "title": r.title,
        "severity": r.severity,
        "resource": r.resource,
        "when": r.when,
        "expect": r.expect,
        "reads": r.reads().paths,
        "why": r.why,
        "fix": { "ja": r.fix.ja, "en": r.fix.en, "cli": r.fix.cli, "terraform": r.fix.terraform },
        "references": r.references,
        "controls": packs.mappings.controls_of(&r.id).collect::<Vec<_>>(),
    })
}

/// Prose with its indent before every line.
fn indented(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let lines = folded(text, indent);
    lines.lines().map(|l| format!("{pad}{l}\n")).collect()
}

fn rule_text(packs: &Packs, r: &Rule, lang: Lang) -> String {
    let mut out = format!("{}\n{}\n\n", r.id, folded(r.title.get(lang), 0));
    let mut line = |head: &str, text: &str| {
        let text = text.trim_end().replace('\n', "\n    ");
        out.push_str(&format!("{head}\n    {text}\n"));
    };
    line(
        pick(lang, "重要度", "Severity"),
        words::severity(r.severity).get(lang),
    );
    line(pick(lang, "対象", "Resource"), &r.resource);
    if let Some(when) = r.when.as_deref() {
        line(pick(lang, "適用条件", "When"), when);
    }
    line(pick(lang, "期待する条件", "Expect"), &r.expect);
    line(pick(lang, "理由", "Why"), &folded(r.why.get(lang), 4));
    line(
        pick(lang, "是正", "Fix"),
        &folded(pick(lang, &r.fix.ja, &r.fix.en), 4),
    );
    line("CLI", &r.fix.cli);
    line("Terraform", &r.fix.terraform);
    line(pick(lang, "参考", "References"), &r.references.join("\n"));
    let controls: Vec<String> = packs
        .mappings
        .controls_of(&r.id)
        .map(|l| {
            let label = packs.mappings.label(l.control).map_or("", |t| t.get(lang));
            let strength = words::strength(l.strength).get(lang);
            folded(&format!("{}  {label} ({strength})", l.control), 4)
        })
        .collect();
    if !controls.is_empty() {
        line(pick(lang, "管理策", "Controls"), &controls.join("\n"));
    }
    out
}

/// `controls …`.
pub fn controls(common: &Common, what: &ControlsCommand) -> Result {
    let packs = packs::load(common)?;
    let lang = lang::of(common);
    match what {
        ControlsCommand::List {
            controls,
            all,
            format,
        } => {
            let ids = chosen(&packs, controls, *all)?;
            if *format == Format::Json {
                let all: Vec<Value> = ids.iter().map(|id| control_json(&packs, id)).collect();
                terminal::print(&format!("{:#}\n", Value::Array(all)));
                return Ok(Exit::Ok);
            }
            let mut table = Table::with_heads([
                "ID!",
                pick(lang, "範囲!", "REACH!"),
                pick(lang, "#ルール", "#RULES"),
                pick(lang, "内容~", "LABEL~"),
            ]);
            for id in &ids {
                let entry = packs.mappings.get(id);
                table.row([
                    id.as_str(),
                    entry.map_or("", |e| words::reach(e.reach).get(lang)),
                    &rules_of(&packs, id).len().to_string(),
                    packs.mappings.label(id).map_or("", |t| t.get(lang)),
                ]);
            }
            terminal::print(&table.print(terminal::columns()));
        }
        ControlsCommand::Show { id, format, texts } => {
            let ids = chosen(&packs, std::slice::from_ref(id), true)?;
            let Some(id) = ids.first().filter(|i| packs.catalogue.get(i).is_some()) else {
                return Err(Failed::usage(format!("no control {id}")));
            };
            let texts = match texts {
                Some(path) => crate::catalogue::texts(path, &packs.catalogue.edition)?,
                None => Default::default(),
            };
            let imported = texts.get(id).map(String::as_str);
            match format {
                Format::Json => {
                    let mut shown = control_json(&packs, id);
                    if let Some(text) = imported {
                        shown["text"] = text.into();
                    }
                    terminal::print(&format!("{shown:#}\n"));
                }
                Format::Text => terminal::print(&control_text(&packs, id, imported, lang)),
            }
        }
    }
    Ok(Exit::Ok)
}

fn chosen(packs: &Packs, patterns: &[String], all: bool) -> Result<Vec<String>> {
    let keep = |id: &String| all || packs.mappings.get(id).is_some();
    if patterns.is_empty() {
        let ids = packs
            .catalogue
            .controls()
            .iter()
            .filter(|c| c.level > 2)
            .map(|c| c.id.clone());
        return Ok(ids.filter(keep).collect());
    }
    let found = select::selected(packs, patterns)?;
    Ok(found.controls.into_iter().filter(keep).collect())
}

fn rules_of(packs: &Packs, control: &str) -> Vec<String> {
    let below = packs.catalogue.children(control).map(|c| c.id.as_str());
    let mut rules: Vec<String> = std::iter::once(control)
        .chain(below)
        .filter_map(|id| packs.mappings.get(id))
        .flat_map(|e| e.evidence.iter().map(|v| v.rule.clone()))
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

fn control_json(packs: &Packs, id: &str) -> Value {
    let control = packs.catalogue.get(id);
    let entry = packs.mappings.get(id);
    json!({
        "id": id,
        "edition": packs.catalogue.edition,
        "kind": control.map(|c| &c.kind),
        "mandatory": control.and_then(|c| c.mandatory),
        "label": packs.mappings.label(id),
        "reach": entry.map(|e| e.reach),
        "remains": entry.and_then(|e| e.remains.as_ref()),
        "rules": rules_of(packs, id),
        "evidence": entry.map(|e| &e.evidence),
    })
}

fn control_text(packs: &Packs, id: &str, imported: Option<&str>, lang: Lang) -> String {
    let label = packs.mappings.label(id).map_or("", |t| t.get(lang));
    let mut out = format!("{}\n", folded(&format!("{id}  {label}"), 0));
    for line in imported.into_iter().flat_map(str::lines) {
        out.push_str(&format!("  | {}\n", visible(line)));
    }
    let Some(entry) = packs.mappings.get(id) else {
        out.push_str(pick(
            lang,
            "この番号に対応付けはまだない。\n",
            "No mapping names this id yet.\n",
        ));
        return out;
    };
    out.push_str(&format!(
        "{}: {}\n",
        pick(lang, "設定で確認できる範囲", "How far settings reach"),
        words::reach(entry.reach).get(lang)
    ));
    if let Some(remains) = &entry.remains {
        let head = pick(lang, "人による確認として残るもの", "What stays for people");
        out.push_str(&format!("{head}:\n{}", indented(remains.get(lang), 2)));
    }
    for e in &entry.evidence {
        let title = packs.rules.get(&e.rule).map_or("", |r| r.title.get(lang));
        let strength = words::strength(e.strength).get(lang);
        out.push_str(&format!(
            "\n{}\n{}{}",
            folded(&format!("{} ({strength})", e.rule), 0),
            indented(title, 4),
            indented(e.because.get(lang), 4)
        ));
    }
    let children: Vec<&str> = packs
        .catalogue
        .children(id)
        .map(|c| c.id.as_str())
        .filter(|c| packs.mappings.get(c).is_some())
        .collect();
    if !children.is_empty() {
        let head = pick(lang, "下位の番号", "Below");
        let below = format!("{head}: {}", children.join(", "));
        out.push_str(&format!("\n{}\n", folded(&below, 0)));
    }
    out
}
