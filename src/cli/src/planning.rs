//! `plan` and `permissions`.

use crate::args::{Common, Format, PermissionArgs, PlanArgs};
use crate::exit::{Exit, Result};
use crate::lang::{self, pick};
use crate::{clouds, packs, roles, select, terminal};
use serde_json::Value;
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
        crate::terminal::print(&format!("{:#}\n", serde_json::to_value(&plan)?));
        return Ok(Exit::Ok);
    }
    let lang = lang::of(common);
    let mut table = Table::with_heads([
        pick(lang, "種別", "TYPE"),
        pick(lang, "部分", "PART"),
        pick(lang, "呼び出し!", "CALL!"),
        pick(lang, "回数", "MADE"),
    ]);
    let shared = |s: bool| match s {
        true => pick(lang, "1回", "once"),
        false => pick(lang, "要素ごと", "each"),
    };
    for t in &plan.types {
        if let Some(l) = &t.list {
            table.row([t.r#type.as_str(), "", &l.call, shared(l.shared)]);
        }
        for p in &t.parts {
            for c in &p.calls {
                table.row([t.r#type.as_str(), &p.part, &c.call, shared(c.shared)]);
            }
        }
    }
    crate::terminal::print(&table.print(terminal::columns()));
    let (calls, permissions) = (plan.calls().len(), plan.permissions.len());
    crate::terminal::print(&format!(
        "{}\n",
        match lang {
            shoseki_model::Lang::Ja => format!(
                "\nルール {}、種別 {}、操作 {calls}、必要な権限 {permissions}",
                rules.len(),
                plan.types.len()
            ),
            shoseki_model::Lang::En => format!(
                "\n{} rules, {} types, {calls} operations, {permissions} permissions",
                rules.len(),
                plan.types.len()
            ),
        }
    ));
    Ok(Exit::Ok)
}

/// `permissions`: what the plan needs, and what sign-in itself asks.
pub fn permissions(common: &Common, args: &PermissionArgs) -> Result {
    let packs = packs::load(common)?;
    let cloud = args.cloud.name();
    let rules = select::of_clouds(&select::rules(&packs, &args.selection)?, &[cloud])?;
    let plan = shoseki_collect::plan(&packs.collectors, &select::demand(&rules));
    let needed = clouds::permissions(args.cloud, &plan.of_cloud(cloud), args.backfill)?;
    if let Some(form) = args.form {
        terminal::print(&roles::written(args.cloud, form, args.scope, &needed)?);
        return Ok(Exit::Ok);
    }
    if args.format == Format::Text {
        crate::terminal::print(&(needed.lines.join("\n") + "\n"));
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
        Value::String(text) => crate::terminal::print(&text),
        json => crate::terminal::print(&format!("{json:#}\n")),
    }
    Ok(Exit::Ok)
}
