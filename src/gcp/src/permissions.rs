//! Where a permission can be granted.

/// What finding the targets needs: of a project; and of an organization or folder
/// whose projects are all to be read.
pub const OWN: [&str; 5] = [
    "resourcemanager.projects.get",
    "resourcemanager.folders.get",
    "resourcemanager.folders.list",
    "resourcemanager.organizations.get",
    "resourcemanager.projects.list",
];

/// Where a permission can be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In a custom role of a project or of an organization.
    Project,
    /// Only in a custom role of an organization.
    Organization,
    /// In no custom role: it is no permission of IAM.
    Elsewhere,
}

/// What an organization alone can grant. A permission that is used at the
/// organization alone cannot stand in a project's role
/// (<https://cloud.google.com/iam/docs/creating-custom-roles>, "View the available
/// permissions"): those on folders and organizations
/// (<https://cloud.google.com/iam/docs/roles-permissions/resourcemanager>), and on
/// access policies, which belong to organizations
/// (<https://cloud.google.com/access-context-manager/docs/access-control>). A
/// project's role with `resourcemanager.projects.list` is refused: "is not valid",
/// <https://github.com/terraform-google-modules/terraform-google-iam/issues/158>.
/// `gcloud iam list-testable-permissions` tells the rest for one's own resource.
const ORGANIZATION: &[&str] = &[
    "accesscontextmanager.",
    "resourcemanager.folders.",
    "resourcemanager.organizations.",
    "resourcemanager.projects.list",
];

/// What is granted in the Admin console instead:
/// <https://cloud.google.com/identity/docs/how-to/setup>.
const ELSEWHERE: &[&str] = &["cloudidentity."];

/// Where `permission` can be granted.
pub fn place(permission: &str) -> Where {
    let begins = |list: &[&str]| list.iter().any(|p| permission.starts_with(p));
    match (begins(ELSEWHERE), begins(ORGANIZATION)) {
        (true, _) => Where::Elsewhere,
        (_, true) => Where::Organization,
        _ => Where::Project,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_cannot_grant_is_told() {
        assert_eq!(place("storage.buckets.list"), Where::Project);
        assert_eq!(place("resourcemanager.projects.get"), Where::Project);
        assert_eq!(place("resourcemanager.projects.list"), Where::Organization);
        assert_eq!(
            place("resourcemanager.organizations.get"),
            Where::Organization
        );
        assert_eq!(place("cloudidentity.policies.list"), Where::Elsewhere);
    }
}
