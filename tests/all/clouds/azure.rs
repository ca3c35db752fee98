//! What the demands on Azure are.

use crate::support::seeded::Cloud;
use serde_json::json;
use shoseki_sandbox::{Asked, Reply};
use std::path::Path;
use std::process::Command;

const AZURE: Cloud = Cloud {
    name: "azure",
    scan: &[],
    sign_in,
    signing_in: &[
        ("arm:GET /tenants?api-version=2022-12-01", &[]),
        (
            "arm:GET /subscriptions?api-version=2022-12-01",
            &["Microsoft.Resources/subscriptions/read"],
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}?api-version=2022-12-01",
            &["Microsoft.Resources/subscriptions/read"],
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01",
            &["Microsoft.Authorization/permissions/read"],
        ),
    ],
    denied: &[
        "arg:POST /providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/policyAssignments?api-version=2026-06-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Compute/disks?api-version=2026-03-02",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines?api-version=2026-04-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.ContainerService/managedClusters?api-version=2026-08-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Insights/activityLogAlerts?api-version=2020-10-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.KeyVault/vaults?api-version=2026-05-15",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Network/networkSecurityGroups?api-version=2026-03-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Network/networkWatchers?api-version=2026-03-01",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Storage/storageAccounts?api-version=2026-09-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}?api-version=2026-05-15",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Sql/servers/{serverName}/databases?api-version=2025-01-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Sql/servers/{serverName}/firewallRules?api-version=2025-01-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/default?api-version=2026-09-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Storage/storageAccounts/{accountName}/blobServices/default/containers?api-version=2026-09-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web/sites/{name}/config/web?api-version=2025-05-01",
        "arm:GET /{resourceUri}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview",
        "arm:GET /{scopeId}/providers/Microsoft.Security/pricings?api-version=2024-01-01",
        "arm:POST /subscriptions/{subscriptionId}/providers/Microsoft.RecoveryServices/locations/{azureRegion}/backupStatus?api-version=2026-10-01",
        "graph:GET /v1.0/identity/conditionalAccess/policies",
        "graph:GET /v1.0/reports/authenticationMethods/userRegistrationDetails",
        "graph:GET /v1.0/users",
    ],
    control: &["azure.redis.*", "azure.web.plan-*"],
    hurt: &[
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Compute/disks?api-version=2026-03-02",
        "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Network/networkSecurityGroups?api-version=2026-03-01",
        "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Sql/servers/{serverName}/firewallRules?api-version=2025-01-01",
        "arm:GET /{scopeId}/providers/Microsoft.Security/pricings?api-version=2024-01-01",
        "graph:GET /v1.0/reports/authenticationMethods/userRegistrationDetails",
        "graph:GET /v1.0/applications",
    ],
    refusal,
    throttled,
    odd: &[
        r#"{"value": "none"}"#,
        r#"{"value": 7}"#,
        r#"{"value": null}"#,
        r#"{"value": [{"id": "/a", "id": "/b"}]}"#,
        r#"{"value": [], "value": []}"#,
        r#"["#,
        r#""text""#,
    ],
    secrets: &[
        (
            "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines?api-version=2026-04-01",
            "/value/0/properties/osProfile/customData",
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}/providers/Microsoft.Compute/virtualMachines?api-version=2026-04-01",
            "/value/0/properties/userData",
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web/sites/{name}/config/web?api-version=2025-05-01",
            "/properties/publishingUsername",
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web/sites/{name}/config/web?api-version=2025-05-01",
            "/properties/machineKey",
        ),
        (
            "graph:GET /v1.0/applications",
            "/value/1/passwordCredentials/0/secretText",
        ),
        (
            "graph:GET /v1.0/servicePrincipals",
            "/value/1/passwordCredentials/0/hint",
        ),
        (
            "arm:GET /subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.KeyVault/vaults/{vaultName}/secrets?api-version=2026-05-15",
            "/value/0/properties/value",
        ),
    ],
    none: &[(
        "azure.databricks.workspace",
        "bbbbbbbb-0000-4000-8000-000000000002",
        "MissingSubscriptionRegistration",
    )],
    printed,
    expected: ("azure.yaml", 40),
};

/// A client secret, taken to the sandbox's token endpoint.
fn sign_in(command: &mut Command, _: &Path, _: &str) {
    command
        .env("AZURE_TENANT_ID", "aaaaaaaa-0000-4000-8000-000000000001")
        .env("AZURE_CLIENT_ID", "bbbbbbbb-1111-4000-8000-000000000001")
        .env("AZURE_CLIENT_SECRET", "testing");
}

fn refusal(asked: &Asked) -> Reply {
    let code = match asked.call.starts_with("graph:") {
        true => "Authorization_RequestDenied",
        false => "AuthorizationFailed",
    };
    Reply::Error {
        status: 403,
        code: code.to_owned(),
        message: "Insufficient privileges to complete the operation.".to_owned(),
    }
}

fn throttled(_: &Asked) -> Reply {
    Reply::Status {
        status: 429,
        headers: vec![("retry-after".to_owned(), "0".to_owned())],
        value: json!({"error": {"code": "TooManyRequests", "message": "Slow down."}}),
    }
}

/// Permissions of Microsoft Graph and those to data are told apart from actions.
fn printed(permission: &str) -> String {
    match permission.contains('/') {
        true if shoseki_azure::is_data_action(permission) => format!("data action: {permission}"),
        true => permission.to_owned(),
        false => format!("Microsoft Graph: {permission}"),
    }
}

#[test]
fn the_seeded_tenant() {
    super::as_it_is(&AZURE);
}

#[test]
fn a_refused_call_is_never_a_verdict() {
    super::with_refusals(&AZURE);
}

#[test]
fn a_failure_is_never_a_verdict() {
    super::with_failures(&AZURE);
}
