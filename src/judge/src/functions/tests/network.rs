use super::*;
use crate::functions::tests::call;
use serde_json::json;

fn perm(protocol: &str, ports: Option<(i64, i64)>, cidr: &str) -> Value {
    let mut p = json!({"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": []});
    if let Some((from, to)) = ports {
        p["FromPort"] = json!(from);
        p["ToPort"] = json!(to);
    }
    if cidr.contains(':') {
        p["Ipv6Ranges"] = json!([{"CidrIpv6": cidr}]);
    } else {
        p["IpRanges"] = json!([{"CidrIp": cidr}]);
    }
    p
}

#[test]
fn security_groups() {
    let any = "0.0.0.0/0";
    for (p, port, open) in [
        (perm("tcp", Some((22, 22)), any), 22, true),
        (perm("tcp", Some((20, 25)), any), 22, true),
        (perm("6", Some((22, 22)), any), 22, true),
        (perm("tcp", Some((22, 22)), "::/0"), 22, true),
        (perm("-1", None, any), 22, true),
        (perm("tcp", Some((0, 65535)), any), 3389, true),
        (perm("tcp", Some((-1, -1)), any), 22, true),
        (perm("tcp", Some((443, 443)), any), -1, true),
        (perm("tcp", Some((22, 22)), "0.0.0.0/1"), 22, true),
        (perm("tcp", Some((22, 22)), "128.0.0.0/7"), 22, true),
        (perm("tcp", Some((22, 22)), "2000::/3"), 22, true),
        (perm("tcp", Some((22, 22)), "10.0.0.0/8"), 22, false),
        (perm("tcp", Some((22, 22)), "203.0.113.4/32"), 22, false),
        (perm("tcp", Some((22, 22)), "2001:db8::/32"), 22, false),
        (perm("tcp", Some((443, 443)), any), 22, false),
        (perm("udp", Some((22, 22)), any), 22, false),
        (perm("udp", Some((22, 22)), any), -1, false),
        (perm("icmp", Some((-1, -1)), any), 22, false),
        (perm("58", None, "::/0"), 22, false),
    ] {
        let got = call(ingress_open, &[json!([p]), json!(port)]);
        assert_eq!(got, Ok(json!(open)), "{p} {port}");
    }
    let two = json!([
        perm("tcp", Some((443, 443)), any),
        perm("tcp", Some((22, 22)), any)
    ]);
    assert_eq!(call(ingress_open, &[two, json!(22)]), Ok(json!(true)));
    assert_eq!(
        call(ingress_open, &[json!(null), json!(22)]),
        Ok(json!(false))
    );
    assert_eq!(
        call(ingress_open, &[json!([]), json!(-1)]),
        Ok(json!(false))
    );
}

#[test]
fn udp_is_told_from_tcp() {
    let p = json!([perm("udp", Some((53, 53)), "0.0.0.0/0")]);
    assert_eq!(
        call(ingress_open_udp, &[p.clone(), json!(53)]),
        Ok(json!(true))
    );
    assert_eq!(call(ingress_open, &[p, json!(53)]), Ok(json!(false)));
    let p = json!([perm("17", Some((53, 53)), "::/0")]);
    assert_eq!(call(ingress_open_udp, &[p, json!(53)]), Ok(json!(true)));
    let p = json!([perm("-1", None, "::/0")]);
    assert_eq!(call(ingress_open_udp, &[p, json!(53)]), Ok(json!(true)));
}

#[test]
fn what_was_not_read_or_makes_no_sense_is_an_error() {
    let list = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "PrefixListIds": [{"PrefixListId": "pl-1"}]}]);
    assert_eq!(
        call(ingress_open, &[list.clone(), json!(22)]),
        Err("what the prefix list pl-1 holds was not read".to_owned())
    );
    assert_eq!(call(ingress_open, &[list, json!(80)]), Ok(json!(false)));
    for p in [
        json!([{}]),
        json!([1]),
        json!([perm("tcp", None, "nonsense")]),
    ] {
        assert!(call(ingress_open, &[p.clone(), json!(22)]).is_err(), "{p}");
    }
    let group = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}]);
    assert_eq!(call(ingress_open, &[group, json!(22)]), Ok(json!(false)));
}

