//! The lowest TLS version that a policy or protocol name stands for.
//!
//! Names of Elastic Load Balancing, CloudFront, API Gateway, OpenSearch Service
//! and Lightsail as their user guides ("Security policies for your Application
//! Load Balancer", "Predefined SSL security policies for Classic Load
//! Balancers", "Supported protocols and ciphers between viewers and CloudFront")
//! and the published service models have them.

use crate::eval::value::{V, fault};
use jiff::Timestamp;
use shoseki_model::Text;

/// SSL is older than TLS 1.0, and ordered below it.
const SSL: f64 = 0.0;

/// Names that do not spell a version.
const NAMED: [(&str, f64); 14] = [
    ("ELBSecurityPolicy-2011-08", SSL),
    ("ELBSecurityPolicy-2014-01", SSL),
    ("ELBSecurityPolicy-2014-10", 1.0),
    ("ELBSecurityPolicy-2015-02", 1.0),
    ("ELBSecurityPolicy-2015-03", 1.0),
    ("ELBSecurityPolicy-2015-05", 1.0),
    ("ELBSecurityPolicy-2016-08", 1.0),
    ("ELBSecurityPolicy-FS-2018-06", 1.0),
    ("SecurityPolicy_TLS13_2025_EDGE", 1.3),
    ("SecurityPolicy_TLS12_PFS_2025_EDGE", 1.2),
    ("SecurityPolicy_TLS12_2018_EDGE", 1.2),
    ("SSLv2", SSL),
    ("SSLv3", SSL),
    ("TLSv1_2016", 1.0),
];

/// Beginnings after which `1-2` or `1_2` spells the lowest version.
const SPELT: [&str; 8] = [
    "ELBSecurityPolicy-TLS13-",
    "ELBSecurityPolicy-TLS-",
    "ELBSecurityPolicy-FS-",
    "SecurityPolicy_TLS13_",
    "Policy-Min-TLS-",
    "TLS_",
    "TLS-",
    "TLS",
];

/// The version as a number, 1.2. A list with commas gives the lowest of it.
pub(crate) fn version<'a>(v: &[V<'a>], _: Timestamp) -> V<'a> {
    let name = v.first().and_then(V::as_str).unwrap_or_default();
    let all: Option<Vec<f64>> = name.split(',').map(|n| lowest(n.trim())).collect();
    match all.and_then(|a| a.into_iter().reduce(f64::min)) {
        Some(n) => V::Double(n),
        None => fault(Text::new(
            format!("TLS のポリシー名 {name:?} を知らない"),
            format!("{name:?} is not a known name of a TLS policy"),
        )),
    }
}

fn lowest(name: &str) -> Option<f64> {
    if let Some((_, n)) = NAMED.iter().find(|n| n.0 == name) {
        return Some(*n);
    }
    if let Some(rest) = name.strip_prefix("TLSv") {
        // `TLSv1.2`, and CloudFront's `TLSv1.2_2021`.
        let (number, year) = rest.split_once('_').unwrap_or((rest, "2000"));
        let dated = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        return dated.then(|| number_of(number, '.'))?;
    }
    SPELT.iter().find_map(|p| {
        let rest = name.strip_prefix(p)?;
        let separator = if p.ends_with('-') { '-' } else { '_' };
        let separator = match *p {
            "TLS" if rest.contains('.') => '.',
            _ => separator,
        };
        let mut pieces = rest.splitn(3, separator);
        let (major, minor, tail) = (pieces.next()?, pieces.next()?, pieces.next());
        let whole = p.len() <= 4 && tail.is_some();
        (!whole).then(|| number_of(&format!("{major}.{minor}"), '.'))?
    })
}

fn number_of(s: &str, dot: char) -> Option<f64> {
    match s.split_once(dot).unwrap_or((s, "0")) {
        ("1", "0") => Some(1.0),
        ("1", "1") => Some(1.1),
        ("1", "2") => Some(1.2),
        ("1", "3") => Some(1.3),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests/tls.rs"]
mod tests;
