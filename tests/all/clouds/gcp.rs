//! What the demands on Google Cloud are.

use crate::support::seeded::Cloud;
use serde_json::{Value, json};
use shoseki_sandbox::{Asked, Reply};
use std::path::Path;
use std::process::Command;

const GCP: Cloud = Cloud {
    name: "gcp",
    scan: &["--organization", "555555555555"],
    sign_in,
    signing_in: &[
        (
            "cloudresourcemanager:folders.get",
            &["resourcemanager.folders.get"],
        ),
        (
            "cloudresourcemanager:folders.list",
            &["resourcemanager.folders.list"],
        ),
        (
            "cloudresourcemanager:organizations.get",
            &["resourcemanager.organizations.get"],
        ),
        (
            "cloudresourcemanager:projects.get",
            &["resourcemanager.projects.get"],
        ),
        (
            "cloudresourcemanager:projects.list",
            &["resourcemanager.projects.list"],
        ),
    ],
    denied: &[
        "bigquery:datasets.get",
        "cloudidentity:policies.list",
        "cloudkms:projects.locations.keyRings.cryptoKeys.getIamPolicy",
        "cloudkms:projects.locations.keyRings.cryptoKeys.list",
        "cloudresourcemanager:projects.getIamPolicy",
        "compute:disks.aggregatedList",
        "compute:firewalls.list",
        "compute:instances.aggregatedList",
        "compute:networks.getEffectiveFirewalls",
        "compute:projects.get",
        "compute:securityPolicies.get",
        "compute:sslPolicies.aggregatedList",
        "compute:subnetworks.aggregatedList",
        "container:projects.locations.clusters.list",
        "dns:resourceRecordSets.list",
        "essentialcontacts:projects.contacts.compute",
        "iam:projects.serviceAccounts.keys.list",
        "logging:projects.metrics.list",
        "logging:projects.sinks.list",
        "orgpolicy:projects.policies.getEffectivePolicy",
        "pubsub:projects.topics.getIamPolicy",
        "run:projects.locations.services.getIamPolicy",
        "secretmanager:projects.secrets.versions.list",
        "serviceusage:services.list",
        "sqladmin:backupRuns.list",
        "storage:buckets.getIamPolicy",
        "storage:buckets.list",
    ],
    control: &["gcp.redis.*", "gcp.artifactregistry.*"],
    // Lists whose member is `items`, as in the odd answers.
    hurt: &[
        "compute:disks.aggregatedList",
        "compute:firewalls.list",
        "compute:networks.list",
        "sqladmin:instances.list",
        "storage:buckets.list",
    ],
    refusal,
    throttled,
    odd: &[
        r#"{"items": "none"}"#,
        r#"{"items": 7}"#,
        r#"{"items": [{"name": "a", "name": "b"}]}"#,
        r#"{"items": [], "items": []}"#,
        r#"["#,
        r#""text""#,
    ],
    secrets: &[
        ("apikeys:projects.locations.keys.list", "/keys/0/keyString"),
        (
            "cloudfunctions:projects.locations.functions.list",
            "/functions/0/serviceConfig/environmentVariables/BI_TOKEN",
        ),
        (
            "compute:backendServices.aggregatedList",
            "/items/global/backendServices/0/iap/oauth2ClientSecret",
        ),
        (
            "compute:instances.aggregatedList",
            "/items/zones~1asia-northeast1-a/instances/0/metadata/items/0/value",
        ),
        (
            "compute:sslCertificates.aggregatedList",
            "/items/global/sslCertificates/1/privateKey",
        ),
        (
            "compute:vpnTunnels.aggregatedList",
            "/items/regions~1asia-northeast1/vpnTunnels/0/sharedSecret",
        ),
        (
            "container:projects.locations.clusters.list",
            "/clusters/0/masterAuth/clientKey",
        ),
        (
            "iam:projects.serviceAccounts.keys.list",
            "/keys/0/privateKeyData",
        ),
        (
            "monitoring:projects.notificationChannels.list",
            "/notificationChannels/0/labels/auth_token",
        ),
        (
            "run:projects.locations.services.list",
            "/services/0/template/containers/0/env/0/value",
        ),
        ("sqladmin:instances.list", "/items/0/rootPassword"),
    ],
    none: &[("gcp.alloydb.cluster", "mihon-bunseki", "SERVICE_DISABLED")],
    printed,
    expected: ("gcp.yaml", 30),
};

/// Credentials whose token comes from the sandbox.
fn sign_in(command: &mut Command, folder: &Path, url: &str) {
    let path = folder.join("credentials.json");
    let user = json!({
        "type": "authorized_user", "client_id": "auditor", "client_secret": "testing",
        "refresh_token": "testing", "token_uri": format!("{url}/token"),
    });
    std::fs::write(&path, user.to_string()).unwrap();
    command.env("GOOGLE_APPLICATION_CREDENTIALS", path);
}

fn failed(code: u16, status: &str, reason: &str) -> Value {
    json!({"error": {"code": code, "status": status, "message": "no", "details": [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason},
    ]}})
}

fn refusal(_: &Asked) -> Reply {
    Reply::Status {
        status: 403,
        headers: Vec::new(),
        value: failed(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"),
    }
}

fn throttled(_: &Asked) -> Reply {
    Reply::Status {
        status: 429,
        headers: vec![("retry-after".to_owned(), "0".to_owned())],
        value: failed(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
    }
}

fn printed(permission: &str) -> String {
    permission.to_owned()
}

#[test]
fn the_seeded_organization() {
    super::as_it_is(&GCP);
}

#[test]
fn a_refused_call_is_never_a_verdict() {
    super::with_refusals(&GCP);
}

#[test]
fn a_failure_is_never_a_verdict() {
    super::with_failures(&GCP);
}
