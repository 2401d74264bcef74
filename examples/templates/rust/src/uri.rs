//! URIs of the registry. The SDK's rules do what is the same for all flavors.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, has_domain_inside, is_one_slip_from};
use crhost_flavor::{AcceptedUri, Failure};

pub(crate) const HOST: &str = "my-registry.example";
pub(crate) const EXAMPLE: &str = "my-registry.example/team";

pub(crate) const RULES: Rules = Rules {
    flavor: "my-registry",
    example: EXAMPLE,
    no_host: |path| format!("write `{HOST}/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| PUBLIC.refuse(uri.host())),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: HOST,
    owner: "my-registry",
    is_mistaken: |host| has_domain_inside(host, HOST) || host.starts_with("my-registry.") || is_one_slip_from(host, HOST),
    meant: |uri| uri.on_host(HOST).to_string(),
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let accepted = match PUBLIC.canonical(uri)? {
        Some(canonical) => AcceptedUri::new(canonical.to_string()),
        None if matches!(uri.host(), "localhost" | "127.0.0.1") && uri.port().is_some() => {
            let warning = format!("`{}` is taken for a registry of this kind, for development", uri.authority());
            AcceptedUri::new(uri.to_string()).warning(warning)
        }
        None => return Err(PUBLIC.refuse(uri.host()).hint(format!("write e.g. `{EXAMPLE}`"))),
    };
    if uri.path().is_empty() {
        return Err(Failure::invalid_input(format!("`{uri}` names no team"))
            .hint(format!("write e.g. `{}/team`", accepted.uri)));
    }
    Ok(accepted)
}
