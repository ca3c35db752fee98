//! The end of a scan on a terminal.

use crate::counts::{Counts, StateCounts};
use crate::data::{ReportData, ReportError};
use crate::overview::{Outcome, Overview, clouds, overview};
use crate::table::Table;
use crate::time::both_times;
use crate::visible::{clip, fold, visible, width};
use crate::words::{self, SEVERITIES, STATES, word};
use shoseki_model::{Cause, ExceptionState, Lang, Severity};
use std::collections::BTreeSet;

/// How a summary is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SummaryOptions {
    /// Language.
    pub lang: Lang,
    /// Columns of the terminal; fewer than 64 are taken as 64.
    pub columns: usize,
    /// Whether to use colours.
    pub colour: bool,
}

/// Rules and gap groups shown before the rest is only counted.
const SHOWN: usize = 8;

/// Standings by chapter, verdicts by severity, what speaks against a control,
/// what was not seen, and what to do next.
///
/// # Errors
/// When the records cannot be read.
pub fn summary(data: &ReportData<'_>, how: SummaryOptions) -> Result<String, ReportError> {
    let o = overview(data)?;
    let mut p = Page {
        out: String::new(),
        how: SummaryOptions {
            columns: how.columns.max(64),
            ..how
        },
    };
    p.head(data, &o);
    p.standings(data, &o);
    p.verdicts(&o);
    p.contradictions(data, &o);
    p.exceptions(data);
    p.gaps(&o);
    p.next(data, &o);
    Ok(p.out)
}

#[derive(Clone, Copy)]
enum Ink {
    Bold,
    Red,
    Yellow,
    Green,
    Dim,
}

struct Page {
    out: String,
    how: SummaryOptions,
}

impl Page {
    fn say(&self, ja: &str, en: &str) -> String {
        match self.how.lang {
            Lang::Ja => ja.to_owned(),
            Lang::En => en.to_owned(),
        }
    }

    fn ink(&self, ink: Ink, s: &str) -> String {
        if !self.how.colour {
            return s.to_owned();
        }
        let code = match ink {
            Ink::Bold => "1",
            Ink::Red => "31",
            Ink::Yellow => "33",
            Ink::Green => "32",
            Ink::Dim => "2",
        };
        format!("\u{1b}[{code}m{s}\u{1b}[0m")
    }

    fn line(&mut self, s: &str) {
        self.out.push_str(s.trim_end());
        self.out.push('\n');
    }

    fn title(&mut self, ja: &str, en: &str) {
        let title = self.ink(Ink::Bold, &self.say(ja, en));
        self.out.push('\n');
        self.line(&title);
    }

    /// A text folded to the width, each line inked and indented.
    fn text(&mut self, indent: usize, ink: Option<Ink>, s: &str) {
        for l in fold(&visible(s), self.how.columns - indent) {
            let l = ink.map_or_else(|| l.clone(), |ink| self.ink(ink, &l));
            self.line(&format!("{}{l}", " ".repeat(indent)));
        }
    }

    fn head(&mut self, data: &ReportData<'_>, o: &Overview) {
        let run = &data.run;
        let demo = if run.demo {
            self.say("  （デモ）", "  (demo)")
        } else {
            String::new()
        };
        let name = format!("{} {}  ISMAP {}{demo}", run.tool, run.version, run.edition);
        let name = self.ink(Ink::Bold, &clip(&visible(&name), self.how.columns));
        self.line(&name);
        let (ink, sentence) = self.outcome(data, o);
        self.text(0, Some(ink), &sentence);
        self.out.push('\n');
        for t in &data.targets {
            let name = t
                .name
                .as_ref()
                .map_or_else(String::new, |n| format!(" ({n})"));
            let left = match t.regions_left_out.len() {
                0 => String::new(),
                n => self.say(&format!("、対象外 {n}"), &format!(", {n} left out")),
            };
            let regions = match words::level(&t.level) {
                Some(level) => level.get(self.how.lang).to_owned(),
                None => self.say(
                    &format!("リージョン {}{left}", t.regions.len()),
                    &format!("{} region(s){left}", t.regions.len()),
                ),
            };
            let cloud = words::cloud(&t.cloud);
            let line = format!("{cloud} {}{name}  {regions}", t.account);
            self.text(2, None, &line);
            self.text(4, Some(Ink::Dim), &t.caller.id);
        }
        for u in &run.unreached {
            let label = self.say("照会できなかった対象", "could not ask");
            self.text(
                2,
                Some(Ink::Red),
                &format!("{label} {}: {}", u.target, u.message),
            );
        }
        let ended = run.ended.as_deref().unwrap_or(&run.started);
        self.text(2, None, &both_times(ended));
    }

