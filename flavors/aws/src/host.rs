//! The hosts of ECR.

use crate::region::{self, PARTITIONS, Partition, Verdict};

/// The public registry, and its host that speaks IPv6 too.
pub(crate) const PUBLIC: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

/// The one region that ECR Public's API is in.
pub(crate) const PUBLIC_REGION: &str = "us-east-1";

/// Digits of an account's number.
pub(crate) const ACCOUNT_DIGITS: usize = 12;

/// What a registry's host is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// A private registry.
    Private(Private),
    /// The public registry.
    Public,
    /// No host of ECR's: a proxy, a private endpoint under a name of one's own, an emulator.
    Other,
}

/// A private registry, as its host says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Private {
    /// The number of the account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// Whether it has the cryptography of FIPS 140.
    pub(crate) fips: bool,
    /// Whether it speaks IPv6 too.
    pub(crate) dual_stack: bool,
}

/// Why a host that was meant as ECR's is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wrong {
    /// The account is no number.
    Account(String),
    /// The region does not exist.
    Region(String),
    /// The domain is not that of the region.
    Domain(String),
    /// Something else; the whole host only looks like one.
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

/// Says what a host is, lower case and without port.
pub(crate) fn parse(host: &str) -> Result<Host, Wrong> {
    if PUBLIC.contains(&host) {
        return Ok(Host::Public);
    }
    match private(host) {
        Some(private) => private.map(Host::Private),
        None if looks_like_aws(host) => Err(Wrong::Form),
        None => Ok(Host::Other),
    }
}

/// The private registry that a host in one of its forms names; none for a host in another form.
fn private(host: &str) -> Option<Result<Private, Wrong>> {
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
        return Some(Err(Wrong::Account(account.to_owned())));
    }
    if let Verdict::Wrong(_) = region::judge(region) {
        return Some(Err(Wrong::Region(region.to_owned())));
    }
    let private = Private { account: account.to_owned(), region: region.to_owned(), fips, dual_stack };
    // The region has another domain, or `dkr.ecr` stands where `dkr-ecr` belongs.
    Some(if region::partition_of(region) == named && private.host() == host {
        Ok(private)
    } else {
        Err(Wrong::Domain(domain.to_owned()))
    })
}

fn has_domain(partition: &Partition, domain: &str) -> bool {
    partition.domain == domain || partition.dual_stack.is_some_and(|(registries, _)| registries == domain)
}

/// Whether a host could be taken for one of AWS's: it may only be one in the exact form.
fn looks_like_aws(host: &str) -> bool {
    let parts = [
        "amazonaws",
        "amazonwebservices",
        "amazon.com",
        ".dkr.ecr",
        ".dkr-ecr",
        ".ecr.",
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

/// The private registry that was meant by a host, or a web page, in no form of ECR's: its account and its region, where they
/// can be made out.
pub(crate) fn meant(text: &str) -> Option<Private> {
    let is_account = |part: &&str| part.len() >= 9 && part.bytes().all(|b| b.is_ascii_digit());
    let account = text.split(['.', '/']).find(is_account)?.to_owned();
    let region = region::named_in(text)?.to_owned();
    let has = |form: &str| text.contains(form);
    let dual_stack = has("dkr-ecr") && region::partition_of(&region).dual_stack.is_some();
    Some(Private { account, region, fips: has("ecr-fips"), dual_stack: dual_stack || has(".on.aws") })
}
