//! Replacing values in texts: as they are, escaped as JSON, XML and addresses
//! escape, and inside base64.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::Regex;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// How deep base64 is looked into.
const DEPTH: u8 = 2;

/// A value and what takes its place.
pub(super) struct Place {
    pub(super) value: String,
    pub(super) pseudonym: String,
    /// Also inside longer words.
    pub(super) anywhere: bool,
    /// Also as the name of a member.
    pub(super) names: bool,
}

/// Replaces values.
pub(super) struct Redactor {
    find: AhoCorasick,
    /// For each pattern, the place that it belongs to.
    of: Vec<usize>,
    places: Vec<Place>,
    base64: Regex,
}

/// What a pattern looks like in percent-encoding, XML and JSON.
fn forms(value: &str) -> Vec<String> {
    let mut percent = String::new();
    for b in value.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            percent.push(char::from(b));
        } else {
            let _ = write!(percent, "%{b:02X}");
        }
    }
    let mut ascii = String::new();
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b) if b.is_ascii() => ascii.push(char::from(b)),
            _ => {
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    let quoted = Value::from(value).to_string();
    let xml = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let mut out = vec![
        value.to_owned(),
        percent.to_lowercase(),
        percent.replace("%20", "+"),
        percent,
        ascii,
        quoted[1..quoted.len() - 1].to_owned(),
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        xml,
    ];
    // A lower-case form must not change letters of the value itself.
    if value.bytes().any(|b| b.is_ascii_uppercase()) {
        out.remove(1);
    }
    out.sort();
    out.dedup();
    out
}

impl Redactor {
    pub(super) fn new(places: Vec<Place>) -> Result<Self, String> {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (n, p) in places.iter().enumerate() {
            for form in forms(&p.value) {
                patterns.push(form);
                of.push(n);
            }
        }
        Ok(Self {
            find: AhoCorasick::new(&patterns).map_err(|e| e.to_string())?,
            of,
            places,
            base64: Regex::new(r"[A-Za-z0-9+/_-]{12,}={0,2}").map_err(|e| e.to_string())?,
        })
    }

    /// A text with all values replaced.
    pub(super) fn text(&self, text: &str) -> String {
        self.replaced(text, false, DEPTH).into_owned()
    }

    fn replaced<'t>(&self, text: &'t str, name: bool, depth: u8) -> Cow<'t, str> {
        let plain = self.plain(text, name);
        if depth == 0 {
            return plain;
        }
        let mut out = String::new();
        let mut end = 0;
        for m in self.base64.find_iter(&plain) {
            if let Some(new) = self.wrapped(m.as_str(), depth) {
                out.push_str(&plain[end..m.start()]);
                out.push_str(&new);
                end = m.end();
            }
        }
        if end == 0 {
            return plain;
        }
        out.push_str(&plain[end..]);
        Cow::Owned(out)
    }

    /// What stands in base64, where a value is in it.
    fn wrapped(&self, text: &str, depth: u8) -> Option<String> {
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let Ok(inner) = engine.decode(text) else {
                continue;
            };
            let inner = String::from_utf8(inner).ok()?;
            let new = self.replaced(&inner, false, depth - 1);
            return (new != inner).then(|| engine.encode(new.as_bytes()));
        }
        None
    }

    fn plain<'t>(&self, text: &'t str, name: bool) -> Cow<'t, str> {
        let mut found: Vec<(Range<usize>, &Place)> = self
            .find
            .find_overlapping_iter(text)
            .map(|m| (m.range(), &self.places[self.of[m.pattern()]]))
            .filter(|(at, p)| (p.names || !name) && (p.anywhere || alone(text, at)))
            .collect();
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        // The first, and of those that begin there the longest.
        found.sort_by_key(|(at, _)| (at.start, usize::MAX - at.end));
        let (mut out, mut end) = (String::with_capacity(text.len()), 0);
        for (at, place) in found {
            if at.start >= end {
                out.push_str(&text[end..at.start]);
                out.push_str(&place.pseudonym);
                end = at.end;
            }
        }
        out.push_str(&text[end..]);
        Cow::Owned(out)
    }

    /// A JSON value with all texts replaced.
    pub(super) fn value(&self, v: &Value) -> Value {
        match v {
            Value::String(s) => Value::String(self.text(s)),
            Value::Array(a) => Value::Array(a.iter().map(|v| self.value(v)).collect()),
            Value::Object(m) => Value::Object(self.object(m)),
            other => other.clone(),
        }
    }

    /// An object with all texts and names replaced.
    pub(super) fn object(&self, m: &Map<String, Value>) -> Map<String, Value> {
        let name = |k: &String| self.replaced(k, true, 0).into_owned();
        m.iter().map(|(k, v)| (name(k), self.value(v))).collect()
    }

    /// The bytes of an answer: JSON and XML keep their structure.
    pub(super) fn answer(&self, bytes: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(bytes);
        let new = match text.trim_start().as_bytes().first() {
            Some(b'{' | b'[') => self.json(&text),
            Some(b'<') => self.xml(&text),
            _ => self.text(&text),
        };
        if new == text {
            bytes.to_vec()
        } else {
            new.into_bytes()
        }
    }

    /// Replaces inside of the string literals of a JSON text.
    fn json(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let (mut out, mut end, mut at) = (String::with_capacity(text.len()), 0, 0);
        while let Some(start) = bytes[at..].iter().position(|b| *b == b'"').map(|n| at + n) {
            let mut close = start + 1;
            while close < bytes.len() && bytes[close] != b'"' {
                close += 1 + usize::from(bytes[close] == b'\\');
            }
            let Some(literal) = text.get(start..=close) else {
                break;
            };
            at = close + 1;
            let name = bytes[at..].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':');
            let Ok(value) = serde_json::from_str::<String>(literal) else {
                continue;
            };
            let new = self.replaced(&value, name, if name { 0 } else { DEPTH });
            if new != value {
                out.push_str(&text[end..start]);
                out.push_str(&Value::from(new.into_owned()).to_string());
                end = at;
            }
        }
        out.push_str(&text[end..]);
        out
    }

    /// Replaces between the tags of an XML text.
    fn xml(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            out.push_str(&self.text(&rest[..open]));
            let close = rest[open..].find('>').map_or(rest.len(), |n| open + n + 1);
            out.push_str(&rest[open..close]);
            rest = &rest[close..];
        }
        out.push_str(&self.text(rest));
        out
    }
}

/// Whether no letter or digit touches it; the digits of a percent-encoded byte
/// are none.
pub(super) fn alone(text: &str, at: &Range<usize>) -> bool {
    let (before, after) = (&text[..at.start], &text[at.end..]);
    let encoded = before.len().checked_sub(3).is_some_and(|n| {
        let b = &before.as_bytes()[n..];
        b[0] == b'%' && b[1].is_ascii_hexdigit() && b[2].is_ascii_hexdigit()
    });
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    (encoded || !word(before.chars().next_back())) && !word(after.chars().next())
}
