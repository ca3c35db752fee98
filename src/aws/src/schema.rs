//! Schemas of requests for the SDK's protocol serialisers, built from the
//! models when an operation is first called.
//!
//! The SDK wants `Schema<'static>`; each is made once and kept, so what is kept
//! is bounded by the embedded models. Answers need no schemas (see [`crate::read`]).

use crate::model::{
    Member, Of, Operation, Place, Protocol, Scalar, Service, Shape, Structure, TimeForm,
};
use aws_smithy_schema::traits::{HttpTrait, TimestampFormat};
use aws_smithy_schema::{Schema, ShapeId, ShapeType, intern_header_name};
use std::sync::OnceLock;

/// A schema that lives as long as the process.
pub(crate) type Static = &'static Schema<'static>;

/// Request schemas of one service.
pub(crate) struct Inputs {
    model: &'static Service,
    nodes: Vec<OnceLock<Node>>,
}

/// The schemas that belong to one shape.
pub(crate) enum Node {
    /// The structure and its members, in the model's order.
    Structure(Static, Vec<Static>),
    /// The element of a list or the value of a map.
    Element(Static),
}

/// The schemas of one operation's request.
pub(crate) struct InputSchema {
    /// As the model has it.
    pub(crate) plain: Static,
    /// Without `/{Bucket}` in the path, which the endpoint holds instead.
    pub(crate) bucketless: Static,
}

impl Inputs {
    pub(crate) fn new(model: &'static Service) -> Self {
        Self {
            model,
            nodes: model.shapes.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The schemas of the shape at `index`; `None` for an index that the model
    /// does not have.
    pub(crate) fn node(&self, index: usize) -> Option<&Node> {
        let shape = self.model.shapes.get(index)?;
        Some(self.nodes.get(index)?.get_or_init(|| match shape {
            Shape::Structure(s) => self.structure(s),
            Shape::List(e) => Node::Element(self.element(e)),
            Shape::Map(kv) => Node::Element(self.element(&kv.1)),
        }))
    }

    /// The schemas of the request of `operation`.
    pub(crate) fn operation(&self, name: &str, operation: &Operation) -> InputSchema {
        let members: &'static [Static] = match operation.input.and_then(|i| self.node(i)) {
            Some(Node::Structure(_, members)) => leak_all(members),
            _ => &[],
        };
        let make = |uri: &str| {
            let id = id(leak(&format!("{name}Input")));
            let mut s = Schema::new_struct(id, ShapeType::Structure, members);
            if self.model.protocol.is_rest() {
                s = s.with_http(HttpTrait::new(leak(&operation.method), leak(uri), None));
            }
            if let Some(name) = &operation.input_name {
                s = s.with_xml_name(leak(name));
            }
            if let Some(namespace) = &operation.input_namespace {
                s = s.with_xml_namespace(leak(namespace), None);
            }
            keep(s)
        };
        let plain = make(&operation.uri);
        InputSchema {
            plain,
            bucketless: match operation.uri.strip_prefix("/{Bucket}") {
                Some(rest) if rest.starts_with('/') => make(rest),
                Some(rest) => make(&format!("/{rest}")),
                None => plain,
            },
        }
    }

    fn structure(&self, s: &Structure) -> Node {
        let members: Vec<Static> = s
            .members
            .iter()
            .enumerate()
            .map(|(i, m)| {
                let name = leak(&m.name);
                let schema = Schema::new_member(id(name), self.kind(m.of), name, i);
                keep(self.with_traits(schema, name, m))
            })
            .collect();
        let kind = if s.union {
            ShapeType::Union
        } else {
            ShapeType::Structure
        };
        let mut schema = Schema::new_struct(id(leak(&s.name)), kind, leak_all(&members));
        if let Some(name) = &s.xml {
            schema = schema.with_xml_name(leak(name));
        }
        if let Some(namespace) = &s.namespace {
            schema = schema.with_xml_namespace(leak(namespace), None);
        }
        Node::Structure(keep(schema), members)
    }

    /// An element as codecs want it inside a collection: without a member name.
    fn element(&self, m: &Member) -> Static {
        let mut schema = Schema::new(id("element"), self.kind(m.of));
        if let Some(form) = m.time {
            schema = schema.with_timestamp_format(format_of(form));
        }
        schema = self.with_inner(schema, m.of);
        if self.model.protocol == Protocol::Ec2 && matches!(self.kind(m.of), ShapeType::List) {
            schema = schema.with_xml_flattened();
        }
        keep(schema)
    }

    fn named_element(&self, m: &Member, name: &'static str, index: usize) -> Static {
        let schema = Schema::new_member(id(name), self.kind(m.of), name, index);
        keep(self.with_traits(schema, name, m))
    }

    fn kind(&self, of: Of) -> ShapeType {
        match of {
            Of::Scalar(Scalar::String) => ShapeType::String,
            Of::Scalar(Scalar::Boolean) => ShapeType::Boolean,
            Of::Scalar(Scalar::Integer) => ShapeType::Integer,
            Of::Scalar(Scalar::Long) => ShapeType::Long,
            Of::Scalar(Scalar::Float) => ShapeType::Float,
            Of::Scalar(Scalar::Double) => ShapeType::Double,
            Of::Scalar(Scalar::Timestamp) => ShapeType::Timestamp,
            Of::Scalar(Scalar::Blob) => ShapeType::Blob,
            Of::Scalar(Scalar::Document) => ShapeType::Document,
            Of::Shape(i) => match self.model.shapes.get(i) {
                Some(Shape::List(_)) => ShapeType::List,
                Some(Shape::Map(_)) => ShapeType::Map,
                Some(Shape::Structure(s)) if s.union => ShapeType::Union,
                _ => ShapeType::Structure,
            },
        }
    }

    fn with_traits(&self, s: Schema<'static>, name: &'static str, m: &Member) -> Schema<'static> {
        let wire = m.wire.as_deref().map(leak);
        let mut s = match m.place {
            Some(Place::Header) => s.with_http_header(intern_header_name(wire.unwrap_or(name))),
            Some(Place::Headers) => s.with_http_prefix_headers(wire.unwrap_or("")),
            Some(Place::Uri) => s.with_http_label(),
            Some(Place::Query) if matches!(self.kind(m.of), ShapeType::Map) => {
                s.with_http_query_params()
            }
            Some(Place::Query) => s.with_http_query(wire.unwrap_or(name)),
            Some(Place::Status) => s.with_http_response_code(),
            None => self.with_body_name(s, name, wire, m),
        };
        if m.flat && self.model.protocol != Protocol::Ec2 {
            s = s.with_xml_flattened();
        }
        if m.payload {
            s = s.with_http_payload();
        }
        if m.attribute {
            s = s.with_xml_attribute();
        }
        if let Some(namespace) = &m.namespace {
            s = s.with_xml_namespace(leak(namespace), None);
        }
        if let Some(form) = m.time {
            s = s.with_timestamp_format(format_of(form));
        }
        self.with_inner(s, m.of)
    }

