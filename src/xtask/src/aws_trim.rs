//! One service of botocore → the compact model of `shoseki_aws::model`.

use crate::botocore::{BOTOCORE, Botocore};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use shoseki_aws::model::{
    Member, Of, Operation, Paginator, Place, Protocol, Scalar, Service, Shape, Structure, TimeForm,
};
use shoseki_aws::secrets;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Protocols, the one that is taken first where a service speaks several.
const PREFERRED: &[(&str, Protocol)] = &[
    ("json", Protocol::Json),
    ("rest-json", Protocol::RestJson),
    ("rest-xml", Protocol::RestXml),
    ("query", Protocol::Query),
    ("ec2", Protocol::Ec2),
];

/// Trims the model of `service` to `operations`.
pub fn trim(data: &Botocore, service: &str, operations: &BTreeSet<String>) -> Result<Service> {
    let model = data.load(service, "service-2")?;
    let pages = data
        .load(service, "paginators-1")
        .map(|mut p| p["pagination"].take())
        .unwrap_or_default();
    let meta = &model["metadata"];
    let protocol = protocol(meta)
        .with_context(|| format!("speaks none of the known protocols: {}", meta["protocols"]))?;
    let mut trim = Trim {
        service,
        source: &model["shapes"],
        protocol,
        index: HashMap::new(),
        shapes: Vec::new(),
    };
    let mut out = BTreeMap::new();
    for name in operations {
        let op = &model["operations"][name];
        if op.is_null() {
            bail!("has no operation {name}");
        }
        out.insert(name.clone(), trim.operation(name, op, &pages[name])?);
    }
    let mut shapes = Vec::new();
    for shape in trim.shapes {
        shapes.push(shape.context("a shape was left unfinished")?);
    }
    mark_secret(&mut out, &shapes);
    let text = |k: &str| meta[k].as_str().map(str::to_owned);
    Ok(Service {
        botocore: BOTOCORE.to_owned(),
        id: text("serviceId").context("no serviceId")?,
        protocol,
        api: text("apiVersion").context("no apiVersion")?,
        endpoint_prefix: text("endpointPrefix").context("no endpointPrefix")?,
        signing_name: text("signingName").filter(|s| meta["endpointPrefix"] != s.as_str()),
        namespace: text("xmlNamespace"),
        target_prefix: text("targetPrefix"),
        json_version: text("jsonVersion").filter(|_| protocol == Protocol::Json),
        query_compatible: !meta["awsQueryCompatible"].is_null(),
        operations: out,
        shapes,
    })
}

/// The protocol to speak.
pub fn protocol(meta: &Value) -> Option<Protocol> {
    let spoken: Vec<&str> = match meta["protocols"].as_array() {
        Some(list) => list.iter().filter_map(Value::as_str).collect(),
        None => meta["protocol"].as_str().into_iter().collect(),
    };
    PREFERRED
        .iter()
        .find(|(name, _)| spoken.contains(name))
        .map(|(_, p)| *p)
}

/// Services that the tables of secrets name.
pub fn services_with_secrets() -> BTreeSet<&'static str> {
    let secret = secrets::SECRET.iter().map(|(service, _, _)| *service);
    let plain = secrets::PLAIN.iter().map(|(service, _)| *service);
    secret.chain(plain).collect()
}

/// Fails on an entry of the tables of secrets that the model does not have.
pub fn check_secrets(service: &str, shapes: &Value) -> Result<()> {
    for (s, shape, member) in secrets::SECRET {
        if *s == service
            && shapes[shape]["members"][member].is_null()
            && shapes[shape][member].is_null()
        {
            bail!(
                "{service}: secrets::SECRET names {shape}.{member}, which the model does not have"
            );
        }
    }
    for (s, shape) in secrets::PLAIN {
        if *s == service && shapes[shape].is_null() {
            bail!("{service}: secrets::PLAIN names {shape}, which the model does not have");
        }
    }
    Ok(())
}

/// Marks the operations whose answer reaches a secret member.
fn mark_secret(operations: &mut BTreeMap<String, Operation>, shapes: &[Shape]) {
    for op in operations.values_mut() {
        let mut seen = vec![false; shapes.len()];
        op.secret = op
            .output
            .is_some_and(|o| reaches_secret(o, shapes, &mut seen));
    }
}

