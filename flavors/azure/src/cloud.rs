//! The clouds: Microsoft runs one for everybody, and one for each government that wants its own.

use crhost_flavor::{Failure, Options};

/// What differs from cloud to cloud.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Cloud {
    /// As the option `cloud` has it.
    pub(crate) name: &'static str,
    /// What the hosts of its registries end with.
    pub(crate) domain: &'static str,
    /// Where Microsoft Entra gives tokens.
    pub(crate) authority: &'static str,
    /// Where Azure Resource Manager answers; also what tokens for it are for.
    pub(crate) management: &'static str,
}

/// All of them, everybody's first. The one of Germany was closed in 2021.
pub(crate) const CLOUDS: [Cloud; 3] = [
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
];

/// The option that names one.
const OPTION: &str = "cloud";

impl Cloud {
    /// The cloud that the options name; none where they name none.
    pub(crate) fn of_option(options: &Options) -> Result<Option<&'static Self>, Failure> {
        let Some(name) = options.get(OPTION) else { return Ok(None) };
        let found = CLOUDS.iter().find(|cloud| cloud.name == name);
        found.map(Some).ok_or_else(|| {
            Failure::invalid_input(format!(
                "option `{OPTION}` is `{name}`, expected `public`, `china` or `us-government`"
            ))
        })
    }

    /// The cloud that the options name, or everybody's.
    pub(crate) fn of_options(options: &Options) -> Result<&'static Self, Failure> {
        let [public, ..] = &CLOUDS;
        Ok(Self::of_option(options)?.unwrap_or(public))
    }

    /// The cloud of a registry's domain, with which the option has to agree.
    pub(crate) fn of_domain(domain: &str, options: &Options) -> Result<&'static Self, Failure> {
        let own = CLOUDS.iter().find(|cloud| cloud.domain == domain);
        match (own, Self::of_option(options)?) {
            (Some(own), Some(named)) if own != named => Err(Failure::invalid_input(format!(
                "option `{OPTION}` is `{}`, and a registry of `{domain}` is in cloud `{}`",
                named.name, own.name
            ))
            .hint(format!("leave the option `{OPTION}` out"))),
            (Some(own), _) => Ok(own),
            (None, _) => Self::of_options(options),
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
            assert_eq!(Cloud::of_options(&options(cloud.name)).unwrap(), cloud);
        }
        assert_eq!(Cloud::of_options(&none).unwrap().name, "public");
        assert!(Cloud::of_domain("azurecr.cn", &options("public")).is_err());
        assert!(Cloud::of_options(&options("germany")).unwrap_err().message.contains("us-government"));
    }
}
