//! Findings as data: lists to search, and what each rests on.

use super::pack::{Strings, element};
use crate::data::{Records, ReportError};
use crate::outward::Status;
use crate::spool::Spool;
use indexmap::IndexSet;
use serde::Serialize;
use shoseki_model::{Finding, Sight};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Findings of a block.
const BLOCK: usize = 2_000;

/// How much of what passed or does not apply the page holds. What failed, is
/// unknown or excepted is always there in full.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of the page for what such findings rest on.
    pub details: usize,
    /// Such findings that are listed.
    pub listed: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            details: 2_500_000,
            listed: 150_000,
        }
    }
}

/// What the page does not hold of findings that passed or do not apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Listed without what they rest on.
    pub details: u64,
    /// Counted only.
    pub listed: u64,
}

/// The elements of the findings, in the spool's first group.
pub(super) struct Packed {
    /// All elements.
    pub spool: Spool,
    /// Exchanges that the details name.
    pub cited: HashSet<String>,
    /// What is not there.
    pub left_out: LeftOut,
}

/// A block of the list: the findings by columns.
#[derive(Default, Serialize)]
struct List {
    /// Strings.
    s: Strings,
    /// Resources: type, id, name, account, region.
    o: IndexSet<[usize; 5]>,
    /// Ids.
    i: Vec<String>,
    /// Rules.
    r: Vec<usize>,
    /// Outcomes, a digit each, in the order of [`crate::outward::STATUSES`].
    v: String,
    /// Resources by number.
    t: Vec<usize>,
    /// Gaps by position.
    g: BTreeMap<usize, Vec<String>>,
}

/// An observed path: the path, 0 seen, 1 absent or 2 unseen, the value as JSON or
/// the gap, exchanges.
#[derive(Serialize)]
struct Seen(usize, u8, usize, Vec<usize>);

/// What a finding rests on: position in its block, reason in both languages, what
/// was observed, the exception's fields.
#[derive(Serialize)]
struct Detail(usize, usize, usize, Vec<Seen>, Vec<usize>);

#[derive(Default, Serialize)]
struct Details {
    s: Strings,
    d: Vec<Detail>,
}

impl Details {
    fn add(&mut self, at: usize, f: &Finding) {
        let s = &mut self.s;
        let (ja, en) = (s.of(&f.reason.ja), s.of(&f.reason.en));
        let mut seen = Vec::new();
        for o in &f.observed {
            let path = s.of(&o.path);
            let (kind, value) = match &o.sight {
                Sight::Seen(v) => (0, s.lines(&v.to_string())),
                Sight::Absent => (1, s.of("")),
                Sight::Unseen(gap) => (2, s.of(gap)),
            };
            let exchanges = o.exchanges.iter().map(|x| s.of(x)).collect();
            seen.push(Seen(path, kind, value, exchanges));
        }
        let excepted = f.excepted.iter().flat_map(crate::outward::exception);
        let excepted = excepted.map(|(_, text)| s.of(text)).collect();
        self.d.push(Detail(at, ja, en, seen, excepted));
    }
}

struct Packer<'i> {
    rules: &'i HashMap<&'i str, usize>,
    bounds: Bounds,
    list: List,
    /// Of what failed, is unknown or excepted.
    grave: Details,
    /// Of the rest.
    plain: Details,
    plain_bytes: usize,
    plain_listed: u64,
    out: Packed,
}

/// Packs all findings, `rules` giving the number of each rule.
pub(super) fn pack(
    findings: &dyn Records<Finding>,
    rules: &HashMap<&str, usize>,
    bounds: Bounds,
) -> Result<Packed, ReportError> {
    let mut p = Packer {
        rules,
        bounds,
        list: List::default(),
        grave: Details::default(),
        plain: Details::default(),
        plain_bytes: 0,
        plain_listed: 0,
        out: Packed {
            spool: Spool::new(),
            cited: HashSet::new(),
            left_out: LeftOut::default(),
        },
    };
    for f in findings.records()? {
        p.add(&f?)?;
    }
    p.flush()?;
    Ok(p.out)
}

