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

/// Hosts of Resource Manager and Microsoft Graph. Sources:
/// <https://learn.microsoft.com/azure/china/resources-developer-guide>,
/// <https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure>,
/// <https://learn.microsoft.com/graph/deployments>.
const HOSTS: [(AzureCloud, &str, &str, &str); 3] = [
    (
        AzureCloud::Public,
        "AzureCloud",
        "management.azure.com",
        "graph.microsoft.com",
    ),
    (
        AzureCloud::China,
        "AzureChinaCloud",
        "management.chinacloudapi.cn",
        "microsoftgraph.chinacloudapi.cn",
    ),
    (
        AzureCloud::UsGovernment,
        "AzureUSGovernment",
        "management.usgovcloudapi.net",
        "graph.microsoft.us",
    ),
];

impl AzureCloud {
    fn row(self) -> &'static (AzureCloud, &'static str, &'static str, &'static str) {
        HOSTS.iter().find(|r| r.0 == self).unwrap_or(&HOSTS[0])
    }

    /// As the Azure CLI names it.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        HOSTS.iter().find(|r| r.1 == name).map(|r| r.0)
    }

    /// Host of Resource Manager.
    pub(crate) fn arm(self) -> &'static str {
        self.row().2
    }

    /// Host of Microsoft Graph.
    pub(crate) fn graph(self) -> &'static str {
        self.row().3
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
    HOSTS.iter().any(|(_, _, arm, graph)| {
        host == *arm
            || host == *graph
            || host
                .strip_suffix(arm)
                .and_then(|h| h.strip_suffix('.'))
                .is_some_and(|h| !h.contains('.'))
    })
}
