//! The plan: which calls the selected rules need, and which permissions. Made
//! without any call.

use crate::ast::{Call, Collector, Part, Scope};
use crate::load::Collectors;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is going to be read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Plan {
    /// Types, parents before children.
    pub types: Vec<PlannedType>,
    /// All permissions that the calls need, sorted, each once.
    pub permissions: Vec<String>,
    /// Demanded types and parts (`aws.x.y`, `aws.x.y#Part`) that no collector
    /// yields. Rules are checked against the collectors, so this is empty
    /// unless the two were not loaded together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// One type of the plan.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedType {
    /// Resource type.
    pub r#type: String,
    /// The kind of target that is asked.
    pub level: String,
    /// Once a target or once a region.
    pub scope: Scope,
    /// False where only its children are wanted.
    pub wanted: bool,
    /// Parent type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The enumerating call; `None` for one resource an account or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<PlannedCall>,
    /// Parts that are read.
    pub parts: Vec<PlannedPart>,
    /// The collector.
    #[serde(skip)]
    pub collector: Arc<Collector>,
}

/// A call of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedCall {
    /// `s3:ListBuckets`.
    pub call: String,
    /// What it needs.
    pub permissions: Vec<String>,
    /// Whether it is made once for a scope; false: for each item, entry, batch
    /// or parent.
    pub shared: bool,
}

/// A part of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedPart {
    /// Its name.
    pub part: String,
    /// Its calls, the preparing one first.
    pub calls: Vec<PlannedCall>,
}

impl PlannedType {
    /// The parts with their definitions, in the collector's order.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Part> {
        self.parts
            .iter()
            .filter_map(|p| self.collector.parts.get(&p.part))
    }

    /// All calls.
    pub fn calls(&self) -> impl Iterator<Item = &PlannedCall> {
        self.list
            .iter()
            .chain(self.parts.iter().flat_map(|p| &p.calls))
    }
}

impl Plan {
    /// What of it a target of a cloud and level is asked.
    pub fn at(&self, cloud: &str, level: &str) -> Self {
        let here = |t: &&PlannedType| t.collector.cloud() == cloud && t.level == level;
        Self::of(self.types.iter().filter(here).cloned().collect())
    }

    /// What of it a cloud is asked, at all of its levels.
    pub fn of_cloud(&self, cloud: &str) -> Self {
        let here = |t: &&PlannedType| t.collector.cloud() == cloud;
        Self::of(self.types.iter().filter(here).cloned().collect())
    }

    fn of(types: Vec<PlannedType>) -> Self {
        let calls = types.iter().flat_map(PlannedType::calls);
        let permissions: BTreeSet<&String> = calls.flat_map(|c| &c.permissions).collect();
        Self {
            permissions: permissions.into_iter().cloned().collect(),
            types,
            unknown: Vec::new(),
        }
    }

    /// The names of all calls, sorted, each once.
    pub fn calls(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self
            .types
            .iter()
            .flat_map(PlannedType::calls)
            .map(|c| c.call.as_str())
            .collect();
        all.into_iter().collect()
    }
}

/// Plans what `demand` (type → parts; the list is always read) needs. Parents
/// are pulled in without parts.
pub fn plan(collectors: &Collectors, demand: &BTreeMap<String, BTreeSet<String>>) -> Plan {
    let mut out = Plan::default();
    let mut order: Vec<(&Arc<Collector>, usize)> = Vec::new();
    for r#type in demand.keys() {
        match collectors.get(r#type) {
            Some(c) => add(collectors, c, &mut order),
            None => out.unknown.push(r#type.clone()),
        }
    }
    order.sort_by(|a, b| (a.1, &a.0.r#type.value).cmp(&(b.1, &b.0.r#type.value)));
    for (c, _) in order {
        let parts = demand.get(&c.r#type.value);
        for name in parts.into_iter().flatten() {
            if !c.parts.contains_key(name) {
                out.unknown.push(format!("{}#{name}", c.r#type.value));
            }
        }
        out.types.push(planned(c, parts));
    }
    Plan {
        unknown: out.unknown,
        ..Plan::of(out.types)
    }
}

/// Adds a type and its ancestors with their depth; returns nothing twice.
fn add<'a>(
    all: &'a Collectors,
    c: &'a Arc<Collector>,
    order: &mut Vec<(&'a Arc<Collector>, usize)>,
) {
    let mut line = vec![c];
    while let Some(parent) = parent_of(line[line.len() - 1]).and_then(|p| all.get(p)) {
        if line.iter().any(|l| l.r#type.value == parent.r#type.value) {
            break;
        }
        line.push(parent);
    }
    for (depth, c) in line.into_iter().rev().enumerate() {
        if !order.iter().any(|(o, _)| o.r#type.value == c.r#type.value) {
            order.push((c, depth));
        }
    }
}

fn parent_of(c: &Collector) -> Option<&str> {
    c.list
        .query
        .as_ref()?
        .over
        .as_ref()
        .map(|o| o.value.as_str())
}

fn planned(c: &Arc<Collector>, parts: Option<&BTreeSet<String>>) -> PlannedType {
    let call = |call: &Call, shared: bool| PlannedCall {
        call: call.name(),
        permissions: call.permissions.clone(),
        shared,
    };
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    // A part looks only into earlier ones, so one pass backwards finds them all.
    for (name, part) in c.parts.iter().rev() {
        if parts.is_some_and(|p| p.contains(name)) || wanted.contains(name.as_str()) {
            wanted.insert(name);
            wanted.extend(c.needs(part).iter().map(|n| n.name.value.as_str()));
        }
    }
    PlannedType {
        r#type: c.r#type.value.clone(),
        level: c.level.clone(),
        scope: c.scope,
        wanted: parts.is_some(),
        over: parent_of(c).map(str::to_owned),
        list: c
            .list
            .query
            .as_ref()
            .map(|q| call(&q.call, q.over.is_none())),
        parts: c
            .parts
            .iter()
            .filter(|(name, _)| wanted.contains(name.as_str()))
            .map(|(name, p)| PlannedPart {
                part: name.clone(),
                calls: p
                    .prepare
                    .iter()
                    .map(|x| call(&x.call, true))
                    .chain([call(&p.call, p.call.shared())])
                    .collect(),
            })
            .collect(),
        collector: Arc::clone(c),
    }
}
