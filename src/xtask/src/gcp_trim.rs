//! One discovery document → the compact model of `shoseki_gcp::model`.

use crate::discovery::CLIENT;
use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use serde_json::Value;
use shoseki_gcp::model::{Method, Param, Place, Service, Shape};
use shoseki_gcp::secrets;
use std::collections::{BTreeMap, BTreeSet};

/// All methods of a document by their id without the service.
pub fn methods(document: &Value) -> BTreeMap<String, &Value> {
    let mut out = BTreeMap::new();
    let mut nodes = vec![document];
    while let Some(node) = nodes.pop() {
        for method in values(&node["methods"]) {
            let id = method["id"].as_str().unwrap_or_default();
            // The first piece is the service's own name, `sql` for sqladmin.
            if let Some((_, name)) = id.split_once('.') {
                out.insert(name.to_owned(), method);
            }
        }
        nodes.extend(values(&node["resources"]));
    }
    out
}

fn values(v: &Value) -> impl Iterator<Item = &Value> {
    v.as_object().into_iter().flatten().map(|(_, v)| v)
}

/// Whether a schema of the document, or an object inside one, has the member.
pub fn has_member(document: &Value, schema: &str, member: &str) -> bool {
    let schema = &document["schemas"][schema];
    !schema["properties"][member].is_null()
        || nested(schema).any(|s| !s["properties"][member].is_null())
}

/// The objects that stand inside a schema's lists.
fn nested(schema: &Value) -> impl Iterator<Item = &Value> {
    values(&schema["properties"]).map(|p| &p["items"])
}

/// Trims the document of `service` to `names`.
pub fn trim(service: &str, document: &Value, names: &BTreeSet<String>) -> Result<Service> {
    let text = |k: &str| -> Result<String> {
        let v = document[k].as_str().with_context(|| format!("no {k}"))?;
        Ok(v.to_owned())
    };
    let root = text("rootUrl")?;
    let host = root
        .strip_prefix("https://")
        .and_then(|r| r.strip_suffix('/'))
        .with_context(|| format!("rootUrl is {root}"))?;
    let all = methods(document);
    let mut trim = Trim {
        service,
        document,
        schemas: BTreeMap::new(),
    };
    let mut out = IndexMap::new();
    for name in names {
        let method = all
            .get(name)
            .with_context(|| format!("has no method {name}"))?;
        out.insert(
            name.clone(),
            trim.method(method).with_context(|| name.clone())?,
        );
    }
    Ok(Service {
        client: CLIENT.to_owned(),
        version: text("version")?,
        revision: text("revision")?,
        host: host.to_owned(),
        base: format!("/{}", text("servicePath")?),
        methods: out,
        schemas: trim.schemas.into_iter().collect(),
    })
}

struct Trim<'d> {
    service: &'d str,
    document: &'d Value,
    schemas: BTreeMap<String, Shape>,
}

