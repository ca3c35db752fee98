//! The reference of collectors: a page for each type.

use super::fields;
use super::md::{Table, code, link, name, pick, plain};
use super::packs::Packs;
use super::page::{Find, Page};
use super::rules;
use shoseki_collect::{Call, Collector, Scope};
use shoseki_model::{Lang, Text};
use shoseki_report::words;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Everything below `collectors/`, in the order of the table of contents.
pub fn pages(packs: &Packs) -> Vec<Page> {
    let mut by_cloud: BTreeMap<&str, Vec<&Collector>> = BTreeMap::new();
    for c in packs.collectors.iter() {
        by_cloud.entry(c.cloud()).or_default().push(c);
    }
    let head = Text::new("コレクタ", "Collectors");
    let mut out = vec![Page::of("collectors/index.md", 0, head, Find::No, |lang| {
        overview(&by_cloud, lang)
    })];
    for (cloud, all) in &by_cloud {
        let title = words::cloud(cloud);
        let path = format!("collectors/{cloud}.md");
        out.push(Page::of(
            &path,
            1,
            Text::new(title, title),
            Find::No,
            |lang| of_cloud(packs, title, all, lang),
        ));
        out.extend(all.iter().map(|c| one(packs, c)));
    }
    out
}

fn overview(by_cloud: &BTreeMap<&str, Vec<&Collector>>, lang: Lang) -> String {
    let mut out = format!("# {}\n\n", pick(lang, "コレクタ", "Collectors"));
    out.push_str(pick(
        lang,
        "コレクタは、一種類のリソースについて、何をどの操作で読むかをデータとして述べる。操作は読取りに限られる。応答にない項目を推測することはなく、失敗した呼び出しは「読み取れなかった」として原因とともに残る。書き方は[コレクタの書き方](../pages/collectors.md)に述べる。\n\n",
        "A collector says, as data, what is read of one type of resource and by which operations. Only operations that read may be named. Nothing is guessed that an answer does not have; a call that fails stays as *not seen*, with its cause. [Anatomy of a collector](../pages/collectors.md) says how to write one.\n\n",
    ));
    let mut table = Table::new(&[pick(lang, "クラウド", "Cloud"), pick(lang, "種類", "Types")]);
    for (cloud, all) in by_cloud {
        table.row([
            link(words::cloud(cloud), &format!("{cloud}.md")),
            all.len().to_string(),
        ]);
    }
    out.push_str(&table.end());
    out
}

fn of_cloud(packs: &Packs, title: &str, all: &[&Collector], lang: Lang) -> String {
    let mut out = match lang {
        Lang::Ja => format!("# {title} のコレクタ\n\n"),
        Lang::En => format!("# Collectors for {title}\n\n"),
    };
    let mut table = Table::new(&[
        pick(lang, "種類", "Type"),
        pick(lang, "内容", "Title"),
        pick(lang, "部分", "Parts"),
        pick(lang, "ルール", "Rules"),
    ]);
    for c in all {
        let id = &c.r#type.value;
        table.row([
            link(&name(id), &format!("{id}.md")),
            plain(c.title.get(lang)),
            c.parts.len().to_string(),
            packs.rules_of(id).len().to_string(),
        ]);
    }
    out.push_str(&table.end());
    out
}

fn one(packs: &Packs, c: &Collector) -> Page {
    let id = &c.r#type.value;
    let short = id.split_once('.').map_or(id.as_str(), |s| s.1);
    Page::of(
        &format!("collectors/{id}.md"),
        2,
        Text::new(short, short),
        Find::Whole(id.clone()),
        |lang| body(packs, c, lang),
    )
}

