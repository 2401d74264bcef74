//! Registries that are known by their hosts, and the flavor for each: the one table of all flavors.

use super::near::is_within;

/// How a host is recognised.
#[derive(Clone, Copy, Debug)]
enum Host {
    /// By its domain: the host itself, or a name below it.
    Domain(&'static str),
    /// By a part of its name, where the domain has other machines, too.
    Part(&'static str),
    /// By its beginning and its domain, where the domain has other machines, too.
    Within(&'static str, &'static str),
}

use Host::{Domain, Part, Within};

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
    (Domain("registry.digitalocean.com"), "digitalocean"),
    (Domain("registry.cloudflare.com"), "cloudflare"),
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

fn find(table: &[(Host, &'static str)], host: &str) -> Option<&'static str> {
    let matches = |known: &Host| match known {
        Domain(domain) => is_within(host, domain),
        Part(part) => host.contains(part),
        Within(beginning, domain) => host.starts_with(beginning) && is_within(host, domain),
    };
    table.iter().find(|(known, _)| matches(known)).map(|(_, flavor)| *flavor)
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
            ("registry.digitalocean.com", "digitalocean"),
            ("registry.cloudflare.com", "cloudflare"),
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
        ] {
            assert_eq!(flavor_of(host), None, "{host}");
        }
    }
}
