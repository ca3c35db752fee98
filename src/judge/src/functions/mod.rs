//! The functions of the language. Each is strict: it runs only where all its
//! arguments are known and of the kinds that its row names.

mod cryptrec;
mod firewall;
mod network;
mod policy;
pub(crate) mod standard;
mod time;
mod tls;

use crate::eval::value::{V, kinds::*};
use jiff::Timestamp;

/// How a function is called: the values of its row's kinds, and the time of the run.
pub(crate) type Run = for<'a, 's> fn(&'s [V<'a>], Timestamp) -> V<'a>;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `f(x, y)`.
    Plain,
    /// `x.f(y)`.
    Method,
    /// Either.
    Both,
}

/// What it gives, for checks at load time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Out {
    Bool,
    Int,
    Double,
    Str,
    Time,
    Span,
    Strs,
    Anys,
}

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    pub name: &'static str,
    pub style: Style,
    /// For each argument the kinds that it may have; the receiver comes first.
    pub args: &'static [u16],
    /// Arguments that may be left out at the end.
    pub optional: usize,
    pub out: Out,
    /// For messages: `startsWith(text)`.
    pub usage: &'static str,
    pub run: Run,
}

const fn f(
    name: &'static str,
    style: Style,
    args: &'static [u16],
    out: Out,
    usage: &'static str,
    run: Run,
) -> Function {
    Function {
        name,
        style,
        args,
        optional: 0,
        out,
        usage,
        run,
    }
}

/// A policy document: JSON, text that holds JSON, or nothing.
const DOC: u16 = NULL | STR | MAP;

use standard as s;

