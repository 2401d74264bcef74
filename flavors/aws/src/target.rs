//! A registry on AWS's side: its account, its region, and its APIs.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Options, Registry};

use crate::endpoint::{Api, Endpoint};
use crate::host::{self, ACCOUNT_DIGITS, Host, PUBLIC_REGION, Private};
use crate::names::{ECR_ENDPOINT, KMS_ENDPOINT, STS_ENDPOINT};
use crate::region;

/// Prefix of the calls of ECR's API in the header `x-amz-target` (botocore 1.44.5).
pub(crate) const PRIVATE_TARGET: &str = "AmazonEC2ContainerRegistry_V20150921";
/// Prefix of the calls of ECR Public's API.
pub(crate) const PUBLIC_TARGET: &str = "SpencerFrontendService";

/// Prefix of the calls of KMS's API.
pub(crate) const KMS_TARGET: &str = "TrentService";

/// A registry on AWS's side.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Whether it is ECR Public.
    pub(crate) public: bool,
    /// The account that it belongs to, if that is known.
    pub(crate) account: Option<String>,
    /// ECR's API for it.
    pub(crate) ecr: Api,
    /// STS in its region.
    pub(crate) sts: Api,
}

impl Target {
    /// Derives it from the registry's URI and options; `of_connector` gives the connector's region, for a registry
    /// whose URI and options name none.
    pub(crate) fn of(
        registry: &Registry,
        of_connector: impl FnOnce() -> Result<Option<String>, Failure>,
    ) -> Result<Self, Failure> {
        let options = registry.options();
        let uri = RegistryUri::parse(&registry.uri)?;
        let option = region_option(&options)?;
        match host::parse(uri.host()).unwrap_or(Host::Other) {
            Host::Private(private) => {
                agree("region", option.as_deref(), &private.region)?;
                agree("account", options.get("account"), &private.account)?;
                Self::private(&options, &private.region, Some(&private))
            }
            Host::Public => {
                let ecr = Endpoint::of_option(&options, ECR_ENDPOINT)?;
                let host = || format!("api.ecr-public.{PUBLIC_REGION}.amazonaws.com");
                let ecr = Api {
                    endpoint: ecr.unwrap_or_else(|| Endpoint::of_host(host())),
                    region: PUBLIC_REGION.to_owned(),
                    service: "ECR Public",
                    signed_as: "ecr-public",
                    target: PUBLIC_TARGET,
                };
                Ok(Self { public: true, account: None, ecr, sts: sts(&options, PUBLIC_REGION, false)? })
            }
            Host::LocalStack(private) => {
                agree("region", option.as_deref(), &private.region)?;
                agree("account", options.get("account"), &private.account)?;
                // Otherwise its keys, which are nobody's, would sign requests to AWS itself.
                if [ECR_ENDPOINT, STS_ENDPOINT].iter().any(|endpoint| options.get(endpoint).is_none()) {
                    let url = format!("http://localhost.localstack.cloud:{}", uri.port().unwrap_or(4566));
                    return Err(Failure::invalid_input(format!(
                        "`{}` is a registry of LocalStack, and no options `{ECR_ENDPOINT}` and `{STS_ENDPOINT}` say where \
                         its APIs are",
                        registry.uri
                    ))
                    .hint(format!(
                        "add `--option {ECR_ENDPOINT}={url} --option {STS_ENDPOINT}={url}` when registering it"
                    )));
                }
                Self::private(&options, &private.region, Some(&private))
            }
            Host::Other => {
                let named = option.map_or_else(of_connector, |region| Ok(Some(region)))?;
                let region = named.ok_or_else(|| {
                    Failure::invalid_input(format!(
                        "`{}` is not a host of ECR, and no option `region` says where it is",
                        registry.uri
                    ))
                    .hint("add e.g. `--option region=eu-west-1` when registering it, or use the flavor `default`")
                })?;
                Self::private(&options, &region, None)
            }
        }
    }

    fn private(options: &Options, region: &str, private: Option<&Private>) -> Result<Self, Failure> {
        let account = private.map(|private| private.account.as_str()).or(options.get("account"));
        if let Some(account) = options.get("account")
            && !is_account(account)
        {
            return Err(Failure::invalid_input(format!(
                "option `account` is `{account}`, expected the {ACCOUNT_DIGITS} digits of an AWS account"
            )));
        }
        let (fips, dual_stack) = private.map_or((false, false), |private| (private.fips, private.dual_stack));
        let ecr = Endpoint::of_option(options, ECR_ENDPOINT)?;
        let ecr = Api {
            endpoint: ecr.unwrap_or_else(|| Endpoint::of_host(ecr_host(region, fips, dual_stack))),
            region: region.to_owned(),
            service: "ECR",
            signed_as: "ecr",
            target: PRIVATE_TARGET,
        };
        // Numbers with nine digits, as in some documentation, are not accounts.
        let account = account.filter(|account| is_account(account)).map(str::to_owned);
        Ok(Self { public: false, account, ecr, sts: sts(options, region, fips)? })
    }
}

