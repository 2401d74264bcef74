//! Registries that are known by their hosts, and the flavor for each: the one table of all flavors.

use super::near::{has_domain_inside, is_one_slip_from, is_within, last_labels};

/// How a host is recognised.
#[derive(Clone, Copy, Debug)]
enum Host {
    /// By its domain: the host itself, or a name below it.
    Domain(&'static str),
    /// By a part of its name, where the domain has other machines, too.
    Part(&'static str),
    /// By its beginning and its domain, where the domain has other machines, too.
    Within(&'static str, &'static str),
    /// By its domain, which has a number between these two.
    Numbered(&'static str, &'static str),
}

use Host::{Domain, Numbered, Part, Within};

/// Registries, and the flavors that push there.
const REGISTRIES: &[(Host, &str)] = &[
    (Domain("docker.io"), "dockerhub"),
    (Domain("registry.hub.docker.com"), "dockerhub"),
    (Domain("quay.io"), "quay"),
    (Domain("ghcr.io"), "github"),
    (Domain("ghe.com"), "github"),
    (Domain("registry.gitlab.com"), "gitlab"),
    (Domain("gcr.io"), "gcp"),
    (Domain("pkg.dev"), "gcp"),
    // AWS runs machines of its customers below its domains, so that only the names of ECR count.
    (Part(".dkr.ecr."), "aws"),
    (Part(".dkr.ecr-fips."), "aws"),
    (Part(".dkr-ecr."), "aws"),
    (Part(".dkr-ecr-fips."), "aws"),
    (Domain("ecr.aws"), "aws"),
    (Domain("ecr-public.aws.com"), "aws"),
    (Domain("on.aws"), "aws"),
    (Domain("azurecr.io"), "azure"),
    (Domain("azurecr.cn"), "azure"),
    (Domain("azurecr.us"), "azure"),
    (Domain("azurecr.de"), "azure"),
    (Domain("azurecr.sovcloud-azure.fr"), "azure"),
    (Domain("azurecr.sovcloud-azure.de"), "azure"),
    (Domain("azurecr.eaglex.ic.gov"), "azure"),
    (Domain("azurecr.microsoft.scloud"), "azure"),
    (Domain("registry.digitalocean.com"), "digitalocean"),
    (Domain("registry.cloudflare.com"), "cloudflare"),
    (Domain("registry.fed.cloudflare.com"), "cloudflare"),
    (Domain("docker.cloudsmith.io"), "cloudsmith"),
    (Domain("codeberg.org"), "gitea"),
    (Domain("gitea.com"), "gitea"),
    (Domain("jfrog.io"), "jfrog"),
    (Domain("icr.io"), "ibm"),
    // Customers have buckets and load balancers below `aliyuncs.com`.
    (Domain("cr.aliyuncs.com"), "alibaba"),
    (Within("registry", "aliyuncs.com"), "alibaba"),
    (Domain("tencentcloudcr.com"), "tencent"),
    (Domain("ccs.tencentyun.com"), "tencent"),
    (Within("swr.", "myhuaweicloud.com"), "huawei"),
    (Within("swr.", "myhuaweicloud.eu"), "huawei"),
    (Domain("ocir.io"), "oracle"),
    (Domain("oci.oraclecloud.com"), "oracle"),
    // One letter from the one above, and no slip: realms have numbers, from `oraclecloud8.com` to `oraclecloud52.com`
    // and on (oci 2.189.0, `regions_definitions.py`).
    (Numbered("oci.oraclecloud", ".com"), "oracle"),
    (Domain("oci.oraclecloud.eu"), "oracle"),
    (Domain("oci.oraclegovcloud.com"), "oracle"),
    (Domain("oci.oraclegovcloud.uk"), "oracle"),
];

/// Web sites of the same providers, whose addresses users copy from the browser. Their flavors name the registry.
const SITES: &[(Host, &str)] =
    &[(Domain("docker.com"), "dockerhub"), (Domain("github.com"), "github"), (Domain("gitlab.com"), "gitlab")];

/// The flavor for a host, lower case and without port; `None` for a host that any kind of registry may have.
pub fn flavor_of(host: &str) -> Option<&'static str> {
    find(REGISTRIES, host).or_else(|| find(SITES, host))
}

/// Whether a host is a registry that is known, and not only a web site of the same provider.
pub(super) fn is_registry(host: &str) -> bool {
    find(REGISTRIES, host).is_some()
}

/// A host that is made to look like one of a flavor's, or that was mistyped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct LookAlike {
    /// The domain of the flavor's that it resembles.
    pub(super) domain: &'static str,
    /// The host that was probably meant.
    pub(super) meant: String,
}

