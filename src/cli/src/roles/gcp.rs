//! The custom role of a Google Cloud organization or project.

use super::{hcl, hcl_items, header};
use crate::args::RoleScope;
use crate::clouds::Permissions;
use shoseki_gcp::{Where, place};

/// Title of at most 100 bytes, description of at most 300, at most 3,000 permissions
/// and 64 KB in all: <https://cloud.google.com/iam/quotas>.
const TITLE: &str = "shoseki reader";
const ABOUT: &str = "Reads the configuration that shoseki judges, and nothing more.";
const ID: &str = "shosekiReader";

/// What a role at `scope` can hold, and what is left out.
struct Cut<'a> {
    held: Vec<&'a str>,
    left_out: Vec<&'a str>,
}

impl<'a> Cut<'a> {
    fn new(needed: &'a Permissions, scope: RoleScope) -> Self {
        let all = needed.granted.iter().flatten().map(String::as_str);
        let (held, left_out) =
            all.partition(|p| scope != RoleScope::Project || place(p) == Where::Project);
        Self { held, left_out }
    }

    fn notes(&self, form: &str, scope: RoleScope, needed: &Permissions) -> String {
        let mut lines = vec![
            "Least privilege for the rules that were selected; make it anew when they change."
                .to_owned(),
            format!("{} reading permissions.", self.held.len()),
        ];
        let mut more = |head: &str, list: &[&str]| {
            if !list.is_empty() {
                lines.push(head.to_owned());
                lines.extend(list.iter().map(|p| format!("  {p}")));
            }
        };
        more(
            "Left out, for only a role of an organization can hold them:",
            &self.left_out,
        );
        let elsewhere: Vec<&str> = needed.elsewhere.iter().map(String::as_str).collect();
        more(
            "Granted in the Admin console, not in a role of IAM:",
            &elsewhere,
        );
        header(
            "#",
            &format!("gcp --as {form} --scope {}", scope.name()),
            &lines,
        )
    }
}

/// Terraform: the role, and the member that holds it.
pub(super) fn terraform(needed: &Permissions, scope: RoleScope) -> String {
    let cut = Cut::new(needed, scope);
    let (kind, argument, about) = match scope {
        RoleScope::Project => ("project", "project", "Id of the project"),
        _ => ("organization", "org_id", "Numeric id of the organization"),
    };
    cut.notes("terraform", scope, needed)
        + &TERRAFORM
            .replace("@KIND@", kind)
            .replace("@ARGUMENT@", argument)
            .replace("@WHERE@", about)
            .replace("@ID@", ID)
            .replace("@TITLE@", TITLE)
            .replace("@ABOUT@", &hcl(ABOUT))
            .replace("@PERMISSIONS@", &hcl_items(&cut.held, 4))
}

/// Arguments by the documentation of the provider: `google_organization_iam_custom_role`,
/// `google_organization_iam_member`, and the same of a project.
const TERRAFORM: &str = r#"
terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 4.0"
    }
  }
}

variable "@KIND@" {
  description = "@WHERE@"
  type        = string
}

variable "member" {
  description = "Who reads, for example serviceAccount:reader@PROJECT.iam.gserviceaccount.com"
  type        = string
}

variable "role_id" {
  description = "Id of the custom role; that of a deleted role is not free again for weeks"
  type        = string
  default     = "@ID@"
}

resource "google_@KIND@_iam_custom_role" "shoseki" {
  @ARGUMENT@ = var.@KIND@
  role_id     = var.role_id
  title       = "@TITLE@"
  description = @ABOUT@
  stage       = "GA"

  permissions = [
@PERMISSIONS@  ]
}

resource "google_@KIND@_iam_member" "shoseki" {
  @ARGUMENT@ = var.@KIND@
  role   = google_@KIND@_iam_custom_role.shoseki.id
  member = var.member
}
"#;

/// Commands: the role's file, the role made or brought up to date, and the binding.
pub(super) fn gcloud(needed: &Permissions, scope: RoleScope) -> String {
    let cut = Cut::new(needed, scope);
    let (variable, flag, group) = match scope {
        RoleScope::Project => ("PROJECT", "project", "projects"),
        _ => ("ORGANIZATION", "organization", "organizations"),
    };
    let items: String = cut.held.iter().map(|p| format!("- {p}\n")).collect();
    "#!/usr/bin/env bash\n".to_owned()
        + &cut.notes("gcloud", scope, needed)
        + &GCLOUD
            .replace("@VARIABLE@", variable)
            .replace("@FLAG@", flag)
            .replace("@GROUP@", group)
            .replace("@ID@", ID)
            .replace("@TITLE@", TITLE)
            .replace("@ABOUT@", ABOUT)
            .replace("@PERMISSIONS@", &items)
}

/// Flags by the reference of gcloud: `iam roles create --file`, `iam roles update
/// --file`, `organizations add-iam-policy-binding`.
const GCLOUD: &str = r#"#
# Run: @VARIABLE@=ID MEMBER=serviceAccount:EMAIL bash FILE
set -euo pipefail

: "${@VARIABLE@:?name the @FLAG@ by its id}"
: "${MEMBER:?name who reads, for example serviceAccount:EMAIL}"
role="${ROLE:-@ID@}"

file=$(mktemp)
trap 'rm -f "$file"' EXIT
cat >"$file" <<'YAML'
title: @TITLE@
description: @ABOUT@
stage: GA
includedPermissions:
@PERMISSIONS@YAML

if gcloud iam roles describe "$role" --@FLAG@="$@VARIABLE@" >/dev/null 2>&1; then
  gcloud iam roles update "$role" --@FLAG@="$@VARIABLE@" --file="$file" --quiet
else
  gcloud iam roles create "$role" --@FLAG@="$@VARIABLE@" --file="$file"
fi

gcloud @GROUP@ add-iam-policy-binding "$@VARIABLE@" \
  --member="$MEMBER" --role="@GROUP@/$@VARIABLE@/roles/$role" --condition=None
"#;
