//! URIs of Cloudsmith's registry: `docker.cloudsmith.io/<organization>/<repository>/…`, or a domain of one's own, which
//! leaves parts of that out (cloudsmith-cli, `credential_helpers/default_domains.py` and `custom_domains.py`).

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure, Image};

/// The registry's host.
pub(crate) const HOST: &str = "docker.cloudsmith.io";

/// The domains of Cloudsmith's other services.
const DOMAINS: [&str; 2] = ["cloudsmith.io", "cloudsmith.com"];

/// Cloudsmith's registry, or a domain of a customer's.
pub(crate) const RULES: Rules = Rules {
    flavor: "cloudsmith",
    example: "docker.cloudsmith.io/acme/images",
    no_host: |path| format!("write `{HOST}/{path}`"),
    lower_case: ": names of organizations and repositories have none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not Cloudsmith's registry", uri.host()))),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: HOST,
    owner: "Cloudsmith",
    is_mistaken: |host| {
        DOMAINS.iter().any(|domain| is_within(host, domain)) && host != HOST || is_one_slip_from(host, HOST)
    },
    meant: |uri| uri.on_host(HOST).to_string(),
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let public = PUBLIC.canonical(uri)?;
    let canonical = public.as_ref().unwrap_or(uri);
    for slug in canonical.path().iter().take(2) {
        check_slug(slug, "an organization or a repository")?;
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match (&public, canonical.path().is_empty()) {
        (Some(_), true) => accepted.warning("without an organization it stands for all of Cloudsmith"),
        (Some(_), false) => accepted,
        (None, _) => accepted
            .warning(format!("`{}` is not Cloudsmith's own; it is taken for a domain of yours there", uri.host())),
    })
}

/// Checks a part of a URL of Cloudsmith's.
pub(crate) fn check_slug(slug: &str, what: &str) -> Result<(), Failure> {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    if !slug.is_empty() && slug.bytes().all(inside) && !slug.starts_with('.') {
        return Ok(());
    }
    Err(Failure::invalid_input(format!("`{slug}` is not {what} of Cloudsmith"))
        .hint("write it as its URL at `https://app.cloudsmith.com` has it, in lower case"))
}

/// The organization and the repository of an image.
pub(crate) fn place(image: &Image) -> Result<(&str, &str), Failure> {
    let Image { host, repository, .. } = image;
    match repository.split('/').collect::<Vec<_>>().as_slice() {
        [owner, name, _, ..] => Ok((owner, name)),
        _ => Err(Failure::invalid_input(format!(
            "image path `{repository}` does not fit Cloudsmith, expected `organization/repository/image`"
        ))
        .hint(format!("name the image e.g. `{host}/<organization>/<repository>/train`"))),
    }
}
