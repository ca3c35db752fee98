//! Population lists (母集団) as people and programs read them.

use crate::table::Table;
use crate::time::both_times;
use crate::visible::fold;
use crate::words::{self, Word, word};
use serde::Serialize;
use shoseki_model::{Exchange, Gap, Lang, Tally, Text};

/// A rule over one scope.
#[derive(Clone, Debug, Serialize)]
pub struct ScopePopulation {
    /// The counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// What the rule expects.
    pub title: Text,
    /// Exchanges that enumerated.
    pub query: Vec<Exchange>,
    /// Why it is not whole.
    pub why: Vec<Gap>,
    /// SHA-256 of the lines of the list.
    pub sha256: String,
}

/// How far the reading of an account or a region came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachState {
    /// All populations there are whole.
    Reached,
    /// Some are not.
    Partly,
    /// None is.
    NotReached,
    /// Known, and left out by whoever ran it.
    LeftOut,
    /// None of the rules enumerates anything there.
    NoPopulation,
}

/// An account or a region that is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Known {
    /// Account.
    pub account: String,
    /// Region, or `global` for what an account has once.
    pub region: String,
    /// How far it was reached.
    pub state: ReachState,
    /// Populations that are whole.
    pub complete: u64,
    /// All populations.
    pub populations: u64,
    /// Why it was not reached, in the provider's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Populations behind rules.
#[derive(Clone, Debug, Serialize)]
pub struct PopulationReport {
    /// Name of the run directory.
    pub run: String,
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// End of the run.
    pub ended: String,
    /// Whether every population is whole and every rule was part of the run.
    pub complete: bool,
    /// Members of all lists.
    pub members: u64,
    /// SHA-256 of all lines of all lists, sorted.
    pub sha256: String,
    /// Rules that bear on what was selected and were not part of the run.
    pub rules_not_run: Vec<String>,
    /// Whether it is known which regions were left out.
    pub regions_known: bool,
    /// Accounts and regions.
    pub known: Vec<Known>,
    /// The lists.
    pub scopes: Vec<ScopePopulation>,
}

/// What a state of reach is called.
pub const fn reach_word(s: ReachState) -> Word {
    match s {
        ReachState::Reached => word("列挙完了", "enumerated"),
        ReachState::Partly => word("一部列挙できず", "partly enumerated"),
        ReachState::NotReached => word("到達できず", "not reached"),
        ReachState::LeftOut => word("走査対象から除外", "left out of the scan"),
        ReachState::NoPopulation => word("該当する母集団なし", "no population here"),
    }
}

/// Whether a list is whole, in words.
pub const fn whole(complete: bool) -> Word {
    match complete {
        true => word("完全", "whole"),
        false => word("不完全", "not whole"),
    }
}

/// The warning where something is not whole; `None` where all is.
pub fn warning(p: &PopulationReport, lang: Lang) -> Option<String> {
    if p.complete {
        return None;
    }
    let broken = p.scopes.iter().filter(|s| !s.tally.complete).count();
    let (all, missing) = (p.scopes.len(), p.rules_not_run.len());
    Some(match lang {
        Lang::Ja => format!(
            "警告: 母集団は完全ではない。範囲 {all} 件のうち {broken} 件は最後まで列挙できておらず、関係するルール {missing} 件は走査に含まれていない。ここにない対象が存在し得るため、標本から母集団全体について述べることはできない。"
        ),
        Lang::En => format!(
            "WARNING: the population is not whole. {broken} of {all} scopes were not enumerated to their end, and {missing} rules that bear on it were not part of the run. There may be members that are not listed, so a sample says nothing of the whole."
        ),
    })
}

