//! The reference of controls: every id of the catalogue with our label, how far
//! settings reach and which rules are evidence. The criteria's text is not ours
//! to print and is nowhere here.

use super::md::{Table, link, name, pick, plain, short};
use super::packs::Packs;
use super::page::{Find, Page};
use shoseki_assess::{Control, Entry, Kind, Pattern, coverage};
use shoseki_model::{Lang, Reach, Text};
use shoseki_report::words;
use std::fmt::Write;

/// Everything below `controls/`, in the order of the table of contents.
pub fn pages(packs: &Packs) -> Vec<Page> {
    let head = Text::new("ISMAP の管理策", "ISMAP controls");
    let mut out = vec![Page::of("controls/index.md", 0, head, Find::No, |lang| {
        overview(packs, lang)
    })];
    let mut chapter = "";
    for c in packs.catalogue.controls() {
        let first = chapter_of(&c.id);
        if first != chapter {
            chapter = first;
            out.push(chapter_page(packs, chapter));
        }
        match c.kind {
            Kind::Chapter | Kind::Domain => {}
            Kind::Section => out.push(heading(packs, c, 2, Find::Sections)),
            Kind::Category => out.push(heading(packs, c, 2, Find::No)),
            Kind::Objective => out.push(objective(packs, c)),
            Kind::Item | Kind::Requirement | Kind::Detailed => {}
        }
    }
    out
}

/// The chapter of an id: its first number.
fn chapter_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// The sections of a chapter; that of management has no id of its own in the
/// catalogue.
fn sections<'p>(packs: &'p Packs, chapter: &'p str) -> impl Iterator<Item = &'p Control> {
    let all = packs.catalogue.controls().iter();
    all.filter(move |c| c.level == 2 && chapter_of(&c.id) == chapter)
}

fn chapter_page(packs: &Packs, chapter: &str) -> Page {
    let path = format!("controls/{chapter}.md");
    let title = named(packs, chapter);
    Page::of(&path, 1, title.clone(), Find::No, |lang| {
        let mut out = format!("# {}\n\n", plain(title.get(lang)));
        out.push_str(&below(packs, sections(packs, chapter), lang));
        out
    })
}

/// Where an id stands, below the book: `controls/9.4.2.md#9.4.2.2.B`.
pub fn target(packs: &Packs, id: &str) -> String {
    let Some(c) = packs.catalogue.get(id) else {
        return "controls/index.md".to_owned();
    };
    let home = match c.kind {
        Kind::Detailed => c.parent.as_deref(),
        Kind::Item | Kind::Requirement => packs.catalogue.section_of(id).map(|s| s.id.as_str()),
        _ => None,
    };
    match home {
        Some(home) => format!("controls/{home}.md#{id}"),
        None => format!("controls/{id}.md"),
    }
}

fn label(packs: &Packs, id: &str) -> Text {
    packs
        .mappings
        .label(id)
        .cloned()
        .or_else(|| words::chapter(id).map(words::Word::text))
        .unwrap_or_default()
}

/// An id with its label, for headings and the table of contents.
fn named(packs: &Packs, id: &str) -> Text {
    let label = label(packs, id);
    let join = |l: &str| format!("{id} {l}").trim_end().to_owned();
    Text::new(join(&label.ja), join(&label.en))
}

