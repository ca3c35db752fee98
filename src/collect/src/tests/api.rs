//! A made-up provider model.

use crate::{Api, OperationInfo};
use shoseki_model::Kind;
use std::collections::HashMap;

/// Operations by `service:Operation`; `unreadable` ones are refused.
#[derive(Default)]
pub(super) struct StubApi {
    pub(super) operations: HashMap<String, OperationInfo>,
}

/// An object kind from `"Name str, Tags [{Key str}]"`-like pairs.
pub(super) fn object(members: &[(&str, Kind)]) -> Kind {
    Kind::Object(
        members
            .iter()
            .map(|(n, k)| ((*n).to_owned(), k.clone()))
            .collect(),
    )
}

pub(super) fn list(k: Kind) -> Kind {
    Kind::List(Box::new(k))
}

pub(super) fn op(input: &[(&str, Kind)], required: &[&str], output: Kind) -> OperationInfo {
    OperationInfo {
        input: object(input),
        required: required.iter().map(|s| (*s).to_owned()).collect(),
        output,
        paginated: false,
        token_members: Vec::new(),
        permission: String::new(),
    }
}

impl StubApi {
    pub(super) fn with(mut self, name: &str, mut info: OperationInfo) -> Self {
        if info.permission.is_empty() {
            info.permission = name.to_owned();
        }
        self.operations.insert(name.to_owned(), info);
        self
    }

    /// The operations that the tests' collectors name.
    pub(super) fn standard() -> Self {
        let bucket = object(&[
            ("Name", Kind::Str),
            ("BucketRegion", Kind::Str),
            ("Size", Kind::Int),
        ]);
        let thing = object(&[
            ("Id", Kind::Str),
            ("State", Kind::Str),
            ("Groups", list(object(&[("Name", Kind::Str)]))),
            ("KeyId", Kind::Str),
        ]);
        let mut things = op(
            &[("Max", Kind::Int)],
            &[],
            object(&[("Things", list(thing.clone())), ("Next", Kind::Str)]),
        );
        things.paginated = true;
        let mut loose = op(
            &[("Token", Kind::Str)],
            &[],
            object(&[("Names", list(Kind::Str)), ("Token", Kind::Str)]),
        );
        loose.token_members = vec!["Token".to_owned()];
        let name = [("Bucket", Kind::Str)];
        Self::default()
            .with(
                "s3:ListBuckets",
                op(&[], &[], object(&[("Buckets", list(bucket))])),
            )
            .with(
                "s3:GetPolicy",
                op(&name, &["Bucket"], object(&[("Policy", Kind::Str)])),
            )
            .with(
                "s3:GetLogging",
                op(
                    &name,
                    &["Bucket"],
                    object(&[("Logging", object(&[("Target", Kind::Str)]))]),
                ),
            )
            .with("x:ListThings", things)
            .with(
                "x:GetThing",
                op(
                    &[("Id", Kind::Str), ("Group", Kind::Str)],
                    &["Id"],
                    object(&[("Thing", thing.clone())]),
                ),
            )
            .with(
                "x:BatchGet",
                op(
                    &[("Ids", list(Kind::Str))],
                    &["Ids"],
                    object(&[("Things", list(thing.clone()))]),
                ),
            )
            .with("x:All", op(&[], &[], object(&[("Things", list(thing))])))
            .with("x:Names", loose)
            .with(
                "x:Children",
                op(
                    &[("Of", Kind::Str)],
                    &["Of"],
                    object(&[("Children", list(object(&[("Cid", Kind::Str)])))]),
                ),
            )
            .with("x:Report", op(&[], &[], object(&[("Content", Kind::Str)])))
            .with(
                "x:MakeReport",
                op(&[], &[], object(&[("State", Kind::Str)])),
            )
            .with(
                "x:Settings",
                op(&[], &[], object(&[("Enabled", Kind::Bool)])),
            )
            .with("x:GetSecret", op(&[], &[], Kind::Any))
    }
}

impl Api for StubApi {
    fn cloud(&self) -> &'static str {
        "aws"
    }

    fn levels(&self) -> &'static [&'static str] {
        &["account", "organisation"]
    }

    fn never_absent(&self, code: &str) -> bool {
        code == "AccessDenied"
    }

    fn operation(&self, service: &str, operation: &str) -> Result<OperationInfo, String> {
        let name = format!("{service}:{operation}");
        self.operations
            .get(&name)
            .cloned()
            .ok_or_else(|| format!("there is no operation `{name}`"))
    }

    fn readable(&self, _service: &str, operation: &str) -> Result<(), String> {
        match operation {
            "GetSecret" => Err("`x:GetSecret` is not on the list of reading operations".to_owned()),
            _ => Ok(()),
        }
    }
}
