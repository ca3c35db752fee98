//! Methods that read by name and must not be called all the same: they hand out
//! secrets, customers' data or credentials, or they change something.
//!
//! `cargo xtask gen` keeps what stands here out of `allow.txt`; a test proves it.

const CREDENTIALS: &str = "hands out credentials";
const DATA: &str = "hands out data, not configuration";
const SECRET: &str = "hands out secrets";
const URL: &str = "hands out addresses that give access";
const WORK: &str = "belongs to work in progress, not to configuration";

/// `(service, method, reason)`. A `*` in a method stands for any piece of it.
pub const DENIED: &[(&str, &str, &str)] = &[
    ("alloydb", "*.getConnectionInfo", CREDENTIALS),
    ("apikeys", "*.getKeyString", SECRET),
    ("apikeys", "keys.lookupKey", "takes a secret as parameter"),
    ("artifactregistry", "*.files.*", DATA),
    ("bigquery", "jobs.*", DATA),
    ("bigquery", "tabledata.*", DATA),
    ("certificatemanager", "*.download*", DATA),
    (
        "cloudbuild",
        "*.builds.*",
        "a build may hold secrets in clear",
    ),
    ("cloudkms", "*.export*", SECRET),
    ("compute", "instances.getGuestAttributes", DATA),
    ("compute", "instances.getScreenshot", DATA),
    ("compute", "instances.getSerialPortOutput", DATA),
    ("containeranalysis", "*.occurrences.*", DATA),
    ("dataproc", "*.jobs.*", DATA),
    ("dataproc", "*.sparkApplications.*", DATA),
    ("datafusion", "*.dnsPeerings.*", WORK),
    ("domains", "*.retrieve*", CREDENTIALS),
    ("firestore", "*.documents.*", DATA),
    ("firestore", "*.userCreds.*", CREDENTIALS),
    ("gkebackup", "*DownloadUrl", URL),
    ("gkehub", "*.generate*", CREDENTIALS),
    ("logging", "*.recentQueries.*", DATA),
    ("logging", "*.savedQueries.*", DATA),
    ("monitoring", "*.timeSeries.*", DATA),
    ("networkmanagement", "*.generate*", CREDENTIALS),
    ("notebooks", "*.getConfig", WORK),
    ("redis", "*.getAuthString", SECRET),
    ("redis", "*.tokenAuthUsers.*", CREDENTIALS),
    ("secretmanager", "*.access", SECRET),
    ("spanner", "*.sessions.*", DATA),
    ("spanner", "*.getScans", DATA),
    ("storage", "objects.*", DATA),
    ("storage", "objectAccessControls.*", DATA),
    ("storage", "anywhereCaches.*", WORK),
];

/// Why a method must not be called; `None` where nothing speaks against it.
pub fn reason(service: &str, method: &str) -> Option<&'static str> {
    DENIED
        .iter()
        .find(|(s, pattern, _)| *s == service && fits(pattern, method))
        .map(|(_, _, why)| *why)
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(i) => rest = &rest[i + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_hold_whole_names() {
        assert!(fits("objects.*", "objects.list"));
        assert!(!fits("objects.*", "folderobjects.list"));
        assert!(fits(
            "*.getKeyString",
            "projects.locations.keys.getKeyString"
        ));
        assert!(fits("*.jobs.*", "projects.regions.jobs.list"));
        assert!(!fits("*.jobs.*", "projects.regions.clusters.list"));
        assert!(fits("keys.lookupKey", "keys.lookupKey"));
        assert!(!fits("keys.lookupKey", "keys.lookupKeys"));
    }
}
