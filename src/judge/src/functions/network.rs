//! Ranges, security groups and network ACLs of EC2.

use crate::eval::value::{V, fault};
use ipnet::IpNet;
use jiff::Timestamp;
use serde_json::Value;
use shoseki_model::Text;
use std::net::IpAddr;

const PRIVATE: [&str; 9] = [
    // RFC 1918, RFC 6598, loopback, link-local.
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    // RFC 4193, link-local, loopback.
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// A range, or an address as a range of one.
pub(super) fn range(s: &str) -> Option<IpNet> {
    let s = s.trim();
    match s.parse::<IpNet>() {
        Ok(n) => Some(n.trunc()),
        Err(_) => s.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

pub(super) fn not_a_range<'a>(s: &str) -> V<'a> {
    fault(Text::new(
        format!("{s:?} は IP アドレスの範囲ではない"),
        format!("{s:?} is not a range of IP addresses"),
    ))
}

fn ranged<'a>(v: &[V<'a>], f: impl FnOnce(IpNet) -> bool) -> V<'a> {
    let s = v.first().and_then(V::as_str).unwrap_or_default();
    range(s).map_or_else(|| not_a_range(s), |n| V::Bool(f(n)))
}

/// Whether the first range holds the second whole.
pub(crate) fn cidr_contains<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let inner = v.get(1).and_then(V::as_str).unwrap_or_default();
    match range(inner) {
        Some(inner) => ranged(v, |outer| outer.contains(&inner)),
        None => not_a_range(inner),
    }
}

/// Whether the range is every address; what is absent is no range.
pub(crate) fn cidr_is_any<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    match v.first() {
        Some(V::Null) => V::Bool(false),
        _ => ranged(v, |n| n.prefix_len() == 0),
    }
}

/// Whether the range is so wide that it stands for the internet; what is absent
/// is no range.
pub(crate) fn cidr_is_wide<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    match v.first() {
        Some(V::Null) => V::Bool(false),
        _ => ranged(v, wide),
    }
}

/// Whether the range lies whole in address space that the internet does not route.
pub(crate) fn cidr_is_private<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    ranged(v, |n| {
        PRIVATE
            .iter()
            .filter_map(|p| range(p))
            .any(|p| p.contains(&n))
    })
}

/// Whether the range is so wide that it stands for the internet.
pub(super) fn wide(n: IpNet) -> bool {
    match n {
        IpNet::V4(n) => n.prefix_len() < 8,
        IpNet::V6(n) => n.prefix_len() < 16,
    }
}

fn malformed<'a>(ja: &str, en: &str) -> V<'a> {
    fault(Text::new(ja, en))
}

/// Protocols as EC2 names them, with their numbers.
#[derive(Clone, Copy)]
struct Protocol(&'static str, &'static str);

const TCP: Protocol = Protocol("tcp", "6");
const UDP: Protocol = Protocol("udp", "17");

impl Protocol {
    fn fits(self, given: &str) -> bool {
        given == "-1" || given.eq_ignore_ascii_case(self.0) || given == self.1
    }
}

/// Whether an `IpPermissions` list lets the internet reach the TCP port.
pub(crate) fn ingress_open<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    ingress(v, TCP)
}

/// The same for UDP.
pub(crate) fn ingress_open_udp<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    ingress(v, UDP)
}

fn port(v: &[V<'_>]) -> i64 {
    match v.get(1) {
        Some(V::Int(p)) => *p,
        _ => -1,
    }
}

fn ingress<'a>(v: &[V<'a>], protocol: Protocol) -> V<'a> {
    let port = port(v);
    let mut lists = None;
    for item in v.first().map(V::items).unwrap_or_default() {
        let p = item.json();
        let Some(given) = protocol_of(p.get("IpProtocol")) else {
            return malformed(
                "IpPermissions に IpProtocol がない",
                "an entry of IpPermissions has no IpProtocol",
            );
        };
        if !protocol.fits(&given) {
            continue;
        }
        let (Ok(from), Ok(to)) = (bound(p.get("FromPort")), bound(p.get("ToPort"))) else {
            return malformed(
                "IpPermissions のポートが整数でない",
                "a port of IpPermissions is no whole number",
            );
        };
        if !(given == "-1" || reaches((from, to), port)) {
            continue;
        }
        for (list, member) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
            for r in p.get(list).and_then(Value::as_array).into_iter().flatten() {
                let text = r.get(member).and_then(Value::as_str).unwrap_or_default();
                match range(text) {
                    Some(n) if wide(n) => return V::Bool(true),
                    Some(_) => {}
                    None => return not_a_range(text),
                }
            }
        }
        let ids = p.get("PrefixListIds").and_then(Value::as_array);
        if let Some(id) = ids.and_then(|a| a.first()) {
            lists = Some(
                id.get("PrefixListId")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
    }
    match lists {
        // What a prefix list holds is not part of the security group.
        Some(id) => fault(Text::new(
            format!("プレフィックスリスト {id} の中身は読み取っていない"),
            format!("what the prefix list {id} holds was not read"),
        )),
        None => V::Bool(false),
    }
}

