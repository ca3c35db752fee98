//! A statement against what was seen of the clouds.

use crate::{Catalogue, Mappings};
use shoseki_model::{Discrepancy, Grade, StatedControl, Statement, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The codes, each with its meaning. A code is for ever.
pub const DISCREPANCIES: &[(&str, &str)] = &[
    (
        "adopted-contradicted",
        "adopted, and a result speaks against it",
    ),
    (
        "inherited-contradicted",
        "carried over, and a result speaks against it",
    ),
    (
        "mandatory-not-adopted",
        "must be adopted, is not, and no reason is given",
    ),
    (
        "not-adopted-without-reason",
        "not adopted, and no reason is given",
    ),
    ("measure-missing", "adopted without saying how"),
    ("unknown-control", "the catalogue has no such control"),
    (
        "missing-control",
        "must be adopted, and the statement is silent",
    ),
    (
        "other-edition",
        "the run used another edition of the criteria",
    ),
    (
        "account-outside",
        "an account in use that the scope does not name",
    ),
    (
        "region-outside",
        "a region in use that the scope does not name",
    ),
    (
        "service-outside",
        "a service in use that the scope does not name",
    ),
    (
        "provider-made-outside",
        "outside the scope there is only what the cloud makes by itself",
    ),
    ("account-not-seen", "an account of which nothing was read"),
    ("region-not-seen", "a region of which nothing was read"),
    (
        "service-not-seen",
        "a service whose lists were not read to their end",
    ),
    (
        "service-not-asked",
        "a service of the scope that nobody asked about",
    ),
    (
        "regions-not-known",
        "the source does not tell which regions were left out",
    ),
    (
        "service-nothing-there",
        "a service of the scope in which nothing was found",
    ),
    (
        "region-nothing-there",
        "a region of the scope in which nothing was found",
    ),
    (
        "change-not-seen",
        "a stated change that the ledger does not show",
    ),
    (
        "change-not-stated",
        "a change in the ledger that the statement does not report",
    ),
    ("scan-gap", "no scan for longer than promised"),
    ("outside-period", "the run is not of the stated period"),
];

/// Resources of one service at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenResources {
    /// `aws.s3`.
    pub service: String,
    /// Account.
    pub account: String,
    /// Region, or `global`.
    pub region: String,
    /// How many.
    pub count: u64,
    /// How many of them the cloud does not make by itself.
    pub own: u64,
}

/// What a ledger saw change for a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChange {
    /// The control.
    pub control: String,
    /// Day in Japan of the scan before; the change came on it or later.
    pub after: String,
    /// Day of the scan that saw it; it came on it or earlier.
    pub at: String,
    /// Results that changed.
    pub findings: u64,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Edition of the criteria.
    pub edition: Option<String>,
    /// Controls that a result speaks against, with when, in words.
    pub contradicted: BTreeMap<String, Text>,
    /// What is there.
    pub resources: Vec<SeenResources>,
    /// Accounts and regions of which something was read.
    pub read: BTreeSet<(String, String)>,
    /// Accounts that were to be read and were not.
    pub accounts_unread: BTreeSet<String>,
    /// Regions that were left out or not reached, by account.
    pub regions_unread: BTreeSet<(String, String)>,
    /// Whether that list is known to be whole.
    pub regions_known: bool,
    /// Services that were asked about, and whether all lists came to their end.
    pub services: BTreeMap<String, bool>,
    /// Day in Japan of the run; `None` for a period.
    pub day: Option<String>,
    /// Times without a scan, longer than promised: from and to.
    pub gaps: Vec<(String, String)>,
    /// Changes within the period; `None` where one moment was seen.
    pub changes: Option<Vec<SeenChange>>,
}

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

struct Check<'c> {
    statement: &'c Statement,
    catalogue: &'c Catalogue,
    mappings: &'c Mappings,
    seen: &'c Seen,
    out: Vec<Discrepancy>,
}

