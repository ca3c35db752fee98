//! Google's APIs that an auditor of configuration needs, each in one version.

/// Name in collectors, and version. A method is called in this version and no
/// other. What a name has behind a `-` tells two versions apart and is not part
/// of the discovery name.
pub const SERVICES: &[(&str, &str)] = &[
    ("accessapproval", "v1"),
    ("accesscontextmanager", "v1"),
    ("alloydb", "v1"),
    ("apigateway", "v1"),
    ("apikeys", "v2"),
    ("appengine", "v1"),
    ("artifactregistry", "v1"),
    ("backupdr", "v1"),
    ("bigquery", "v2"),
    ("bigqueryconnection", "v1"),
    ("bigtableadmin", "v2"),
    ("billingbudgets", "v1"),
    ("binaryauthorization", "v1"),
    ("certificatemanager", "v1"),
    ("cloudasset", "v1"),
    ("cloudbilling", "v1"),
    ("cloudbuild", "v1"),
    ("clouddeploy", "v1"),
    ("cloudfunctions", "v2"),
    ("cloudidentity", "v1"),
    ("cloudkms", "v1"),
    ("cloudresourcemanager", "v3"),
    ("cloudscheduler", "v1"),
    ("cloudtasks", "v2"),
    ("composer", "v1"),
    ("compute", "v1"),
    ("container", "v1"),
    ("containeranalysis", "v1"),
    ("datafusion", "v1"),
    ("dataproc", "v1"),
    ("datastream", "v1"),
    ("dns", "v1"),
    ("domains", "v1"),
    ("essentialcontacts", "v1"),
    ("eventarc", "v1"),
    ("file", "v1"),
    ("firestore", "v1"),
    ("gkebackup", "v1"),
    ("gkehub", "v1"),
    ("iam", "v1"),
    ("iap", "v1"),
    ("ids", "v1"),
    ("logging", "v2"),
    ("memcache", "v1"),
    ("monitoring", "v3"),
    ("networkconnectivity", "v1"),
    ("networkmanagement", "v1"),
    ("networksecurity", "v1"),
    ("networkservices", "v1"),
    ("notebooks", "v2"),
    ("orgpolicy", "v2"),
    ("osconfig", "v1"),
    ("policyanalyzer", "v1"),
    ("privateca", "v1"),
    ("pubsub", "v1"),
    ("recommender", "v1"),
    ("redis", "v1"),
    ("run", "v2"),
    // Its locations are listed in this version alone.
    ("run-v1", "v1"),
    ("secretmanager", "v1"),
    ("securitycenter", "v1"),
    // The settings of its services are in this version alone.
    ("securitycenter-v1beta2", "v1beta2"),
    ("securityposture", "v1"),
    ("serviceusage", "v1"),
    ("spanner", "v1"),
    ("sqladmin", "v1"),
    ("storage", "v1"),
    ("storagetransfer", "v1"),
    ("vpcaccess", "v1"),
    ("websecurityscanner", "v1"),
    ("workstations", "v1"),
];

/// Hosts, and what below a location its own endpoint alone serves.
/// Source: <https://cloud.google.com/secret-manager/docs/samples/secretmanager-list-regional-secrets>;
/// `endpoints` of the discovery document of secretmanager (v1).
const REGIONAL: &[(&str, &str)] = &[("secretmanager.googleapis.com", "secrets")];

/// The host that serves a path of the API at `host`:
/// `secretmanager.asia-northeast1.rep.googleapis.com` for the secrets of that
/// location, and else `host`.
pub fn host(host: &str, path: &str) -> String {
    let mut pieces = path.split('/').skip_while(|p| *p != "locations").skip(1);
    let (location, below) = (pieces.next(), pieces.next());
    let plain = |l: &&str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !l.is_empty() && l.bytes().all(fits)
    };
    match (location.filter(plain), below, host.split_once('.')) {
        (Some(location), Some(below), Some((service, domain)))
            if REGIONAL.contains(&(host, below)) =>
        {
            format!("{service}.{location}.rep.{domain}")
        }
        _ => host.to_owned(),
    }
}

/// The version of a service; `None` for one that is not called.
pub fn version(service: &str) -> Option<&'static str> {
    SERVICES
        .iter()
        .find(|(s, _)| *s == service)
        .map(|(_, version)| *version)
}

/// The name of a service's discovery document, `securitycenter`.
pub fn document(service: &str) -> &str {
    service.split('-').next().unwrap_or(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locations_secrets_are_at_its_own_host() {
        let at = |path: &str| host("secretmanager.googleapis.com", path);
        let tokyo = "secretmanager.asia-northeast1.rep.googleapis.com";
        assert_eq!(
            at("/v1/projects/p/locations/asia-northeast1/secrets"),
            tokyo
        );
        assert_eq!(
            at("/v1/projects/p/locations/asia-northeast1/secrets/s/versions"),
            tokyo
        );
        let global = "secretmanager.googleapis.com";
        for path in [
            "/v1/projects/p/locations",
            "/v1/projects/p/locations/asia-northeast1",
            "/v1/projects/p/secrets",
            "/v1/projects/p/locations/evil.example%2F/secrets",
            "/v1/projects/p/locations/evil.example/secrets",
            "/v1/projects/p/locations//secrets",
        ] {
            assert_eq!(at(path), global, "{path}");
        }
        let other = "cloudkms.googleapis.com";
        assert_eq!(host(other, "/v1/projects/p/locations/us/secrets"), other);
    }
}