fn overview(packs: &Packs, lang: Lang) -> String {
    let edition = &packs.catalogue.edition;
    let mut out = format!("# {}\n\n", pick(lang, "ISMAP の管理策", "ISMAP controls"));
    let _ = match lang {
        Lang::Ja => write!(
            out,
            "ISMAP 管理基準（{edition} 版）のすべての番号を挙げる。見出しは shoseki 独自の短い言葉であり、基準の本文ではない。本文は転載できないため、[公式の管理基準から手元に取り込む](../pages/catalogue.md)。\n\n「設定で示せる範囲」は管理策の性質であり、ルールの有無によらない。ルールが期待どおりであっても、管理策が満たされていることは示されない。各番号の「人による確認として残るもの」を併せて読む。\n\n"
        ),
        Lang::En => write!(
            out,
            "Every id of the ISMAP criteria, edition {edition}. Labels are short words of our own, not the criteria's text, which may not be reprinted: [import it from your own copy](../pages/catalogue.md).\n\nHow far settings reach is a property of the control, whether or not there is a rule. Rules that pass do not show that a control is met: read with each id what stays for people.\n\n"
        ),
    };
    let c = coverage(&packs.mappings, &packs.catalogue);
    let mut table = Table::new(&[
        "",
        pick(lang, "番号", "Ids"),
        pick(lang, "対応付け済み", "Mapped"),
        words::reach(Reach::Full).get(lang),
        words::reach(Reach::Part).get(lang),
        words::reach(Reach::HumanOnly).get(lang),
        words::reach(Reach::Inherited).get(lang),
    ]);
    for (head, l) in [
        (pick(lang, "統制目標", "Objectives"), c.objectives),
        (pick(lang, "詳細管理策", "Detailed controls"), c.detailed),
        (pick(lang, "うち必須", "Of these mandatory"), c.mandatory),
    ] {
        let counts = [
            l.controls,
            l.entries,
            l.full,
            l.part,
            l.human_only,
            l.inherited,
        ];
        let cells = counts.iter().map(u64::to_string);
        table.row(std::iter::once(head.to_owned()).chain(cells));
    }
    out.push_str(&table.end());
    out.push_str(&chapters(packs, lang));
    out
}

fn chapters(packs: &Packs, lang: Lang) -> String {
    let mut table = Table::new(&[
        pick(lang, "章", "Chapter"),
        pick(lang, "見出し", "Label"),
        pick(lang, "ルール", "Rules"),
    ]);
    let all = packs.catalogue.controls().iter();
    let mut ids: Vec<&str> = all.map(|c| chapter_of(&c.id)).collect();
    ids.dedup();
    for id in ids {
        let mut rules = Vec::new();
        for c in sections(packs, id) {
            gather(packs, &c.id, &mut rules);
        }
        table.row([
            link(id, &format!("{id}.md")),
            plain(label(packs, id).get(lang)),
            distinct(rules).to_string(),
        ]);
    }
    table.end()
}

/// A table of ids that have pages of their own or places on them.
fn below<'c>(packs: &Packs, all: impl Iterator<Item = &'c Control>, lang: Lang) -> String {
    let mut table = Table::new(&[
        pick(lang, "番号", "Id"),
        pick(lang, "見出し", "Label"),
        pick(lang, "設定で示せる範囲", "How far settings reach"),
        pick(lang, "ルール", "Rules"),
    ]);
    for c in all {
        let mut rules = Vec::new();
        gather(packs, &c.id, &mut rules);
        let reach = packs.mappings.get(&c.id).map(|e| words::reach(e.reach));
        table.row([
            link(&c.id, &format!("../{}", target(packs, &c.id))),
            plain(label(packs, &c.id).get(lang)),
            reach.map_or(String::new(), |w| w.get(lang).to_owned()),
            distinct(rules).to_string(),
        ]);
    }
    table.end()
}

/// The rules that bear on an id or anything below it, some more than once.
fn gather<'p>(packs: &'p Packs, id: &str, out: &mut Vec<&'p str>) {
    if let Some(e) = packs.mappings.get(id) {
        out.extend(e.evidence.iter().map(|v| v.rule.as_str()));
    }
    for c in packs.catalogue.children(id) {
        gather(packs, &c.id, out);
    }
}

fn distinct(mut all: Vec<&str>) -> usize {
    all.sort_unstable();
    all.dedup();
    all.len()
}

fn heading(packs: &Packs, c: &Control, depth: usize, find: Find) -> Page {
    let path = format!("controls/{}.md", c.id);
    Page::of(&path, depth, named(packs, &c.id), find, |lang| {
        let mut out = format!("# {}\n\n", plain(named(packs, &c.id).get(lang)));
        if c.kind == Kind::Section {
            requirements(packs, c, lang, &mut out);
        } else {
            out.push_str(&below(packs, packs.catalogue.children(&c.id), lang));
        }
        out
    })
}

