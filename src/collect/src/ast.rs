//! A collector as it was written: names and positions, not yet checked against
//! any model except where a comment says so.

use crate::PageNames;
use crate::doc::At;
use crate::path::Path;
use crate::template::{Param, Root, Template};
use indexmap::IndexMap;
use serde_json::Value;
use shoseki_model::Text;

/// One resource type.
#[derive(Clone, Debug)]
pub struct Collector {
    /// File it came from.
    pub file: String,
    /// `aws.s3.bucket`.
    pub r#type: At<String>,
    /// Title.
    pub title: Text,
    /// Where the names were confirmed.
    pub source: String,
    /// Which kind of target is asked: one of the levels of its cloud.
    pub level: String,
    /// Whether it is asked once a target or once a region.
    pub scope: Scope,
    /// A fixed region for the calls of a global type.
    pub at: Option<String>,
    /// Errors that mean that the resource went away.
    pub vanished: Vec<ErrorMatch>,
    /// How the population is enumerated.
    pub list: List,
    /// Parts by name.
    pub parts: IndexMap<String, Part>,
}

/// Where a type is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Once an account.
    #[default]
    Global,
    /// Once in each selected region.
    Region,
}

/// How resources are found and named.
#[derive(Clone, Debug)]
pub struct List {
    /// The enumerating call; `None` for one resource an account or region.
    pub query: Option<Query>,
    /// The id.
    pub id: At<Template>,
    /// The name; `None`: the last piece of the id.
    pub name: Option<At<Template>>,
    /// Region of the resource; `None`: where it was asked.
    pub region: Option<At<Template>>,
}

/// An enumerating call.
#[derive(Clone, Debug)]
pub struct Query {
    /// The call.
    pub call: Call,
    /// Where the items are.
    pub items: At<Path>,
    /// Member name for items that are plain text.
    pub r#as: Option<At<String>>,
    /// Parent type.
    pub over: Option<At<String>>,
    /// Which items belong to the population.
    pub only: Vec<Condition>,
}

/// A call with its parameters.
#[derive(Clone, Debug)]
pub struct Call {
    /// `s3`.
    pub service: String,
    /// `ListBuckets`.
    pub operation: String,
    /// Where the call is named.
    pub place: At<()>,
    /// Parameters.
    pub with: At<Params>,
    /// Paging members; `Some(None)`: the operation does not page, whatever its
    /// answer looks like.
    pub page: Option<At<Option<PageNames>>>,
    /// Permissions as written.
    pub permission: Option<At<Vec<String>>>,
    /// Permissions needed: as written, or by the provider's general rule.
    pub permissions: Vec<String>,
    /// Errors that are an answer.
    pub absent: Vec<ErrorMatch>,
    /// Paths whose values must never be kept. After loading the union over all
    /// collectors that name the operation.
    pub secret: Vec<At<Path>>,
}

impl Collector {
    /// `aws`, `azure` or `gcp`.
    pub fn cloud(&self) -> &str {
        cloud_of(&self.r#type.value)
    }

    /// Earlier parts that `part` looks into; they are read first.
    pub fn needs(&self, part: &Part) -> Vec<&Part> {
        let members = part.item_members();
        self.parts
            .values()
            .take_while(|p| p.name.value != part.name.value)
            .filter(|p| members.contains(&p.name.value.as_str()))
            .collect()
    }
}

/// The cloud that a type or a rule id speaks of: its first piece.
pub fn cloud_of(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

impl Call {
    /// `s3:ListBuckets`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Whether the call is the same for all items of a scope.
    pub fn shared(&self) -> bool {
        !self.with.value.iter().any(|(_, p)| p.value.names_any())
    }
}

/// Parameters with their places.
pub type Params = Vec<(At<String>, At<Param>)>;

/// A part of `settings`.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where its name stands.
    pub name: At<String>,
    /// The call.
    pub call: Call,
    /// What of the answer.
    pub take: Option<At<Path>>,
    /// Which entries of a list.
    pub r#match: Vec<(At<Path>, At<Param>)>,
    /// First entry instead of the list.
    pub one: bool,
    /// Whether an answer without the item's entry is a gap; else it is absent.
    pub must: bool,
    /// How text becomes a document.
    pub decode: Option<Decode>,
    /// Columns of a `csv`.
    pub columns: Vec<String>,
    /// List in the item; the call is made for each entry.
    pub each: Option<At<Path>>,
    /// How many items share a call.
    pub batch: Option<At<usize>>,
    /// Items for which the call makes sense.
    pub when: Vec<Condition>,
    /// Call to make first.
    pub prepare: Option<Prepare>,
    /// Where to ask.
    pub region: Option<At<Template>>,
}

impl Part {
    /// First members of everything that is looked up in the item: members of the
    /// list item, or earlier parts.
    pub fn item_members(&self) -> Vec<&str> {
        let params = self.call.with.value.iter().map(|(_, p)| &p.value);
        let templates = params
            .chain(self.r#match.iter().map(|(_, p)| &p.value))
            .flat_map(Param::templates)
            .chain(self.region.iter().map(|r| &r.value));
        templates
            .flat_map(Template::references)
            .filter(|r| r.root == Root::Item)
            .filter_map(|r| r.path.as_ref())
            .chain(self.each.iter().map(|e| &e.value))
            .chain(self.when.iter().map(|c| &c.path.value))
            .filter_map(Path::first)
            .collect()
    }
}

/// How text in an answer becomes a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decode {
    /// Text that holds JSON.
    Json,
    /// Rows that become objects by the header.
    Csv,
}

/// A call that must reach a state before the part's own call.
#[derive(Clone, Debug)]
pub struct Prepare {
    /// The call.
    pub call: Call,
    /// Members of its answer and the values that they must have.
    pub until: Vec<Condition>,
}

/// Which values a member may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The member.
    pub path: At<Path>,
    /// Turned round: none of the values.
    pub not: bool,
    /// The values; null stands for absent.
    pub values: Vec<Value>,
}

/// An error that has a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorMatch {
    /// The provider's code.
    pub code: String,
    /// A piece of the provider's message; `None`: any message.
    pub message: Option<String>,
}
