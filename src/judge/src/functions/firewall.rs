//! Azure network security groups and Google Cloud firewalls.

use super::network::{not_a_range, range, wide};
use crate::eval::value::{V, fault};
use ipnet::IpNet;
use jiff::Timestamp;
use serde_json::Value;
use shoseki_model::Text;

/// A protocol by name and number.
#[derive(Clone, Copy)]
struct Protocol(&'static str, &'static str);

const TCP: Protocol = Protocol("tcp", "6");
const UDP: Protocol = Protocol("udp", "17");

/// Inclusive; every port is 0 to 65535.
type Ports = (u16, u16);

const EVERY: Ports = (0, u16::MAX);

fn malformed<'a>(ja: String, en: String) -> V<'a> {
    fault(Text::new(ja, en))
}

/// `*`, `22` or `20-25`.
fn ports<'a>(text: &str) -> Result<Ports, V<'a>> {
    let text = text.trim();
    if text == "*" {
        return Ok(EVERY);
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.trim().parse(), to.trim().parse()) {
        (Ok(from), Ok(to)) if from <= to => Ok((from, to)),
        _ => Err(malformed(
            format!("{text:?} はポートの範囲ではない"),
            format!("{text:?} is not a range of ports"),
        )),
    }
}

/// The port asked for; -1 asks for any.
fn asked<'a>(v: Option<&V<'a>>) -> Result<Option<u16>, V<'a>> {
    match v {
        Some(V::Int(-1)) => Ok(None),
        Some(V::Int(p)) => u16::try_from(*p).map(Some).map_err(|_| {
            malformed(
                format!("{p} はポート番号ではない"),
                format!("{p} is not a port"),
            )
        }),
        _ => Ok(None),
    }
}

fn holds(ranges: &[Ports], port: Option<u16>) -> bool {
    match port {
        None => !ranges.is_empty(),
        Some(p) => ranges.iter().any(|r| r.0 <= p && p <= r.1),
    }
}

/// Texts of a singular and a plural member together.
fn texts<'v>(rule: &'v Value, one: &str, many: &str) -> Vec<&'v str> {
    let single = rule.get(one).and_then(Value::as_str);
    let list = rule.get(many).and_then(Value::as_array);
    single
        .into_iter()
        .chain(list.into_iter().flatten().filter_map(Value::as_str))
        .filter(|s| !s.is_empty())
        .collect()
}

/// A security rule of a network security group, as far as one protocol goes.
struct NsgRule {
    priority: i64,
    allow: bool,
    /// Internet sources that it names.
    sources: Vec<Source>,
    /// Whether it speaks for every source port and destination.
    plain: bool,
    ports: Vec<Ports>,
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// `*`, `Internet`: every address of both families.
    All,
    Wide(IpNet),
}

impl Source {
    fn covers(self, other: Source) -> bool {
        match (self, other) {
            (Source::All, _) => true,
            (Source::Wide(a), Source::Wide(b)) => a.contains(&b),
            (Source::Wide(_), Source::All) => false,
        }
    }
}

/// `*`, `0.0.0.0` and service tags are no ranges: only `Internet` among the tags stands for
/// everybody. <https://learn.microsoft.com/azure/virtual-network/service-tags-overview>
fn source<'a>(text: &str) -> Result<Option<Source>, V<'a>> {
    if text == "*"
        || text == "0.0.0.0"
        || text.eq_ignore_ascii_case("internet")
        || text.eq_ignore_ascii_case("any")
    {
        return Ok(Some(Source::All));
    }
    match range(text) {
        Some(n) => Ok(Some(Source::Wide(n)).filter(|_| wide(n))),
        None if text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains(':') => {
            Ok(None)
        }
        None => Err(not_a_range(text)),
    }
}

fn nsg_rule<'a>(entry: &Value, protocol: Protocol) -> Result<Option<NsgRule>, V<'a>> {
    let rule = entry.get("properties").unwrap_or(entry);
    let name = entry.get("name").and_then(Value::as_str).unwrap_or("?");
    let odd = |member: &str| {
        malformed(
            format!("セキュリティ規則 {name} の {member} を読めない"),
            format!("{member} of the security rule {name} cannot be read"),
        )
    };
    let word = |member: &str| {
        rule.get(member)
            .and_then(Value::as_str)
            .map(str::to_ascii_lowercase)
            .ok_or_else(|| odd(member))
    };
    match word("direction")?.as_str() {
        "inbound" => {}
        "outbound" => return Ok(None),
        _ => return Err(odd("direction")),
    }
    let given = word("protocol")?;
    if given != "*" && given != protocol.0 {
        return Ok(None);
    }
    let allow = match word("access")?.as_str() {
        "allow" => true,
        "deny" => false,
        _ => return Err(odd("access")),
    };
    let mut sources = Vec::new();
    for text in texts(rule, "sourceAddressPrefix", "sourceAddressPrefixes") {
        sources.extend(source(text)?);
    }
    let ranges = texts(rule, "destinationPortRange", "destinationPortRanges");
    if ranges.is_empty() {
        return Err(odd("destinationPortRange"));
    }
    let any = |one: &str, many: &str| texts(rule, one, many) == ["*"];
    Ok(Some(NsgRule {
        priority: rule
            .get("priority")
            .and_then(Value::as_i64)
            .ok_or_else(|| odd("priority"))?,
        allow,
        sources,
        plain: (any("sourcePortRange", "sourcePortRanges")
            || texts(rule, "sourcePortRange", "sourcePortRanges").is_empty())
            && any("destinationAddressPrefix", "destinationAddressPrefixes"),
        ports: ranges.into_iter().map(ports).collect::<Result<_, _>>()?,
    }))
}

