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
