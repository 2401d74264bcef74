//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

use crate::hosts::{self, GHCR, Kind};

/// Longest name of an account.
const MAX_OWNER: usize = 39;

/// Accepts GitHub's registries, and with a warning a host that may stand in front of one.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            let hint = format!("write `{GHCR}/{path}`");
            return Err(Failure::from(Error::NoHost(path)).hint(hint));
        }
        // GitHub's accounts have upper-case letters, its packages do not.
        Err(Error::UpperCase(part)) => {
            return Err(match accept(&text.to_ascii_lowercase()) {
                Ok(accepted) => {
                    let hint = format!("write `{}`: the registry knows accounts in lower case", accepted.uri);
                    Failure::from(Error::UpperCase(part)).hint(hint)
                }
                Err(failure) => failure,
            });
        }
        parsed => parsed?,
    };
    let host = uri.host();
    let refused = || Failure::invalid_input(format!("host `{host}` is not GitHub's registry, expected `{GHCR}`"));
    match hosts::kind(host) {
        Kind::Registry => accept_github(&uri),
        Kind::Retired => Err(Failure::invalid_input(format!("`{host}` takes no images any more, expected `{GHCR}`"))
            .hint(format!("write `{GHCR}/{}`", owner_in(&uri)))),
        Kind::WebSite => {
            Err(Failure::invalid_input(format!("`{uri}` is a web page of GitHub, expected `{GHCR}/<owner>`"))
                .hint(format!("write `{GHCR}/{}`", owner_in(&uri))))
        }
        Kind::Other(flavor) if host == "gcr.io" => Err(refused()
            .hint(format!("did you mean `{}`? `{host}` is Google's, with the flavor `{flavor}`", uri.on_host(GHCR)))),
        Kind::Other(flavor) => Err(refused().hint(format!("use the flavor `{flavor}` for `{uri}`"))),
        Kind::NearMiss => {
            Err(refused().hint(format!("did you mean `{}`? If not, use the flavor `default`", uri.on_host(GHCR))))
        }
        Kind::Unknown => {
            if let Some(owner) = uri.path().first() {
                check_owner(owner, host)?;
            }
            let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
                "`{host}` is not GitHub's own `{GHCR}`; it is taken for a host that stands in front of a registry of GitHub"
            ));
            accepted.warnings.extend(uri.warnings());
            Ok(accepted)
        }
    }
}

/// Checks the name of an account; those of enterprises with their own users have an underscore.
pub(crate) fn check_owner(owner: &str, host: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if (1..=MAX_OWNER).contains(&owner.len()) && owner.chars().all(allowed) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{owner}` is not the name of an account of GitHub, expected 1 to {MAX_OWNER} lower-case letters, digits, `-` or `_`"
    ))
    .hint(format!("write the account's name as in its address on GitHub, e.g. `{host}/acme`")))
}

fn accept_github(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let public = uri.host() == GHCR || uri.host().ends_with(".ghe.com");
    let canonical = match uri.port() {
        // 443 is what `https` means anyway.
        Some(443) => uri.on_host(uri.host()),
        Some(_) if public => {
            return Err(Failure::invalid_input(format!("`{uri}` has a port, expected `{}` without one", uri.host()))
                .hint(format!("write `{}`", uri.on_host(uri.host()))));
        }
        _ => uri.clone(),
    };
    let mut accepted = AcceptedUri::new(canonical.to_string());
    match uri.path().first() {
        Some(owner) => check_owner(owner, uri.host())?,
        None => {
            accepted = accepted.warning(format!(
                "`{canonical}` stands for every account of GitHub; `{canonical}/<owner>` stands for yours alone"
            ));
        }
    }
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

/// The account in the address of a page.
fn owner_in(uri: &RegistryUri) -> String {
    match uri.path().as_slice() {
        ["orgs" | "users", owner, ..] | [owner, ..] => (*owner).to_owned(),
        [] => "<owner>".to_owned(),
    }
}
