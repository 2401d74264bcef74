//! The command line: parses arguments, calls the use cases, shows their results. Nothing else in crhost prints.
//!
//! Results go to standard output, everything else to standard error; each kind of failure has its exit code.

mod apply;
mod arguments;
mod assignment;
mod audit;
mod auth;
mod boolean;
mod build;
mod ci;
mod ci_results;
mod command_line;
mod compile_component;
mod completion;
mod components;
mod connector;
mod context;
mod copy;
mod credential_helper;
mod daemon;
mod docker;
mod doctor;
mod duration;
mod edit;
mod event_stream;
mod exit_codes;
mod export;
mod failure;
mod flavor;
mod grant;
#[cfg(test)]
mod harmless;
mod if_taken;
mod in_use;
mod inspect;
mod integration;
mod jobs;
mod jq;
mod key;
mod key_service;
mod kubernetes;
mod listen;
mod log;
mod log_group;
mod log_lines;
mod login;
mod man;
mod message;
mod of_server;
mod option_variables;
mod output;
mod plugin;
mod policy;
mod progress;
mod prune;
mod pull;
mod push;
mod rate;
#[cfg(test)]
mod reference;
mod registry;
mod removed;
mod result_event;
mod result_file;
mod runtime;
mod screen;
mod selection;
mod serve;
mod server;
mod services;
mod shard;
mod signals;
mod stateless;
mod supply_chain;
mod sync;
mod terminal;
mod transfer;
mod version;
mod wrap;

use std::ffi::OsString;
use std::process::ExitCode;

use tracing::{Instrument as _, Span};

use crate::environment::Environment;
use crate::spans;
use crate::telemetry::Traces;
use arguments::{Arguments, Command, Entry, Options};
use context::{Context, Readers};
use failure::Failure;
use signals::{Signal, Signals};

/// What reads the files that contexts name.
const READERS: Readers = Readers { store: stateless::store, keys: key_service::services };

/// Runs the command line of this process.
#[must_use]
pub(crate) fn main() -> ExitCode {
    let environment = Environment::of_this_process();
    let words: Vec<OsString> = kubernetes::as_called(std::env::args_os().collect());
    if credential_helper::is_called(words.first()) {
        let action = credential_helper::action(&words);
        return credential_helper::run(&Context::of_variables(environment, READERS), &action);
    }
    if completion::is_asked_for(&environment) {
        return completion::answer(&command_line::tree::whole, &environment);
    }
    let Arguments { command, options } = match command_line::parse(&words, &environment) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let Options { output: format, verbose, config, .. } = options;
    let command = match command {
        Entry::Command(command) => command,
        // Before any thread starts: the memory of the whole child process is limited.
        Entry::CompileComponent(arguments) => return compile_component::run(&arguments),
        Entry::Jq(arguments) => return jq::run(&arguments),
    };
    if let Command::Docker(docker::Command::CredentialHelper { action }) = &command {
        let context = Context::new(output::Format::default(), environment, config, READERS);
        return credential_helper::run(&context, action);
    }
    if let Command::Kubernetes(kubernetes::Command::CredentialProvider(arguments)) = &command
        && arguments.is_answer()
    {
        let context = Context::new(output::Format::default(), environment, config, READERS);
        return kubernetes::answer(&context, arguments);
    }
    let signals = match command {
        // Any number of signals: the server ends itself at the first one.
        Command::Serve(_) | Command::Server(_) => usize::MAX,
        Command::Kubernetes(ref command) if command.is_service() => usize::MAX,
        // At the first one, the push cancels its uploads; a second one does not wait for that.
        Command::Push(_) | Command::Build(_) | Command::Pull(_) | Command::Copy(_) | Command::Sync(_) => 2,
        _ => 1,
    };
    let runtime = match runtime::start() {
        Ok(runtime) => runtime,
        Err(failure) => return failure.show(format),
    };
    let traces = Traces::start(&environment, runtime.handle());
    log::start(verbose, &environment, &traces);
    let code = runtime.block_on(async {
        // A command that computes can't be dropped, so it cleans nothing up.
        let mut received = Signals::watch(move |signal| {
            Failure::interrupted(signal).show(format);
            std::process::exit(signal.exit_code().into());
        });
        let span = traces.command(|| command_line::name(&words));
        let command = run(Context::new(format, environment, config, READERS), command).instrument(span.clone());
        let failure = tokio::select! {
            result = command => result.err().or_else(Failure::of_result),
            signal = received.last_of(signals) => Some(Failure::interrupted(signal)),
        };
        // The signal at which the command ended itself may still wait here: it is none that ends the trace.
        end_trace(&traces, span, failure.as_ref(), received.last_of(signals.min(2))).await;
        failure.map_or(ExitCode::SUCCESS, |failure| failure.show(format))
    });
    // Threads that still read a file or compile are not waited for.
    runtime.shutdown_background();
    code
}

