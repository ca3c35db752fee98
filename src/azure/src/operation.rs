//! Operations as collectors write them: `arm:GET /subscriptions/{subscriptionId}/…
//! ?api-version=2024-01-01`.

/// The three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Azure Resource Manager.
    Arm,
    /// Azure Resource Graph; its host is that of Resource Manager.
    Arg,
    /// Microsoft Graph.
    Graph,
}

impl Service {
    /// By its name in collectors.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "arm" => Ok(Self::Arm),
            "arg" => Ok(Self::Arg),
            "graph" => Ok(Self::Graph),
            _ => Err(format!(
                "there is no service `{name}`; there are: arm (Resource Manager), arg (Resource Graph), graph (Microsoft Graph)"
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
        Ok(Self {
            service,
            method,
            path,
            version,
        })
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
        for wrong in [
            ("arm", "DELETE /subscriptions?api-version=1"),
            ("arm", "GET /subscriptions"),
            ("arm", "GET subscriptions?api-version=1"),
            ("arm", "GET /a/../b?api-version=1"),
            ("arm", "GET /a?api-version=1&x=y"),
            ("graph", "GET /users"),
            ("graph", "GET /v1.0/users?$top=1"),
            ("s3", "GET /a?api-version=1"),
        ] {
            assert!(Spelt::parse(wrong.0, wrong.1).is_err(), "{wrong:?}");
        }
    }
}
