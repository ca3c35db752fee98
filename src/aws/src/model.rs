//! The provider's service models, trimmed: what operations exist, how they are
//! spelled on the wire, and what they answer.
//!
//! `cargo xtask gen` writes `models/<service>.json` from botocore's published
//! models with these same types; the crate embeds the files and parses one
//! service at a time, when it is first asked for.

use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

/// One service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    /// Version of botocore that the model was taken from.
    pub botocore: String,
    /// `serviceId`, `Secrets Manager`.
    pub id: String,
    /// Wire protocol.
    pub protocol: Protocol,
    /// API version, `2006-03-01`.
    pub api: String,
    /// First label of the classic host name, `monitoring`.
    pub endpoint_prefix: String,
    /// Name in the signature, where it is not `endpoint_prefix`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_name: Option<String>,
    /// XML namespace of requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Prefix of `X-Amz-Target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_prefix: Option<String>,
    /// `1.0` or `1.1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_version: Option<String>,
    /// Errors carry the code of the former query protocol in a header.
    #[serde(default, skip_serializing_if = "is_false")]
    pub query_compatible: bool,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Shapes that the operations reach, by index.
    pub shapes: Vec<Shape>,
}

/// How requests and answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// awsJson 1.0 or 1.1.
    Json,
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
    /// awsQuery.
    Query,
    /// ec2Query.
    Ec2,
}

impl Protocol {
    /// Whether answers are XML.
    pub fn is_xml(self) -> bool {
        !matches!(self, Protocol::Json | Protocol::RestJson)
    }

    /// Whether method and path name the operation.
    pub fn is_rest(self) -> bool {
        matches!(self, Protocol::RestJson | Protocol::RestXml)
    }
}

/// One operation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Operation {
    /// HTTP method, for the REST protocols.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// URI template, for the REST protocols; labels are member names.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// Index of the input structure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<usize>,
    /// XML root of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_name: Option<String>,
    /// XML namespace of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_namespace: Option<String>,
    /// Index of the output structure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<usize>,
    /// How it pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Paginator>,
    /// Prefix of the host name, may hold `{Member}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_prefix: Option<String>,
    /// Parameters of the endpoint rules that the operation fixes.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
    /// The answer holds members that must not be kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
}

/// An entry of botocore's `paginators-1.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paginator {
    /// Members of the request that take the tokens.
    pub input: Vec<String>,
    /// Paths of the tokens in the answer, one for each input.
    pub output: Vec<String>,
    /// Paths of what grows from page to page.
    pub result: Vec<String>,
    /// Path of a boolean that says whether there are more pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// A shape that is not a scalar.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Named members.
    Structure(Structure),
    /// A list of one kind.
    List(Box<Member>),
    /// Free keys (first) to values of one kind (second).
    Map(Box<(Member, Member)>),
}

/// A structure or union.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Structure {
    /// Shape name.
    pub name: String,
    /// XML name of the shape itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xml: Option<String>,
    /// XML namespace of the shape itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Only one member is ever set.
    #[serde(default, skip_serializing_if = "is_false")]
    pub union: bool,
    /// Members in the model's order.
    pub members: Vec<Member>,
}

/// A member of a structure, the element of a list, the key or value of a map.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Member {
    /// Name; empty for elements, keys and values.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is.
    pub of: Of,
    /// Name on the wire, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<String>,
    /// Name in ec2Query requests, where it differs from the capitalised wire name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Where it travels, when not in the body.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Must be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// The list or map has no element around it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flat: bool,
    /// It is the whole body.
    #[serde(default, skip_serializing_if = "is_false")]
    pub payload: bool,
    /// It is an XML attribute.
    #[serde(default, skip_serializing_if = "is_false")]
    pub attribute: bool,
    /// XML namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Form of a time, where it is not the protocol's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeForm>,
    /// Its text must never be kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
    /// It holds a URL-encoded JSON policy document.
    #[serde(default, skip_serializing_if = "is_false")]
    pub policy: bool,
}

impl Member {
    /// The name on the wire.
    pub fn wire_name(&self) -> &str {
        self.wire.as_deref().unwrap_or(&self.name)
    }
}

