//! What a registry is on Azure's side: its cloud, and where its own token service answers.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Registry};

use crate::cloud::Cloud;
use crate::endpoint::Endpoint;
use crate::host::{self, Host};

/// The option that names another token service.
pub(crate) const OPTION: &str = "exchange-endpoint";

/// A registry on Azure's side.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) cloud: &'static Cloud,
    /// Where tokens of Entra are exchanged for those of the registry.
    pub(crate) tokens: Endpoint,
    /// What the registry calls itself in tokens: its login server.
    pub(crate) service: String,
}

impl Target {
    /// Finds it by the registry's URI and options.
    pub(crate) fn of(registry: &Registry) -> Result<Self, Failure> {
        let options = registry.options();
        let uri = RegistryUri::parse(&registry.uri)?;
        let host = match uri.port() {
            Some(port) => format!("{}:{port}", uri.host()),
            None => uri.host().to_owned(),
        };
        let own = Endpoint::of_option(&options, OPTION)?;
        if let Ok(Host::Acr(acr)) = host::parse(uri.host()) {
            let tokens = own.unwrap_or_else(|| Endpoint::known(format!("https://{host}")));
            return Ok(Self { cloud: Cloud::of_domain(acr.domain, &options)?, tokens, service: host });
        }
        let tokens = own.ok_or_else(|| {
            Failure::invalid_input(format!(
                "`{}` is not a host of Azure Container Registry, and no option `{OPTION}` says where its tokens are",
                registry.uri
            ))
            .hint(format!(
                "add e.g. `--option {OPTION}=https://contoso.azurecr.io` when registering it, or use the flavor `default`"
            ))
        })?;
        // Behind a proxy or a name of one's own the registry still calls itself by its login server.
        Ok(match host::parse(tokens.host()) {
            Ok(Host::Acr(acr)) => {
                Self { cloud: Cloud::of_domain(acr.domain, &options)?, service: tokens.host().to_owned(), tokens }
            }
            _ => Self { cloud: Cloud::of_options(&options)?, tokens, service: host },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str, options: &[(&str, &str)]) -> Result<Target, Failure> {
        let options = options.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Target::of(&Registry { name: "r".into(), uri: uri.into(), options })
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
            ("registry.example.com", &[(OPTION, CONTOSO)], CONTOSO, "contoso.azurecr.cn", "china"),
            (
                "localhost:5000",
                &[(OPTION, "http://localhost:1"), ("cloud", "china")],
                "http://localhost:1",
                "localhost:5000",
                "china",
            ),
            (
                "contoso.azurecr.io",
                &[(OPTION, "https://proxy.example.com/")],
                "https://proxy.example.com",
                "contoso.azurecr.io",
                "public",
            ),
        ] {
            let target = target(uri, options).unwrap();
            assert_eq!(target.tokens.below(""), tokens, "{uri}");
            assert_eq!((target.service.as_str(), target.cloud.name), (service, cloud), "{uri}");
        }
    }

    #[test]
    fn a_host_of_one_s_own_needs_the_option_and_options_have_to_agree() {
        assert!(target("localhost:5000", &[]).unwrap_err().hint.unwrap().contains(OPTION));
        assert!(target("localhost:5000", &[(OPTION, "contoso.azurecr.io")]).is_err());
        assert!(target("contoso.azurecr.io", &[("cloud", "china")]).is_err());
        assert!(target("contoso.azurecr.io", &[("cloud", "moon")]).is_err());
    }
}