fn reaches_secret(index: usize, shapes: &[Shape], seen: &mut [bool]) -> bool {
    if std::mem::replace(&mut seen[index], true) {
        return false;
    }
    let mut member =
        |m: &Member| m.secret || matches!(m.of, Of::Shape(i) if reaches_secret(i, shapes, seen));
    match &shapes[index] {
        Shape::Structure(s) => s.members.iter().any(member),
        Shape::List(e) => member(e),
        Shape::Map(kv) => member(&kv.1),
    }
}

struct Trim<'m> {
    service: &'m str,
    source: &'m Value,
    protocol: Protocol,
    index: HashMap<String, usize>,
    shapes: Vec<Option<Shape>>,
}

impl Trim<'_> {
    fn operation(&mut self, name: &str, op: &Value, pages: &Value) -> Result<Operation> {
        let mut out = Operation::default();
        if let Some(shape) = op["input"]["shape"].as_str() {
            out.input = Some(self.shape(shape)?);
            out.input_name = text(&op["input"]["locationName"]);
            out.input_namespace = text(&op["input"]["xmlNamespace"]["uri"]);
        }
        if let Some(shape) = op["output"]["shape"].as_str() {
            out.output = Some(self.shape(shape)?);
            let wrapper = &op["output"]["resultWrapper"];
            if wrapper
                .as_str()
                .is_some_and(|w| w != format!("{name}Result"))
            {
                bail!("{name} has the unusual wrapper {wrapper}");
            }
        }
        if self.protocol.is_rest() {
            out.method = text(&op["http"]["method"]).unwrap_or_else(|| "GET".to_owned());
            out.uri = self.uri(op);
        }
        out.host_prefix = text(&op["endpoint"]["hostPrefix"]);
        for (k, v) in op["staticContextParams"].as_object().into_iter().flatten() {
            out.context.insert(k.clone(), v["value"].clone());
        }
        if pages.is_object() {
            out.pages = Some(Paginator {
                input: texts(&pages["input_token"]),
                output: texts(&pages["output_token"]),
                result: texts(&pages["result_key"]),
                more: text(&pages["more_results"]),
            });
        }
        Ok(out)
    }

    /// The URI template with member names as labels.
    fn uri(&self, op: &Value) -> String {
        let mut uri = text(&op["http"]["requestUri"]).unwrap_or_else(|| "/".to_owned());
        let Some(shape) = op["input"]["shape"].as_str() else {
            return uri;
        };
        for (name, m) in self.source[shape]["members"]
            .as_object()
            .into_iter()
            .flatten()
        {
            if let (Some("uri"), Some(wire)) = (m["location"].as_str(), m["locationName"].as_str())
            {
                for end in ["}", "+}"] {
                    uri = uri.replace(&format!("{{{wire}{end}"), &format!("{{{name}{end}"));
                }
            }
        }
        uri
    }

    /// The index of the shape `name`, trimmed when first met.
    fn shape(&mut self, name: &str) -> Result<usize> {
        if let Some(known) = self.index.get(name) {
            return Ok(*known);
        }
        let place = self.shapes.len();
        self.index.insert(name.to_owned(), place);
        self.shapes.push(None);
        let source = self.source;
        let shape = &source[name];
        let trimmed = match shape["type"].as_str() {
            Some("structure") => {
                let mut s = Structure {
                    name: name.to_owned(),
                    xml: text(&shape["locationName"]),
                    namespace: namespace(&shape["xmlNamespace"]),
                    union: shape["union"] == true,
                    members: Vec::new(),
                };
                for (member, reference) in shape["members"].as_object().into_iter().flatten() {
                    s.members.push(self.member(name, member, reference, shape)?);
                }
                Shape::Structure(s)
            }
            Some("list") => Shape::List(Box::new(self.member(
                name,
                "member",
                &shape["member"],
                &Value::Null,
            )?)),
            Some("map") => Shape::Map(Box::new((
                self.member(name, "key", &shape["key"], &Value::Null)?,
                self.member(name, "value", &shape["value"], &Value::Null)?,
            ))),
            other => bail!("shape {name} is of the unknown type {other:?}"),
        };
        self.shapes[place] = Some(trimmed);
        Ok(place)
    }

    fn of(&mut self, reference: &Value) -> Result<Of> {
        let name = reference["shape"]
            .as_str()
            .context("a member without shape")?;
        let shape = &self.source[name];
        Ok(match shape["type"].as_str().unwrap_or_default() {
            "string" | "character" => Of::Scalar(Scalar::String),
            "boolean" => Of::Scalar(Scalar::Boolean),
            "integer" => Of::Scalar(Scalar::Integer),
            "long" => Of::Scalar(Scalar::Long),
            "float" => Of::Scalar(Scalar::Float),
            "double" => Of::Scalar(Scalar::Double),
            "timestamp" => Of::Scalar(Scalar::Timestamp),
            "blob" => Of::Scalar(Scalar::Blob),
            "structure" if shape["document"] == true || reference["document"] == true => {
                Of::Scalar(Scalar::Document)
            }
            _ => Of::Shape(self.shape(name)?),
        })
    }

    fn member(&mut self, owner: &str, name: &str, r: &Value, parent: &Value) -> Result<Member> {
        let target = r["shape"].as_str().context("a member without shape")?;
        let shape = &self.source[target];
        let kind = shape["type"].as_str().unwrap_or_default();
        let mut m = Member {
            // Elements, keys and values have no name of their own.
            name: if parent.is_null() {
                String::new()
            } else {
                name.to_owned()
            },
            of: self.of(r)?,
            payload: parent["payload"] == name,
            required: parent["required"]
                .as_array()
                .is_some_and(|a| a.iter().any(|x| x == name)),
            attribute: r["xmlAttribute"] == true || shape["xmlAttribute"] == true,
            namespace: namespace(&r["xmlNamespace"]),
            secret: self.secret(owner, name, target, shape),
            policy: self.service == "iam" && target == "policyDocumentType",
            ..Member::default()
        };
        let mut wire = text(&r["locationName"])
            .or_else(|| text(&shape["locationName"]).filter(|_| kind != "structure"));
        m.flat = r["flattened"] == true || shape["flattened"] == true;
        m.place = match r["location"].as_str() {
            Some("header") => Some(Place::Header),
            Some("headers") => Some(Place::Headers),
            Some("uri") => Some(Place::Uri),
            Some("querystring") => Some(Place::Query),
            Some("statusCode") => Some(Place::Status),
            Some(other) => bail!("{owner}.{name} travels in the unknown place {other}"),
            None => None,
        };
        if m.place.is_none() {
            if m.flat && kind == "list" {
                wire = text(&shape["member"]["locationName"]).or(wire);
            }
            if self.protocol == Protocol::Ec2 {
                let spelled = text(&r["queryName"])
                    .or_else(|| text(&r["locationName"]).map(|n| capital(&n)))
                    .unwrap_or_else(|| capital(name));
                let usual = capital(wire.as_deref().unwrap_or(name));
                m.query = Some(spelled).filter(|q| *q != usual);
            }
        }
        m.wire = wire.filter(|w| w != name || parent.is_null());
        let form = text(&r["timestampFormat"])
            .or_else(|| text(&shape["timestampFormat"]).filter(|_| kind == "timestamp"));
        m.time = match form.as_deref() {
            Some("unixTimestamp") => Some(TimeForm::Epoch),
            Some("iso8601") => Some(TimeForm::Iso),
            Some("rfc822") => Some(TimeForm::Http),
            Some(other) => bail!("{owner}.{name} has the unknown time format {other}"),
            None => None,
        };
        Ok(m)
    }

    fn secret(&self, owner: &str, name: &str, target: &str, shape: &Value) -> bool {
        // A paging token is no secret worth keeping, and paging needs it.
        if name.to_ascii_lowercase().ends_with("token") && self.is_page_token(target) {
            return false;
        }
        let plain = secrets::PLAIN.contains(&(self.service, target));
        shape["sensitive"] == true && !plain
            || secrets::SECRET.contains(&(self.service, owner, name))
    }

    fn is_page_token(&self, shape: &str) -> bool {
        shape.to_ascii_lowercase().contains("nexttoken")
    }
}

fn text(v: &Value) -> Option<String> {
    v.as_str().map(str::to_owned)
}

/// botocore writes a namespace as text or as `{uri, prefix}`.
fn namespace(v: &Value) -> Option<String> {
    text(v).or_else(|| text(&v["uri"]))
}

/// One text or a list of texts.
fn texts(v: &Value) -> Vec<String> {
    match v {
        Value::Array(a) => a.iter().filter_map(text).collect(),
        _ => text(v).into_iter().collect(),
    }
}

fn capital(s: &str) -> String {
    let mut chars = s.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
