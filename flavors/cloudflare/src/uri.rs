//! URIs of Cloudflare's registry.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry's host.
pub(crate) const HOST: &str = "registry.cloudflare.com";
/// The host of the registry for accounts under FedRAMP High (cloudflare/workers-sdk, `containers-shared`, `knobs.ts`).
pub(crate) const FEDRAMP: &str = "registry.fed.cloudflare.com";
/// The account of Cloudflare's own documentation.
pub(crate) const EXAMPLE_ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// Cloudflare runs one registry, and another one for the government of the United States, with a part for each
/// account; a host may stand in front of it.
pub(crate) const RULES: Rules = Rules {
    flavor: "cloudflare",
    example: "registry.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353",
    no_host: |path| format!("write `{HOST}/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| PUBLIC.refuse(uri.host())),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: HOST,
    owner: "Cloudflare",
    is_mistaken: |host| host.split('.').any(|label| label.contains("cloudflare")) || is_one_slip_from(host, HOST),
    meant: |uri| {
        let path = uri.path();
        let account = path.iter().find(|part| is_account(part)).copied();
        format!("{HOST}/{}", account.unwrap_or("<account id>"))
    },
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    if uri.host() == FEDRAMP {
        return check_account(uri).and_then(|()| Ok(AcceptedUri::new(uri.without_port("Cloudflare")?.to_string())));
    }
    PUBLIC.accept(uri, check_account)
}

/// The registry that issues its credentials: the one of a URI, or Cloudflare's usual one behind any other host.
pub(crate) fn domain(uri: &str) -> &'static str {
    if uri.split('/').next() == Some(FEDRAMP) { FEDRAMP } else { HOST }
}

/// The account of a registry's canonical URI.
pub(crate) fn account(uri: &str) -> Result<&str, Failure> {
    uri.split('/').nth(1).filter(|part| is_account(part)).ok_or_else(|| {
        Failure::invalid_input(format!("registry `{uri}` names no account, expected `{HOST}/<account id>`"))
            .hint("register the registry again, with the account's id in its URI")
    })
}

fn check_account(uri: &RegistryUri) -> Result<(), Failure> {
    let host = uri.authority();
    let wrong = match uri.path().first() {
        Some(account) if is_account(account) => return Ok(()),
        Some(account) => format!("`{account}` is not the id of a Cloudflare account, expected 32 hexadecimal digits"),
        None => format!("`{uri}` names no account, expected `{host}/<account id>`"),
    };
    Err(Failure::invalid_input(wrong).hint(format!(
        "write e.g. `{host}/{EXAMPLE_ACCOUNT}`; `wrangler whoami` and the dashboard's address show the id, and \
         jobs often have it in `$CLOUDFLARE_ACCOUNT_ID`"
    )))
}

fn is_account(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
