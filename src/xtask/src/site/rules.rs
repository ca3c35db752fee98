//! The reference of rules: a page for each, for each service and each cloud.

use super::md::{Table, block, code, link, name, paragraphs, pick, plain, short};
use super::packs::Packs;
use super::page::{Find, Page};
use shoseki_collect::PlannedCall;
use shoseki_judge::Rule;
use shoseki_model::{Lang, Text};
use shoseki_report::words;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Everything below `rules/`, in the order of the table of contents.
pub fn pages(packs: &Packs) -> Vec<Page> {
    let mut by_cloud: BTreeMap<&str, BTreeMap<&str, Vec<&Rule>>> = BTreeMap::new();
    for rule in packs.rules.iter() {
        let mut pieces = rule.id.split('.');
        let cloud = pieces.next().unwrap_or_default();
        let service = pieces.next().unwrap_or_default();
        let services = by_cloud.entry(cloud).or_default();
        services.entry(service).or_default().push(rule);
    }
    let head = Text::new("ルール", "Rules");
    let mut out = vec![Page::of("rules/index.md", 0, head, Find::No, |lang| {
        overview(&by_cloud, lang)
    })];
    for (cloud, services) in &by_cloud {
        let title = words::cloud(cloud);
        let path = format!("rules/{cloud}.md");
        out.push(Page::of(
            &path,
            1,
            Text::new(title, title),
            Find::No,
            |lang| of_cloud(title, cloud, services, lang),
        ));
        for (service, rules) in services {
            let path = format!("rules/{cloud}.{service}.md");
            let text = Text::new(*service, *service);
            out.push(Page::of(&path, 2, text, Find::No, |lang| {
                of_service(title, service, rules, lang)
            }));
            out.extend(rules.iter().map(|r| one(packs, r)));
        }
    }
    out
}

fn overview(by_cloud: &BTreeMap<&str, BTreeMap<&str, Vec<&Rule>>>, lang: Lang) -> String {
    let mut out = format!("# {}\n\n", pick(lang, "ルール", "Rules"));
    out.push_str(pick(
        lang,
        "ルールは、一種類のリソースについて期待する設定を一つ述べる。判定は「期待どおり」「相違」「判定不能」「対象外」のいずれかであり、読み取れなかったものに依る判定は必ず「判定不能」となる（[用語](../words.md)）。ルールは YAML のデータであり、書き方は[ルールの書き方](../pages/rules.md)に述べる。\n\n",
        "A rule says one thing that is expected of the settings of one type of resource. Its verdict is pass, fail, unknown or not applicable; where it would need something that was not read it is always unknown ([words](../words.md)). Rules are data in YAML; [anatomy of a rule](../pages/rules.md) says how to write one.\n\n",
    ));
    let mut table = Table::new(&[
        pick(lang, "クラウド", "Cloud"),
        pick(lang, "サービス", "Services"),
        pick(lang, "ルール", "Rules"),
    ]);
    for (cloud, services) in by_cloud {
        let count: usize = services.values().map(Vec::len).sum();
        table.row([
            link(words::cloud(cloud), &format!("{cloud}.md")),
            services.len().to_string(),
            count.to_string(),
        ]);
    }
    out.push_str(&table.end());
    out
}

fn of_cloud(title: &str, cloud: &str, services: &BTreeMap<&str, Vec<&Rule>>, lang: Lang) -> String {
    let mut out = match lang {
        Lang::Ja => format!("# {title} のルール\n\n"),
        Lang::En => format!("# Rules for {title}\n\n"),
    };
    let mut table = Table::new(&[
        pick(lang, "サービス", "Service"),
        pick(lang, "ルール", "Rules"),
        words::severity(words::SEVERITIES[0]).get(lang),
        words::severity(words::SEVERITIES[1]).get(lang),
        words::severity(words::SEVERITIES[2]).get(lang),
        words::severity(words::SEVERITIES[3]).get(lang),
    ]);
    for (service, rules) in services {
        let mut cells = vec![
            link(&code(service), &format!("{cloud}.{service}.md")),
            rules.len().to_string(),
        ];
        cells.extend(words::SEVERITIES.iter().map(|s| {
            let n = rules.iter().filter(|r| r.severity == *s).count();
            n.to_string()
        }));
        table.row(cells);
    }
    out.push_str(&table.end());
    out
}

fn of_service(title: &str, service: &str, rules: &[&Rule], lang: Lang) -> String {
    let mut out = format!("# {title}: {}\n\n", plain(service));
    out.push_str(&listing(rules.iter().copied(), lang, ""));
    out
}

/// A table of rules; `to` leads from the page to the folder of rules.
pub fn listing<'r>(rules: impl IntoIterator<Item = &'r Rule>, lang: Lang, to: &str) -> String {
    let mut table = Table::new(&[
        pick(lang, "ルール", "Rule"),
        pick(lang, "期待すること", "Expected"),
        pick(lang, "重要度", "Severity"),
    ]);
    for r in rules {
        table.row([
            link(&name(&r.id), &format!("{to}{}.md", r.id)),
            plain(r.title.get(lang)),
            short(words::severity(r.severity).get(lang)),
        ]);
    }
    table.end()
}

fn one(packs: &Packs, rule: &Rule) -> Page {
    let last = rule.id.rsplit('.').next().unwrap_or(&rule.id);
    Page::of(
        &format!("rules/{}.md", rule.id),
        3,
        Text::new(last, last),
        Find::Whole(rule.id.clone()),
        |lang| body(packs, rule, lang),
    )
}

