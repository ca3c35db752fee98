//! The role of an AWS account.

use super::{hcl_items, header};
use crate::clouds::Permissions;
use serde_json::Value;

/// What the role is called where nobody says otherwise.
const NAME: &str = "shoseki-reader";
const ABOUT: &str = "Reads the configuration that shoseki judges, and nothing more.";
/// Managed policies that a role takes unless its quota was raised, to 25 at most:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
const ATTACHED: usize = 10;

fn notes(policies: &[Vec<String>], form: &str) -> String {
    let actions: usize = policies.iter().map(Vec::len).sum();
    let n = policies.len();
    let mut lines = vec![
        "Least privilege for the rules that were selected; make it anew when they change.".into(),
        format!(
            "{actions} reading actions in {n} managed policies, each within the 6,144 characters"
        ),
        "that one holds. One role an account: for an organisation, one in each account.".into(),
    ];
    if n > ATTACHED {
        lines.push(format!(
            "A role takes {ATTACHED} managed policies until its quota is raised."
        ));
    }
    header("#", &format!("aws --as {form}"), &lines)
}

/// Terraform: the role, its policies, and who may assume it.
pub(super) fn terraform(needed: &Permissions) -> String {
    let mut policies = String::new();
    for (i, actions) in needed.granted.iter().enumerate() {
        let items = hcl_items(actions, 6);
        policies.push_str(&format!("    \"{}\" = [\n{items}    ]\n", i + 1));
    }
    notes(&needed.granted, "terraform")
        + &TERRAFORM
            .replace("@NAME@", NAME)
            .replace("@ABOUT@", ABOUT)
            .replace("@POLICIES@", &policies)
}

/// Arguments by the documentation of the provider: `aws_iam_role`, `aws_iam_policy`,
/// `aws_iam_role_policy_attachment`, `aws_iam_policy_document`.
const TERRAFORM: &str = r#"
terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

variable "name" {
  description = "Name of the role, and of its policies before their number"
  type        = string
  default     = "@NAME@"
}

variable "trusted_principals" {
  description = "ARNs of the identities that may assume the role"
  type        = list(string)
  default     = []
}

variable "external_id" {
  description = "External id that whoever assumes the role must name (shoseki scan --external-id)"
  type        = string
  default     = null
}

variable "trust_policy" {
  description = "A trust policy of your own (JSON) in place of trusted_principals, for example for a pipeline's OpenID Connect"
  type        = string
  default     = null
}

locals {
  policies = {
@POLICIES@  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.trusted_principals
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]

      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "shoseki" {
  name               = var.name
  description        = "@ABOUT@"
  assume_role_policy = var.trust_policy == null ? data.aws_iam_policy_document.trust.json : var.trust_policy

  lifecycle {
    precondition {
      condition     = var.trust_policy != null || length(var.trusted_principals) > 0
      error_message = "Name who may assume the role: trusted_principals or trust_policy."
    }
  }
}

resource "aws_iam_policy" "shoseki" {
  for_each    = local.policies
  name        = "${var.name}-${each.key}"
  description = "@ABOUT@"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ShosekiRead"
      Effect   = "Allow"
      Action   = each.value
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "shoseki" {
  for_each   = aws_iam_policy.shoseki
  role       = aws_iam_role.shoseki.name
  policy_arn = each.value.arn
}

output "role_arn" {
  description = "For shoseki scan aws --role-arn"
  value       = aws_iam_role.shoseki.arn
}
"#;

/// CloudFormation: the same as a template.
pub(super) fn cloudformation(needed: &Permissions) -> String {
    let (mut attached, mut policies) = (String::new(), String::new());
    for (i, actions) in needed.granted.iter().enumerate() {
        let n = i + 1;
        attached.push_str(&format!("        - !Ref ReadPolicy{n}\n"));
        let items: String = actions
            .iter()
            .map(|a| format!("              - {}\n", Value::from(a.as_str())))
            .collect();
        policies.push_str(
            &POLICY
                .replace("@N@", &n.to_string())
                .replace("@ABOUT@", ABOUT)
                .replace("@ACTIONS@", &items),
        );
    }
    notes(&needed.granted, "cloudformation")
        + &CLOUDFORMATION
            .replace("@NAME@", NAME)
            .replace("@ABOUT@", ABOUT)
            .replace("@ATTACHED@", &attached)
            .replace("@POLICIES@", &policies)
}

const CLOUDFORMATION: &str = r#"# It names the role: create the stack with --capabilities CAPABILITY_NAMED_IAM.
AWSTemplateFormatVersion: "2010-09-09"
Description: The role by which shoseki reads this account.
Parameters:
  RoleName:
    Type: String
    Default: @NAME@
    Description: Name of the role, and of its policies before their number.
  TrustedPrincipals:
    Type: CommaDelimitedList
    Description: ARNs of the identities that may assume the role.
  ExternalId:
    Type: String
    Default: ""
    MaxLength: 1224
    AllowedPattern: '[\w+=,.@:/-]*'
    Description: External id that whoever assumes the role must name (shoseki scan --external-id); empty for none.
Conditions:
  HasExternalId: !Not [!Equals [!Ref ExternalId, ""]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Description: @ABOUT@
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal:
              AWS: !Ref TrustedPrincipals
            Condition: !If
              - HasExternalId
              - StringEquals:
                  sts:ExternalId: !Ref ExternalId
              - !Ref AWS::NoValue
      ManagedPolicyArns:
@ATTACHED@@POLICIES@Outputs:
  RoleArn:
    Description: For shoseki scan aws --role-arn.
    Value: !GetAtt Role.Arn
"#;

const POLICY: &str = r#"  ReadPolicy@N@:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: !Sub ${RoleName}-@N@
      Description: @ABOUT@
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: ShosekiRead
            Effect: Allow
            Action:
@ACTIONS@            Resource: "*"
"#;