impl Target {
    /// KMS in its region (botocore 1.44.5).
    pub(crate) fn kms(&self, options: &Options) -> Result<Api, Failure> {
        let region = &self.ecr.region;
        let host = format!("kms.{region}.{}", region::partition_of(region).domain);
        let endpoint = Endpoint::of_option(options, KMS_ENDPOINT)?.unwrap_or_else(|| Endpoint::of_host(host));
        Ok(Api { endpoint, region: region.clone(), service: "KMS", signed_as: "kms", target: KMS_TARGET })
    }
}

/// The value of the option `region`; fails if it can't be a region.
pub(crate) fn region_option(options: &Options) -> Result<Option<String>, Failure> {
    options.get("region").map(|region| region::accept(region.to_owned(), "option `region`")).transpose()
}

/// STS in a region. `us-gov-*` has no FIPS endpoint of its own: the usual one is one.
pub(crate) fn sts(options: &Options, region: &str, fips: bool) -> Result<Api, Failure> {
    let domain = region::partition_of(region).domain;
    let fips = fips && !region.starts_with("us-gov-");
    let host = format!("sts{}.{region}.{domain}", if fips { "-fips" } else { "" });
    let endpoint = Endpoint::of_option(options, STS_ENDPOINT)?.unwrap_or_else(|| Endpoint::of_host(host));
    Ok(Api { endpoint, region: region.to_owned(), service: "STS", signed_as: "sts", target: "" })
}

/// ECR's API in a region (botocore 1.44.5).
fn ecr_host(region: &str, fips: bool, dual_stack: bool) -> String {
    let partition = region::partition_of(region);
    let name = if fips { "ecr-fips" } else { "ecr" };
    match partition.dual_stack {
        Some((_, apis)) if dual_stack => format!("{name}.{region}.{apis}"),
        _ => format!("api.{name}.{region}.{}", partition.domain),
    }
}

fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

