//! Where a request goes: an interpreter of the provider's endpoint rules.
//!
//! The language is described at
//! <https://smithy.io/2.0/additional-specs/rules-engine/specification.html>; rule
//! sets and partitions are botocore's.

use crate::model;
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::OnceLock;

type Scope = HashMap<String, Value>;

/// The partitions and their regions.
pub(crate) struct Partitions(Vec<(Regex, Value)>);

impl Partitions {
    /// The embedded ones; empty where the embedded file cannot be read, which a
    /// test excludes.
    pub(crate) fn get() -> &'static Self {
        static ONCE: OnceLock<Partitions> = OnceLock::new();
        ONCE.get_or_init(|| {
            let v: Value = model::file("partitions.json")
                .and_then(|f| serde_json::from_slice(&f).ok())
                .unwrap_or_default();
            let list = v["partitions"].as_array().cloned().unwrap_or_default();
            Self(
                list.into_iter()
                    .filter_map(|p| Some((Regex::new(p["regionRegex"].as_str()?).ok()?, p)))
                    .collect(),
            )
        })
    }

    fn of(&self, region: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(re, p)| !p["regions"][region].is_null() || re.is_match(region))
            .or_else(|| self.0.first())
            .map(|(_, p)| p)
    }

    /// The partition of `region` as the rules see it.
    fn outputs(&self, region: &str) -> Value {
        let Some(partition) = self.of(region) else {
            return Value::Null;
        };
        let mut outputs = partition["outputs"].clone();
        outputs["name"] = partition["id"].clone();
        outputs
    }

    /// Name of the partition of `region`, `aws`.
    pub(crate) fn name(&self, region: &str) -> &str {
        self.of(region)
            .and_then(|p| p["id"].as_str())
            .unwrap_or("aws")
    }

    /// Where global services of the partition are asked, `us-east-1`.
    pub(crate) fn home(&self, region: &str) -> &str {
        self.of(region)
            .and_then(|p| p["outputs"]["implicitGlobalRegion"].as_str())
            .unwrap_or("us-east-1")
    }

    /// Whether botocore knows a region of this name.
    pub(crate) fn knows(&self, region: &str) -> bool {
        self.0.iter().any(|(_, p)| !p["regions"][region].is_null())
    }

    /// All regions that botocore knows.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter_map(|(_, p)| p["regions"].as_object())
            .flat_map(|r| r.keys().map(String::as_str))
    }
}

/// The rules of one service.
pub(crate) struct Rules(Value);

/// What the rules answer.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) url: String,
    pub(crate) properties: Value,
    pub(crate) headers: Value,
}

impl Rules {
    /// The embedded rules of `service`.
    pub(crate) fn load(service: &str) -> Option<Self> {
        let data = model::file(&format!("{service}.rules.json"))?;
        Some(Self(serde_json::from_slice(&data).ok()?))
    }

    /// Whether the rules take a parameter of this name.
    pub(crate) fn takes(&self, parameter: &str) -> bool {
        !self.0["parameters"][parameter].is_null()
    }

    /// The endpoint for the parameters `given`; `Err` holds the rules' own words.
    pub(crate) fn resolve(&self, given: &Map<String, Value>) -> Result<Resolved, String> {
        let mut scope = Scope::new();
        for (name, parameter) in self.0["parameters"].as_object().into_iter().flatten() {
            match (given.get(name), parameter.get("default")) {
                (Some(v), _) | (None, Some(v)) => {
                    scope.insert(name.clone(), v.clone());
                }
                (None, None) if parameter["required"] == true => {
                    return Err(format!("the endpoint rules want {name}"));
                }
                (None, None) => {}
            }
        }
        first(&self.0["rules"], &scope)?.ok_or_else(|| "no endpoint rule matches".to_owned())
    }
}

