//! Nothing is sent but reading: checked by the operation before a request is made,
//! and by what stands on the wire before it leaves.

use crate::operation::{Service, Spelt, placeholder};

/// POST operations that only read, each looked at by hand, with the paths of what must
/// not be kept of their answers. Everything else that is sent is a GET.
const READING_POSTS: &[(&str, &[&str])] = &[
    // Queries over what Resource Manager knows.
    ("/providers/Microsoft.ResourceGraph/resources", &[]),
    // Whether a resource is protected by a backup.
    (
        "/subscriptions/{}/providers/Microsoft.RecoveryServices/locations/{}/backupStatus",
        &[],
    ),
    // The state of policies.
    (
        "/subscriptions/{}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize",
        &[],
    ),
    (
        "/subscriptions/{}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults",
        &[],
    ),
    // Names of an app's settings; there is no call that gives them without values.
    (
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Web/sites/{}/config/appsettings/list",
        &["properties{}"],
    ),
];

/// Pieces of Resource Manager paths below which GET hands out secrets, customers'
/// data, code or events: `(piece, why)`; a piece with `/` is two in a row.
const DENIED: &[(&str, &str)] = &[
    ("listkeys", SECRETS),
    ("listsecrets", SECRETS),
    ("listcredentials", SECRETS),
    ("listconnectionstrings", SECRETS),
    ("publishxml", SECRETS),
    ("config/appsettings", SECRETS),
    ("config/connectionstrings", SECRETS),
    ("config/publishingcredentials", SECRETS),
    ("config/backup", SECRETS),
    ("config/azurestorageaccounts", SECRETS),
    ("hostruntime", SECRETS),
    ("sharedaccesspolicies", SECRETS),
    // Parameters and outputs of deployments may hold secrets in clear.
    ("microsoft.resources/deployments", SECRETS),
    ("microsoft.resources/deploymentscripts", SECRETS),
    ("virtualmachines/runcommands", SECRETS),
    ("runcommands", SECRETS),
    ("bootdiagnostics", DATA),
    ("content", DATA),
    ("draft", DATA),
    ("output", DATA),
    ("streams", DATA),
    ("containerlogs", DATA),
    ("logs", DATA),
    ("histories", DATA),
    ("blobs", DATA),
    ("api/query", DATA),
    ("eventtypes", EVENTS),
    ("events", EVENTS),
];

const SECRETS: &str = "hands out secrets";
const DATA: &str = "hands out customers' data";
const EVENTS: &str = "hands out events";

/// The parts of Microsoft Graph that describe configuration and identities:
/// segments after the version. What people write and do is not among them.
const GRAPH: &[&str] = &[
    "administrativeUnits",
    "agreements",
    "applications",
    "devices",
    "directory",
    "directoryRoles",
    "domains",
    "groups",
    "groupSettings",
    "identity",
    "identityGovernance",
    "oauth2PermissionGrants",
    "organization",
    "policies",
    "reports",
    "roleManagement",
    "servicePrincipals",
    "subscribedSkus",
    "users",
];

/// Pieces below users and groups that are people's own.
const PEOPLE: &[&str] = &[
    "activities",
    "calendar",
    "calendars",
    "calendarview",
    "calendargroups",
    "chats",
    "channels",
    "cloudclipboard",
    "contacts",
    "contactfolders",
    "conversations",
    "drive",
    "drives",
    "employeeexperience",
    "events",
    "followedsites",
    "inferenceclassification",
    "insights",
    "joinedteams",
    "mailfolders",
    "messages",
    "onenote",
    "onlinemeetings",
    "outlook",
    "people",
    "photo",
    "photos",
    "planner",
    "posts",
    "presence",
    "print",
    "settings",
    "sites",
    "teamwork",
    "threads",
    "todo",
];

/// Reports that are about configuration; the others are about use.
const REPORTS: &[&str] = &["authenticationmethods"];

/// Whether an operation only reads, and nothing that must not be kept; `Err` says
/// why not.
pub fn by_name(service: &str, operation: &str) -> Result<(), String> {
    let spelt = Spelt::parse(service, operation)?;
    by_path(spelt.service, spelt.method, spelt.below_host())
        .map_err(|why| format!("{service}:{operation} {why}: shoseki must not call it"))
}

/// The same for a method and a path on its host, with placeholders or filled in.
pub fn by_path(service: Service, method: &str, path: &str) -> Result<(), String> {
    let pieces: Vec<String> = path
        .split('/')
        .skip(1)
        .map(str::to_ascii_lowercase)
        .collect();
    let fits = |post: &(&str, &[&str])| fits(post.0, &pieces);
    match (service, method) {
        (Service::Arg, "POST") if fits(&READING_POSTS[0]) => Ok(()),
        (Service::Arg, _) => Err("is no query of Resource Graph".to_owned()),
        (Service::Arm, "POST") if READING_POSTS[1..].iter().any(fits) => Ok(()),
        // Certificates with their attributes; what else is there is keys and secrets.
        (Service::Vault, "GET") if pieces == ["certificates"] => Ok(()),
        (Service::Vault, _) => Err("is not the list of a vault's certificates".to_owned()),
        (_, "GET") => match service {
            Service::Graph => graph(&pieces),
            _ => arm(&pieces),
        },
        _ => Err("is not on the list of reading operations".to_owned()),
    }
}

/// Whether a path is of a template, in which `{}` stands for any piece.
fn fits<P: AsRef<str>>(template: &str, pieces: &[P]) -> bool {
    let wanted: Vec<&str> = template.split('/').skip(1).collect();
    let same = |w: &str, p: &str| w == "{}" || w.eq_ignore_ascii_case(p);
    wanted.len() == pieces.len() && wanted.iter().zip(pieces).all(|(w, p)| same(w, p.as_ref()))
}

