//! Values that arguments take: which, says the name that help shows for them, so that every argument of such a name is
//! completed, in each command.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, SubcommandCandidates, ValueCompleter,
};

use crate::cli::selection::members::Members;
use crate::cli::{key_service, plugin, runtime};
use crate::docker::{Candidates, Chosen, Configuration, Engine};
use crate::environment::Environment;
use crate::flavor::builtin::BUILTIN;
use crate::store::{Home, Store};

/// Time for the Docker daemon to list its images: a user waits for the answer.
const DAEMON_TIME: Duration = Duration::from_millis(300);

/// A value that completes an argument, with words about it.
type Value = (String, String);

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Registry,
    Connector,
    Flavor,
    Member,
    Image,
    Remote,
}

/// The command and all below it, with values for their arguments, and plugins as commands.
pub(super) fn with_values(crhost: Command, environment: &Environment) -> Command {
    let environment = Arc::new(environment.clone());
    let plugins = Arc::clone(&environment);
    let all = move || {
        let all = plugin::all(&plugins).into_iter();
        all.map(|plugin| CompletionCandidate::new(plugin.name()).help(Some("plugin".into()))).collect()
    };
    attach(crhost.allow_external_subcommands(true).add(SubcommandCandidates::new(all)), "crhost", &environment)
}

fn attach(command: Command, path: &str, environment: &Arc<Environment>) -> Command {
    let command = command.mut_args(|argument| match kind(path, &argument) {
        Some(kind) => {
            let completer = Completer { kind, environment: Arc::clone(environment) };
            argument.add(ArgValueCompleter::new(completer))
        }
        None => argument,
    });
    command.mut_subcommands(|below| {
        let path = format!("{path} {}", below.get_name());
        attach(below, &path, environment)
    })
}

/// What an argument of a command takes, if crhost knows values for it.
fn kind(command: &str, argument: &Arg) -> Option<Kind> {
    let name = argument.get_value_names()?.first()?.as_str();
    let is_new = command.ends_with(" register");
    Some(match name {
        "REGISTRY" => Kind::Registry,
        "CONNECTOR" => Kind::Connector,
        "FLAVOR" => Kind::Flavor,
        "FIELDS" => Kind::Member,
        "SOURCE" => Kind::Image,
        "REF" | "REPO" => Kind::Remote,
        "NAME" if is_new => return None,
        "NAME" if command.contains(" flavor ") => Kind::Flavor,
        "NAME" if command.starts_with("crhost registry ") => Kind::Registry,
        "NAME" if command.starts_with("crhost connector ") => Kind::Connector,
        _ => return None,
    })
}

/// Completes one argument.
struct Completer {
    kind: Kind,
    environment: Arc<Environment>,
}

impl ValueCompleter for Completer {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let mut found: Vec<CompletionCandidate> = self
            .values()
            .unwrap_or_default()
            .into_iter()
            .filter(|(value, _)| current.to_str().is_some_and(|current| value.starts_with(current)))
            .map(|(value, about)| CompletionCandidate::new(value).help((!about.is_empty()).then(|| about.into())))
            .collect();
        if matches!(self.kind, Kind::Image | Kind::Remote) {
            found.extend(files(current));
        }
        found
    }
}

impl Completer {
    fn values(&self) -> Option<Vec<Value>> {
        Some(match self.kind {
            Kind::Registry => {
                let registries = store(&self.environment)?.registries().ok()?;
                registries.into_iter().map(|one| (one.name.to_string(), one.uri.to_string())).collect()
            }
            Kind::Connector => {
                let connectors = store(&self.environment)?.connectors().ok()?;
                let about = |method: &str, sort: &str| format!("{sort}/{method}");
                connectors
                    .into_iter()
                    .map(|one| (one.name.to_string(), about(&one.method, &one.connector_type)))
                    .collect()
            }
            Kind::Flavor => {
                let registered = store(&self.environment).and_then(|store| store.flavors().ok()).unwrap_or_default();
                let registered = registered.into_iter().map(|one| (one.name, one.summary));
                BUILTIN.iter().map(|one| (one.name.to_owned(), String::new())).chain(registered).collect()
            }
            Kind::Member => members()?.names().iter().map(|name| ((*name).to_owned(), String::new())).collect(),
            Kind::Image => images(&self.environment)?,
            // The beginning of a name; what is in a registry is not asked for.
            Kind::Remote => {
                let registries = store(&self.environment)?.registries().ok()?;
                registries.into_iter().map(|one| (format!("{}/", one.name), one.uri.to_string())).collect()
            }
        })
    }
}

