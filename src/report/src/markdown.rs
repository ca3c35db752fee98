//! A summary in GitHub-flavoured Markdown, for a job's page.

use crate::counts::Counts;
use crate::data::{ReportData, ReportError};
use crate::outward::{STATUSES, Status, bearing};
use crate::overview::{Outcome, Overview, overview};
use crate::time::both_times;
use crate::visible::visible;
use crate::words::{self, Word, word};
use shoseki_model::{Cause, Finding, Lang, Severity, State};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

/// Bytes of a job summary that GitHub accepts at most (GitHub docs, "Step
/// isolation and limits": 1 MiB a step).
pub const MOST: usize = 1 << 20;

/// Bytes for each list; with the fixed parts all stay below [`MOST`].
const ROOM: usize = 200 << 10;

/// Writes the counts, the standings, what differs, what was not seen and what is
/// excepted, in at most [`MOST`] bytes; of a list that is longer, the number of
/// lines left out is stated.
///
/// # Errors
/// When the records cannot be read or the text not written.
pub fn markdown(data: &ReportData<'_>, lang: Lang, mut to: impl Write) -> Result<(), ReportError> {
    let o = overview(data)?;
    let mut out = String::new();
    head(data, &o, lang, &mut out);
    let lists = lists(data, lang)?;
    for status in [Status::Fail, Status::Unknown, Status::Excepted] {
        let title = status.word().get(lang);
        let all: u64 = counted(&o.verdicts, status);
        let _ = write!(out, "\n### {title} ({all})\n");
        if all > 0 {
            findings(&lists, status, lang, &mut out);
        }
    }
    controls(data, lang, &mut out);
    gaps(&o, lang, &mut out);
    let _ = write!(out, "\n{}\n", words::NO_CONCLUSION.get(lang));
    if out.len() > MOST {
        // Only a run with a monstrous list of accounts comes here.
        let end = (0..=MOST - 64).rev().find(|&i| out.is_char_boundary(i));
        let left = out.len() - end.unwrap_or(0);
        out.truncate(end.unwrap_or(0));
        let _ = write!(out, "\n\n... ({left} bytes left out)\n");
    }
    to.write_all(out.as_bytes())?;
    to.flush()?;
    Ok(())
}

fn counted(c: &Counts, s: Status) -> u64 {
    match s {
        Status::Fail => c.fail,
        Status::Unknown => c.unknown,
        Status::Excepted => c.excepted,
        Status::Pass => c.pass,
        Status::NotApplicable => c.not_applicable,
    }
}

fn head(data: &ReportData<'_>, o: &Overview, lang: Lang, out: &mut String) {
    let run = &data.run;
    let _ = write!(out, "## shoseki: {}\n\n", plain(&run.id));
    let outcome = match o.outcome {
        Outcome::NothingRead => word("**何も読み取れなかった。**", "**Nothing could be read.**"),
        Outcome::Incomplete => word(
            "**不完全な実行である。読み取れなかったものがある。**",
            "**The run is incomplete: something was not seen.**",
        ),
        Outcome::Whole => word(
            "対象としたものはすべて読み取った。",
            "Everything that was asked for was seen.",
        ),
    };
    let _ = write!(out, "{}\n\n", outcome.get(lang));
    let when = both_times(crate::outward::moment(data));
    let _ = write!(
        out,
        "{} {} / ISMAP {} / {when}\n\n",
        plain(&run.tool),
        plain(&run.version),
        plain(&run.edition)
    );
    for u in &run.unreached {
        let _ = writeln!(out, "- {}: {}", plain(&u.target), plain(&u.message));
    }
    let severity = word("重要度", "severity").get(lang);
    let mut heads = String::new();
    for s in STATUSES {
        let _ = write!(heads, " {} |", s.word().get(lang));
    }
    let _ = write!(out, "\n| {severity} |{heads}\n|---|--:|--:|--:|--:|--:|\n");
    for s in words::SEVERITIES {
        if let Some(c) = o.severities.get(&s) {
            row(words::severity(s).get(lang), c, out);
        }
    }
    row(word("計", "all").get(lang), &o.verdicts, out);
}

fn row(name: &str, c: &Counts, out: &mut String) {
    let _ = write!(out, "| {name} |");
    for s in STATUSES {
        let _ = write!(out, " {} |", counted(c, s));
    }
    out.push('\n');
}

/// Lines of a group as far as there is room, and how many there are.
#[derive(Default)]
struct List {
    text: String,
    shown: u64,
    all: u64,
}

type Lists = BTreeMap<(Status, std::cmp::Reverse<Severity>), List>;

