//! The command line: parses arguments, calls the use cases, shows their results. Nothing else in crhost prints.
//!
//! Results go to standard output, everything else to standard error; each kind of failure has its exit code.

mod arguments;
mod assignment;
mod boolean;
mod command_line;
mod compile_component;
mod connector;
mod context;
mod duration;
mod event_stream;
mod failure;
mod flavor;
mod grant;
#[cfg(test)]
mod harmless;
mod if_taken;
mod key;
mod listen;
mod log;
mod output;
mod progress;
mod push;
#[cfg(test)]
mod reference;
mod registry;
mod removed;
mod result_file;
mod screen;
mod serve;
mod signals;
mod terminal;
mod wrap;

use std::process::ExitCode;

use crate::environment::Environment;
use crate::text::Foreign;
use arguments::{Arguments, Command, Entry};
use context::Context;
use failure::Failure;
use signals::Signals;

/// Runs the command line of this process.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let environment = Environment::of_this_process();
    let Arguments { command, output: format, verbose } = match command_line::parse(&environment) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let command = match command {
        Entry::Command(command) => command,
        // Before any thread starts: the memory of the whole child process is limited.
        Entry::CompileComponent(arguments) => return compile_component::run(&arguments),
    };
    log::start(verbose, &environment);
    // The one provider of TLS, for every connection of this process. Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let signals = match command {
        // Any number of signals: the server ends itself at the first one.
        Command::Serve(_) => usize::MAX,
        // At the first one, the push cancels its uploads; a second one does not wait for that.
        Command::Push(_) => 2,
        _ => 1,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::general(format!("no threads can be started: {}", Foreign(error))).show(format),
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
        Command::Key(command) => key::run(&context, &command),
        Command::Serve(arguments) => serve::run(&context, arguments).await,
    }
}
