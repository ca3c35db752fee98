//! JSON parameters → the SDK's serialisers, guided by the model.

use crate::model::{Member, Of, Scalar, Service, Shape};
use crate::schema::{Inputs, Node, Static};
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_schema::{Schema, prelude};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{Blob, DateTime, Document, Number, base64};
use serde_json::{Map, Value};

/// Parameters that the serialisers can walk.
pub(crate) struct Parameters<'a> {
    pub(crate) model: &'a Service,
    pub(crate) inputs: &'a Inputs,
    /// Members of the structure.
    pub(crate) members: &'a [Member],
    /// Their schemas, in the same order.
    pub(crate) schemas: &'a [Static],
    /// Schema of the structure itself.
    pub(crate) schema: Static,
    /// The values.
    pub(crate) values: &'a Map<String, Value>,
}

impl SerializableStruct for Parameters<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.schema
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        for (member, schema) in self.members.iter().zip(self.schemas) {
            match self.values.get(&member.name) {
                None | Some(Value::Null) => {}
                Some(value) => self
                    .write(member.of, schema, value, to)
                    .map_err(|e| SerdeError::custom(format!("{}: {e}", member.name)))?,
            }
        }
        Ok(())
    }
}

impl Parameters<'_> {
    fn write(
        &self,
        of: Of,
        schema: &Schema<'_>,
        v: &Value,
        to: &mut dyn ShapeSerializer,
    ) -> Result<(), SerdeError> {
        match of {
            Of::Scalar(kind) => scalar(kind, schema, v, to),
            Of::Shape(index) => self.shape(index, schema, v, to),
        }
    }

    fn shape(
        &self,
        index: usize,
        schema: &Schema<'_>,
        v: &Value,
        to: &mut dyn ShapeSerializer,
    ) -> Result<(), SerdeError> {
        let missing = || SerdeError::custom("the model lacks a shape");
        let node = self.inputs.node(index).ok_or_else(missing)?;
        match (self.model.shapes.get(index).ok_or_else(missing)?, node) {
            (Shape::Structure(s), Node::Structure(own, members)) => {
                let inner = Parameters {
                    members: &s.members,
                    schemas: members,
                    schema: own,
                    values: v.as_object().ok_or_else(|| unfit("an object", v))?,
                    ..*self
                };
                known(&s.members, inner.values)?;
                // A payload is written under the name of its own shape.
                let named = schema.member_name().is_some() && schema.http_payload().is_none();
                to.write_struct(if named { schema } else { own }, &inner)
            }
            (Shape::List(e), Node::Element(element)) => {
                let list = v.as_array().ok_or_else(|| unfit("a list", v))?;
                to.write_list_with_length(schema, list.len(), &|to| {
                    list.iter().try_for_each(|v| match v {
                        Value::Null => to.write_null(element),
                        v => self.write(e.of, element, v, to),
                    })
                })
            }
            (Shape::Map(kv), Node::Element(element)) => {
                let map = v.as_object().ok_or_else(|| unfit("an object", v))?;
                to.write_map_with_length(schema, map.len(), &|to| {
                    map.iter().try_for_each(|(k, v)| {
                        to.write_string(&prelude::STRING, k)?;
                        self.write(kv.1.of, element, v, to)
                    })
                })
            }
            _ => Err(missing()),
        }
    }
}

/// Refuses members that the model does not have: the serialisers would leave
/// them out silently, and the answer would be to another question.
pub(crate) fn known(members: &[Member], values: &Map<String, Value>) -> Result<(), SerdeError> {
    match values
        .keys()
        .find(|k| !members.iter().any(|m| m.name == **k))
    {
        None => Ok(()),
        Some(unknown) => Err(SerdeError::custom(format!(
            "the request has no member {unknown}"
        ))),
    }
}

fn scalar(
    kind: Scalar,
    schema: &Schema<'_>,
    v: &Value,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    let whole = || v.as_i64().ok_or_else(|| unfit("a whole number", v));
    let number = || v.as_f64().ok_or_else(|| unfit("a number", v));
    match kind {
        Scalar::String => match v {
            Value::String(s) => to.write_string(schema, s),
            // A paging token may have come as a number.
            Value::Number(n) => to.write_string(schema, &n.to_string()),
            _ => Err(unfit("a text", v)),
        },
        Scalar::Boolean => {
            to.write_boolean(schema, v.as_bool().ok_or_else(|| unfit("a boolean", v))?)
        }
        Scalar::Integer => to.write_integer(
            schema,
            i32::try_from(whole()?).map_err(|_| unfit("a 32-bit number", v))?,
        ),
        Scalar::Long => to.write_long(schema, whole()?),
        // The model's own precision.
        Scalar::Float => to.write_float(schema, number()? as f32),
        Scalar::Double => to.write_double(schema, number()?),
        Scalar::Timestamp => {
            let time = match v {
                Value::String(s) => DateTime::from_str(s, Format::DateTimeWithOffset)
                    .map_err(|e| SerdeError::custom(e.to_string()))?,
                _ => DateTime::from_secs_f64(number()?),
            };
            to.write_timestamp(schema, &time)
        }
        Scalar::Blob => {
            let text = v.as_str().ok_or_else(|| unfit("base64", v))?;
            let bytes = base64::decode(text).map_err(|e| SerdeError::custom(e.to_string()))?;
            to.write_blob(schema, Blob::new(bytes))
        }
        Scalar::Document => to.write_document(schema, &document(v)),
    }
}

fn unfit(wanted: &str, v: &Value) -> SerdeError {
    SerdeError::custom(format!("{wanted} is wanted, not {v}"))
}

/// JSON as the SDK's document type.
pub(crate) fn document(v: &Value) -> Document {
    match v {
        Value::Null => Document::Null,
        Value::Bool(b) => Document::Bool(*b),
        Value::String(s) => Document::String(s.clone()),
        Value::Number(n) => Document::Number(match (n.as_u64(), n.as_i64()) {
            (Some(u), _) => Number::PosInt(u),
            (None, Some(i)) => Number::NegInt(i),
            (None, None) => Number::Float(n.as_f64().unwrap_or_default()),
        }),
        Value::Array(a) => Document::Array(a.iter().map(document).collect()),
        Value::Object(o) => {
            Document::Object(o.iter().map(|(k, v)| (k.clone(), document(v))).collect())
        }
    }
}