/// Whether a host resembles a domain of a flavor's without being within one: the domain stands inside of it
/// (`quay.io.evil.example`), or, where `mistyped` counts, at its end with one letter wrong
/// (`containers.acme.ghe.co`). `default` takes every host, also those that other registries have.
pub(super) fn look_alike(flavor: &str, host: &str, mistyped: bool) -> Option<LookAlike> {
    let own = REGISTRIES.iter().chain(SITES).filter(|(_, of)| *of == flavor && flavor != "default");
    let domains = || {
        own.clone().filter_map(|(known, _)| match known {
            Domain(domain) | Within(_, domain) => Some(*domain),
            Part(_) | Numbered(..) => None,
        })
    };
    if domains().any(|domain| is_within(host, domain)) || own.clone().any(|(known, _)| is_of(known, host)) {
        return None;
    }
    // The longest one says most: `registry.gitlab.com` before `gitlab.com`.
    let inside = domains().filter(|domain| has_domain_inside(host, domain)).max_by_key(|domain| domain.len());
    if let Some(domain) = inside {
        let before = format!(".{host}").split_once(&format!(".{domain}.")).map(|(before, _)| before.to_owned());
        let before = before.unwrap_or_default();
        let meant = format!("{before}.{domain}").trim_start_matches('.').to_owned();
        return Some(LookAlike { domain, meant });
    }
    domains().filter(|_| mistyped).find_map(|domain| {
        let end = last_labels(host, domain.split('.').count());
        let meant = format!("{}{domain}", host.strip_suffix(end)?);
        is_slip_of(end, domain).then_some(LookAlike { domain, meant })
    })
}

/// Whether a text is a domain with one letter wrong. One letter makes a short name into another one that exists, e.g.
/// `ge.com`: there only the end may be wrong.
fn is_slip_of(text: &str, domain: &str) -> bool {
    const SHORT: usize = 5;
    let first = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
    is_one_slip_from(text, domain) && (first(domain).len() >= SHORT || first(text) == first(domain))
}

