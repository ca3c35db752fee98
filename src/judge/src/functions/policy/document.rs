//! A policy document as typed statements.

use super::condition::{Condition, texts};
use crate::eval::value::V;
use serde_json::{Map, Value};
use shoseki_model::{Text, parse_json};

/// One statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub sid: Option<String>,
    pub allow: bool,
    /// `*`, ARNs and account ids, `service:x`, `federated:x`, `canonical:x`.
    pub principals: Vec<String>,
    pub not_principals: Option<Vec<String>>,
    pub actions: Vec<String>,
    pub not_actions: Option<Vec<String>>,
    pub resources: Vec<String>,
    pub not_resources: Option<Vec<String>>,
    pub conditions: Vec<Condition>,
    /// The condition as it is written.
    condition: Value,
}

/// A document.
#[derive(Debug, Default)]
pub(super) struct Doc {
    pub statements: Vec<Statement>,
}

/// The elements of a statement. What stands under another name is not read, so
/// that nothing may follow from the rest.
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn bad(ja: &str, en: &str) -> Text {
    Text::new(ja, en)
}

impl Doc {
    /// Reads JSON, text that holds JSON, or nothing.
    pub fn read(v: &V<'_>) -> Result<Self, Text> {
        if let V::Object(m) = v {
            return Self::of(m);
        }
        let value = match (v, v.as_str()) {
            (V::Null, _) => return Ok(Self::default()),
            (_, Some(s)) if s.trim().is_empty() => return Ok(Self::default()),
            (_, Some(s)) => parse_json(s.as_bytes()).map_err(|_| {
                bad(
                    "JSON でないか、同じ名前が二度ある",
                    "it is not JSON, or has a name twice",
                )
            })?,
            _ => v.json(),
        };
        match &value {
            Value::Object(m) => Self::of(m),
            _ => Err(bad("JSON オブジェクトではない", "it is not a JSON object")),
        }
    }

    fn of(m: &Map<String, Value>) -> Result<Self, Text> {
        let all = match m.get("Statement") {
            Some(Value::Array(a)) => a.iter().collect(),
            Some(v @ Value::Object(_)) => vec![v],
            _ => return Err(bad("Statement がない", "it has no Statement")),
        };
        let statements = all
            .into_iter()
            .map(Statement::of)
            .collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }
}

impl Statement {
    fn of(v: &Value) -> Result<Self, Text> {
        let Value::Object(m) = v else {
            return Err(bad(
                "Statement の形が正しくない",
                "a statement is no object",
            ));
        };
        if let Some(name) = m.keys().find(|k| !ELEMENTS.contains(&k.as_str())) {
            return Err(Text::new(
                format!("Statement に知らない要素 {name:?} がある"),
                format!("a statement has the unknown element {name:?}"),
            ));
        }
        if m.contains_key("Action") == m.contains_key("NotAction") {
            return Err(bad(
                "Action と NotAction のどちらか一方がない",
                "a statement has not exactly one of Action and NotAction",
            ));
        }
        let allow = match m.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => {
                return Err(bad(
                    "Effect が正しくない",
                    "an Effect is neither Allow nor Deny",
                ));
            }
        };
        let list = |name: &str| m.get(name).map(texts).transpose();
        let who = |name: &str| m.get(name).map(principals).transpose();
        let condition = m.get("Condition").cloned().unwrap_or(Value::Null);
        Ok(Self {
            sid: m.get("Sid").and_then(Value::as_str).map(str::to_owned),
            allow,
            principals: who("Principal")?.unwrap_or_default(),
            not_principals: who("NotPrincipal")?,
            actions: list("Action")?.unwrap_or_default(),
            not_actions: list("NotAction")?,
            resources: list("Resource")?.unwrap_or_default(),
            not_resources: list("NotResource")?,
            conditions: Condition::all(&condition)?,
            condition,
        })
    }

    /// Whether it serves principals of every kind, conditions aside. An Allow
    /// with `NotPrincipal` serves everybody but those it names.
    pub fn anybody(&self) -> bool {
        self.not_principals.is_some() || self.principals.iter().any(|p| p == "*")
    }

    /// As rules see it.
    pub fn value<'a>(&self) -> V<'a> {
        let list = |l: &[String]| V::list(l.iter().map(|s| V::text(s.as_str())).collect());
        let maybe = |l: &Option<Vec<String>>| list(l.as_deref().unwrap_or_default());
        let sid = self.sid.as_deref().map_or(V::Null, V::text);
        let effect = V::text(if self.allow { "Allow" } else { "Deny" });
        let entries = vec![
            ("Sid", sid),
            ("Effect", effect),
            ("Principal", list(&self.principals)),
            ("NotPrincipal", maybe(&self.not_principals)),
            ("Action", list(&self.actions)),
            ("NotAction", maybe(&self.not_actions)),
            ("Resource", list(&self.resources)),
            ("NotResource", maybe(&self.not_resources)),
            ("Condition", V::owned(&self.condition)),
        ];
        V::Map(entries.into_iter().map(|(k, v)| (V::text(k), v)).collect())
    }
}

fn principals(v: &Value) -> Result<Vec<String>, Text> {
    let Value::Object(m) = v else {
        return texts(v);
    };
    let mut out = Vec::new();
    for (kind, v) in m {
        for name in texts(v)? {
            out.push(match kind.as_str() {
                // Everybody is everybody, whatever kind of principal is meant.
                _ if name == "*" => name,
                "AWS" => name,
                "Service" => format!("service:{name}"),
                "Federated" => format!("federated:{name}"),
                "CanonicalUser" => format!("canonical:{name}"),
                _ => {
                    return Err(bad(
                        "Principal の種類が正しくない",
                        "a Principal is of an unknown kind",
                    ));
                }
            });
        }
    }
    Ok(out)
}
