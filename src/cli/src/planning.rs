//! `plan` and `permissions`.

use crate::args::{Common, Format, PermissionArgs, PlanArgs};
use crate::exit::{Exit, Result};
use crate::lang::{self, pick};
use crate::{packs, select, terminal};
use serde_json::{Value, json};
use shoseki_report::Table;

/// `plan`.
pub fn plan(common: &Common, args: &PlanArgs) -> Result {
    let packs = packs::load(common)?;
    let rules = select::rules(&packs, &args.selection)?;
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

/// `permissions aws`: what the plan needs, and what sign-in itself asks.
pub fn permissions(common: &Common, args: &PermissionArgs) -> Result {
    let packs = packs::load(common)?;
    let rules = select::rules(&packs, &args.selection)?;
    let plan = shoseki_collect::plan(&packs.collectors, &select::demand(&rules));
    let mut actions = plan.permissions;
    actions.extend(
        shoseki_aws::SIGN_IN_PERMISSIONS
            .iter()
            .map(|p| (*p).to_owned()),
    );
    actions.sort();
    actions.dedup();
    if args.format == Format::Text {
        crate::terminal::print(&(actions.join("\n") + "\n"));
        return Ok(Exit::Ok);
    }
    let whole = policy(&actions);
    let size = length(&whole);
    let shown = if args.split {
        // The actions differ in length, so the first cut may leave one too large.
        let cut = |n: usize| actions.chunks(actions.len().div_ceil(n).max(1)).map(policy);
        let fits = |n: &usize| cut(*n).all(|p| length(&p) <= MANAGED_POLICY);
        let parts = (1..=actions.len()).find(fits).unwrap_or(1);
        Value::Array(cut(parts).collect())
    } else {
        if size > MANAGED_POLICY {
            eprintln!(
                "shoseki: {size} characters; a managed policy holds {MANAGED_POLICY}: use --split and attach all of them"
            );
        }
        whole
    };
    crate::terminal::print(&format!("{shown:#}\n"));
    Ok(Exit::Ok)
}

/// Characters that a managed policy may have, white space not counted:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const MANAGED_POLICY: usize = 6144;

fn policy(actions: &[String]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ShosekiRead",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}

fn length(policy: &Value) -> usize {
    policy
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_counts_no_white_space() {
        assert_eq!(length(&json!({ "a": "b c" })), r#"{"a":"bc"}"#.len());
    }
}
