//! The list of everything that a rule was applied to, scope by scope, and
//! reproducible random samples of it.

use crate::error::Error;
use crate::files::Kind;
use crate::read::Run;
use shoseki_model::{Finding, Population, Tally, Verdict, digest};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One line of a population list: a finding, and the scope that counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Rule id.
    pub rule: String,
    /// Resource type.
    pub r#type: String,
    /// Account.
    pub account: String,
    /// Region of the population that counts it, or `global`.
    pub scope: String,
    /// Region that holds it.
    pub region: String,
    /// The provider's id.
    pub id: String,
    /// Id of the finding.
    pub finding: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it failed under an exception in force.
    pub excepted: bool,
}

impl Member {
    /// The verdict as lists spell it: `pass`, `fail`, `unknown`, `excepted` or
    /// `not-applicable`.
    pub fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Fail if self.excepted => "excepted",
            Verdict::Fail => "fail",
            Verdict::Pass => "pass",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "not-applicable",
        }
    }

    /// The canonical line, without a newline: rule, type, account, scope,
    /// region, id, finding and verdict between tabs, written as `@tsv` of jq
    /// writes them.
    pub fn line(&self) -> String {
        [
            &self.rule,
            &self.r#type,
            &self.account,
            &self.scope,
            &self.region,
            &self.id,
            &self.finding,
            self.word(),
        ]
        .map(escaped)
        .join("\t")
    }
}

/// What `@tsv` of jq makes of a string.
fn escaped(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out
}

/// A rule over one scope, with its list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The counts; `complete` only where the population's record says so too.
    pub tally: Tally,
    /// Exchanges that enumerated.
    pub query: Vec<String>,
    /// Gaps that keep it from being whole.
    pub gaps: Vec<String>,
    /// Members, in the order of their lines.
    pub members: Vec<Member>,
}

impl Listed {
    /// SHA-256 of the lines, each ended by a newline, in the order of their bytes.
    pub fn digest(&self) -> String {
        lines_digest(self.members.iter())
    }
}

/// The lines of members, each ended, in the order of their bytes.
pub fn lines<'m>(members: impl Iterator<Item = &'m Member>) -> String {
    let mut all: Vec<String> = members.map(|m| m.line() + "\n").collect();
    all.sort_unstable();
    all.dedup();
    all.concat()
}

/// SHA-256 of [`lines`].
pub fn lines_digest<'m>(members: impl Iterator<Item = &'m Member>) -> String {
    digest(lines(members).as_bytes())
}

type Scope = (String, String, String);