/// Fails if an option contradicts the registry's URI.
fn agree(option: &str, value: Option<&str>, in_uri: &str) -> Result<(), Failure> {
    match value {
        Some(value) if value != in_uri => Err(Failure::invalid_input(format!(
            "option `{option}` is `{value}`, and the registry's URI says `{in_uri}`"
        ))
        .hint(format!("leave the option `{option}` out, or register the registry that is meant"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::{Operation, testing};

    use super::*;

    fn target(uri: &str, options: &[(&str, &str)]) -> Result<Target, Failure> {
        Target::of(&testing::registry(uri, options), || Ok(None))
    }

    #[test]
    fn the_apis_are_those_that_botocore_calls() {
        for (host, ecr, sts) in [
            ("dkr.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com"),
            (
                "dkr.ecr-fips.us-east-1.amazonaws.com",
                "api.ecr-fips.us-east-1.amazonaws.com",
                "sts-fips.us-east-1.amazonaws.com",
            ),
            (
                "dkr.ecr-fips.us-gov-west-1.amazonaws.com",
                "api.ecr-fips.us-gov-west-1.amazonaws.com",
                "sts.us-gov-west-1.amazonaws.com",
            ),
            (
                "dkr.ecr-fips.cn-north-1.amazonaws.com.cn",
                "api.ecr-fips.cn-north-1.amazonaws.com.cn",
                "sts-fips.cn-north-1.amazonaws.com.cn",
            ),
            ("dkr-ecr.us-east-1.on.aws", "ecr.us-east-1.api.aws", "sts.us-east-1.amazonaws.com"),
            ("dkr-ecr-fips.us-east-1.on.aws", "ecr-fips.us-east-1.api.aws", "sts-fips.us-east-1.amazonaws.com"),
            (
                "dkr.ecr.cn-north-1.amazonaws.com.cn",
                "api.ecr.cn-north-1.amazonaws.com.cn",
                "sts.cn-north-1.amazonaws.com.cn",
            ),
            (
                "dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
                "ecr.cn-north-1.api.amazonwebservices.com.cn",
                "sts.cn-north-1.amazonaws.com.cn",
            ),
            (
                "dkr-ecr-fips.cn-north-1.on.amazonwebservices.com.cn",
                "ecr-fips.cn-north-1.api.amazonwebservices.com.cn",
                "sts-fips.cn-north-1.amazonaws.com.cn",
            ),
            (
                "dkr.ecr.eusc-de-east-1.amazonaws.eu",
                "api.ecr.eusc-de-east-1.amazonaws.eu",
                "sts.eusc-de-east-1.amazonaws.eu",
            ),
            ("dkr.ecr.us-iso-east-1.c2s.ic.gov", "api.ecr.us-iso-east-1.c2s.ic.gov", "sts.us-iso-east-1.c2s.ic.gov"),
            (
                "dkr.ecr-fips.us-isof-east-1.csp.hci.ic.gov",
                "api.ecr-fips.us-isof-east-1.csp.hci.ic.gov",
                "sts-fips.us-isof-east-1.csp.hci.ic.gov",
            ),
        ] {
            let target = target(&format!("123456789012.{host}/team"), &[]).unwrap();
            assert_eq!(target.ecr.endpoint.url(), format!("https://{ecr}/"), "{host}");
            assert_eq!(target.sts.endpoint.url(), format!("https://{sts}/"), "{host}");
            assert_eq!(target.account.as_deref(), Some("123456789012"));
        }
        let public = target("public.ecr.aws/acme", &[]).unwrap();
        assert_eq!(public.ecr.endpoint.url(), "https://api.ecr-public.us-east-1.amazonaws.com/");
        assert!(public.public && public.account.is_none());
    }

    #[test]
    fn every_api_is_among_the_hosts_of_its_operations() {
        let description = crate::describe::description();
        let of_methods = description.auth_methods.iter().flat_map(|method| &method.operations);
        let operations: Vec<_> = description.operations.iter().chain(of_methods).collect();
        let matches = |pattern: &str, url: &str| {
            let (labels, of_url): (Vec<_>, Vec<_>) =
                (pattern.split('.').collect(), url.trim_end_matches('/').split('.').collect());
            let same = |(pattern, label): (&&str, &&str)| *pattern == "*" || pattern == label;
            labels.len() == of_url.len() && labels.iter().zip(&of_url).all(same)
        };
        let assert_described = |option: &str, is_of: &dyn Fn(&Operation) -> bool, url: &str| {
            let of_service = operations.iter().filter(|operation| operation.endpoints == [option] && is_of(operation));
            let described = of_service.map(|operation| operation.hosts.iter().any(|host| matches(host, url)));
            let described: Vec<bool> = described.collect();
            assert!(!described.is_empty() && described.iter().all(|is| *is), "{url}");
        };
        let mut targets = vec![target("public.ecr.aws/acme", &[]).unwrap()];
        for region in region::KNOWN {
            for (fips, dual_stack) in [(false, false), (true, false), (false, true), (true, true)] {
                let private = Private { account: "123456789012".into(), region: (*region).into(), fips, dual_stack };
                targets.push(target(&private.host(), &[]).unwrap());
            }
        }
        for target in &targets {
            let is_public = |operation: &Operation| (operation.name == "ecr-public") == target.public;
            assert_described(ECR_ENDPOINT, &is_public, target.ecr.endpoint.url());
            assert_described(STS_ENDPOINT, &|_| true, target.sts.endpoint.url());
        }
    }

    #[test]
    fn a_host_of_one_s_own_needs_the_region_and_may_have_an_account() {
        assert!(target("localhost:5000", &[]).unwrap_err().hint.unwrap().contains("region="));
        let own = target("localhost:5000", &[("region", "eu-west-1"), ("account", "123456789012")]).unwrap();
        assert_eq!(own.ecr.endpoint.url(), "https://api.ecr.eu-west-1.amazonaws.com/");
        assert_eq!(own.account.as_deref(), Some("123456789012"));
        assert!(target("localhost:5000", &[("region", "eu-wst-1")]).unwrap_err().hint.unwrap().contains("eu-west-1"));
        assert!(target("localhost:5000", &[("region", "eu-west-1"), ("account", "12")]).is_err());
    }

    #[test]
    fn options_that_say_otherwise_than_the_uri_are_refused() {
        let uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
        assert!(target(uri, &[("region", "us-east-1"), ("account", "123456789012")]).is_ok());
        assert!(target(uri, &[("region", "eu-west-1")]).is_err());
        assert!(target(uri, &[("account", "999999999999")]).is_err());
    }

    #[test]
    fn an_account_of_nine_digits_is_asked_for_nowhere() {
        assert_eq!(target("123456789.dkr.ecr.us-east-1.amazonaws.com", &[]).unwrap().account, None);
    }

    #[test]
    fn endpoints_of_one_s_own_take_the_place_of_aws_s() {
        let options = [("ecr-endpoint", "http://127.0.0.1:5557"), ("sts-endpoint", "https://sts.example.com")];
        for uri in ["123456789012.dkr.ecr.us-east-1.amazonaws.com", "public.ecr.aws/acme"] {
            let target = target(uri, &options).unwrap();
            assert_eq!(target.ecr.endpoint.url(), "http://127.0.0.1:5557/");
            assert_eq!(target.sts.endpoint.url(), "https://sts.example.com/");
        }
    }
}
