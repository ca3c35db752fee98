//! The parts of a compact service model that a server needs.

use serde_json::Value;
use std::collections::BTreeMap;

/// One operation of a compact model.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `GetBucketPolicy`.
    pub name: String,
    /// HTTP method.
    pub method: String,
    /// URI template of REST protocols, `/{Bucket}?policy`.
    pub uri: String,
    /// Index of the request shape.
    pub input: Option<usize>,
    /// Index of the answer's shape.
    pub output: Option<usize>,
    /// Paging, as the compact model has it: `i`, `o`, `r`, `m`, `l`.
    pub page: Option<Value>,
    /// S3 `GetBucketLocation`: the answer is the bare root element.
    pub unwrapped: bool,
}

/// One service.
#[derive(Debug, Clone)]
pub struct Model {
    /// `elbv2`, as the CLI names it.
    pub service: String,
    /// `json`, `rest-json`, `rest-xml`, `query`, `ec2`.
    pub protocol: String,
    /// Name in the signature.
    pub signing: String,
    /// API version, which tells query services with one signing name apart.
    pub version: String,
    /// `X-Amz-Target` prefix.
    pub target: String,
    /// XML name space.
    pub namespace: Option<String>,
    /// awsJson version.
    pub json_version: String,
    /// Shapes in the compact form.
    pub shapes: Vec<Value>,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
}

/// All services at hand.
#[derive(Debug, Clone, Default)]
pub struct Models(pub Vec<Model>);

fn text(v: &Value, key: &str) -> Option<String> {
    v.get(key).and_then(Value::as_str).map(str::to_owned)
}

impl Model {
    /// Reads a compact model. Errors name what is missing.
    pub fn parse(service: &str, v: &Value) -> Result<Self, String> {
        let need = |k: &str| text(v, k).ok_or_else(|| format!("model of {service}: no `{k}`"));
        let endpoint = need("ep")?;
        let mut operations = BTreeMap::new();
        for (name, o) in v
            .get("ops")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let index = |k: &str| o.get(k).and_then(Value::as_u64).map(|i| i as usize);
            operations.insert(
                name.clone(),
                Operation {
                    name: name.clone(),
                    method: text(o, "h").unwrap_or_else(|| "GET".into()),
                    uri: text(o, "u").unwrap_or_else(|| "/".into()),
                    input: index("i"),
                    output: index("o"),
                    page: o.get("p").cloned(),
                    unwrapped: o.get("un").is_some(),
                },
            );
        }
        Ok(Self {
            service: service.to_owned(),
            protocol: need("proto")?,
            signing: text(v, "sign").unwrap_or(endpoint),
            version: text(v, "api").unwrap_or_default(),
            target: text(v, "tp").unwrap_or_default(),
            namespace: text(v, "ns"),
            json_version: text(v, "jv").unwrap_or_else(|| "1.1".into()),
            shapes: v
                .get("shapes")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            operations,
        })
    }

    /// The members `[name, target, traits]` of a structure shape.
    pub fn members(&self, shape: Option<usize>) -> &[Value] {
        shape
            .and_then(|i| self.shapes.get(i))
            .and_then(|s| s.get("m"))
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }
}

/// A trait of a member, `w` for its wire name.
pub(crate) fn tr<'v>(member: &'v Value, index: usize, key: &str) -> Option<&'v Value> {
    member.get(index).and_then(|t| t.get(key))
}
