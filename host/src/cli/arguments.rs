//! The command line's arguments.

use std::path::PathBuf;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches, Parser, Subcommand};

use super::log_lines::LogFormat;
use super::output::Format;
use super::selection::SelectionArgs;
use super::{
    apply, audit, auth, build, ci, compile_component, completion, connector, copy, docker, doctor, edit, exit_codes,
    export, flavor, inspect, integration, jq, key, kubernetes, login, man, plugin, policy, prune, pull, push, registry,
    serve, server, supply_chain, sync,
};
use crate::environment::EnvVars;

/// The end of the help: exit codes and the most important variables.
const MORE: &str = "\
Environment:
  CRHOST_HOME  where crhost keeps everything (otherwise the XDG directories)
  CRHOST_LOG   what it logs, e.g. `debug` or `crhost=debug`
  DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_AUTH_CONFIG
               as for the docker command
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR, NO_COLOR
               as usual

More:
  crhost help exit-codes, environment, formatting or flavor-rules
  crhost man [COMMAND]
  crhost plugin list: programs `crhost-NAME` on the PATH are commands, too";

/// The exit codes, and the end of the help.
fn more() -> String {
    format!("Exit codes:\n{}\n\n{MORE}", exit_codes::TABLE)
}

/// The place of the first of these options in a help: behind a command's own, which clap counts from 0, and before
/// `--help`, which has 999.
const BEHIND: usize = 900;

/// What the command line says.
pub(super) struct Arguments {
    /// The command.
    pub(super) command: Entry,
    /// What it has in common with all others.
    pub(super) options: Options,
}

impl Arguments {
    /// `crhost`, with those of its commands that `is_there` says of. Each has a copy of all options made, which is why
    /// fewer are made sooner.
    pub(super) fn command(is_there: impl Fn(&clap::Command) -> bool) -> clap::Command {
        let all = Entry::augment_subcommands(clap::Command::default());
        let there = all.get_subcommands().filter(|command| is_there(command)).cloned();
        Options::command().subcommands(there).subcommand_required(true).arg_required_else_help(true)
    }

    /// What was parsed with [`command`](Self::command).
    ///
    /// # Errors
    /// As clap's, which there are none of for what it has parsed.
    pub(super) fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { command: Entry::from_arg_matches(matches)?, options: Options::from_arg_matches(matches)? })
    }
}

/// Pushes container images to any registry
#[derive(Parser)]
#[command(name = "crhost", version, after_help = more(), propagate_version = true, next_display_order = BEHIND)]
pub(super) struct Options {
    /// How results are shown
    #[arg(short, long, global = true, value_enum, default_value_t, env = EnvVars::CRHOST_OUTPUT, hide_env_values = true)]
    pub(super) output: Format,

    /// How the log and messages are written: as text, or as a JSON object a line. With `--output json` and
    /// `--progress json`, their own forms stay
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT", env = EnvVars::CRHOST_LOG_FORMAT, hide_env_values = true)]
    pub(super) log_format: LogFormat,

    /// The CI system that is told outputs, warnings and errors in its own way
    #[arg(long, global = true, value_enum, default_value_t, value_name = "SYSTEM", env = EnvVars::CRHOST_CI, hide_env_values = true)]
    pub(super) ci: ci::Given,

    /// Work with what this file has registered, and with nothing that is stored; nothing is kept. It is the one that
    /// `crhost apply` takes
    #[arg(long, global = true, value_name = "FILE", env = EnvVars::CRHOST_CONFIG, hide_env_values = true)]
    pub(super) config: Option<PathBuf>,

    #[command(flatten)]
    pub(super) selection: SelectionArgs,

