//! The scope of a statement against what is there, and what was not seen.

use super::check::Check;
use super::seen::SeenResources;
use shoseki_model::Grade;
use std::collections::{BTreeMap, BTreeSet};

impl Check<'_> {
    pub(super) fn scope(&mut self) {
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

    pub(super) fn not_seen(&mut self) {
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

    pub(super) fn nothing_there(&mut self) {
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
}
