//! XML bodies.

use super::scalar::{policy_document, text_value};
use super::{REDACTED, Received};
use crate::model::{Member, Of, Protocol, Scalar, Service, Shape};
use roxmltree::{Document, Node};
use serde_json::map::Entry;
use serde_json::{Map, Value};
use shoseki_caller::Marks;
use std::ops::Range;

/// The members, and the places of secrets in the text.
type Parsed = (Map<String, Value>, Vec<Range<usize>>);

/// Reads the document of `members`.
pub(crate) fn read(
    answer: &Received<'_>,
    text: &str,
    members: &[Member],
    marks: &Marks<'_>,
) -> Result<Parsed, String> {
    let document = Document::parse(text).map_err(|e| format!("the body is not XML: {e}"))?;
    let root = document.root_element();
    let mut reader = Reader {
        model: answer.model,
        secrets: Vec::new(),
    };
    let value = if answer.name == "GetBucketLocation" {
        reader.location(root, members)?
    } else {
        let top = top(answer, root, members)?;
        reader.structure(top, members, marks)?
    };
    Ok((value, reader.secrets))
}

/// The element that holds the members, or what stands in its place.
fn top<'n, 'd>(
    answer: &Received<'_>,
    root: Node<'n, 'd>,
    members: &[Member],
) -> Result<Node<'n, 'd>, String> {
    let found = root.tag_name().name();
    let name = answer.name;
    match answer.model.protocol {
        Protocol::Query | Protocol::Ec2 => {
            if found != format!("{name}Response") {
                return Err(format!("the body is <{found}>, not <{name}Response>"));
            }
            if answer.model.protocol == Protocol::Ec2 {
                return Ok(root);
            }
            let result = format!("{name}Result");
            root.children()
                .find(|n| n.tag_name().name() == result)
                .ok_or_else(|| format!("the body has no <{result}>"))
        }
        // restXml names no root in the models, so that only a document with
        // nothing of what is expected can be told.
        _ => {
            let mut elements = root.children().filter(Node::is_element).peekable();
            let known = |n: Node<'_, '_>| find(members, n.tag_name().name()).is_some();
            let page = found.eq_ignore_ascii_case("html");
            // An empty answer shows that it is one by the service's namespace alone.
            let stray = elements.peek().is_none() && root.tag_name().namespace().is_none();
            if page || stray || (elements.peek().is_some() && !elements.any(known)) {
                return Err(format!(
                    "the body is <{found}> with none of the members expected"
                ));
            }
            Ok(root)
        }
    }
}

fn find<'m>(members: &'m [Member], name: &str) -> Option<&'m Member> {
    members
        .iter()
        .find(|m| m.place.is_none() && !m.attribute && m.wire_name() == name)
}

struct Reader<'a> {
    model: &'a Service,
    secrets: Vec<Range<usize>>,
}