fn nacl(number: i64, action: &str, protocol: &str, cidr: &str, ports: Option<(i64, i64)>) -> Value {
    let mut e =
        json!({"RuleNumber": number, "RuleAction": action, "Protocol": protocol, "Egress": false});
    e[if cidr.contains(':') {
        "Ipv6CidrBlock"
    } else {
        "CidrBlock"
    }] = json!(cidr);
    if let Some((from, to)) = ports {
        e["PortRange"] = json!({"From": from, "To": to});
    }
    e
}

#[test]
fn network_acls_go_by_number() {
    let any = "0.0.0.0/0";
    let end = nacl(32767, "deny", "-1", any, None);
    let allow = nacl(100, "allow", "-1", any, None);
    let ssh = |n, a: &str| nacl(n, a, "6", any, Some((22, 22)));
    for (entries, port, open) in [
        (json!([end, allow]), 22, true),
        (json!([allow, ssh(50, "deny"), end]), 22, false),
        (json!([allow, ssh(50, "deny"), end]), 23, true),
        (json!([allow, ssh(50, "deny"), end]), -1, true),
        (json!([allow, ssh(150, "deny"), end]), 22, true),
        (json!([ssh(90, "allow"), end]), 22, true),
        (json!([ssh(90, "allow"), end]), 3389, false),
        (
            json!([nacl(90, "deny", "6", "203.0.113.0/24", None), allow, end]),
            22,
            true,
        ),
        (
            json!([nacl(90, "deny", "-1", any, None), allow, end]),
            22,
            false,
        ),
        (json!([nacl(90, "allow", "17", any, None), end]), 22, false),
        (
            json!([nacl(90, "allow", "6", "10.0.0.0/8", None), end]),
            22,
            false,
        ),
        (
            json!([nacl(101, "allow", "6", "::/0", Some((0, 1024))), end]),
            22,
            true,
        ),
        (json!([end]), 22, false),
        (json!([]), 22, false),
    ] {
        let got = call(nacl_open, &[entries.clone(), json!(port)]);
        assert_eq!(got, Ok(json!(open)), "{entries} {port}");
    }
    let mut out = allow.clone();
    out["Egress"] = json!(true);
    assert_eq!(
        call(nacl_open, &[json!([out]), json!(22)]),
        Ok(json!(false))
    );
    assert_eq!(call(nacl_open, &[json!(null), json!(22)]), Ok(json!(false)));
    assert!(call(nacl_open, &[json!([{"Egress": false}]), json!(22)]).is_err());
}

#[test]
fn ranges() {
    let c = |a: &str, b: &str| call(cidr_contains, &[json!(a), json!(b)]);
    assert_eq!(c("10.0.0.0/8", "10.1.2.0/24"), Ok(json!(true)));
    assert_eq!(c("10.0.0.0/8", "10.1.2.3"), Ok(json!(true)));
    assert_eq!(c("10.1.0.0/16", "10.0.0.0/8"), Ok(json!(false)));
    assert_eq!(c("10.0.0.0/8", "::1"), Ok(json!(false)));
    assert_eq!(c("2001:db8::/32", "2001:db8:1::/48"), Ok(json!(true)));
    assert!(c("10.0.0.0/33", "10.0.0.0/8").is_err());
    assert!(c("10.0.0.0/8", "x").is_err());
    for (r, any, private) in [
        ("0.0.0.0/0", true, false),
        ("::/0", true, false),
        ("0.0.0.0/1", false, false),
        ("10.0.0.0/8", false, true),
        ("172.31.0.0/16", false, true),
        ("172.32.0.0/16", false, false),
        ("192.168.1.1", false, true),
        ("100.64.0.0/10", false, true),
        ("10.0.0.0/7", false, false),
        ("fd00::/8", false, true),
        ("2001:db8::/32", false, false),
    ] {
        assert_eq!(call(cidr_is_any, &[json!(r)]), Ok(json!(any)), "{r}");
        assert_eq!(
            call(cidr_is_private, &[json!(r)]),
            Ok(json!(private)),
            "{r}"
        );
    }
    assert_eq!(call(cidr_is_any, &[json!(null)]), Ok(json!(false)));
    assert!(call(cidr_is_any, &[json!("any")]).is_err());
    assert!(call(cidr_is_private, &[json!("")]).is_err());
}