/// `range` without `hole`.
fn without(range: Ports, hole: Ports) -> Vec<Ports> {
    if hole.1 < range.0 || range.1 < hole.0 {
        return vec![range];
    }
    let below = hole.0.checked_sub(1).map(|to| (range.0, to));
    let above = hole.1.checked_add(1).map(|from| (from, range.1));
    let left = below.into_iter().chain(above);
    left.filter(|r| r.0 <= r.1).collect()
}

/// Ports that `rule` opens to `from` and no earlier deny closes. A deny counts
/// where it alone covers the source, so that *open* is said rather once too often.
fn opened(before: &[NsgRule], rule: &NsgRule, from: Source) -> Vec<Ports> {
    let closing = before
        .iter()
        .filter(|d| !d.allow && d.plain && d.sources.iter().any(|s| s.covers(from)));
    let mut left = rule.ports.clone();
    for hole in closing.flat_map(|d| &d.ports) {
        left = left.into_iter().flat_map(|r| without(r, *hole)).collect();
    }
    left
}

/// TCP or UDP ports that security rules open to the internet.
fn nsg<'a>(v: &[V<'a>], protocol: Protocol) -> Result<Vec<Ports>, V<'a>> {
    let mut rules = Vec::new();
    for item in v.iter().take(2).flat_map(V::items) {
        rules.extend(nsg_rule(&item.json(), protocol)?);
    }
    rules.sort_by_key(|r| r.priority);
    let mut open = Vec::new();
    for (i, rule) in rules.iter().enumerate().filter(|(_, r)| r.allow) {
        for from in &rule.sources {
            open.extend(opened(&rules[..i], rule, *from));
        }
    }
    Ok(open)
}

fn nsg_at<'a>(v: &[V<'a>], protocol: Protocol) -> V<'a> {
    let open = asked(v.get(2)).and_then(|port| Ok(holds(&nsg(v, protocol)?, port)));
    open.map_or_else(|e| e, V::Bool)
}

/// Whether security rules let the internet reach some TCP port that is not listed.
pub(crate) fn nsg_open_except<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let mut left = match nsg(v, TCP) {
        Ok(open) => open,
        Err(e) => return e,
    };
    for item in v.get(2).map(V::items).unwrap_or_default() {
        match asked(Some(&item)) {
            Ok(Some(p)) => left = left.into_iter().flat_map(|r| without(r, (p, p))).collect(),
            Ok(None) => {
                return malformed(
                    "除くポートがポート番号でない".to_owned(),
                    "what to leave out is not a port".to_owned(),
                );
            }
            Err(e) => return e,
        }
    }
    V::Bool(!left.is_empty())
}

/// Whether security rules let the internet reach the TCP port.
pub(crate) fn nsg_open<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    nsg_at(v, TCP)
}

/// The same for UDP.
pub(crate) fn nsg_open_udp<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    nsg_at(v, UDP)
}

/// What Compute Engine takes as a protocol beside numbers.
/// <https://cloud.google.com/firewall/docs/firewalls#protocols_and_ports>
const NAMES: [&str; 8] = ["all", "tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip"];

fn gcp<'a>(v: &[V<'a>], protocol: Protocol) -> V<'a> {
    let port = match asked(v.get(1)) {
        Ok(p) => p,
        Err(e) => return e,
    };
    let mut open = false;
    for item in v.first().map(V::items).unwrap_or_default() {
        match gcp_entry(&item.json(), protocol) {
            Ok(ranges) => open |= holds(&ranges, port),
            Err(e) => return e,
        }
    }
    V::Bool(open)
}

/// Ports of the protocol that an entry names.
fn gcp_entry<'a>(entry: &Value, protocol: Protocol) -> Result<Vec<Ports>, V<'a>> {
    let given = ["IPProtocol", "ipProtocol"]
        .iter()
        .find_map(|m| entry.get(*m).and_then(Value::as_str))
        .map(str::to_ascii_lowercase)
        .unwrap_or_default();
    if !NAMES.contains(&given.as_str()) && given.parse::<u8>().is_err() {
        return Err(malformed(
            format!("{given:?} はプロトコルではない"),
            format!("{given:?} is not a protocol"),
        ));
    }
    if given != "all" && given != protocol.0 && given != protocol.1 {
        return Ok(Vec::new());
    }
    let list = entry.get("ports").filter(|p| !p.is_null());
    let Some(list) = list else {
        return Ok(vec![EVERY]);
    };
    let odd = || {
        malformed(
            "ports が文字列のリストでない".to_owned(),
            "`ports` is no list of texts".to_owned(),
        )
    };
    let list = list.as_array().ok_or_else(odd)?;
    if list.is_empty() {
        return Ok(vec![EVERY]);
    }
    list.iter()
        .map(|p| ports(p.as_str().ok_or_else(odd)?))
        .collect()
}

/// Whether entries of a Google Cloud firewall name the TCP port.
pub(crate) fn gcp_port_open<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    gcp(v, TCP)
}

/// The same for UDP.
pub(crate) fn gcp_port_open_udp<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    gcp(v, UDP)
}

#[cfg(test)]
#[path = "tests/firewall.rs"]
mod tests;
