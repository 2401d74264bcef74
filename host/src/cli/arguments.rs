//! The command line's arguments.

use std::ffi::OsStr;

use clap::builder::Resettable;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::output::{self, Format};
use super::{compile_component, connector, flavor, key, push, registry, serve};
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::text::{escape_line, is_shown_as_it_is};

const EXIT_CODES: &str = "\
Exit codes:
  0  done                              6  network: no answer; trying again may help
  1  any other failure                 7  a flavor failed, or a file is no flavor
  2  wrong arguments or input          8  bytes are not what their digest says
  3  not found                       129  the terminal was closed (SIGHUP)
  4  credentials missing or refused  130  interrupted (SIGINT, Ctrl-C)
  5  a name is taken, or in use      143  terminated (SIGTERM)

Environment:
  CRHOST_HOME  where crhost keeps everything (otherwise the XDG directories)
  CRHOST_LOG   what it logs, e.g. `debug` or `crhost=debug`
  DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_AUTH_CONFIG  as for the docker command
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR, NO_COLOR  as usual";

/// Pushes container images to any registry
#[derive(Parser)]
#[command(name = "crhost", version, after_help = EXIT_CODES, propagate_version = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Entry,

    /// How results are shown
    #[arg(short, long, global = true, value_enum, default_value_t, env = EnvVars::CRHOST_OUTPUT)]
    pub(super) output: Format,

    /// Tell more: `-v` what happens, `-vv` every detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// The commands for users, and the one that crhost itself starts.
#[derive(Subcommand)]
pub(super) enum Entry {
    #[command(flatten)]
    Command(Command),
    #[command(hide = true, name = crate::flavor::compile::COMMAND)]
    CompileComponent(compile_component::Arguments),
}

/// The commands for users.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Push an image
    Push(Box<push::Arguments>),
    /// Registries that images are pushed to
    #[command(subcommand, visible_alias = "container-registry")]
    Registry(registry::Command),
    /// Connectors: stored credentials, for flavors to use
    #[command(subcommand, visible_alias = "service-connector")]
    Connector(connector::Command),
    /// Flavors: components that each know one kind of registry
    #[command(subcommand)]
    Flavor(flavor::Command),
    /// The key that stored credentials are sealed with
    #[command(subcommand)]
    Key(key::Command),
    /// Run a registry for development on this machine
    Serve(serve::Arguments),
}

/// Parses the arguments of this process. Wrong ones end it, and so do `--help` and `--version`.
pub(super) fn parse(environment: &Environment) -> Arguments {
    let command = without_empty_variables(Arguments::command(), environment);
    if let Some(name) = hidden_variable(&command, environment) {
        unshown(&format!("the environment variable `{name}`"));
    }
    let matches = command.clone().try_get_matches().unwrap_or_else(|error| end(command, &error));
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// A variable that clap would show, in its help or its error, and whose value is not shown as it is.
fn hidden_variable<'a>(command: &'a clap::Command, environment: &Environment) -> Option<&'a str> {
    let variables = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    let is_hidden = |name: &&str| environment.text(name).is_some_and(|value| !is_shown_as_it_is(&value));
    let hidden = variables.into_iter().find(is_hidden);
    hidden.or_else(|| command.get_subcommands().find_map(|subcommand| hidden_variable(subcommand, environment)))
}

/// Ends the process with clap's message, which repeats words of the command line. Where one of them is not shown as it
/// is, the message is that about the escaped words.
fn end(command: clap::Command, error: &clap::Error) -> ! {
    let words: Vec<_> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().all(|word| is_shown_as_it_is(word)) {
        error.exit();
    }
    match command.try_get_matches_from(words.iter().map(|word| escape_line(word))) {
        Err(error) => error.exit(),
        Ok(_) => unshown("a word on the command line"),
    }
}

/// Ends the process as clap does after wrong arguments.
fn unshown(what: &str) -> ! {
    output::say("error", &format!("{what} holds characters that can't be seen, and is not valid"));
    std::process::exit(Kind::Usage.exit_code().into())
}

/// Takes the variables that are empty from their options: clap takes an empty one for a value, and not for unset.
fn without_empty_variables(command: clap::Command, environment: &Environment) -> clap::Command {
    let command = command.mut_args(|argument| {
        let variable = argument.get_env().and_then(OsStr::to_str);
        let is_empty = variable.is_some_and(|name| environment.is_empty(name));
        if is_empty { argument.env(Resettable::Reset) } else { argument }
    });
    command.mut_subcommands(|subcommand| without_empty_variables(subcommand, environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_does_not_take_its_value_from_an_empty_variable() {
        let environment = Environment::from_iter([("CRHOST_OUTPUT", ""), ("CRHOST_JOBS", ""), ("CRHOST_TIMEOUT", "9")]);
        let crhost = without_empty_variables(Arguments::command(), &environment);
        let push = crhost.find_subcommand("push").unwrap();
        let variable = |command: &clap::Command, name: &str| {
            command.get_arguments().find(|argument| argument.get_id() == name).unwrap().get_env().map(OsStr::to_owned)
        };
        assert_eq!(variable(&crhost, "output"), None);
        assert_eq!(variable(push, "jobs"), None);
        // Those that are set, and those that are not, are shown in the help.
        assert_eq!(variable(push, "timeout").unwrap(), "CRHOST_TIMEOUT");
        assert_eq!(variable(push, "progress").unwrap(), "CRHOST_PROGRESS");
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    /// clap counts a value from the environment as given, so that a variable of the user's shell or CI would forbid a
    /// flag.
    #[test]
    fn no_option_that_a_variable_can_set_conflicts_with_another() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                for other in command.get_arg_conflicts_with(argument) {
                    let variable = argument.get_env().or_else(|| other.get_env());
                    assert_eq!(variable, None, "{}: {argument} and {other}", command.get_name());
                }
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = Arguments::command();
        command.build();
        check(&command);
    }

    #[test]
    fn quiet_may_stand_beside_a_form_of_progress() {
        assert!(Arguments::try_parse_from(["crhost", "push", "x", "--quiet", "--progress", "json"]).is_ok());
    }
}
