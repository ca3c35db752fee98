//! The custom role of an Azure management group or subscription, and what it cannot
//! give: the application permissions of Microsoft Graph.

use super::{hcl_items, header};
use crate::args::RoleScope;
use crate::clouds::Permissions;
use crate::clouds::azure::{DATA_ROLE, ROLE};

/// Actions, and those to data.
fn granted(needed: &Permissions) -> [Vec<&str>; 2] {
    let list = |n: usize| {
        let all = needed.granted.get(n).into_iter().flatten();
        all.map(String::as_str).collect()
    };
    [list(0), list(1)]
}

fn notes(mark: &str, form: &str, scope: RoleScope, needed: &Permissions) -> String {
    let lines = [
        "Least privilege for the rules that were selected; make it anew when they change.".into(),
        format!(
            "{} actions of Resource Manager; answers of Resource Graph count only with */read,",
            granted(needed)[0].len()
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
    let [actions, data] = granted(needed);
    let (name, about) = ROLE;
    let mut out = notes("#", "terraform", scope, needed)
        + &TERRAFORM
            .replace("@NAME@", name)
            .replace("@ABOUT@", about)
            .replace("@SCOPE@", example)
            .replace("@ACTIONS@", &hcl_items(&actions, 4))
            .replace("@GRAPH@", &hcl_items(&needed.elsewhere, 4));
    if !data.is_empty() {
        let (name, about) = DATA_ROLE;
        let (variable, scopes) = match scope {
            RoleScope::Subscription => ("", "[var.scope]"),
            _ => (TERRAFORM_DATA_SCOPES, "var.data_scopes"),
        };
        out += variable;
        out += &TERRAFORM_DATA
            .replace("@NAME@", name)
            .replace("@ABOUT@", about)
            .replace("@SCOPES@", scopes)
            .replace("@ACTIONS@", &hcl_items(&data, 6));
    }
    out
}

const TERRAFORM_DATA_SCOPES: &str = r#"
variable "data_scopes" {
  description = "Subscriptions (/subscriptions/ID) whose key vaults are read: a role with data actions cannot be assigned at a management group"
  type        = list(string)
  default     = []
}
"#;

const TERRAFORM_DATA: &str = r#"
resource "azurerm_role_definition" "data" {
  name              = "@NAME@"
  scope             = var.scope
  description       = "@ABOUT@"
  assignable_scopes = [var.scope]

  permissions {
    actions = []
    data_actions = [
@ACTIONS@    ]
  }
}

resource "azurerm_role_assignment" "data" {
  for_each           = toset(@SCOPES@)
  scope              = each.value
  role_definition_id = azurerm_role_definition.data.role_definition_resource_id
  principal_id       = var.principal_id
}
"#;

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
    let [actions, data] = granted(needed);
    let (name, about) = ROLE;
    let mut out = notes("//", "bicep", scope, needed)
        + &BICEP
            .replace("@DEPLOY@", deploy)
            .replace("@TARGET@", target)
            .replace("@AT@", function)
            .replace("@NAME@", name)
            .replace("@ABOUT@", about)
            .replace("@GRAPH@", &graph.concat())
            .replace("@ACTIONS@", &list(&actions, "  "));
    if !data.is_empty() {
        let (name, about) = DATA_ROLE;
        let assignment = match scope {
            RoleScope::Subscription => BICEP_DATA_ASSIGNMENT,
            _ => BICEP_DATA_BY_HAND,
        };
        out += &(BICEP_DATA.to_owned() + assignment)
            .replace("@AT@", function)
            .replace("@NAME@", name)
            .replace("@ABOUT@", about)
            .replace("@ACTIONS@", &list(&data, "  "));
    }
    out
}

const BICEP_DATA: &str = r"
var dataActions = [
@ACTIONS@]

resource dataRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(@AT@.id, '@NAME@')
  properties: {
    roleName: '@NAME@'
    description: '@ABOUT@'
    type: 'CustomRole'
    assignableScopes: [
      @AT@.id
    ]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: dataActions
        notDataActions: []
      }
    ]
  }
}
";

const BICEP_DATA_ASSIGNMENT: &str = r"
resource dataAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(@AT@.id, '@NAME@', principalId)
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: dataRole.id
  }
}
";

const BICEP_DATA_BY_HAND: &str = r"
// A role with data actions cannot be assigned at a management group. At each subscription:
// az role assignment create --assignee-object-id OBJECT-ID --assignee-principal-type ServicePrincipal --role '@NAME@' --scope /subscriptions/ID
";

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