fn protocol_of(v: Option<&Value>) -> Option<String> {
    match v? {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A port that bounds a range; absent, null or negative there is no bound.
/// `Err` where something else stands there.
fn bound(v: Option<&Value>) -> Result<Option<i64>, ()> {
    match v {
        None | Some(Value::Null) => Ok(None),
        Some(v) => v.as_i64().map(|n| Some(n).filter(|n| *n >= 0)).ok_or(()),
    }
}

/// Whether a range of ports holds the port; without bounds it holds all.
fn reaches((from, to): (Option<i64>, Option<i64>), port: i64) -> bool {
    port < 0 || (from.is_none_or(|f| f <= port) && to.is_none_or(|t| port <= t))
}

/// One entry of a network ACL that lets in or keeps out TCP.
struct Entry {
    number: i64,
    allow: bool,
    net: IpNet,
    from: i64,
    to: i64,
}

/// Whether network ACL entries, in order, let the internet in on the TCP port.
pub(crate) fn nacl_open<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let port = port(v);
    let mut entries = Vec::new();
    for item in v.first().map(V::items).unwrap_or_default() {
        match entry(&item.json()) {
            Ok(Some(e)) => entries.push(e),
            Ok(None) => {}
            Err(e) => return e,
        }
    }
    entries.sort_by_key(|e| e.number);
    V::Bool(entries.iter().enumerate().any(|(i, e)| {
        let (from, to) = if port < 0 {
            (e.from, e.to)
        } else {
            (port, port)
        };
        let here = e.from <= from && to <= e.to;
        // An earlier entry decides where it covers the whole of this one.
        let denied = entries[..i]
            .iter()
            .any(|d| !d.allow && d.net.contains(&e.net) && d.from <= from && to <= d.to);
        e.allow && here && wide(e.net) && !denied
    }))
}

/// An ingress entry for TCP; `None` for others.
fn entry<'a>(e: &Value) -> Result<Option<Entry>, V<'a>> {
    if e.get("Egress").and_then(Value::as_bool) == Some(true) {
        return Ok(None);
    }
    let bad = || {
        malformed(
            "ネットワーク ACL の項目の形が正しくない",
            "an entry of a network ACL is malformed",
        )
    };
    let given = protocol_of(e.get("Protocol")).ok_or_else(bad)?;
    if !TCP.fits(&given) {
        return Ok(None);
    }
    let allow = match e.get("RuleAction").and_then(Value::as_str) {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(bad()),
    };
    let cidr = ["CidrBlock", "Ipv6CidrBlock"]
        .iter()
        .find_map(|k| e.get(*k).and_then(Value::as_str))
        .ok_or_else(bad)?;
    let ports = e.get("PortRange");
    let bound = |k: &str| bound(ports.and_then(|p| p.get(k))).map_err(|()| bad());
    let all = given == "-1";
    Ok(Some(Entry {
        number: e
            .get("RuleNumber")
            .and_then(Value::as_i64)
            .ok_or_else(bad)?,
        allow,
        net: range(cidr).ok_or_else(|| not_a_range(cidr))?,
        from: bound("From")?.filter(|_| !all).unwrap_or(0),
        to: bound("To")?.filter(|_| !all).unwrap_or(65_535),
    }))
}

#[cfg(test)]
#[path = "tests/network.rs"]
mod tests;
