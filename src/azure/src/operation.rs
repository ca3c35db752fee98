//! Operations as collectors write them: `arm:GET /subscriptions/{subscriptionId}/…
//! ?api-version=2024-01-01`.

/// The services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Azure Resource Manager.
    Arm,
    /// Azure Resource Graph; its host is that of Resource Manager.
    Arg,
    /// Microsoft Graph.
    Graph,
    /// A key vault, at its own address.
    Vault,
}

/// The first piece of a key vault's paths: its address, as the published description
/// names it.
pub const VAULT: &str = "{vaultBaseUrl}";

impl Service {
    /// By its name in collectors.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "arm" => Ok(Self::Arm),
            "arg" => Ok(Self::Arg),
            "graph" => Ok(Self::Graph),
            "vault" => Ok(Self::Vault),
            _ => Err(format!(
                "there is no service `{name}`; there are: arm (Resource Manager), arg (Resource Graph), graph (Microsoft Graph), vault (a key vault)"
            )),
        }
    }
}

/// The service of an operation, by its path.
pub fn service_of(operation: &str) -> &'static str {
    let path = operation.split_once(' ').map_or("", |(_, p)| p);
    if path.starts_with("/v1.0/") || path.starts_with("/beta/") {
        "graph"
    } else if path.starts_with("/providers/Microsoft.ResourceGraph/resources?") {
        "arg"
    } else if path.split('/').nth(1) == Some(VAULT) {
        "vault"
    } else {
        "arm"
    }
}

/// An operation, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelt<'a> {
    /// Which service.
    pub service: Service,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Path with placeholders.
    pub path: &'a str,
    /// `2024-01-01`; empty where there is none.
    pub version: &'a str,
}

impl<'a> Spelt<'a> {
    /// Takes an operation apart; the error says what is wrong with it.
    pub fn parse(service: &str, operation: &'a str) -> Result<Self, String> {
        let service = Service::named(service)?;
        let form = "write `METHOD /path?api-version=…`";
        let (method, rest) = operation
            .split_once(' ')
            .ok_or_else(|| format!("`{operation}`: {form}"))?;
        if !matches!(method, "GET" | "POST") {
            return Err(format!("`{operation}`: only GET and POST are read"));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !path.starts_with('/') || path.contains("//") || path.contains("..") {
            return Err(format!("`{operation}`: the path is not sound; {form}"));
        }
        let version = match (service, query.split_once('=')) {
            (Service::Graph, None) if query.is_empty() => "",
            (Service::Graph, _) => {
                return Err(format!("`{operation}`: query options belong to `with`"));
            }
            (_, Some(("api-version", v)))
                if !v.is_empty()
                    && v.bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) =>
            {
                v
            }
            _ => return Err(format!("`{operation}`: {form}, and nothing else")),
        };
        if service == Service::Graph && !path.starts_with("/v1.0/") && !path.starts_with("/beta/") {
            return Err(format!(
                "`{operation}`: the path begins with /v1.0/ or /beta/"
            ));
        }
        if (service == Service::Vault) != (path.split('/').nth(1) == Some(VAULT)) {
            return Err(format!(
                "`{operation}`: the path of a key vault, and no other, begins with /{VAULT}/"
            ));
        }
        Ok(Self {
            service,
            method,
            path,
            version,
        })
    }

    /// The path on its host: a key vault's begins with the vault.
    pub fn below_host(&self) -> &'a str {
        let own = self.path.strip_prefix('/');
        let below = own.and_then(|p| p.strip_prefix(VAULT));
        below.unwrap_or(self.path)
    }

    /// The names in braces, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &'a str> {
        self.path.split('/').filter_map(placeholder)
    }

    /// Whether a placeholder stands for a whole resource id: `/{resourceUri}/providers/…`.
    pub fn is_scope(&self, name: &str) -> bool {
        let mut pieces = self.path.split('/').skip(1);
        pieces.next().and_then(placeholder) == Some(name) && pieces.next() == Some("providers")
    }

    /// The permission by the provider's general rule: on Resource Manager the
    /// type of the resource and `read`, for POST what is done and `action`.
    pub fn permission(&self) -> String {
        if self.service == Service::Graph {
            // There is no rule: collectors name it.
            return String::new();
        }
        if self.service == Service::Vault {
            let below = self.below_host().trim_start_matches('/');
            return format!("{VAULT_DATA}{below}/read");
        }
        let resource = match self.path.rfind("/providers/") {
            None => return "Microsoft.Resources/subscriptions/read".to_owned(),
            Some(i) => &self.path[i + "/providers/".len()..],
        };
        let mut pieces = resource.split('/');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        // Types and names take turns.
        let rest: Vec<&str> = pieces.collect();
        for t in rest.iter().step_by(2) {
            out.push('/');
            out.push_str(t);
        }
        out.push_str(if self.method == "POST" {
            "/action"
        } else {
            "/read"
        });
        out
    }
}

const VAULT_DATA: &str = "Microsoft.KeyVault/vaults/";

/// Whether a permission is one to data, which roles list apart from those to
/// configuration. Source: the permissions of Microsoft.KeyVault in
/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/security>,
/// where `certificates/read` lists certificates and their attributes; Resource
/// Manager's own `keys/read` and `secrets/read` stand among the others.
pub fn is_data_action(permission: &str) -> bool {
    permission.strip_prefix(VAULT_DATA) == Some("certificates/read")
}

/// The name in a piece of a path that is a placeholder.
pub fn placeholder(piece: &str) -> Option<&str> {
    piece.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn operations_are_taken_apart() {
        let blob = "GET /subscriptions/{subscriptionId}/resourceGroups/{g}/providers/Microsoft.Storage/storageAccounts/{a}/blobServices/default?api-version=2024-01-01";
        let s = Spelt::parse("arm", blob).unwrap();
        assert_eq!(s.version, "2024-01-01");
        assert_eq!(
            s.permission(),
            "Microsoft.Storage/storageAccounts/blobServices/read"
        );
        let names: Vec<_> = s.placeholders().collect();
        assert_eq!(names, ["subscriptionId", "g", "a"]);
        let diag =
            "GET /{resourceUri}/providers/Microsoft.Insights/diagnosticSettings?api-version=1";
        let s = Spelt::parse("arm", diag).unwrap();
        assert!(s.is_scope("resourceUri"));
        assert_eq!(s.permission(), "Microsoft.Insights/diagnosticSettings/read");
        assert!(Spelt::parse("graph", "GET /v1.0/users").is_ok());
        let listed = "GET /{vaultBaseUrl}/certificates?api-version=7.6";
        let s = Spelt::parse(service_of(listed), listed).unwrap();
        assert_eq!(s.service, Service::Vault);
        assert!(is_data_action(&s.permission()), "{}", s.permission());
        assert!(!is_data_action("Microsoft.KeyVault/vaults/secrets/read"));
        for wrong in [
            ("arm", "DELETE /subscriptions?api-version=1"),
            ("arm", "GET /subscriptions"),
            ("arm", "GET subscriptions?api-version=1"),
            ("arm", "GET /a/../b?api-version=1"),
            ("arm", "GET /a?api-version=1&x=y"),
            ("graph", "GET /users"),
            ("arm", listed),
            ("vault", "GET /certificates?api-version=7.6"),
            ("graph", "GET /v1.0/users?$top=1"),
            ("s3", "GET /a?api-version=1"),
        ] {
            assert!(Spelt::parse(wrong.0, wrong.1).is_err(), "{wrong:?}");
        }
    }
}
