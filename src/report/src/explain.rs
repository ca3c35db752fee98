//! One finding, all that it rests on, and how to look again by hand.

use crate::data::{ControlInfo, RuleInfo};
use crate::repeat::repeat;
use crate::time::both_times;
use crate::visible::{fold, pad, visible, visible_lines, width};
use crate::words::{self, Word, word};
use indexmap::IndexMap;
use shoseki_model::{Exchange, Finding, Gap, Lang, Sight};
use std::fmt::Write as _;

/// What is needed to explain a finding.
pub struct ExplainData<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its rule; `None` where the run's rules no longer hold it.
    pub rule: Option<&'a RuleInfo>,
    /// Exchanges that the finding and its gaps name.
    pub exchanges: &'a [Exchange],
    /// Gaps that the finding names.
    pub gaps: &'a [Gap],
    /// Controls that the rule bears on.
    pub controls: &'a [ControlInfo],
    /// Address that was asked in place of the provider's own.
    pub endpoint: Option<&'a str>,
    /// The run directory, as commands should name it.
    pub run_path: &'a str,
}

const RULE: Word = word("ルール", "Rule");
const TITLE: Word = word("期待", "Expected");
const SEVERITY: Word = word("重要度", "Severity");
const RESOURCE: Word = word("リソース", "Resource");
const PLACE: Word = word("所在", "Place");
const VERDICT: Word = word("判定", "Verdict");
const REASON: Word = word("理由", "Reason");
const CONTROLS: Word = word("管理策", "Controls");
const OBSERVED: Word = word("観測した値", "Observed");
const EXCHANGES: Word = word("根拠となる照会", "Exchanges it rests on");
const GAPS: Word = word("読み取れなかったもの", "Not seen");
const AGAIN: Word = word("同じ照会を手で行うコマンド", "To ask the same by hand");
const FIX: Word = word("是正", "Remedy");
const EXCEPTION: Word = word("例外", "Exception");

/// Columns of a label.
const LABEL: usize = 14;

/// Columns of a value that stands on its path's line.
const SHORT: usize = 240;

/// The explanation of a finding as plain text, in lines of at most `columns`
/// where that is possible; ids, values and commands are never cut.
pub fn explain(data: &ExplainData<'_>, lang: Lang, columns: usize) -> String {
    let mut p = Page {
        out: String::new(),
        lang,
        columns: columns.max(40),
    };
    p.head(data);
    p.observed(data.finding);
    p.gaps(data.gaps);
    p.exchanges(data.exchanges);
    p.again(data);
    p.fix(data);
    p.out
}

struct Page {
    out: String,
    lang: Lang,
    columns: usize,
}

impl Page {
    fn line(&mut self, s: &str) {
        self.out.push_str(s.trim_end());
        self.out.push('\n');
    }

    fn title(&mut self, w: Word) {
        let title = w.get(self.lang);
        let _ = write!(self.out, "\n{title}\n{}\n", "-".repeat(width(title)));
    }

    /// A label and a text, folded under itself.
    fn pair(&mut self, w: Word, text: &str) {
        self.folded(w.get(self.lang), text);
    }

    fn folded(&mut self, label: &str, text: &str) {
        debug_assert!(width(label) < LABEL, "{label} leaves no gap");
        let first = pad(label, LABEL);
        let text = visible(text);
        for (i, l) in fold(&text, self.columns - LABEL).iter().enumerate() {
            let lead = if i == 0 {
                first.clone()
            } else {
                " ".repeat(LABEL)
            };
            self.line(&format!("{lead}{l}"));
        }
    }

    /// A label and an id or value that is never broken.
    fn whole(&mut self, w: Word, text: &str) {
        let lead = pad(w.get(self.lang), LABEL);
        self.line(&format!("{lead}{}", visible(text)));
    }

