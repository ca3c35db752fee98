//! Which values of a run may be replaced: user names, e-mail addresses, tags.

use super::super::error::Error;
use super::text::alone;
use crate::files::Kind;
use crate::read::Run;
use aho_corasick::AhoCorasick;
use regex::Regex;
use serde_json::Value;
use shoseki_model::REDACTED;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a value is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Named {
    /// The name of an IAM user or of a role's session.
    User,
    /// An e-mail address.
    Email,
    /// The value of a tag.
    Tag,
}

impl Named {
    /// `user`, `email` or `tag`.
    pub fn word(self) -> &'static str {
        match self {
            Named::User => "user",
            Named::Email => "email",
            Named::Tag => "tag",
        }
    }
}

/// Words of ARNs and policies: a person of such a name keeps it.
const SYNTAX: [&str; 17] = [
    "arn", "aws", "iam", "sts", "user", "users", "role", "group", "policy", "root", "true",
    "false", "null", "Allow", "Deny", "shoseki", REDACTED,
];

/// A value that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Named,
    pub(super) anywhere: bool,
    pub(super) word: bool,
}

/// What was found: values to replace, and those that stay because they cannot
/// be told from the settings' own words.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) all: BTreeMap<String, Found>,
    pub(super) kept: BTreeSet<String>,
}

struct Gather {
    email: Regex,
    users: Vec<Regex>,
    tags: Regex,
    lists: Regex,
    found: BTreeMap<String, Named>,
}

impl Gather {
    fn new() -> Result<Self, regex::Error> {
        let users = [
            r#":user/(?:[^"'\\/<>\s,]+/)*([A-Za-z0-9_+=.@-]+)"#,
            r":assumed-role/[A-Za-z0-9_+=.@-]+/([A-Za-z0-9_+=.@-]+)",
            r#""[uU]ser_?[nN]ame"\s*:\s*"([^"\\]+)""#,
            r"<[uU]serName>([^<]+)</",
        ];
        Ok(Self {
            email: Regex::new(
                r"[A-Za-z0-9_][A-Za-z0-9._+-]*(?:@|%40)(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}",
            )?,
            users: users
                .into_iter()
                .map(Regex::new)
                .collect::<Result<_, _>>()?,
            tags: Regex::new(r"<[kK]ey>[^<]*</[kK]ey>\s*<[vV]alue>([^<]*)</[vV]alue>")?,
            lists: Regex::new(r"<(/?)(?:Tags|TagSet|tagSet|TagList|tags)>")?,
            found: BTreeMap::new(),
        })
    }

    fn add(&mut self, value: &str, kind: Named) {
        let known = self.found.entry(value.to_owned()).or_insert(kind);
        *known = kind.min(*known);
    }

    /// User names and addresses anywhere in a text.
    fn text(&mut self, text: &str) {
        let mut found = Vec::new();
        for m in self.email.find_iter(text) {
            found.push((m.as_str().replace("%40", "@"), Named::Email));
        }
        for user in &self.users {
            for c in user.captures_iter(text) {
                found.push((c[1].to_owned(), Named::User));
            }
        }
        for (value, kind) in found {
            self.add(&value, kind);
        }
    }

    /// An answer: also the values of tags.
    fn answer(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        self.text(&text);
        if let Ok(v) = serde_json::from_str::<Value>(&text) {
            self.tree(&v, false);
            return;
        }
        let marks: Vec<_> = self.lists.captures_iter(&text).collect();
        let open = |at: usize| {
            let before = marks
                .iter()
                .take_while(|m| m.get(0).is_some_and(|m| m.start() < at));
            before.last().is_some_and(|m| m[1].is_empty())
        };
        let found: Vec<String> = self
            .tags
            .captures_iter(&text)
            .filter(|c| c.get(0).is_some_and(|m| open(m.start())))
            .map(|c| unescaped(&c[1]))
            .collect();
        for value in found {
            self.add(&value, Named::Tag);
        }
    }

    fn tree(&mut self, v: &Value, tags: bool) {
        match v {
            Value::String(s) => {
                // Text that was escaped in the answer itself.
                self.text(s);
                if tags {
                    self.add(s, Named::Tag);
                }
            }
            Value::Array(a) => a.iter().for_each(|v| self.tree(v, tags)),
            Value::Object(m) => {
                let pair = m.keys().any(|k| k.to_lowercase().ends_with("key"));
                for (k, v) in m {
                    let lower = k.to_lowercase();
                    let below = match lower.as_str() {
                        "tags" | "taglist" | "tagset" | "tag" => true,
                        _ if pair => tags && lower.ends_with("value"),
                        _ => tags && !v.is_object(),
                    };
                    self.tree(v, below);
                }
            }
            _ => {}
        }
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

/// Reads all answers and records.
pub(super) fn of(run: &Run) -> Result<Values, Error> {
    let wrong = |e: String| Error::unsound(run.dir(), e);
    let mut gather = Gather::new().map_err(|e| wrong(e.to_string()))?;
    let mut seen = HashSet::new();
    for x in run.exchanges()? {
        let x = x?;
        if let Some(a) = &x.answer
            && seen.insert(a.sha256.clone())
        {
            gather.answer(&run.answer(&a.sha256)?);
        }
    }
    let mut words = String::new();
    for kind in Kind::of(run.file().info.backfill.is_some()) {
        if kind == Kind::Pack {
            continue;
        }
        super::super::survey::each_line(run.dir(), kind, &mut |line| {
            gather.text(&String::from_utf8_lossy(line));
            Ok(())
        })?;
    }
    let info = &run.file().info;
    let targets = serde_json::to_string(&info.targets).map_err(|e| wrong(e.to_string()))?;
    gather.text(&targets);
    for f in run.pack()? {
        let f = f?;
        if super::is_word_file(&f.path) {
            words.push_str(&f.text);
            words.push('\n');
        } else {
            gather.text(&f.text);
        }
    }
    for t in &info.targets {
        for word in t
            .regions
            .iter()
            .chain(&t.regions_left_out)
            .chain([&t.account])
        {
            words.push_str(word);
            words.push('\n');
        }
    }
    sorted(gather.found, &words).map_err(wrong)
}

/// Parts what can be replaced from what must stay.
fn sorted(found: BTreeMap<String, Named>, words: &str) -> Result<Values, String> {
    let names: Vec<&String> = found.keys().filter(|v| !v.is_empty()).collect();
    let find = AhoCorasick::new(&names).map_err(|e| e.to_string())?;
    let (mut inside, mut whole) = (HashSet::new(), HashSet::new());
    for m in find.find_overlapping_iter(words) {
        let name = names[m.pattern()].as_str();
        inside.insert(name);
        if !whole.contains(name) && alone(words, &m.range()) {
            whole.insert(name);
        }
    }
    let mut out = Values::default();
    for (value, kind) in &found {
        let short = value.chars().count() < if *kind == Named::User { 2 } else { 3 };
        let plain = !value.chars().any(char::is_alphabetic);
        let word = whole.contains(value.as_str());
        let stays = short
            || SYNTAX.contains(&value.as_str())
            || (*kind == Named::Tag && (plain || word))
            || plain && value.chars().count() < 6;
        if stays {
            out.kept.insert(value.clone());
            continue;
        }
        let anywhere = !inside.contains(value.as_str()) && value.chars().count() >= 5 && !plain;
        let found = Found {
            kind: *kind,
            anywhere,
            word,
        };
        out.all.insert(value.clone(), found);
    }
    out.kept.remove("");
    out.kept.remove(REDACTED);
    Ok(out)
}
