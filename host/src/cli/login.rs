//! `crhost login` and `crhost logout`: a login that ends, for clients without credential helpers.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::auth::{accepted, given_by_flavor, username, warn_if_over};
use super::context::Context;
use super::failure::Failure;
use super::{ci_results, output};
use crate::clients;
use crate::docker::ClientFile;
use crate::environment::EnvVars;
use crate::image::RegistryUri;
use crate::text::Moment;

/// The registry, and where its login is written.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The registry, by name, host or URI
    pub(super) registry: String,
    #[command(flatten)]
    pub(super) to: FileArgs,
}

/// The registry, and where its login is taken away.
#[derive(Debug, Args)]
pub(super) struct LogoutArguments {
    /// The registry, by name, host or URI
    registry: String,
    /// The file with the login, as Podman's `auth.json`; without it, `REGISTRY_AUTH_FILE` or Docker's `config.json`
    #[arg(long, value_name = "FILE")]
    authfile: Option<PathBuf>,
}

/// Where a login is written, and whether it is verified before.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The file for the login, as Podman's `auth.json`; without it, `REGISTRY_AUTH_FILE` or Docker's `config.json`
    #[arg(long, value_name = "FILE")]
    authfile: Option<PathBuf>,
    /// Write it without asking the registry whether it accepts it
    #[arg(long)]
    no_verify: bool,
}

/// A login that was written, or taken away.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    /// The registry's name, or its URI where it is not registered any more.
    registry: String,
    /// The registry's host.
    host: String,
    /// The file that was edited.
    file: String,
    /// Whose login it is; absent where it was taken away, and for tokens.
    username: Option<String>,
    /// When it ends, as RFC 3339 has it; absent where no end is known.
    until: Option<String>,
    /// Whether the file has it now.
    logged_in: bool,
}

/// Runs `crhost login`.
pub(super) async fn login(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let (store, file) = (context.store()?, file(context, arguments.to.authfile)?);
    let registry = clients::named(&store, &arguments.registry)?.registry;
    // Before credentials are asked for in vain.
    clients::check_is_read(&context.environment, &file, &registry)?;
    let login = match arguments.to.no_verify {
        true => given_by_flavor(context, &store, &registry).await?,
        false => accepted(context, &store, &registry).await?,
    };
    clients::write_login(&store, &file, &registry, &login.credential)?;
    warn_if_over(&login);
    let (host, path) = (registry.uri.host().to_string(), file.path().display().to_string());
    let (username, until) = (username(&login.credential), login.expires_at.map(Moment));
    let values = [
        ("registry", Some(registry.name.to_string())),
        ("host", Some(host.clone())),
        ("username", username.clone()),
        ("until", until.map(|until| until.to_string())),
    ];
    let values: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    ci_results::tell(&context.environment, &values);
    if context.is_json() {
        let (registry, until) = (registry.name.to_string(), until.map(|until| until.to_string()));
        output::print_json(&Shown { registry, host, file: path, username, until, logged_in: true });
        return Ok(());
    }
    let whom = username.map_or_else(String::new, |name| format!(" as `{name}`"));
    match until {
        Some(until) => output::say_line(&format!("logged in to `{host}`{whom} until {until} ({})", until.distance())),
        None => {
            output::say_line(&format!("logged in to `{host}`{whom}"));
            let authfile = clients::authfile_option(&file);
            output::say("warning", &format!("no end of this login is known; its secret stays in `{path}` in clear"));
            output::say("hint", &format!("`crhost logout {}{authfile}` takes it away", registry.name));
        }
    }
    Ok(())
}

/// Runs `crhost logout`.
pub(super) fn logout(context: &Context, arguments: &LogoutArguments) -> Result<(), Failure> {
    let (store, file) = (context.store()?, file(context, arguments.authfile.clone())?);
    let (uri, registry) = match clients::named(&store, &arguments.registry) {
        Ok(named) => (named.registry.uri, named.registry.name.to_string()),
        // A login outlives the registration of its registry.
        Err(error) => match arguments.registry.parse::<RegistryUri>() {
            Ok(uri) if clients::logout(&store, &file, &uri)? => {
                logged_out(context, &file, &uri, None, true);
                return Ok(());
            }
            _ => return Err(error.into()),
        },
    };
    let was_there = clients::logout(&store, &file, &uri)?;
    logged_out(context, &file, &uri, Some(registry), was_there);
    Ok(())
}

/// Shows what came of a logout.
fn logged_out(context: &Context, file: &ClientFile, uri: &RegistryUri, registry: Option<String>, was_there: bool) {
    let (host, path) = (uri.host().to_string(), file.path().display().to_string());
    if context.is_json() {
        let (registry, username, until) = (registry.unwrap_or_else(|| uri.to_string()), None, None);
        output::print_json(&Shown { registry, host, file: path, username, until, logged_in: false });
    } else if was_there {
        output::say_line(&format!("the login of `{host}` is no longer in `{path}`"));
    } else {
        output::say_line(&format!("`{path}` has no login of `{host}` that crhost wrote"));
    }
}

/// The file that is edited.
fn file(context: &Context, authfile: Option<PathBuf>) -> Result<ClientFile, Failure> {
    let named = authfile.or_else(|| context.environment.path(EnvVars::REGISTRY_AUTH_FILE));
    context.client_file(named)
}
