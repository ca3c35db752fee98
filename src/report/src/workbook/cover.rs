//! The cover: what the workbook is about, and what it does not prove.

use super::facts::{Facts, fact, period, statement, targets};
use super::{CONTROLS, COVER, EVIDENCE, EXCEPTIONS, FINDINGS, GAPS, POPULATIONS, SCOPES, TITLE};
use crate::appendix::{Appendix, Beside};
use crate::book::{Book, Look, Paper, Sheet};
use crate::data::{ReportData, ReportError};
use crate::overview::Outcome;
use crate::time::both_times;
use crate::visible::{fold, lines};
use crate::words::{self, NO_CONCLUSION, STATES, Word, word};
use shoseki_model::Lang;

const COLUMNS: u16 = 6;
/// Characters on a line over all columns.
const ROOM: usize = 122;
/// Characters on a line of a value.
const VALUE: usize = 96;
/// Lines of a value in one row: Excel makes no row higher than 409 points, and no page
/// begins within a row.
const HIGHEST: usize = 12;

pub(super) fn write(
    book: &mut Book,
    data: &ReportData<'_>,
    beside: &Beside,
    a: &Appendix,
    lang: Lang,
) -> Result<(), ReportError> {
    let mut sheet = book.sheet(COVER.get(lang), Paper::A4)?;
    let s = &mut sheet;
    s.widths([26.0, 24.0, 18.0, 18.0, 18.0, 18.0])?;
    s.line(COLUMNS, Look::Title, TITLE.get(lang), 60)?;
    s.skip();
    for (look, text) in warnings(data, a, lang) {
        s.line(COLUMNS, look, &text, ROOM - 10)?;
    }
    s.line(COLUMNS, Look::Note, NO_CONCLUSION.get(lang), ROOM)?;
    s.skip();
    block(s, word("走査", "The run"), &run(data, beside, lang), lang)?;
    block(s, word("対象", "Targets"), &targets(data, lang), lang)?;
    if let Some(facts) = period(beside, lang) {
        block(s, word("期間", "The period"), &facts, lang)?;
    }
    let title = word("言明書の写し", "The statement");
    block(s, title, &statement(beside, lang), lang)?;
    block(s, word("件数", "Counts"), &counts(a, lang), lang)?;
    for (title, lines) in PROVES {
        s.line(COLUMNS, Look::Section, title.get(lang), ROOM)?;
        for line in lines {
            s.line(COLUMNS, Look::Note, &format!("・{}", line.get(lang)), ROOM)?;
        }
        s.skip();
    }
    block(s, word("シート", "Sheets"), &sheets(data, a, lang), lang)?;
    block(
        s,
        word("ダイジェスト（SHA-256）", "Digests (SHA-256)"),
        &digests(data),
        lang,
    )
}

/// What a reader must not miss.
pub(super) fn warnings(data: &ReportData<'_>, a: &Appendix, lang: Lang) -> Vec<(Look, String)> {
    let mut out = Vec::new();
    let mut say = |ja: String, en: String| {
        let text = match lang {
            Lang::Ja => ja,
            Lang::En => en,
        };
        out.push((Look::Warning, text));
    };
    let o = &a.overview;
    let (gaps, whole, all) = (o.gap_count, o.populations_whole, o.populations);
    match o.outcome {
        Outcome::NothingRead => say(
            "何も読み取れなかった。この実行は設定の証跡を含まない。".into(),
            "Nothing could be read. This run holds no evidence of any setting.".into(),
        ),
        Outcome::Incomplete => say(
            format!(
                "不完全な実行である。母集団 {all} のうち {whole} のみ列挙を終え、未確認の事項が {gaps} 件ある。"
            ),
            format!(
                "The run is incomplete: {whole} of {all} populations are whole, {gaps} thing(s) could not be seen."
            ),
        ),
        Outcome::Whole => {}
    }
    if o.targets_unread > 0 {
        let n = o.targets_unread;
        say(
            format!("到達できなかった対象が {n} 件ある。これらについては何も述べない。"),
            format!("{n} target(s) could not be reached. Nothing is said of them."),
        );
    }
    if data.run.demo {
        say(
            "組込みの実演用クラウドを読み取ったものであり、実在の環境の証跡ではない。".into(),
            "The built-in demonstration was read: this is no evidence of any real environment."
                .into(),
        );
    }
    if let Some(why) = &data.run.stopped {
        say(why.ja.clone(), why.en.clone());
    }
    out
}

