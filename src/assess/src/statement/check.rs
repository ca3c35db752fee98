//! A statement against what was seen of the clouds.

use super::seen::{Seen, SeenChange};
use crate::{Catalogue, Mappings};
use shoseki_model::{Discrepancy, Grade, StatedControl, Statement, Text};

/// Everything in which a statement and what was seen differ, the gravest first.
/// What was not seen is told as such and settles nothing.
pub fn check_statement(
    statement: &Statement,
    catalogue: &Catalogue,
    mappings: &Mappings,
    seen: &Seen,
) -> Vec<Discrepancy> {
    let mut c = Check {
        statement,
        catalogue,
        mappings,
        seen,
        out: Vec::new(),
    };
    c.controls();
    c.scope();
    c.not_seen();
    c.nothing_there();
    c.time();
    c.changes();
    c.out.sort();
    c.out
}

pub(super) struct Check<'c> {
    pub(super) statement: &'c Statement,
    catalogue: &'c Catalogue,
    mappings: &'c Mappings,
    pub(super) seen: &'c Seen,
    out: Vec<Discrepancy>,
}

impl Check<'_> {
    pub(super) fn tell(
        &mut self,
        severity: Grade,
        code: &'static str,
        of: (Option<&StatedControl>, Option<String>),
        ja: String,
        en: String,
    ) {
        self.out.push(Discrepancy {
            severity,
            code,
            control: of.0.map(|c| c.id.clone()),
            subject: of.1,
            line: of.0.map_or(0, |c| c.line),
            text: Text { ja, en },
            unseen: matches!(
                code,
                "account-not-seen"
                    | "region-not-seen"
                    | "service-not-seen"
                    | "service-not-asked"
                    | "regions-not-known"
                    | "scan-gap"
            ),
        });
    }

    fn controls(&mut self) {
        for c in &self.statement.controls {
            self.control(c);
        }
        for known in self.catalogue.controls() {
            if known.mandatory != Some(true) || self.statement.control(&known.id).is_some() {
                continue;
            }
            let label = self.mappings.label(&known.id).cloned().unwrap_or_default();
            self.out.push(Discrepancy {
                severity: Grade::Error,
                code: "missing-control",
                control: Some(known.id.clone()),
                subject: None,
                line: 0,
                text: Text::new(
                    format!("必須の管理策（{}）について言明書に記載がない。", label.ja),
                    format!(
                        "The statement says nothing of this mandatory control ({}).",
                        label.en
                    ),
                ),
                unseen: false,
            });
        }
        if let Some(used) = self
            .seen
            .edition
            .as_ref()
            .filter(|e| **e != self.statement.edition)
        {
            let stated = &self.statement.edition;
            let ja = format!("言明書は {stated} 版の管理基準により、走査は {used} 版による。");
            let en = format!(
                "The statement follows the {stated} edition of the criteria, the scan {used}."
            );
            self.tell(Grade::Warning, "other-edition", (None, None), ja, en);
        }
    }

    fn control(&mut self, c: &StatedControl) {
        let Some(known) = self.catalogue.get(&c.id) else {
            let near = self.catalogue.suggest(&c.id).unwrap_or("-").to_owned();
            let ja = format!("管理基準にない番号である（近い番号: {near}）。");
            let en = format!("The catalogue has no such id (nearest: {near}).");
            return self.tell(Grade::Error, "unknown-control", (Some(c), None), ja, en);
        };
        let mandatory = known.mandatory == Some(true);
        if !c.adopted && c.reason.is_none() {
            if mandatory {
                let ja = "必須の管理策を採用しておらず、理由の記載がない。";
                let en = "A mandatory control is not adopted, and no reason is given.";
                self.tell(
                    Grade::Error,
                    "mandatory-not-adopted",
                    (Some(c), None),
                    ja.into(),
                    en.into(),
                );
            } else {
                let ja = "採用しない理由の記載がない。";
                let en = "It is not adopted, and no reason is given.";
                self.tell(
                    Grade::Warning,
                    "not-adopted-without-reason",
                    (Some(c), None),
                    ja.into(),
                    en.into(),
                );
            }
        }
        if c.adopted && c.measure.is_none() && c.inherited_from.is_none() {
            let ja = "採用としているが、個別管理策の記載がない。";
            let en = "It is adopted, and nothing says how.";
            self.tell(
                Grade::Warning,
                "measure-missing",
                (Some(c), None),
                ja.into(),
                en.into(),
            );
        }
        let Some(when) = self.seen.contradicted.get(&c.id).filter(|_| c.adopted) else {
            return;
        };
        match &c.inherited_from {
            Some(from) => {
                let ja = format!(
                    "{from} からの引継ぎとしているが、期待と異なる設定を観測した。{}",
                    when.ja
                );
                let en = format!(
                    "It is carried over from {from}, and settings were seen that differ from what is expected. {}",
                    when.en
                );
                self.tell(
                    Grade::Error,
                    "inherited-contradicted",
                    (Some(c), None),
                    ja,
                    en,
                );
            }
            None => {
                let ja = format!("採用としているが、期待と異なる設定を観測した。{}", when.ja);
                let en = format!(
                    "It is adopted, and settings were seen that differ from what is expected. {}",
                    when.en
                );
                self.tell(
                    Grade::Error,
                    "adopted-contradicted",
                    (Some(c), None),
                    ja,
                    en,
                );
            }
        }
    }

    fn time(&mut self) {
        let s = self.statement;
        if let Some(day) = self
            .seen
            .day
            .as_ref()
            .filter(|d| **d < s.from || s.to < **d)
        {
            let ja = format!(
                "走査の日 {day} は言明の対象期間（{} – {}）の外である。",
                s.from, s.to
            );
            let en = format!(
                "The scan of {day} is not of the stated period ({} – {}).",
                s.from, s.to
            );
            self.tell(Grade::Note, "outside-period", (None, None), ja, en);
        }
        for (from, to) in self.seen.gaps.clone() {
            let ja = format!(
                "{from} から {to} まで、約束した頻度での走査がない。この間は何も観測していない。"
            );
            let en = format!(
                "From {from} to {to} there was no scan as often as promised: nothing was observed."
            );
            self.tell(Grade::Warning, "scan-gap", (None, None), ja, en);
        }
    }

    fn changes(&mut self) {
        let Some(seen) = &self.seen.changes else {
            return;
        };
        for c in &self.statement.controls {
            for change in &c.changes {
                let shown = |s: &&SeenChange| {
                    s.control == c.id && s.after <= change.date && change.date <= s.at
                };
                if seen.iter().find(shown).is_none() {
                    let day = &change.date;
                    let ja = format!(
                        "{day} の変更を言明書は記載しているが、台帳にはこの管理策に関わる設定の変化がない。設定に現れない変更でありうる。"
                    );
                    let en = format!(
                        "The statement reports a change on {day}; the ledger shows no change of settings that bear on this control. It may be one that settings do not show."
                    );
                    self.tell(
                        Grade::Warning,
                        "change-not-seen",
                        (Some(c), Some(day.clone())),
                        ja,
                        en,
                    );
                }
            }
        }
        for s in seen {
            let Some(c) = self.statement.control(&s.control).filter(|c| c.adopted) else {
                continue;
            };
            if c.changes
                .iter()
                .any(|x| s.after <= x.date && x.date <= s.at)
            {
                continue;
            }
            let SeenChange {
                after,
                at,
                findings,
                ..
            } = s;
            let ja = format!(
                "{after} から {at} までの間に、この管理策に関わる判定 {findings} 件が変化した。言明書に変更の記載がない。"
            );
            let en = format!(
                "Between {after} and {at}, {findings} result(s) that bear on this control changed; the statement reports no change."
            );
            self.tell(
                Grade::Warning,
                "change-not-stated",
                (Some(c), Some(at.clone())),
                ja,
                en,
            );
        }
    }
}
