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

/// What an organization alone can grant. Sources: "resourcemanager.projects.list"
/// and folder and organization permissions,
/// <https://cloud.google.com/iam/docs/creating-custom-roles>; access policies
/// belong to organizations,
/// <https://cloud.google.com/access-context-manager/docs/access-control>.
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