/// What a member is: a scalar or the index of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Of {
    /// A scalar.
    Scalar(Scalar),
    /// An index into [`Service::shapes`].
    Shape(usize),
}

impl Default for Of {
    fn default() -> Self {
        Of::Scalar(Scalar::String)
    }
}

/// Scalars, and free JSON documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scalar {
    /// Text.
    String,
    /// true or false.
    Boolean,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// 32 bits.
    Float,
    /// 64 bits.
    Double,
    /// A moment.
    Timestamp,
    /// Bytes, as base64 in JSON.
    Blob,
    /// Any JSON.
    Document,
}

/// Where a member travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// One header.
    Header,
    /// All headers with a prefix.
    Headers,
    /// A label of the path.
    Uri,
    /// The query string.
    Query,
    /// The HTTP status.
    Status,
}

/// Forms of a time on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeForm {
    /// Seconds since 1970.
    Epoch,
    /// ISO 8601.
    Iso,
    /// RFC 822, as in HTTP headers.
    Http,
}

fn is_false(b: &bool) -> bool {
    !*b
}

impl Service {
    /// The name in the signature.
    pub fn signing(&self) -> &str {
        self.signing_name
            .as_deref()
            .unwrap_or(&self.endpoint_prefix)
    }

    /// The structure at `index`.
    pub fn structure(&self, index: usize) -> Option<&Structure> {
        match self.shapes.get(index) {
            Some(Shape::Structure(s)) => Some(s),
            _ => None,
        }
    }

    /// Members of the request of `operation`.
    pub fn input(&self, operation: &Operation) -> &[Member] {
        self.members(operation.input)
    }

    /// Members of the answer of `operation`.
    pub fn output(&self, operation: &Operation) -> &[Member] {
        self.members(operation.output)
    }

    fn members(&self, index: Option<usize>) -> &[Member] {
        index
            .and_then(|i| self.structure(i))
            .map_or(&[], |s| s.members.as_slice())
    }
}

#[derive(RustEmbed)]
#[folder = "models"]
struct Files;

/// The bytes of a file under `models/`.
pub(crate) fn file(name: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(name).map(|f| f.data)
}

/// Names of all services with a model, sorted.
pub fn services() -> &'static [String] {
    static NAMES: OnceLock<Vec<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: Vec<String> = Files::iter()
            .filter_map(|f| f.strip_suffix(".json").map(str::to_owned))
            .filter(|f| !f.contains('.') && f != "partitions")
            .collect();
        names.sort();
        names
    })
}

/// The model of `service`, parsed once in the life of the process; `None` where
/// there is no such model (or, which a test excludes, where it cannot be read).
pub fn service(service: &str) -> Option<&'static Service> {
    static LOADED: OnceLock<Mutex<HashMap<String, Option<&'static Service>>>> = OnceLock::new();
    let mut loaded = LOADED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = loaded.get(service) {
        return *known;
    }
    // Schemas of the SDK want 'static names, so a parsed model is kept for
    // good; there is one for each service at most.
    let model = file(&format!("{service}.json"))
        .and_then(|data| match serde_json::from_slice::<Service>(&data) {
            Ok(m) => Some(m),
            Err(e) => {
                tracing::error!("the embedded model of {service} cannot be read: {e}");
                None
            }
        })
        .map(|m| &*Box::leak(Box::new(m)));
    loaded.insert(service.to_owned(), model);
    model
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn models_and_golden_files_are_of_one_botocore() {
        let pinned = include_str!("../../../tests/requirements.txt");
        for name in services() {
            let version = &service(name).unwrap().botocore;
            assert!(pinned.contains(&format!("botocore=={version}\n")), "{name}");
        }
    }

    #[test]
    fn every_embedded_model_can_be_read() {
        assert!(!services().is_empty());
        for name in services() {
            let data = file(&format!("{name}.json")).unwrap();
            let model: Service = serde_json::from_slice(&data).unwrap();
            assert!(!model.operations.is_empty(), "{name}");
            assert!(file(&format!("{name}.rules.json")).is_some(), "{name}");
        }
    }
}
