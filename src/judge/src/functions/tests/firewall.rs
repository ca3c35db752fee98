use super::*;
use crate::functions::tests::call;
use serde_json::json;

fn rule(priority: i64, access: &str, source: &str, port: &str) -> Value {
    json!({"name": "r", "properties": {
        "priority": priority, "access": access, "direction": "Inbound", "protocol": "Tcp",
        "sourceAddressPrefix": source, "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": port,
    }})
}

fn with(mut rule: Value, member: &str, value: Value) -> Value {
    rule["properties"][member] = value;
    rule
}

fn open(rules: Value, port: i64) -> Result<Value, String> {
    let defaults = json!([
        with(
            rule(65000, "Allow", "VirtualNetwork", "*"),
            "protocol",
            json!("*")
        ),
        with(
            rule(65001, "Allow", "AzureLoadBalancer", "*"),
            "protocol",
            json!("*")
        ),
        with(rule(65500, "Deny", "*", "*"), "protocol", json!("*")),
    ]);
    call(nsg_open, &[rules, defaults, json!(port)])
}

#[test]
fn security_groups_of_azure() {
    for (r, port, expected) in [
        (rule(100, "Allow", "*", "22"), 22, true),
        (rule(100, "Allow", "Internet", "20-25"), 22, true),
        (rule(100, "allow", "0.0.0.0/0", "*"), 22, true),
        (rule(100, "Allow", "::/0", "22"), 22, true),
        (rule(100, "Allow", "0.0.0.0/1", "22"), 22, true),
        (rule(100, "Allow", "*", "443"), -1, true),
        (rule(100, "Allow", "*", "443"), 22, false),
        (rule(100, "Deny", "*", "22"), 22, false),
        (rule(100, "Allow", "10.0.0.0/8", "22"), 22, false),
        (rule(100, "Allow", "203.0.113.7", "22"), 22, false),
        (rule(100, "Allow", "VirtualNetwork", "22"), 22, false),
        (rule(100, "Allow", "Storage.JapanEast", "22"), 22, false),
        (
            with(
                rule(100, "Allow", "*", "22"),
                "direction",
                json!("Outbound"),
            ),
            22,
            false,
        ),
        (
            with(rule(100, "Allow", "*", "22"), "protocol", json!("Udp")),
            22,
            false,
        ),
        (
            with(rule(100, "Allow", "*", "22"), "protocol", json!("*")),
            22,
            true,
        ),
    ] {
        assert_eq!(open(json!([r]), port), Ok(json!(expected)), "{r} {port}");
    }
    assert_eq!(open(json!([]), -1), Ok(json!(false)));
    assert_eq!(open(json!(null), 22), Ok(json!(false)));
}

#[test]
fn plural_members_count() {
    let mut r = rule(100, "Allow", "", "");
    r["properties"]["sourceAddressPrefixes"] = json!(["10.0.0.0/8", "0.0.0.0/0"]);
    r["properties"]["destinationPortRanges"] = json!(["443", "3380-3390"]);
    assert_eq!(open(json!([r]), 3389), Ok(json!(true)));
    assert_eq!(open(json!([r]), 22), Ok(json!(false)));
}

#[test]
fn an_earlier_deny_counts_where_it_covers_everything() {
    let allow = rule(200, "Allow", "*", "20-25");
    for (deny, expected) in [
        (rule(100, "Deny", "*", "22"), false),
        (rule(100, "Deny", "Internet", "*"), false),
        (rule(300, "Deny", "*", "*"), true),
        (rule(100, "Deny", "0.0.0.0/0", "*"), true),
        (rule(100, "Deny", "*", "23"), true),
        (
            with(
                rule(100, "Deny", "*", "*"),
                "destinationAddressPrefix",
                json!("10.0.0.4"),
            ),
            true,
        ),
        (
            with(rule(100, "Deny", "*", "*"), "sourcePortRange", json!("80")),
            true,
        ),
        (
            with(rule(100, "Deny", "*", "*"), "protocol", json!("Udp")),
            true,
        ),
    ] {
        let got = open(json!([allow, deny]), 22);
        assert_eq!(got, Ok(json!(expected)), "{deny}");
    }
    // Port 22 alone is denied; others of the range stay open.
    let deny = rule(100, "Deny", "*", "22");
    assert_eq!(open(json!([allow, deny]), -1), Ok(json!(true)));
    let halves = [
        rule(100, "Deny", "*", "20-22"),
        rule(110, "Deny", "*", "23-65535"),
    ];
    assert_eq!(
        open(json!([allow, halves[0], halves[1]]), -1),
        Ok(json!(false))
    );
}

