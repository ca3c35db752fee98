//! What was proven and what was not, in words.

use super::{Checked, Verified};
use serde_json::json;
use shoseki_evidence::seal::{About, Proof, Statement};
use shoseki_model::Lang;
use shoseki_replay::{Compared, Report};
use std::fmt::Write as _;
use std::path::Path;

/// Lines of one list that people get to see.
const SHOWN: usize = 20;

/// For machines.
pub fn json(v: &Verified) -> String {
    let statements = v.seal.statements.iter().map(|s| {
        json!({
            "about": format!("{:?}", s.about),
            "proof": format!("{:?}", s.proof),
            "ja": s.text.ja,
            "en": s.text.en,
            "problems": problems(s),
        })
    });
    let value = json!({
        "holds": v.holds(),
        "seal": {
            "statements": statements.collect::<Vec<_>>(),
            "key": v.seal.key,
            "stamped": v.seal.stamped,
            "part": v.seal.part,
            "redacted": v.seal.redacted,
        },
        "wanted_and_not_proven": v.wanted.iter().map(|a| format!("{a:?}")).collect::<Vec<_>>(),
        "excepted": v.derived.as_ref().map(|d| d.excepted),
        "derivation": v.derived.as_ref().map(|d| &d.report),
        "data_files": v.derived.as_ref().map(|d| json!({"all": d.files, "not_built_in": d.own})),
    });
    format!("{value:#}\n")
}

fn problems(s: &Statement) -> Vec<serde_json::Value> {
    let one = |p: &shoseki_evidence::Problem| json!({"file": p.file, "message": p.message});
    s.problems.iter().map(one).collect()
}

