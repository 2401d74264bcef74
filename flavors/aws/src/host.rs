//! The hosts of ECR.

use crate::region::{self, PARTITIONS, Partition, RegionCheck};

/// The public registry, and its host with IPv6 (dual stack).
pub(crate) const PUBLIC: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

/// The only region of ECR Public's API.
pub(crate) const PUBLIC_REGION: &str = "us-east-1";

/// The domain of LocalStack's registries.
const LOCALSTACK: &str = ".localhost.localstack.cloud";

/// Digits of an account's number.
pub(crate) const ACCOUNT_DIGITS: usize = 12;

/// The kind of a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// A private registry.
    Private(Private),
    /// The public registry.
    Public,
    /// A registry that LocalStack emulates, on the machine itself.
    LocalStack(Private),
    /// Not a host of ECR's: a proxy, a private endpoint under the user's own name, an emulator.
    Other,
}

/// A private registry, parsed from its host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Private {
    /// The number of the account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// Whether it is a FIPS 140 endpoint.
    pub(crate) fips: bool,
    /// Whether it is a dual-stack endpoint, with IPv6.
    pub(crate) dual_stack: bool,
}

/// Why a host that was meant as ECR's is not one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HostError {
    /// The account is not a number.
    Account(String),
    /// The region does not exist.
    Region(String),
    /// The domain is not that of the region.
    Domain(String),
    /// Any other form that only looks like one.
    Form,
}

impl Private {
    /// Its host.
    pub(crate) fn host(&self) -> String {
        let Self { account, region, fips, dual_stack } = self;
        let partition = region::partition_of(region);
        let (form, domain) = match (dual_stack, partition.dual_stack) {
            (true, Some((registries, _))) => ("dkr-ecr", registries),
            _ => ("dkr.ecr", partition.domain),
        };
        format!("{account}.{form}{}.{region}.{domain}", if *fips { "-fips" } else { "" })
    }
}

/// Parses a host, lower case and without port.
pub(crate) fn parse(host: &str) -> Result<Host, HostError> {
    if PUBLIC.contains(&host) {
        return Ok(Host::Public);
    }
    match private(host) {
        Some(private) => private.map(Host::Private),
        None if host.ends_with(LOCALSTACK) => local_stack(host).map(Host::LocalStack).ok_or(HostError::Form),
        None if looks_like_aws(host) => Err(HostError::Form),
        None => Ok(Host::Other),
    }
}

/// The private registry of a host in one of its forms; `None` for a host in another form.
fn private(host: &str) -> Option<Result<Private, HostError>> {
    let (account, rest) = host.split_once('.')?;
    let forms = [
        ("dkr.ecr-fips.", true, false),
        ("dkr.ecr.", false, false),
        ("dkr-ecr-fips.", true, true),
        ("dkr-ecr.", false, true),
    ];
    let (rest, fips, dual_stack) =
        forms.into_iter().find_map(|(form, fips, dual)| Some((rest.strip_prefix(form)?, fips, dual)))?;
    let (region, domain) = rest.split_once('.')?;
    let named = PARTITIONS.into_iter().find(|partition| has_domain(partition, domain))?;
    if account.is_empty() || !account.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Err(HostError::Account(account.to_owned())));
    }
    if let RegionCheck::Invalid(_) = region::check(region) {
        return Some(Err(HostError::Region(region.to_owned())));
    }
    let private = Private { account: account.to_owned(), region: region.to_owned(), fips, dual_stack };
    // Otherwise the region has another domain, or the host has `dkr.ecr` in place of `dkr-ecr`.
    Some(if region::partition_of(region) == named && private.host() == host {
        Ok(private)
    } else {
        Err(HostError::Domain(domain.to_owned()))
    })
}

/// The registry in a host that LocalStack returns as `repositoryUri`, e.g.
/// `000000000000.dkr.ecr.us-east-1.localhost.localstack.cloud` (LocalStack's documentation of ECR). The domain leads to
/// the machine itself.
fn local_stack(host: &str) -> Option<Private> {
    let (account, region) = host.strip_suffix(LOCALSTACK)?.split_once(".dkr.ecr.")?;
    let is_account = account.len() == ACCOUNT_DIGITS && account.bytes().all(|b| b.is_ascii_digit());
    let is_region = !matches!(region::check(region), RegionCheck::Invalid(_));
    let private = Private { account: account.to_owned(), region: region.to_owned(), fips: false, dual_stack: false };
    (is_account && is_region).then_some(private)
}

fn has_domain(partition: &Partition, domain: &str) -> bool {
    partition.domain == domain || partition.dual_stack.is_some_and(|(registries, _)| registries == domain)
}

/// Whether a host could be taken for one of AWS's; such a host has to have the exact form of one.
fn looks_like_aws(host: &str) -> bool {
    let parts = [
        "amazonaws",
        "amazonwebservices",
        "amazon.com",
        ".dkr.ecr",
        ".dkr-ecr",
        "ecr.aws",
        "ecr-public",
        "c2s.ic.gov",
        "sc2s.sgov.gov",
        "csp.hci.ic.gov",
        "adc-e.uk",
    ];
    let ends = [".on.aws", ".aws.com", ".api.aws"];
    parts.iter().any(|part| host.contains(part)) || ends.iter().any(|end| host.ends_with(end))
}

/// The private registry that was probably meant by another host or a web page; `None` unless its account and its region
/// are in there.
pub(crate) fn meant(text: &str) -> Option<Private> {
    let is_account = |part: &&str| part.len() >= 9 && part.bytes().all(|b| b.is_ascii_digit());
    let account = text.split(['.', '/']).find(is_account)?.to_owned();
    let region = region::named_in(text)?.to_owned();
    let has = |form: &str| text.contains(form);
    let dual_stack = has("dkr-ecr") && region::partition_of(&region).dual_stack.is_some();
    Some(Private { account, region, fips: has("ecr-fips"), dual_stack: dual_stack || has(".on.aws") })
}
