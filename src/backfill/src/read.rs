//! Asking for items, and telling what follows from them.

use crate::ask::Request;
use crate::items::{self, Item, Meaning};
use crate::load::History;
use crate::recorder::{Recording, kept_from};
use futures::StreamExt;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shoseki_collect::{Cloud, Failure, Page, Trail};
use shoseki_judge::{Judge, Rule};
use shoseki_model::{
    Cause, Finding, Gap, Past, PastCause, PastGap, PastScope, PastState, Resource, ResourceRef,
    Sight, short_id,
};
use std::collections::{HashMap, HashSet};

/// What a back-fill needs to be allowed.
pub const PERMISSIONS: [&str; 5] = [
    "config:DescribeConfigurationRecorderStatus",
    "config:DescribeConfigurationRecorders",
    "config:DescribeRetentionConfigurations",
    "config:GetResourceConfigHistory",
    "config:ListDiscoveredResources",
];

/// Histories of resources that are asked for at once.
const AT_ONCE: usize = 8;

/// What was found out, in an order that does not change. A gap comes before the
/// state that names it.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Something that was not seen.
    Gap(Gap),
    /// A line of the history.
    Past(Past),
}

impl Request<'_> {
    /// Types that will be asked for.
    pub fn wanted(&self) -> Vec<String> {
        let all = items::wanted(self.histories, self);
        all.into_iter().map(|h| h.r#type.clone()).collect()
    }
}

/// Asks an account, region by region; failures are told as gaps.
///
/// # Errors
/// What `tell` answers.
pub async fn read<E>(
    cloud: &dyn Cloud,
    ask: &Request<'_>,
    tell: &mut (dyn FnMut(Told) -> Result<(), E> + Send),
) -> Result<(), E> {
    for region in cloud.regions() {
        let mut at = Reading {
            cloud,
            ask,
            region,
            gaps: HashMap::new(),
            told: HashSet::new(),
        };
        let (recording, kept) = at.recording(tell).await?;
        for h in items::wanted(ask.histories, ask) {
            at.kind(h, &recording, kept, tell).await?;
        }
    }
    Ok(())
}

/// A region in work.
struct Reading<'a> {
    cloud: &'a dyn Cloud,
    ask: &'a Request<'a>,
    region: &'a str,
    /// By id.
    gaps: HashMap<String, Gap>,
    /// Ids that were told.
    told: HashSet<String>,
}

type Tell<'t, E> = &'t mut (dyn FnMut(Told) -> Result<(), E> + Send);

/// Pages of a call, and the failure that ended them early.
type Pages = (Vec<Page>, Option<Failure>);

