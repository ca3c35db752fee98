//! What the cover says of targets, period and statement.

use crate::appendix::Beside;
use crate::data::ReportData;
use crate::time::both_times;
use crate::words::{self, Word, word};
use shoseki_model::{Lang, Target};

/// Labels and values.
pub(super) type Facts = Vec<(String, String)>;

pub(super) fn fact(label: Word, value: impl Into<String>, lang: Lang) -> (String, String) {
    (label.get(lang).to_owned(), value.into())
}

pub(super) fn targets(data: &ReportData<'_>, lang: Lang) -> Facts {
    let unreached = |t: &Target| data.run.unreached.iter().find(|u| u.target == t.account);
    let read = |t: &Target| {
        let mine = |p: &&shoseki_model::Population| p.cloud == t.cloud && p.account == t.account;
        data.populations.iter().any(|p| mine(&p))
    };
    let mut out: Facts = Vec::new();
    for t in &data.targets {
        let mut lines = vec![match unreached(t) {
            Some(u) => format!("{}: {}", NOT_REACHED.get(lang), u.message),
            None if !read(t) => NOT_REACHED.get(lang).to_owned(),
            None => word("到達した", "reached").get(lang).to_owned(),
        }];
        let named = |w: Word, list: &[String]| match list.is_empty() {
            true => None,
            false => Some(format!("{}: {}", w.get(lang), list.join(", "))),
        };
        lines.extend(named(word("リージョン", "regions"), &t.regions));
        lines.extend(named(
            word("除外したリージョン", "regions left out"),
            &t.regions_left_out,
        ));
        if !t.caller.id.is_empty() {
            let caller = word("照会を行った ID", "caller").get(lang);
            lines.push(format!("{caller}: {}", t.caller.id));
        }
        let mut label = format!("{} {}", words::cloud(&t.cloud), t.account);
        if let Some(level) = words::level(&t.level) {
            label.push_str(&format!(" ({})", level.get(lang)));
        }
        if let Some(name) = &t.name {
            label.push_str(&format!("\n{name}"));
        }
        out.push((label, lines.join("\n")));
    }
    let named = |u: &&crate::data::Unreached| !data.targets.iter().any(|t| t.account == u.target);
    for u in data.run.unreached.iter().filter(named) {
        let line = format!("{}: {}", NOT_REACHED.get(lang), u.message);
        out.push((u.target.clone(), line));
    }
    out
}

const NOT_REACHED: Word = word("到達できなかった", "not reached");

pub(super) fn period(beside: &Beside, lang: Lang) -> Option<Facts> {
    let p = beside.period.as_ref()?;
    let gaps = p.gaps.iter().map(|(from, to, accounts)| {
        format!(
            "{} – {} {}",
            both_times(from),
            both_times(to),
            accounts.join(", ")
        )
    });
    let gaps: Vec<String> = gaps.collect();
    let none = word("なし", "none").get(lang).to_owned();
    let range = format!("{} – {}", both_times(&p.from), both_times(&p.to));
    Some(vec![
        fact(word("対象期間", "Audit period"), range, lang),
        fact(
            word("本書が述べる終わり", "Told up to"),
            both_times(&p.told_to),
            lang,
        ),
        fact(word("走査の回数", "Scans"), p.runs.to_string(), lang),
        fact(
            word("走査の空白", "Scan gaps"),
            if gaps.is_empty() {
                none
            } else {
                gaps.join("\n")
            },
            lang,
        ),
        fact(
            word("台帳の先頭値", "Head of the ledger"),
            &p.ledger_head,
            lang,
        ),
    ])
}

pub(super) fn statement(beside: &Beside, lang: Lang) -> Facts {
    let Some(file) = &beside.statement else {
        let none = word("与えられていない", "none was given").get(lang);
        return vec![fact(word("言明書の写し", "Statement"), none, lang)];
    };
    let s = &file.statement;
    let differs = beside.discrepancies.iter().filter(|d| d.control.is_none());
    let differs: Vec<String> = differs
        .map(|d| {
            let grade = words::grade(d.severity).get(lang);
            format!("[{grade}] {}: {}", d.code, d.text.get(lang))
        })
        .collect();
    vec![
        fact(
            word("対象期間", "Audit period"),
            format!("{} – {}", s.from, s.to),
            lang,
        ),
        fact(
            word("管理基準の版", "Edition of the criteria"),
            &s.edition,
            lang,
        ),
        fact(
            word("サービス", "Services"),
            s.scope.services.join(", "),
            lang,
        ),
        fact(
            word("アカウント", "Accounts"),
            s.scope.accounts.join(", "),
            lang,
        ),
        fact(
            word("リージョン", "Regions"),
            s.scope.regions.join(", "),
            lang,
        ),
        fact(
            word("ファイルの SHA-256", "SHA-256 of the file"),
            &file.sha256,
            lang,
        ),
        fact(
            word("対象範囲についての相違", "Differences about the scope"),
            differs.join("\n"),
            lang,
        ),
    ]
}
