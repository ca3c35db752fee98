//! Adding a run: only what changed since the last run of the same scope.

mod close;
mod past;

use crate::canonical::{self, Hash, sha256};
use crate::record::{Listed, RunRecord, unhex_any};
use crate::{Error, Moment, store};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;
use shoseki_model::{Finding, Standing, Tally};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The ten bytes of a finding's id.
type FindingId = [u8; 10];

/// A finding's series, with what was last stored of it.
struct Current {
    series: i64,
    key: Option<Hash>,
    seen: bool,
}

/// A rule over a scope in this run.
struct Scope {
    id: i64,
    whole: bool,
    expected: u64,
    seen: u64,
}

/// A run while it is added. Dropped before [`Append::commit`], it leaves no
/// trace.
pub struct Append<'l> {
    db: Transaction<'l>,
    seq: i64,
    previous: Hash,
    started: Moment,
    run: RunRecord,
    /// By account, then rule and region.
    scopes: BTreeMap<String, HashMap<(String, String), Scope>>,
    current: HashMap<(FindingId, i64), Current>,
    loaded: BTreeSet<String>,
    standings: BTreeMap<String, (Hash, i64)>,
    packs: BTreeMap<String, BTreeMap<String, Hash>>,
    findings: u64,
    changed: u64,
    buffer: Vec<u8>,
}

/// What adding a run did.
#[derive(Clone, Debug, PartialEq)]
pub enum Appended {
    /// It is a new entry.
    New(Listed),
    /// The same run is there already.
    AlreadyThere(Listed),
}

/// A standing as the ledger keeps it.
#[derive(Serialize)]
struct Kept<'a> {
    state: shoseki_model::State,
    reach: shoseki_model::Reach,
    edition: &'a str,
    rules: Vec<(&'a str, shoseki_model::Strength)>,
}

