//! Members of answers whose values are never kept. Discovery documents do not
//! mark them, so that they stand here; `cargo xtask gen` marks them in the
//! models, and fails on one that no document has.

/// `(service, schema, member)`: text, or all texts in a list or map.
pub const SECRET: &[(&str, &str, &str)] = &[
    ("alloydb", "UserPassword", "password"),
    ("apikeys", "V2Key", "keyString"),
    ("appengine", "Version", "envVariables"),
    ("appengine", "Version", "buildEnvVariables"),
    ("cloudbuild", "BuildTrigger", "substitutions"),
    ("cloudfunctions", "BuildConfig", "environmentVariables"),
    ("cloudfunctions", "ServiceConfig", "environmentVariables"),
    ("composer", "SoftwareConfig", "envVariables"),
    ("compute", "CustomerEncryptionKey", "rawKey"),
    ("compute", "CustomerEncryptionKey", "rsaEncryptedKey"),
    (
        "compute",
        "SslCertificateSelfManagedSslCertificate",
        "privateKey",
    ),
    ("compute", "SslCertificate", "privateKey"),
    ("compute", "VpnTunnel", "sharedSecret"),
    ("container", "MasterAuth", "clientKey"),
    ("container", "MasterAuth", "password"),
    ("dataproc", "SoftwareConfig", "properties"),
    ("iam", "ServiceAccountKey", "privateKeyData"),
    ("monitoring", "BasicAuthentication", "password"),
    ("monitoring", "NotificationChannel", "labels"),
    ("run", "GoogleCloudRunV2Container", "args"),
    ("run", "GoogleCloudRunV2EnvVar", "value"),
    ("sqladmin", "DatabaseInstance", "rootPassword"),
    ("sqladmin", "User", "password"),
];

/// `(service, schema, member, beside, values)`: text that is kept only where the
/// member beside it has one of the values. Sources: the metadata keys of
/// <https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys> and
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata>.
pub const UNLESS: &[(&str, &str, &str, &str, &[&str])] =
    &[("compute", "Metadata", "value", "key", SWITCHES)];

/// Metadata keys whose values switch something and hold no data.
const SWITCHES: &[&str] = &[
    "block-project-ssh-keys",
    "disable-legacy-endpoints",
    "enable-guest-attributes",
    "enable-os-inventory",
    "enable-osconfig",
    "enable-oslogin",
    "enable-oslogin-2fa",
    "enable-oslogin-sk",
    "google-logging-enabled",
    "google-monitoring-enabled",
    "serial-port-enable",
    "serial-port-logging-enable",
    "vmdnssetting",
];

/// Members whose name sounds like a secret, and is none; the others are secret.
pub const PLAIN: &[(&str, &str, &str)] = &[];

/// Whether the name of a text member sounds as if its value were secret.
pub fn sounds_secret(member: &str) -> bool {
    let low = member.to_ascii_lowercase();
    let ends = [
        "password",
        "passphrase",
        "privatekey",
        "privatekeydata",
        "rawkey",
        "sharedsecret",
        "clientsecret",
        "secretkey",
        "keystring",
        "authstring",
        "accesstoken",
        "refreshtoken",
        "clientkey",
        "authtoken",
        "credential",
        "credentials",
    ];
    ends.iter().any(|e| low.ends_with(e))
}