impl Packer<'_> {
    fn add(&mut self, f: &Finding) -> Result<(), ReportError> {
        let status = Status::of(f);
        let plain = matches!(status, Status::Pass | Status::NotApplicable);
        if plain && self.plain_listed >= self.bounds.listed {
            self.out.left_out.listed += 1;
            return Ok(());
        }
        self.plain_listed += u64::from(plain);
        let at = self.list.i.len();
        self.row(at, f, status);
        if !plain {
            self.grave.add(at, f);
        } else if self.plain_bytes < self.bounds.details {
            self.plain.add(at, f);
        } else {
            self.out.left_out.details += 1;
            return self.full();
        }
        let exchanges = f.observed.iter().flat_map(|o| &o.exchanges);
        self.out.cited.extend(exchanges.cloned());
        self.full()
    }

    fn row(&mut self, at: usize, f: &Finding, status: Status) {
        let (list, r) = (&mut self.list, &f.resource);
        let fields = [&r.r#type, &r.id, &r.name, &r.account, &r.region];
        let fields = fields.map(|t| list.s.of(t));
        list.t.push(list.o.insert_full(fields).0);
        list.i.push(crate::visible(&f.id).into_owned());
        // Every rule of a finding has a number: the overview counted it.
        let rule = self.rules.get(f.rule.as_str()).copied();
        list.r.push(rule.unwrap_or(usize::MAX));
        list.v.push(char::from(b'0' + status as u8));
        if !f.gaps.is_empty() {
            list.g.insert(at, f.gaps.clone());
        }
    }

    fn full(&mut self) -> Result<(), ReportError> {
        if self.list.i.len() >= BLOCK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ReportError> {
        let list = element("list", &std::mem::take(&mut self.list))?;
        let grave = element("grave", &std::mem::take(&mut self.grave))?;
        let plain = element("plain", &std::mem::take(&mut self.plain))?;
        self.plain_bytes += plain.len();
        for text in [list, grave, plain] {
            self.out.spool.push(0, &text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use shoseki_model::{Observed, ResourceRef, Severity, Text, Verdict};

    fn finding(n: usize, verdict: Verdict) -> Finding {
        let resource = ResourceRef {
            r#type: "t".into(),
            id: format!("r{n}"),
            name: String::new(),
            account: String::new(),
            region: String::new(),
        };
        Finding {
            id: Finding::id_of("r", &resource),
            rule: "r".into(),
            severity: Severity::Low,
            verdict,
            resource,
            observed: vec![Observed {
                path: "p".into(),
                sight: Sight::Absent,
                exchanges: vec![format!("x{n}")],
            }],
            reason: Text::new("理由", "reason"),
            gaps: Vec::new(),
            excepted: None,
        }
    }

    /// What fails or is unknown is there whatever the bounds; the rest is counted.
    #[test]
    fn only_what_passed_is_left_out_and_counted() {
        let all: Vec<Finding> = (0..3 * BLOCK)
            .map(|n| {
                finding(
                    n,
                    match n % 3 {
                        0 => Verdict::Pass,
                        1 => Verdict::Fail,
                        _ => Verdict::Unknown,
                    },
                )
            })
            .collect();
        let rules = HashMap::from([("r", 0)]);
        let packed = |details, listed| pack(&all, &rules, Bounds { details, listed }).unwrap();
        let p = packed(usize::MAX, u64::MAX);
        assert_eq!(p.left_out, LeftOut::default());
        assert_eq!(p.cited.len(), 3 * BLOCK);
        // The first block goes over the bound of one byte, the others are left out.
        let p = packed(1, u64::MAX);
        assert!(p.left_out.details > 0 && p.left_out.listed == 0);
        assert_eq!(p.cited.len() as u64, 3 * BLOCK as u64 - p.left_out.details);
        let p = packed(usize::MAX, 10);
        assert_eq!(p.left_out.listed, BLOCK as u64 - 10);
        assert!(
            all.iter()
                .enumerate()
                .all(|(n, f)| { f.verdict == Verdict::Pass || p.cited.contains(&format!("x{n}")) })
        );
    }
}
