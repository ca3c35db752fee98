//! Paths into answers: `Reservations[].Instances[]`.

use crate::doc::nearest;
use serde_json::Value;
use shoseki_model::Kind;

/// A dot-separated path; `[]` steps into every element of a list, `{}` into every
/// value of a map. As soon as a path holds one of them, its result is one flat
/// list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Each,
    Values,
}

/// What a path found.
#[derive(Clone, Debug, PartialEq)]
pub enum Selected<'a> {
    /// Some member on the way is missing or null: the provider says nothing.
    Absent,
    /// The value at a path without `[]`.
    One(&'a Value),
    /// The flat list at a path with `[]`.
    Many(Vec<&'a Value>),
}

impl Selected<'_> {
    /// The found thing as a value of its own; absent is null.
    pub fn to_value(&self) -> Value {
        match self {
            Selected::Absent => Value::Null,
            Selected::One(v) => (*v).clone(),
            Selected::Many(list) => Value::Array(list.iter().map(|v| (*v).clone()).collect()),
        }
    }
}

/// An answer that does not have the shape that a path needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {expected}, the answer has {found}")]
pub struct Misshapen {
    /// The path.
    pub path: String,
    /// What should have stood there.
    pub expected: &'static str,
    /// What stood there.
    pub found: &'static str,
}

impl Path {
    /// Reads a path; the error says what is wrong with it.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for part in source.split('.') {
            let (name, mut rest) = match part.find(['[', '{']) {
                Some(i) => part.split_at(i),
                None => (part, ""),
            };
            let odd = |c: char| c.is_whitespace() || "{}]\"'".contains(c);
            if (name.is_empty() && (rest.is_empty() || !steps.is_empty())) || name.contains(odd) {
                return Err(format!(
                    "`{source}` is no path: a member name is missing or odd"
                ));
            }
            if !name.is_empty() {
                steps.push(Step::Member(name.to_owned()));
            }
            while !rest.is_empty() {
                let (step, after) = match (rest.strip_prefix("[]"), rest.strip_prefix("{}")) {
                    (Some(after), _) => (Step::Each, after),
                    (_, Some(after)) => (Step::Values, after),
                    _ => {
                        return Err(format!(
                            "`{source}` is no path: only `[]` or `{{}}` may follow a name"
                        ));
                    }
                };
                steps.push(step);
                rest = after;
            }
        }
        Ok(Self {
            steps,
            source: source.to_owned(),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The first member's name, where the path begins with one.
    pub fn first(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Member(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether the result is a flat list by the path alone.
    pub fn flattens(&self) -> bool {
        self.steps.iter().any(|s| !matches!(s, Step::Member(_)))
    }

    fn misshapen(&self, expected: &'static str, found: &Value) -> Misshapen {
        Misshapen {
            path: self.source.clone(),
            expected,
            found: name_of(found),
        }
    }

    /// Follows the path in `root`.
    pub fn select<'a>(&self, root: &'a Value) -> Result<Selected<'a>, Misshapen> {
        if !self.flattens() {
            return self.walk_plain(root);
        }
        let mut out = Vec::new();
        let seen = self.walk(root, &self.steps, &mut out)?;
        Ok(if seen || !out.is_empty() {
            Selected::Many(out)
        } else {
            Selected::Absent
        })
    }

    fn walk_plain<'a>(&self, root: &'a Value) -> Result<Selected<'a>, Misshapen> {
        let mut v = root;
        for step in &self.steps {
            let Step::Member(name) = step else { continue };
            v = match v {
                Value::Object(m) => match m.get(name) {
                    None => return Ok(Selected::Absent),
                    Some(v) => v,
                },
                Value::Null => return Ok(Selected::Absent),
                other => return Err(self.misshapen("an object", other)),
            };
        }
        Ok(if v.is_null() {
            Selected::Absent
        } else {
            Selected::One(v)
        })
    }

    /// Whether a list was there, even an empty one.
    fn walk<'a>(
        &self,
        v: &'a Value,
        steps: &[Step],
        out: &mut Vec<&'a Value>,
    ) -> Result<bool, Misshapen> {
        match (steps.split_first(), v) {
            (_, Value::Null) => Ok(false),
            (None, Value::Array(list)) => {
                out.extend(list);
                Ok(true)
            }
            (None, v) => {
                out.push(v);
                Ok(true)
            }
            (Some((Step::Member(name), rest)), Value::Object(m)) => match m.get(name) {
                Some(v) => self.walk(v, rest, out),
                None => Ok(false),
            },
            (Some((Step::Member(_), _)), other) => Err(self.misshapen("an object", other)),
            (Some((Step::Each, rest)), Value::Array(list)) => {
                for v in list {
                    if v.is_null() {
                        return Err(self.misshapen("an entry", v));
                    }
                    self.walk(v, rest, out)?;
                }
                Ok(true)
            }
            (Some((Step::Each, _)), other) => Err(self.misshapen("a list", other)),
            (Some((Step::Values, rest)), Value::Object(m)) => {
                for v in m.values() {
                    if v.is_null() {
                        return Err(self.misshapen("an entry", v));
                    }
                    self.walk(v, rest, out)?;
                }
                Ok(true)
            }
            (Some((Step::Values, _)), other) => Err(self.misshapen("a map", other)),
        }
    }

    /// What the path gives on values of `root`; the error names the member that
    /// does not exist and the nearest that does.
    pub fn kind(&self, root: &Kind) -> Result<Kind, String> {
        let mut k = root;
        for step in &self.steps {
            k = match (step, k) {
                (_, Kind::Any) => k,
                (Step::Each, Kind::List(e)) => e,
                (Step::Each, _) => {
                    return Err(format!(
                        "`{}`: `[]` stands after something that is no list",
                        self.source
                    ));
                }
                (Step::Values, Kind::Map(v)) => v,
                (Step::Values, _) => {
                    return Err(format!(
                        "`{}`: `{{}}` stands after something that is no map",
                        self.source
                    ));
                }
                (Step::Member(name), Kind::Object(m)) => match m.get(name) {
                    Some(k) => k,
                    None => return Err(unknown_member(name, &self.source, m.keys())),
                },
                (Step::Member(_), Kind::Map(v)) => v,
                (Step::Member(name), Kind::List(_)) => {
                    return Err(format!(
                        "`{}`: `{name}` is asked of a list; write `[]` before it",
                        self.source
                    ));
                }
                (Step::Member(name), _) => {
                    return Err(format!(
                        "`{}`: `{name}` is asked of a plain value",
                        self.source
                    ));
                }
            };
        }
        Ok(match (self.flattens(), k) {
            (true, Kind::List(_)) => k.clone(),
            (true, _) => Kind::List(Box::new(k.clone())),
            (false, _) => k.clone(),
        })
    }
}

