//! The hosts of Azure Container Registry.

use crate::cloud::CLOUDS;

/// Characters of a registry's name (`az acr create`).
pub(crate) const NAME: std::ops::RangeInclusive<usize> = 5..=50;

/// Characters of the hash behind the name of a registry whose domain name is made so that nobody else can take it over.
const HASH: usize = 16;

/// What a registry's host is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// A login server, everywhere or in one region.
    Acr(Acr),
    /// No host of Azure's: a proxy, a name of one's own, an emulator.
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

/// Why a host that was meant as Azure's is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wrong {
    /// No name of a registry can be like this.
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
    /// Something else; the whole host only looks like one.
    Form,
}

impl Acr {
    /// The login server that answers from wherever it is best.
    pub(crate) fn login_server(&self) -> String {
        format!("{}.{}", self.name, self.domain)
    }
}

/// Says what a host is, lower case and without port.
pub(crate) fn parse(host: &str) -> Result<Host, Wrong> {
    if host == "mcr.microsoft.com" || host.ends_with(".mcr.microsoft.com") || host.ends_with(".cdn.mscr.io") {
        return Err(Wrong::Microsoft);
    }
    if host == "azurecr.de" || host.ends_with(".azurecr.de") {
        return Err(Wrong::Germany);
    }
    let of_domain = |domain: &'static str| Some((host.strip_suffix(domain)?.strip_suffix('.')?, domain));
    let Some((rest, domain)) = CLOUDS.iter().find_map(|cloud| of_domain(cloud.domain)) else {
        return if looks_like_azure(host) { Err(Wrong::Form) } else { Ok(Host::Other) };
    };
    let labels: Vec<&str> = rest.split('.').collect();
    match *labels.as_slice() {
        [name] => login_server(name, domain).map(Host::Acr),
        [name, region, "geo"] if is_region(region) => login_server(name, domain).map(Host::Acr),
        [name, region, "data"] if is_region(region) => Err(Wrong::Data(login_server(name, domain)?)),
        [name, "privatelink"] => Err(Wrong::PrivateLink(login_server(name, domain)?)),
        [name, _, "data", "privatelink"] => Err(Wrong::Data(login_server(name, domain)?)),
        _ => Err(Wrong::Form),
    }
}

fn login_server(name: &str, domain: &'static str) -> Result<Acr, Wrong> {
    let (own, hash) = name.split_once('-').map_or((name, None), |(own, hash)| (own, Some(hash)));
    // Words have no digits; so far, every hash that was seen has some, and is of one length.
    let is_hash = |hash: &str| is_alphanumeric(hash) && (hash.len() == HASH || hash.len() >= 6 && has_digit(hash));
    match hash {
        Some(hash) if !is_hash(hash) => Err(Wrong::Dash(name.to_owned())),
        _ if !is_name(own) => Err(Wrong::Name(own.to_owned())),
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

/// E.g. `westeurope`, `eastus2`: which there are changes too often to know them all.
fn is_region(text: &str) -> bool {
    text.len() >= 3 && is_alphanumeric(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether a host could be taken for one of Azure's: it may only be one in the exact form.
fn looks_like_azure(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels.len().checked_sub(2).and_then(|at| labels.get(at)).copied().unwrap_or_default();
    // `azure` itself is two letters away; names of one's own may well have it further in front.
    host.contains("azurecr") || host.ends_with(".acr.io") || distance(second, "azurecr") <= 2
}

/// How many letters have to be added, left out or changed to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut before = at;
        let mut left = at + 1;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            let changed = before + usize::from(a != *b);
            left = changed.min(left + 1).min(above + 1);
            next.push(left);
            before = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The login server that was meant by a host in no form of Azure's, where it can be made out.
pub(crate) fn meant(host: &str) -> Option<String> {
    let (first, rest) = host.split_once('.')?;
    let name: String = first.chars().filter(char::is_ascii_alphanumeric).collect();
    // Pages of the portal, and hosts that begin with the domain, say nothing about the name.
    if !is_name(&name) || name.contains("azure") || rest == "azure.com" {
        return None;
    }
    let country = |domain: &str| domain.rsplit('.').next() == rest.rsplit('.').next();
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
            ("contoso-e7ggejfuhzhgedc8.azurecr.cn", acr("contoso-e7ggejfuhzhgedc8", "azurecr.cn")),
        ] {
            assert_eq!(parse(host), Ok(Host::Acr(expected)), "{host}");
        }
        assert!(matches!(parse("contoso-abc123.azurecr.io"), Ok(Host::Acr(Acr { odd_hash: true, .. }))));
        for host in
            ["localhost", "registry.example.com", "azure.example.com", "registry.azure.example.com", "127.0.0.1"]
        {
            assert_eq!(parse(host), Ok(Host::Other), "{host}");
        }
    }

    #[test]
    fn the_distance_of_words_is_counted_in_letters() {
        for (one, other, expected) in [
            ("azurecr", "azurecr", 0),
            ("azurcr", "azurecr", 1),
            ("azuercr", "azurecr", 2),
            ("azure", "azurecr", 2),
            ("", "ab", 2),
            ("docker", "azurecr", 5),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
