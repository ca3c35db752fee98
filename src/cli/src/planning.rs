//! `plan` and `permissions`.

use crate::args::{Common, Format, PermissionArgs, PlanArgs};
use crate::exit::{Exit, Result};
use crate::lang::{self, pick};
use crate::{clouds, packs, roles, select, terminal};
use serde_json::Value;
use shoseki_collect::Plan;
use shoseki_model::Lang;
use shoseki_report::Table;

/// `plan`.
pub fn plan(common: &Common, args: &PlanArgs) -> Result {
    let packs = packs::load(common)?;
    let mut rules = select::rules(&packs, &args.selection)?;
    if !args.clouds.is_empty() {
        let clouds: Vec<_> = args.clouds.iter().map(|c| c.name()).collect();
        rules = select::of_clouds(&rules, &clouds)?;
    }
    let plan = shoseki_collect::plan(&packs.collectors, &select::demand(&rules));
    if args.format == Format::Json {
        terminal::print(&format!("{:#}\n", serde_json::to_value(&plan)?));
        return Ok(Exit::Ok);
    }
    let lang = lang::of(common);
    let columns = terminal::columns();
    terminal::print(&match columns {
        None => one_table(&plan, lang),
        Some(_) => by_type(&plan, lang, columns),
    });
    let (calls, permissions) = (plan.calls().len(), plan.permissions.len());
    terminal::print(&format!(
        "{}\n",
        match lang {
            Lang::Ja => format!(
                "\nルール {}、種別 {}、操作 {calls}、必要な権限 {permissions}",
                rules.len(),
                plan.types.len()
            ),
            Lang::En => format!(
                "\n{} rules, {} types, {calls} operations, {permissions} permissions",
                rules.len(),
                plan.types.len()
            ),
        }
    ));
    Ok(Exit::Ok)
}

/// How often a call is made.
fn made(shared: bool, lang: Lang) -> &'static str {
    match shared {
        true => pick(lang, "1回", "once"),
        false => pick(lang, "要素ごと", "each"),
    }
}

/// For other programs: every call on a line of its own.
fn one_table(plan: &Plan, lang: Lang) -> String {
    let mut table = Table::with_heads([
        pick(lang, "種別", "TYPE"),
        pick(lang, "部分", "PART"),
        pick(lang, "呼び出し", "CALL"),
        pick(lang, "回数", "MADE"),
    ]);
    for t in &plan.types {
        if let Some(l) = &t.list {
            table.row([t.r#type.as_str(), "", &l.call, made(l.shared, lang)]);
        }
        for p in &t.parts {
            for c in &p.calls {
                table.row([t.r#type.as_str(), &p.part, &c.call, made(c.shared, lang)]);
            }
        }
    }
    table.print(None)
}

/// For people: the calls below their type, and in full.
fn by_type(plan: &Plan, lang: Lang, columns: Option<usize>) -> String {
    let mut out = String::new();
    for t in &plan.types {
        out.push_str(&format!("{}\n", t.r#type));
        let mut table = Table::with_heads(["", "!", "~"]).indent(2);
        if let Some(l) = &t.list {
            let list = pick(lang, "(一覧)", "(list)");
            table.row([list, made(l.shared, lang), &l.call]);
        }
        for p in &t.parts {
            for c in &p.calls {
                table.row([p.part.as_str(), made(c.shared, lang), &c.call]);
            }
        }
        out.push_str(&table.print(columns));
    }
    out
}

/// `permissions`: what the plan needs, and what sign-in itself asks.
pub fn permissions(common: &Common, args: &PermissionArgs) -> Result {
    let packs = packs::load(common)?;
    let cloud = args.cloud.name();
    let rules = select::of_clouds(&select::rules(&packs, &args.selection)?, &[cloud])?;
    let plan = shoseki_collect::plan(&packs.collectors, &select::demand(&rules));
    let needed = clouds::permissions(args.cloud, &plan.of_cloud(cloud), args.backfill)?;
    if let Some(form) = args.form {
        terminal::print(&roles::written(common, args, form, &needed)?);
        return Ok(Exit::Ok);
    }
    if args.format == Format::Text {
        terminal::print(&(needed.lines.join("\n") + "\n"));
        return Ok(Exit::Ok);
    }
    let shown = if args.split {
        Value::Array(needed.split)
    } else {
        if let Some(note) = needed.note {
            eprintln!("shoseki: {note}");
        }
        needed.document
    };
    match shown {
        // A document in another form than JSON.
        Value::String(text) => terminal::print(&text),
        json => terminal::print(&format!("{json:#}\n")),
    }
    Ok(Exit::Ok)
}
