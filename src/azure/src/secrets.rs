//! Which members hold secrets. The published packages do not say so; names do.

/// Members whose text is never kept, wherever they stand, in lower case.
const NAMES: &[&str] = &[
    "accesskey",
    "accesskeys",
    "accesstoken",
    "accountkey",
    "adminpassword",
    "administratorloginpassword",
    "authorizationkey",
    "clientsecret",
    "connectionstring",
    "customdata",
    "dapraiconnectionstring",
    "instrumentationkeysecret",
    "password",
    "passwords",
    "presharedkey",
    "primaryaccesskey",
    "primaryconnectionstring",
    "primarykey",
    "primarymasterkey",
    "primarysharedkey",
    "privatekey",
    "protectedsettings",
    "publishingpassword",
    "refreshtoken",
    "sastoken",
    "sasurl",
    "secondaryaccesskey",
    "secondaryconnectionstring",
    "secondarykey",
    "secondarymasterkey",
    "secondarysharedkey",
    "secrettext",
    "sharedkey",
    "storageaccountkey",
    "storageaccountaccesskey",
    "userdata",
    "vpnclientrootcertificatesecret",
    "workspacekey",
];

/// `(nearest named ancestor, member)`, in lower case. Sources: the members of the
/// packages that `packages.txt` names.
const BELOW: &[(&str, &str)] = &[
    // Container Apps and App Service: values of variables and settings.
    ("env", "value"),
    ("environmentvariables", "value"),
    ("appsettings", "value"),
    ("connectionstrings", "value"),
    ("secrets", "value"),
    // Extensions of virtual machines are given commands and passwords in both.
    ("settings", "commandtoexecute"),
    ("settings", "script"),
    // Receivers of alerts: the address of a webhook is its secret.
    ("webhookreceivers", "serviceuri"),
    ("logicappreceivers", "callbackurl"),
    ("azurefunctionreceivers", "httptriggerurl"),
    ("automationrunbookreceivers", "serviceuri"),
];

/// Whether the member of a parent holds a secret.
pub fn is_secret(parent: &str, member: &str) -> bool {
    let member = member.to_ascii_lowercase();
    if NAMES.contains(&member.as_str()) {
        return true;
    }
    let parent = parent.to_ascii_lowercase();
    BELOW.iter().any(|(p, m)| *p == parent && *m == member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        assert!(is_secret("osProfile", "adminPassword"));
        assert!(is_secret("env", "value"));
        assert!(!is_secret("properties", "value"));
        assert!(!is_secret("properties", "passwordCredentials"));
        assert!(!is_secret("keyVaultProperties", "keyUri"));
        for n in NAMES {
            assert_eq!(*n, n.to_ascii_lowercase());
        }
    }
}
