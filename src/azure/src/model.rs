//! What the published descriptions say of the operations in use, trimmed.
//!
//! `cargo xtask gen` writes `models/<package>.json`; the crate embeds the files
//! and parses them when the first operation is asked for.

use rust_embed::RustEmbed;
use serde::Deserialize;
use shoseki_model::Kind;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

#[derive(RustEmbed)]
#[folder = "models"]
#[include = "*.json"]
struct Files;

/// The operations in use of one package.
#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    /// Package and version, `azure-mgmt-storage 25.3.0`.
    pub source: String,
    /// By `METHOD path?api-version=…`.
    pub operations: BTreeMap<String, Operation>,
    /// What the answers are made of.
    pub shapes: Vec<Shape>,
}

/// One operation.
#[derive(Clone, Debug, Deserialize)]
pub struct Operation {
    /// Query options beside the API version.
    pub query: BTreeMap<String, Type>,
    /// Whether it carries a body.
    pub body: bool,
    /// The answer.
    pub answer: Type,
}

/// A named object.
#[derive(Clone, Debug, Deserialize)]
pub struct Shape {
    /// As the package names it.
    pub name: String,
    /// Members by their name in JSON.
    pub members: BTreeMap<String, Type>,
}

/// The type of a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Type {
    /// A shape by number.
    Shape(usize),
    /// `str`, `bool`, `int`, `float`, `time`, `any`.
    Plain(Plain),
    /// `{"list": …}`.
    List {
        /// Of what.
        list: Box<Type>,
    },
    /// `{"map": …}`.
    Map {
        /// Of what.
        map: Box<Type>,
    },
}

/// A value without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plain {
    /// Text.
    Str,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A point in time, RFC 3339.
    Time,
    /// Anything.
    Any,
}

/// How deep shapes are followed; below, every path is allowed.
const DEPTH: usize = 12;

impl Model {
    /// The kind of a type.
    pub fn kind(&self, t: &Type) -> Kind {
        self.inner(t, &mut Vec::new())
    }

    fn inner(&self, t: &Type, above: &mut Vec<usize>) -> Kind {
        match t {
            Type::Plain(Plain::Str) => Kind::Str,
            Type::Plain(Plain::Bool) => Kind::Bool,
            Type::Plain(Plain::Int) => Kind::Int,
            Type::Plain(Plain::Float) => Kind::Float,
            Type::Plain(Plain::Time) => Kind::Time,
            Type::Plain(Plain::Any) => Kind::Any,
            Type::List { list } => Kind::List(Box::new(self.inner(list, above))),
            Type::Map { map } => Kind::Map(Box::new(self.inner(map, above))),
            Type::Shape(i) if above.contains(i) || above.len() >= DEPTH => Kind::Any,
            Type::Shape(i) => {
                let Some(shape) = self.shapes.get(*i) else {
                    return Kind::Any;
                };
                above.push(*i);
                let members = shape.members.iter();
                let kind = Kind::Object(
                    members
                        .map(|(n, t)| (n.clone(), self.inner(t, above)))
                        .collect(),
                );
                above.pop();
                kind
            }
        }
    }

    /// The members of a type that is an object.
    pub fn members(&self, t: &Type) -> Option<&BTreeMap<String, Type>> {
        match t {
            Type::Shape(i) => self.shapes.get(*i).map(|s| &s.members),
            _ => None,
        }
    }
}

struct Models {
    all: Vec<Model>,
    by_operation: HashMap<String, usize>,
}

fn models() -> &'static Models {
    static MODELS: OnceLock<Models> = OnceLock::new();
    MODELS.get_or_init(|| {
        let mut all = Vec::new();
        let mut by_operation = HashMap::new();
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else {
                continue;
            };
            // Generated and tested; one that cannot be read is missed by `lint`.
            match serde_json::from_slice::<Model>(&file.data) {
                Ok(m) => {
                    let i = all.len();
                    by_operation.extend(m.operations.keys().map(|k| (k.clone(), i)));
                    all.push(m);
                }
                Err(e) => tracing::error!("models/{name}: {e}"),
            }
        }
        Models { all, by_operation }
    })
}

/// The model that has an operation (`GET /subscriptions?api-version=…`).
pub fn find(operation: &str) -> Option<(&'static Model, &'static Operation)> {
    let all = models();
    let model = all.all.get(*all.by_operation.get(operation)?)?;
    Some((model, model.operations.get(operation)?))
}

/// All operations in use.
pub fn operations() -> impl Iterator<Item = &'static str> {
    models().by_operation.keys().map(String::as_str)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read() {
        assert_eq!(models().all.len(), Files::iter().count());
        assert!(operations().count() > 5);
        for m in &models().all {
            for o in m.operations.values() {
                assert_ne!(m.kind(&o.answer), Kind::Str, "{}", m.source);
            }
        }
    }

    #[test]
    fn members_keep_their_names_in_json() {
        let (m, o) = find("GET /subscriptions?api-version=2022-12-01").unwrap();
        let kind = m.kind(&o.answer);
        assert_eq!(kind.at("value[].subscriptionId"), Some(&Kind::Str));
        assert_eq!(kind.at("nextLink"), Some(&Kind::Str));
        assert_eq!(kind.at("value[].subscription_id"), None);
    }
}