/// The populations as text for a terminal.
pub fn text(p: &PopulationReport, lang: Lang, columns: Option<usize>) -> String {
    let pick = |ja: &str, en: &str| word_of(lang, ja, en);
    let mut out = String::new();
    let room = columns.unwrap_or(usize::MAX);
    let say = |out: &mut String, text: &str| {
        for line in fold(text, room) {
            out.push_str(&format!("{line}\n"));
        }
    };
    let times = format!("{} - {}", both_times(&p.started), both_times(&p.ended));
    say(&mut out, &format!("{}  {times}", p.run));
    out.push_str(&scopes(p, lang, columns));
    let mut known = Table::with_heads([
        pick("アカウント!", "ACCOUNT!"),
        pick("リージョン!", "REGION!"),
        pick("到達状況!", "REACH!"),
        pick("#完全", "#WHOLE"),
        pick("#母集団", "#LISTS"),
        pick("理由~", "WHY~"),
    ]);
    for k in &p.known {
        known.row([
            k.account.as_str(),
            &k.region,
            reach_word(k.state).get(lang),
            &k.complete.to_string(),
            &k.populations.to_string(),
            &k.why,
        ]);
    }
    out.push('\n');
    out.push_str(&known.print(columns));
    if !p.regions_known {
        let text = pick(
            "利用可能なリージョンの一覧は読み取れておらず、除外されたリージョンは分からない。",
            "The list of enabled regions was not seen: which were left out is not known.",
        );
        say(&mut out, &text);
    }
    for rule in &p.rules_not_run {
        out.push_str(&format!(
            "{}: {rule}\n",
            pick("走査に含まれないルール", "not part of the run")
        ));
    }
    let members = format!("{}: {}", pick("全件", "members"), p.members);
    out.push('\n');
    say(&mut out, &format!("{members}  SHA-256 {}", p.sha256));
    if let Some(w) = warning(p, lang) {
        say(&mut out, &w);
    }
    out
}

/// One line a scope: with its rule for other programs, below its rule for people.
fn scopes(p: &PopulationReport, lang: Lang, columns: Option<usize>) -> String {
    let pick = |ja: &str, en: &str| word_of(lang, ja, en);
    let heads = [
        pick("アカウント!", "ACCOUNT!"),
        pick("範囲!", "SCOPE!"),
        pick("#件数", "#MEMBERS"),
        pick("列挙!", "LIST!"),
        pick("SHA-256~", "SHA-256~"),
    ];
    let cells = |s: &ScopePopulation| {
        [
            s.tally.account.clone(),
            s.tally.region.clone(),
            s.tally.enumerated.to_string(),
            whole(s.tally.complete).get(lang).to_owned(),
            s.sha256.get(..16).unwrap_or(&s.sha256).to_owned(),
        ]
    };
    if columns.is_none() {
        let rule = [pick("ルール!", "RULE!")];
        let mut table = Table::with_heads(rule.iter().chain(&heads));
        for s in &p.scopes {
            table.row([s.tally.rule.clone()].into_iter().chain(cells(s)));
        }
        return table.print(None);
    }
    let mut out = String::new();
    for of_rule in p.scopes.chunk_by(|a, b| a.tally.rule == b.tally.rule) {
        out.push_str(&format!("{}\n", of_rule[0].tally.rule));
        let mut table = Table::with_heads(&heads).indent(2);
        for s in of_rule {
            table.row(cells(s));
        }
        out.push_str(&table.print(columns));
    }
    out
}

fn word_of(lang: Lang, ja: &str, en: &str) -> String {
    match lang {
        Lang::Ja => ja.to_owned(),
        Lang::En => en.to_owned(),
    }
}

/// Why a list is not whole, on one line a gap.
pub fn gap_lines(gaps: &[Gap], lang: Lang) -> String {
    let one = |g: &Gap| {
        let mut line = format!("{}: {}", words::cause(g.cause).get(lang), g.call);
        if !g.permissions.is_empty() {
            line.push_str(&format!(" ({})", g.permissions.join(", ")));
        }
        format!("{line} [{}]", g.id)
    };
    gaps.iter().map(one).collect::<Vec<_>>().join("\n")
}