fn first(rules: &Value, scope: &Scope) -> Result<Option<Resolved>, String> {
    for r in rules.as_array().into_iter().flatten() {
        if let Some(found) = rule(r, &mut scope.clone())? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn rule(r: &Value, scope: &mut Scope) -> Result<Option<Resolved>, String> {
    for condition in r["conditions"].as_array().into_iter().flatten() {
        let v = call(condition, scope)?;
        let holds = !v.is_null() && v != false;
        if let Some(name) = condition["assign"].as_str() {
            scope.insert(name.to_owned(), v);
        }
        if !holds {
            return Ok(None);
        }
    }
    match r["type"].as_str() {
        Some("tree") => first(&r["rules"], scope),
        Some("error") => Err(text(value(&r["error"], scope)?)),
        _ => {
            let e = &r["endpoint"];
            Ok(Some(Resolved {
                url: text(value(&e["url"], scope)?),
                properties: deep(&e["properties"], scope)?,
                headers: deep(&e["headers"], scope)?,
            }))
        }
    }
}

fn text(v: Value) -> String {
    match v {
        Value::String(s) => s,
        other => other.to_string(),
    }
}

fn deep(v: &Value, scope: &Scope) -> Result<Value, String> {
    Ok(match v {
        Value::Object(o) if !o.contains_key("fn") && !o.contains_key("ref") => Value::Object(
            o.iter()
                .map(|(k, v)| Ok((k.clone(), deep(v, scope)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Array(a) => Value::Array(
            a.iter()
                .map(|v| deep(v, scope))
                .collect::<Result<_, String>>()?,
        ),
        _ => value(v, scope)?,
    })
}

fn value(v: &Value, scope: &Scope) -> Result<Value, String> {
    match v {
        Value::Object(o) => match o.get("ref").and_then(Value::as_str) {
            Some(name) => Ok(scope.get(name).cloned().unwrap_or_default()),
            None if o.contains_key("fn") => call(v, scope),
            None => Ok(v.clone()),
        },
        Value::String(s) if s.contains('{') => template(s, scope).map(Value::String),
        _ => Ok(v.clone()),
    }
}

/// Fills in `{name#attribute}`; `{{` and `}}` stand for braces.
fn template(s: &str, scope: &Scope) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = s;
    while let Some(i) = rest.find('{') {
        out.push_str(&rest[..i]);
        if rest[i..].starts_with("{{") {
            out.push('{');
            rest = &rest[i + 2..];
            continue;
        }
        let j = rest[i..]
            .find('}')
            .ok_or("an endpoint template is broken")?
            + i;
        let mut names = rest[i + 1..j].split('#');
        let mut v = names
            .next()
            .and_then(|n| scope.get(n))
            .cloned()
            .unwrap_or_default();
        for attribute in names {
            v = attribute_of(&v, attribute);
        }
        out.push_str(&text(v));
        rest = &rest[j + 1..];
    }
    out.push_str(rest);
    Ok(out.replace("}}", "}"))
}

fn attribute_of(v: &Value, path: &str) -> Value {
    let mut v = v;
    for part in path.split('.') {
        match part.strip_suffix(']').and_then(|p| p.split_once('[')) {
            Some((name, index)) => {
                let list = if name.is_empty() { v } else { &v[name] };
                let index: Option<usize> = index.parse().ok();
                return index.and_then(|i| list.get(i)).cloned().unwrap_or_default();
            }
            None => v = &v[part],
        }
    }
    v.clone()
}

fn call(f: &Value, scope: &Scope) -> Result<Value, String> {
    let args: Vec<Value> = f["argv"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|x| value(x, scope))
        .collect::<Result<_, _>>()?;
    let arg = |i: usize| args.get(i).unwrap_or(&Value::Null);
    let str_of = |i: usize| arg(i).as_str();
    Ok(match f["fn"].as_str().unwrap_or_default() {
        "isSet" => (!arg(0).is_null()).into(),
        "not" => (arg(0).is_null() || *arg(0) == false).into(),
        "booleanEquals" | "stringEquals" => (arg(0) == arg(1)).into(),
        "getAttr" => attribute_of(arg(0), str_of(1).unwrap_or_default()),
        "aws.partition" => Partitions::get().outputs(str_of(0).unwrap_or_default()),
        "isValidHostLabel" => str_of(0)
            .is_some_and(|s| host_label(s, *arg(1) == true))
            .into(),
        "aws.isVirtualHostableS3Bucket" => str_of(0)
            .is_some_and(|s| bucket_host(s, *arg(1) == true))
            .into(),
        "uriEncode" => str_of(0).map_or(Value::Null, |s| uri_encode(s).into()),
        "parseURL" => str_of(0).and_then(parse_url).unwrap_or_default(),
        "substring" => substring(&args).unwrap_or_default(),
        "aws.parseArn" => str_of(0).and_then(parse_arn).unwrap_or_default(),
        other => return Err(format!("unknown function {other} in the endpoint rules")),
    })
}

fn host_label(s: &str, dots: bool) -> bool {
    if dots {
        return s.split('.').all(|p| host_label(p, false));
    }
    s.len() <= 63
        && s.bytes().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && s.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

fn bucket_host(s: &str, dots: bool) -> bool {
    s.len() >= 3
        && s.to_lowercase() == s
        && s.parse::<std::net::Ipv4Addr>().is_err()
        && host_label(s, dots)
}

fn substring(args: &[Value]) -> Option<Value> {
    let s = args.first()?.as_str()?;
    let start = usize::try_from(args.get(1)?.as_u64()?).ok()?;
    let stop = usize::try_from(args.get(2)?.as_u64()?).ok()?;
    if start >= stop || s.len() < stop || !s.is_ascii() {
        return None;
    }
    Some(if args.get(3) == Some(&Value::Bool(true)) {
        s[s.len() - stop..s.len() - start].into()
    } else {
        s[start..stop].into()
    })
}

fn parse_arn(s: &str) -> Option<Value> {
    let parts: Vec<&str> = s.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts[..] else {
        return None;
    };
    if arn != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
        return None;
    }
    let resource: Vec<&str> = resource.split([':', '/']).collect();
    Some(json!({
        "partition": partition, "service": service, "region": region,
        "accountId": account, "resourceId": resource,
    }))
}

fn parse_url(s: &str) -> Option<Value> {
    let (scheme, rest) = s.split_once("://")?;
    if !matches!(scheme, "http" | "https") || s.contains('?') {
        return None;
    }
    let (authority, path) = rest
        .find('/')
        .map_or((rest, ""), |i| (&rest[..i], &rest[i..]));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|p| p.parse::<u16>().is_err()) {
        return None;
    }
    let is_ip = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let slash = if path.ends_with('/') { "" } else { "/" };
    Some(json!({
        "scheme": scheme, "authority": authority, "path": path,
        "normalizedPath": format!("{path}{slash}"), "isIp": is_ip,
    }))
}

fn uri_encode(s: &str) -> String {
    s.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The cases of `conformance/make.py`: where botocore would go.
    #[test]
    fn endpoints_are_botocores() {
        let golden: Map<String, Value> =
            serde_json::from_str(include_str!("../conformance/endpoints.json")).unwrap();
        let mut compared = 0;
        for (service, cases) in &golden {
            let Some(rules) = Rules::load(service) else {
                continue;
            };
            for case in cases.as_array().unwrap() {
                let told = rules.resolve(case[0].as_object().unwrap()).ok();
                let told = told.map_or(Value::Null, |r| {
                    let properties = match r.properties {
                        Value::Null => json!({}),
                        p => p,
                    };
                    json!({"url": r.url, "properties": properties})
                });
                assert_eq!(told, case[1], "{service} {}", case[0]);
                compared += 1;
            }
        }
        assert!(compared > 500, "only {compared} cases were compared");
    }

    #[test]
    fn partitions_know_their_home() {
        let partitions = Partitions::get();
        assert_eq!(partitions.home("ap-northeast-1"), "us-east-1");
        assert_eq!(partitions.name("cn-north-1"), "aws-cn");
        assert!(partitions.knows("ap-northeast-3"));
        assert!(!partitions.knows("ap-northeast-9"));
    }
}
