//! What all tasks of a run share for asking and telling: the cloud and the sink.

use super::event::{Event, Options};
use crate::ast::{Call, ErrorMatch};
use crate::cloud::{CIRCLE, Cloud, Failure, Hole, Page, Request, Trail};
use crate::template::{Names, Unfilled};
use serde_json::{Map, Value};
use shoseki_model::{ApiError, Cause, Gap, short_id};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc};

/// Nobody listens any more, or the run was stopped: unwind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopped;

/// Why something was not seen; becomes a [`Gap`].
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) cause: Cause,
    pub(crate) call: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) region: String,
    pub(crate) error: Option<Box<ApiError>>,
    pub(crate) exchange: Option<String>,
    /// Whether it is the same for all items of the scope.
    pub(crate) common: bool,
    /// Whether pages before it were read, so that it cannot say that there is
    /// nothing.
    pub(crate) later: bool,
}

impl Trouble {
    /// From a failed request.
    pub(crate) fn failed(call: &Call, region: &str, f: Failure) -> Self {
        Self {
            cause: f.cause,
            call: call.name(),
            permissions: call.permissions.clone(),
            region: region.to_owned(),
            error: f.error.map(Box::new),
            exchange: f.exchange,
            common: call.shared(),
            later: false,
        }
    }

    /// An answer, or an item, that is not as it must be. `words` hold names and
    /// kinds only, never values.
    pub(crate) fn malformed(
        call: &Call,
        region: &str,
        exchange: Option<String>,
        words: String,
    ) -> Self {
        Self {
            cause: Cause::Malformed,
            call: call.name(),
            permissions: call.permissions.clone(),
            region: region.to_owned(),
            error: Some(Box::new(ApiError {
                code: "Malformed".to_owned(),
                message: words,
            })),
            exchange,
            common: false,
            later: false,
        }
    }

    /// Something that an answer leaves out. The gap stands where the hole is, so
    /// that there is one for each.
    pub(crate) fn left_out(call: &Call, region: &str, exchange: &str, hole: &Hole) -> Self {
        let place = match hole.location.as_str() {
            "" => region,
            location => location,
        };
        Self {
            cause: Cause::Truncated,
            call: call.name(),
            permissions: call.permissions.clone(),
            region: place.to_owned(),
            error: Some(Box::new(ApiError {
                code: "LeftOut".to_owned(),
                message: hole.message.clone(),
            })),
            exchange: Some(exchange.to_owned()),
            common: call.shared(),
            later: false,
        }
    }

    /// Whether the provider's error is one of `list`.
    pub(crate) fn is(&self, list: &[ErrorMatch]) -> bool {
        let Some(e) = &self.error else { return false };
        list.iter().any(|m| {
            m.code == e.code
                && m.message
                    .as_ref()
                    .is_none_or(|text| e.message.contains(text))
        })
    }
}

impl Trouble {
    /// Whether the failure is an answer: the provider's code is listed, and the
    /// provider did answer, instead of being slow, broken or out of reach. A page
    /// that fails behind others only cuts them off.
    pub(crate) fn means_absent(&self, call: &Call) -> bool {
        let answered = matches!(
            self.cause,
            Cause::Rejected | Cause::Denied | Cause::RegionDisabled | Cause::Vanished
        );
        answered && !self.later && self.is(&call.absent)
    }
}

/// What a gap hides.
pub(crate) struct Hides<'a> {
    pub(crate) r#type: &'a str,
    pub(crate) resource: Option<&'a str>,
    pub(crate) part: Option<&'a str>,
    pub(crate) read: Option<u64>,
}

/// The cloud to ask, and the sink to tell.
pub(crate) struct Line {
    pub(crate) cloud: Arc<dyn Cloud>,
    pub(crate) options: Options,
    sink: mpsc::Sender<Event>,
    flights: Semaphore,
    pub(crate) requests: AtomicU64,
    pub(crate) resources: AtomicU64,
    pub(crate) gaps: AtomicU64,
    /// Gaps that several items may run into, told once.
    told: Mutex<HashSet<String>>,
}

