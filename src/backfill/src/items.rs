//! Recorded items of one resource: what each says, and for how long it holds.

use crate::ask::Request;
use crate::load::{Histories, History, first_names};
use crate::translate;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use shoseki_collect::{Cloud, Collector, Names, Scope};
use shoseki_judge::Rule;
use shoseki_model::{PastCause, Resource};

/// One recorded item.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) captured: Timestamp,
    pub(crate) status: String,
    order: String,
    value: Value,
    pub(crate) exchange: String,
}

/// What an item means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Its configuration is that of the resource.
    Recorded,
    /// The resource had been deleted.
    Deleted,
    /// The resource was there and its configuration not recorded; also a status
    /// that is not documented.
    NotRecorded,
}

impl Item {
    /// `None`: without a time or a status it cannot be placed.
    pub(crate) fn of(value: &Value, exchange: &str) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            captured: text("configurationItemCaptureTime")?.parse().ok()?,
            status: text("configurationItemStatus")?,
            order: text("configurationStateId").unwrap_or_default(),
            value: translate::opened(value),
            exchange: exchange.to_owned(),
        })
    }

    /// <https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html>.
    pub(crate) fn meaning(&self) -> Meaning {
        match self.status.as_str() {
            "OK" | "ResourceDiscovered" => Meaning::Recorded,
            "ResourceDeleted" | "ResourceDeletedNotRecorded" => Meaning::Deleted,
            _ => Meaning::NotRecorded,
        }
    }

    /// Whether every change was recorded as it came: the member is there only where
    /// it was not.
    fn continuous(&self) -> bool {
        let frequency = &self.value["recordingFrequency"];
        frequency.is_null() || frequency.as_str() == Some("CONTINUOUS")
    }
}

/// Puts items in their order, each once.
pub(crate) fn sort(items: &mut Vec<Item>) {
    // State ids are numbers as text: the longer one is the later.
    items.sort_by(|a, b| {
        (a.captured, a.order.len(), &a.order).cmp(&(b.captured, b.order.len(), &b.order))
    });
    items.dedup_by(|a, b| a.captured == b.captured && a.order == b.order && a.value == b.value);
}

/// The time within what was asked for in which an item holds: to the next one, no
/// further than recording went on; where that is not known, its moment alone.
pub(crate) fn holds(
    items: &[Item],
    i: usize,
    window: Result<(Timestamp, Timestamp), PastCause>,
    (from, to): (Timestamp, Timestamp),
) -> Option<(Timestamp, Timestamp)> {
    let item = items.get(i)?;
    let moment = item
        .captured
        .checked_add(SignedDuration::from_millis(1))
        .ok()?;
    let next = items.get(i + 1).map_or(Timestamp::MAX, |n| n.captured);
    let end = match window {
        Ok((start, end)) if item.continuous() && (start..end).contains(&item.captured) => {
            end.min(next)
        }
        // Another item of the same moment came after it.
        _ => moment.min(next),
    };
    let held = (item.captured.max(from), end.min(to));
    (held.0 < held.1).then_some(held)
}

/// Who the resource is, by the first of its items that says so: a deleted one holds
/// no configuration any more.
pub(crate) fn identity(
    h: &History,
    collector: &Collector,
    cloud: &dyn Cloud,
    region: &str,
    items: &[Item],
) -> Option<Resource> {
    let recorded = items
        .iter()
        .rev()
        .filter(|i| i.meaning() == Meaning::Recorded);
    recorded.into_iter().find_map(|item| {
        let (settings, _) = translate::settings(h, &item.value);
        let whole = Value::Object(settings);
        let names = Names {
            account: cloud.account(),
            region,
            partition: cloud.partition(),
            item: &whole,
            parent: &Value::Null,
            each: &Value::Null,
        };
        let id = collector.list.id.value.text(&names).ok()?;
        // What Config calls the resource must not contradict it.
        if item.value["arn"]
            .as_str()
            .is_some_and(|arn| arn.starts_with("arn:") && arn != id)
        {
            return None;
        }
        let name = match &collector.list.name {
            Some(t) => t.value.text(&names).ok()?,
            None => id.rsplit(['/', ':']).next().unwrap_or(&id).to_owned(),
        };
        let at = match &collector.list.region {
            Some(t) => t.value.text(&names).ok()?,
            None => region.to_owned(),
        };
        let scope = match collector.scope {
            Scope::Global => "global".to_owned(),
            Scope::Region => region.to_owned(),
        };
        Some(Resource {
            r#type: h.r#type.clone(),
            id,
            name,
            account: cloud.account().to_owned(),
            region: at,
            scope,
            ..Resource::default()
        })
    })
}

/// The resource as an item has it; with the first names of what it does not show.
pub(crate) fn resource(
    of: &Resource,
    h: &History,
    ask: &Request<'_>,
    item: &Item,
) -> (Resource, Vec<String>) {
    let (settings, mut unseen) = translate::settings(h, &item.value);
    let info = ask.collectors.types().get(&h.r#type);
    let all = info.map(first_names).unwrap_or_default();
    let untranslated = all.into_iter().filter(|n| !h.members.contains_key(n));
    unseen.extend(untranslated);
    let parts = info.map(|i| i.parts.as_slice()).unwrap_or_default();
    let mut sources: IndexMap<String, Vec<String>> = IndexMap::new();
    let seen = h
        .members
        .keys()
        .filter(|n| !unseen.contains(n) && parts.contains(n));
    for name in std::iter::once(&String::new()).chain(seen) {
        sources.insert(name.clone(), vec![item.exchange.clone()]);
    }
    let resource = Resource {
        settings: settings as Map<String, Value>,
        sources,
        ..of.clone()
    };
    (resource, unseen)
}

/// First names of settings of which the rule may read what they leave out.
pub(crate) fn lacking(h: &History, rule: &Rule) -> Vec<String> {
    let texts = [Some(&rule.expect), rule.when.as_ref()];
    let texts = texts.into_iter().flatten().chain(&rule.observe);
    let words: Vec<&str> = texts.flat_map(|t| words(t)).collect();
    let lacks = |name: &str| {
        h.members
            .get(name)
            .is_some_and(|m| m.lacks().iter().any(|l| words.contains(l)))
    };
    h.members.keys().filter(|n| lacks(n)).cloned().collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Whether what a rule says of unchanged settings changes with time.
pub(crate) fn ages(rule: &Rule) -> bool {
    let clock = |text: &str| words(text).any(|word| word == "now" || word.starts_with("days"));
    clock(&rule.expect) || rule.when.as_deref().is_some_and(clock)
}

/// Types with a history that the rules judge, among those that were named.
pub(crate) fn wanted<'h>(all: &'h Histories, ask: &Request<'_>) -> Vec<&'h History> {
    let judged = |h: &&History| ask.rules.iter().any(|r| r.resource == h.r#type);
    let named = |h: &&History| ask.types.is_empty() || ask.types.contains(&h.r#type);
    all.iter().filter(judged).filter(named).collect()
}
