//! Least-privilege roles as the tools that create them read them, made from the very
//! list that `permissions` prints.

mod aws;
mod azure;
mod gcp;

use crate::args::{CloudArg, Common, PermissionArgs, RoleForm, RoleScope};
use crate::clouds::Permissions;
use crate::exit::{Failed, Result};
use shoseki_report::shell_word;

/// Where a role is made, in the words of one cloud; the first is the default.
const SCOPES: [(CloudArg, &[RoleScope]); 3] = [
    (CloudArg::Aws, &[]),
    (
        CloudArg::Azure,
        &[RoleScope::ManagementGroup, RoleScope::Subscription],
    ),
    (
        CloudArg::Gcp,
        &[RoleScope::Organization, RoleScope::Project],
    ),
];

/// Where a header takes what else of the command decides what is in the role.
const NARROWED: &str = "@NARROWED@";

/// The role for `needed` in the language of a tool.
///
/// # Errors
/// Where the cloud has no role in that language, or none at that scope.
pub fn written(
    common: &Common,
    args: &PermissionArgs,
    form: RoleForm,
    needed: &Permissions,
) -> Result<String> {
    let cloud = args.cloud;
    let scope = at(cloud, args.scope)?;
    let text = match (cloud, form) {
        (CloudArg::Aws, RoleForm::Terraform) => aws::terraform(needed),
        (CloudArg::Aws, RoleForm::Cloudformation) => aws::cloudformation(needed),
        (CloudArg::Azure, RoleForm::Terraform) => azure::terraform(needed, scope),
        (CloudArg::Azure, RoleForm::Bicep) => azure::bicep(needed, scope),
        (CloudArg::Gcp, RoleForm::Terraform) => gcp::terraform(needed, scope),
        (CloudArg::Gcp, RoleForm::Gcloud) => gcp::gcloud(needed, scope),
        (cloud, form) => {
            let there = match cloud {
                CloudArg::Aws => "terraform or cloudformation",
                CloudArg::Azure => "terraform or bicep",
                CloudArg::Gcp => "terraform or gcloud",
            };
            return Err(Failed::usage(format!(
                "there is no role of {} as {}: ask for {there}",
                cloud.name(),
                form.name()
            )));
        }
    };
    Ok(text.replacen(NARROWED, &narrowed(common, args), 1))
}

/// The options that narrow or widen what a role holds, as they are typed.
fn narrowed(common: &Common, args: &PermissionArgs) -> String {
    let mut out = String::new();
    let mut say = |option: &str, value: &str| {
        out.push_str(&format!(" --{option} {}", shell_word(value)));
    };
    for (option, values) in [
        ("rules", &args.selection.rules),
        ("controls", &args.selection.controls),
    ] {
        if !values.is_empty() {
            say(option, &values.join(","));
        }
    }
    for (option, folders) in [
        ("collectors-dir", &common.collectors_dir),
        ("rules-dir", &common.rules_dir),
        ("mappings-dir", &common.mappings_dir),
    ] {
        for folder in folders {
            say(option, &folder.display().to_string());
        }
    }
    if let Some(edition) = &common.edition {
        say("edition", edition);
    }
    if args.backfill {
        out.push_str(" --backfill");
    }
    out
}

/// Where the role is made: what was asked for, if the cloud has that.
fn at(cloud: CloudArg, asked: Option<RoleScope>) -> Result<RoleScope> {
    let there = SCOPES
        .iter()
        .find(|(c, _)| *c == cloud)
        .map_or(&[][..], |s| s.1);
    match asked {
        None => Ok(there.first().copied().unwrap_or(RoleScope::Organization)),
        Some(s) if there.contains(&s) => Ok(s),
        Some(s) => {
            let names: Vec<&str> = there.iter().map(|s| s.name()).collect();
            Err(Failed::usage(match names.as_slice() {
                [] => format!("--scope: a role of {} belongs to its account", cloud.name()),
                names => format!(
                    "--scope {}: a role of {} is made at {}",
                    s.name(),
                    cloud.name(),
                    names.join(" or ")
                ),
            }))
        }
    }
}

/// The first lines: what this is, and how it came about.
fn header(mark: &str, command: &str, lines: &[String]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut out =
        format!("{mark} Made by shoseki {version}: `shoseki permissions {command}{NARROWED}`.\n");
    for l in lines {
        out.push_str(&format!("{mark} {l}\n"));
    }
    out
}

/// A string of HCL (Terraform): that of JSON, and no template.
fn hcl(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// The items of a list of HCL, one a line.
fn hcl_items<S: AsRef<str>>(items: &[S], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let line = |i: &S| format!("{pad}{},\n", hcl(i.as_ref()));
    items.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_another_cloud_is_refused() {
        let at = |c, s| at(c, s).map_err(|e| e.message);
        assert_eq!(at(CloudArg::Gcp, None), Ok(RoleScope::Organization));
        assert_eq!(
            at(CloudArg::Azure, Some(RoleScope::Subscription)),
            Ok(RoleScope::Subscription)
        );
        for (cloud, scope) in [
            (CloudArg::Aws, RoleScope::Organization),
            (CloudArg::Azure, RoleScope::Project),
            (CloudArg::Gcp, RoleScope::Subscription),
        ] {
            assert!(at(cloud, Some(scope)).is_err());
        }
    }

    #[test]
    fn strings_hold_no_template() {
        assert_eq!(hcl("a\"${b}%{c}"), r#""a\"$${b}%%{c}""#);
    }
}