/// The members of the result of the command that is typed: the first words behind the shell's `--` and the program's
/// name. The option for them is one of all commands, and does not know the one that it is given to.
fn members() -> Option<Members> {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.skip_while(|word| word != "--").skip(2).take(2).collect();
    let of = |words: &[String]| Members::of(&format!("crhost {}", words.join(" ")));
    of(&words).or_else(|| of(words.get(..1)?))
}

/// The store, where there is one: a completion makes no directory.
fn store(environment: &Environment) -> Option<Store> {
    let home = Home::find(environment).ok()?.with_key_services(key_service::services(environment));
    home.data().exists().then(|| Store::open(&home).ok()).flatten()
}

/// The names of images in the Docker daemon of this machine.
fn images(environment: &Environment) -> Option<Vec<Value>> {
    let candidates = Candidates::find(environment, &Configuration::load(environment), &Chosen::default()).ok()?;
    if !candidates.endpoints().iter().all(|endpoint| endpoint.is_local()) {
        return None;
    }
    let threads = runtime::start().ok()?;
    let listed = threads.block_on(async {
        let list = async { Engine::connect(&candidates).await.ok()?.images("").await.ok() };
        tokio::time::timeout(DAEMON_TIME, list).await.ok().flatten()
    });
    threads.shutdown_background();
    // An image without a name has this one in old daemons.
    let names = listed?.into_iter().flat_map(|image| image.repo_tags).filter(|name| !name.contains("<none>"));
    Some(names.map(|name| (name, String::new())).collect())
}

/// Files, where the word is the beginning of a path, or of a transport and a path.
fn files(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else { return Vec::new() };
    let (transport, path) = match text.split_once(':') {
        Some((transport @ ("oci" | "oci-archive" | "docker-archive"), path)) => (format!("{transport}:"), path),
        _ if text.starts_with(['/', '.', '~']) => (String::new(), text),
        _ => return Vec::new(),
    };
    let found = PathCompleter::any().complete(&OsString::from(path));
    found.into_iter().map(|candidate| candidate.add_prefix(transport.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command_line::tree;

    /// The kind of an argument, by its command and its name in the help.
    fn kind_of(line: &str, argument: &str) -> Option<Kind> {
        let mut command = tree::whole();
        for word in line.split(' ').skip(1) {
            command = command.find_subcommand(word).unwrap_or_else(|| panic!("{line}")).clone();
        }
        let found = command.get_arguments().find(|known| known.get_id() == argument);
        kind(line, found.unwrap_or_else(|| panic!("{line} {argument}")))
    }

    #[test]
    fn arguments_are_completed_by_the_name_of_their_value() {
        for (line, argument, expected) in [
            ("crhost registry describe", "name", Some(Kind::Registry)),
            ("crhost registry remove", "name", Some(Kind::Registry)),
            ("crhost registry register", "name", None),
            ("crhost registry register", "flavor", Some(Kind::Flavor)),
            ("crhost registry register", "connector", Some(Kind::Connector)),
            ("crhost registry flavor describe", "name", Some(Kind::Flavor)),
            ("crhost registry rename", "new", None),
            ("crhost connector describe", "name", Some(Kind::Connector)),
            ("crhost flavor describe", "name", Some(Kind::Flavor)),
            ("crhost push", "to", Some(Kind::Registry)),
            ("crhost push", "source", Some(Kind::Image)),
            ("crhost login", "registry", Some(Kind::Registry)),
            ("crhost repos", "registry", Some(Kind::Registry)),
            ("crhost tags", "repository", Some(Kind::Remote)),
            ("crhost inspect", "image", Some(Kind::Remote)),
            ("crhost index create", "images", Some(Kind::Remote)),
            ("crhost docker install", "registries", Some(Kind::Registry)),
        ] {
            assert_eq!(kind_of(line, argument), expected, "{line} {argument}");
        }
    }

    #[test]
    fn files_are_completed_behind_a_transport() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("train.tar"), "").unwrap();
        let path = directory.path().join("tr").display().to_string();
        for word in [path.clone(), format!("docker-archive:{path}")] {
            let found = files(OsStr::new(&word));
            let found: Vec<_> = found.iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect();
            assert_eq!(found, [format!("{word}ain.tar")]);
        }
        assert!(files(OsStr::new("train:v")).is_empty());
    }
}
