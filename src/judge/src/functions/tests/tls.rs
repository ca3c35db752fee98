use super::*;
use crate::functions::tests::call;
use serde_json::json;

#[test]
fn names_of_the_providers_give_their_lowest_version() {
    for (name, n) in [
        ("TLSv1", 1.0),
        ("TLSv1.0", 1.0),
        ("TLSv1.1", 1.1),
        ("TLSv1.2", 1.2),
        ("TLSv1.3", 1.3),
        ("TLS_1_0", 1.0),
        ("TLS_1_2", 1.2),
        ("TLS1_2", 1.2),
        ("TLS1.3", 1.3),
        ("TLSv1_2016", 1.0),
        ("TLSv1.1_2016", 1.1),
        ("TLSv1.2_2018", 1.2),
        ("TLSv1.2_2021", 1.2),
        ("TLSv1.2_2025", 1.2),
        ("TLSv1.3_2025", 1.3),
        ("SSLv3", 0.0),
        ("ELBSecurityPolicy-2016-08", 1.0),
        ("ELBSecurityPolicy-2015-05", 1.0),
        ("ELBSecurityPolicy-2014-01", 0.0),
        ("ELBSecurityPolicy-FS-2018-06", 1.0),
        ("ELBSecurityPolicy-FS-1-1-2019-08", 1.1),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", 1.2),
        ("ELBSecurityPolicy-TLS-1-0-2015-04", 1.0),
        ("ELBSecurityPolicy-TLS-1-1-2017-01", 1.1),
        ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", 1.2),
        ("ELBSecurityPolicy-TLS13-1-0-2021-06", 1.0),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", 1.2),
        ("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", 1.2),
        ("ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", 1.2),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", 1.3),
        ("SecurityPolicy_TLS13_1_3_2025_09", 1.3),
        ("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", 1.2),
        ("SecurityPolicy_TLS13_2025_EDGE", 1.3),
        ("SecurityPolicy_TLS12_2018_EDGE", 1.2),
        ("Policy-Min-TLS-1-0-2019-07", 1.0),
        ("Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08", 1.2),
        ("TLSv1.2,TLSv1.1", 1.1),
        ("TLSv1.3, TLSv1.2", 1.2),
    ] {
        assert_eq!(call(version, &[json!(name)]), Ok(json!(n)), "{name}");
    }
}

#[test]
fn an_unknown_name_is_an_error() {
    for name in [
        "",
        "TLS",
        "TLSv2",
        "TLSv1.4",
        "TLSv1.2_20",
        "ELBSecurityPolicy-2030-01",
        "ELBSecurityPolicy-TLS13-2025-01",
        "my-policy",
        "tlsv1.2",
        "TransferSecurityPolicy-2024-01",
        "TLSv1.2,,",
        "TLS_1_2_extra",
    ] {
        assert!(call(version, &[json!(name)]).is_err(), "{name}");
    }
}
