//! `crhost server`.

mod explain;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::listen::Listen;
use crate::cli::output;
use crate::cli::signals::shutdown_signal;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::files::private;
use crate::server::{Settings, bind};

#[cfg(test)]
pub(super) use explain::Explanation;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    run: RunArguments,
}

#[derive(Debug, Args)]
struct RunArguments {
    /// PostgreSQL that several servers share; without one, the store of this machine is used
    #[arg(long, value_name = "URL", env = EnvVars::CRHOST_DATABASE, hide_env_values = true)]
    database: Option<String>,

    /// Key that opens the secrets of the database: a file of 32 bytes that only you may read, or one in TOML that names
    /// the key of a service
    #[arg(long, value_name = "FILE", env = EnvVars::CRHOST_KEY_FILE, hide_env_values = true)]
    key_file: Option<PathBuf>,

    /// Who may do what: issuers and rules in TOML, read again when the file changes
    #[arg(long, value_name = "FILE", env = EnvVars::CRHOST_RULES, hide_env_values = true)]
    rules: Option<PathBuf>,

    /// Port or address with a port to listen at; a port alone is one of this machine alone
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "[ADDRESS:]PORT")]
    listen: Listen,

    /// Certificate chain in PEM, read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Key of the certificate in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Speak plain HTTP to other machines, behind a proxy that ends TLS
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http: bool,
}

/// What else there is to do with a server.
#[derive(Debug, Subcommand)]
enum Command {
    /// Say whether the rules allow something, by which rule or why by none
    ///
    /// The exit code is 4 where no rule allows it.
    Explain(explain::Arguments),
}

/// A server that runs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ServingLogins {
    /// The address that it listens at, with the port.
    address: String,
    /// The URL of that address.
    url: String,
}

/// Runs the server until a signal comes, or explains the rules.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Some(Command::Explain(explained)) => explain::run(context, &explained),
        None => serve(context, arguments.run).await,
    }
}

async fn serve(context: &Context, arguments: RunArguments) -> Result<(), Failure> {
    let RunArguments { database, key_file, rules, listen, tls_cert, tls_key, plain_http } = arguments;
    context.refuse_config("a server hands out what its database has, and not what a file says")?;
    let rules = rules.ok_or_else(explain::no_rules)?;
    let listen = listen.address().await?;
    let tls = tls_cert.zip(tls_key);
    if tls.is_none() && !plain_http && !listen.ip().is_loopback() {
        let message = format!("the server would speak plain HTTP at {listen}, where others can read logins");
        let hint = "give `--tls-cert` and `--tls-key`, or `--plain-http` behind a proxy that ends TLS";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let mut environment = context.environment.clone();
    if let Some(database) = database {
        environment = environment.with(EnvVars::CRHOST_DATABASE, database);
    }
    if let Some(key_file) = key_file {
        environment = environment.with(EnvVars::CRHOST_KEY_FILE, key_file);
    }
    private::restrict_umask();
    let home = context.home_of(&environment)?;
    let url = |address| format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    let settings = Settings { listen, rules, tls: tls.clone(), home, runtime: context.runtime()?, environment };
    let server = bind(settings).await?;
    // Before the address is told: whoever reads it may send a signal at once.
    let signal = shutdown_signal();
    let address = server.local_addr();
    let serving = ServingLogins { address: address.to_string(), url: url(address) };
    if context.is_json() {
        output::print_json_compact(&serving);
    } else {
        output::say_line(&format!("logins at {}; Ctrl-C stops it", serving.url));
    }
    // A signal is the ordinary end of a server, and no failure.
    server
        .run(async {
            signal.await;
        })
        .await;
    Ok(())
}
