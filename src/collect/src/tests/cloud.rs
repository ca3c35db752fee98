//! A cloud in memory, with scripted answers.

use crate::{Cloud, Event, Failure, Hole, Options, Page, Plan, Request, Summary, run};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use shoseki_model::{ApiError, Cause, Exchange, Gap, Population, Resource};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

type Script = Box<dyn Fn(&Request) -> Result<Value, Failure> + Send + Sync>;

/// Answers by call name; a list answer is cut into pages of `page_size` entries.
pub(super) struct FakeCloud {
    pub(super) regions: Vec<String>,
    pub(super) page_size: usize,
    /// `(call, page)` that fail.
    pub(super) broken: Vec<(String, usize, Cause)>,
    /// `(call, page)` that leave something out.
    pub(super) holes: Vec<(String, usize, Vec<Hole>)>,
    /// A call whose one page leads to another.
    pub(super) leads: Option<(String, usize, usize)>,
    pub(super) delay: Duration,
    scripts: HashMap<String, Script>,
    pub(super) log: Mutex<Vec<Request>>,
    pub(super) flying: AtomicUsize,
    pub(super) most: AtomicUsize,
}

pub(super) fn refused(cause: Cause, code: &str) -> Failure {
    Failure {
        cause,
        error: Some(ApiError {
            code: code.to_owned(),
            message: "no".to_owned(),
        }),
        status: Some(400),
        exchange: Some(format!("x-{code}")),
    }
}

impl FakeCloud {
    pub(super) fn new() -> Self {
        Self {
            regions: vec!["tokyo".to_owned()],
            page_size: 1000,
            broken: Vec::new(),
            holes: Vec::new(),
            leads: None,
            delay: Duration::ZERO,
            scripts: HashMap::new(),
            log: Mutex::default(),
            flying: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    pub(super) fn on(
        mut self,
        call: &str,
        script: impl Fn(&Request) -> Result<Value, Failure> + Send + Sync + 'static,
    ) -> Self {
        self.scripts.insert(call.to_owned(), Box::new(script));
        self
    }

    pub(super) fn answers(self, call: &str, v: Value) -> Self {
        self.on(call, move |_| Ok(v.clone()))
    }

    pub(super) fn fails(self, call: &str, cause: Cause, code: &str) -> Self {
        let f = refused(cause, code);
        self.on(call, move |_| Err(f.clone()))
    }

    pub(super) fn calls(&self, name: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|r| format!("{}:{}", r.service, r.operation) == name)
            .count()
    }

    fn answer(&self, r: &Request) -> Result<Page, Failure> {
        let call = format!("{}:{}", r.service, r.operation);
        let page = r
            .cursor
            .as_ref()
            .map_or(0, |c| usize::try_from(c["page"].as_u64().unwrap()).unwrap());
        if let Some((_, _, cause)) = self
            .broken
            .iter()
            .find(|(c, p, _)| *c == call && *p == page)
        {
            return Err(refused(*cause, "Broken"));
        }
        let script = self
            .scripts
            .get(&call)
            .ok_or_else(|| refused(Cause::Unreachable, "NoScript"))?;
        let mut value = script(r)?;
        let mut next = None;
        for v in value.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Value::Array(l) = v {
                let end = ((page + 1) * self.page_size).min(l.len());
                if end < l.len() {
                    next = Some(json!({"page": page + 1}).as_object().unwrap().clone());
                }
                *l = l.drain(..end).skip(page * self.page_size).collect();
            }
        }
        if let Some((_, _, to)) = self
            .leads
            .as_ref()
            .filter(|(c, from, _)| *c == call && *from == page)
        {
            next = json!({ "page": to }).as_object().cloned();
        }
        let mut asked = r.params.clone();
        asked.extend(r.cursor.clone().into_iter().flatten());
        let exchange = Exchange::id_of("fake", "1", &r.region, &call, &asked);
        let holes = self.holes.iter().find(|(c, p, _)| *c == call && *p == page);
        Ok(Page {
            value,
            exchange,
            next,
            holes: holes.map_or_else(Vec::new, |(_, _, h)| h.clone()),
        })
    }
}

