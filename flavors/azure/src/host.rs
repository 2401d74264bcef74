//! The hosts of Azure Container Registry.

use crhost_flavor::uri::{distance, is_within};

use crate::cloud::CLOUDS;

/// Characters of a registry's name (`az acr create`).
pub(crate) const NAME: std::ops::RangeInclusive<usize> = 5..=50;

/// Characters of the hash behind a registry's name, which keeps others from taking over the name of a deleted registry.
const HASH: usize = 16;

/// The kind of a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// A login server, everywhere or in one region.
    Acr(Acr),
    /// What has the form of a login server in a cloud that this version does not know, e.g. one of the user's own.
    OwnCloud,
    /// Not a host of Azure's: a proxy, a name of the user's own, an emulator.
    Other,
}

/// A login server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Acr {
    /// The name, with the hash if it has one.
    pub(crate) name: String,
    /// The domain, e.g. `azurecr.io`.
    pub(crate) domain: &'static str,
    /// Whether the hash has a length that Microsoft does not document.
    pub(crate) odd_hash: bool,
}

/// Why a host that was meant as Azure's is not one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HostError {
    /// No registry can have this name.
    Name(String),
    /// A dash in the name, and no hash behind it.
    Dash(String),
    /// A data endpoint, from which blobs are downloaded.
    Data(Acr),
    /// The login server as private networks resolve it.
    PrivateLink(Acr),
    /// The cloud of Germany.
    Germany,
    /// Microsoft's own public registry.
    Microsoft,
    /// Any other form that only looks like one.
    Form,
}

impl Acr {
    /// The login server of all regions.
    pub(crate) fn login_server(&self) -> String {
        format!("{}.{}", self.name, self.domain)
    }
}

/// Parses a host, lower case and without port.
pub(crate) fn parse(host: &str) -> Result<Host, HostError> {
    if is_within(host, "mcr.microsoft.com") || host.ends_with(".cdn.mscr.io") {
        return Err(HostError::Microsoft);
    }
    if is_within(host, "azurecr.de") {
        return Err(HostError::Germany);
    }
    let of_domain = |domain: &'static str| Some((host.strip_suffix(domain)?.strip_suffix('.')?, domain));
    let Some((rest, domain)) = CLOUDS.iter().find_map(|cloud| of_domain(cloud.domain)) else {
        return match looks_like_azure(host) {
            true if is_of_own_cloud(host) => Ok(Host::OwnCloud),
            true => Err(HostError::Form),
            false => Ok(Host::Other),
        };
    };
    let labels: Vec<&str> = rest.split('.').collect();
    match *labels.as_slice() {
        [name] => login_server(name, domain).map(Host::Acr),
        [name, region, "geo"] if is_region(region) => login_server(name, domain).map(Host::Acr),
        [name, region, "data"] if is_region(region) => Err(HostError::Data(login_server(name, domain)?)),
        [name, "privatelink"] => Err(HostError::PrivateLink(login_server(name, domain)?)),
        [name, _, "data", "privatelink"] => Err(HostError::Data(login_server(name, domain)?)),
        _ => Err(HostError::Form),
    }
}

fn login_server(name: &str, domain: &'static str) -> Result<Acr, HostError> {
    let (own, hash) = name.split_once('-').map_or((name, None), |(own, hash)| (own, Some(hash)));
    // Words have no digits; every hash that was seen so far has some, and has one length.
    let is_hash = |hash: &str| is_alphanumeric(hash) && (hash.len() == HASH || hash.len() >= 6 && has_digit(hash));
    match hash {
        Some(hash) if !is_hash(hash) => Err(HostError::Dash(name.to_owned())),
        _ if !is_name(own) => Err(HostError::Name(own.to_owned())),
        _ => Ok(Acr { name: name.to_owned(), domain, odd_hash: hash.is_some_and(|hash| hash.len() != HASH) }),
    }
}

/// Whether a text can be the name of a registry, without hash.
pub(crate) fn is_name(text: &str) -> bool {
    NAME.contains(&text.len()) && is_alphanumeric(text)
}

fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a text has the form of a region, e.g. `westeurope` or `eastus2`; the list changes too often to have it here.
fn is_region(text: &str) -> bool {
    text.len() >= 3 && is_alphanumeric(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether a host is `<name>.azurecr.<domain>` with a domain that can't be a slip of a known cloud's: it has two
/// labels or more, and does not begin as a cloud's ends.
fn is_of_own_cloud(host: &str) -> bool {
    let Some((name, domain)) = host.split_once(".azurecr.") else { return false };
    let first = domain.split('.').next().unwrap_or_default();
    let ends = CLOUDS.iter().filter_map(|cloud| cloud.domain.rsplit('.').next());
    let is_slip = ["com", "co", "net", "org", "de"].into_iter().chain(ends).any(|end| end == first);
    domain.contains('.') && !is_slip && login_server(name, "").is_ok()
}

/// Whether a host could be taken for one of Azure's; such a host has to have the exact form of one.
fn looks_like_azure(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels.len().checked_sub(2).and_then(|at| labels.get(at)).copied().unwrap_or_default();
    // `azure` itself is two letters away; a host of the user's own may well have it as an earlier label.
    host.contains("azurecr") || host.ends_with(".acr.io") || distance(second, "azurecr") <= 2
}

/// The login server that was probably meant by a host in another form; `None` if it can't be derived.
pub(crate) fn meant(host: &str) -> Option<String> {
    let (first, rest) = host.split_once('.')?;
    let name: String = first.chars().filter(char::is_ascii_alphanumeric).collect();
    // Pages of the portal, and hosts that begin with the domain, say nothing about the name.
    if !is_name(&name) || name.contains("azure") || rest == "azure.com" {
        return None;
    }
    // Those of partners have more labels, and are not what a slip of the country means.
    let country =
        |domain: &str| domain.matches('.').count() == 1 && domain.rsplit('.').next() == rest.rsplit('.').next();
    let begins = CLOUDS.iter().find(|cloud| rest.starts_with(cloud.domain));
    let domain = begins.or_else(|| CLOUDS.iter().find(|cloud| country(cloud.domain))).map(|cloud| cloud.domain);
    Some(format!("{name}.{}", domain.unwrap_or("azurecr.io")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_apart() {
        let acr = |name: &str, domain: &'static str| Acr { name: name.into(), domain, odd_hash: false };
        for (host, expected) in [
            ("contoso.azurecr.io", acr("contoso", "azurecr.io")),
            ("contoso.eastus2.geo.azurecr.us", acr("contoso", "azurecr.us")),
            ("contoso.azurecr.sovcloud-azure.fr", acr("contoso", "azurecr.sovcloud-azure.fr")),
            ("contoso.francecentral.geo.azurecr.sovcloud-azure.fr", acr("contoso", "azurecr.sovcloud-azure.fr")),
            ("contoso.azurecr.microsoft.scloud", acr("contoso", "azurecr.microsoft.scloud")),
            ("contoso-e7ggejfuhzhgedc8.azurecr.cn", acr("contoso-e7ggejfuhzhgedc8", "azurecr.cn")),
        ] {
            assert_eq!(parse(host), Ok(Host::Acr(expected)), "{host}");
        }
        assert!(matches!(parse("contoso-abc123.azurecr.io"), Ok(Host::Acr(Acr { odd_hash: true, .. }))));
        assert_eq!(parse("contoso.azurecr.cloud.example"), Ok(Host::OwnCloud));
        for host in
            ["localhost", "registry.example.com", "azure.example.com", "registry.azure.example.com", "127.0.0.1"]
        {
            assert_eq!(parse(host), Ok(Host::Other), "{host}");
        }
    }
}
