//! `crhost auth token`.

use clap::Args;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::{ci, output};
use super::given::{given_by_flavor, username, warn_if_over};
use crate::access;
use crate::clients;
use crate::credential::Credential;
use crate::error::Kind;
use crate::flavor::Purpose;
use crate::text::Moment;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registry, by name, host or URI
    registry: String,
    /// Ask its flavor for new ones, whatever is kept
    #[arg(long)]
    fresh: bool,
}

/// Credentials of a registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Shown<'a> {
    /// The registry's name.
    registry: String,
    /// The registry's host.
    host: String,
    /// The user name; absent for an identity token.
    username: Option<String>,
    /// The password or token.
    token: &'a str,
    /// When it ends, as RFC 3339 has it; absent where no end is known.
    until: Option<String>,
}

/// Prints the secret alone, or with what belongs to it as JSON.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let store = context.store()?;
    let registry = clients::named(&store, &arguments.registry)?.registry;
    let kept =
        if arguments.fresh { None } else { access::kept(&store, &context.environment, &registry, Purpose::Push)? };
    let login = match kept {
        Some(kept) => kept,
        None => given_by_flavor(context, &store, &registry).await?,
    };
    let secret = match &login.credential {
        Credential::Basic { password, .. } => password,
        Credential::IdentityToken(token) => token,
        Credential::Anonymous => {
            let hint = format!(
                "store some with `crhost connector register`, and `crhost registry connect {}` them",
                registry.name
            );
            let message = format!("there are no credentials for registry `{}`", registry.name);
            return Err(Failure::new(Kind::Auth, message, hint));
        }
    };
    // Also with JSON: a secret in the log of a job is worse than a line that is none.
    ci::masks(secret.expose_secret()).iter().for_each(|line| output::say_raw(line));
    warn_if_over(&login);
    if context.is_json() {
        output::print_json(&Shown {
            registry: registry.name.to_string(),
            host: registry.uri.host().to_string(),
            username: username(&login.credential),
            token: secret.expose_secret(),
            until: login.expires_at.map(|until| Moment(until).to_string()),
        });
    } else {
        output::print_secret(secret.expose_secret());
    }
    Ok(())
}