/// Paths of an operation's answer that are never kept, whoever asks: what the reviewed
/// list says. `path` may hold placeholders.
pub fn never_kept(method: &str, path: &str) -> &'static [&'static str] {
    let pieces: Vec<&str> = path.split('/').skip(1).collect();
    let found = READING_POSTS
        .iter()
        .find(|(t, _)| method == "POST" && fits(t, &pieces));
    found.map_or(&[], |(_, secret)| secret)
}

/// Names that users choose count as placeholders do: only pieces that are part of
/// the operation are looked at.
fn arm(pieces: &[String]) -> Result<(), String> {
    let after = pieces.iter().rposition(|p| p == "providers");
    let fixed: Vec<&str> = match after {
        None => pieces.iter().map(String::as_str).collect(),
        // Namespace, then types and names in turn.
        Some(i) => {
            let rest = &pieces[i + 1..];
            let types = rest.iter().enumerate().filter(|(n, p)| {
                *n == 0 || n % 2 == 1 || is_fixed(rest, *n) && placeholder(p).is_none()
            });
            types.map(|(_, p)| p.as_str()).collect()
        }
    };
    for (denied, why) in DENIED {
        let found = match denied.split_once('/') {
            Some((a, b)) => fixed.windows(2).any(|w| w[0] == a && w[1] == b),
            None => fixed.contains(denied),
        };
        if found {
            return Err((*why).to_owned());
        }
    }
    Ok(())
}

/// Whether the name at a place is one that the operation fixes: settings of App
/// Service are resources `config/<kind>`.
fn is_fixed(rest: &[String], n: usize) -> bool {
    n > 0 && matches!(rest[n - 1].as_str(), "config" | "api")
}

fn graph(pieces: &[String]) -> Result<(), String> {
    let first = pieces.get(1).map(String::as_str).unwrap_or_default();
    if !GRAPH.iter().any(|g| g.eq_ignore_ascii_case(first)) {
        return Err("is not about configuration or identities".to_owned());
    }
    let below = pieces.get(2..).unwrap_or_default();
    if matches!(first, "users" | "groups")
        && let Some(p) = below.iter().skip(1).find(|p| PEOPLE.contains(&p.as_str()))
    {
        return Err(format!("reads what is people's own ({p})"));
    }
    if first == "reports" && !below.first().is_some_and(|b| REPORTS.contains(&b.as_str())) {
        return Err(DATA.to_owned());
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_reading_passes() {
        let arm = |o: &str| by_name("arm", &format!("{o}?api-version=1"));
        let site = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Web/sites/{name}";
        arm(&format!("GET {site}/config/web")).unwrap();
        arm(&format!("GET {site}/config/configreferences/appsettings")).unwrap();
        arm(&format!("GET {site}/config/appsettings")).unwrap_err();
        arm(&format!("POST {site}/config/appsettings/list")).unwrap();
        for no in ["connectionstrings", "publishingcredentials", "backup"] {
            arm(&format!("POST {site}/config/{no}/list")).unwrap_err();
        }
        arm("GET /subscriptions/{s}/providers/Microsoft.Resources/deployments").unwrap_err();
        arm("POST /subscriptions/{s}/providers/Microsoft.Storage/storageAccounts/{a}/listKeys")
            .unwrap_err();
        arm("GET /subscriptions/{s}/providers/Microsoft.Insights/eventtypes/management/values")
            .unwrap_err();
        // Names are the user's.
        let named =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/logs";
        by_path(Service::Arm, "GET", named).unwrap();
        by_path(Service::Arm, "DELETE", named).unwrap_err();
        by_path(Service::Arm, "PUT", named).unwrap_err();
        let query = "POST /providers/Microsoft.ResourceGraph/resources?api-version=1";
        by_name("arg", query).unwrap();
        by_name("arm", query).unwrap_err();
    }

    #[test]
    fn of_graph_only_configuration_and_identities_are_read() {
        let graph = |p: &str| by_name("graph", &format!("GET /v1.0/{p}"));
        graph("users").unwrap();
        graph("identity/conditionalAccess/policies").unwrap();
        graph("reports/authenticationMethods/userRegistrationDetails").unwrap();
        graph("users/{user-id}/messages").unwrap_err();
        graph("auditLogs/signIns").unwrap_err();
        graph("reports/getEmailActivityCounts").unwrap_err();
        graph("informationProtection/bitlocker/recoveryKeys").unwrap_err();
        graph("deviceManagement/managedDevices").unwrap_err();
    }

    #[test]
    fn of_a_key_vault_only_the_list_of_certificates_is_read() {
        let vault = |o: &str| by_name("vault", &format!("{o}?api-version=7.6"));
        vault("GET /{vaultBaseUrl}/certificates").unwrap();
        for no in [
            "secrets",
            "keys",
            "certificates/{name}",
            "certificates/{name}/pending",
        ] {
            vault(&format!("GET /{{vaultBaseUrl}}/{no}")).unwrap_err();
        }
        vault("POST /{vaultBaseUrl}/certificates").unwrap_err();
        by_path(Service::Vault, "GET", "/a.vault.azure.net/secrets").unwrap_err();
        by_path(Service::Vault, "GET", "/certificates").unwrap();
        for no in [
            "/secrets",
            "/certificates/a",
            "/a.vault.azure.net/certificates",
            "/",
        ] {
            by_path(Service::Vault, "GET", no).unwrap_err();
        }
    }

    #[test]
    fn everything_modelled_is_readable() {
        for o in crate::model::operations() {
            by_name(crate::operation::service_of(o), o).unwrap();
        }
    }
}