impl<'l> Append<'l> {
    pub(crate) fn begin(db: &'l mut Connection, run: RunRecord) -> Result<Self, Error> {
        let db = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last = db
            .query_row(
                "SELECT seq, head FROM entry ORDER BY seq DESC LIMIT 1",
                [],
                |r| Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?)),
            )
            .optional()?;
        let (seq, previous) = match last {
            None => (1, [0; 32]),
            Some((seq, head)) => {
                let head = Hash::try_from(head)
                    .map_err(|_| Error::broken(format!("the head of entry {seq}")))?;
                (seq + 1, head)
            }
        };
        let (started, ended) = (Moment::parse(&run.started)?, Moment::parse(&run.ended)?);
        Moment::parse(&run.judged_at)?;
        let mut append = Self {
            db,
            seq,
            previous,
            started,
            run,
            scopes: BTreeMap::new(),
            current: HashMap::new(),
            loaded: BTreeSet::new(),
            standings: BTreeMap::new(),
            packs: BTreeMap::new(),
            findings: 0,
            changed: 0,
            buffer: Vec::new(),
        };
        if ended < started {
            return Err(append.unsound("it ended before it started"));
        }
        if append.run.backfill.is_some() {
            append.past_tables()?;
        }
        let accounts: BTreeSet<String> = append
            .run
            .targets
            .iter()
            .map(|t| t.account.clone())
            .collect();
        for account in accounts {
            append.account(&account)?;
        }
        Ok(append)
    }

    fn unsound(&self, message: impl Into<String>) -> Error {
        Error::Unsound {
            run: self.run.run.clone(),
            message: message.into(),
        }
    }

    /// Takes an account up: its order in time, and what is known of it.
    fn account(&mut self, account: &str) -> Result<(), Error> {
        if !self.loaded.insert(account.to_owned()) {
            return Ok(());
        }
        self.scopes.entry(account.to_owned()).or_default();
        let last = self
            .db
            .query_row(
                "SELECT e.seq, e.started FROM text t JOIN covered c ON c.account = t.id
                 JOIN entry e ON e.seq = c.seq WHERE t.value = ?1 ORDER BY e.started DESC LIMIT 1",
                [account],
                |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)),
            )
            .optional()?;
        // A back-fill observes nothing itself, so that it has no place among scans.
        if let Some((entry, at)) = last
            && at >= self.started.0
            && self.run.backfill.is_none()
        {
            return Err(Error::Order {
                run: self.run.run.clone(),
                started: self.started.utc(),
                account: account.to_owned(),
                entry: entry.unsigned_abs(),
                last: Moment(at).utc(),
            });
        }
        let mut q = self.db.prepare_cached(
            "SELECT s.finding, s.id, s.scope, st.key FROM text t JOIN scope sc ON sc.account = t.id
             JOIN series s ON s.scope = sc.id LEFT JOIN state st ON st.id = s.now
             WHERE t.value = ?1",
        )?;
        let rows = q.query_map([account], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })?;
        for row in rows {
            let (finding, series, scope, key): (FindingId, i64, i64, Option<Hash>) = row?;
            let current = Current {
                series,
                key,
                seen: false,
            };
            self.current.insert((finding, scope), current);
        }
        Ok(())
    }

    /// Says that a rule was judged over a scope. Comes before its findings.
    ///
    /// # Errors
    /// The same scope twice, counts that do not add up, an account that has a
    /// later run already.
    pub fn cover(&mut self, t: &Tally) -> Result<(), Error> {
        self.account(&t.account)?;
        let sum = t.pass + t.fail + t.unknown + t.excepted + t.not_applicable;
        if sum != t.enumerated {
            return Err(self.unsound(format!(
                "the counts of {} in {} {} do not add up",
                t.rule, t.account, t.region
            )));
        }
        let id = self.scope_id(&t.rule, &t.account, &t.region)?;
        let scope = Scope {
            id,
            whole: t.complete,
            expected: t.enumerated,
            seen: 0,
        };
        let of = self.scopes.entry(t.account.clone()).or_default();
        if of
            .insert((t.rule.clone(), t.region.clone()), scope)
            .is_some()
        {
            return Err(self.unsound(format!(
                "two tallies of {} in {} {}",
                t.rule, t.account, t.region
            )));
        }
        Ok(())
    }

    /// The number of a rule over a scope.
    fn scope_id(&self, rule: &str, account: &str, region: &str) -> Result<i64, Error> {
        let (rule, account, region) = (
            store::text(&self.db, rule)?,
            store::text(&self.db, account)?,
            store::text(&self.db, region)?,
        );
        let known = self
            .db
            .prepare_cached(
                "SELECT id FROM scope WHERE rule = ?1 AND account = ?2 AND region = ?3",
            )?
            .query_row([rule, account, region], |r| r.get(0))
            .optional()?;
        Ok(match known {
            Some(id) => id,
            None => {
                self.db
                    .prepare_cached(
                        "INSERT INTO scope (rule, account, region) VALUES (?1, ?2, ?3)",
                    )?
                    .execute([rule, account, region])?;
                self.db.last_insert_rowid()
            }
        })
    }

    /// Adds a finding; `scope` is the region of the population that counts its
    /// resource ([`shoseki_model::Resource::scope`]).
    ///
    /// # Errors
    /// A finding without a tally of its scope, a wrong id, the same one twice.
    pub fn finding(&mut self, f: &Finding, scope: &str) -> Result<(), Error> {
        let id: Option<FindingId> =
            f.id.strip_prefix('f')
                .and_then(unhex_any)
                .and_then(|b| b.try_into().ok());
        let Some(id) = id.filter(|_| f.id == Finding::id_of(&f.rule, &f.resource)) else {
            return Err(self.unsound(format!("{} is not the id of its finding", f.id)));
        };
        let of = self.scopes.get_mut(&f.resource.account);
        let Some(s) = of.and_then(|m| m.get_mut(&(f.rule.clone(), scope.to_owned()))) else {
            return Err(self.unsound(format!(
                "finding {} has no tally of {} in {} {scope}",
                f.id, f.rule, f.resource.account
            )));
        };
        s.seen += 1;
        let scope = s.id;
        self.findings += 1;
        let key = self.key(f)?;
        match self.current.get_mut(&(id, scope)) {
            Some(c) if c.seen => Err(self.unsound(format!("finding {} comes twice", f.id))),
            Some(c) => {
                c.seen = true;
                if c.key == Some(key) {
                    return Ok(());
                }
                let series = c.series;
                self.change(series, Some((f, &key)))
            }
            None => {
                let series = self.series(&id, scope, f)?;
                let c = Current {
                    series,
                    key: None,
                    seen: true,
                };
                self.current.insert((id, scope), c);
                self.change(series, Some((f, &key)))
            }
        }
    }

    /// Digest of what is kept of a finding.
    fn key(&mut self, f: &Finding) -> Result<Hash, Error> {
        canonical::observed(&f.observed, &mut self.buffer)?;
        serde_json::to_writer(&mut self.buffer, &(f.verdict, f.severity, &f.excepted))?;
        Ok(sha256(&self.buffer))
    }

    fn series(&self, id: &FindingId, scope: i64, f: &Finding) -> Result<i64, Error> {
        let r = &f.resource;
        let key = shoseki_model::short_id("", &[&r.r#type, &r.id, &r.account, &r.region]);
        let key = unhex_any(&key).unwrap_or_default();
        let known = self
            .db
            .prepare_cached("SELECT id FROM resource WHERE key = ?1")?
            .query_row([&key], |r| r.get::<_, i64>(0))
            .optional()?;
        let resource = match known {
            Some(id) => id,
            None => {
                self.db
                    .prepare_cached(
                        "INSERT INTO resource (key, type, account, region, ident, name)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        key,
                        store::text(&self.db, &r.r#type)?,
                        store::text(&self.db, &r.account)?,
                        store::text(&self.db, &r.region)?,
                        r.id,
                        r.name
                    ])?;
                self.db.last_insert_rowid()
            }
        };
        self.db
            .prepare_cached("INSERT INTO series (finding, scope, resource) VALUES (?1, ?2, ?3)")?
            .execute(params![id, scope, resource])?;
        Ok(self.db.last_insert_rowid())
    }

    fn change(&mut self, series: i64, to: Option<(&Finding, &Hash)>) -> Result<(), Error> {
        let state = match to {
            None => None,
            Some((f, key)) => Some(self.state(f, key)?),
        };
        self.db
            .prepare_cached("INSERT INTO change (seq, series, state) VALUES (?1, ?2, ?3)")?
            .execute(params![self.seq, series, state])?;
        self.db
            .prepare_cached("UPDATE series SET now = ?1 WHERE id = ?2")?
            .execute(params![state, series])?;
        self.changed += 1;
        Ok(())
    }

    fn state(&mut self, f: &Finding, key: &Hash) -> Result<i64, Error> {
        let known = self
            .db
            .prepare_cached("SELECT id FROM state WHERE key = ?1")?
            .query_row([&key[..]], |r| r.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        canonical::observed(&f.observed, &mut self.buffer)?;
        let observed = store::value(&self.db, &sha256(&self.buffer), &self.buffer)?;
        let excepted = match &f.excepted {
            None => None,
            Some(e) => {
                let body = serde_json::to_vec(e)?;
                Some(store::value(&self.db, &sha256(&body), &body)?)
            }
        };
        self.db
            .prepare_cached(
                "INSERT INTO state (key, verdict, severity, observed, excepted)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                &key[..],
                word(&f.verdict)?,
                word(&f.severity)?,
                observed,
                excepted
            ])?;
        Ok(self.db.last_insert_rowid())
    }

    /// Adds where a control stands.
    ///
    /// # Errors
    /// The same control twice.
    pub fn standing(&mut self, s: &Standing) -> Result<(), Error> {
        let body = serde_json::to_vec(&Kept {
            state: s.state,
            reach: s.reach,
            edition: &s.edition,
            rules: s
                .rules
                .iter()
                .map(|r| (r.rule.as_str(), r.strength))
                .collect(),
        })?;
        let sha = sha256(&body);
        let id = store::value(&self.db, &sha, &body)?;
        if self
            .standings
            .insert(s.control.clone(), (sha, id))
            .is_some()
        {
            return Err(self.unsound(format!("two standings of control {}", s.control)));
        }
        Ok(())
    }

    /// Adds a file of the packs that the run used, `rules/aws/s3/x.yaml`, with
    /// the SHA-256 of its text.
    pub fn pack_file(&mut self, path: &str, sha: [u8; 32]) {
        let pack = path.split('/').next().unwrap_or_default().to_owned();
        let files = self.packs.entry(pack).or_default();
        files.insert(path.to_owned(), sha);
    }
}

/// The stored name of a verdict or severity.
fn word(v: &impl Serialize) -> Result<String, Error> {
    match serde_json::to_value(v)? {
        serde_json::Value::String(s) => Ok(s),
        _ => Err(Error::broken("a word is no text")),
    }
}