/// For people.
pub fn text(v: &Verified, run: &Path, lang: Lang) -> String {
    let words = Words { lang };
    let mut out = words.verdict(v, &run.display().to_string());
    out.push('\n');
    for s in &v.seal.statements {
        let mark = match s.proof {
            Proof::Proven => words.pick("[確認]", "[proven]"),
            Proof::NotProven => words.pick("[未確認]", "[not proven]"),
            Proof::Broken => words.pick("[不整合]", "[broken]"),
        };
        let _ = writeln!(out, "  {mark} {}", s.text.get(lang));
        for p in s.problems.iter().take(SHOWN) {
            let _ = writeln!(out, "    {}: {}", p.file, p.message);
        }
    }
    for line in v.wanted.iter().map(|a| words.wanted(*a)) {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(d) = &v.derived {
        derivation(&mut out, &words, &d.report);
    }
    let _ = writeln!(out, "\n{}", words.pick("示していないこと:", "Not shown:"));
    for line in words.open(v) {
        let _ = writeln!(out, "  - {line}");
    }
    out
}

fn derivation(out: &mut String, words: &Words, report: &Report) {
    for line in words.proven(&report.compared, report.holds() && report.hidden.is_empty()) {
        let _ = writeln!(out, "  {line}");
    }
    if !report.hidden.is_empty() {
        let _ = writeln!(out, "  {}", words.hidden(report.hidden.len()));
        for p in report.hidden.iter().take(SHOWN) {
            let _ = writeln!(out, "    {} {}: {}", p.file, p.record, p.message);
        }
    }
    if report.holds() {
        return;
    }
    let _ = writeln!(out, "\n{}", words.problems(report.problems_found));
    for p in report.problems.iter().take(SHOWN) {
        let record = if p.record.is_empty() { "" } else { " " };
        let _ = writeln!(out, "  {}{record}{}: {}", p.file, p.record, p.message);
    }
    let left = report.problems_found.saturating_sub(SHOWN as u64);
    if left > 0 {
        let _ = writeln!(out, "  {}", words.more(left));
    }
}

struct Words {
    lang: Lang,
}

impl Words {
    fn pick<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        crate::lang::pick(self.lang, ja, en)
    }

    fn say(&self, ja: String, en: String) -> String {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    fn verdict(&self, v: &Verified, run: &str) -> String {
        if !v.holds() {
            return self.say(
                format!("{run}: 整合しない。この実行結果を証跡として用いてはならない。\n"),
                format!("{run}: does not hold. Do not use this run as evidence.\n"),
            );
        }
        if v.derived.is_none() {
            return self.say(
                format!("{run}: 一部の引渡しである。含まれる記録は封印のとおりである。判定の再導出は行っていない。\n"),
                format!("{run}: a part of a run. Its records are as they were sealed; no verdict was derived again.\n"),
            );
        }
        if let Some(n) = v
            .derived
            .as_ref()
            .map(|d| d.report.hidden.len())
            .filter(|n| *n > 0)
        {
            return self.say(
                format!("{run}: 検証した範囲はすべて整合している。ただし墨消しのため再導出できない記録が {n} 件あり、それらは証明されていない(下記)。\n"),
                format!("{run}: everything that was checked holds. {n} record(s) could not be derived again because values are hidden: these are not proven; see below.\n"),
            );
        }
        let sealed = v.seal.key.is_some();
        let (ja, en) = match (sealed, v.seal.proven()) {
            (false, _) => ("封印はない。", "The run carries no seal."),
            (true, true) => ("封印も確かめた。", "The seal holds."),
            (true, false) => (
                "封印には確かめられていない点がある(下記)。",
                "Not everything about the seal is proven; see below.",
            ),
        };
        self.say(
            format!("{run}: 検証した範囲はすべて整合している。判定はすべて、保存された応答から保存されたルールによって再導出できた。{ja}\n"),
            format!("{run}: everything that was checked holds. Every verdict follows from the stored answers by the stored rules. {en}\n"),
        )
    }

    fn wanted(&self, about: About) -> String {
        let (ja, en) = match about {
            About::TimeStamp => (
                "--tsa-ca を満たすタイムスタンプがない。",
                "There is no time stamp that satisfies --tsa-ca.",
            ),
            _ => (
                "--trust の鍵による署名がない。",
                "There is no signature by a key of --trust.",
            ),
        };
        self.pick(ja, en).to_owned()
    }

    fn proven(&self, c: &Compared, holds: bool) -> Vec<String> {
        let mut lines = vec![
            self.say(
                format!(
                    "応答の再読み取り: {} アカウント、交信 {} 件(記録されたダイジェストと照合)",
                    c.accounts, c.exchanges
                ),
                format!(
                    "answers read again: {} account(s), {} exchanges, digests compared",
                    c.accounts, c.exchanges
                ),
            ),
            self.say(
                format!(
                    "応答から再導出: リソース {} 件、未確認事項 {} 件、母集団 {} 件",
                    c.resources, c.gaps, c.populations
                ),
                format!(
                    "derived from the answers: {} resources, {} gaps, {} populations",
                    c.resources, c.gaps, c.populations
                ),
            ),
            self.say(
                format!(
                    "ルールと対応表から再導出: 判定 {} 件、集計 {} 件、管理策の状況 {} 件",
                    c.findings, c.tallies, c.standings
                ),
                format!(
                    "derived by rules and mappings: {} findings, {} tallies, {} standings",
                    c.findings, c.tallies, c.standings
                ),
            ),
        ];
        if c.history > 0 {
            lines.push(self.say(
                format!("事業者の記録から再導出: 遡及取得の記録 {} 件", c.history),
                format!(
                    "derived from the provider's own history: {} back-filled records",
                    c.history
                ),
            ));
            lines.push(
                self.pick(
                    "遡及取得した状態は事業者(AWS Config)の記録に依る。記録の完全性は示していない。",
                    "Back-filled states rest on the provider's word (AWS Config): that it recorded every change is not shown.",
                )
                .to_owned(),
            );
        }
        if holds {
            lines.push(
                self.pick(
                    "いずれも保存された記録と一致し、過不足はない。",
                    "All equal the stored records, none missing and none besides.",
                )
                .to_owned(),
            );
        }
        lines
    }

    fn hidden(&self, n: usize) -> String {
        self.say(
            format!("[未確認] 墨消しされた値に依るため再導出できない記録 {n} 件:"),
            format!(
                "[not proven] {n} record(s) rest on hidden values and do not follow without them:"
            ),
        )
    }

    fn problems(&self, n: u64) -> String {
        self.say(format!("不整合 {n} 件:"), format!("{n} problem(s):"))
    }

    fn more(&self, n: u64) -> String {
        self.say(
            format!("ほか {n} 件(--format json で 200 件まで)"),
            format!("and {n} more (--format json tells up to 200)"),
        )
    }

    /// What stays open.
    fn open(&self, v: &Verified) -> Vec<String> {
        let signed = v.seal.about(About::Signature);
        let mut out = Vec::new();
        out.push(if signed.is_some_and(|s| s.proof == Proof::Proven) {
            self.pick(
                "署名者が応答をクラウドから得たものであること。署名者が初めから作り上げたものであっても、この検証では分からない。",
                "That the signer had these answers from the cloud: a run that the signer made up cannot be told from a true one.",
            )
        } else {
            self.pick(
                "信頼する鍵による署名がないため、応答がクラウドから届いたものであることを誰も保証していない。全体を作り直した者があっても、この検証では分からない。",
                "Nobody vouches for these bytes: without a signature by a trusted key, a run that somebody made up as a whole cannot be told from one that came from the cloud.",
            )
        }.to_owned());
        out.push(self.pick(
            "ルールが管理策の求めることを正しく表しているか。これは監査人が判断する。",
            "Whether the rules say what the controls ask for: that is for the auditor to judge.",
        ).to_owned());
        if v.seal.redacted {
            out.push(self.pick(
                "墨消しされた値が何であるか。開示された値(--disclosed)だけが確かめられる。",
                "What the hidden values are: only those that are disclosed (--disclosed) can be checked.",
            ).to_owned());
        }
        if let Some(d) = &v.derived {
            self.stated(d, &mut out);
        }
        out
    }

    /// What rests on the run's own word.
    fn stated(&self, checked: &Checked, out: &mut Vec<String>) {
        let report = &checked.report;
        let stated = &report.stated;
        if !checked.own.is_empty() {
            out.push(self.own_files(checked));
        }
        if checked.excepted > 0 {
            let n = checked.excepted;
            out.push(self.say(
                format!("承認済み例外として示されている判定 {n} 件。どの判定に当たるかは保存された例外ファイルから再導出したが、記載された者が実際に承認したことは、実行結果の作成者の記載による。"),
                format!("{n} finding(s) are shown as excepted. Which ones follows from the stored file of exceptions; that the people it names approved is the word of whoever made the run."),
            ));
        }
        if report.rejudged {
            out.push(self.pick(
                "走査の後に `shoseki judge` で判定し直されている。走査時のルールは残っていないため、何を読むべきであったかは記録による。",
                "It was judged again after the scan (`shoseki judge`); the rules of the scan are gone, so that what should have been read is taken from the records.",
            ).to_owned());
        }
        if stated.unanswered > 0 {
            let n = stated.unanswered;
            out.push(self.say(
                format!("応答の保存がない交信 {n} 件。応答がなかったという走査側の記載による(未確認として扱われ、合格や不合格の根拠にはならない)。"),
                format!("{n} exchange(s) without a stored answer: that there was none is the scan's word (they count as not seen, never as a pass or a failure)."),
            ));
        }
        if stated.unsent > 0 {
            let n = stated.unsent;
            out.push(self.say(
                format!("送信されなかったとされる要求 {n} 件。同じく走査側の記載による。"),
                format!("{n} request(s) that were never sent, likewise by the scan's word."),
            ));
        }
        if !stated.unreached.is_empty() {
            let names = stated.unreached.join(", ");
            out.push(self.say(
                format!("到達できなかったとされ、そのことを示す応答のないアカウント等: {names}"),
                format!("targets that are said not to have been reached, without a stored answer that says so: {names}"),
            ));
        }
        if stated.sought_unsaid {
            out.push(self.say(
                "この実行は、何を読み取るはずであったか(対象の選択)を記録しない版で作られた。保存された一覧との照合にとどまる。".to_owned(),
                "The run is of a version that did not note which targets were to be read; they are held against stored lists alone.".to_owned(),
            ));
        }
        out.extend(self.stopped(report));
    }

    fn own_files(&self, checked: &Checked) -> String {
        let (n, all) = (checked.own.len(), checked.files);
        let shown: Vec<_> = checked.own.iter().take(5).map(String::as_str).collect();
        let dots = if n > shown.len() { ", …" } else { "" };
        let names = format!("{}{dots}", shown.join(", "));
        self.say(
            format!("データファイル {all} 件のうち {n} 件は、この版の shoseki に組み込まれたものと異なる(別の版か独自のもの): {names}"),
            format!("{n} of {all} data files are not those built into this version of shoseki (another version's, or the user's own): {names}"),
        )
    }

    fn stopped(&self, report: &Report) -> Option<String> {
        let stopped = &report.stated.stopped;
        if stopped.is_empty() {
            return None;
        }
        let names: Vec<String> = stopped
            .iter()
            .take(SHOWN)
            .map(|s| format!("{} ({}/{})", s.r#type, s.account, s.region))
            .collect();
        let (n, names) = (stopped.len(), names.join(", "));
        Some(self.say(
            format!("走査が途中で中止された母集団 {n} 件。どこまで読んだかは再導出できない: {names}"),
            format!("{n} population(s) whose reading was stopped: how far it came cannot be derived: {names}"),
        ))
    }
}
