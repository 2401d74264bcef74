//! URIs of Artifactory's Docker repositories
//! (<https://jfrog.com/help/r/jfrog-artifactory-documentation/docker-repositories>): `host/<repository>/…` by path, and
//! hosts or ports that stand for one repository, whose name the option `repository` tells.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The domain of JFrog's cloud, below which each customer has a host.
pub(crate) const CLOUD: &str = "jfrog.io";

/// Artifactory runs on any host that is not known to be of another kind.
pub(crate) const RULES: Rules = Rules {
    flavor: "jfrog",
    example: "acme.jfrog.io/docker-local",
    no_host: |path| format!("write `acme.jfrog.io/{path}`, with your own host"),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no Artifactory", uri.host()))),
    grammar,
};

/// JFrog's web site, and its cloud's domain without a customer.
const SITE: PublicHost = PublicHost {
    host: "acme.jfrog.io",
    owner: "a customer of JFrog",
    is_mistaken: |host| {
        let end = host.split_once('.').map_or(host, |(_, end)| end);
        host == CLOUD
            || ["www.jfrog.io", "my.jfrog.io"].contains(&host)
            || is_within(host, "jfrog.com")
            || (!is_within(host, CLOUD) && has_domain_inside(host, CLOUD))
            || is_one_slip_from(end, CLOUD)
            || is_one_slip_from(host, CLOUD)
    },
    meant: |uri| {
        let customer = uri.host().split('.').next().filter(|label| !["www", "my", "jfrog"].contains(label));
        uri.on_host(&format!("{}.{CLOUD}", customer.unwrap_or("acme"))).to_string()
    },
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    if (SITE.is_mistaken)(uri.host()) {
        let message = format!("host `{}` is not one of JFrog's cloud, expected `<customer>.{CLOUD}`", uri.host());
        let hint = format!("did you mean `{}`? If not, use the flavor `default`", (SITE.meant)(uri));
        return Err(Failure::invalid_input(message).hint(hint));
    }
    let in_cloud = is_within(uri.host(), CLOUD);
    let canonical = match in_cloud {
        true => uri.without_port("JFrog's cloud")?,
        false => uri.clone(),
    };
    refuse_page(&canonical)?;
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match canonical.path().is_empty() && in_cloud {
        true => accepted.warning(format!(
            "without a repository it stands for all of them, unless `{}` is the host of one repository",
            uri.host()
        )),
        false => accepted,
    })
}

/// Refuses addresses of the web interface and of the API, which users copy.
fn refuse_page(uri: &RegistryUri) -> Result<(), Failure> {
    let path = uri.path();
    let rest = match path.as_slice() {
        ["artifactory", "api", "docker", rest @ ..] | ["artifactory" | "ui", rest @ ..] => rest,
        _ => return Ok(()),
    };
    let repository = rest.first().filter(|part| !["api", "webapp", "repos", "native", "packages"].contains(part));
    Err(Failure::invalid_input(format!("`{uri}` is a page of Artifactory, expected its registry")).hint(format!(
        "write `{}/{}`",
        uri.authority(),
        repository.unwrap_or(&"<repository>")
    )))
}
