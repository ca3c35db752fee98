//! The stored exchanges, a hundred bytes or so each, by what was asked.

use crate::report::Problems;
use jiff::Timestamp;
use shoseki_collect::Reader;
use shoseki_evidence::{Error, Kind, Run};
use shoseki_model::{ApiError, Cause, Exchange, Sought, digest, hex};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The readers of a run's clouds.
#[derive(Clone, Copy)]
pub(crate) struct Readers<'a>(pub(crate) &'a [&'static dyn Reader]);

impl Readers<'_> {
    pub(crate) fn of(&self, cloud: &str) -> Option<&'static dyn Reader> {
        self.0.iter().copied().find(|r| r.cloud() == cloud)
    }

    /// Whether signing in asks it.
    pub(crate) fn sign_in(&self, x: &Exchange) -> bool {
        let reader = self.of(&x.cloud);
        reader.is_some_and(|r| r.sign_in().contains(&x.call.as_str()))
    }
}

/// What is kept of an exchange.
#[derive(Debug)]
pub(crate) struct Slot {
    /// SHA-256 of the stored answer.
    answer: Option<[u8; 32]>,
    pub(crate) status: Option<u16>,
    pub(crate) failure: Option<Cause>,
    /// Digest of the stated error.
    error: Option<String>,
    /// The stated error itself, where no answer shows it.
    pub(crate) stated: Option<Box<ApiError>>,
    pub(crate) headers: Option<BTreeMap<String, String>>,
    asked: AtomicBool,
}

impl Slot {
    fn of(x: Exchange) -> Self {
        let answer = x.answer.as_ref().and_then(|a| unhex::<32>(&a.sha256));
        let gave_up = matches!(x.failure, Some(Cause::Timeout | Cause::Unreachable));
        let error = x.error.as_ref().map(error_digest);
        Self {
            stated: x
                .error
                .filter(|_| answer.is_none() || gave_up)
                .map(Box::new),
            answer,
            status: x.status,
            failure: x.failure,
            error,
            headers: (!x.headers.is_empty()).then_some(x.headers),
            asked: AtomicBool::new(false),
        }
    }

    /// SHA-256 of the stored answer.
    pub(crate) fn answer(&self) -> Option<String> {
        self.answer.as_ref().map(|a| hex(a))
    }

    /// Notes that it was asked for; true for the first time.
    pub(crate) fn ask(&self) -> bool {
        !self.asked.swap(true, Relaxed)
    }

    pub(crate) fn says(&self, error: Option<&ApiError>) -> bool {
        self.error == error.map(error_digest)
    }
}

fn error_digest(e: &ApiError) -> String {
    digest(format!("{}\n{}", e.code, e.message).as_bytes())[..32].to_owned()
}

/// All exchanges of a run. Of those that ask the same, the last.
#[derive(Debug, Default)]
pub(crate) struct Index {
    slots: HashMap<[u8; 10], Slot>,
    /// By account, where it was asked who signs and an answer came.
    pub(crate) identified: HashMap<String, String>,
    pub(crate) exchanges: u64,
    /// By cloud, what the first list of targets leads to.
    pub(crate) lists: HashMap<String, Sought>,
}

impl Index {
    /// Reads the exchanges and checks each by itself. `callers`: who signs, by
    /// account.
    pub(crate) fn read(
        run: &Run,
        callers: &HashMap<&str, &str>,
        readers: Readers<'_>,
        problems: &Problems,
    ) -> Result<Self, Error> {
        let file = Kind::Exchanges.file();
        let info = &run.file().info;
        let window = (when(&info.started), when(&info.ended));
        let mut index = Index::default();
        for x in run.exchanges()? {
            let x = match x {
                Ok(x) => x,
                Err(e) => {
                    problems.tell(file, "", e.to_string());
                    break;
                }
            };
            index.exchanges += 1;
            let sign_in = readers.sign_in(&x);
            sound(&x, window, callers, sign_in, problems);
            let reader = readers.of(&x.cloud);
            if reader.is_some_and(|r| r.identifies(&x.call)) && x.failure.is_none() {
                index.identified.insert(x.account.clone(), x.region.clone());
            }
            if let Some(sought) = reader.and_then(|r| r.lists(&x)) {
                index.lists.entry(x.cloud.clone()).or_insert(sought);
            }
            match key(&x.id) {
                Some(k) => {
                    index.slots.insert(k, Slot::of(x));
                }
                None => problems.tell(file, x.id, "this is no id of an exchange"),
            }
        }
        Ok(index)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Slot> {
        self.slots.get(&key(id)?)
    }

    /// Whether something asked for the exchange.
    pub(crate) fn was_asked(&self, id: &str) -> bool {
        self.get(id).is_some_and(|s| s.asked.load(Relaxed))
    }
}

/// What can be said of an exchange by itself.
fn sound(
    x: &Exchange,
    window: (Option<Timestamp>, Option<Timestamp>),
    callers: &HashMap<&str, &str>,
    sign_in: bool,
    problems: &Problems,
) {
    let tell = |message: &str| problems.tell(Kind::Exchanges.file(), x.id.clone(), message);
    if x.id != Exchange::id_of(&x.cloud, &x.account, &x.region, &x.call, &x.params) {
        tell("its id is not that of what it says was asked");
    }
    match callers.get(x.account.as_str()) {
        Some(caller) if *caller != x.caller => {
            tell("it was signed by somebody else than run.json says");
        }
        // Listing the organisation may have needed an account that is no target.
        None if !sign_in => tell("its account is no target of the run"),
        _ => {}
    }
    let (from, to) = (when(&x.started), when(&x.ended));
    match (window, from, to) {
        ((Some(start), Some(end)), Some(from), Some(to)) => {
            if from > to || from < start || to > end {
                tell("it was not made between the start and the end of the run");
            }
        }
        _ => tell("its times cannot be read"),
    }
    if x.answer.is_none() && x.failure.is_none() {
        tell("it has no answer and does not say why");
    }
}

pub(crate) fn when(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// The digits of an id as bytes.
fn key(id: &str) -> Option<[u8; 10]> {
    unhex(id.strip_prefix('x')?)
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(out)
}
