//! `crhost server`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

use super::context::Context;
use super::failure::Failure;
use super::listen::Listen;
use super::output;
use super::signals::shutdown_signal;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::files::{private, regular};
use crate::image::Repository;
use crate::server::certificate;
use crate::server::rules::{Decision, Mismatch, Operation, Rule, Rules, Wanted};
use crate::server::token::Caller;
use crate::server::{Settings, bind};
use crate::store::Name;
use crate::text::{Escaped, Foreign, quoted_few};

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
    Explain(Explained),
}

#[derive(Debug, Args)]
struct Explained {
    /// The rules
    #[arg(long, value_name = "FILE", env = EnvVars::CRHOST_RULES, hide_env_values = true)]
    rules: Option<PathBuf>,

    /// The name of the caller's issuer in the rules
    #[arg(long, value_name = "NAME")]
    issuer: Name,

    /// File with the claims of the caller's token, as JSON
    #[arg(long, value_name = "FILE", required_unless_present = "certificate")]
    claims: Option<PathBuf>,

    /// The caller's certificate in PEM, which is read and not verified
    #[arg(long, value_name = "FILE", conflicts_with = "claims")]
    certificate: Option<PathBuf>,

    /// What it wants to do: `pull`, `push` or `delete`
    #[arg(long, value_name = "OPERATION")]
    operation: Operation,

    /// The registry's name
    #[arg(long, value_name = "NAME")]
    registry: Name,

    /// The repository, as in names of images after the host; without it, the whole registry
    #[arg(long, value_name = "REPOSITORY")]
    repository: Option<Repository>,
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

/// What the rules say.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Explanation {
    /// The registry.
    registry: String,
    /// Whether a rule allows it.
    allowed: bool,
    /// Whether credentials without a known end, such as a stored password, are allowed as well.
    long_lived: bool,
    /// What each rule says.
    rules: Vec<RuleWord>,
}

/// What a rule says.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct RuleWord {
    /// Its name.
    rule: String,
    /// Whether it allows it.
    allows: bool,
    /// Whether it allows credentials without a known end as well.
    long_lived: bool,
    /// What is against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
}

/// Largest file of claims, in bytes.
const MAX_CLAIMS: usize = 1 << 20;

/// Runs the server until a signal comes, or explains the rules.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Some(Command::Explain(explained)) => explain(context, &explained),
        None => serve(context, arguments.run).await,
    }
}

async fn serve(context: &Context, arguments: RunArguments) -> Result<(), Failure> {
    let RunArguments { database, key_file, rules, listen, tls_cert, tls_key, plain_http } = arguments;
    context.refuse_config("a server hands out what its database has, and not what a file says")?;
    let rules = rules.ok_or_else(no_rules)?;
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

fn no_rules() -> Failure {
    let hint = "`--rules FILE` names them; `docs/guide/server.md` has an example";
    Failure::new(Kind::Usage, "the server has no rules, so that it would allow nothing", hint)
}

fn explain(context: &Context, explained: &Explained) -> Result<(), Failure> {
    let Explained { rules, issuer, claims, certificate, operation, registry, repository } = explained;
    let rules = Rules::read(rules.as_deref().ok_or_else(no_rules)?)?;
    if !rules.issuer_names().any(|known| known == issuer) {
        let known = quoted_few(&rules.issuer_names().collect::<Vec<_>>());
        let hint = format!("the issuers of the rules: {known}");
        return Err(Failure::new(Kind::Usage, format!("the rules have no issuer named `{issuer}`"), hint));
    }
    let claims = match (claims, certificate) {
        (Some(claims), _) => read_claims(claims)?,
        (None, Some(certificate)) => read_certificate(certificate)?,
        (None, None) => Value::Null,
    };
    let caller = Caller { issuer: issuer.clone(), subject: "".into(), claims };
    let wanted = Wanted { operation: *operation, registry, repository: repository.as_ref() };
    let word = |rule: &Rule, against: Option<&Mismatch>| RuleWord {
        rule: rule.name.to_string(),
        allows: against.is_none(),
        long_lived: against.is_none() && rule.long_lived,
        against: against.map(Mismatch::words),
    };
    let (allowed, words) = match rules.decide(&caller, wanted) {
        Decision::Allowed(rules) => (true, rules.into_iter().map(|rule| word(rule, None)).collect::<Vec<_>>()),
        Decision::Denied(rules) => (false, rules.iter().map(|(rule, against)| word(rule, Some(against))).collect()),
    };
    let long_lived = words.iter().any(|word| word.long_lived);
    let explanation = Explanation { registry: registry.to_string(), allowed, long_lived, rules: words };
    if context.is_json() {
        output::print_json(&explanation);
    } else {
        output::say_line(match (allowed, long_lived) {
            (true, true) => "allowed",
            (true, false) => {
                "allowed for credentials that end; without `long-lived`, such as have no known end are refused (403)"
            }
            (false, _) => "denied: no rule allows it",
        });
        let rows = explanation.rules.into_iter().map(|word| {
            let allows = if word.long_lived { "allows it" } else { "allows it for credentials that end" };
            let says = word.against.unwrap_or_else(|| allows.to_owned());
            vec![word.rule, says]
        });
        output::print_table(&["RULE", "SAYS"], rows);
    }
    // As the caller's own command would end.
    if allowed { Ok(()) } else { Err(Failure::found("no rule allows it").with_kind(Kind::Auth)) }
}

fn read_certificate(path: &Path) -> Result<Value, Failure> {
    let wrong = |reason: String| {
        let message = format!("the certificate in `{}` can't be read: {reason}", Escaped::from(path));
        Failure::new(Kind::Usage, message, "expected PEM, the caller's own certificate first")
    };
    let bytes = regular::read(path, MAX_CLAIMS).map_err(|error| wrong(Foreign(error).to_string()))?;
    certificate::of_pem(&bytes).map(|said| said.claims).map_err(|error| wrong(error.to_string()))
}

fn read_claims(path: &Path) -> Result<Value, Failure> {
    let wrong = |reason: String| {
        let message = format!("the claims in `{}` can't be read: {reason}", Escaped::from(path));
        Failure::new(Kind::Usage, message, "expected a JSON object, such as the middle part of a token, decoded")
    };
    let bytes = regular::read(path, MAX_CLAIMS).map_err(|error| wrong(Foreign(error).to_string()))?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if claims.is_object() { Ok(claims) } else { Err(wrong("they are no object".to_owned())) }
}