/// Governance and management requirements: ids alone.
fn requirements(packs: &Packs, section: &Control, lang: Lang, out: &mut String) {
    out.push_str(pick(
        lang,
        "この節の要求事項は組織の運営に関するもので、クラウドの設定では示せない。番号と参照先だけを挙げる。\n\n",
        "The requirements of this section are about how an organisation is run; settings of a cloud do not show them. Only ids and references are listed.\n\n",
    ));
    let mut table = Table::new(&[
        pick(lang, "番号", "Id"),
        pick(lang, "区分", "Mandatory"),
        pick(lang, "参照先", "Reference"),
    ]);
    let mut open: Vec<&Control> = packs.catalogue.children(&section.id).collect();
    open.reverse();
    while let Some(c) = open.pop() {
        table.row([anchor(&c.id), yes(c, lang).to_owned(), reference(c, lang)]);
        let mut children: Vec<&Control> = packs.catalogue.children(&c.id).collect();
        children.reverse();
        open.extend(children);
    }
    out.push_str(&table.end());
}

fn anchor(id: &str) -> String {
    format!("<a id=\"{id}\"></a>{id}")
}

fn yes(c: &Control, lang: Lang) -> &'static str {
    match c.mandatory {
        Some(true) => pick(lang, "必須", "yes"),
        Some(false) => pick(lang, "選択", "no"),
        None => "",
    }
}

fn reference(c: &Control, lang: Lang) -> String {
    let r = c.reference.as_ref();
    r.map_or(String::new(), |r| {
        plain(&format!("{} {}", r.standard, clause(&r.clause, lang)))
    })
}

/// The place in a standard, in words: `para 1 s2` is the second sentence of the
/// first paragraph.
fn clause(text: &str, lang: Lang) -> String {
    const PHRASES: [(&str, &str); 7] = [
        ("control", "管理策"),
        ("provider guidance", "事業者向けの手引"),
        ("requirements", "要求事項"),
        ("statements", "記述事項"),
        ("following matters", "次の事項"),
        ("guidelines and arrangements", "指針及び取決め"),
        ("examples", "例"),
    ];
    let mut text = text.replace("para last", pick(lang, "最後の段落", "last paragraph"));
    if lang == Lang::Ja {
        for (en, ja) in PHRASES {
            text = text.replace(en, ja);
        }
    }
    let mut out: Vec<String> = Vec::new();
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        let sentence = word
            .strip_prefix('s')
            .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()));
        let (ja, en, n) = match (word, sentence) {
            ("para", _) => ("段落", "paragraph", words.next()),
            ("bullet", _) => ("項目", "bullet", words.next()),
            (_, Some(n)) => ("文", "sentence", Some(n)),
            _ => ("", "", None),
        };
        out.push(match (n, lang) {
            (None, _) => word.to_owned(),
            (Some(n), Lang::Ja) => format!("第 {} {ja}", n.replace(',', "、")),
            (Some(n), Lang::En) => format!("{en} {}", n.replace(',', ", ")),
        });
    }
    out.join(" ")
}

fn pattern(c: &Control, lang: Lang) -> &'static str {
    match c.pattern {
        Some(Pattern::ProviderImplements) => pick(lang, "事業者が実施する", "the provider does it"),
        Some(Pattern::ProviderOffersFunction) => pick(
            lang,
            "事業者が利用者に機能を提供する",
            "the provider offers its customers a function",
        ),
        Some(Pattern::ProviderInforms) => pick(
            lang,
            "事業者が利用者に情報を提供する",
            "the provider tells its customers",
        ),
        None => "",
    }
}

fn objective(packs: &Packs, c: &Control) -> Page {
    let path = format!("controls/{}.md", c.id);
    let title = named(packs, &c.id);
    Page::of(&path, 3, title.clone(), Find::Sections, |lang| {
        let mut out = format!("# {}\n\n", plain(title.get(lang)));
        out.push_str(&one(packs, c, lang));
        let mut bare = Vec::new();
        for child in packs.catalogue.children(&c.id) {
            if packs.mappings.get(&child.id).is_none() {
                bare.push(child);
                continue;
            }
            let head = plain(named(packs, &child.id).get(lang));
            let _ = write!(out, "## {head} {{#{}}}\n\n", child.id);
            out.push_str(&one(packs, child, lang));
        }
        out.push_str(&unmapped(&bare, lang));
        out
    })
}