fn block(s: &mut Sheet<'_>, title: Word, facts: &Facts, lang: Lang) -> Result<(), ReportError> {
    s.line(COLUMNS, Look::Section, title.get(lang), ROOM)?;
    let more = word("（続き）", " (continued)").get(lang);
    for (label, value) in facts {
        for (i, part) in parts(value).iter().enumerate() {
            let label = match i {
                0 => label.clone(),
                _ => format!("{label}{more}"),
            };
            s.put(0, Look::Label, &label)?;
            s.span(1..=COLUMNS - 1, Look::Text, part)?;
            let high = lines(part, VALUE).max(lines(&label, ROOM - VALUE));
            s.height(high, Look::Text.points())?;
            s.next();
        }
    }
    s.skip();
    Ok(())
}

/// A value in as many rows as it needs: what is higher than a row can be would be cut
/// in print.
fn parts(value: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut high = 0;
    let all = value.split('\n').flat_map(|l| match lines(l, VALUE) {
        n if n > HIGHEST => fold(l, VALUE),
        _ => vec![l.to_owned()],
    });
    for line in all {
        let needed = lines(&line, VALUE);
        match out.last_mut() {
            Some(part) if high + needed <= HIGHEST => {
                part.push('\n');
                part.push_str(&line);
                high += needed;
            }
            _ => {
                out.push(line);
                high = needed;
            }
        }
    }
    out
}

fn run(data: &ReportData<'_>, beside: &Beside, lang: Lang) -> Facts {
    let run = &data.run;
    let ended = run.ended.as_deref().map_or_else(
        || {
            word("終わりに達していない", "it did not reach its end")
                .get(lang)
                .to_owned()
        },
        both_times,
    );
    let selection = match run.selection.is_empty() {
        true => word("すべてのルール", "every rule").get(lang).to_owned(),
        false => run.selection.join(" "),
    };
    let none = word("封印なし", "not sealed").get(lang).to_owned();
    let seal = beside.seal.as_ref().map_or(none, |x| {
        let note = word(
            "署名は本書では確かめていない。shoseki verify で確かめる。",
            "The signature is not checked here; shoseki verify does.",
        );
        let (root, manifest) = (&x.root, &x.manifest_sha256);
        format!(
            "Merkle root {root}\nmanifest.json SHA-256 {manifest}\n{}",
            note.get(lang)
        )
    });
    vec![
        fact(word("実行", "Run"), &run.id, lang),
        fact(
            word("run.json の SHA-256", "SHA-256 of run.json"),
            &beside.run_sha256,
            lang,
        ),
        fact(
            word("ツール", "Tool"),
            format!("{} {}", run.tool, run.version),
            lang,
        ),
        fact(
            word("管理基準の版", "Edition of the criteria"),
            &run.edition,
            lang,
        ),
        fact(
            word("走査の開始", "Scan started"),
            both_times(&run.started),
            lang,
        ),
        fact(word("走査の終了", "Scan ended"), ended, lang),
        fact(word("選択", "Selection"), selection, lang),
        fact(
            word("照会の数", "Exchanges"),
            run.exchanges.to_string(),
            lang,
        ),
        fact(word("封印", "Seal"), seal, lang),
    ]
}

fn counts(a: &Appendix, lang: Lang) -> Facts {
    let o = &a.overview;
    let v = &o.verdicts;
    let pair = |w: Word, n: u64| format!("{} {n}", w.get(lang));
    let verdicts = [
        pair(words::verdict(shoseki_model::Verdict::Fail), v.fail),
        pair(words::verdict(shoseki_model::Verdict::Unknown), v.unknown),
        pair(words::EXCEPTED, v.excepted),
        pair(words::verdict(shoseki_model::Verdict::Pass), v.pass),
        pair(
            words::verdict(shoseki_model::Verdict::NotApplicable),
            v.not_applicable,
        ),
    ];
    let states: Vec<String> = STATES
        .iter()
        .map(|s| pair(words::state(*s), o.states.of(*s)))
        .collect();
    vec![
        fact(
            word("判定", "Findings"),
            format!("{}\n{}", v.total(), verdicts.join(" / ")),
            lang,
        ),
        fact(
            word("管理策", "Controls"),
            format!("{}\n{}", o.states.total(), states.join(" / ")),
            lang,
        ),
        fact(
            word("未確認の事項", "Not seen"),
            o.gap_count.to_string(),
            lang,
        ),
        fact(
            word("母集団（完全 / 全体）", "Populations (whole / all)"),
            format!("{} / {}", o.populations_whole, o.populations),
            lang,
        ),
        fact(word("リソース", "Resources"), o.resources.to_string(), lang),
    ]
}