fn find(table: &[(Host, &'static str)], host: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| is_of(known, host)).map(|(_, flavor)| *flavor)
}

/// Whether a host is one of those that are known so.
fn is_of(known: &Host, host: &str) -> bool {
    match known {
        Domain(domain) => is_within(host, domain),
        Part(part) => host.contains(part),
        Within(beginning, domain) => host.starts_with(beginning) && is_within(host, domain),
        Numbered(before, after) => {
            let numbered = host.strip_suffix(after).unwrap_or_default();
            let rest = numbered.trim_end_matches(|char: char| char.is_ascii_digit());
            (1..=3).contains(&(numbered.len() - rest.len())) && is_within(rest, before)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registry_that_is_known_has_its_flavor_under_all_of_its_hosts() {
        for (host, flavor) in [
            ("docker.io", "dockerhub"),
            ("index.docker.io", "dockerhub"),
            ("registry-1.docker.io", "dockerhub"),
            ("registry.hub.docker.com", "dockerhub"),
            ("hub.docker.com", "dockerhub"),
            ("quay.io", "quay"),
            ("ghcr.io", "github"),
            ("containers.acme.ghe.com", "github"),
            ("docker.pkg.github.com", "github"),
            ("registry.gitlab.com", "gitlab"),
            ("gitlab.com", "gitlab"),
            ("eu.gcr.io", "gcp"),
            ("europe-west1-docker.pkg.dev", "gcp"),
            ("docker.us-east4.rep.pkg.dev", "gcp"),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "aws"),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "aws"),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "aws"),
            ("123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "aws"),
            ("123456789012.dkr-ecr.us-west-2.on.aws", "aws"),
            ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "aws"),
            ("public.ecr.aws", "aws"),
            ("ecr-public.aws.com", "aws"),
            ("contoso.azurecr.io", "azure"),
            ("contoso.azurecr.cn", "azure"),
            ("contoso.azurecr.us", "azure"),
            ("contoso.azurecr.sovcloud-azure.fr", "azure"),
            ("contoso.azurecr.eaglex.ic.gov", "azure"),
            ("registry.digitalocean.com", "digitalocean"),
            ("registry.cloudflare.com", "cloudflare"),
            ("registry.fed.cloudflare.com", "cloudflare"),
            ("docker.cloudsmith.io", "cloudsmith"),
            ("codeberg.org", "gitea"),
            ("gitea.com", "gitea"),
            ("acme.jfrog.io", "jfrog"),
            ("us.icr.io", "ibm"),
            ("acme.tencentcloudcr.com", "tencent"),
            ("hkccr.ccs.tencentyun.com", "tencent"),
            ("swr.cn-north-4.myhuaweicloud.com", "huawei"),
            ("acme-registry.cn-hangzhou.cr.aliyuncs.com", "alibaba"),
            ("registry-vpc.cn-hangzhou.aliyuncs.com", "alibaba"),
            ("fra.ocir.io", "oracle"),
            ("ocir.us-ashburn-1.oci.oraclecloud.com", "oracle"),
            ("ocir.ap-chiyoda-1.oci.oraclecloud8.com", "oracle"),
            ("ocir.eu-dcc-dublin-1.oci.oraclecloud14.com", "oracle"),
        ] {
            assert_eq!(flavor_of(host), Some(flavor), "{host}");
        }
    }

    #[test]
    fn a_host_of_one_s_own_is_not_known_wherever_it_runs() {
        for host in [
            "localhost",
            "127.0.0.1",
            "[::1]",
            "registry.example.com",
            "host.docker.internal",
            "docker.elastic.co",
            "notquay.io",
            "quay.io.example.com",
            "ec2-3-120-1-1.eu-central-1.compute.amazonaws.com",
            "my-elb.eu-west-1.elb.amazonaws.com",
            "harbor.azurewebsites.net",
            "acme.oss-cn-hangzhou.aliyuncs.com",
            "ocir.x.oci.oraclecloud1234.com",
            "ocir.x.oci.oraclecloud14.com.example",
            "ocir.x.notoci.oraclecloud14.com",
        ] {
            assert_eq!(flavor_of(host), None, "{host}");
        }
    }

    #[test]
    fn a_host_that_resembles_a_flavor_s_own_is_told_from_one_that_is_and_from_any_other() {
        let of = |flavor, host, mistyped| look_alike(flavor, host, mistyped).map(|found| (found.domain, found.meant));
        for (flavor, host, domain, meant) in [
            ("github", "containers.acme.ghe.com.evil.com", "ghe.com", "containers.acme.ghe.com"),
            ("github", "containers.github.com.evil.com", "github.com", "containers.github.com"),
            ("dockerhub", "docker.io.evil.com", "docker.io", "docker.io"),
            ("dockerhub", "index.docker.io.evil.com", "docker.io", "index.docker.io"),
            ("gitlab", "registry.gitlab.com.evil.com", "registry.gitlab.com", "registry.gitlab.com"),
            ("azure", "contoso.azurecr.io.evil.com", "azurecr.io", "contoso.azurecr.io"),
        ] {
            assert_eq!(of(flavor, host, false), Some((domain, meant.to_owned())), "{host}");
        }
        for (flavor, host, meant) in [
            ("github", "containers.gihub.com", "containers.github.com"),
            ("github", "containers.acme.ghe.co", "containers.acme.ghe.com"),
            ("quay", "quay.i", "quay.io"),
        ] {
            assert_eq!(of(flavor, host, false), None, "{host}");
            assert_eq!(of(flavor, host, true).map(|(_, meant)| meant).as_deref(), Some(meant), "{host}");
        }
        for (flavor, host) in [
            ("github", "ghcr.io"),
            ("github", "containers.github.example.com"),
            ("github", "containers.github.ge.com"),
            ("github", "docker.io.mirror.example.com"),
            ("quay", "registry.quay.io"),
            ("default", "us.icr.io.mirror.example.com"),
            ("dockerhub", "notdocker.io"),
            ("github", "localhost"),
        ] {
            assert_eq!(of(flavor, host, true), None, "{host}");
        }
    }
}
