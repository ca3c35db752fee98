//! Findings, by rule.

use super::bilingual::{Bilingual, severity_class};
use crate::data::{ReportData, RuleInfo};
use crate::overview::{Counts, Overview};
use crate::words::{self, Word};
use askama::Template;
use shoseki_model::{Cause, Finding, Severity, Sight, Verdict};
use std::collections::HashMap;

/// What is listed together under a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Fail,
    Unknown,
    Pass,
    NotApplicable,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Fail, Kind::Unknown, Kind::Pass, Kind::NotApplicable];

    fn word(self) -> Word {
        words::verdict(match self {
            Kind::Fail => Verdict::Fail,
            Kind::Unknown => Verdict::Unknown,
            Kind::Pass => Verdict::Pass,
            Kind::NotApplicable => Verdict::NotApplicable,
        })
    }

    /// Whether resources are only listed.
    fn is_list(self) -> bool {
        matches!(self, Kind::Pass | Kind::NotApplicable)
    }
}

/// A rule with its counts.
pub(super) struct RuleGroup<'a> {
    pub id: &'a str,
    pub info: Option<&'a RuleInfo>,
    pub severity: Option<Severity>,
    pub counts: Counts,
    pub enumerated: u64,
    pub scopes: u64,
    pub scopes_whole: u64,
    pub controls: Vec<&'a str>,
}

impl RuleGroup<'_> {
    pub fn severity_class(&self) -> &'static str {
        self.severity.map_or("", severity_class)
    }
}

/// Rules of the run, those that failed first, the gravest first.
pub(super) fn groups<'a>(data: &'a ReportData<'_>, o: &'a Overview) -> Vec<RuleGroup<'a>> {
    let mut controls: HashMap<&str, Vec<&str>> = HashMap::new();
    for s in &data.standings {
        for r in &s.rules {
            controls.entry(&r.rule).or_default().push(&s.control);
        }
    }
    let mut out: Vec<RuleGroup<'a>> = o
        .rules
        .iter()
        .map(|(id, counts)| {
            let info = data.rules.get(id);
            let tallies = || data.tallies.iter().filter(|t| t.rule == *id);
            RuleGroup {
                id,
                info,
                severity: info.map(|i| i.severity),
                counts: *counts,
                enumerated: tallies().map(|t| t.enumerated).sum(),
                scopes: tallies().count() as u64,
                scopes_whole: tallies().filter(|t| t.complete).count() as u64,
                controls: controls.get(id.as_str()).cloned().unwrap_or_default(),
            }
        })
        .collect();
    out.sort_by(|a, b| {
        let key = |g: &RuleGroup<'_>| {
            (
                g.counts.fail > 0,
                g.counts.unknown > 0,
                g.severity,
                g.counts.fail,
            )
        };
        key(b).cmp(&key(a)).then_with(|| a.id.cmp(b.id))
    });
    out
}

#[derive(Template)]
#[template(path = "findings_index.html")]
pub(super) struct Index<'a> {
    pub x: Bilingual,
    pub groups: &'a [RuleGroup<'a>],
}

#[derive(Template)]
#[template(path = "rule_head.html")]
pub(super) struct RuleHead<'a> {
    pub x: Bilingual,
    pub g: &'a RuleGroup<'a>,
}

#[derive(Template)]
#[template(path = "kind_head.html")]
pub(super) struct KindHead {
    x: Bilingual,
    word: Word,
    class: &'static str,
    n: usize,
    open: bool,
    list: bool,
}

impl KindHead {
    pub fn new(x: Bilingual, kind: Kind, n: usize) -> Self {
        Self {
            x,
            word: kind.word(),
            class: match kind {
                Kind::Fail => "fail",
                Kind::Unknown => "unknown",
                Kind::Pass => "pass",
                Kind::NotApplicable => "na",
            },
            n,
            open: !kind.is_list() && n <= 50,
            list: kind.is_list(),
        }
    }
}

#[derive(Template)]
#[template(
    source = "{% if kind.is_list() %}</ul>{% endif %}</details>\n",
    ext = "html"
)]
pub(super) struct KindEnd {
    pub kind: Kind,
}

/// A passed or not applicable finding: a line.
#[derive(Template)]
#[template(path = "finding_line.html")]
pub(super) struct Line<'a> {
    pub x: Bilingual,
    pub f: &'a Finding,
}

/// One observed value as the page shows it.
struct Seen<'a> {
    path: &'a str,
    sight: &'a Sight,
    /// JSON of a seen value.
    value: String,
    /// Its beginning, where it is too long to stand open.
    short: Option<String>,
    exchanges: &'a [String],
}

/// A failed or unknown finding: everything.
#[derive(Template)]
#[template(path = "finding.html")]
pub(super) struct Full<'a> {
    x: Bilingual,
    f: &'a Finding,
    class: &'static str,
    word: Word,
    observed: Vec<Seen<'a>>,
}

/// Characters of a value that stand open.
const OPEN: usize = 240;

impl<'a> Full<'a> {
    pub fn new(x: Bilingual, f: &'a Finding) -> Self {
        let (class, word) = match (&f.excepted, f.verdict) {
            (Some(_), Verdict::Fail) => ("excepted", words::EXCEPTED),
            (_, Verdict::Fail) => ("fail", words::verdict(f.verdict)),
            _ => ("unknown", words::verdict(f.verdict)),
        };
        let observed = f.observed.iter().map(|o| {
            let (value, short) = match &o.sight {
                Sight::Seen(v) => shown(v),
                _ => (String::new(), None),
            };
            Seen {
                path: &o.path,
                sight: &o.sight,
                value,
                short,
                exchanges: &o.exchanges,
            }
        });
        Self {
            x,
            f,
            class,
            word,
            observed: observed.collect(),
        }
    }
}

/// A value as text: on one line where it is short, laid out where it is long.
fn shown(v: &serde_json::Value) -> (String, Option<String>) {
    let line = v.to_string();
    if line.chars().count() <= OPEN {
        return (line, None);
    }
    let short: String = line.chars().take(100).collect();
    let full = serde_json::to_string_pretty(v).unwrap_or(line);
    (full, Some(short))
}