impl Reading<'_> {
    async fn pages(&self, operation: &str, params: Value, enough: fn(&Page) -> bool) -> Pages {
        let params: Map<String, Value> = match params {
            Value::Object(m) => m,
            _ => Map::new(),
        };
        let mut out = Vec::new();
        let mut request = shoseki_collect::Request {
            service: "config".into(),
            operation: operation.into(),
            region: self.region.to_owned(),
            params,
            ..shoseki_collect::Request::default()
        };
        let mut trail = Trail::default();
        loop {
            let page = match self.cloud.page(request.clone()).await {
                Err(failure) => return (out, Some(failure)),
                Ok(page) => page,
            };
            let next = page.next.clone().filter(|_| !enough(&page));
            let more = request.follow(&mut trail, next, &page.exchange);
            out.push(page);
            match more {
                Ok(true) => {}
                Ok(false) => return (out, None),
                Err(failure) => return (out, Some(failure)),
            }
        }
    }

    fn told<E>(&mut self, gap: Gap, tell: Tell<'_, E>) -> Result<(), E> {
        if self.told.insert(gap.id.clone()) {
            self.gaps.insert(gap.id.clone(), gap.clone());
            tell(Told::Gap(gap))?;
        }
        Ok(())
    }

    fn gap(&self, operation: &str, of: (&str, &str, &str), cause: Cause) -> Gap {
        let (r#type, resource, part) = of;
        let (cloud, account) = (self.cloud.name(), self.cloud.account());
        let call = format!("config:{operation}");
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        Gap {
            id: short_id(
                "g",
                &[cloud, account, self.region, &call, r#type, resource, part],
            ),
            cause,
            cloud: cloud.to_owned(),
            account: account.to_owned(),
            region: self.region.to_owned(),
            permissions: vec![call.clone()],
            call,
            r#type: r#type.to_owned(),
            resource: some(resource),
            part: some(part),
            read: None,
            error: None,
            exchange: None,
        }
    }

    fn failed<E>(
        &mut self,
        operation: &str,
        (r#type, resource): (&str, &str),
        failure: Failure,
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let gap = Gap {
            error: failure.error,
            exchange: failure.exchange,
            ..self.gap(operation, (r#type, resource, ""), failure.cause)
        };
        self.told(gap, tell)
    }

    /// When the region was recorded, and since when items are kept.
    async fn recording<E>(
        &mut self,
        tell: Tell<'_, E>,
    ) -> Result<(Recording, Option<Timestamp>), E> {
        let mut answers = Vec::new();
        for operation in [
            "DescribeConfigurationRecorders",
            "DescribeConfigurationRecorderStatus",
            "DescribeRetentionConfigurations",
        ] {
            let (mut pages, failure) = self.pages(operation, Value::Null, |_| false).await;
            let whole = failure.is_none();
            if let Some(f) = failure {
                self.failed(operation, ("aws.config.recorder", ""), f, tell)?;
            }
            let one = (whole && pages.len() == 1).then(|| pages.remove(0).value);
            answers.push(one);
        }
        let recording = match (&answers[0], &answers[1]) {
            (Some(r), Some(s)) => Recording::of(r, s, self.ask.now),
            _ => Recording::unread(),
        };
        Ok((recording, kept_from(answers[2].as_ref(), self.ask.now)))
    }

    fn past<E>(
        &self,
        h: &History,
        resource: Option<&str>,
        (from, to, cause): (Timestamp, Timestamp, PastCause),
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        tell(Told::Past(Past::Gap(PastGap {
            account: self.cloud.account().to_owned(),
            region: self.region.to_owned(),
            r#type: h.r#type.clone(),
            resource: resource.map(str::to_owned),
            from: from.to_string(),
            to: to.to_string(),
            cause,
        })))
    }

    fn asked(&self) -> (Timestamp, Timestamp) {
        (self.ask.from, self.ask.to.min(self.ask.now))
    }

    /// One type: its resources, and what was recorded of each.
    async fn kind<E>(
        &mut self,
        h: &History,
        recording: &Recording,
        kept: Option<Timestamp>,
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let (from, to) = self.asked();
        for gap in recording.gaps(&h.config, (from, to)) {
            self.past(h, None, gap, tell)?;
        }
        if let Some(kept) = kept.filter(|k| *k > from) {
            let gap = (from, kept.min(to), PastCause::BeyondRetention);
            self.past(h, None, gap, tell)?;
        }
        let list = "ListDiscoveredResources";
        let params = json!({ "resourceType": h.config, "includeDeletedResources": true });
        let (pages, failure) = self.pages(list, params, |_| false).await;
        let mut complete = failure.is_none();
        if let Some(f) = failure {
            self.failed(list, (&h.r#type, ""), f, tell)?;
        }
        let mut ids: Vec<String> = Vec::new();
        for r in pages
            .iter()
            .flat_map(|p| p.value["resourceIdentifiers"].as_array())
            .flatten()
        {
            match r["resourceId"].as_str() {
                Some(id) if !ids.iter().any(|known| known == id) => ids.push(id.to_owned()),
                Some(_) => {}
                None => {
                    complete = false;
                    let gap = self.gap(list, (&h.r#type, "", ""), Cause::Malformed);
                    self.told(gap, tell)?;
                }
            }
        }
        tell(Told::Past(Past::Asked(PastScope {
            account: self.cloud.account().to_owned(),
            region: self.region.to_owned(),
            r#type: h.r#type.clone(),
            resources: ids.len() as u64,
            complete,
            query: pages.into_iter().map(|p| p.exchange).collect(),
        })))?;
        let asking: Vec<_> = ids.iter().map(|id| self.history(h, id)).collect();
        let histories: Vec<Pages> = futures::stream::iter(asking)
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (id, (pages, failure)) in ids.iter().zip(histories) {
            let window = recording.window_of(&h.config);
            self.resource(h, id, window, pages, failure, tell)?;
        }
        Ok(())
    }

    /// The items of a resource: the last before the asked time, and those within.
    async fn history(&self, h: &History, id: &str) -> Pages {
        let (from, to) = self.asked();
        let operation = "GetResourceConfigHistory";
        let base = |order: &str, earlier: Option<Timestamp>, later: Timestamp, limit: u32| {
            let mut p = json!({
                "resourceType": h.config,
                "resourceId": id,
                "laterTime": later.to_string(),
                "chronologicalOrder": order,
                "limit": limit,
            });
            if let Some(earlier) = earlier {
                p["earlierTime"] = earlier.to_string().into();
            }
            p
        };
        // A page may be empty and have a next: one call spans seven days at most.
        let found = |p: &Page| {
            p.value["configurationItems"]
                .as_array()
                .is_some_and(|a| !a.is_empty())
        };
        let before = self
            .pages(operation, base("Reverse", None, from, 1), found)
            .await;
        if before.1.is_some() {
            return before;
        }
        let within = base("Forward", Some(from), to, 100);
        let (pages, failure) = self.pages(operation, within, |_| false).await;
        (before.0.into_iter().chain(pages).collect(), failure)
    }

    fn resource<E>(
        &mut self,
        h: &History,
        id: &str,
        window: Result<(Timestamp, Timestamp), PastCause>,
        pages: Vec<Page>,
        failure: Option<Failure>,
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let operation = "GetResourceConfigHistory";
        let (from, to) = self.asked();
        // Half a history would let a state hold over what was not read.
        let mut lost = failure.is_some();
        if let Some(f) = failure {
            self.failed(operation, (&h.r#type, id), f, tell)?;
        }
        let mut all = Vec::new();
        for page in &pages {
            let values = page.value["configurationItems"].as_array();
            for value in values.into_iter().flatten() {
                let ours = value["resourceType"].as_str() == Some(&h.config)
                    && value["resourceId"].as_str() == Some(id);
                match Item::of(value, &page.exchange).filter(|_| ours) {
                    Some(item) => all.push(item),
                    None => {
                        lost = true;
                        let gap = self.gap(operation, (&h.r#type, id, ""), Cause::Malformed);
                        self.told(gap, tell)?;
                    }
                }
            }
        }
        items::sort(&mut all);
        let who = self
            .ask
            .collectors
            .get(&h.r#type)
            .and_then(|c| items::identity(h, c, self.cloud, self.region, &all));
        if !lost && who.is_none() && all.iter().any(|i| i.meaning() == Meaning::Recorded) {
            lost = true;
            let gap = self.gap(operation, (&h.r#type, id, ""), Cause::NotInSource);
            self.told(gap, tell)?;
        }
        if lost {
            return self.past(h, Some(id), (from, to, PastCause::NotRead), tell);
        }
        for i in 0..all.len() {
            let Some(held) = items::holds(&all, i, window, (from, to)) else {
                continue;
            };
            match (&who, all[i].meaning()) {
                (Some(who), Meaning::Recorded) => self.judged(h, who, &all[i], held, tell)?,
                (Some(who), Meaning::Deleted) => self.gone(h, who, &all[i], held, tell)?,
                // It was deleted before, and no state of it is kept.
                (None, Meaning::Deleted) => {}
                (_, Meaning::NotRecorded) | (None, Meaning::Recorded) => {
                    let gap = (held.0, held.1, PastCause::ResourceNotRecorded);
                    self.past(h, Some(id), gap, tell)?;
                }
            }
        }
        Ok(())
    }

    fn judged<E>(
        &mut self,
        h: &History,
        who: &Resource,
        item: &Item,
        held: (Timestamp, Timestamp),
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let ask = self.ask;
        for rule in ask.rules.iter().filter(|r| r.resource == h.r#type) {
            self.judged_by(rule, h, who, item, held, tell)?;
        }
        Ok(())
    }

    fn judged_by<E>(
        &mut self,
        rule: &Rule,
        h: &History,
        who: &Resource,
        item: &Item,
        held: (Timestamp, Timestamp),
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let (mut resource, mut unseen) = items::resource(who, h, self.ask, item);
        unseen.extend(items::lacking(h, rule));
        for name in unseen {
            resource.settings.remove(&name);
            let of = (h.r#type.as_str(), "", name.as_str());
            let gap = Gap {
                permissions: Vec::new(),
                ..self.gap("GetResourceConfigHistory", of, Cause::NotInSource)
            };
            resource.unseen.insert(name, gap.id.clone());
            self.gaps.entry(gap.id.clone()).or_insert(gap);
        }
        let rules = self.ask.rules.select(|r| r.id == rule.id);
        let judge = Judge::new(rules, item.captured);
        let findings = judge.judge(&resource, &|id| self.gaps.get(id).cloned());
        for f in findings {
            let hidden = f.observed.iter().filter_map(|o| match &o.sight {
                Sight::Unseen(gap) => Some(gap),
                _ => None,
            });
            for id in f.gaps.iter().chain(hidden) {
                if let Some(gap) = self.gaps.get(id).cloned() {
                    self.told(gap, tell)?;
                }
            }
            let until = match items::ages(rule) {
                // Its verdict may change while the settings stay.
                true => match held.0.checked_add(jiff::SignedDuration::from_millis(1)) {
                    Ok(moment) if item.captured >= held.0 => moment.min(held.1),
                    _ => continue,
                },
                false => held.1,
            };
            tell(Told::Past(Past::State(Box::new(state(
                f,
                &who.scope,
                item,
                (held.0, until),
            )))))?;
        }
        Ok(())
    }

    fn gone<E>(
        &self,
        h: &History,
        who: &Resource,
        item: &Item,
        (from, to): (Timestamp, Timestamp),
        tell: Tell<'_, E>,
    ) -> Result<(), E> {
        let resource = ResourceRef {
            r#type: who.r#type.clone(),
            id: who.id.clone(),
            name: who.name.clone(),
            account: who.account.clone(),
            region: who.region.clone(),
        };
        for rule in self.ask.rules.iter().filter(|r| r.resource == h.r#type) {
            tell(Told::Past(Past::State(Box::new(PastState {
                id: Finding::id_of(&rule.id, &resource),
                rule: rule.id.clone(),
                severity: rule.severity,
                resource: resource.clone(),
                scope: who.scope.clone(),
                captured: item.captured.to_string(),
                from: from.to_string(),
                to: to.to_string(),
                status: item.status.clone(),
                verdict: None,
                observed: Vec::new(),
                reason: None,
                gaps: Vec::new(),
                exchange: item.exchange.clone(),
            }))))?;
        }
        Ok(())
    }
}

fn state(f: Finding, scope: &str, item: &Item, (from, to): (Timestamp, Timestamp)) -> PastState {
    PastState {
        id: f.id,
        rule: f.rule,
        severity: f.severity,
        resource: f.resource,
        scope: scope.to_owned(),
        captured: item.captured.to_string(),
        from: from.to_string(),
        to: to.to_string(),
        status: item.status.clone(),
        verdict: Some(f.verdict),
        observed: f.observed,
        reason: Some(f.reason),
        gaps: f.gaps,
        exchange: item.exchange.clone(),
    }
}
