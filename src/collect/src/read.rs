//! Reads collector files into [`Collector`]s; gathers what is wrong with them.

use crate::ast::{Call, Collector, Decode, List, Part, Prepare, Query, Scope, cloud_of};
use crate::doc::{At, Yaml, nearest, parse};
use crate::fields::{Fields, Sink};
use crate::values::{conditions, errors, matches, page, params, path, template};
use indexmap::IndexMap;
use serde_json::Value;
use shoseki_model::{Diagnostic, Text};

const TOP: &[&str] = &[
    "type", "title", "source", "target", "scope", "at", "vanished", "list", "parts",
];
const LIST: &[&str] = &[
    "call",
    "with",
    "items",
    "as",
    "over",
    "only",
    "id",
    "name",
    "region",
    "page",
    "absent",
    "permission",
    "secret",
];
const EACH: &[&str] = &["each", "id", "name"];
const PART: &[&str] = &[
    "call",
    "with",
    "page",
    "permission",
    "take",
    "match",
    "one",
    "missing",
    "decode",
    "columns",
    "each",
    "batch",
    "absent",
    "when",
    "prepare",
    "region",
    "secret",
];
const PREPARE: &[&str] = &["call", "with", "until", "permission"];

/// The levels of a cloud; none where the cloud is not known.
pub(crate) type Levels<'a> = &'a dyn Fn(&str) -> &'static [&'static str];

/// Reads one file. `None` where too little is left to speak of a collector;
/// what is wrong is in `out` either way.
pub(crate) fn read(
    file: &str,
    text: &str,
    levels: Levels<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<Collector> {
    let doc = match parse(file, text) {
        Ok(d) => d,
        Err(d) => {
            out.push(d);
            return None;
        }
    };
    let sink = &mut Sink { file, out };
    let top = Fields::of(&doc, "a collector", TOP, sink)?;
    let name = top.text("type", sink);
    let title = title(&top, sink);
    let source = top.text("source", sink);
    let scope = top.choice(
        "scope",
        &[("global", Scope::Global), ("region", Scope::Region)],
        sink,
    );
    let level = level(
        &top,
        name.as_ref().map(|n| cloud_of(&n.value)),
        levels,
        sink,
    );
    let at = top.optional_text("at", sink).map(|t| t.value);
    let vanished = top
        .get("vanished")
        .map_or_else(Vec::new, |v| errors(v, sink));
    let list = list(&top, sink);
    let parts = top
        .get("parts")
        .map_or_else(IndexMap::new, |v| parts(v, sink));
    Some(Collector {
        file: file.to_owned(),
        r#type: name?,
        title: title?,
        source: source?.value,
        level: level?,
        scope: scope?,
        at,
        vanished,
        list: list?,
        parts,
    })
}

/// The kind of target: one of the cloud's, the first where none is named.
fn level(
    top: &Fields<'_>,
    cloud: Option<&str>,
    levels: Levels<'_>,
    sink: &mut Sink<'_>,
) -> Option<String> {
    let known = cloud.map_or(&[][..], levels);
    let Some(named) = top.get("target") else {
        return Some(known.first().copied().unwrap_or_default().to_owned());
    };
    let named = sink.text(named, "`target`")?;
    if cloud.is_some() && !known.contains(&named.value.as_str()) {
        let words: Vec<_> = known.iter().map(|l| format!("`{l}`")).collect();
        let message = format!("`target` is {}", words.join(" or "));
        sink.error(&named, "wrong-type", message);
        return None;
    }
    Some(named.value)
}

fn title(top: &Fields<'_>, sink: &mut Sink<'_>) -> Option<Text> {
    let node = top.need("title", sink)?;
    let both = Fields::of(node, "a title", &["ja", "en"], sink)?;
    let (ja, en) = (both.text("ja", sink), both.text("en", sink));
    Some(Text::new(ja?.value, en?.value))
}

fn list(top: &Fields<'_>, sink: &mut Sink<'_>) -> Option<List> {
    let node = top.need("list", sink)?;
    let each = matches!(&node.value, Yaml::Map(m) if m.iter().any(|(k, _)| k.value == "each"));
    let f = Fields::of(
        node,
        if each { "`list` with `each`" } else { "`list`" },
        if each { EACH } else { LIST },
        sink,
    )?;
    let id = f.text("id", sink).and_then(|t| template(&t, sink));
    let mut optional = |name| f.optional_text(name, sink).and_then(|t| template(&t, sink));
    let (name, region) = (optional("name"), optional("region"));
    let query = if each {
        let scope = top.get("scope").and_then(|s| match &s.value {
            Yaml::Scalar(Value::String(s)) => Some(s.as_str()),
            _ => None,
        });
        let of = f.choice("each", &[("account", "global"), ("region", "region")], sink)?;
        if let (Some(s), Some(node)) = (scope, f.get("each"))
            && s != of
        {
            sink.error(
                node,
                "scope",
                format!("one resource for each of these needs `scope: {of}`"),
            );
        }
        None
    } else {
        Some(query(&f, sink)?)
    };
    Some(List {
        query,
        id: id?,
        name,
        region,
    })
}

fn query(f: &Fields<'_>, sink: &mut Sink<'_>) -> Option<Query> {
    let call = call(f, sink);
    let items = f.text("items", sink).and_then(|t| path(&t, sink));
    let r#as = f.optional_text("as", sink);
    let over = f.optional_text("over", sink);
    let only = f.get("only").map_or_else(Vec::new, |v| conditions(v, sink));
    Some(Query {
        call: call?,
        items: items?,
        r#as,
        over,
        only,
    })
}

fn parts(node: &At<Yaml>, sink: &mut Sink<'_>) -> IndexMap<String, Part> {
    let Yaml::Map(entries) = &node.value else {
        sink.wrong(node, "`parts`", "a mapping of part names");
        return IndexMap::new();
    };
    entries
        .iter()
        .filter_map(|(name, node)| Some((name.value.clone(), part(name, node, sink)?)))
        .collect()
}

fn part(name: &At<String>, node: &At<Yaml>, sink: &mut Sink<'_>) -> Option<Part> {
    if name.value.is_empty()
        || !name
            .value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        sink.error(
            name,
            "part-name",
            format!("`{}`: a part's name is letters, digits and `_`", name.value),
        );
    }
    let f = Fields::of(node, "a part", PART, sink)?;
    let call = call(&f, sink);
    let take = f.optional_text("take", sink).and_then(|t| path(&t, sink));
    let each = f.optional_text("each", sink).and_then(|t| path(&t, sink));
    let region = f
        .optional_text("region", sink)
        .and_then(|t| template(&t, sink));
    let decode = f.get("decode").and_then(|_| {
        f.choice(
            "decode",
            &[("json", Decode::Json), ("csv", Decode::Csv)],
            sink,
        )
    });
    let r#match = f.get("match").map_or_else(Vec::new, |v| matches(v, sink));
    let when = f.get("when").map_or_else(Vec::new, |v| conditions(v, sink));
    let columns = f
        .get("columns")
        .map_or_else(Vec::new, |v| sink.texts(v, "`columns`"));
    let batch = batch(&f, sink);
    let one = one(&f, sink);
    let must = f.get("missing").is_some_and(|_| {
        let words = [("gap", true), ("absent", false)];
        f.choice("missing", &words, sink) == Some(true)
    });
    let prepare = f.get("prepare").and_then(|v| prepare(v, sink));
    Some(Part {
        name: name.clone(),
        call: call?,
        take,
        r#match,
        one,
        must,
        decode,
        columns,
        each,
        batch,
        when,
        prepare,
        region,
    })
}

