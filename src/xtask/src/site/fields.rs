//! What rules can read of a type: the members of its settings.

use super::md::{Table, link, name, pick, short};
use super::packs::Packs;
use shoseki_collect::Collector;
use shoseki_model::{Kind, Lang};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Paths that a page lists; of a type with more, the rest is counted.
const LISTED: usize = 400;
/// How deep; some models lead back into themselves, most into what nobody reads.
const DEEP: usize = 4;

/// The members of a type's settings, those that rules read with the rules.
pub fn listing(packs: &Packs, c: &Collector, lang: Lang) -> String {
    let Some(info) = packs.collectors.types().get(&c.r#type.value) else {
        return String::new();
    };
    let mut read: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in packs.rules_of(&c.r#type.value) {
        for path in &rule.reads().paths {
            if let Some(path) = path.strip_prefix("settings.") {
                read.entry(path).or_default().insert(&rule.id);
            }
        }
    }
    let mut out = String::new();
    if !read.is_empty() {
        out.push_str(pick(lang, "ルールが読むもの:\n\n", "Read by rules:\n\n"));
        let mut table = Table::new(&[
            pick(lang, "フィールド", "Field"),
            pick(lang, "型", "Kind"),
            pick(lang, "ルール", "Rules"),
        ]);
        for (path, rules) in &read {
            let rules: Vec<String> = rules
                .iter()
                .map(|id| link(&name(last(id)), &format!("../rules/{id}.md")))
                .collect();
            let kind = info.settings.at(path).map_or("", |k| kind(k, lang));
            table.row([name(path), short(kind), rules.join("<br>")]);
        }
        out.push_str(&table.end());
    }
    let mut all = Vec::new();
    walk("", &info.settings, DEEP, &mut all);
    out.push_str(&tree(&all, lang));
    out
}

fn last(id: &str) -> &str {
    id.rsplit('.').next().unwrap_or(id)
}

fn tree(all: &[(String, &Kind)], lang: Lang) -> String {
    if all.is_empty() {
        return pick(
            lang,
            "事業者のモデルは項目を定めていない。どの項目も読むことができる。\n",
            "The provider's model names no members; any may be read.\n",
        )
        .to_owned();
    }
    let mut out = String::new();
    let _ = match lang {
        Lang::Ja => write!(
            out,
            "<details><summary>事業者のモデルにある項目（{} 件）</summary>\n\n",
            all.len()
        ),
        Lang::En => write!(
            out,
            "<details><summary>Members of the provider's model ({})</summary>\n\n",
            all.len()
        ),
    };
    let mut lines = String::new();
    for (path, of) in all.iter().take(LISTED) {
        let _ = writeln!(lines, "{path}: {}", kind(of, lang));
    }
    out.push_str(&super::md::block("text", &lines));
    if let Some(more) = all.len().checked_sub(LISTED).filter(|n| *n > 0) {
        let _ = match lang {
            Lang::Ja => write!(out, "\nほか {more} 件は挙げていない。\n"),
            Lang::En => write!(out, "\n{more} more are not listed.\n"),
        };
    }
    let _ = match lang {
        Lang::Ja => write!(
            out,
            "\n{DEEP} 段より深い項目は挙げていない。\n\n</details>\n"
        ),
        Lang::En => write!(
            out,
            "\nMembers below {DEEP} levels are not listed.\n\n</details>\n"
        ),
    };
    out
}

/// All paths of a kind, parents before children.
fn walk<'k>(at: &str, kind: &'k Kind, deep: usize, out: &mut Vec<(String, &'k Kind)>) {
    if deep == 0 {
        return;
    }
    match kind {
        Kind::Object(members) => {
            for (name, kind) in members {
                let path = match at {
                    "" => name.clone(),
                    at => format!("{at}.{name}"),
                };
                out.push((path.clone(), kind));
                walk(&path, kind, deep - 1, out);
            }
        }
        Kind::List(of) => walk(&format!("{at}[]"), of, deep, out),
        _ => {}
    }
}

fn kind(of: &Kind, lang: Lang) -> &'static str {
    match of {
        Kind::Any => pick(lang, "任意", "any"),
        Kind::Bool => pick(lang, "真偽", "true or false"),
        Kind::Int => pick(lang, "整数", "whole number"),
        Kind::Float => pick(lang, "数", "number"),
        Kind::Str => pick(lang, "文字列", "text"),
        Kind::Time => pick(lang, "時刻", "time"),
        Kind::List(_) => pick(lang, "リスト", "list"),
        Kind::Map(_) => pick(lang, "マップ", "map"),
        Kind::Object(_) => pick(lang, "オブジェクト", "object"),
    }
}
