//! An account of one region whose AWS Config is asked.

use serde_json::{Value, json};

/// The account.
pub const ACCOUNT: &str = "111111111111";
/// Its region.
pub const REGION: &str = "ap-northeast-1";

/// What signing in is answered.
pub fn signing_in(call: &str) -> Option<Value> {
    Some(match call {
        "sts:GetCallerIdentity" => json!({
            "Account": ACCOUNT, "Arn": format!("arn:aws:iam::{ACCOUNT}:user/auditor"), "UserId": "u",
        }),
        "ec2:DescribeRegions" => json!({ "Regions": [
            { "RegionName": REGION, "OptInStatus": "opt-in-not-required" },
        ]}),
        "iam:ListAccountAliases" => json!({ "AccountAliases": [] }),
        _ => return None,
    })
}
