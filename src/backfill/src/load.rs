//! Translations as they are written, and what must hold of them.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use shoseki_collect::Collectors;
use shoseki_model::{Diagnostic, Kind, TypeInfo};
use std::collections::BTreeMap;

/// What a recorded value must be; any other is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// true or false.
    Boolean,
    /// A list; `of` says what its entries become.
    List,
    /// An object; `of` says what becomes of its members.
    Object,
    /// Text that holds JSON, whole.
    Json,
}

/// Where a setting is in a recorded item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Paths below the item, or below the entry around it; the first that holds
    /// something of the shape counts.
    from: Paths,
    /// The shape.
    pub(crate) is: Shape,
    /// What members or entries become.
    #[serde(default)]
    pub(crate) of: IndexMap<String, Member>,
    /// Members of the entries that a recorded item does not show: what reads one of
    /// them does not see the setting.
    #[serde(default, rename = "left-out")]
    pub(crate) left_out: Vec<String>,
    /// Whether a missing value is documented to mean "not set"; else it is unseen.
    #[serde(default)]
    pub(crate) absent: bool,
    /// The provider's word for each recorded one; a recorded word that is not named
    /// is unseen. Null: not set.
    #[serde(default)]
    pub(crate) values: IndexMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Paths {
    One(String),
    More(Vec<String>),
}

impl Member {
    pub(crate) fn paths(&self) -> &[String] {
        match &self.from {
            Paths::One(p) => std::slice::from_ref(p),
            Paths::More(all) => all,
        }
    }
}

/// How the recorded items of one type become settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// `aws.ec2.volume`.
    pub r#type: String,
    /// `AWS::EC2::Volume`.
    pub config: String,
    /// Where the names of recorded members were confirmed.
    pub source: String,
    /// Settings by their first name.
    pub members: IndexMap<String, Member>,
}

/// All of them, by type.
#[derive(Clone, Debug, Default)]
pub struct Histories(BTreeMap<String, History>);

impl Histories {
    /// The one of a type.
    pub fn get(&self, r#type: &str) -> Option<&History> {
        self.0.get(r#type)
    }

    /// All, in the order of types.
    pub fn iter(&self) -> impl Iterator<Item = &History> {
        self.0.values()
    }
}

/// Reads `(path below history/, text)`, and tells everything that is wrong.
pub fn load(files: &[(String, String)], collectors: &Collectors) -> (Histories, Vec<Diagnostic>) {
    let mut out = Histories::default();
    let mut errors = Vec::new();
    for (path, text) in files {
        let history: History = match serde_saphyr::from_str(text) {
            Ok(h) => h,
            Err(e) => {
                let at = e.location();
                let d = Diagnostic::file(
                    path,
                    "history",
                    e.to_string().lines().next().unwrap_or_default(),
                );
                errors.push(match at {
                    Some(l) => d.at(number(l.line()), number(l.column()), 1),
                    None => d,
                });
                continue;
            }
        };
        let before = errors.len();
        check(path, &history, collectors, &mut |message| {
            errors.push(Diagnostic::file(path, "history", message));
        });
        if errors.len() == before {
            out.0.insert(history.r#type.clone(), history);
        }
    }
    (out, errors)
}

fn number(n: u64) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

fn check(path: &str, h: &History, collectors: &Collectors, tell: &mut dyn FnMut(String)) {
    let spelt = path.strip_suffix(".yaml").unwrap_or(path).replace('/', ".");
    if spelt != h.r#type {
        tell(format!("the path spells {spelt}, the type is {}", h.r#type));
    }
    if !h.config.starts_with("AWS::") || h.config.split("::").count() != 3 {
        tell(format!("{} is no type of AWS Config", h.config));
    }
    if h.source.trim().is_empty() {
        tell("source says nothing: name where the members are documented".into());
    }
    let (Some(_), Some(info)) = (collectors.get(&h.r#type), collectors.types().get(&h.r#type))
    else {
        return tell(format!("no collector reads {}", h.r#type));
    };
    members(&h.members, &info.settings, "settings", true, tell);
}

/// Whether members exist in the type and can be what they are said to become.
fn members(
    of: &IndexMap<String, Member>,
    kind: &Kind,
    under: &str,
    top: bool,
    tell: &mut dyn FnMut(String),
) {
    for (name, m) in of {
        let path = format!("{under}.{name}");
        let Some(kind) = kind.member(name) else {
            tell(format!("no collector gives {path}"));
            continue;
        };
        if m.paths().is_empty() || m.paths().iter().any(String::is_empty) {
            tell(format!("{path}: from names no path"));
        }
        // Of the whole item only these two hold settings.
        let known = |p: &String| {
            p.starts_with("configuration.")
                || p.starts_with("supplementaryConfiguration.")
                || p == "awsRegion"
        };
        if top && !m.paths().iter().all(known) {
            tell(format!(
                "{path}: from begins with configuration., supplementaryConfiguration. or is awsRegion"
            ));
        }
        if !fits(m.is, kind) {
            tell(format!(
                "{path}: {:?} is not what the collector gives",
                m.is
            ));
        }
        let inner = match kind {
            Kind::List(inner) => inner,
            other => other,
        };
        let nested = matches!(m.is, Shape::Object | Shape::List);
        match (nested, m.of.is_empty()) {
            (true, true) => tell(format!("{path}: of is missing")),
            (false, false) => tell(format!("{path}: of is for objects and lists")),
            _ => members(&m.of, inner, &path, false, tell),
        }
        whole(m, inner, &path, tell);
        if !m.values.is_empty() && m.is != Shape::String && m.is != Shape::Boolean {
            tell(format!("{path}: values are for texts and booleans"));
        }
    }
}

/// Whether all members are spoken of: one that is forgotten would look "not set".
fn whole(m: &Member, kind: &Kind, path: &str, tell: &mut dyn FnMut(String)) {
    let none = IndexMap::new();
    let known = match kind {
        Kind::Object(known) => known,
        _ => &none,
    };
    for name in &m.left_out {
        if !known.contains_key(name) || m.of.contains_key(name) {
            tell(format!(
                "{path}: left-out names {name}, which is not left out"
            ));
        }
    }
    if m.of.is_empty() {
        return;
    }
    for name in known.keys() {
        if !m.of.contains_key(name) && !m.left_out.contains(name) {
            tell(format!("{path}.{name} is neither in of nor in left-out"));
        }
    }
}

fn fits(shape: Shape, kind: &Kind) -> bool {
    match kind {
        Kind::Any => true,
        Kind::Bool => shape == Shape::Boolean,
        Kind::Int | Kind::Float => shape == Shape::Integer,
        // A recorded boolean may stand for a word of the provider.
        Kind::Str => matches!(shape, Shape::String | Shape::Boolean),
        Kind::Time => shape == Shape::String,
        Kind::List(_) => shape == Shape::List,
        Kind::Map(_) | Kind::Object(_) => shape == Shape::Object,
    }
}

impl Member {
    /// Names that it leaves out, at any depth.
    pub(crate) fn lacks(&self) -> Vec<&str> {
        let inner = self.of.values().flat_map(Member::lacks);
        self.left_out
            .iter()
            .map(String::as_str)
            .chain(inner)
            .collect()
    }
}

/// First names of the settings of a type that rules could read.
pub(crate) fn first_names(info: &TypeInfo) -> Vec<String> {
    let mut out = info.parts.clone();
    if let Kind::Object(m) = &info.settings {
        out.extend(m.keys().filter(|k| !info.parts.contains(k)).cloned());
    }
    out
}