fn body(packs: &Packs, c: &Collector, lang: Lang) -> String {
    let mut out = format!("# {}\n\n", plain(c.title.get(lang)));
    out.push_str(&facts(c, lang));
    let mut section = |head: &str, text: &str| {
        let _ = write!(out, "## {head}\n\n{}\n\n", text.trim_end());
    };
    section(pick(lang, "母集団", "Population"), &population(c, lang));
    section(pick(lang, "部分", "Parts"), &parts(c, lang));
    section(
        pick(lang, "フィールド", "Fields"),
        &fields::listing(packs, c, lang),
    );
    let rules_of = packs.rules_of(&c.r#type.value);
    let list = match rules_of.is_empty() {
        true => pick(
            lang,
            "このリソースを判定するルールはない。ほかのリソースの親として読む。",
            "No rule judges it. It is read as the parent of others.",
        )
        .to_owned(),
        false => rules::listing(rules_of.iter().map(AsRef::as_ref), lang, "../rules/"),
    };
    section(pick(lang, "ルール", "Rules"), &list);
    out
}

fn facts(c: &Collector, lang: Lang) -> String {
    let mut table = Table::new(&["", ""]);
    table.row([pick(lang, "種類", "Type").to_owned(), code(&c.r#type.value)]);
    table.row([pick(lang, "照会の単位", "Asked").to_owned(), asked(c, lang)]);
    table.row([
        pick(lang, "ファイル", "File").to_owned(),
        name(&format!("collectors/{}", c.file)),
    ]);
    table.row([
        pick(lang, "名称の典拠", "Names confirmed by").to_owned(),
        format!("<span lang=\"en\">{}</span>", plain(&c.source)),
    ]);
    format!("<div class=\"facts\">\n\n{}</div>\n\n", table.end())
}

fn asked(c: &Collector, lang: Lang) -> String {
    let level =
        words::level(&c.level).map_or(pick(lang, "アカウント", "account"), |w| w.get(lang));
    match (c.scope, lang) {
        (Scope::Global, Lang::Ja) => format!("{level}ごとに一回"),
        (Scope::Global, Lang::En) => format!("once for each {level}"),
        (Scope::Region, Lang::Ja) => format!("{level}とリージョンごと"),
        (Scope::Region, Lang::En) => format!("for each {level} and region"),
    }
}

fn granted(call: &Call, lang: Lang) -> String {
    let all: Vec<String> = call.permissions.iter().map(|p| name(p)).collect();
    match all.is_empty() {
        true => pick(lang, "なし", "none").to_owned(),
        false => all.join("<br>"),
    }
}

fn population(c: &Collector, lang: Lang) -> String {
    let Some(q) = &c.list.query else {
        return pick(
            lang,
            "呼び出しによらず、照会の単位ごとに一件とする。設定はすべて下記の部分として読む。",
            "No call: there is one for each place that is asked. All of its settings are parts, below.",
        )
        .to_owned();
    };
    let mut table = Table::new(&[
        pick(lang, "呼び出し", "Call"),
        pick(lang, "必要な権限", "Permissions"),
        pick(lang, "一覧の場所", "Where the items are"),
    ]);
    table.row([
        name(&q.call.name()),
        granted(&q.call, lang),
        name(q.items.value.as_str()),
    ]);
    let mut out = table.end();
    if let Some(over) = &q.over {
        let parent = link(&code(&over.value), &format!("{}.md", over.value));
        let _ = match lang {
            Lang::Ja => writeln!(
                out,
                "親である {parent} ごとに呼び出す。親の母集団が完全でなければ、この母集団も完全ではない。"
            ),
            Lang::En => writeln!(
                out,
                "Called for each parent, {parent}. Where the parents' population is not whole, neither is this one."
            ),
        };
    }
    if !q.only.is_empty() {
        let paths: Vec<String> = q.only.iter().map(|o| code(o.path.value.as_str())).collect();
        let paths = paths.join(pick(lang, "、", ", "));
        let _ = match lang {
            Lang::Ja => writeln!(out, "\n{paths} の値により、母集団に含めるものを限る。"),
            Lang::En => writeln!(
                out,
                "\nThe value of {paths} says what belongs to the population."
            ),
        };
    }
    if !q.call.absent.is_empty() {
        let _ = write!(
            out,
            "\n{} {}\n",
            pick(
                lang,
                "「一件もない」ことを示す応答:",
                "Errors that mean that there are none:"
            ),
            codes(&q.call)
        );
    }
    out
}

fn codes(call: &Call) -> String {
    let all: Vec<String> = call.absent.iter().map(|e| name(&e.code)).collect();
    all.join("<br>")
}

fn parts(c: &Collector, lang: Lang) -> String {
    if c.parts.is_empty() {
        return pick(
            lang,
            "部分はない。設定はすべて一覧の応答から得る。",
            "None: all settings come with the list.",
        )
        .to_owned();
    }
    let mut out = pick(
        lang,
        "部分は、選んだルールが読むときにだけ呼び出す。「設定なし」の欄にない誤りは、すべて「読み取れなかった」となる。\n\n",
        "A part is called for only where a selected rule reads it. Every error that is not in the last column makes it *not seen*.\n\n",
    )
    .to_owned();
    let mut table = Table::new(&[
        pick(lang, "部分", "Part"),
        pick(lang, "呼び出し", "Call"),
        pick(lang, "必要な権限", "Permissions"),
        pick(
            lang,
            "「設定なし」を示す応答",
            "Errors that mean \"not set\"",
        ),
    ]);
    for (of, part) in &c.parts {
        let calls = part.prepare.iter().map(|p| &p.call).chain([&part.call]);
        for call in calls {
            table.row([
                name(of),
                name(&call.name()),
                granted(call, lang),
                codes(call),
            ]);
        }
    }
    out.push_str(&table.end());
    out
}
