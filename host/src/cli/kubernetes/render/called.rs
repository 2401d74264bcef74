//! The command that is to run in a cluster, read by its own parser.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::ArgMatches;
use clap::builder::StyledStr;
use clap::parser::ValueSource;

use crate::cli::failure::Failure;
use crate::cli::listen::Listen;
use crate::cli::output;
use crate::cli::shard::GivenShard;
use crate::error::Kind;
use crate::source::Location;
use crate::text::Escaped;

/// Parses the words of a command line without this machine's variables: what they ask for, or the text of their help.
pub(in crate::cli) type Parse = fn(&[OsString]) -> Result<Result<ArgMatches, StyledStr>, Failure>;

/// Where a server listens that is not told so: at every address of its pod.
const LISTEN: &str = "--listen=0.0.0.0:8443";

/// A command that is valid.
pub(super) struct Called {
    /// Its name.
    name: String,
    /// Its words.
    pub(super) words: Vec<String>,
    /// What it is.
    pub(super) what: What,
    /// The configuration file that it works with.
    pub(super) config: Option<String>,
    /// The file of mirrors that it reads.
    pub(super) mirrors: Option<PathBuf>,
    /// The file of rules that it reads.
    pub(super) rules: Option<PathBuf>,
    /// The file of the key that it needs.
    pub(super) key: Option<PathBuf>,
    /// The database that it names.
    pub(super) database: Option<String>,
}

/// What a command is.
pub(super) enum What {
    /// Work that ends.
    Work {
        /// The number of its parts.
        shards: Option<NonZeroU32>,
        /// Whether it shows a plan that can be carried out.
        is_plan: bool,
    },
    /// A server.
    Server {
        /// The port that it listens at.
        port: u16,
        /// Whether it speaks TLS.
        is_tls: bool,
    },
}

impl Called {
    /// Reads the words behind `crhost`; `None` where they ask for help, which is shown then.
    pub(super) fn read(words: &[String], shards: Option<NonZeroU32>, parse: Parse) -> Result<Option<Self>, Failure> {
        let mut words = words.to_vec();
        words.extend(shards.map(|shards| format!("--shard=job/{shards}")));
        let line: Vec<OsString> =
            ["crhost"].into_iter().chain(words.iter().map(String::as_str)).map(Into::into).collect();
        let matches = match parse(&line)? {
            Ok(matches) => matches,
            Err(help) => {
                output::print_help(&help);
                return Ok(None);
            }
        };
        let Some((name, command)) = matches.subcommand() else { return Err(other("")) };
        if !matches!(name, "push" | "copy" | "sync" | "prune" | "server") {
            return Err(other(name));
        }
        let what = match name {
            "server" => server(command, &mut words)?,
            _ => What::Work { shards: shards_of(command)?, is_plan: name == "prune" && is_plan(command) },
        };
        if name == "push" {
            check_source(command)?;
        }
        let path = |of: &str, argument| text(command, argument).filter(|_| name == of).map(PathBuf::from);
        Ok(Some(Self {
            name: name.to_owned(),
            what,
            config: text(&matches, "config").or_else(|| text(command, "config")),
            mirrors: path("sync", "file"),
            rules: path("server", "rules"),
            key: path("server", "key_file"),
            database: text(command, "database"),
            words,
        }))
    }

    /// The name of its objects where none is given.
    pub(super) fn usual_name(&self) -> String {
        match self.what {
            What::Server { .. } => "crhost".to_owned(),
            What::Work { .. } => format!("crhost-{}", self.name),
        }
    }
}

/// The value of an argument as it was given; `None` where it was not, or the command has no such argument.
fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    let given = matches.try_get_raw(name).ok().flatten()?.next()?;
    Some(given.to_string_lossy().into_owned())
}

fn is_given(matches: &ArgMatches, name: &str) -> bool {
    matches!(matches.try_contains_id(name), Ok(true))
        && matches!(matches.value_source(name), Some(ValueSource::CommandLine))
}

/// The number of pods: a part with a number of its own is one.
fn shards_of(command: &ArgMatches) -> Result<Option<NonZeroU32>, Failure> {
    Ok(match text(command, "shard").and_then(|shard| shard.parse().ok()) {
        Some(GivenShard::OfJob(all)) => Some(all),
        Some(GivenShard::Numbered(_)) | None => None,
    })
}

fn is_plan(command: &ArgMatches) -> bool {
    !is_given(command, "apply") && !is_given(command, "plan")
}

fn server(command: &ArgMatches, words: &mut Vec<String>) -> Result<What, Failure> {
    if command.subcommand().is_some() {
        return Err(other("server explain"));
    }
    if !is_given(command, "rules") {
        let hint = "`--rules FILE` behind `server` names them";
        return Err(Failure::new(Kind::Usage, "the server has no rules, so that it would allow nothing", hint));
    }
    let (is_tls, is_plain) = (is_given(command, "tls_cert"), is_given(command, "plain_http"));
    if !is_tls && !is_plain {
        let message = "the server would speak plain HTTP in the cluster, where others can read logins";
        let hint = "give `--tls-cert` and `--tls-key`, or `--plain-http` behind a proxy that ends TLS";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    if !is_given(command, "listen") {
        words.push(LISTEN.to_owned());
        return Ok(What::Server { port: 8443, is_tls });
    }
    match text(command, "listen").and_then(|listen| listen.parse().ok()) {
        Some(Listen::Address(address)) if !address.ip().is_loopback() => {
            Ok(What::Server { port: address.port(), is_tls })
        }
        _ => {
            let hint = "give `--listen 0.0.0.0:8443`, or leave it out";
            Err(Failure::new(Kind::Usage, "the server would listen where no other pod reaches it", hint))
        }
    }
}

fn check_source(command: &ArgMatches) -> Result<(), Failure> {
    let location = text(command, "source").and_then(|source| source.parse::<Location>().ok());
    if !matches!(location, Some(Location::Daemon(_))) {
        return Ok(());
    }
    let hint = "give an image in a volume, such as `--claim build=/build` and `push oci:/build/layout:v1`";
    Err(Failure::new(Kind::Usage, "a pod has no Docker daemon to push from", hint))
}

fn other(name: &str) -> Failure {
    let message = format!("`crhost {}` is no work for a cluster", Escaped::new(name, 80));
    Failure::new(Kind::Usage, message, "expected `push`, `copy`, `sync`, `prune` or `server`")
}
