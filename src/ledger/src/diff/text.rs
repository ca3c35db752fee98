//! Two runs side by side as text.

use super::{Diff, FindingKind};
use crate::words::state;
use shoseki_model::{Lang, State};
use shoseki_report::words::{self, word};
use shoseki_report::{Table, clip};

/// Lines of a list in the text.
const LINES: usize = 20;
/// Columns of the text.
const COLUMNS: usize = 80;

impl FindingKind {
    const ALL: [FindingKind; 8] = [
        FindingKind::Verdict,
        FindingKind::New,
        FindingKind::NewlySeen,
        FindingKind::NewlyAsked,
        FindingKind::Gone,
        FindingKind::Unlisted,
        FindingKind::NotAsked,
        FindingKind::Values,
    ];

    const fn word(self) -> words::Word {
        match self {
            FindingKind::Verdict => word("状態の変化", "state changed"),
            FindingKind::New => word("新規", "new"),
            FindingKind::NewlySeen => word(
                "新たに観測（以前は全数でない）",
                "newly seen (list was not whole)",
            ),
            FindingKind::NewlyAsked => word("新たに照会", "newly asked"),
            FindingKind::Gone => word("消滅", "gone"),
            FindingKind::Unlisted => word(
                "判定不能（全数でなく現れない）",
                "unknown (not listed, not whole)",
            ),
            FindingKind::NotAsked => word("照会せず", "no longer asked"),
            FindingKind::Values => word("値のみの変化", "values changed"),
        }
    }
}

/// The differences in at most 80 columns.
pub fn diff_text(d: &Diff, lang: Lang) -> String {
    let pick = |ja: &'static str, en: &'static str| word(ja, en).get(lang);
    let mut out = String::new();
    let mut say = |line: &str| {
        out.push_str(&clip(line, COLUMNS));
        out.push('\n');
    };
    for (sign, run) in [("-", &d.runs.0), ("+", &d.runs.1)] {
        say(&format!(
            "{sign} {}  {}",
            shoseki_report::jst(&run.started),
            run.run
        ));
    }
    say(&format!(
        "{} {}",
        pick("変化のない判定", "Findings as before"),
        d.unchanged
    ));
    for kind in FindingKind::ALL {
        let n = d.counts.get(&kind).copied().unwrap_or_default();
        if n > 0 {
            say(&format!("  {n:>8}  {}", kind.word().get(lang)));
        }
    }
    let sections = [
        (
            finding_table(d, lang),
            d.findings.len(),
            pick("判定", "Findings"),
        ),
        (
            control_table(d, lang),
            d.controls.len(),
            pick("管理策", "Controls"),
        ),
        (
            population_table(d, lang),
            d.populations.len(),
            pick("母集団", "Populations"),
        ),
        (
            gap_table(d, lang),
            d.gaps.len(),
            pick("読み取れなかったもの", "Gaps"),
        ),
        (
            pack_table(d),
            d.packs.len(),
            pick("ルール等のファイル", "Files of the packs"),
        ),
    ];
    for (table, n, title) in sections {
        if n == 0 {
            continue;
        }
        say("");
        say(&format!("{title} ({n})"));
        table
            .indent(2)
            .print(Some(COLUMNS))
            .lines()
            .for_each(&mut say);
        if n > LINES {
            say(&format!(
                "  {} {}",
                pick("ほか（JSON にすべて）", "and more (JSON has all):"),
                n - LINES
            ));
        }
    }
    out
}

fn finding_table(d: &Diff, lang: Lang) -> Table {
    let mut table = Table::with_heads(["!", "!", "!", "~"]);
    for f in d.findings.iter().take(LINES) {
        let from = f.before.as_ref().map(|s| state(s.state).get(lang));
        let to = f.now.as_ref().map(|s| state(s.state).get(lang));
        let how = match (from, to) {
            (Some(a), Some(b)) if a != b => format!("{a} → {b}"),
            (_, to) if f.kind == FindingKind::Values => to.unwrap_or("-").to_owned(),
            _ => f.kind.word().get(lang).to_owned(),
        };
        table.row([
            words::severity(f.severity).get(lang).to_owned(),
            how,
            f.rule.clone(),
            match f.rule_changed {
                true => format!("{}  ~rule", f.resource.name),
                false => f.resource.name.clone(),
            },
        ]);
    }
    table
}

fn control_table(d: &Diff, lang: Lang) -> Table {
    let name = |s: Option<State>| s.map_or("-", |s| words::state(s).get(lang)).to_owned();
    let mut table = Table::with_heads(["!", "", "", ""]);
    for c in d.controls.iter().take(LINES) {
        table.row([c.control.clone(), name(c.before), "→".into(), name(c.now)]);
    }
    table
}

fn population_table(d: &Diff, lang: Lang) -> Table {
    let not = word("全数でない", "not whole").get(lang);
    let none = word("照会なし", "not asked").get(lang);
    let name = |p: Option<(u64, bool)>| match p {
        None => none.to_owned(),
        Some((n, true)) => n.to_string(),
        Some((n, false)) => format!("{n} ({not})"),
    };
    let mut table = Table::with_heads(["", "", "", "", "", ""]);
    for p in d.populations.iter().take(LINES) {
        table.row([
            p.r#type.clone(),
            p.account.clone(),
            p.region.clone(),
            name(p.before),
            "→".into(),
            name(p.now),
        ]);
    }
    table
}

fn gap_table(d: &Diff, lang: Lang) -> Table {
    let mut table = Table::with_heads(["!", "", "", "", ""]);
    for g in d.gaps.iter().take(LINES) {
        table.row([
            if g.new { "+" } else { "-" }.to_owned(),
            words::cause(g.gap.cause).get(lang).to_owned(),
            g.gap.call.clone(),
            g.gap.account.clone(),
            g.gap.region.clone(),
        ]);
    }
    table
}

fn pack_table(d: &Diff) -> Table {
    let mut table = Table::with_heads(["!", ""]);
    for p in d.packs.iter().take(LINES) {
        let sign = match (&p.before, &p.now) {
            (None, _) => "+",
            (_, None) => "-",
            _ => "~",
        };
        table.row([sign.to_owned(), p.path.clone()]);
    }
    table
}
