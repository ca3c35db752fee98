//! The sovereign clouds and where they are asked.

use azure_core::cloud::CloudConfiguration;

/// One of Azure's clouds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AzureCloud {
    /// The public cloud.
    #[default]
    Public,
    /// Operated by 21Vianet in China.
    China,
    /// For the government of the United States.
    UsGovernment,
}

/// How a cloud is named and where it is asked.
struct Hosts {
    cloud: AzureCloud,
    /// As the Azure CLI names it.
    name: &'static str,
    arm: &'static str,
    graph: &'static str,
    /// What the hosts of key vaults end in.
    vaults: &'static str,
}

/// Sources:
/// <https://learn.microsoft.com/azure/china/resources-developer-guide>,
/// <https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure>,
/// <https://learn.microsoft.com/graph/deployments>,
/// <https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates>.
const HOSTS: [Hosts; 3] = [
    Hosts {
        cloud: AzureCloud::Public,
        name: "AzureCloud",
        arm: "management.azure.com",
        graph: "graph.microsoft.com",
        vaults: "vault.azure.net",
    },
    Hosts {
        cloud: AzureCloud::China,
        name: "AzureChinaCloud",
        arm: "management.chinacloudapi.cn",
        graph: "microsoftgraph.chinacloudapi.cn",
        vaults: "vault.azure.cn",
    },
    Hosts {
        cloud: AzureCloud::UsGovernment,
        name: "AzureUSGovernment",
        arm: "management.usgovcloudapi.net",
        graph: "graph.microsoft.us",
        vaults: "vault.usgovcloudapi.net",
    },
];

impl AzureCloud {
    fn hosts(self) -> &'static Hosts {
        HOSTS.iter().find(|h| h.cloud == self).unwrap_or(&HOSTS[0])
    }

    /// As the Azure CLI names it.
    pub fn name(self) -> &'static str {
        self.hosts().name
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        HOSTS.iter().find(|h| h.name == name).map(|h| h.cloud)
    }

    /// Host of Resource Manager.
    pub(crate) fn arm(self) -> &'static str {
        self.hosts().arm
    }

    /// Host of Microsoft Graph.
    pub(crate) fn graph(self) -> &'static str {
        self.hosts().graph
    }

    /// What the hosts of key vaults end in.
    pub(crate) fn vaults(self) -> &'static str {
        self.hosts().vaults
    }

    /// Whether a host is a key vault of this cloud.
    pub(crate) fn is_vault(self, host: &str) -> bool {
        is_below(host, self.vaults())
    }

    /// Address of Entra ID.
    pub(crate) fn authority(self) -> &'static str {
        match self {
            AzureCloud::Public => "https://login.microsoftonline.com",
            AzureCloud::China => "https://login.chinacloudapi.cn",
            AzureCloud::UsGovernment => "https://login.microsoftonline.us",
        }
    }

    /// Where tokens come from.
    pub(crate) fn configuration(self) -> CloudConfiguration {
        match self {
            AzureCloud::Public => CloudConfiguration::AzurePublic,
            AzureCloud::China => CloudConfiguration::AzureChina,
            AzureCloud::UsGovernment => CloudConfiguration::AzureGovernment,
        }
    }
}

/// Whether a host is Resource Manager or Microsoft Graph in one of the clouds.
/// Resource providers answer with links to regional hosts of Resource Manager too.
pub(crate) fn is_official(host: &str) -> bool {
    HOSTS
        .iter()
        .any(|h| host == h.arm || host == h.graph || is_below(host, h.arm))
}

/// Whether a host is a domain with one label before it.
fn is_below(host: &str, domain: &str) -> bool {
    let label = host.strip_suffix(domain).and_then(|h| h.strip_suffix('.'));
    label
        .is_some_and(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_vault_is_one_label_below_its_cloud() {
        let public = |host: &str| AzureCloud::Public.is_vault(host);
        assert!(public("kv-1.vault.azure.net"));
        for no in [
            "vault.azure.net",
            ".vault.azure.net",
            "a.b.vault.azure.net",
            "evilvault.azure.net",
            "a.vault.azure.net.example",
            "a.vault.azure.cn",
            "a.managedhsm.azure.net",
        ] {
            assert!(!public(no), "{no}");
        }
        assert!(AzureCloud::China.is_vault("a.vault.azure.cn"));
        assert!(AzureCloud::UsGovernment.is_vault("a.vault.usgovcloudapi.net"));
    }
}