/// One pass; each group keeps at most [`ROOM`] bytes.
fn lists(data: &ReportData<'_>, lang: Lang) -> Result<Lists, ReportError> {
    let bears = bearing(data);
    let mut lists = Lists::new();
    for f in data.findings.records()? {
        let f = f?;
        let status = Status::of(&f);
        if status > Status::Excepted {
            continue;
        }
        let list = lists
            .entry((status, std::cmp::Reverse(f.severity)))
            .or_default();
        list.all += 1;
        let controls = bears.get(f.rule.as_str()).map_or(&[][..], Vec::as_slice);
        let line = line(&f, controls, lang);
        if list.shown + 1 == list.all && list.text.len() + line.len() <= ROOM {
            list.text.push_str(&line);
            list.shown += 1;
        }
    }
    Ok(lists)
}

fn findings(lists: &Lists, status: Status, lang: Lang, out: &mut String) {
    let heads = match lang {
        Lang::Ja => "| 重要度 | ルール | リソース | 理由 | 管理策 | 判定番号 |",
        Lang::En => "| severity | rule | resource | reason | controls | finding |",
    };
    let _ = write!(out, "\n{heads}\n|---|---|---|---|---|---|\n");
    let (mut room, mut left) = (ROOM, 0);
    for ((_, _), list) in lists.iter().filter(|((s, _), _)| *s == status) {
        left += list.all;
        for line in list.text.split_inclusive('\n') {
            // Once a line did not fit, none after it is shown.
            if line.len() > room {
                room = 0;
                break;
            }
            room -= line.len();
            left -= 1;
            out.push_str(line);
        }
        if list.shown < list.all {
            room = 0;
        }
    }
    if left > 0 {
        let text = match lang {
            Lang::Ja => format!("ほかに {left} 件を省いた。"),
            Lang::En => format!("{left} more left out."),
        };
        let _ = write!(out, "\n{text}\n");
    }
}

fn line(f: &Finding, controls: &[&str], lang: Lang) -> String {
    let mut reason = plain(f.reason.get(lang));
    if let Some(e) = &f.excepted {
        for (name, value) in crate::outward::exception(e) {
            let _ = write!(reason, "<br>{name}: {}", plain(value));
        }
    }
    format!(
        "| {} | {} | {} | {reason} | {} | {} |\n",
        words::severity(f.severity).get(lang),
        plain(&f.rule),
        plain(&f.resource.id),
        controls.join(" "),
        f.id
    )
}

fn controls(data: &ReportData<'_>, lang: Lang, out: &mut String) {
    let title = word("管理策", "Controls");
    let _ = write!(out, "\n### {}\n\n", title.get(lang));
    for state in words::STATES {
        let ids: Vec<&str> = data
            .standings
            .iter()
            .filter(|s| s.state == state)
            .map(|s| s.control.as_str())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let name: Word = words::state(state);
        let _ = write!(out, "- {}: {}", name.get(lang), ids.len());
        if !matches!(state, State::HumanOnly | State::Inherited) {
            let _ = write!(out, " ({})", ids.join(", "));
        }
        out.push('\n');
    }
}

fn gaps(o: &Overview, lang: Lang, out: &mut String) {
    let asked = |c: Cause| c != Cause::NotAsked;
    if !o.gaps.keys().any(|g| asked(g.cause)) {
        return;
    }
    let title = word("読み取れなかったもの", "Not seen");
    let _ = write!(out, "\n### {} ({})\n\n", title.get(lang), o.gap_count);
    let (start, mut left) = (out.len(), 0);
    for (g, n) in o.gaps.iter().filter(|(g, _)| asked(g.cause)) {
        if out.len() - start > ROOM / 2 {
            left += 1;
            continue;
        }
        let hides = g.part.as_deref().unwrap_or("*");
        let _ = writeln!(
            out,
            "- {}: {} ({} {}) × {n}",
            words::cause(g.cause).get(lang),
            plain(&g.call),
            plain(&g.r#type),
            plain(hides)
        );
    }
    if left > 0 {
        let text = match lang {
            Lang::Ja => format!("- ほかに {left} 種類を省いた。"),
            Lang::En => format!("- {left} more kind(s) left out."),
        };
        let _ = writeln!(out, "{text}");
    }
}

/// A stranger's text with everything that Markdown, HTML or GitHub's own links
/// and mentions would take as more than text written as entities.
fn plain(s: &str) -> String {
    let mut out = String::new();
    for c in visible(s).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '`' | '*' | '_' | '|' | '[' | ']' | '\\' | '~' | '#' | '@' | '!' | '$' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}
