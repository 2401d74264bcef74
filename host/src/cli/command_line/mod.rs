//! The command line of this process: its words and the variables that stand for options, parsed. What is wrong with
//! them is said in crhost's own form, and as JSON where that is asked for.

mod advice;
mod spelling;
mod topics;
pub(super) mod tree;
mod usage_error;
mod words;

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{ArgMatches, ValueEnum as _};

use super::arguments::{Arguments, Options};
use super::failure::Failure;
use super::output::{self, Format};
use super::plugin::{self, Plugin};
use super::{ci, event_stream, log_lines, selection};
use crate::environment::{EnvVars, Environment};

/// Parses the arguments of this process. After wrong ones, after `--help` and `--version`, and after a plugin there is
/// only an exit code left.
pub(super) fn parse(given: &[OsString], environment: &Environment) -> Result<Arguments, ExitCode> {
    if let Some(text) = topics::asked_for(given) {
        output::print_text(&text);
        return Err(Failure::of_result().map_or(ExitCode::SUCCESS, |failure| failure.show(Format::Table)));
    }
    let format = words::format(given, environment);
    output::set_format(format);
    let is_taken = |name: &str| !environment.is_empty(name);
    let mut crhost = tree::of(given, &is_taken);
    let words = spelling::as_crhost_has_it(&crhost, given);
    log_lines::set_format(words::choice(&words, environment, "--log-format", EnvVars::CRHOST_LOG_FORMAT));
    let system: ci::Given = words::choice(&words, environment, "--ci", EnvVars::CRHOST_CI);
    ci::set(system.resolve(environment));
    if words::tells_events(&crhost, &words, environment) {
        event_stream::start();
    }
    let mut parsed = parsed(&mut crhost, &words);
    if let Err(error) = &parsed {
        if let Some(plugin) = plugin_called(error, given, environment) {
            return Err(plugin.run(given.get(2..).unwrap_or_default()));
        }
        // What is wrong, and the help, may be about any command; the version is everywhere the same.
        if error.kind() != ErrorKind::DisplayVersion {
            crhost = tree::with_all(given, &is_taken);
            parsed = self::parsed(&mut crhost, &words);
        }
    }
    match parsed {
        Ok(arguments) => {
            let Options { output, log_format, ci, .. } = arguments.options;
            output::set_format(output);
            log_lines::set_format(log_format);
            ci::set(ci.resolve(environment));
            let selected = with_selection(&crhost, arguments, &words);
            // Its memory is the system's again when the process ends; to take its thousand parts apart takes half as
            // long as to build them.
            std::mem::forget(crhost);
            selected
        }
        Err(error) => Err(end(crhost, &error, &words, format)),
    }
}

/// The arguments that these words are. A copy of the tree of commands for this would take longer than all the rest.
fn parsed(crhost: &mut clap::Command, words: &[OsString]) -> Result<Arguments, clap::Error> {
    crhost.try_get_matches_from_mut(words).and_then(|matches| Arguments::of(&matches))
}

/// Parses the words of another process, for which this one's variables don't count: the values, or the help that they
/// ask for.
pub(super) fn of_another(words: &[OsString]) -> Result<Result<ArgMatches, StyledStr>, Failure> {
    let mut crhost = tree::of(words, &|_| false);
    let words = spelling::as_crhost_has_it(&crhost, words);
    if let Ok(matches) = crhost.try_get_matches_from_mut(&words) {
        return Ok(Ok(matches));
    }
    let mut crhost = tree::with_all(&words, &|_| false);
    match crhost.try_get_matches_from_mut(&words) {
        Ok(matches) => Ok(Ok(matches)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Err(error.render()))
        }
        Err(error) => {
            tree::make_whole(&mut crhost);
            Err(usage_error::failure(&crhost, &error, &words, None))
        }
    }
}

/// The command that the words name, such as `crhost registry list`, without what is typed behind it.
pub(super) fn name(given: &[OsString]) -> String {
    words::called(&tree::of(given, &|_| true), given).0
}

/// Has only a part of results shown, if that is asked for.
fn with_selection(crhost: &clap::Command, mut arguments: Arguments, words: &[OsString]) -> Result<Arguments, ExitCode> {
    let options = &mut arguments.options;
    let mut selection = std::mem::take(&mut options.selection);
    // `--format json` is docker's spelling of `--output json`.
    let form = selection.format.as_deref().and_then(|template| Format::from_str(template, false).ok());
    if let Some(form) = form {
        (options.output, selection.format) = (form, None);
        output::set_format(form);
    }
    let (command, names_alone) = (words::called(crhost, words).0, options.output == Format::Name);
    match selection::choose(&command, selection, names_alone) {
        Ok(()) => Ok(arguments),
        Err(error) => Err(Failure::of(&error).show(arguments.options.output)),
    }
}

/// The plugin that the first word names, where it is no command of crhost.
fn plugin_called(error: &clap::Error, words: &[OsString], environment: &Environment) -> Option<Plugin> {
    let name = words.get(1)?.to_str()?;
    let is_unknown = error.kind() == ErrorKind::InvalidSubcommand && usage_error::unknown_command(error) == Some(name);
    is_unknown.then(|| plugin::find(environment, name)).flatten()
}

/// Shows the help that was asked for, or the failure.
fn end(mut crhost: clap::Command, error: &clap::Error, words: &[OsString], format: Format) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        output::print_help(&error.render());
        return Failure::of_result().map_or(ExitCode::SUCCESS, |failure| failure.show(format));
    }
    // What is meant may be another command.
    tree::make_whole(&mut crhost);
    match error.kind() {
        // A program that asks for JSON expects a result, which a help is not.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
            if format != Format::Json =>
        {
            output::print_help(&words::called(&crhost, words).1.clone().render_help());
        }
        _ => return usage_error::failure(&crhost, error, words, variable_at_fault(&crhost, error, words)).show(format),
    }
    Failure::of_result().map_or(ExitCode::SUCCESS, |failure| failure.show(format))
}

/// The variable whose value is wrong: without variables, the words are right, or something else is wrong with them.
fn variable_at_fault<'a>(crhost: &'a clap::Command, error: &clap::Error, words: &[OsString]) -> Option<&'a str> {
    let argument = usage_error::argument(error)?;
    let again = tree::with_all(words, &|_| false).try_get_matches_from(words).err();
    if again.is_some_and(|again| again.kind() == error.kind() && usage_error::argument(&again) == Some(argument)) {
        return None;
    }
    let (_, called) = words::called(crhost, words);
    let named = called.get_arguments().find(|known| known.to_string() == argument)?;
    named.get_env().and_then(OsStr::to_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_does_not_take_its_value_from_an_empty_variable() {
        let environment = Environment::from_iter([("CRHOST_OUTPUT", ""), ("CRHOST_JOBS", ""), ("CRHOST_TIMEOUT", "9")]);
        let crhost = tree::of(&["crhost".into(), "push".into()], &|name| !environment.is_empty(name));
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
    fn a_help_has_the_options_of_its_command_before_those_of_all_commands() {
        let words = ["crhost", "tags", "--help"].map(OsString::from);
        let Ok(Err(help)) = of_another(&words) else { panic!("no help") };
        let help = help.to_string();
        let at = |option| help.find(option).unwrap();
        assert!(at("--include") < at("--insecure") && at("--insecure") < at("--output"), "{help}");
    }
}