    /// Tell more: `-v` what happens, `-vv` every detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// The commands for users, and those that crhost itself starts.
#[derive(Subcommand)]
pub(super) enum Entry {
    #[command(flatten)]
    Command(Command),
    #[command(hide = true, name = crate::flavor::compile::COMMAND)]
    CompileComponent(compile_component::Arguments),
    #[command(hide = true, name = jq::COMMAND)]
    Jq(jq::Arguments),
}

/// The commands for users. What each takes is put off until it is needed: see `command_line::tree`.
#[derive(Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Push an image
    Push(Box<push::Arguments>),
    /// Pull an image into the Docker daemon, an OCI layout or an archive
    Pull(Box<pull::Arguments>),
    /// Copy images from one registry to another
    Copy(Box<copy::Arguments>),
    /// Keep repositories of one registry as they are in another
    Sync(Box<sync::Arguments>),
    /// Build an image, and push it
    Build(Box<build::Arguments>),
    /// Attach a file to an image: an SBOM, a provenance, a report
    Attach(supply_chain::AttachArguments),
    /// List what belongs to an image: signatures, SBOMs, whatever was attached
    Referrers(supply_chain::ReferrersArguments),
    /// Sign an image with a key, as cosign does
    Sign(supply_chain::SignArguments),
    /// Verify that an image is signed with a key
    Verify(supply_chain::VerifyArguments),
    /// Make a key pair for signatures, as cosign does
    GenerateKeyPair(supply_chain::GenerateArguments),
    /// Delete what is old or unused from a registry, and nothing that an image needs
    Prune(Box<prune::Arguments>),
    /// List the repositories of a registry
    #[command(visible_alias = "catalog")]
    Repos(inspect::ReposArguments),
    /// List the tags of a repository
    #[command(visible_alias = "list-tags")]
    Tags(Box<inspect::TagsArguments>),
    /// Show what an image is: digest, platforms, size, settings
    Inspect(Box<inspect::InspectArguments>),
    /// Print the digests of images
    Digest(Box<inspect::DigestArguments>),
    /// Print the configuration of an image, byte for byte
    Config(Box<inspect::ConfigArguments>),
    /// Print the manifest or index of an image, byte for byte
    Manifest(Box<inspect::ManifestArguments>),
    /// List the files in an image
    LsFiles(Box<inspect::LsFilesArguments>),
    /// Show what differs between two images
    Diff(Box<inspect::DiffArguments>),
    /// Give an image further tags in its repository
    Tag(Box<edit::TagArguments>),
    /// Delete images from a registry
    Delete(edit::DeleteArguments),
    /// Indexes: several images under one name, one for each platform
    #[command(subcommand)]
    Index(Box<edit::IndexCommand>),
    /// Change the annotations of an image or an index
    Annotate(Box<edit::AnnotateArguments>),
    /// Have registered what a file says: registries, connectors, flavors, policies
    Apply(apply::Arguments),
    /// Write what is registered as a file for `crhost apply`, without secrets
    Export(export::Arguments),
    /// Registries that images are pushed to
    #[command(subcommand, visible_alias = "container-registry", aliases = ["registries", "container-registries"])]
    Registry(registry::Command),
    /// Connectors: stored credentials, for flavors to use
    #[command(subcommand, visible_alias = "service-connector", aliases = ["connectors", "service-connectors"])]
    Connector(connector::Command),
    /// Flavors: components that each know one kind of registry
    #[command(subcommand, alias = "flavors")]
    Flavor(flavor::Command),
    /// Policies: components that admit what is pushed, copied and deleted
    #[command(subcommand, alias = "policies")]
    Policy(policy::Command),
    /// Have Docker and other clients ask crhost for credentials
    #[command(subcommand)]
    Docker(docker::Command),
    /// Write a login that ends for clients without credential helpers
    Login(login::Arguments),
    /// Take a login away that `crhost login` wrote
    Logout(login::LogoutArguments),
    /// Credentials of registries: whose, until when, and the credentials themselves
    #[command(subcommand)]
    Auth(auth::Command),
    /// Clusters: a Secret that pulls images, answers to the kubelet, and manifests that run crhost
    #[command(subcommand)]
    Kubernetes(kubernetes::Command),
    /// Find what keeps pushes and credentials from working, and what to do
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Arguments),
    /// The key that stored credentials are sealed with
    #[command(subcommand)]
    Key(key::Command),
    /// Show who did what, for which registry, and with which outcome
    Audit(Box<audit::Arguments>),
    /// Run a registry for development on this machine
    Serve(serve::Arguments),
    /// Run a server that gives a team logins, by rules and id tokens
    Server(Box<server::Arguments>),
    /// Programs `crhost-NAME` on the PATH, which are commands, too
    #[command(subcommand)]
    Plugin(plugin::PluginCommand),
    /// Print the script that has a shell complete command lines of crhost
    Completions(completion::Arguments),
    /// Show the manual page of a command, or write all of them
    Man(man::Arguments),
    /// Show the version, and what it was built from and for
    Version,
    /// ZenML's command for what flavors do here
    #[command(subcommand, hide = true)]
    Integration(integration::Command),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command_line::tree;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command(|_| true).debug_assert();
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
        check(&tree::whole());
    }

    /// Columns of the narrowest terminal for which help is laid out.
    const COLUMNS: usize = 80;

    /// clap wraps at the terminal's width, which breaks lines that are laid out, and lines that were broken by hand.
    #[test]
    fn lines_that_are_laid_out_in_a_help_fit_and_the_others_are_broken_by_the_terminal_alone() {
        fn check(command: &clap::Command) {
            let texts = [command.get_after_help(), command.get_after_long_help(), command.get_before_help()];
            for text in texts.into_iter().flatten().map(ToString::to_string) {
                for (line, next) in text.lines().zip(text.lines().skip(1).chain([""])) {
                    let is_laid_out = line.is_empty() || line.starts_with(' ') || line.ends_with(':');
                    let fits = line.chars().count() <= COLUMNS;
                    assert!(if is_laid_out { fits } else { next.is_empty() }, "{}: {line}", command.get_name());
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&tree::whole());
    }

    #[test]
    fn no_help_shows_the_value_of_a_variable() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
                assert!(argument.is_hide_env_values_set(), "{}: {argument}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&tree::whole());
    }

    #[test]
    fn quiet_may_stand_beside_a_form_of_progress() {
        let words = ["crhost", "push", "x", "--quiet", "--progress", "json"];
        assert!(Arguments::command(|_| true).try_get_matches_from(words).is_ok());
    }
}
