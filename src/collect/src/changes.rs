//! What differs between the collector that a stored run was read with and the
//! one at hand.

use crate::doc::{At, Yaml, parse};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Fields of a call that change nothing of what an answer means.
const SILENT: [&str; 2] = ["permission", "secret"];

/// What was read otherwise than it would be now, so that what stands there must
/// not be taken for what rules mean today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The list: which items there are, and what they hold.
    pub list: bool,
    /// Parts.
    pub parts: BTreeSet<String>,
}

impl Changes {
    /// Whether all is as it was.
    pub fn none(&self) -> bool {
        !self.list && self.parts.is_empty()
    }
}

/// Compares two texts of a type's collector. `old` is `None` where the run does
/// not have it; a text that cannot be read differs in everything.
pub fn changes(old: Option<&str>, new: &str) -> Changes {
    let (old, new) = (old.and_then(tree), tree(new).unwrap_or_default());
    let parts = |v: &Value| v["parts"].as_object().cloned().unwrap_or_default();
    let new_parts = parts(&new);
    let Some(old) = old else {
        return Changes {
            list: true,
            parts: new_parts.keys().cloned().collect(),
        };
    };
    let old_parts = parts(&old);
    let ground = |v: &Value| (v["scope"].clone(), v["at"].clone(), bare(&v["list"]));
    let list = ground(&old) != ground(&new);
    let changed = |name: &&String| {
        let now = new_parts.get(*name).map(bare);
        // One that the run does not have was not asked for; it says so itself.
        old_parts.get(*name).is_some_and(|v| Some(bare(v)) != now)
    };
    // What a part was asked about came from the list.
    let parts = new_parts.keys().filter(|n| list || changed(n));
    Changes {
        list,
        parts: parts.cloned().collect(),
    }
}

fn tree(text: &str) -> Option<Value> {
    parse("", text).ok().map(|at| plain(&at))
}

fn plain(at: &At<Yaml>) -> Value {
    match &at.value {
        Yaml::Scalar(v) => v.clone(),
        Yaml::List(l) => l.iter().map(plain).collect(),
        Yaml::Map(m) => {
            let entries = m.iter().map(|(k, v)| (k.value.clone(), plain(v)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn bare(v: &Value) -> Value {
    let mut v = v.clone();
    if let Value::Object(m) = &mut v {
        m.retain(|k, _| !SILENT.contains(&k.as_str()));
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "type: aws.x.y
scope: region
list: { call: x:List, items: Things, id: \"{Id}\" }
parts:
  A: { call: x:A, take: A, permission: x:Get }
  B: { call: x:B, take: B }
";

    #[test]
    fn what_means_the_same_is_no_change() {
        let new = OLD
            .replace("x:Get", "x:Other")
            .replace("type", "# Word.\ntype");
        assert!(changes(Some(OLD), &new).none());
    }

    #[test]
    fn a_part_read_otherwise_is_a_change_of_that_part() {
        let new = OLD.replace("take: B", "take: B.C") + "  C: { call: x:C }\n";
        let found = changes(Some(OLD), &new);
        assert_eq!((found.list, found.parts), (false, ["B".to_owned()].into()));
    }

    #[test]
    fn another_list_changes_everything() {
        let new = OLD.replace("x:List", "x:Describe");
        let all: BTreeSet<String> = ["A".to_owned(), "B".to_owned()].into();
        for old in [Some(OLD), None, Some("a: [")] {
            let found = changes(old, &new);
            assert_eq!((found.list, &found.parts), (true, &all));
        }
    }
}
