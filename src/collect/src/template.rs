//! Templates: `arn:{partition}:s3:::{Name}`.

use crate::path::{Misshapen, Path, Selected, name_of};
use serde_json::{Map, Value};

/// Where a reference looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A member of the list item.
    Item,
    /// A member of the parent's list item.
    Parent,
    /// The entry of the part's `each` list.
    Each,
    /// The account.
    Account,
    /// The region that is asked.
    Region,
    /// The partition.
    Partition,
}

/// One `{…}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it looks.
    pub root: Root,
    /// The member below it; `None` for the thing itself.
    pub path: Option<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Ref(Reference),
}

/// Text with references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
    source: String,
}

/// What references are looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// `{account}`.
    pub account: &'a str,
    /// `{region}`.
    pub region: &'a str,
    /// `{partition}`.
    pub partition: &'a str,
    /// The list item.
    pub item: &'a Value,
    /// The parent's list item.
    pub parent: &'a Value,
    /// The entry.
    pub each: &'a Value,
}

/// Why a template has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// The member is missing or null.
    #[error("`{0}` needs a member that the item does not have")]
    Absent(String),
    /// Something that is no text stands where text is needed.
    #[error("`{0}`: {1} cannot stand inside text")]
    NotText(String, &'static str),
    /// The path does not fit the item.
    #[error(transparent)]
    Misshapen(#[from] Misshapen),
}

impl Template {
    /// Reads a template; the error says what is wrong with it.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            let Some(len) = rest[open..].find('}') else {
                return Err(format!("`{source}`: `{{` is never closed"));
            };
            pieces.push(Piece::Ref(reference(&rest[open + 1..open + len])?));
            rest = &rest[open + len + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self {
            pieces,
            source: source.to_owned(),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Its references.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        self.pieces.iter().filter_map(|p| match p {
            Piece::Ref(r) => Some(r),
            Piece::Text(_) => None,
        })
    }

    /// The one reference that the template consists of, if it does.
    pub fn sole(&self) -> Option<&Reference> {
        match self.pieces.as_slice() {
            [Piece::Ref(r)] => Some(r),
            _ => None,
        }
    }

    /// The value; a template of one reference keeps the value's JSON type.
    pub fn value(&self, names: &Names<'_>) -> Result<Value, Unfilled> {
        match self.sole() {
            Some(r) => self.look_up(r, names),
            None => self.text(names).map(Value::String),
        }
    }

    /// The value as text.
    pub fn text(&self, names: &Names<'_>) -> Result<String, Unfilled> {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(t) => out.push_str(t),
                Piece::Ref(r) => match self.look_up(r, names)? {
                    Value::String(s) => out.push_str(&s),
                    v @ (Value::Number(_) | Value::Bool(_)) => out.push_str(&v.to_string()),
                    v => return Err(Unfilled::NotText(self.source.clone(), name_of(&v))),
                },
            }
        }
        Ok(out)
    }

    fn look_up(&self, r: &Reference, names: &Names<'_>) -> Result<Value, Unfilled> {
        let root = match r.root {
            Root::Account => return Ok(names.account.into()),
            Root::Region => return Ok(names.region.into()),
            Root::Partition => return Ok(names.partition.into()),
            Root::Item => names.item,
            Root::Parent => names.parent,
            Root::Each => names.each,
        };
        let found = match &r.path {
            Some(p) => p.select(root)?,
            None => Selected::One(root),
        };
        match found.to_value() {
            Value::Null => Err(Unfilled::Absent(self.source.clone())),
            v => Ok(v),
        }
    }
}

fn reference(inside: &str) -> Result<Reference, String> {
    let of = |root, path: Option<&str>| {
        Ok(Reference {
            root,
            path: path.map(Path::parse).transpose()?,
        })
    };
    match inside {
        "account" => of(Root::Account, None),
        "region" => of(Root::Region, None),
        "partition" => of(Root::Partition, None),
        "each" => of(Root::Each, None),
        "parent" | "item" => Err(format!(
            "`{{{inside}}}`: name a member, `{{{inside}.Name}}`"
        )),
        _ => match inside.split_once('.') {
            Some(("parent", rest)) => of(Root::Parent, Some(rest)),
            Some(("each", rest)) => of(Root::Each, Some(rest)),
            Some(("item", rest)) => of(Root::Item, Some(rest)),
            _ => of(Root::Item, Some(inside)),
        },
    }
}

/// A parameter value: JSON whose texts are templates.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// A text.
    Text(Template),
    /// A number, true or false.
    Plain(Value),
    /// A list.
    List(Vec<Param>),
    /// Named members.
    Object(Vec<(String, Param)>),
}

impl Param {
    /// All templates inside.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Param::Text(t) => vec![t],
            Param::Plain(_) => Vec::new(),
            Param::List(l) => l.iter().flat_map(Param::templates).collect(),
            Param::Object(o) => o.iter().flat_map(|(_, p)| p.templates()).collect(),
        }
    }

    /// Whether it names the item or an entry of it.
    pub fn names_item(&self) -> bool {
        self.templates()
            .iter()
            .flat_map(|t| t.references())
            .any(|r| matches!(r.root, Root::Item | Root::Each))
    }

    /// Whether it names members of the item itself.
    pub fn names_members(&self) -> bool {
        self.templates()
            .iter()
            .flat_map(|t| t.references())
            .any(|r| r.root == Root::Item)
    }

    /// Whether it names the item, an entry, or the parent.
    pub fn names_any(&self) -> bool {
        self.names_item()
            || self
                .templates()
                .iter()
                .flat_map(|t| t.references())
                .any(|r| r.root == Root::Parent)
    }

    /// The value with everything filled in.
    pub fn value(&self, names: &Names<'_>) -> Result<Value, Unfilled> {
        Ok(match self {
            Param::Text(t) => t.value(names)?,
            Param::Plain(v) => v.clone(),
            Param::List(l) => {
                Value::Array(l.iter().map(|p| p.value(names)).collect::<Result<_, _>>()?)
            }
            Param::Object(o) => Value::Object(
                o.iter()
                    .map(|(k, p)| Ok((k.clone(), p.value(names)?)))
                    .collect::<Result<Map<_, _>, Unfilled>>()?,
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use serde_json::json;

    #[test]
    fn filling() {
        let item = json!({"Name": "b", "N": 3, "L": [{"Id": "x"}], "region": "tokyo", "Nil": null});
        let names = Names {
            account: "1",
            region: "r",
            partition: "aws",
            item: &item,
            parent: &json!({"P": "p"}),
            each: &json!("e"),
        };
        let v = |t: &str| Template::parse(t).unwrap().value(&names);
        assert_eq!(v("arn:{partition}:s3:::{Name}").unwrap(), "arn:aws:s3:::b");
        assert_eq!(v("{N}").unwrap(), 3);
        assert_eq!(v("n{N}").unwrap(), "n3");
        assert_eq!(v("{region}/{item.region}").unwrap(), "r/tokyo");
        assert_eq!(v("{parent.P}{each}").unwrap(), "pe");
        assert_eq!(v("{L[].Id}").unwrap(), json!(["x"]));
        assert!(matches!(v("{Nil}").unwrap_err(), Unfilled::Absent(_)));
        assert!(matches!(v("{Gone.X}").unwrap_err(), Unfilled::Absent(_)));
        assert!(matches!(v("a{L}").unwrap_err(), Unfilled::NotText(..)));
        assert!(matches!(v("{Name.X}").unwrap_err(), Unfilled::Misshapen(_)));
        assert!(Template::parse("{a").is_err());
        assert!(Template::parse("{parent}").is_err());
    }
}
