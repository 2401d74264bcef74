//! URIs of GitHub's registries.

use crhost_flavor::uri::{Error, RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

use crate::hosts::{self, GHCR, Kind};

/// Longest name of an account.
const MAX_OWNER: usize = 39;

/// GitHub has registries on three kinds of hosts; another host may stand in front of one.
const RULES: Rules = Rules {
    flavor: "github",
    example: "ghcr.io/acme",
    no_host: |path| format!("write `{GHCR}/{path}`"),
    // GitHub's accounts have upper-case letters, its packages do not.
    lower_case: ": the registry knows accounts in lower case",
    not_ours: Some(|uri| match uri.host() {
        "gcr.io" => refused("gcr.io")
            .hint(format!("did you mean `{}`? `gcr.io` is Google's, with the flavor `gcp`", uri.on_host(GHCR))),
        host => refused(host),
    }),
    grammar,
};

/// Accepts a registry. Upper-case letters become lower-case ones: GitHub's accounts have them, the names of its
/// packages do not, and workflows write `ghcr.io/${{ github.repository_owner }}`.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    if let Err(Error::UpperCase(_)) = RegistryUri::parse(text)
        && let Ok(accepted) = RULES.accept(&text.to_ascii_lowercase())
    {
        let lower = accepted.uri.clone();
        return Ok(accepted.warning(format!("taken for `{lower}`: the registry knows accounts in lower case")));
    }
    RULES.accept(text)
}

fn refused(host: &str) -> Failure {
    Failure::invalid_input(format!("host `{host}` is not GitHub's registry, expected `{GHCR}`"))
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let host = uri.host();
    match hosts::kind(host) {
        Kind::Registry => accept_github(uri),
        Kind::EnterpriseServer => accept_github(uri).map(|accepted| {
            let server = hosts::api_of_server(host).unwrap_or_default();
            accepted.warning(format!(
                "`{host}` is taken for the registry of an Enterprise Server; the option `api-endpoint`, e.g. `{server}`, \
                 has packages looked up there"
            ))
        }),
        Kind::Retired => Err(Failure::invalid_input(format!("`{host}` takes no images any more, expected `{GHCR}`"))
            .hint(format!("write `{GHCR}/{}`", owner_in(uri)))),
        Kind::WebSite => {
            Err(Failure::invalid_input(format!("`{uri}` is a web page of GitHub, expected `{GHCR}/<owner>`"))
                .hint(format!("write `{GHCR}/{}`", owner_in(uri))))
        }
        Kind::NearMiss => {
            Err(refused(host).hint(format!("did you mean `{}`? If not, use the flavor `default`", uri.on_host(GHCR))))
        }
        Kind::Unknown => {
            if let Some(owner) = uri.path().first() {
                check_owner(owner, host)?;
            }
            Ok(AcceptedUri::new(uri.to_string()).warning(format!(
                "`{host}` is not GitHub's own `{GHCR}`; it is taken for a host that stands in front of a registry of \
                 GitHub"
            )))
        }
    }
}

/// Checks the name of an account. Accounts that an enterprise manages have an underscore.
pub(crate) fn check_owner(owner: &str, host: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if (1..=MAX_OWNER).contains(&owner.len()) && owner.chars().all(allowed) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{owner}` is not the name of an account of GitHub, expected 1 to {MAX_OWNER} lower-case letters, digits, `-` or \
         `_`"
    ))
    .hint(format!("write the account's name as in its address on GitHub, e.g. `{host}/acme`")))
}

fn accept_github(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let is_public = uri.host() == GHCR || uri.host().ends_with(".ghe.com");
    // An Enterprise Server may have any port.
    let canonical = match uri.port() {
        Some(443) => uri.on_host(uri.host()),
        Some(_) if !is_public => uri.clone(),
        _ => uri.without_port(&format!("`{}`", uri.host()))?,
    };
    let accepted = AcceptedUri::new(canonical.to_string());
    match uri.path().first() {
        Some(owner) => check_owner(owner, uri.host()).map(|()| accepted),
        None => Ok(accepted.warning(format!(
            "`{canonical}` stands for every account of GitHub; `{canonical}/<owner>` stands for yours alone"
        ))),
    }
}

/// The account in the address of a page.
fn owner_in(uri: &RegistryUri) -> String {
    match uri.path().as_slice() {
        ["orgs" | "users", owner, ..] | [owner, ..] => (*owner).to_owned(),
        [] => "<owner>".to_owned(),
    }
}
