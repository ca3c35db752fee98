//! Secrets by their look: keys and tokens that stand where no model expects one
//! (a description, a tag, a policy's text) are replaced before an answer is read.
//!
//! Members that hold secrets are known from the models and the collectors; this
//! is the net below. Identifiers that rules read are no secrets: access key ids
//! (`AKIA…`), ARNs, digests, certificates and public keys stay.
//!
//! What is wrapped is unwrapped for the look ([`crate::wrapped`]): of
//! percent-encoding and escapes the secret alone is replaced, of base64 the whole.

use crate::wrapped::{self, View};
use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::Regex;
use shoseki_model::REDACTED;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// A kind of secret: a text that each one holds, whatever the case of its
/// letters, and its form. Where the form has a group, that is the secret.
///
/// `§` is a quotation mark, however escaped ([`QUOTE`]).
///
/// The forms are those that the issuers document. No form may take in a quote, an
/// angle bracket, or a backslash that escapes one of them, so that an answer stays
/// a document.
const KINDS: &[(&str, &str)] = &[
    // Private keys of all kinds (RFC 7468), also with escaped line ends.
    (
        "private key",
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s:,.()-]|\\+[nrt]|&#(?:x[Aa]|x[Dd]|10|13);)*",
    ),
    // AWS: a secret beside its name, or behind its access key id.
    (
        "secret",
        r#"(?i)secret[_ -]?(?:access[_ -]?)?key§?(?:[\s:=>,]|\\+[nt])+§?([a-z0-9/+]{40})(?:[^a-z0-9/+]|$)"#,
    ),
    (
        "AKIA",
        r#"AKIA[A-Z2-7]{16}§?(?:[\s:,;|/]|\\+[nt])+§?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|$)"#,
    ),
    (
        "token",
        r#"(?i)(?:session|security)[_ -]?token§?(?:[\s:=>,]|\\+[nt])+§?([a-z0-9/+=%]{100,})"#,
    ),
    // What signs an address, and everything after it counts for nothing.
    ("X-Amz-Signature", r"(?i)X-Amz-Signature=([0-9a-f]{64})"),
    ("sig=", r"[?&;]sig=([A-Za-z0-9%+/=]{30,})"),
    // JSON web tokens (RFC 7519): two of the three parts are JSON.
    (
        "eyJ",
        r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    ),
    ("gh", r"\bgh[pousr]_[A-Za-z0-9]{36,}"),
    ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,}"),
    ("glpat-", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("xox", r"\bxox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}"),
    ("xapp-", r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    (
        "hooks.slack.com",
        r"hooks\.slack\.com\\?/services\\?/(T[A-Za-z0-9]+\\?/B[A-Za-z0-9]+\\?/[A-Za-z0-9]{16,})",
    ),
    ("AIza", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("ya29.", r"\bya29\.[0-9A-Za-z_-]{20,}"),
    ("GOCSPX-", r"\bGOCSPX-[0-9A-Za-z_-]{28}"),
    ("k_", r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}"),
    ("whsec_", r"\bwhsec_[0-9A-Za-z+/=]{24,}"),
    ("SG.", r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}"),
    ("SK", r"\bSK[0-9a-f]{32}\b"),
    ("npm_", r"\bnpm_[0-9A-Za-z]{36}"),
    ("pypi-", r"\bpypi-AgE[0-9A-Za-z_-]{50,}"),
    (
        "sk-",
        r"\bsk-(?:(?:proj|svcacct|admin)-[0-9A-Za-z_-]{20,}|ant-[a-z0-9]+-[0-9A-Za-z_-]{20,}|[0-9A-Za-z]{32,})",
    ),
    ("hv", r"\bhv[sbr]\.[0-9A-Za-z_-]{24,}"),
    ("dop_v1_", r"\bdop_v1_[0-9a-f]{64}"),
    ("shp", r"\bshp(?:at|ss|ca|pa)_[0-9A-Fa-f]{32}"),
    ("dapi", r"\bdapi[0-9a-f]{32}"),
    ("hf_", r"\bhf_[0-9A-Za-z]{34}"),
    ("AGE-SECRET-KEY-1", r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("glsa_", r"\bglsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}"),
    (":AA", r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"),
    // Passwords: in an address, in a connection string, in an assignment.
    (
        "@",
        r#"[A-Za-z][A-Za-z0-9+.-]{1,20}:\\?/\\?/[^\s/:@"'<>\\]{0,100}:((?:[^\s/:@"'<>\\]|\\+u[0-9A-Fa-f]{4}){1,200})@"#,
    ),
    (
        "key=",
        r"(?i)\b(?:Account|SharedAccess)Key=([A-Za-z0-9+/=]{20,})",
    ),
    (
        "=",
        r#"(?i)\b(?:password|pwd)\s?=\s?((?:[^\s;"'<>\\]|\\+u[0-9a-f]{4}){3,});"#,
    ),
    (
        "=",
        r#"\b(?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY)=((?:[^\s;&"'<>\\$:/{(\[]|\\+u[0-9A-Fa-f]{4})(?:[^\s;&"'<>\\:]|\\+u[0-9A-Fa-f]{4}){5,})"#,
    ),
    (
        "authorization",
        r#"(?i)authorization§?\s*[:=]\s*§?(?:basic|bearer|token)\s+([a-z0-9._~+/=-]{12,})"#,
    ),
    // And as a member of JSON, or as a name beside its value.
    (
        "passw",
        r#"(?i)§(?:[a-z0-9]+[_-])*passw(?:or)?d§\s*:\s*§((?:[^\s"'<>\\]|\\+u[0-9a-f]{4}){3,})§"#,
    ),
    (
        ":",
        r#"§(?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY)§\s*:\s*§((?:[^\s"'<>\\$]|\\+u[0-9A-Fa-f]{4})(?:[^\s"'<>\\]|\\+u[0-9A-Fa-f]{4}){5,})§"#,
    ),
    (
        "value",
        r#"§[Nn]ame§\s*:\s*§(?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY)§\s*,\s*§[Vv]alue§\s*:\s*§((?:[^\s"'<>\\]|\\+u[0-9A-Fa-f]{4}){3,})§"#,
    ),
    ("auth", r#"§auth§\s*:\s*§([A-Za-z0-9+/=]{16,})"#),
];

/// A quotation mark in JSON, in JSON inside of JSON, and in XML.
const QUOTE: &str = r#"(?:\\*(?:["']|&(?:quot|apos|#3[49]|#[xX]2[27]);))"#;

struct Net {
    /// Finds the texts; the position is that in `KINDS`.
    texts: Option<AhoCorasick>,
    forms: Vec<Option<Regex>>,
}

fn net() -> &'static Net {
    static NET: OnceLock<Net> = OnceLock::new();
    // Forms that cannot be read would be missing here; a test reads them all.
    NET.get_or_init(|| Net {
        texts: AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(KINDS.iter().map(|(text, _)| text))
            .ok(),
        forms: KINDS
            .iter()
            .map(|(_, form)| Regex::new(&form.replace('§', QUOTE)).ok())
            .collect(),
    })
}

/// `text` with every secret replaced, and how many there were.
pub fn scrub(text: &[u8]) -> (Cow<'_, [u8]>, u64) {
    let found = find(text, 0);
    if found.is_empty() {
        return (Cow::Borrowed(text), 0);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    for r in &found {
        out.extend_from_slice(text.get(from..r.start).unwrap_or_default());
        out.extend_from_slice(REDACTED.as_bytes());
        from = r.end;
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    (Cow::Owned(out), found.len() as u64)
}

/// How many wrappings are undone, one in the other.
const DEEPEST: usize = 3;

/// Where secrets stand, wrapped or not: in order, apart.
fn find(text: &[u8], depth: usize) -> Vec<Range<usize>> {
    let mut found = bare(text);
    if depth < DEEPEST {
        let holds = |inner: &[u8]| !find(inner, depth + 1).is_empty();
        found.extend(wrapped::base64(text, &holds));
        if let Some(view) = View::of(text) {
            let inner = find(&view.text, depth + 1);
            found.extend(inner.iter().map(|r| view.back(r)));
        }
    }
    found.sort_by_key(|r| (r.start, r.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for r in found {
        match apart.last_mut() {
            Some(last) if r.start < last.end => last.end = last.end.max(r.end),
            _ => apart.push(r),
        }
    }
    apart
}

/// Where secrets stand as they are.
fn bare(text: &[u8]) -> Vec<Range<usize>> {
    let net = net();
    let mut here = vec![net.texts.is_none(); KINDS.len()];
    for m in net.texts.iter().flat_map(|t| t.find_overlapping_iter(text)) {
        if let Some(seen) = here.get_mut(m.pattern().as_usize()) {
            *seen = true;
        }
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let forms = net.forms.iter().zip(here).filter(|(_, here)| *here);
    for form in forms.filter_map(|(form, _)| form.as_ref()) {
        for c in form.captures_iter(text) {
            let secret = c.get(1).or_else(|| c.get(0));
            let fresh = secret.filter(|m| m.as_bytes() != REDACTED.as_bytes());
            found.extend(fresh.map(|m| m.range()));
        }
    }
    found
}

#[cfg(test)]
#[path = "tests/scrub.rs"]
mod tests;