    fn head(&mut self, data: &ExplainData<'_>) {
        let (f, lang) = (data.finding, self.lang);
        self.whole(word("判定番号", "Finding"), &f.id);
        self.whole(RULE, &f.rule);
        if let Some(rule) = data.rule {
            self.pair(TITLE, rule.title.get(lang));
        }
        self.pair(SEVERITY, words::severity(f.severity).get(lang));
        self.whole(RESOURCE, &f.resource.id);
        let r = &f.resource;
        if !r.id.ends_with(&r.name) {
            self.whole(word("", ""), &r.name);
        }
        let place = format!(
            "{} / {} / {} / {}",
            r.r#type,
            words::cloud_of(&r.r#type),
            r.account,
            r.region
        );
        self.pair(PLACE, &place);
        let mut verdict = words::verdict(f.verdict).get(lang).to_owned();
        if f.excepted.is_some() {
            let _ = write!(verdict, " ({})", words::EXCEPTED.get(lang));
        }
        self.pair(VERDICT, &verdict);
        self.pair(REASON, f.reason.get(lang));
        if let Some(e) = &f.excepted {
            let text = match lang {
                Lang::Ja => format!(
                    "{}: {}（代替策 {}、責任者 {}、承認者 {}、{} から {} まで）",
                    e.id, e.reason, e.compensating, e.owner, e.approver, e.from, e.until
                ),
                Lang::En => format!(
                    "{}: {} (instead: {}; owner {}, approved by {}, from {} until {})",
                    e.id, e.reason, e.compensating, e.owner, e.approver, e.from, e.until
                ),
            };
            self.pair(EXCEPTION, &text);
        }
        for (i, c) in data.controls.iter().enumerate() {
            let label = if i == 0 { CONTROLS } else { word("", "") };
            self.pair(label, &format!("{}  {}", c.id, c.label.get(lang)));
        }
    }

    fn observed(&mut self, f: &Finding) {
        self.title(OBSERVED);
        let lang = self.lang;
        for o in &f.observed {
            let value = match &o.sight {
                Sight::Seen(v) => value(v),
                Sight::Absent => words::ABSENT.get(lang).to_owned(),
                Sight::Unseen(gap) => format!("{} ({gap})", words::UNSEEN.get(lang)),
            };
            self.line(&format!("{} = {}", visible(&o.path), visible_lines(&value)));
            if !o.exchanges.is_empty() {
                self.line(&format!("    <- {}", visible(&o.exchanges.join(", "))));
            }
        }
        if f.observed.is_empty() {
            self.line(word("（なし）", "(none)").get(lang));
        }
    }

    fn gaps(&mut self, gaps: &[Gap]) {
        if gaps.is_empty() {
            return;
        }
        self.title(GAPS);
        let lang = self.lang;
        for g in gaps {
            let cause = words::cause(g.cause).get(lang);
            self.line(&visible(&format!("{}  {cause}  {}", g.id, g.call)));
            let mut rows = vec![(
                word("未確認", "hides"),
                match &g.part {
                    Some(part) => format!("{} {part}", g.r#type),
                    None => format!("{} ({})", g.r#type, POPULATION.get(lang)),
                },
            )];
            if !g.permissions.is_empty() {
                rows.push((word("必要な権限", "needs"), g.permissions.join(", ")));
            }
            if let Some(e) = &g.error {
                rows.push((word("応答", "answer"), format!("{}: {}", e.code, e.message)));
            }
            if let Some(x) = &g.exchange {
                rows.push((word("照会", "exchange"), x.clone()));
            }
            rows.push((
                word("対処", "to do"),
                words::cause_advice(g.cause).get(lang).to_owned(),
            ));
            self.rows(&rows);
        }
    }

    fn rows(&mut self, rows: &[(Word, String)]) {
        for (label, text) in rows {
            self.folded(&format!("  {}", label.get(self.lang)), text);
        }
    }

    fn exchanges(&mut self, exchanges: &[Exchange]) {
        if exchanges.is_empty() {
            return;
        }
        self.title(EXCHANGES);
        for x in exchanges {
            self.line(&visible(&format!("{}  {}", x.id, x.call)));
            let mut rows = vec![
                (
                    word("照会先", "asked"),
                    format!("{} / {} / {}", x.cloud, x.account, x.region),
                ),
                (word("照会者", "caller"), x.caller.clone()),
                (word("時刻", "time"), both_times(&x.started)),
            ];
            let status = x.status.map_or_else(
                || word("応答なし", "no answer").get(self.lang).to_owned(),
                |s| format!("HTTP {s}"),
            );
            let error = x
                .error
                .as_ref()
                .map_or_else(String::new, |e| format!("  {}: {}", e.code, e.message));
            rows.push((word("結果", "result"), format!("{status}{error}")));
            if let Some(id) = &x.request_id {
                rows.push((word("要求 ID", "request id"), id.clone()));
            }
            if let Some(a) = &x.answer {
                rows.push((word("SHA-256", "SHA-256"), a.sha256.clone()));
                if a.redacted > 0 {
                    let n = a.redacted;
                    let note = match self.lang {
                        Lang::Ja => format!("秘密の値 {n} 件を置き換えて保存した"),
                        Lang::En => format!("{n} secret value(s) replaced before storing"),
                    };
                    rows.push((word("保存", "stored"), note));
                }
            }
            self.rows(&rows);
        }
    }

    fn again(&mut self, data: &ExplainData<'_>) {
        let mut seen: IndexMap<String, ()> = IndexMap::new();
        for x in data.exchanges {
            let command = repeat(x, data.endpoint).or_else(|| x.http.clone());
            if let Some(command) = command {
                seen.insert(command, ());
            }
        }
        if seen.is_empty() {
            return;
        }
        self.title(AGAIN);
        for command in seen.keys() {
            self.line(&visible(command));
        }
    }

    fn fix(&mut self, data: &ExplainData<'_>) {
        let Some(rule) = data.rule else { return };
        if data.finding.verdict != shoseki_model::Verdict::Fail {
            return;
        }
        self.title(FIX);
        let (text, columns) = match self.lang {
            Lang::Ja => (&rule.fix.ja, self.columns),
            Lang::En => (&rule.fix.en, self.columns),
        };
        for l in fold(&visible(text.trim()), columns) {
            self.line(&l);
        }
        if !rule.fix.cli.is_empty() {
            self.line(&format!("\n{}", visible_lines(rule.fix.cli.trim())));
        }
        for r in &rule.references {
            self.line(&visible(r));
        }
    }
}

const POPULATION: Word = word("母集団", "population");

/// A value on one line, or laid out where it is long.
fn value(v: &serde_json::Value) -> String {
    let line = v.to_string();
    if width(&line) <= SHORT {
        return line;
    }
    serde_json::to_string_pretty(v).unwrap_or(line)
}