/// Ends the command's span, and has the trace sent, unless a signal comes: what the command came to is settled.
async fn end_trace(traces: &Traces, span: Span, failure: Option<&Failure>, signal: impl Future<Output = Signal>) {
    match failure.map(Failure::facts) {
        Some((kind, message, exit_code)) => spans::command_ended(&span, exit_code, Some((&kind, message))),
        None => spans::command_ended(&span, 0, None),
    }
    drop(span);
    tokio::select! {
        () = traces.end() => {}
        _ = signal => {}
    }
}

async fn run(context: Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Push(arguments) => push::run(&context, *arguments).await,
        Command::Pull(arguments) => pull::run(&context, *arguments).await,
        Command::Copy(arguments) => copy::run(&context, *arguments).await,
        Command::Sync(arguments) => sync::run(&context, *arguments).await,
        Command::Build(arguments) => build::run(&context, *arguments).await,
        Command::Attach(arguments) => supply_chain::attach(&context, arguments).await,
        Command::Referrers(arguments) => supply_chain::referrers(&context, arguments).await,
        Command::Sign(arguments) => supply_chain::sign(&context, arguments).await,
        Command::Verify(arguments) => supply_chain::verify(&context, arguments).await,
        Command::GenerateKeyPair(arguments) => supply_chain::generate_key_pair(&context, arguments).await,
        Command::Prune(arguments) => prune::run(&context, *arguments).await,
        Command::Repos(arguments) => inspect::repos(&context, arguments).await,
        Command::Tags(arguments) => inspect::tags(&context, *arguments).await,
        Command::Inspect(arguments) => inspect::inspect(&context, *arguments).await,
        Command::Digest(arguments) => inspect::digest(&context, *arguments).await,
        Command::Config(arguments) => inspect::config(&context, *arguments).await,
        Command::Manifest(arguments) => inspect::manifest(&context, *arguments).await,
        Command::LsFiles(arguments) => inspect::ls_files(&context, *arguments).await,
        Command::Diff(arguments) => inspect::diff(&context, *arguments).await,
        Command::Tag(arguments) => edit::tag(&context, *arguments).await,
        Command::Delete(arguments) => edit::delete(&context, arguments).await,
        Command::Index(command) => edit::index(&context, *command).await,
        Command::Annotate(arguments) => edit::annotate(&context, *arguments).await,
        Command::Apply(arguments) => apply::run(&context, arguments).await,
        Command::Export(arguments) => export::run(&context, &arguments).await,
        Command::Registry(command) => registry::run(&context, command).await,
        Command::Connector(command) => connector::run(&context, command).await,
        Command::Flavor(command) => flavor::run(&context, command).await,
        Command::Policy(command) => policy::run(&context, command).await,
        Command::Docker(command) => docker::run(&context, command),
        Command::Login(arguments) => login::login(&context, arguments).await,
        Command::Logout(arguments) => login::logout(&context, &arguments),
        Command::Auth(command) => auth::run(&context, command).await,
        Command::Kubernetes(command) => kubernetes::run(&context, command, command_line::of_another).await,
        Command::Doctor(arguments) => doctor::run(&context, arguments).await,
        Command::Key(command) => key::run(&context, &command),
        Command::Audit(arguments) => audit::run(&context, *arguments),
        Command::Serve(arguments) => serve::run(&context, arguments).await,
        Command::Server(arguments) => server::run(&context, *arguments).await,
        Command::Plugin(command) => {
            plugin::run(&context, &command, &command_line::tree::of(&[], &|_| true));
            Ok(())
        }
        Command::Completions(arguments) => completion::run(&arguments),
        Command::Man(arguments) => man::run(&command_line::tree::whole(), &arguments),
        Command::Version => {
            version::run(&context);
            Ok(())
        }
        Command::Integration(command) => integration::run(&context, command).await,
    }
}