    fn outcome(&self, data: &ReportData<'_>, o: &Overview) -> (Ink, String) {
        let (whole, all, gaps) = (o.populations_whole, o.populations, o.gap_count);
        match o.outcome {
            Outcome::NothingRead => (
                Ink::Red,
                self.say(
                    "何も読み取れなかった。この実行は設定の証跡を含まない。",
                    "Nothing could be read. This run holds no evidence of any setting.",
                ),
            ),
            Outcome::Incomplete => {
                let mut more = String::new();
                if o.targets_unread > 0 {
                    let n = o.targets_unread;
                    more += &self.say(
                        &format!("照会できなかった対象 {n}。"),
                        &format!(" {n} target(s) could not be asked at all."),
                    );
                }
                if let Some(why) = &data.run.stopped {
                    more += &format!(" {}", why.get(self.how.lang));
                } else if data.run.ended.is_none() {
                    more += &self.say(
                        "実行は終わりに達しなかった。",
                        " The run did not reach its end.",
                    );
                }
                let sentence = self.say(
                    &format!("不完全な実行: 母集団 {all} のうち全数を確認したもの {whole}、読み取れなかったもの {gaps} 件。{more}"),
                    &format!("Incomplete: {whole} of {all} populations are whole, {gaps} thing(s) could not be seen.{more}"),
                );
                (Ink::Yellow, sentence)
            }
            Outcome::Whole => (
                Ink::Green,
                self.say(
                    &format!(
                        "照会したすべてを読み取った: 母集団 {all}、リソース {} 件。",
                        o.resources
                    ),
                    &format!(
                        "All that was asked for was read: {all} populations, {} resources.",
                        o.resources
                    ),
                ),
            ),
        }
    }

    fn standings(&mut self, data: &ReportData<'_>, o: &Overview) {
        if data.standings.is_empty() {
            return;
        }
        self.title("管理策の状態（章別）", "Controls by chapter");
        let lang = self.how.lang;
        let between = if lang == Lang::Ja { "、" } else { ", " };
        let clouds = clouds(data).replace(", ", between);
        let speaks = words::SPEAKS_FOR.get(lang).replace("{}", &clouds);
        self.text(2, Some(Ink::Dim), &speaks);
        let mut heads = vec![self.say("章", "chapter")];
        heads.extend(
            STATES
                .iter()
                .map(|&s| format!("#{}", words::state_short(s).get(lang))),
        );
        let mut t = Table::with_heads(heads).indent(2);
        for (chapter, counts) in &o.chapters {
            let name = words::chapter(chapter).map_or("", |w| w.get(lang));
            let mut row = vec![format!("{chapter:>2} {name}")];
            row.extend(STATES.iter().map(|&s| number(counts.of(s))));
            t.row(row);
        }
        let mut row = vec![self.say("計", "all")];
        row.extend(STATES.iter().map(|&s| number(o.states.of(s))));
        t.row(row);
        for (cloud, standings) in &data.clouds {
            let mut counts = StateCounts::default();
            standings.iter().for_each(|s| counts.add(s.state));
            let alone = self.say("のみ", " alone");
            let mut row = vec![format!("{}{alone}", words::cloud(cloud))];
            row.extend(STATES.iter().map(|&s| number(counts.of(s))));
            t.row(row);
        }
        self.out.push_str(&t.print(Some(self.how.columns)));
    }

