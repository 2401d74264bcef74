//! Azure's clouds: the public one, and the sovereign ones of governments and of partners.

use crhost_flavor::{Failure, Options};

use crate::names::CLOUD;

/// A cloud, and its addresses.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Cloud {
    /// Its name as a value of the option `cloud`.
    pub(crate) name: &'static str,
    /// The domain of its registries.
    pub(crate) domain: &'static str,
    /// URL of Microsoft Entra.
    pub(crate) authority: &'static str,
    /// URL of Azure Resource Manager; also the resource that tokens for it are requested for.
    pub(crate) management: &'static str,
}

/// All clouds, the public one first. The former one of Germany was closed in 2021; today's is a partner's.
///
/// Sources: azure-cli-core 2.91.0, `cloud.py` (public, China, US Government, Bleu); the tests of azure-cli's `acr
/// import` and the known authorities of MSAL (Delos); microsoft/azure-pipelines-tasks, `acrHost.ts`, and
/// Azure/acr-build-task (US Nat and US Sec, which have no network to anywhere else).
pub(crate) const CLOUDS: [Cloud; 7] = [
    Cloud {
        name: "public",
        domain: "azurecr.io",
        authority: "https://login.microsoftonline.com",
        management: "https://management.azure.com",
    },
    Cloud {
        name: "china",
        domain: "azurecr.cn",
        authority: "https://login.chinacloudapi.cn",
        management: "https://management.chinacloudapi.cn",
    },
    Cloud {
        name: "us-government",
        domain: "azurecr.us",
        authority: "https://login.microsoftonline.us",
        management: "https://management.usgovcloudapi.net",
    },
    Cloud {
        name: "bleu",
        domain: "azurecr.sovcloud-azure.fr",
        authority: "https://login.sovcloud-identity.fr",
        management: "https://management.sovcloud-api.fr",
    },
    Cloud {
        name: "delos",
        domain: "azurecr.sovcloud-azure.de",
        authority: "https://login.sovcloud-identity.de",
        management: "https://management.sovcloud-api.de",
    },
    Cloud {
        name: "us-nat",
        domain: "azurecr.eaglex.ic.gov",
        authority: "https://login.microsoftonline.eaglex.ic.gov",
        management: "https://management.azure.eaglex.ic.gov",
    },
    Cloud {
        name: "us-sec",
        domain: "azurecr.microsoft.scloud",
        authority: "https://login.microsoftonline.microsoft.scloud",
        management: "https://management.azure.microsoft.scloud",
    },
];

impl Cloud {
    /// The cloud that the options name, if they name one.
    fn of_option(options: &Options) -> Option<&'static Self> {
        let name = options.get(CLOUD)?;
        CLOUDS.iter().find(|cloud| cloud.name == name)
    }

    /// The cloud that the options name, or the public one.
    pub(crate) fn of_options(options: &Options) -> &'static Self {
        let [public, ..] = &CLOUDS;
        Self::of_option(options).unwrap_or(public)
    }

    /// The cloud of a registry's domain; fails if the option names another.
    pub(crate) fn of_domain(domain: &str, options: &Options) -> Result<&'static Self, Failure> {
        let own = CLOUDS.iter().find(|cloud| cloud.domain == domain);
        match (own, Self::of_option(options)) {
            (Some(own), Some(named)) if own != named => Err(Failure::invalid_input(format!(
                "option `{CLOUD}` is `{}`, and a registry of `{domain}` is in cloud `{}`",
                named.name, own.name
            ))
            .hint(format!("leave the option `{CLOUD}` out"))),
            (Some(own), _) => Ok(own),
            (None, _) => Ok(Self::of_options(options)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(cloud: &str) -> Options {
        Options(vec![("cloud".into(), cloud.into())])
    }

    #[test]
    fn a_domain_says_the_cloud_and_the_option_may_repeat_it() {
        let none = Options::default();
        for cloud in &CLOUDS {
            assert_eq!(Cloud::of_domain(cloud.domain, &none).unwrap(), cloud);
            assert_eq!(Cloud::of_domain(cloud.domain, &options(cloud.name)).unwrap(), cloud);
            assert_eq!(Cloud::of_options(&options(cloud.name)), cloud);
        }
        assert_eq!(Cloud::of_options(&none).name, "public");
        assert!(Cloud::of_domain("azurecr.cn", &options("public")).is_err());
    }
}