impl Check<'_> {
    fn tell(
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

    fn scope(&mut self) {
        let scope = &self.statement.scope;
        type Sums<'s> = BTreeMap<&'s str, (u64, u64)>;
        let mut sums: [Sums<'_>; 3] = Default::default();
        for r in &self.seen.resources {
            for (sum, name) in sums.iter_mut().zip([&r.account, &r.region, &r.service]) {
                let of = sum.entry(name).or_default();
                of.0 += r.count;
                of.1 += r.own;
            }
        }
        let kinds = [
            ("account-outside", "アカウント", "account", &scope.accounts),
            ("region-outside", "リージョン", "region", &scope.regions),
            ("service-outside", "サービス", "service", &scope.services),
        ];
        let mut found = Vec::new();
        for ((code, ja, en, stated), sum) in kinds.into_iter().zip(sums) {
            for (name, (count, own)) in sum {
                // What belongs to no region is in every scope.
                let global = code == "region-outside" && name == "global";
                if count > 0 && !global && !stated.iter().any(|s| s == name) {
                    found.push((code, ja, en, name.to_owned(), count, own));
                }
            }
        }
        for (code, ja, en, name, count, own) in found {
            let subject = (None, Some(name.clone()));
            if own > 0 {
                let ja = format!("言明の対象にない{ja} {name} にリソース {own} 件がある。");
                let en = format!(
                    "There are {own} resource(s) in the {en} {name}, which the statement does not name."
                );
                self.tell(Grade::Error, code, subject, ja, en);
            } else {
                let ja = format!(
                    "言明の対象にない{ja} {name} には、クラウドが自ら作るもの {count} 件だけを観測した。"
                );
                let en = format!(
                    "In the {en} {name}, which the statement does not name, only {count} thing(s) were seen that the cloud makes by itself."
                );
                self.tell(Grade::Note, "provider-made-outside", subject, ja, en);
            }
        }
    }

    fn not_seen(&mut self) {
        let scope = &self.statement.scope;
        let read = |account: &String| self.seen.read.iter().any(|(a, _)| a == account);
        let mut accounts: BTreeSet<String> = self.seen.accounts_unread.clone();
        accounts.extend(scope.accounts.iter().filter(|a| !read(a)).cloned());
        let unread = self.seen.regions_unread.iter();
        let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (account, region) in unread.filter(|(a, _)| !accounts.contains(a)) {
            regions
                .entry(region.clone())
                .or_default()
                .push(account.clone());
        }
        for r in scope.regions.iter().filter(|r| *r != "global") {
            if !self.seen.read.iter().any(|(_, region)| region == r) {
                regions.entry(r.clone()).or_default();
            }
        }
        for a in accounts {
            let ja = format!("アカウント {a} は読み取っていない。そこに何があるかは分からない。");
            let en = format!("The account {a} was not read: what is in it is not known.");
            self.tell(Grade::Warning, "account-not-seen", (None, Some(a)), ja, en);
        }
        for (r, of) in regions {
            let of = match of.len() {
                0 => String::new(),
                _ => format!(" ({})", of.join(", ")),
            };
            let ja = format!(
                "リージョン {r}{of} は読み取っていない。リソースがないことを示すものではない。"
            );
            let en =
                format!("The region {r}{of} was not read: that says nothing of what is in it.");
            self.tell(Grade::Warning, "region-not-seen", (None, Some(r)), ja, en);
        }
        for (s, whole) in self.seen.services.clone() {
            if !whole {
                let ja = format!(
                    "サービス {s} の一覧には全数を読み取れなかったものがある。見えなかったリソースがありうる。"
                );
                let en = format!(
                    "Not every list of the service {s} was read to its end: there may be resources that were not seen."
                );
                self.tell(Grade::Warning, "service-not-seen", (None, Some(s)), ja, en);
            }
        }
        if !self.seen.regions_known {
            let ja = "読み取らなかったリージョンが何かは、この記録からは分からない。";
            let en = "These records do not tell which regions were not read.";
            self.tell(
                Grade::Note,
                "regions-not-known",
                (None, None),
                ja.into(),
                en.into(),
            );
        }
    }

    fn nothing_there(&mut self) {
        let there = |f: &dyn Fn(&SeenResources) -> bool| {
            self.seen.resources.iter().any(|r| r.count > 0 && f(r))
        };
        let mut notes = Vec::new();
        for s in &self.statement.scope.services {
            match self.seen.services.get(s) {
                None => notes.push((
                    "service-not-asked",
                    s.clone(),
                    format!("対象のサービス {s} は照会していない。あるともないとも言えない。"),
                    format!(
                        "Nobody asked about the service {s}: it cannot be said whether it is used."
                    ),
                )),
                Some(true) if !there(&|r| r.service == *s) => notes.push((
                    "service-nothing-there",
                    s.clone(),
                    format!("対象のサービス {s} のリソースは見当たらなかった。"),
                    format!("Nothing was found of the service {s}."),
                )),
                Some(_) => {}
            }
        }
        for r in self
            .statement
            .scope
            .regions
            .iter()
            .filter(|r| *r != "global")
        {
            let read = self.seen.read.iter().any(|(_, region)| region == r);
            let unread = self
                .seen
                .regions_unread
                .iter()
                .any(|(_, region)| region == r);
            let whole = self.seen.services.values().all(|w| *w);
            if read && !unread && whole && !there(&|x| x.region == *r) {
                notes.push((
                    "region-nothing-there",
                    r.clone(),
                    format!("対象のリージョン {r} にリソースは見当たらなかった。"),
                    format!("Nothing was found in the region {r}."),
                ));
            }
        }
        for (code, subject, ja, en) in notes {
            self.tell(Grade::Note, code, (None, Some(subject)), ja, en);
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