fn sheets(data: &ReportData<'_>, a: &Appendix, lang: Lang) -> Facts {
    let links: usize = a.rows.iter().map(|r| r.evidence.len()).sum();
    let about = [
        (
            CONTROLS,
            a.rows.len() as u64,
            word(
                "管理策ごとの言明、状態及び証跡。監査人の記入欄（手続、技法、結果、発見事項、妥当性）がある",
                "by control: statement, standing, evidence, and the auditor's columns",
            ),
        ),
        (
            EVIDENCE,
            links as u64,
            word(
                "管理策を裏付けるルールと、母集団及び照会のダイジェスト",
                "the rules behind each control, with digests of populations and exchanges",
            ),
        ),
        (
            FINDINGS,
            a.overview.verdicts.total(),
            word(
                "判定のすべて。期待どおりのもの及び対象外のものを含む",
                "every finding, passes and those not applicable included",
            ),
        ),
        (
            POPULATIONS,
            data.populations.len() as u64,
            word(
                "リソース種別ごとの母集団と、列挙した照会",
                "what was enumerated, by type and scope, and by which query",
            ),
        ),
        (
            SCOPES,
            data.tallies.len() as u64,
            word(
                "ルールごと、範囲ごとの件数と一覧のダイジェスト",
                "counts and list digests by rule and scope",
            ),
        ),
        (
            GAPS,
            a.overview.gaps.values().sum(),
            word(
                "観測できなかったものと、その原因及び必要な権限",
                "what was not seen, why, and which permission is missing",
            ),
        ),
        (
            EXCEPTIONS,
            data.exceptions.len() as u64,
            word(
                "承認済み例外。期待どおりとは数えない",
                "signed-off deviations, never counted as passes",
            ),
        ),
    ];
    let line = |(name, n, what): &(Word, u64, Word)| {
        let rows = word("行", "rows").get(lang);
        (
            name.get(lang).to_owned(),
            format!("{n} {rows}: {}", what.get(lang)),
        )
    };
    about.iter().map(line).collect()
}

fn digests(data: &ReportData<'_>) -> Facts {
    data.run
        .digests
        .iter()
        .map(|(name, d)| (name.clone(), d.clone()))
        .collect()
}

const PROVES: [(Word, &[Word]); 2] = [
    (
        word(
            "本書から確かめられること",
            "What can be checked from this workbook",
        ),
        &[
            word(
                "各判定が、どの照会の、どの応答に基づくか。応答の SHA-256 は、実行ディレクトリの answers/ にあるファイルの内容と突き合わせることができる。",
                "On which answers to which exchanges each finding rests: the SHA-256 names the stored answer in answers/ of the run.",
            ),
            word(
                "各ルールを何に適用したか（母集団）と、その列挙が最後まで達したか。",
                "What each rule was applied to (the population), and whether the enumeration reached its end.",
            ),
            word(
                "何を観測できなかったか。観測できなかったものは、期待どおりにも相違にも数えていない。",
                "What was not seen: it counts neither as a pass nor as a fail.",
            ),
        ],
    ),
    (
        word("本書が示さないこと", "What this workbook does not prove"),
        &[
            word(
                "応答が事業者から受信したものであること及び保存後に改変されていないこと。封印と shoseki verify で確かめる。本書そのものは封印の対象ではない。",
                "That answers came from the provider, or that nothing was changed since: the seal and shoseki verify are for that. The workbook itself is not under the seal.",
            ),
            word(
                "文書、記録、運用及び人の行為。設定から示せる範囲に限る。",
                "Documents, records, operation and what people do: it speaks of settings alone.",
            ),
            word(
                "走査の時点の前後の状態（期間の欄がある場合は、走査の空白の間の状態）。",
                "How things stood before and after the scan, or, where there is a period, in the gaps between scans.",
            ),
            word(
                "管理策が満たされているかどうか。結論は監査人が述べる。",
                "Whether a control is met: that is for the auditor to say.",
            ),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_too_high_for_a_row_goes_on_in_the_next() {
        assert_eq!(parts(""), [""]);
        assert_eq!(parts("one\ntwo"), ["one\ntwo"]);
        let many: Vec<String> = (0..70).map(|n| format!("difference {n}")).collect();
        let rows = parts(&many.join("\n"));
        assert_eq!(rows.len(), 6);
        assert_eq!(rows.join("\n"), many.join("\n"));
        // One line that is too high alone: the accounts of a large organisation.
        let accounts = vec!["111111111111"; 900].join(", ");
        let rows = parts(&accounts);
        assert!(rows.iter().all(|r| lines(r, VALUE) <= HIGHEST));
        assert_eq!(rows.join(" ").replace('\n', " "), accounts);
    }
}