/// Every function, in the order of `rules/README.md`.
pub(crate) static ALL: &[Function] = &[
    f(
        "size",
        Style::Both,
        &[NULL | STR | LIST | MAP],
        Out::Int,
        "size(x)",
        s::size,
    ),
    f(
        "startsWith",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.startsWith(text)",
        s::starts_with,
    ),
    f(
        "endsWith",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.endsWith(text)",
        s::ends_with,
    ),
    f(
        "contains",
        Style::Method,
        &[STR, STR],
        Out::Bool,
        "text.contains(text)",
        s::contains,
    ),
    f(
        "matches",
        Style::Both,
        &[STR, STR],
        Out::Bool,
        "text.matches(regex)",
        s::matches,
    ),
    f(
        "int",
        Style::Plain,
        &[INT | DOUBLE | STR | TIME],
        Out::Int,
        "int(x)",
        s::int,
    ),
    f(
        "double",
        Style::Plain,
        &[INT | DOUBLE | STR],
        Out::Double,
        "double(x)",
        s::double,
    ),
    f(
        "string",
        Style::Plain,
        &[BOOL | INT | DOUBLE | STR | TIME | SPAN],
        Out::Str,
        "string(x)",
        s::string,
    ),
    f(
        "bool",
        Style::Plain,
        &[BOOL | STR],
        Out::Bool,
        "bool(x)",
        s::bool,
    ),
    f(
        "timestamp",
        Style::Plain,
        &[STR | INT | TIME],
        Out::Time,
        "timestamp(text)",
        s::timestamp,
    ),
    f(
        "duration",
        Style::Plain,
        &[STR | SPAN],
        Out::Span,
        "duration(text)",
        s::duration,
    ),
    f(
        "lowerAscii",
        Style::Method,
        &[STR],
        Out::Str,
        "text.lowerAscii()",
        s::lower,
    ),
    f(
        "upperAscii",
        Style::Method,
        &[STR],
        Out::Str,
        "text.upperAscii()",
        s::upper,
    ),
    f(
        "split",
        Style::Method,
        &[STR, STR],
        Out::Strs,
        "text.split(separator)",
        s::split,
    ),
    Function {
        optional: 1,
        ..f(
            "join",
            Style::Method,
            &[LIST, STR],
            Out::Str,
            "list.join(separator)",
            s::join,
        )
    },
    f(
        "trim",
        Style::Method,
        &[STR],
        Out::Str,
        "text.trim()",
        s::trim,
    ),
    f(
        "daysSince",
        Style::Plain,
        &[STR | TIME],
        Out::Double,
        "daysSince(time)",
        time::days_since,
    ),
    f(
        "daysUntil",
        Style::Plain,
        &[STR | TIME],
        Out::Double,
        "daysUntil(time)",
        time::days_until,
    ),
    f(
        "policyStatements",
        Style::Plain,
        &[DOC],
        Out::Anys,
        "policyStatements(document)",
        policy::statements,
    ),
    f(
        "policyAllowsPublic",
        Style::Plain,
        &[DOC],
        Out::Bool,
        "policyAllowsPublic(document)",
        policy::allows_public,
    ),
    f(
        "policyAllowsOthers",
        Style::Plain,
        &[DOC, LIST],
        Out::Bool,
        "policyAllowsOthers(document, [account, …])",
        policy::allows_others,
    ),
    f(
        "policyAllows",
        Style::Plain,
        &[DOC, STR, STR],
        Out::Bool,
        "policyAllows(document, action, resource)",
        policy::allows,
    ),
    f(
        "policyGrantsAdmin",
        Style::Plain,
        &[DOC],
        Out::Bool,
        "policyGrantsAdmin(document)",
        policy::grants_admin,
    ),
    f(
        "policyDeniesInsecureTransport",
        Style::Plain,
        &[DOC],
        Out::Bool,
        "policyDeniesInsecureTransport(document)",
        policy::denies_insecure_transport,
    ),
    f(
        "ingressOpen",
        Style::Plain,
        &[NULL | LIST, INT],
        Out::Bool,
        "ingressOpen(permissions, port)",
        network::ingress_open,
    ),
    f(
        "ingressOpenUdp",
        Style::Plain,
        &[NULL | LIST, INT],
        Out::Bool,
        "ingressOpenUdp(permissions, port)",
        network::ingress_open_udp,
    ),
    f(
        "naclOpen",
        Style::Plain,
        &[NULL | LIST, INT],
        Out::Bool,
        "naclOpen(entries, port)",
        network::nacl_open,
    ),
    f(
        "nsgOpen",
        Style::Plain,
        &[NULL | LIST, NULL | LIST, INT],
        Out::Bool,
        "nsgOpen(securityRules, defaultSecurityRules, port)",
        firewall::nsg_open,
    ),
    f(
        "nsgOpenUdp",
        Style::Plain,
        &[NULL | LIST, NULL | LIST, INT],
        Out::Bool,
        "nsgOpenUdp(securityRules, defaultSecurityRules, port)",
        firewall::nsg_open_udp,
    ),
    f(
        "nsgOpenExcept",
        Style::Plain,
        &[NULL | LIST, NULL | LIST, LIST],
        Out::Bool,
        "nsgOpenExcept(securityRules, defaultSecurityRules, [port, …])",
        firewall::nsg_open_except,
    ),
    f(
        "gcpPortOpen",
        Style::Plain,
        &[NULL | LIST, INT],
        Out::Bool,
        "gcpPortOpen(allowed, port)",
        firewall::gcp_port_open,
    ),
    f(
        "gcpPortOpenUdp",
        Style::Plain,
        &[NULL | LIST, INT],
        Out::Bool,
        "gcpPortOpenUdp(allowed, port)",
        firewall::gcp_port_open_udp,
    ),
    f(
        "cidrContains",
        Style::Plain,
        &[STR, STR],
        Out::Bool,
        "cidrContains(outer, inner)",
        network::cidr_contains,
    ),
    f(
        "cidrIsAny",
        Style::Plain,
        &[NULL | STR],
        Out::Bool,
        "cidrIsAny(range)",
        network::cidr_is_any,
    ),
    f(
        "cidrIsWide",
        Style::Plain,
        &[NULL | STR],
        Out::Bool,
        "cidrIsWide(range)",
        network::cidr_is_wide,
    ),
    f(
        "cidrIsPrivate",
        Style::Plain,
        &[STR],
        Out::Bool,
        "cidrIsPrivate(range)",
        network::cidr_is_private,
    ),
    f(
        "tlsVersion",
        Style::Plain,
        &[STR],
        Out::Double,
        "tlsVersion(name)",
        tls::version,
    ),
    f(
        "cryptrecCipher",
        Style::Plain,
        &[STR],
        Out::Bool,
        "cryptrecCipher(suite)",
        cryptrec::cipher,
    ),
    f(
        "cryptrecKey",
        Style::Plain,
        &[STR, INT],
        Out::Bool,
        "cryptrecKey(algorithm, bits)",
        cryptrec::key,
    ),
];

/// The function called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|f| f.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Runs a function on JSON; `Err` holds the English words of its error.
    pub(super) fn call(run: Run, args: &[Value]) -> Result<Value, String> {
        let args: Vec<V<'_>> = args.iter().map(V::of).collect();
        let now = "2026-01-01T00:00:00Z".parse().map_err(|_| "now")?;
        match run(&args, now) {
            V::Undef(u) => Err(u.errors.into_iter().map(|e| e.en).collect()),
            v => Ok(v.json()),
        }
    }

    #[test]
    fn every_function_has_a_name_of_its_own() {
        for (i, f) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|g| g.name != f.name), "{}", f.name);
            assert!(f.args.len() <= 3 && f.usage.contains(f.name), "{}", f.name);
        }
    }
}