impl Cloud for FakeCloud {
    fn name(&self) -> &'static str {
        "aws"
    }
    fn level(&self) -> &str {
        "account"
    }
    fn account(&self) -> &str {
        "111122223333"
    }
    fn partition(&self) -> &str {
        "aws"
    }
    fn home_region(&self) -> &str {
        "home"
    }
    fn regions(&self) -> &[String] {
        &self.regions
    }
    fn page(&self, request: Request) -> BoxFuture<'_, Result<Page, Failure>> {
        Box::pin(async move {
            let now = self.flying.fetch_add(1, SeqCst) + 1;
            self.most.fetch_max(now, SeqCst);
            tokio::time::sleep(self.delay).await;
            let answer = self.answer(&request);
            self.log.lock().unwrap().push(request);
            self.flying.fetch_sub(1, SeqCst);
            answer
        })
    }
}

/// What a run told, sorted.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) resources: BTreeMap<String, Resource>,
    pub(super) scopes: Vec<(String, String)>,
    ids: HashSet<String>,
    pub(super) gaps: BTreeMap<String, Gap>,
    pub(super) populations: Vec<Population>,
    pub(super) summary: Summary,
}

impl Told {
    pub(super) fn add(&mut self, e: Event) {
        match e {
            Event::Resource(resource) => {
                let key = format!("{} {}", resource.r#type, resource.id);
                assert!(
                    self.ids.insert(format!("{key} {}", resource.scope)),
                    "told twice"
                );
                self.scopes
                    .push((resource.r#type.clone(), resource.scope.clone()));
                self.resources.insert(key, *resource);
            }
            Event::Gap(g) => assert!(self.gaps.insert(g.id.clone(), g).is_none(), "told twice"),
            Event::Population(p) => self.populations.push(p),
            Event::Progress(_) => {}
        }
    }

    pub(super) fn population(&self, r#type: &str) -> &Population {
        let mut found = self.populations.iter().filter(|p| p.r#type == r#type);
        let first = found.next().unwrap();
        assert!(found.next().is_none(), "several");
        first
    }

    /// Whatever happened, the books balance.
    pub(super) fn check(&self, plan: &Plan, regions: &[String]) {
        let mut expected: Vec<(String, String)> = Vec::new();
        for t in &plan.types {
            match t.scope {
                crate::Scope::Global => expected.push((t.r#type.clone(), "global".to_owned())),
                crate::Scope::Region => {
                    expected.extend(regions.iter().map(|r| (t.r#type.clone(), r.clone())))
                }
            }
        }
        let mut told: Vec<_> = self
            .populations
            .iter()
            .map(|p| (p.r#type.clone(), p.region.clone()))
            .collect();
        expected.sort();
        told.sort();
        assert_eq!(told, expected);
        for p in &self.populations {
            let scope = (p.r#type.clone(), p.region.clone());
            let n = self.scopes.iter().filter(|s| **s == scope).count();
            assert_eq!(p.count, n as u64, "{p:?}");
            assert_eq!(p.complete, p.gaps.is_empty(), "{p:?}");
            assert!(p.gaps.iter().all(|g| self.gaps.contains_key(g)), "{p:?}");
        }
        for r in self.resources.values() {
            let t = plan.types.iter().find(|t| t.r#type == r.r#type).unwrap();
            for part in &t.parts {
                let seen = r.sources.contains_key(&part.part);
                let unseen = r.unseen.get(&part.part);
                assert_ne!(seen, unseen.is_some(), "{r:?}");
                assert!(unseen.is_none_or(|g| self.gaps.contains_key(g)), "{r:?}");
                assert!(seen || !r.settings.contains_key(&part.part), "{r:?}");
            }
        }
        assert_eq!(self.summary.gaps, self.gaps.len() as u64);
        assert_eq!(self.summary.resources, self.scopes.len() as u64);
    }
}

pub(super) async fn scan_with(
    plan: Plan,
    cloud: FakeCloud,
    options: Options,
) -> (Told, Arc<FakeCloud>) {
    let (cloud, plan) = (Arc::new(cloud), Arc::new(plan));
    let (tx, mut rx) = mpsc::channel(4);
    let task = tokio::spawn(run(
        Arc::clone(&plan),
        Arc::clone(&cloud) as Arc<dyn Cloud>,
        tx,
        options,
    ));
    let mut told = Told::default();
    while let Some(e) = rx.recv().await {
        told.add(e);
    }
    told.summary = task.await.unwrap();
    told.check(&plan, &cloud.regions);
    (told, cloud)
}

pub(super) async fn scan(plan: Plan, cloud: FakeCloud) -> (Told, Arc<FakeCloud>) {
    scan_with(plan, cloud, Options::default()).await
}
