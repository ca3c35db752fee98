//! The words of verdicts, standings and gaps, with their meanings, from the one
//! place where reports take them from.

use super::md::{Table, code, pick, plain};
use super::page::{Find, Page};
use serde::Serialize;
use shoseki_model::{Cause, Lang, Reach, Strength, Text, Verdict};
use shoseki_report::words::{self, Word};

/// Every cause of a gap.
const CAUSES: [Cause; 14] = [
    Cause::Denied,
    Cause::Throttled,
    Cause::Timeout,
    Cause::Unreachable,
    Cause::RegionDisabled,
    Cause::ServerError,
    Cause::Rejected,
    Cause::Malformed,
    Cause::Truncated,
    Cause::Unlicensed,
    Cause::Vanished,
    Cause::Cancelled,
    Cause::NotInSource,
    Cause::NotAsked,
];

/// The page `words.md`.
pub fn page() -> Page {
    Page::of(
        "words.md",
        0,
        Text::new("用語", "Words"),
        Find::Sections,
        body,
    )
}

/// The name of a value in stored records.
fn stored(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(s)) => code(&s),
        _ => String::new(),
    }
}

fn body(lang: Lang) -> String {
    let mut out = format!("# {}\n\n", pick(lang, "用語", "Words"));
    out.push_str(pick(
        lang,
        "報告書、端末、記録に現れる語とその意味を挙げる。「記録」の列は、実行ディレクトリの JSON にある値である。\n\n",
        "The words of reports, terminal and records, and what they mean. The column *record* has the values in the JSON of a run directory.\n\n",
    ));
    let mut section = |head: &str, said: &str, table: Table| {
        out.push_str(&format!("## {head}\n\n{said}\n\n{}", table.end()));
    };
    section(
        pick(lang, "判定", "Verdicts"),
        pick(
            lang,
            "一つのルールを一つのリソースに当てはめた結果である。",
            "What a rule says of one resource.",
        ),
        verdicts(lang),
    );
    section(
        pick(lang, "管理策の状態", "Standings"),
        pick(
            lang,
            "管理策ごとに、そのルールの判定を集めた結果である。管理策が満たされているかどうかの結論ではない。",
            "What the verdicts of its rules come to for a control. It is no conclusion on whether the control is met.",
        ),
        standings(lang),
    );
    section(
        pick(lang, "設定で示せる範囲", "Reach"),
        pick(
            lang,
            "クラウドの設定によって管理策をどこまで示せるかをいう。管理策の性質であり、走査の結果によらない。",
            "How far settings of a cloud can show a control at all, whatever a run saw.",
        ),
        reaches(lang),
    );
    section(
        pick(
            lang,
            "ルールと管理策の関係",
            "Bearing of a rule on a control",
        ),
        pick(
            lang,
            "対応表の各行は、この三つのいずれかを述べる。",
            "Each line of a mapping says one of three.",
        ),
        strengths(lang),
    );
    section(
        pick(lang, "読み取れなかった原因", "Causes of not seen"),
        pick(
            lang,
            "尋ねたが読み取れなかったもの（gap）の原因と、取り得る対応である。いずれも合格にも不合格にもならない。",
            "Why something that was asked for was not seen (a gap), and what to do. None of them ever becomes a pass or a fail.",
        ),
        causes(lang),
    );
    section(
        pick(lang, "重要度", "Severities"),
        pick(
            lang,
            "相違があったときの重さをいう。`--fail-on` はこれによる。",
            "How much a failure matters; `--fail-on` goes by it.",
        ),
        severities(lang),
    );
    out
}

fn heads(lang: Lang) -> [&'static str; 3] {
    [
        pick(lang, "語", "Word"),
        pick(lang, "記録", "Record"),
        pick(lang, "意味", "Meaning"),
    ]
}

fn line(table: &mut Table, word: Word, record: String, meaning: &str, lang: Lang) {
    table.row([plain(word.get(lang)), record, plain(meaning)]);
}

fn verdicts(lang: Lang) -> Table {
    let mut table = Table::new(&heads(lang));
    for v in words::VERDICTS {
        let meaning = match v {
            Verdict::Pass => pick(
                lang,
                "期待した設定を観測した。",
                "What was expected was seen.",
            ),
            Verdict::Fail => pick(
                lang,
                "期待と異なる設定を観測した。",
                "Something else was seen.",
            ),
            Verdict::Unknown => pick(
                lang,
                "読み取れなかったものに依るため、どちらとも言えない。",
                "It rests on what was not seen, so neither can be said.",
            ),
            Verdict::NotApplicable => pick(
                lang,
                "ルールの適用条件に当たらないリソースである。母集団には数える。",
                "The rule does not speak about this resource, which is still counted.",
            ),
        };
        line(&mut table, words::verdict(v), stored(v), meaning, lang);
    }
    let meaning = pick(
        lang,
        "相違のうち、有効な例外の承認が届いているものである。期待どおりとは数えない。",
        "A failure under a signed-off exception that is in force. It never counts as a pass.",
    );
    line(&mut table, words::EXCEPTED, code("excepted"), meaning, lang);
    table
}

fn standings(lang: Lang) -> Table {
    let mut table = Table::new(&heads(lang));
    for s in words::STATES {
        let meaning = words::state_meaning(s).get(lang);
        line(&mut table, words::state(s), stored(s), meaning, lang);
    }
    table
}

fn reaches(lang: Lang) -> Table {
    let mut table = Table::new(&heads(lang)[..2]);
    for r in [Reach::Full, Reach::Part, Reach::HumanOnly, Reach::Inherited] {
        table.row([plain(words::reach(r).get(lang)), stored(r)]);
    }
    table
}

fn strengths(lang: Lang) -> Table {
    let mut table = Table::new(&heads(lang));
    for s in [Strength::States, Strength::Supports, Strength::Context] {
        let meaning = match s {
            Strength::States => pick(
                lang,
                "その設定が、管理策の求める事実そのものである。",
                "The setting is the fact that the control asks for.",
            ),
            Strength::Supports => pick(
                lang,
                "その設定は事実の一部である。相違は管理策に反する。",
                "It is one piece of it, and a failure speaks against the control.",
            ),
            Strength::Context => pick(
                lang,
                "背景である。管理策の状態を動かすことはない。",
                "Background; it never moves the standing.",
            ),
        };
        line(&mut table, words::strength(s), stored(s), meaning, lang);
    }
    table
}

fn causes(lang: Lang) -> Table {
    let mut table = Table::new(&[
        pick(lang, "原因", "Cause"),
        pick(lang, "記録", "Record"),
        pick(lang, "対応", "What to do"),
    ]);
    for c in CAUSES {
        let advice = words::cause_advice(c).get(lang);
        line(&mut table, words::cause(c), stored(c), advice, lang);
    }
    table
}

fn severities(lang: Lang) -> Table {
    let mut table = Table::new(&heads(lang)[..2]);
    for s in words::SEVERITIES {
        table.row([plain(words::severity(s).get(lang)), stored(s)]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_named() {
        // A new cause does not compile here before it is in the list.
        for c in CAUSES {
            match c {
                Cause::Denied
                | Cause::Throttled
                | Cause::Timeout
                | Cause::Unreachable
                | Cause::RegionDisabled
                | Cause::ServerError
                | Cause::Rejected
                | Cause::Malformed
                | Cause::Truncated
                | Cause::Unlicensed
                | Cause::Vanished
                | Cause::Cancelled
                | Cause::NotInSource
                | Cause::NotAsked => {}
            }
        }
        let text = body(Lang::En);
        assert!(text.contains("`region-disabled`") && text.contains("`partly-shown`"));
    }
}