fn batch(f: &Fields<'_>, sink: &mut Sink<'_>) -> Option<At<usize>> {
    f.get("batch").and_then(|v| match &v.value {
        Yaml::Scalar(Value::Number(n)) => match n.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(n) if (2..=1000).contains(&n) => Some(v.with(n)),
            _ => {
                sink.error(v, "wrong-type", "`batch` is a number from 2 to 1000");
                None
            }
        },
        _ => {
            sink.wrong(v, "`batch`", "a number");
            None
        }
    })
}

fn one(f: &Fields<'_>, sink: &mut Sink<'_>) -> bool {
    f.get("one").is_some_and(|v| match v.value {
        Yaml::Scalar(Value::Bool(b)) => b,
        _ => {
            sink.wrong(v, "`one`", "`true`");
            false
        }
    })
}

fn prepare(node: &At<Yaml>, sink: &mut Sink<'_>) -> Option<Prepare> {
    let f = Fields::of(node, "`prepare`", PREPARE, sink)?;
    let call = call(&f, sink);
    let until = f.need("until", sink).map(|v| conditions(v, sink));
    Some(Prepare {
        call: call?,
        until: until?,
    })
}

fn call(f: &Fields<'_>, sink: &mut Sink<'_>) -> Option<Call> {
    let name = f.text("call", sink);
    let with = f
        .get("with")
        .map_or_else(At::default, |v| v.with(params(v, sink)));
    let permission = f
        .get("permission")
        .map(|v| v.with(sink.texts(v, "`permission`")));
    let absent = f.get("absent").map_or_else(Vec::new, |v| errors(v, sink));
    let page = f.get("page").and_then(|v| page(v, sink));
    let secret = f.get("secret").map_or_else(Vec::new, |v| {
        let Yaml::List(l) = &v.value else {
            sink.wrong(v, "`secret`", "a list of paths");
            return Vec::new();
        };
        l.iter()
            .filter_map(|n| path(&sink.text(n, "a path")?, sink))
            .collect()
    });
    let name = name?;
    let Some((service, operation)) = name.value.split_once(':') else {
        sink.error(
            &name,
            "call",
            format!("`{}`: a call is `service:Operation`", name.value),
        );
        return None;
    };
    Some(Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        place: name.with(()),
        with,
        page,
        permission,
        permissions: Vec::new(),
        absent,
        secret,
    })
}

/// The type that a path spells: `aws/s3/bucket.yaml` is `aws.s3.bucket`.
pub(crate) fn type_of(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".yaml")?;
    let pieces: Vec<&str> = stem.rsplit('/').take(3).collect();
    let kebab = |s: &&str| {
        !s.is_empty()
            && s.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    (pieces.len() == 3 && pieces.iter().all(kebab))
        .then(|| pieces.into_iter().rev().collect::<Vec<_>>().join("."))
}

/// ` did you mean …?`, or nothing.
pub(crate) fn hint<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(wrong, names).map(|n| format!("did you mean `{n}`?"))
}