fn body(packs: &Packs, rule: &Rule, lang: Lang) -> String {
    let mut out = format!("# {}\n\n", plain(rule.title.get(lang)));
    out.push_str(&facts(packs, rule, lang));
    let mut section = |head: &str, text: String| {
        let _ = write!(out, "## {head}\n\n{}\n\n", text.trim_end());
    };
    section(pick(lang, "理由", "Why"), paragraphs(rule.why.get(lang)));
    section(pick(lang, "判定", "Judged by"), condition(rule, lang));
    section(
        pick(lang, "読み取るもの", "What it reads"),
        reads(packs, rule, lang),
    );
    section(pick(lang, "是正", "Mending a failure"), fix(rule, lang));
    section(
        pick(lang, "ISMAP の管理策", "ISMAP controls"),
        controls(packs, rule, lang),
    );
    let refs: Vec<String> = rule.references.iter().map(|r| format!("- <{r}>")).collect();
    section(pick(lang, "参考", "References"), refs.join("\n"));
    out
}

fn facts(packs: &Packs, rule: &Rule, lang: Lang) -> String {
    let collector = packs.collectors.get(&rule.resource);
    let title = collector.map_or("", |c| c.title.get(lang));
    let mut table = Table::new(&["", ""]);
    table.row([pick(lang, "ID", "Id").to_owned(), code(&rule.id)]);
    table.row([
        pick(lang, "重要度", "Severity").to_owned(),
        words::severity(rule.severity).get(lang).to_owned(),
    ]);
    table.row([
        pick(lang, "対象", "Resource").to_owned(),
        format!(
            "{} {}",
            plain(title),
            link(
                &code(&rule.resource),
                &format!("../collectors/{}.md", rule.resource)
            )
        ),
    ]);
    table.row([
        pick(lang, "ファイル", "File").to_owned(),
        name(&format!("rules/{}", rule.source)),
    ]);
    format!("<div class=\"facts\">\n\n{}</div>\n\n", table.end())
}

fn condition(rule: &Rule, lang: Lang) -> String {
    let mut out = String::new();
    if let Some(when) = &rule.when {
        out.push_str(pick(
            lang,
            "次の条件に当たるリソースだけを判定し、ほかは「対象外」として数える。\n\n",
            "Only resources for which this is true are judged; others are counted as not applicable.\n\n",
        ));
        out.push_str(&block("text", when));
        out.push('\n');
    }
    out.push_str(pick(
        lang,
        "次の式が真のとき「期待どおり」、偽のとき「相違」とする。結果が読み取れなかったものに依るときは「判定不能」とする（[式の言語](../pages/rules.md#式の言語)）。\n\n",
        "Pass where this is true, fail where it is false; unknown where that depends on what was not read ([the language](../pages/rules.md#the-expression-language)).\n\n",
    ));
    out.push_str(&block("text", &rule.expect));
    out
}

fn reads(packs: &Packs, rule: &Rule, lang: Lang) -> String {
    let paths: Vec<String> = rule.reads().paths.iter().map(|p| code(p)).collect();
    let joined = paths.join(pick(lang, "、", ", "));
    let mut out = format!("{}{joined}\n\n", pick(lang, "設定: ", "Settings: "));
    let mut table = Table::new(&[
        pick(lang, "呼び出し", "Call"),
        pick(lang, "必要な権限", "Permissions"),
        pick(lang, "得るもの", "Gives"),
    ]);
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for t in packs.plan(rule).types {
        let list = t.list.iter().map(|c| {
            let what = pick(lang, "母集団", "population");
            (c, format!("{what} {}", name(&t.r#type)))
        });
        let parts = t
            .parts
            .iter()
            .flat_map(|p| p.calls.iter().map(|c| (c, name(&p.part))));
        for (call, gives) in list.chain(parts) {
            if seen.insert(format!("{} {gives}", call.call)) {
                table.row([name(&call.call), permissions(call, lang), gives]);
            }
        }
    }
    if seen.is_empty() {
        out.push_str(pick(lang, "呼び出しを要しない。\n", "It needs no call.\n"));
    } else {
        out.push_str(&table.end());
    }
    out
}

/// The permissions of a call, a line each.
pub fn permissions(call: &PlannedCall, lang: Lang) -> String {
    let all: Vec<String> = call.permissions.iter().map(|p| name(p)).collect();
    match all.is_empty() {
        true => pick(lang, "なし", "none").to_owned(),
        false => all.join("<br>"),
    }
}

fn fix(rule: &Rule, lang: Lang) -> String {
    let mut out = paragraphs(pick(lang, &rule.fix.ja, &rule.fix.en));
    let _ = write!(out, "\n\n### CLI\n\n{}\n", block("sh", &rule.fix.cli));
    let _ = write!(
        out,
        "### Terraform\n\n{}",
        block("text", &rule.fix.terraform)
    );
    out
}

fn controls(packs: &Packs, rule: &Rule, lang: Lang) -> String {
    let mut table = Table::new(&[
        pick(lang, "管理策", "Control"),
        pick(lang, "関係", "Bearing"),
        pick(
            lang,
            "期待どおりであることが示すこと・示さないこと",
            "What a pass shows, and what it does not",
        ),
    ]);
    let mut any = false;
    for l in packs.mappings.controls_of(&rule.id) {
        any = true;
        let label = packs.mappings.label(l.control).map_or("", |t| t.get(lang));
        let because = packs
            .mappings
            .get(l.control)
            .and_then(|e| e.evidence.iter().find(|v| v.rule == rule.id))
            .map_or("", |v| v.because.get(lang));
        let target = super::controls::target(packs, l.control);
        table.row([
            format!(
                "{} {}",
                link(l.control, &format!("../{target}")),
                plain(label)
            ),
            short(words::strength(l.strength).get(lang)),
            plain(because),
        ]);
    }
    match any {
        true => table.end(),
        false => pick(
            lang,
            "このルールを証跡とする管理策はない。",
            "No control takes it as evidence.",
        )
        .to_owned(),
    }
}