    fn with_body_name(
        &self,
        s: Schema<'static>,
        name: &'static str,
        wire: Option<&'static str>,
        m: &Member,
    ) -> Schema<'static> {
        match (self.model.protocol, wire) {
            // ec2Query is awsQuery with its own names and flattened lists.
            (Protocol::Ec2, _) => {
                let usual = capital(wire.unwrap_or(name));
                let query = m.query.as_deref().unwrap_or(&usual);
                let s = if query == name {
                    s
                } else {
                    s.with_xml_name(leak(query))
                };
                if matches!(self.kind(m.of), ShapeType::List) {
                    s.with_xml_flattened()
                } else {
                    s
                }
            }
            (Protocol::RestJson, Some(wire)) => s.with_json_name(wire),
            (Protocol::Json, _) | (_, None) => s,
            (_, Some(wire)) => s.with_xml_name(wire),
        }
    }

    /// Adds the element of a list, or key and value of a map.
    fn with_inner(&self, s: Schema<'static>, of: Of) -> Schema<'static> {
        let Of::Shape(i) = of else { return s };
        match self.model.shapes.get(i) {
            Some(Shape::List(e)) => s.with_list_member(self.named_element(e, "member", 0)),
            Some(Shape::Map(kv)) => s.with_map_members(
                self.named_element(&kv.0, "key", 0),
                self.named_element(&kv.1, "value", 1),
            ),
            _ => s,
        }
    }
}

fn format_of(form: TimeForm) -> TimestampFormat {
    match form {
        TimeForm::Epoch => TimestampFormat::EpochSeconds,
        TimeForm::Iso => TimestampFormat::DateTime,
        TimeForm::Http => TimestampFormat::HttpDate,
    }
}

fn capital(s: &str) -> String {
    let mut chars = s.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn id(name: &'static str) -> ShapeId<'static> {
    ShapeId::from_parts(leak(&format!("aws#{name}")), "aws", name)
}

fn leak(s: &str) -> &'static str {
    Box::leak(s.to_owned().into_boxed_str())
}

fn keep(s: Schema<'static>) -> Static {
    Box::leak(Box::new(s))
}

fn leak_all(members: &[Static]) -> &'static [Static] {
    Box::leak(members.to_vec().into_boxed_slice())
}