impl Line {
    pub(crate) fn new(cloud: Arc<dyn Cloud>, sink: mpsc::Sender<Event>, options: Options) -> Self {
        let flights = Semaphore::new(options.requests.max(1));
        Self {
            cloud,
            options,
            sink,
            flights,
            requests: AtomicU64::new(0),
            resources: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    /// Asks for the page to which `trail` leads, when it is this request's turn, and
    /// goes on to the next.
    pub(crate) async fn page(
        &self,
        call: &Call,
        region: &str,
        params: &Map<String, Value>,
        trail: &mut Trail,
    ) -> Result<Page, Trouble> {
        let request = Request {
            service: call.service.clone(),
            operation: call.operation.clone(),
            region: region.to_owned(),
            params: params.clone(),
            cursor: trail.at().cloned(),
            page: call.page.as_ref().and_then(|p| p.value.clone()),
            secret: call
                .secret
                .iter()
                .map(|s| s.value.as_str().to_owned())
                .collect(),
        };
        let turn = self.flights.acquire().await;
        self.requests.fetch_add(1, Relaxed);
        let answer = self.cloud.page(request).await;
        drop(turn);
        let page = answer.map_err(|f| Trouble {
            later: trail.at().is_some(),
            ..Trouble::failed(call, region, f)
        })?;
        if !page.value.is_object() {
            let words = "the answer is no object".to_owned();
            return Err(Trouble::malformed(call, region, Some(page.exchange), words));
        }
        if !trail.go(page.next.clone()) {
            let words = CIRCLE.to_owned();
            let mut t = Trouble::malformed(call, region, Some(page.exchange), words);
            t.cause = Cause::Truncated;
            return Err(t);
        }
        Ok(page)
    }

    /// Tells an event; `then` runs at the very moment when it is told, so that
    /// counts and events agree even where the task is stopped.
    pub(crate) async fn tell(&self, event: Event, then: impl FnOnce()) -> Result<(), Stopped> {
        let slot = self.sink.reserve().await.map_err(|_| Stopped)?;
        match &event {
            Event::Resource(_) => self.resources.fetch_add(1, Relaxed),
            Event::Gap(_) => self.gaps.fetch_add(1, Relaxed),
            _ => 0,
        };
        then();
        slot.send(event);
        Ok(())
    }

    /// Tells a gap and gives its id. One that may come up again is told once.
    pub(crate) async fn gap(&self, t: &Trouble, hides: &Hides<'_>) -> Result<String, Stopped> {
        let (cloud, account) = (self.cloud.name(), self.cloud.account());
        let id = short_id(
            "g",
            &[
                cloud,
                account,
                &t.region,
                &t.call,
                hides.r#type,
                hides.resource.unwrap_or_default(),
                hides.part.unwrap_or_default(),
            ],
        );
        let again = hides.resource.is_none() || hides.part.is_none();
        if again && !self.first(&id) {
            return Ok(id);
        }
        let gap = Gap {
            id: id.clone(),
            cause: t.cause,
            cloud: cloud.to_owned(),
            account: account.to_owned(),
            region: t.region.clone(),
            call: t.call.clone(),
            permissions: t.permissions.clone(),
            r#type: hides.r#type.to_owned(),
            resource: hides.resource.map(str::to_owned),
            part: hides.part.map(str::to_owned),
            read: hides.read,
            error: t.error.as_deref().cloned(),
            exchange: t.exchange.clone(),
        };
        self.tell(Event::Gap(gap), || ()).await?;
        Ok(id)
    }

    fn first(&self, id: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(id.to_owned())
    }

    /// The parameters of a call with everything filled in.
    pub(crate) fn params(call: &Call, names: &Names<'_>) -> Result<Map<String, Value>, Unfilled> {
        call.with
            .value
            .iter()
            .map(|(k, p)| Ok((k.value.clone(), p.value.value(names)?)))
            .collect()
    }

    /// Names for calls that all items share.
    pub(crate) fn names<'a>(&'a self, region: &'a str) -> Names<'a> {
        Names {
            account: self.cloud.account(),
            region,
            partition: self.cloud.partition(),
            item: &Value::Null,
            parent: &Value::Null,
            each: &Value::Null,
        }
    }
}
