//! Loading: files to checked collectors.

use crate::ast::{Call, Collector, Prepare, cloud_of};
use crate::check::Checker;
use crate::cloud::{Api, PageNames};
use crate::doc::At;
use crate::fields::Sink;
use crate::path::Path;
use crate::read::{hint, read, type_of};
use serde_json::Value;
use shoseki_model::{Diagnostic, TypeInfo};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All collectors of a run.
#[derive(Clone, Debug, Default)]
pub struct Collectors {
    by_type: BTreeMap<String, Arc<Collector>>,
    types: HashMap<String, TypeInfo>,
}

impl Collectors {
    /// What rules can read of each type. Types whose file has errors are listed
    /// with settings of any kind, so that one error is told once.
    pub fn types(&self) -> &HashMap<String, TypeInfo> {
        &self.types
    }

    /// The collector of a type.
    pub fn get(&self, r#type: &str) -> Option<&Arc<Collector>> {
        self.by_type.get(r#type)
    }

    /// All of them, by type.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Collector>> {
        self.by_type.values()
    }

    /// Every operation that a collector of the cloud names, `(service, operation)`,
    /// sorted.
    pub fn operations(&self, cloud: &str) -> Vec<(String, String)> {
        let mut all: Vec<_> = self
            .iter()
            .filter(|c| c.cloud() == cloud)
            .flat_map(|c| calls(c))
            .map(|c| (c.service.clone(), c.operation.clone()))
            .collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The calls of a collector, list first.
pub(crate) fn calls(c: &Collector) -> impl Iterator<Item = &Call> {
    let list = c.list.query.iter().map(|q| &q.call);
    let parts = c
        .parts
        .values()
        .flat_map(|p| p.prepare.iter().map(|x| &x.call).chain([&p.call]));
    list.chain(parts)
}

fn calls_mut(c: &mut Collector) -> impl Iterator<Item = &mut Call> {
    let list = c.list.query.iter_mut().map(|q| &mut q.call);
    let parts = c.parts.values_mut().flat_map(|p| {
        p.prepare
            .iter_mut()
            .map(|x| &mut x.call)
            .chain([&mut p.call])
    });
    list.chain(parts)
}

/// Loads and checks collector files (`aws/s3/bucket.yaml` and its text). All
/// errors of all files come back at once, sorted by place; collectors may be run
/// only where there are none. Each is checked against the API of its cloud.
pub fn load(files: &[(String, String)], apis: &[&dyn Api]) -> (Collectors, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let (mut read_all, mut types) = read_files(files, apis, &mut out);
    let mut checkers: BTreeMap<&str, Checker<'_>> = apis
        .iter()
        .map(|api| (api.cloud(), Checker::new(*api)))
        .collect();
    for c in read_all.values_mut() {
        let cloud = cloud_of(&c.r#type.value).to_owned();
        let Some(checker) = checkers.get_mut(cloud.as_str()) else {
            continue;
        };
        let file = c.file.clone();
        for call in calls_mut(c) {
            checker.resolve(
                call,
                &mut Sink {
                    file: &file,
                    out: &mut out,
                },
            );
        }
    }
    check_parents(&read_all, &mut out);
    check_permissions(&read_all, &mut out);
    check_alike(&read_all, &mut out);
    for c in read_all.values() {
        let Some(checker) = checkers.get_mut(c.cloud()) else {
            continue;
        };
        let parent = c.list.query.as_ref().and_then(|q| q.over.as_ref());
        let parent = parent.and_then(|o| read_all.get(&o.value));
        let sink = &mut Sink {
            file: &c.file,
            out: &mut out,
        };
        let settings = checker.collector(c, parent, sink);
        let parts = c.parts.keys().cloned().collect();
        types.insert(c.r#type.value.clone(), TypeInfo { settings, parts });
    }
    join_secrets(&mut read_all);
    out.sort();
    out.dedup();
    let by_type = read_all
        .into_iter()
        .map(|(t, c)| (t, Arc::new(c)))
        .collect();
    (Collectors { by_type, types }, out)
}

/// Collectors by type, and the types that the paths spell.
fn read_files(
    files: &[(String, String)],
    apis: &[&dyn Api],
    out: &mut Vec<Diagnostic>,
) -> (BTreeMap<String, Collector>, HashMap<String, TypeInfo>) {
    let mut types = HashMap::new();
    let mut read_all: BTreeMap<String, Collector> = BTreeMap::new();
    for (file, text) in files {
        let spelt = type_of(file);
        if let Some(t) = &spelt {
            types.insert(t.clone(), TypeInfo::default());
        } else {
            let help = "a collector is <cloud>/<service>/<thing>.yaml in lower-case letters, digits and `-`";
            out.push(Diagnostic::file(file, "path", "the path spells no type").help(help));
        }
        let levels = |cloud: &str| {
            let api = apis.iter().find(|a| a.cloud() == cloud);
            api.map_or(&[][..], |a| a.levels())
        };
        let Some(c) = read(file, text, &levels, out) else {
            continue;
        };
        let sink = &mut Sink { file, out };
        if levels(c.cloud()).is_empty() {
            let message = format!("`{}` is no cloud that shoseki reads", c.cloud());
            let known = apis.iter().map(|a| a.cloud());
            let help = Some(format!(
                "there are: {}",
                known.collect::<Vec<_>>().join(", ")
            ));
            sink.push(&c.r#type, "unknown-cloud", message, help);
        }
        if let Some(spelt) = spelt.filter(|t| *t != c.r#type.value) {
            let message = format!(
                "the type is `{}`, but the path spells `{spelt}`",
                c.r#type.value
            );
            sink.error(&c.r#type, "type-path", message);
        }
        let first: Option<&Collector> = read_all.get(&c.r#type.value);
        if let Some(first) = first {
            let message = format!(
                "`{}` is described twice; first in {}",
                c.r#type.value, first.file
            );
            sink.error(&c.r#type, "duplicate-type", message);
            continue;
        }
        read_all.insert(c.r#type.value.clone(), c);
    }
    (read_all, types)
}

fn over(c: &Collector) -> Option<&At<String>> {
    c.list.query.as_ref()?.over.as_ref()
}

fn check_parents(all: &BTreeMap<String, Collector>, out: &mut Vec<Diagnostic>) {
    for c in all.values() {
        let Some(name) = over(c) else { continue };
        let sink = &mut Sink { file: &c.file, out };
        let Some(parent) = all.get(&name.value) else {
            let help = hint(&name.value, all.keys().map(String::as_str));
            sink.push(
                name,
                "unknown-parent",
                format!("no collector yields `{}`", name.value),
                help,
            );
            continue;
        };
        if parent.cloud() != c.cloud() || parent.level != c.level {
            sink.error(
                name,
                "target",
                format!("`{}` is asked at another kind of target", name.value),
            );
        }
        if parent.scope != c.scope {
            sink.error(
                name,
                "scope",
                format!("the scope differs from that of `{}`", name.value),
            );
        }
        let (mut next, mut steps) = (Some(parent), 0);
        while let Some(p) = next {
            steps += 1;
            if p.r#type.value == c.r#type.value {
                let message = format!(
                    "`{}` is its own ancestor by way of `{}`",
                    c.r#type.value, name.value
                );
                sink.error(name, "parent-cycle", message);
                break;
            }
            if steps > all.len() {
                break;
            }
            next = over(p).and_then(|o| all.get(&o.value));
        }
    }
}

/// What names a call among those of all clouds.
fn key(c: &Collector, call: &Call) -> String {
    format!("{} {}", c.cloud(), call.name())
}

/// The same call needs the same permissions everywhere, else the printed role
/// would depend on which file was read last.
fn check_permissions(all: &BTreeMap<String, Collector>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, (&Collector, &Call)> = HashMap::new();
    for c in all.values() {
        for call in calls(c) {
            let (first, before) = seen.entry(key(c, call)).or_insert((c, call));
            let sorted = |c: &Call| {
                let mut p = c.permissions.clone();
                p.sort();
                p
            };
            if sorted(before) != sorted(call) {
                let message = format!(
                    "`{}` needs {} here and {} in {}",
                    call.name(),
                    call.permissions.join(", "),
                    before.permissions.join(", "),
                    first.file
                );
                let sink = &mut Sink { file: &c.file, out };
                let help = Some("write the same `permission` in both files".to_owned());
                match &call.permission {
                    Some(p) => sink.push(p, "permission-differs", message, help),
                    None => sink.push(&call.place, "permission-differs", message, help),
                }
            }
        }
    }
}

/// How a call is asked, beside its parameters: paging members, and what is asked
/// before it.
type Asked = (
    Option<PageNames>,
    Option<(String, Vec<(String, bool, Vec<Value>)>)>,
);

fn asked(call: &Call, prepare: Option<&Prepare>) -> Asked {
    let until = |p: &Prepare| {
        let conditions = p.until.iter().map(|c| {
            let path = c.path.value.as_str().to_owned();
            (path, c.not, c.values.clone())
        });
        (p.call.name(), conditions.collect())
    };
    let page = call.page.as_ref().and_then(|p| p.value.clone());
    (page, prepare.map(until))
}

/// An answer is shared by all collectors that name its call, so it must be read to
/// its end, and only when it is ready, whichever of them comes first.
fn check_alike(all: &BTreeMap<String, Collector>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<String, (&Collector, Asked)> = HashMap::new();
    for c in all.values() {
        let lists = c.list.query.iter().map(|q| (&q.call, None));
        let parts = c.parts.values().map(|p| (&p.call, p.prepare.as_ref()));
        for (call, prepare) in lists.chain(parts) {
            let own = asked(call, prepare);
            let (first, before) = seen.entry(key(c, call)).or_insert((c, own.clone()));
            let member = match (before.0 == own.0, before.1 == own.1) {
                (true, true) => continue,
                (false, _) => "page",
                (true, false) => "prepare",
            };
            let message = format!("`{}` has another `{member}` in {}", call.name(), first.file);
            let help = format!("write the same `{member}` in both files: they share the answer");
            let sink = &mut Sink { file: &c.file, out };
            sink.push(&call.place, "call-differs", message, Some(help));
        }
    }
}

/// An answer is shared by all collectors that name its call, so what one of them
/// calls secret is secret for all.
fn join_secrets(all: &mut BTreeMap<String, Collector>) {
    let mut by_call: HashMap<String, Vec<At<Path>>> = HashMap::new();
    for c in all.values() {
        for call in calls(c) {
            let known = by_call.entry(key(c, call)).or_default();
            for s in &call.secret {
                if !known.iter().any(|k| k.value == s.value) {
                    known.push(s.clone());
                }
            }
        }
    }
    for c in all.values_mut() {
        let cloud = c.cloud().to_owned();
        for call in calls_mut(c) {
            if let Some(s) = by_call.get(&format!("{cloud} {}", call.name())) {
                call.secret.clone_from(s);
                call.secret
                    .sort_by(|a, b| a.value.as_str().cmp(b.value.as_str()));
            }
        }
    }
}
