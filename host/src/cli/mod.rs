//! The command line: parses arguments, calls the use cases, shows their results. Nothing else in crhost prints.
//!
//! Results go to standard output, everything else to standard error; each kind of failure has its exit code.

mod arguments;
mod assignment;
mod auth;
mod boolean;
mod command_line;
mod compile_component;
mod completion;
mod connector;
mod context;
mod credential_helper;
mod docker;
mod doctor;
mod duration;
mod event_stream;
mod exit_codes;
mod failure;
mod flavor;
mod grant;
#[cfg(test)]
mod harmless;
mod if_taken;
mod integration;
mod jq;
mod key;
mod kubernetes;
mod listen;
mod log;
mod login;
mod man;
mod moment;
mod output;
mod plugin;
mod progress;
mod push;
#[cfg(test)]
mod reference;
mod registry;
mod removed;
mod result_file;
mod runtime;
mod screen;
mod selection;
mod serve;
mod signals;
mod terminal;
mod version;
mod wrap;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::environment::Environment;
use arguments::{Arguments, Command, Entry};
use context::Context;
use failure::Failure;
use output::Format;
use signals::Signals;

/// Runs the command line of this process.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let environment = Environment::of_this_process();
    let words: Vec<OsString> = kubernetes::as_called(std::env::args_os().collect());
    if credential_helper::is_called(words.first()) {
        let action = credential_helper::action(&words);
        return credential_helper::run(&Context { format: Format::default(), environment }, &action);
    }
    if completion::is_asked_for(&environment) {
        return completion::answer(&Arguments::command, &environment);
    }
    let Arguments { command, output: format, verbose, .. } = match command_line::parse(&words, &environment) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let command = match command {
        Entry::Command(command) => command,
        // Before any thread starts: the memory of the whole child process is limited.
        Entry::CompileComponent(arguments) => return compile_component::run(&arguments),
        Entry::Jq(arguments) => return jq::run(&arguments),
    };
    if let Command::Docker(docker::Command::CredentialHelper { action }) = &command {
        return credential_helper::run(&Context { format: Format::default(), environment }, action);
    }
    if let Command::Kubernetes(kubernetes::Command::CredentialProvider(arguments)) = &command
        && arguments.is_answer()
    {
        return kubernetes::answer(&Context { format: Format::default(), environment }, arguments);
    }
    log::start(verbose, &environment);
    let signals = match command {
        // Any number of signals: the server ends itself at the first one.
        Command::Serve(_) => usize::MAX,
        Command::Kubernetes(ref command) if command.is_service() => usize::MAX,
        // At the first one, the push cancels its uploads; a second one does not wait for that.
        Command::Push(_) => 2,
        _ => 1,
    };
    let runtime = match runtime::start() {
        Ok(runtime) => runtime,
        Err(failure) => return failure.show(format),
    };
    let code = runtime.block_on(async {
        // A command that computes can't be dropped, so it cleans nothing up.
        let mut received = Signals::watch(move |signal| {
            Failure::interrupted(signal).show(format);
            std::process::exit(signal.exit_code().into());
        });
        tokio::select! {
            result = run(Context { format, environment }, command) => match result {
                Ok(()) => Failure::of_result().map_or(ExitCode::SUCCESS, |failure| failure.show(format)),
                Err(failure) => failure.show(format),
            },
            signal = received.last_of(signals) => Failure::interrupted(signal).show(format),
        }
    });
    // Threads that still read a file or compile are not waited for.
    runtime.shutdown_background();
    code
}

async fn run(context: Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Push(arguments) => push::run(&context, *arguments).await,
        Command::Registry(command) => registry::run(&context, command).await,
        Command::Connector(command) => connector::run(&context, command).await,
        Command::Flavor(command) => flavor::run(&context, command).await,
        Command::Docker(command) => docker::run(&context, command),
        Command::Login(arguments) => login::login(&context, arguments).await,
        Command::Logout(arguments) => login::logout(&context, &arguments),
        Command::Auth(command) => auth::run(&context, command).await,
        Command::Kubernetes(command) => kubernetes::run(&context, command).await,
        Command::Doctor(arguments) => doctor::run(&context, arguments).await,
        Command::Key(command) => key::run(&context, &command),
        Command::Serve(arguments) => serve::run(&context, arguments).await,
        Command::Plugin(command) => {
            plugin::run(&context, &command, &Arguments::command());
            Ok(())
        }
        Command::Completions(arguments) => completion::run(&arguments),
        Command::Man(arguments) => man::run(Arguments::command(), &arguments),
        Command::Version => {
            version::run(&context);
            Ok(())
        }
        Command::Integration(command) => integration::run(&context, command).await,
    }
}
