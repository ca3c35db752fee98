//! The compact model of a service, trimmed from its discovery document.

use indexmap::IndexMap;
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A service, as far as collectors call it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Version of google-api-python-client that the document came with.
    pub client: String,
    /// Version of the API, `v1`.
    pub version: String,
    /// Revision of the document, `20261009`.
    pub revision: String,
    /// Host, `storage.googleapis.com`.
    pub host: String,
    /// What stands before the path of every method, `/storage/v1/`.
    pub base: String,
    /// Methods by their id without the service, `buckets.list`.
    pub methods: IndexMap<String, Method>,
    /// Schemas that answers and bodies refer to.
    pub schemas: IndexMap<String, Shape>,
}

/// A method.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// `GET`, or `POST` for the few reads that carry a body.
    pub http: String,
    /// Path below [`Service::base`] with `{name}` (one segment) and `{+name}`.
    pub path: String,
    /// Parameters by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub params: IndexMap<String, Param>,
    /// Schema of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Schema of the answer.
    pub answer: String,
    /// Whether it pages: `pageToken` asks, `nextPageToken` answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pages: bool,
    /// OAuth scopes, each enough alone; without what comes before the last `/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Whether the answer may hold secrets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Whether Google calls it deprecated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// A parameter of the path or the query.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Where it goes.
    #[serde(rename = "in")]
    pub place: Place,
    /// What it is.
    pub of: Shape,
    /// Whether it must be given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it may be given several times.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// What its text must look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Anything.
    Any,
    /// true or false.
    Bool,
    /// A whole number.
    Int,
    /// A whole number of 64 bits, which JSON carries as text.
    Long,
    /// A number.
    Float,
    /// Text.
    Str,
    /// Text that must not be kept.
    Secret,
    /// Text that may be kept only where the member `beside` has one of `values`.
    Unless {
        /// The member beside it.
        beside: String,
        /// Its values.
        values: Vec<String>,
    },
    /// A moment as RFC 3339 text.
    Time,
    /// A list.
    List(Box<Shape>),
    /// A map from free keys.
    Map(Box<Shape>),
    /// Named members.
    Object(IndexMap<String, Shape>),
    /// A schema of the service.
    Ref(String),
}

#[derive(RustEmbed)]
#[folder = "models"]
#[include = "*.json"]
struct Files;

/// The names of the services that have a model, sorted.
pub fn services() -> Vec<String> {
    let mut names: Vec<String> = Files::iter()
        .filter_map(|f| Some(f.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// The model of a service, read when first asked for; `None` where there is none.
pub fn service(name: &str) -> Option<&'static Service> {
    static LOADED: OnceLock<Mutex<HashMap<String, &'static Service>>> = OnceLock::new();
    let mut loaded = LOADED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = loaded.get(name) {
        return Some(known);
    }
    let file = Files::get(&format!("{name}.json"))?;
    let model: Service = serde_json::from_slice(&file.data).ok()?;
    let kept: &'static Service = Box::leak(Box::new(model));
    loaded.insert(name.to_owned(), kept);
    Some(kept)
}

impl Service {
    /// The schema that a reference names; [`Shape::Any`] where there is none.
    pub fn schema(&self, name: &str) -> &Shape {
        self.schemas.get(name).unwrap_or(&Shape::Any)
    }

    /// The shape behind references.
    pub fn resolve<'m>(&'m self, mut shape: &'m Shape) -> &'m Shape {
        // A reference to a reference is never longer than there are schemas.
        for _ in 0..self.schemas.len() {
            match shape {
                Shape::Ref(name) => shape = self.schema(name),
                _ => break,
            }
        }
        shape
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_model_reads_and_is_of_the_version_of_the_table() {
        for name in services() {
            let model = service(&name).unwrap();
            assert_eq!(
                Some(model.version.as_str()),
                crate::services::version(&name)
            );
            assert!(!model.methods.is_empty(), "{name}");
        }
    }
}
