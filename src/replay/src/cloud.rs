//! A cloud that answers from the stored exchanges of one account.

use crate::index::{Index, Slot};
use crate::report::Problems;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use shoseki_collect::{Cloud, Failure, Page, Place, Reader, Reading, Request, StoredAnswer};
use shoseki_evidence::{Kind, Run};
use shoseki_model::{ApiError, Cause, Exchange, Gap, Target};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Requests that were never sent, as the gaps tell them: account, region and
/// call to the failure; `None` where several differ.
type NeverSent = HashMap<(String, String, String), Option<(Cause, Option<ApiError>)>>;

/// What all accounts of a run share.
pub(crate) struct Shared {
    pub(crate) run: Run,
    pub(crate) index: Index,
    pub(crate) problems: Problems,
    /// The scan was stopped: what is not stored may not have been asked.
    pub(crate) cancelled: bool,
    pub(crate) never_sent: NeverSent,
    pub(crate) unanswered: AtomicU64,
    pub(crate) unsent: AtomicU64,
}

/// Notes the gaps of requests that never left.
pub(crate) fn never_sent<'g>(gaps: impl Iterator<Item = &'g Gap>) -> NeverSent {
    let mut out = NeverSent::new();
    for g in gaps {
        // Words without a code are the caller's own.
        let own = g.error.as_ref().is_some_and(|e| e.code.is_empty());
        let unsent = g.exchange.is_none() && own && g.cause != Cause::Cancelled;
        if !unsent {
            continue;
        }
        let said = Some((g.cause, g.error.clone()));
        out.entry((g.account.clone(), g.region.clone(), g.call.clone()))
            .and_modify(|known| {
                if *known != said {
                    *known = None;
                }
            })
            .or_insert(said);
    }
    out
}

/// One account of a stored run.
pub(crate) struct Replay {
    pub(crate) shared: Arc<Shared>,
    pub(crate) target: Target,
    pub(crate) reader: &'static dyn Reader,
    pub(crate) home: String,
    /// A region in which the keys worked.
    pub(crate) works_in: Option<String>,
}