/// Detailed controls of which no mapping speaks.
fn unmapped(all: &[&Control], lang: Lang) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "## {}\n\n",
        pick(lang, "対応付けのない番号", "Ids without a mapping")
    );
    out.push_str(pick(
        lang,
        "次の番号については、ルールも、設定で示せる範囲についての判断もまだない。設定で示せないという意味ではない。\n\n",
        "Of these ids nobody has said yet how far settings reach, and no rule is evidence for them. That does not say that settings cannot show them.\n\n",
    ));
    let mut table = Table::new(&[
        pick(lang, "番号", "Id"),
        pick(lang, "区分", "Mandatory"),
        pick(lang, "参照先", "Reference"),
    ]);
    for c in all {
        table.row([anchor(&c.id), yes(c, lang).to_owned(), reference(c, lang)]);
    }
    out.push_str(&table.end());
    out
}

/// What there is to say of one id.
fn one(packs: &Packs, c: &Control, lang: Lang) -> String {
    let entry = packs.mappings.get(&c.id);
    let mut out = facts(c, entry, lang);
    let Some(entry) = entry else {
        return out;
    };
    if let Some(remains) = &entry.remains {
        let head = match entry.reach {
            Reach::HumanOnly => pick(lang, "設定では示せない理由", "Why only people can show it"),
            Reach::Inherited => pick(lang, "引継ぎ元", "Carried over from"),
            Reach::Full | Reach::Part => {
                pick(lang, "人による確認として残るもの", "What stays for people")
            }
        };
        let _ = write!(out, "**{head}**: {}\n\n", plain(remains.get(lang)));
    }
    out.push_str(&evidence(packs, entry, lang));
    out
}

fn facts(c: &Control, entry: Option<&Entry>, lang: Lang) -> String {
    let mut table = Table::new(&["", ""]);
    if let Some(e) = entry {
        table.row([
            pick(lang, "設定で示せる範囲", "How far settings reach"),
            words::reach(e.reach).get(lang),
        ]);
    }
    table.row([pick(lang, "区分", "Mandatory"), yes(c, lang)]);
    if c.pattern.is_some() {
        table.row([pick(lang, "求められること", "Asks that"), pattern(c, lang)]);
    }
    if c.reference.is_some() {
        table.row([pick(lang, "参照先", "Reference"), &reference(c, lang)]);
    }
    format!("<div class=\"facts\">\n\n{}</div>\n\n", table.end())
}

fn evidence(packs: &Packs, entry: &Entry, lang: Lang) -> String {
    if entry.evidence.is_empty() {
        return match entry.reach {
            Reach::Full | Reach::Part => pick(
                lang,
                "この番号を直接の対象とするルールはない。\n\n",
                "No rule is evidence for this id itself.\n\n",
            )
            .to_owned(),
            _ => String::new(),
        };
    }
    let mut table = Table::new(&[
        pick(lang, "ルール", "Rule"),
        pick(lang, "関係", "Bearing"),
        pick(
            lang,
            "期待どおりであることが示すこと・示さないこと",
            "What a pass shows, and what it does not",
        ),
    ]);
    for v in &entry.evidence {
        let title = packs.rules.get(&v.rule).map_or("", |r| r.title.get(lang));
        table.row([
            format!(
                "{}<br>{}",
                link(&name(&v.rule), &format!("../rules/{}.md", v.rule)),
                plain(title)
            ),
            short(words::strength(v.strength).get(lang)),
            plain(v.because.get(lang)),
        ]);
    }
    table.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    fn places_in_standards_are_told_in_words() {
        let said = |text, lang| clause(text, lang);
        assert_eq!(
            said("9.4.2 para 1 s1,2", Lang::Ja),
            "9.4.2 第 1 段落 第 1、2 文"
        );
        assert_eq!(
            said("9.4.2 para 1 s1,2", Lang::En),
            "9.4.2 paragraph 1 sentence 1, 2"
        );
        assert_eq!(
            said("5.3.2 para last a", Lang::En),
            "5.3.2 last paragraph a"
        );
        assert_eq!(said("9.2.3 d", Lang::Ja), "9.2.3 d");
        let packs = Packs::load().unwrap();
        for c in packs.catalogue.controls() {
            let place = c
                .reference
                .as_ref()
                .map_or(String::new(), |r| clause(&r.clause, Lang::Ja));
            let words = place.split(|c: char| !c.is_ascii_alphabetic());
            let english: Vec<&str> = words.filter(|w| w.len() > 1 && *w != "CLD").collect();
            assert!(english.is_empty(), "{place}");
        }
    }
}