/// The population lists of these rules, by rule, account and scope. A rule that
/// was not part of the run has none.
///
/// # Errors
/// A run that cannot be read; a finding of a resource that is not there; a
/// tally without its population; a list that is not as long as its tally says.
pub fn populations(run: &Run, rules: &BTreeSet<String>) -> Result<Vec<Listed>, Error> {
    let mut all: BTreeMap<Scope, Listed> = BTreeMap::new();
    let mut types = BTreeSet::new();
    for t in run.tallies()? {
        let t = t?;
        if rules.contains(&t.rule) {
            types.insert(t.r#type.clone());
            let key = (t.rule.clone(), t.account.clone(), t.region.clone());
            let (query, members) = (Vec::new(), Vec::new());
            let gaps = t.gaps.clone();
            let listed = Listed {
                tally: t,
                query,
                gaps,
                members,
            };
            if all.insert(key, listed).is_some() {
                return Err(unsound(
                    run,
                    Kind::Tallies,
                    "a rule has two tallies of one scope",
                ));
            }
        }
    }
    let mut known: HashMap<Scope, Population> = HashMap::new();
    for p in run.populations()? {
        let p = p?;
        if types.contains(&p.r#type) {
            known.insert((p.r#type.clone(), p.account.clone(), p.region.clone()), p);
        }
    }
    for l in all.values_mut() {
        let t = &mut l.tally;
        let scope = (t.r#type.clone(), t.account.clone(), t.region.clone());
        let Some(p) = known.get(&scope) else {
            let (rule, account, region) = (&t.rule, &t.account, &t.region);
            let what = format!("{rule} in {account} {region} has no population");
            return Err(unsound(run, Kind::Tallies, what));
        };
        t.complete &= p.complete;
        l.query.clone_from(&p.query);
        l.gaps.extend(p.gaps.iter().cloned());
        l.gaps.sort_unstable();
        l.gaps.dedup();
    }
    members(run, &types, &mut all)?;
    for l in all.values_mut() {
        l.members.sort_by_cached_key(Member::line);
        let (found, t) = (l.members.len() as u64, &l.tally);
        if found != t.enumerated {
            let what = format!(
                "{} in {} {}: the tally says {} resources, there are findings of {found}",
                t.rule, t.account, t.region, t.enumerated
            );
            return Err(unsound(run, Kind::Findings, what));
        }
    }
    Ok(all.into_values().collect())
}

fn members(
    run: &Run,
    types: &BTreeSet<String>,
    all: &mut BTreeMap<Scope, Listed>,
) -> Result<(), Error> {
    let mut scopes: HashMap<[String; 4], String> = HashMap::new();
    for r in run.resources()? {
        let r = r?;
        if types.contains(&r.r#type) {
            scopes.insert([r.r#type, r.id, r.account, r.region], r.scope);
        }
    }
    let wanted: BTreeSet<String> = all.keys().map(|k| k.0.clone()).collect();
    for f in run.findings()? {
        let f = f?;
        if !wanted.contains(&f.rule) {
            continue;
        }
        let r = &f.resource;
        let key = [&r.r#type, &r.id, &r.account, &r.region].map(Clone::clone);
        let scope = scopes.get(&key);
        let listed =
            scope.and_then(|s| all.get_mut(&(f.rule.clone(), r.account.clone(), s.clone())));
        match (scope, listed) {
            (Some(scope), Some(listed)) => listed.members.push(member(&f, scope)),
            _ => {
                let what = format!("the finding {} is of no resource that was counted", f.id);
                return Err(unsound(run, Kind::Findings, what));
            }
        }
    }
    Ok(())
}

fn member(f: &Finding, scope: &str) -> Member {
    let r = &f.resource;
    Member {
        rule: f.rule.clone(),
        r#type: r.r#type.clone(),
        account: r.account.clone(),
        scope: scope.to_owned(),
        region: r.region.clone(),
        id: r.id.clone(),
        finding: f.id.clone(),
        verdict: f.verdict,
        excepted: f.excepted.is_some(),
    }
}

fn unsound(run: &Run, kind: Kind, message: impl Into<String>) -> Error {
    Error::Unsound {
        path: run.dir().join(kind.file()),
        message: message.into(),
    }
}

/// What decides whether an item is drawn: SHA-256, in lower-case hexadecimal, of
/// the seed, a colon and the finding's id, all in UTF-8.
pub fn draw_key(seed: &str, finding: &str) -> String {
    digest(format!("{seed}:{finding}").as_bytes())
}

/// A random sample without replacement: the `size` members with the smallest
/// keys, in the order of their keys; all of them where there are no more. Each
/// set of that size is as likely as any other for whoever chose the seed without
/// knowing the ids.
pub fn draw<'m>(
    members: impl Iterator<Item = &'m Member>,
    seed: &str,
    size: usize,
) -> Vec<(String, &'m Member)> {
    // A member that two lists hold is one item.
    let keyed: BTreeMap<(String, &str), &Member> = members
        .map(|m| ((draw_key(seed, &m.finding), m.finding.as_str()), m))
        .collect();
    let drawn = keyed.into_iter().take(size);
    drawn.map(|((key, _), m)| (key, m)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(finding: &str) -> Member {
        Member {
            rule: "r".into(),
            r#type: "t".into(),
            account: "1".into(),
            scope: "global".into(),
            region: "x".into(),
            id: "a\tb\\c\n".into(),
            finding: finding.into(),
            verdict: Verdict::Fail,
            excepted: true,
        }
    }

    #[test]
    fn a_line_is_what_jq_writes() {
        assert_eq!(
            member("f1").line(),
            "r\tt\t1\tglobal\tx\ta\\tb\\\\c\\n\tf1\texcepted"
        );
    }

    #[test]
    fn a_larger_sample_holds_the_smaller_and_order_does_not_matter() {
        let all: Vec<Member> = (0..50).map(|i| member(&format!("f{i}"))).collect();
        let ids = |n: usize, back: bool| -> Vec<String> {
            let list: Vec<&Member> = match back {
                true => all.iter().rev().collect(),
                false => all.iter().collect(),
            };
            let drawn = draw(list.into_iter(), "seed", n);
            drawn.iter().map(|(_, m)| m.finding.clone()).collect()
        };
        assert_eq!(ids(20, false), ids(20, true));
        assert_eq!(ids(20, false)[..5], ids(5, false)[..]);
        assert_eq!(ids(100, false).len(), 50);
        let other = draw(all.iter(), "another", 20);
        let other: Vec<&str> = other.iter().map(|(_, m)| m.finding.as_str()).collect();
        assert_ne!(ids(20, false), other);
    }

    #[test]
    fn each_member_is_about_as_likely_as_any_other() {
        let all: Vec<Member> = (0..20).map(|i| member(&format!("f{i}"))).collect();
        let mut times = BTreeMap::new();
        for seed in 0..2000 {
            for (_, m) in draw(all.iter(), &seed.to_string(), 5) {
                *times.entry(m.finding.clone()).or_insert(0_u32) += 1;
            }
        }
        // 500 are expected of each, with a standard deviation below 20.
        assert!(times.values().all(|n| (400..600).contains(n)), "{times:?}");
    }
}