    fn verdicts(&mut self, o: &Overview) {
        self.title(
            "判定（ルールとリソースの組）",
            "Verdicts (rule and resource)",
        );
        let lang = self.how.lang;
        let words = [
            self.say("重要度", "severity"),
            format!(
                "#{}",
                words::verdict(shoseki_model::Verdict::Fail).get(lang)
            ),
            format!(
                "#{}",
                words::verdict(shoseki_model::Verdict::Unknown).get(lang)
            ),
            format!("#{}", words::EXCEPTED.get(lang)),
            format!(
                "#{}",
                words::verdict(shoseki_model::Verdict::Pass).get(lang)
            ),
            format!(
                "#{}",
                words::verdict(shoseki_model::Verdict::NotApplicable).get(lang)
            ),
        ];
        let mut t = Table::with_heads(words).indent(2);
        let row = |name: String, c: &Counts| {
            let n = [c.fail, c.unknown, c.excepted, c.pass, c.not_applicable];
            let mut row = vec![name];
            row.extend(n.into_iter().map(number));
            row
        };
        for s in SEVERITIES {
            if let Some(c) = o.severities.get(&s) {
                t.row(row(words::severity(s).get(lang).to_owned(), c));
            }
        }
        t.row(row(self.say("計", "all"), &o.verdicts));
        self.out.push_str(&t.print(Some(self.how.columns)));
    }

    fn contradictions(&mut self, data: &ReportData<'_>, o: &Overview) {
        if o.contradictions.is_empty() {
            return;
        }
        self.title("主な相違", "What differs, the gravest first");
        let (lang, columns) = (self.how.lang, self.how.columns);
        for c in o.contradictions.iter().take(SHOWN) {
            let title = data
                .rules
                .get(&c.rule)
                .map_or(c.rule.as_str(), |r| r.title.get(lang));
            let mark = format!("[{}]", words::severity(c.severity).get(lang));
            let judged = c.counts.total();
            let count = format!("{} / {judged}", c.counts.fail);
            let room = columns.saturating_sub(2 + width(&mark) + 1 + 2 + width(&count));
            let title = clip(&visible(title), room);
            let gap = " ".repeat(room.saturating_sub(width(&title)) + 2);
            let ink = if c.severity >= Severity::High {
                Ink::Red
            } else {
                Ink::Yellow
            };
            let line = format!("  {} {title}{gap}{count}", self.ink(ink, &mark));
            self.line(&line);
            let controls = match c.controls.len() {
                0 => String::new(),
                _ => format!("  ({})", c.controls.join(", ")),
            };
            self.text(4, Some(Ink::Dim), &format!("{}{controls}", c.rule));
            if let Some(s) = &c.sample {
                let line = self.say(
                    &format!("例 {}  {}", s.finding, s.name),
                    &format!("e.g. {}  {}", s.finding, s.name),
                );
                let line = clip(&visible(&line), columns - 4);
                self.line(&format!("    {line}"));
            }
        }
        self.rest(o.contradictions.len(), "ルール", "rule(s)");
    }

    fn exceptions(&mut self, data: &ReportData<'_>) {
        if data.exceptions.is_empty() {
            return;
        }
        self.title("承認済み例外", "Exceptions");
        let lang = self.how.lang;
        let mut t = Table::with_heads([
            self.say("例外", "exception"),
            self.say("状態", "state"),
            format!("#{}", self.say("適用", "covers")),
            format!("#{}", self.say("当たる相違", "failures in scope")),
            self.say("期間", "days"),
        ])
        .indent(2);
        // Those that need a person first: out of force, or without effect.
        let mut all: Vec<_> = data.exceptions.iter().collect();
        all.sort_by_key(|u| u.state == ExceptionState::InForce && u.covers > 0);
        for u in all.iter().take(SHOWN) {
            t.row([
                visible(&u.exception.id).into_owned(),
                words::exception(u.state).get(lang).to_owned(),
                number(u.covers),
                number(u.matches),
                format!("{} - {}", u.exception.from, u.exception.until),
            ]);
        }
        self.out.push_str(&t.print(Some(self.how.columns)));
        self.rest(all.len(), "例外", "exception(s)");
    }