impl Reader<'_> {
    /// S3 GetBucketLocation: the root is the value; empty stands for us-east-1.
    fn location(
        &mut self,
        root: Node<'_, '_>,
        members: &[Member],
    ) -> Result<Map<String, Value>, String> {
        let Some(m) = members.first().filter(|m| root.tag_name().name() == m.name) else {
            return Err(format!("the body is <{}>", root.tag_name().name()));
        };
        let value = self.scalar(root, Scalar::String, false)?;
        let value = if value == "" { Value::Null } else { value };
        Ok(Map::from_iter([(m.name.clone(), value)]))
    }

    fn structure(
        &mut self,
        node: Node<'_, '_>,
        members: &[Member],
        marks: &Marks<'_>,
    ) -> Result<Map<String, Value>, String> {
        let mut out = Map::new();
        for m in members.iter().filter(|m| m.attribute) {
            let local = m.wire_name().rsplit(':').next().unwrap_or_default();
            if let Some(a) = node.attributes().find(|a| a.name() == local) {
                let secret = marks.enter(&m.name, m.secret).secret;
                if secret {
                    self.secrets.push(a.range_value());
                }
                let text = if secret { REDACTED } else { a.value() };
                out.insert(m.name.clone(), text.into());
            }
        }
        let mut empty = true;
        for child in node.children().filter(Node::is_element) {
            empty = false;
            let Some(m) = find(members, child.tag_name().name()) else {
                continue;
            };
            let marks = marks.enter(&m.name, m.secret);
            self.member(child, m, &marks, &mut out)
                .map_err(|e| format!("{}: {e}", m.name))?;
        }
        if empty && text_of(node).is_some_and(|t| !t.trim().is_empty()) {
            return Err("text where a structure is wanted".to_owned());
        }
        Ok(out)
    }

    fn member(
        &mut self,
        node: Node<'_, '_>,
        m: &Member,
        marks: &Marks<'_>,
        out: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let shape = match m.of {
            Of::Shape(i) if m.flat => self.model.shapes.get(i),
            _ => None,
        };
        match shape {
            Some(Shape::List(e)) => {
                let v = self.value(node, e.of, &marks.also(e.secret))?;
                match out
                    .entry(m.name.as_str())
                    .or_insert_with(|| Value::Array(Vec::new()))
                {
                    Value::Array(list) => list.push(v),
                    _ => return Err("it is given twice".to_owned()),
                }
            }
            Some(Shape::Map(kv)) => {
                let (key, v) = self.pair(node, kv, marks)?;
                match out
                    .entry(m.name.as_str())
                    .or_insert_with(|| Value::Object(Map::new()))
                {
                    Value::Object(map) if !map.contains_key(&key) => map.insert(key, v),
                    _ => return Err("it is given twice".to_owned()),
                };
            }
            _ => {
                let mut v = self.value(node, m.of, marks)?;
                if m.policy {
                    policy_document(&mut v);
                }
                match out.entry(m.name.as_str()) {
                    Entry::Vacant(place) => place.insert(v),
                    Entry::Occupied(_) => return Err("it is given twice".to_owned()),
                };
            }
        }
        Ok(())
    }

    fn value(&mut self, node: Node<'_, '_>, of: Of, marks: &Marks<'_>) -> Result<Value, String> {
        let index = match of {
            Of::Scalar(kind) => return self.scalar(node, kind, marks.secret),
            Of::Shape(index) => index,
        };
        // Borrowed for the life of the model, not of this reader.
        let model = self.model;
        match model.shapes.get(index) {
            Some(Shape::Structure(s)) => self.structure(node, &s.members, marks).map(Value::Object),
            Some(Shape::List(e)) => {
                self.container(node)?;
                let marks = marks.also(e.secret);
                node.children()
                    .filter(Node::is_element)
                    .map(|n| self.value(n, e.of, &marks))
                    .collect()
            }
            Some(Shape::Map(kv)) => {
                self.container(node)?;
                let mut map = Map::new();
                for entry in node.children().filter(Node::is_element) {
                    let (key, v) = self.pair(entry, kv, marks)?;
                    if map.insert(key, v).is_some() {
                        return Err("a key is given twice".to_owned());
                    }
                }
                Ok(Value::Object(map))
            }
            None => Err("the model lacks a shape".to_owned()),
        }
    }

    /// Refuses text in place of the elements of a list or map.
    fn container(&self, node: Node<'_, '_>) -> Result<(), String> {
        let text = text_of(node).is_some_and(|t| !t.trim().is_empty());
        if text && !node.children().any(|n| n.is_element()) {
            return Err("text where a list is wanted".to_owned());
        }
        Ok(())
    }

    fn pair(
        &mut self,
        entry: Node<'_, '_>,
        kv: &(Member, Member),
        marks: &Marks<'_>,
    ) -> Result<(String, Value), String> {
        let named = |m: &Member, usual: &str| {
            let name = m.wire.as_deref().unwrap_or(usual).to_owned();
            entry
                .children()
                .find(|n| n.is_element() && n.tag_name().name() == name)
                .ok_or_else(|| format!("an entry has no <{name}>"))
        };
        let key = self.scalar(named(&kv.0, "key")?, Scalar::String, false)?;
        let key = key.as_str().unwrap_or_default().to_owned();
        let marks = marks.enter(&key, kv.1.secret);
        let v = self.value(named(&kv.1, "value")?, kv.1.of, &marks)?;
        Ok((key, v))
    }

    fn scalar(&mut self, node: Node<'_, '_>, kind: Scalar, secret: bool) -> Result<Value, String> {
        if node.children().any(|n| n.is_element()) {
            return Err(format!("elements where a {kind:?} is wanted"));
        }
        let text = text_of(node).unwrap_or_default();
        if secret && !text.is_empty() {
            let texts = node.children().filter(Node::is_text);
            self.secrets.extend(texts.map(|n| n.range()));
            return Ok(REDACTED.into());
        }
        Ok(text_value(kind, text))
    }
}

/// The text of an element, also where comments or CDATA cut it.
fn text_of(node: Node<'_, '_>) -> Option<String> {
    let mut texts = node
        .children()
        .filter(Node::is_text)
        .filter_map(|n| n.text());
    let mut all = texts.next()?.to_owned();
    texts.for_each(|t| all.push_str(t));
    Some(all)
}