impl Replay {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            target: &self.target,
            home: &self.home,
            works_in: self.works_in.as_deref(),
        }
    }

    /// What the session answered to `request`.
    pub(crate) fn answer(&self, request: &Request) -> Result<Page, Failure> {
        self.reader
            .answer(request, self.place(), &|r| self.exchange(r))
    }

    /// What the session answered to `request`, where that is stored.
    pub(crate) fn find(&self, request: &Request) -> Option<Result<Page, Failure>> {
        let (call, params) = self.reader.asked(request).ok()?;
        let (cloud, account) = (self.reader.cloud(), &self.target.account);
        let id = Exchange::id_of(cloud, account, &request.region, &call, &params);
        self.shared.index.get(&id)?;
        Some(self.answer(request))
    }

    /// What the exchange that `request` led to means by itself.
    pub(crate) fn exchange(&self, request: &Request) -> Result<Page, Failure> {
        let (call, params) = self.reader.asked(request)?;
        let (cloud, account) = (self.reader.cloud(), &self.target.account);
        let id = Exchange::id_of(cloud, account, &request.region, &call, &params);
        let Some(slot) = self.shared.index.get(&id) else {
            return Err(self.not_stored(&id, &call, request));
        };
        let first = slot.ask();
        let read = match slot.answer() {
            Some(sha256) => self.read(request, &id, slot, &sha256),
            None => Err(self.stated(&id, slot, first)),
        };
        match read {
            Ok(Reading { value, next, holes }) => Ok(Page {
                value,
                exchange: id,
                next,
                holes,
            }),
            Err(failure) => Err(Failure {
                status: slot.status,
                exchange: Some(id),
                ..failure
            }),
        }
    }

    /// Reads the stored bytes, and holds what they mean against what is stated.
    fn read(
        &self,
        request: &Request,
        id: &str,
        slot: &Slot,
        sha256: &str,
    ) -> Result<Reading, Failure> {
        let tell = |message: String| {
            self.shared
                .problems
                .tell(Kind::Exchanges.file(), id, message);
        };
        let bytes = match self.shared.run.answer(sha256) {
            Ok(bytes) => bytes,
            Err(e) => {
                tell(format!("its answer cannot be read: {e}"));
                return Err(unknown("the stored answer cannot be read"));
            }
        };
        let Some(status) = slot.status else {
            tell("it has an answer without a status".to_owned());
            return Err(unknown("an answer without a status"));
        };
        let none = BTreeMap::new();
        let answer = StoredAnswer {
            status,
            headers: slot.headers.as_ref().unwrap_or(&none),
            body: &bytes,
        };
        let read = self.reader.reread(request, &answer, self.place());
        match &read {
            Ok(_) if slot.failure.is_none() && slot.says(None) => {}
            Ok(_) => tell("it says that it failed; its answer is sound".to_owned()),
            Err(f) if slot.failure == Some(f.cause) && slot.says(f.error.as_ref()) => {}
            Err(f) if self.gave_up(slot, f) => {
                self.shared.unanswered.fetch_add(1, Relaxed);
                return Err(Failure {
                    cause: slot.failure.unwrap_or(f.cause),
                    error: slot.stated.as_deref().cloned(),
                    status: slot.status,
                    exchange: None,
                });
            }
            Err(f) => tell(format!(
                "its answer means {}; it says {}",
                words(Some(f.cause), f.error.as_ref()),
                words(slot.failure, slot.stated.as_deref()),
            )),
        }
        read
    }

    /// Whether time ran out between attempts: the answer is that of one that
    /// would have been made again.
    fn gave_up(&self, slot: &Slot, read: &Failure) -> bool {
        let own = slot.stated.as_ref().is_some_and(|e| e.code.is_empty());
        own && matches!(slot.failure, Some(Cause::Timeout | Cause::Unreachable))
            && matches!(
                read.cause,
                Cause::Throttled | Cause::ServerError | Cause::Malformed | Cause::Timeout
            )
    }

    /// A failure that no answer shows. It can hide things, and show nothing: an
    /// error of the provider comes with an answer.
    fn stated(&self, id: &str, slot: &Slot, first: bool) -> Failure {
        let own = slot.stated.as_ref().is_some_and(|e| e.code.is_empty());
        let cause = match (slot.status, slot.failure) {
            (None, Some(c @ (Cause::Timeout | Cause::Unreachable | Cause::Denied)))
            | (_, Some(c @ Cause::Malformed))
                if own =>
            {
                Some(c)
            }
            _ => None,
        };
        let Some(cause) = cause else {
            let message = "it states an answer of the provider, and has none";
            self.shared
                .problems
                .tell(Kind::Exchanges.file(), id, message);
            return unknown(message);
        };
        if first {
            self.shared.unanswered.fetch_add(1, Relaxed);
        }
        Failure {
            cause,
            error: slot.stated.as_deref().cloned(),
            status: slot.status,
            exchange: None,
        }
    }

    /// What to make of a request that no exchange holds.
    fn not_stored(&self, id: &str, call: &str, request: &Request) -> Failure {
        let key = (
            self.target.account.clone(),
            request.region.clone(),
            call.to_owned(),
        );
        match self.shared.never_sent.get(&key) {
            Some(Some((cause, error))) => {
                self.shared.unsent.fetch_add(1, Relaxed);
                Failure {
                    cause: *cause,
                    error: error.clone(),
                    status: None,
                    exchange: None,
                }
            }
            _ if self.shared.cancelled => Failure {
                cause: Cause::Cancelled,
                error: None,
                status: None,
                exchange: None,
            },
            _ => {
                let message = format!(
                    "it is missing: the collectors ask for {call} in {} ({})",
                    request.region, self.target.account
                );
                self.shared
                    .problems
                    .tell(Kind::Exchanges.file(), id, message);
                unknown("the exchange is not stored")
            }
        }
    }
}

fn words(cause: Option<Cause>, error: Option<&ApiError>) -> String {
    let cause = cause.map_or_else(|| "that all is well".to_owned(), |c| format!("{c:?}"));
    match error {
        Some(e) if !e.code.is_empty() => format!("{cause} ({})", e.code),
        _ => cause,
    }
}

/// In the place of what is not there; the problem has been told.
fn unknown(why: &str) -> Failure {
    Failure {
        cause: Cause::Malformed,
        error: Some(ApiError {
            code: String::new(),
            message: why.to_owned(),
        }),
        status: None,
        exchange: None,
    }
}

impl Cloud for Replay {
    fn name(&self) -> &'static str {
        self.reader.cloud()
    }

    fn level(&self) -> &str {
        &self.target.level
    }

    fn account(&self) -> &str {
        &self.target.account
    }

    fn partition(&self) -> &str {
        &self.target.partition
    }

    fn home_region(&self) -> &str {
        &self.home
    }

    fn regions(&self) -> &[String] {
        &self.target.regions
    }

    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>> {
        async move { self.answer(&request) }.boxed()
    }
}
