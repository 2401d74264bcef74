//! A registry on Azure's side: its cloud, and the address of its token service.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Registry};

use crate::cloud::Cloud;
use crate::endpoint;
use crate::host::{self, Host};
use crate::names::EXCHANGE_ENDPOINT;

/// A registry on Azure's side.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its cloud.
    pub(crate) cloud: &'static Cloud,
    /// URL of the service that exchanges tokens of Entra for those of the registry.
    pub(crate) tokens: String,
    /// The registry's name in tokens: its login server.
    pub(crate) service: String,
}

impl Target {
    /// Derives it from the registry's URI and options.
    pub(crate) fn of(registry: &Registry) -> Result<Self, Failure> {
        let options = registry.options();
        let uri = RegistryUri::parse(&registry.uri)?;
        let host = uri.authority();
        let replacement = options.url(EXCHANGE_ENDPOINT);
        if let Ok(Host::Acr(acr)) = host::parse(uri.host()) {
            let tokens = replacement.unwrap_or_else(|| format!("https://{host}"));
            return Ok(Self { cloud: Cloud::of_domain(acr.domain, &options)?, tokens, service: host });
        }
        let tokens = replacement.ok_or_else(|| {
            Failure::invalid_input(format!(
                "`{}` is not a host of Azure Container Registry, and no option `{EXCHANGE_ENDPOINT}` says where its tokens are",
                registry.uri
            ))
            .hint(format!(
                "add e.g. `--option {EXCHANGE_ENDPOINT}=https://contoso.azurecr.io` when registering it, or use the flavor `default`"
            ))
        })?;
        // Behind a proxy or another name, the registry still has its login server as the name in tokens.
        Ok(match host::parse(endpoint::host(&tokens)) {
            Ok(Host::Acr(acr)) => Self {
                cloud: Cloud::of_domain(acr.domain, &options)?,
                service: endpoint::host(&tokens).to_owned(),
                tokens,
            },
            _ => Self { cloud: Cloud::of_options(&options), tokens, service: host },
        })
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing;

    use super::*;

    fn target(uri: &str, options: &[(&str, &str)]) -> Result<Target, Failure> {
        Target::of(&testing::registry(uri, options))
    }

    #[test]
    fn tokens_are_at_the_login_server_or_where_an_option_says() {
        const CONTOSO: &str = "https://contoso.azurecr.cn";
        for (uri, options, tokens, service, cloud) in [
            ("contoso.azurecr.io/team", &[][..], "https://contoso.azurecr.io", "contoso.azurecr.io", "public"),
            ("contoso.azurecr.us", &[], "https://contoso.azurecr.us", "contoso.azurecr.us", "us-government"),
            (
                "contoso.westeurope.geo.azurecr.io",
                &[],
                "https://contoso.westeurope.geo.azurecr.io",
                "contoso.westeurope.geo.azurecr.io",
                "public",
            ),
            ("registry.example.com", &[(EXCHANGE_ENDPOINT, CONTOSO)], CONTOSO, "contoso.azurecr.cn", "china"),
            (
                "localhost:5000",
                &[(EXCHANGE_ENDPOINT, "http://localhost:1"), ("cloud", "china")],
                "http://localhost:1",
                "localhost:5000",
                "china",
            ),
            (
                "contoso.azurecr.io",
                &[(EXCHANGE_ENDPOINT, "https://proxy.example.com/")],
                "https://proxy.example.com",
                "contoso.azurecr.io",
                "public",
            ),
        ] {
            let target = target(uri, options).unwrap();
            assert_eq!(target.tokens, tokens, "{uri}");
            assert_eq!((target.service.as_str(), target.cloud.name), (service, cloud), "{uri}");
        }
    }

    #[test]
    fn a_host_of_one_s_own_needs_the_option_and_options_have_to_agree() {
        assert!(target("localhost:5000", &[]).unwrap_err().hint.unwrap().contains(EXCHANGE_ENDPOINT));
        assert!(target("contoso.azurecr.io", &[("cloud", "china")]).is_err());
    }
}