#[test]
fn rules_that_cannot_be_read_are_errors() {
    for r in [
        with(rule(100, "Allow", "*", "22"), "direction", json!(null)),
        with(rule(100, "Allow", "*", "22"), "access", json!("Maybe")),
        with(rule(100, "Allow", "*", "22"), "priority", json!(null)),
        with(rule(100, "Allow", "*", "22"), "protocol", json!(6)),
        rule(100, "Allow", "*", "25-20"),
        rule(100, "Allow", "*", "ssh"),
        rule(100, "Allow", "*", ""),
        rule(100, "Allow", "1.2.3", "22"),
    ] {
        assert!(open(json!([r]), 22).is_err(), "{r}");
    }
    assert!(open(json!([]), 70_000).is_err());
}

#[test]
fn firewalls_of_google_cloud() {
    let get = |allowed: Value, port: i64| call(gcp_port_open, &[allowed, json!(port)]);
    for (entry, port, expected) in [
        (json!({"IPProtocol": "tcp", "ports": ["22"]}), 22, true),
        (json!({"IPProtocol": "TCP", "ports": ["20-25"]}), 22, true),
        (
            json!({"IPProtocol": "6", "ports": ["80", "443"]}),
            22,
            false,
        ),
        (json!({"ipProtocol": "tcp"}), 22, true),
        (json!({"IPProtocol": "all"}), 22, true),
        (json!({"IPProtocol": "tcp", "ports": []}), 22, true),
        (json!({"IPProtocol": "udp", "ports": ["22"]}), 22, false),
        (json!({"IPProtocol": "icmp"}), -1, false),
        (json!({"IPProtocol": "tcp", "ports": ["443"]}), -1, true),
    ] {
        assert_eq!(
            get(json!([entry]), port),
            Ok(json!(expected)),
            "{entry} {port}"
        );
    }
    assert_eq!(get(json!(null), 22), Ok(json!(false)));
    for entry in [
        json!({"ports": ["22"]}),
        json!({"IPProtocol": "quic"}),
        json!({"IPProtocol": "tcp", "ports": ["ssh"]}),
        json!({"IPProtocol": "tcp", "ports": [22]}),
        json!({"IPProtocol": "tcp", "ports": "22"}),
    ] {
        assert!(get(json!([entry]), 22).is_err(), "{entry}");
    }
    let udp = json!([{"IPProtocol": "udp", "ports": ["53"]}]);
    assert_eq!(call(gcp_port_open_udp, &[udp, json!(53)]), Ok(json!(true)));
}

#[test]
fn ports_that_may_be_open_are_left_out() {
    let except = |rules: Value, ports: Value| call(nsg_open_except, &[rules, json!(null), ports]);
    let web = json!([
        rule(100, "Allow", "*", "80"),
        rule(110, "Allow", "*", "443")
    ]);
    assert_eq!(except(web.clone(), json!([80, 443])), Ok(json!(false)));
    assert_eq!(except(web, json!([80])), Ok(json!(true)));
    let range = json!([rule(100, "Allow", "0.0.0.0", "442-444")]);
    assert_eq!(except(range.clone(), json!([443])), Ok(json!(true)));
    assert_eq!(
        except(range.clone(), json!([442, 443, 444])),
        Ok(json!(false))
    );
    let shut = json!([rule(50, "Deny", "*", "*"), rule(100, "Allow", "*", "*")]);
    assert_eq!(except(shut, json!([])), Ok(json!(false)));
    assert!(except(range, json!([-1])).is_err());
    let edges = json!([rule(100, "Allow", "*", "0-65535")]);
    assert_eq!(except(edges, json!([0, 65535])), Ok(json!(true)));
}