    fn rest(&mut self, all: usize, ja: &str, en: &str) {
        if all > SHOWN {
            let n = all - SHOWN;
            let s = self.say(&format!("ほか {n} {ja}"), &format!("and {n} more {en}"));
            self.line(&format!("  {s}"));
        }
    }

    fn gaps(&mut self, o: &Overview) {
        let shown: Vec<_> = o
            .gaps
            .iter()
            .filter(|(g, _)| g.cause != Cause::NotAsked)
            .collect();
        if shown.is_empty() {
            return;
        }
        self.title("読み取れなかったもの", "Not seen");
        let lang = self.how.lang;
        let all = shown.len();
        for (g, n) in shown.into_iter().take(SHOWN) {
            let cause = self.ink(Ink::Yellow, words::cause(g.cause).get(lang));
            let call = short_call(&visible(&g.call), 40);
            let times = self.say(&format!("{n} 件"), &format!("{n} time(s)"));
            self.line(&format!("  {cause}  {call}  {times}"));
            let hides = match &g.part {
                Some(part) => format!("{} {part}", g.r#type),
                None => self.say(
                    &format!("{} の母集団", g.r#type),
                    &format!("population of {}", g.r#type),
                ),
            };
            let hides = self.say(
                &format!("確認できなくなったもの: {hides}"),
                &format!("hides: {hides}"),
            );
            self.text(4, None, &hides);
            if g.cause == Cause::Denied && !g.permissions.is_empty() {
                let list = g.permissions.join(", ");
                let line = self.say(&format!("必要な権限: {list}"), &format!("needs: {list}"));
                self.text(4, None, &line);
            }
        }
        self.rest(all, "種類", "kind(s)");
    }

    fn next(&mut self, data: &ReportData<'_>, o: &Overview) {
        self.title("次に", "Next");
        let run = shell_word(&data.run_path);
        if let Some(path) = &data.report_path {
            let label = self.say("報告書", "report");
            self.line(&format!("  {label}  {}", visible(path)));
        }
        let sample = o.contradictions.iter().find_map(|c| c.sample.as_ref());
        if let Some(s) = sample {
            self.line(&format!("  shoseki explain {run} {}", s.finding));
        }
        if data.report_path.is_none() {
            self.line(&format!("  shoseki report {run} --format html"));
        }
        let denied = o.gaps.keys().filter(|g| g.cause == Cause::Denied);
        let clouds: BTreeSet<&str> = denied.filter_map(|g| g.r#type.split('.').next()).collect();
        for cloud in clouds {
            self.line(&format!("  shoseki permissions {cloud}"));
        }
        let note = word(
            "管理策が満たされているかどうかの結論は述べない。",
            "No conclusion is drawn on whether a control is met.",
        );
        self.text(2, Some(Ink::Dim), note.get(self.how.lang));
    }
}

fn number(n: u64) -> String {
    if n == 0 {
        "-".to_owned()
    } else {
        n.to_string()
    }
}

/// A call within some columns. Of one that is a method and a path, the end tells
/// most.
fn short_call(call: &str, columns: usize) -> String {
    let Some((method, path)) = call.split_once(" /").filter(|_| width(call) > columns) else {
        return clip(call, columns);
    };
    let path = path.split('?').next().unwrap_or(path);
    let mut end = String::new();
    for piece in path.rsplit('/') {
        let longer = format!("/{piece}{end}");
        if width(method) + 2 + width(&longer) > columns {
            break;
        }
        end = longer;
    }
    clip(&format!("{method} …{end}"), columns)
}

/// A path or another value as a word of a command.
pub fn shell_word(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@+=,".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        visible(&format!("'{}'", path.replace('\'', r"'\''"))).into_owned()
    }
}
