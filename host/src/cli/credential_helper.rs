//! `docker-credential-crhost`: crhost as a credential helper of Docker and other clients.
//!
//! The protocol is that of `credentials/credentials.go` in <https://github.com/docker/docker-credential-helpers>: one
//! word as argument, the rest on standard input; the answer, or the error in one line, on standard output; exit code 0
//! or 1. Nothing is asked of the user, who sees the client and not this program.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::auth::given_by_flavor;
use super::context::Context;
use super::failure::Failure;
use super::{log, output, runtime};
use crate::catalog::Catalog;
use crate::clients::{self, Found, ServerUrl, Turn};
use crate::credential::Credential;
use crate::docker::protocol::{NOT_FOUND, OWN_PROGRAM, TOKEN_USER};
use crate::environment::EnvVars;
use crate::store::{RegistryRecord, Store};
use crate::telemetry::Traces;

/// The longest input, in bytes: a key file as the password, with room.
const MAX_INPUT: u64 = 1 << 20;

/// Credentials as the protocol has them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    username: &'a str,
    secret: &'a str,
}

/// Credentials to store. Without `Debug`: they have a secret.
#[derive(Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[derive(Default)]
struct Given {
    #[serde(rename = "ServerURL")]
    server_url: String,
    username: String,
    secret: String,
}

/// Why there is no answer, in one line.
struct Refusal {
    line: String,
    /// Whether the user should see it although clients hide it: Docker goes on without credentials then.
    is_shown: bool,
}

impl Refusal {
    fn of(line: impl Into<String>) -> Self {
        Self { line: line.into(), is_shown: false }
    }
}

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let failure = error.into();
        let (message, hint) = failure.words();
        let line = hint.map_or_else(|| message.to_owned(), |hint| format!("{message}; {hint}"));
        Self { line, is_shown: true }
    }
}

/// Whether this process was started by the name of the helper.
pub(super) fn is_called(program: Option<&OsString>) -> bool {
    program.and_then(|program| Path::new(program).file_stem()).is_some_and(|stem| stem == OWN_PROGRAM)
}

/// The word of the command line that says what is to be done, behind the helper's name; empty where there is not
/// exactly one, which no action is called.
pub(super) fn action(arguments: &[OsString]) -> String {
    match arguments {
        [_, action] => action.to_string_lossy().into_owned(),
        _ => String::new(),
    }
}

/// Answers one question.
pub(super) fn run(context: &Context, action: &str) -> ExitCode {
    match answer(context, action) {
        // A client would take half an answer for a whole one.
        Ok(()) if output::write_failure().is_some() => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal { line, is_shown }) => {
            output::print(&line);
            if is_shown {
                output::say("warning", &format!("{OWN_PROGRAM}: {line}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn answer(context: &Context, action: &str) -> Result<(), Refusal> {
    let usage = || format!("Usage: {OWN_PROGRAM} <store|get|erase|list|version>");
    match action {
        "get" => get(context, &server_url()?),
        "store" => store(context, &input()?),
        "erase" => match server(&server_url()?) {
            Some(server) => Ok(clients::erase(&context.store()?, &server)?),
            None => Ok(()),
        },
        "list" => {
            output::print_json_line(&clients::list(&context.store()?)?);
            Ok(())
        }
        "version" | "--version" | "-v" => {
            output::print(&format!("{OWN_PROGRAM} (crhost) {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
        "--help" | "-h" => {
            output::print(&usage());
            Ok(())
        }
        "" => Err(Refusal::of(usage())),
        other => Err(Refusal::of(format!("{OWN_PROGRAM}: unknown action: {other}"))),
    }
}

/// Standard input, which is the server or the credentials.
fn input() -> Result<String, Refusal> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MAX_INPUT).read_to_string(&mut text);
    read.map_err(|_| Refusal::of("standard input can't be read as text"))?;
    // PowerShell writes a byte order mark into pipes.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn server_url() -> Result<String, Refusal> {
    let text = input()?.trim().to_owned();
    if text.is_empty() { Err(Refusal::of("no credentials server URL")) } else { Ok(text) }
}

/// The server of a key; `None` where the key can be that of no registry.
fn server(key: &str) -> Option<ServerUrl> {
    if ServerUrl::is_token_of_docker(key) { None } else { key.parse().ok() }
}

fn get(context: &Context, server_url: &str) -> Result<(), Refusal> {
    // A helper that crhost asks asks crhost: it would go on for ever.
    let is_loop = context.environment.get(EnvVars::CRHOST_IN_HELPER).is_some();
    let Some(server) = server(server_url).filter(|_| !is_loop) else {
        return Err(Refusal::of(NOT_FOUND));
    };
    let store = context.store()?;
    let credential = match clients::find_kept(&store, &context.environment, &server)? {
        Found::Unknown => Credential::Anonymous,
        Found::Kept(login) => login.credential,
        Found::Ask(registry) => ask(context, &store, &registry, &server)?,
    };
    let (username, secret) = match &credential {
        Credential::Anonymous => return Err(Refusal::of(NOT_FOUND)),
        Credential::Basic { username, password } => (username.as_str(), password),
        Credential::IdentityToken(token) => (TOKEN_USER, token),
    };
    output::print_json_line(&Credentials { server_url, username, secret: secret.expose_secret() });
    Ok(())
}

fn ask(context: &Context, store: &Store, registry: &RegistryRecord, server: &ServerUrl) -> Result<Credential, Failure> {
    log::start(0, &context.environment, &Traces::none());
    // Without a connector there is nothing that would be kept, and so nothing to wait for.
    let turn = registry.connector.as_ref().and(context.home().ok()).map(|home| Turn::wait(&home, &registry.name));
    if turn.is_some()
        && let Found::Kept(login) = clients::find_kept(store, &context.environment, server)?
    {
        return Ok(login.credential);
    }
    let threads = runtime::start()?;
    Ok(threads.block_on(given_by_flavor(context, store, registry))?.credential)
}

fn store(context: &Context, input: &str) -> Result<(), Refusal> {
    if input.len() as u64 >= MAX_INPUT {
        return Err(Refusal::of("standard input is longer than 1 MiB"));
    }
    let Ok(Given { server_url, username, secret }) = serde_json::from_str(input) else {
        return Err(Refusal::of("standard input is not JSON with `ServerURL`, `Username` and `Secret`"));
    };
    if server_url.trim().is_empty() {
        return Err(Refusal::of("no credentials server URL"));
    }
    if username.trim().is_empty() {
        return Err(Refusal::of("no credentials username"));
    }
    // A refusal would end the login, and the registry's own login is not to be replaced by them.
    if ServerUrl::is_token_of_docker(&server_url) {
        return Ok(());
    }
    let server = server_url.parse::<ServerUrl>().map_err(|error| Refusal::of(error.to_string()))?;
    log::start(0, &context.environment, &Traces::none());
    let (threads, runtime, store) = (runtime::start()?, context.runtime()?, context.store()?);
    let catalog = Catalog::new(&runtime, &store);
    let login = (username, SecretString::from(secret));
    Ok(threads.block_on(clients::store_login(&store, &catalog, &context.environment, &server, login))?)
}
