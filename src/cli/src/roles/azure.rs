//! The custom role of an Azure management group or subscription, and what it cannot
//! give: the application permissions of Microsoft Graph.

use super::{hcl_items, header};
use crate::args::RoleScope;
use crate::clouds::Permissions;

/// Custom roles have names that are unique in the tenant, of at most 512 characters:
/// <https://learn.microsoft.com/en-us/azure/role-based-access-control/custom-roles>.
const NAME: &str = "Shoseki reader";
const ABOUT: &str = "Reads the configuration that shoseki judges, and nothing more.";

fn actions(needed: &Permissions) -> Vec<&str> {
    needed
        .granted
        .iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

fn notes(mark: &str, form: &str, scope: RoleScope, needed: &Permissions) -> String {
    let lines = [
        "Least privilege for the rules that were selected; make it anew when they change.".into(),
        format!(
            "{} actions of Resource Manager; answers of Resource Graph count only with */read,",
            actions(needed).len()
        ),
        "as the role Reader has it: assign Reader too where their absence matters.".into(),
    ];
    let command = format!("azure --as {form} --scope {}", scope.name());
    header(mark, &command, &lines)
}

/// Terraform: the role and its assignment, and the permissions of Microsoft Graph.
pub(super) fn terraform(needed: &Permissions, scope: RoleScope) -> String {
    let example = match scope {
        RoleScope::Subscription => "/subscriptions/ID",
        _ => "/providers/Microsoft.Management/managementGroups/ID",
    };
    notes("#", "terraform", scope, needed)
        + &TERRAFORM
            .replace("@NAME@", NAME)
            .replace("@ABOUT@", ABOUT)
            .replace("@SCOPE@", example)
            .replace("@ACTIONS@", &hcl_items(&actions(needed), 4))
            .replace("@GRAPH@", &hcl_items(&needed.elsewhere, 4))
}

/// Arguments by the documentation of the providers: `azurerm_role_definition`,
/// `azurerm_role_assignment`, `azuread_service_principal` (its `app_role_ids`),
/// `azuread_app_role_assignment`. The client id is that of Microsoft Graph in every
/// tenant.
const TERRAFORM: &str = r#"
terraform {
  required_version = ">= 1.3"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 3.0"
    }
    azuread = {
      source  = "hashicorp/azuread"
      version = ">= 2.44"
    }
  }
}

variable "principal_id" {
  description = "Object id of the service principal or managed identity that reads"
  type        = string
}

variable "scope" {
  description = "What is read: @SCOPE@"
  type        = string
}

variable "role_name" {
  description = "Name of the custom role, unique in the tenant"
  type        = string
  default     = "@NAME@"
}

locals {
  actions = [
@ACTIONS@  ]

  # Granting these asks for a Global Administrator or Privileged Role Administrator.
  graph_application_permissions = [
@GRAPH@  ]
}

resource "azurerm_role_definition" "shoseki" {
  name              = var.role_name
  scope             = var.scope
  description       = "@ABOUT@"
  assignable_scopes = [var.scope]

  permissions {
    actions     = local.actions
    not_actions = []
  }
}

resource "azurerm_role_assignment" "shoseki" {
  scope              = var.scope
  role_definition_id = azurerm_role_definition.shoseki.role_definition_resource_id
  principal_id       = var.principal_id
}

data "azuread_service_principal" "msgraph" {
  client_id = "00000003-0000-0000-c000-000000000000"
}

resource "azuread_app_role_assignment" "graph" {
  for_each            = toset(local.graph_application_permissions)
  app_role_id         = data.azuread_service_principal.msgraph.app_role_ids[each.value]
  principal_object_id = var.principal_id
  resource_object_id  = data.azuread_service_principal.msgraph.object_id
}
"#;

/// Bicep: the role and its assignment.
pub(super) fn bicep(needed: &Permissions, scope: RoleScope) -> String {
    let (target, function, deploy) = match scope {
        RoleScope::Subscription => (
            "subscription",
            "subscription()",
            "az deployment sub create --location LOCATION",
        ),
        _ => (
            "managementGroup",
            "managementGroup()",
            "az deployment mg create --management-group-id ID --location LOCATION",
        ),
    };
    let list = |items: &[&str], indent: &str| -> String {
        items
            .iter()
            .map(|i| format!("{indent}{}\n", quoted(i)))
            .collect()
    };
    let graph: Vec<String> = needed
        .elsewhere
        .iter()
        .map(|g| format!("//   {g}\n"))
        .collect();
    notes("//", "bicep", scope, needed)
        + &BICEP
            .replace("@DEPLOY@", deploy)
            .replace("@TARGET@", target)
            .replace("@AT@", function)
            .replace("@NAME@", NAME)
            .replace("@ABOUT@", ABOUT)
            .replace("@GRAPH@", &graph.concat())
            .replace("@ACTIONS@", &list(&actions(needed), "  "))
}

/// A string of Bicep.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', r"\\")
        .replace('\'', r"\'")
        .replace("${", r"\${");
    format!("'{escaped}'")
}

/// Properties by the reference of `Microsoft.Authorization` 2022-04-01:
/// <https://learn.microsoft.com/en-us/azure/templates/microsoft.authorization/roledefinitions>.
const BICEP: &str = r"//
// Deploy: @DEPLOY@ --template-file FILE --parameters principalId=OBJECT-ID
//
// Application permissions of Microsoft Graph, which no role of Azure gives; grant them
// to the application in Entra ID:
@GRAPH@
targetScope = '@TARGET@'

@description('Object id of the service principal or managed identity that reads.')
param principalId string

@description('What the principal is.')
@allowed([
  'ServicePrincipal'
  'Group'
  'User'
])
param principalType string = 'ServicePrincipal'

@description('Name of the custom role, unique in the tenant.')
param roleName string = '@NAME@'

var actions = [
@ACTIONS@]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(@AT@.id, roleName)
  properties: {
    roleName: roleName
    description: '@ABOUT@'
    type: 'CustomRole'
    assignableScopes: [
      @AT@.id
    ]
    permissions: [
      {
        actions: actions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(@AT@.id, roleName, principalId)
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: role.id
  }
}

output roleDefinitionId string = role.id
";

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(quoted(r"a'b\${c}"), r"'a\'b\\\${c}'");
    }
}
