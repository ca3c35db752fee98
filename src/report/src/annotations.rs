//! Workflow commands of GitHub Actions, which annotate a job.

use crate::counts::Counts;
use crate::data::{ReportData, ReportError};
use crate::outward::{Status, bearing};
use crate::overview::overview;
use crate::visible::visible;
use crate::words;
use indexmap::IndexMap;
use shoseki_model::{Lang, Severity};
use std::io::Write;

/// Annotations of one level that GitHub shows for one step (GitHub docs,
/// "Annotations" of the checks API and of workflow runs: 10 errors, 10 warnings
/// and 10 notices a step).
pub const MOST: usize = 10;

/// Writes workflow commands, one a rule and outcome: failures of high and
/// critical severity are errors, other failures and all unknowns warnings,
/// exceptions notices; a last notice has the counts. What does not fit in
/// [`MOST`] a level is counted in the last command of its level.
///
/// # Errors
/// When the records cannot be read or the text not written.
pub fn annotations(
    data: &ReportData<'_>,
    lang: Lang,
    mut to: impl Write,
) -> Result<(), ReportError> {
    let o = overview(data)?;
    let bears = bearing(data);
    let mut groups: IndexMap<(Status, Severity, String), (u64, String)> = IndexMap::new();
    for f in data.findings.records()? {
        let f = f?;
        let status = Status::of(&f);
        if status > Status::Excepted {
            continue;
        }
        let key = (status, f.severity, f.rule);
        let entry = groups.entry(key).or_insert((0, f.resource.id));
        entry.0 += 1;
    }
    // The gravest first; within a severity the order of the run.
    groups.sort_by(|a, _, b, _| (a.0, b.1).cmp(&(b.0, a.1)));
    let mut levels: IndexMap<&str, Vec<(String, u64)>> = ["error", "warning", "notice"]
        .map(|l| (l, Vec::new()))
        .into_iter()
        .collect();
    for ((status, severity, rule), (count, sample)) in &groups {
        let level = match status {
            Status::Fail if *severity >= Severity::High => "error",
            Status::Fail | Status::Unknown => "warning",
            _ => "notice",
        };
        let name = data
            .rules
            .get(rule)
            .map_or(rule.as_str(), |r| r.title.get(lang));
        let controls = bears
            .get(rule.as_str())
            .map_or_else(String::new, |c| c.join(", "));
        let message = match lang {
            Lang::Ja => format!("{name}: {count} 件（例 {sample}）\n管理策 {controls}\n{rule}"),
            Lang::En => format!("{name}: {count} (e.g. {sample})\ncontrols {controls}\n{rule}"),
        };
        let title = format!(
            "{} [{}]",
            status.word().get(lang),
            words::severity(*severity).get(lang)
        );
        let line = command(level, &title, &message);
        levels.entry(level).or_default().push((line, *count));
    }
    let summary = counts(&o.verdicts, lang);
    let line = command("notice", "shoseki", &summary);
    levels.entry("notice").or_default().insert(0, (line, 0));
    if !o.anything_seen || o.outcome != crate::overview::Outcome::Whole {
        let text = match (o.anything_seen, lang) {
            (false, Lang::Ja) => "何も読み取れなかった。",
            (false, Lang::En) => "Nothing could be read.",
            (true, Lang::Ja) => "不完全な実行である。読み取れなかったものがある。",
            (true, Lang::En) => "The run is incomplete: something was not seen.",
        };
        let level = if o.anything_seen { "warning" } else { "error" };
        let line = command(level, "shoseki", text);
        levels.entry(level).or_default().insert(0, (line, 0));
    }
    for (level, lines) in &levels {
        write_level(level, lines, lang, &mut to)?;
    }
    to.flush()?;
    Ok(())
}

fn write_level(
    level: &str,
    lines: &[(String, u64)],
    lang: Lang,
    to: &mut impl Write,
) -> Result<(), ReportError> {
    let shown = if lines.len() > MOST {
        MOST - 1
    } else {
        lines.len()
    };
    for (line, _) in &lines[..shown] {
        writeln!(to, "{line}")?;
    }
    let left = &lines[shown..];
    if !left.is_empty() {
        let (rules, findings) = (left.len(), left.iter().map(|l| l.1).sum::<u64>());
        let text = match lang {
            Lang::Ja => format!("ほかに {rules} 項目（判定 {findings} 件）を省いた。"),
            Lang::En => format!("{rules} more left out ({findings} finding(s))."),
        };
        writeln!(to, "{}", command(level, "shoseki", &text))?;
    }
    Ok(())
}

fn counts(c: &Counts, lang: Lang) -> String {
    let words = [
        (Status::Fail, c.fail),
        (Status::Unknown, c.unknown),
        (Status::Excepted, c.excepted),
        (Status::Pass, c.pass),
        (Status::NotApplicable, c.not_applicable),
    ];
    words
        .map(|(s, n)| format!("{} {n}", s.word().get(lang)))
        .join(", ")
}

/// `::level title=…::message`, escaped as actions/toolkit `core/src/command.ts`
/// does.
fn command(level: &str, title: &str, message: &str) -> String {
    let data = |s: &str| {
        let lines: Vec<_> = s.split('\n').map(visible).collect();
        lines
            .join("\n")
            .replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let title = data(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{level} title={title}::{}", data(message))
}