fn unknown_member<'a>(name: &str, path: &str, names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    let of = if path == name {
        String::new()
    } else {
        format!(" (in `{path}`)")
    };
    match nearest(name, names.iter().copied()) {
        Some(n) => format!("there is no member `{name}`{of}; did you mean `{n}`?"),
        None => format!(
            "there is no member `{name}`{of}; there are: {}",
            names.join(", ")
        ),
    }
}

/// What a JSON value is, for messages.
pub fn name_of(v: &Value) -> &'static str {
    match v {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
    use super::*;
    use serde_json::json;

    fn get(path: &str, v: &Value) -> Value {
        Path::parse(path).unwrap().select(v).unwrap().to_value()
    }

    #[test]
    fn lists_flatten_and_absent_is_null() {
        let v = json!({"R": [{"I": [1, 2]}, {}, {"I": [3]}], "E": [], "N": null});
        assert_eq!(get("R[].I[]", &v), json!([1, 2, 3]));
        assert_eq!(get("R[].I", &v), json!([1, 2, 3]));
        assert_eq!(get("E[]", &v), json!([]));
        assert_eq!(get("E", &v), json!([]));
        assert_eq!(get("N[]", &v), Value::Null);
        assert_eq!(get("N.X", &v), Value::Null);
        assert_eq!(get("[]", &json!([1])), json!([1]));
    }

    #[test]
    fn the_values_of_a_map_flatten() {
        let v = json!({"items": {"z/a": {"disks": [1, 2]}, "z/b": {"warning": {}}}, "none": {}});
        assert_eq!(get("items{}.disks[]", &v), json!([1, 2]));
        assert_eq!(get("none{}.disks[]", &v), json!([]));
        assert_eq!(get("gone{}.disks[]", &v), Value::Null);
        assert!(Path::parse("items[]").unwrap().select(&v).is_err());
        let list = json!({"items": [1]});
        assert!(Path::parse("items{}").unwrap().select(&list).is_err());
        let scoped = Kind::Object([("disks".to_owned(), Kind::List(Box::new(Kind::Int)))].into());
        let k = Kind::Object([("items".to_owned(), Kind::Map(Box::new(scoped)))].into());
        let kind = |p: &str| Path::parse(p).unwrap().kind(&k);
        assert_eq!(
            kind("items{}.disks[]").unwrap(),
            Kind::List(Box::new(Kind::Int))
        );
        assert!(kind("items[].disks[]").is_err());
        assert!(kind("items{}.disk[]").unwrap_err().contains("disks"));
    }

    #[test]
    fn a_wrong_shape_is_an_error_and_not_absent() {
        let v = json!({"A": "text", "B": {"C": 1}});
        for p in ["A[]", "A.B", "B[].C", "B.C.D"] {
            assert!(Path::parse(p).unwrap().select(&v).is_err(), "{p}");
        }
    }

    #[test]
    fn odd_paths_are_refused() {
        for p in ["", "a..b", "a[0]", "a.[]", "a.{}", "a b", "{a}", "a{b}"] {
            assert!(Path::parse(p).is_err(), "{p:?}");
        }
    }

    #[test]
    fn kinds_agree_with_values() {
        let inst = Kind::Object([("Id".to_owned(), Kind::Str)].into_iter().collect());
        let res = Kind::Object(
            [("I".to_owned(), Kind::List(Box::new(inst.clone())))]
                .into_iter()
                .collect(),
        );
        let k = Kind::Object(
            [("R".to_owned(), Kind::List(Box::new(res)))]
                .into_iter()
                .collect(),
        );
        let kind = |p: &str| Path::parse(p).unwrap().kind(&k);
        assert_eq!(kind("R[].I[]").unwrap(), Kind::List(Box::new(inst.clone())));
        assert_eq!(kind("R[].I").unwrap(), Kind::List(Box::new(inst)));
        assert_eq!(kind("R[].I[].Id").unwrap(), Kind::List(Box::new(Kind::Str)));
        assert!(kind("R.I").unwrap_err().contains("`[]`"));
        assert!(kind("R[].J").unwrap_err().contains("no member `J`"));
    }
}