impl Trim<'_> {
    fn method(&mut self, m: &Value) -> Result<Method> {
        let mut params = IndexMap::new();
        for (name, p) in m["parameters"].as_object().into_iter().flatten() {
            params.insert(name.clone(), self.param(name, p)?);
        }
        let answer = m["response"]["$ref"].as_str().context("no answer")?;
        let body = m["request"]["$ref"].as_str();
        for schema in body.into_iter().chain([answer]) {
            self.schema(schema)?;
        }
        let token = &self.document["schemas"][answer]["properties"]["nextPageToken"];
        let scopes = m["scopes"].as_array().into_iter().flatten();
        Ok(Method {
            http: m["httpMethod"]
                .as_str()
                .context("no httpMethod")?
                .to_owned(),
            path: m["path"].as_str().context("no path")?.to_owned(),
            pages: params.contains_key("pageToken") && !token.is_null(),
            params,
            body: body.map(str::to_owned),
            answer: answer.to_owned(),
            scopes: scopes
                .filter_map(Value::as_str)
                .map(|s| {
                    s.rsplit('/')
                        .find(|p| !p.is_empty())
                        .unwrap_or(s)
                        .to_owned()
                })
                .collect(),
            secret: self.hides(&Shape::Ref(answer.to_owned()), &mut BTreeSet::new()),
            deprecated: m["deprecated"] == true,
        })
    }

    /// Whether a value of the shape may hold secrets.
    fn hides(&self, shape: &Shape, seen: &mut BTreeSet<String>) -> bool {
        match shape {
            Shape::Secret | Shape::Unless { .. } => true,
            Shape::List(of) | Shape::Map(of) => self.hides(of, seen),
            Shape::Object(members) => members.values().any(|m| self.hides(m, seen)),
            Shape::Ref(name) => {
                let named = self.schemas.get(name);
                seen.insert(name.clone()) && named.is_some_and(|s| self.hides(s, seen))
            }
            _ => false,
        }
    }

    fn param(&mut self, name: &str, p: &Value) -> Result<Param> {
        Ok(Param {
            place: match p["location"].as_str() {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                other => bail!("the parameter {name} stands in {other:?}"),
            },
            of: self.shape(p)?,
            required: p["required"] == true,
            repeated: p["repeated"] == true,
            pattern: p["pattern"].as_str().map(str::to_owned),
        })
    }

    /// Takes a schema and all that it refers to.
    fn schema(&mut self, name: &str) -> Result<()> {
        if self.schemas.contains_key(name) {
            return Ok(());
        }
        let source = &self.document["schemas"][name];
        if source.is_null() {
            bail!("there is no schema {name}");
        }
        self.schemas.insert(name.to_owned(), Shape::Any);
        let shape = self.named(name, source)?;
        self.schemas.insert(name.to_owned(), shape);
        Ok(())
    }

    /// The shape of the schema `name`, or of an object inside it.
    fn named(&mut self, name: &str, source: &Value) -> Result<Shape> {
        let Some(properties) = source["properties"].as_object() else {
            return self.shape(source);
        };
        let mut members = IndexMap::new();
        for (member, p) in properties {
            let inner = &p["items"];
            let shape = match inner["properties"].is_object() {
                true => Shape::List(Box::new(self.named(name, inner)?)),
                false => self.shape(p)?,
            };
            members.insert(member.clone(), self.marked(name, member, shape));
        }
        Ok(Shape::Object(members))
    }

    /// Marks what must not be kept.
    fn marked(&self, schema: &str, member: &str, shape: Shape) -> Shape {
        let unless = secrets::UNLESS.iter().find(|(s, of, m, _, _)| {
            (*s, *of, *m) == (self.service, schema, member) && shape == Shape::Str
        });
        if let Some((_, _, _, beside, values)) = unless {
            return Shape::Unless {
                beside: (*beside).to_owned(),
                values: values.iter().map(|v| (*v).to_owned()).collect(),
            };
        }
        let here = (self.service, schema, member);
        let listed = secrets::SECRET.contains(&here);
        let sounds = shape == Shape::Str
            && secrets::sounds_secret(member)
            && !secrets::PLAIN.contains(&here);
        match listed || sounds {
            true => secret(shape),
            false => shape,
        }
    }

    fn shape(&mut self, s: &Value) -> Result<Shape> {
        if let Some(name) = s["$ref"].as_str() {
            self.schema(name)?;
            return Ok(Shape::Ref(name.to_owned()));
        }
        let kind = s["type"].as_str().context("a schema without a type")?;
        Ok(match (kind, s["format"].as_str()) {
            ("any", _) => Shape::Any,
            ("boolean", _) => Shape::Bool,
            ("integer", _) => Shape::Int,
            ("number", _) => Shape::Float,
            ("string", Some("int64")) => Shape::Long,
            ("string", Some("google-datetime" | "date-time")) => Shape::Time,
            ("string", _) => Shape::Str,
            ("array", _) => Shape::List(Box::new(self.shape(&s["items"])?)),
            ("object", _) => match (&s["properties"], &s["additionalProperties"]) {
                (Value::Object(members), _) => {
                    let mut out = IndexMap::new();
                    for (name, of) in members {
                        out.insert(name.clone(), self.shape(of)?);
                    }
                    Shape::Object(out)
                }
                (_, Value::Null) => Shape::Any,
                (_, of) => Shape::Map(Box::new(self.shape(of)?)),
            },
            (other, _) => bail!("a schema of the type {other}"),
        })
    }
}

/// A shape whose texts must not be kept.
fn secret(shape: Shape) -> Shape {
    match shape {
        Shape::List(e) => Shape::List(Box::new(secret(*e))),
        Shape::Map(v) => Shape::Map(Box::new(secret(*v))),
        _ => Shape::Secret,
    }
}
