//! The command line: reads arguments, calls the use cases, shows what came of them. Nothing else in crhost prints.
//!
//! Results go to standard output, everything else to standard error; each kind of failure has its exit code.

mod assignment;
mod compile_component;
mod connector;
mod context;
mod failure;
mod flavor;
mod key;
mod output;
mod progress;
mod push;
mod registry;
mod result_file;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use context::Context;
use failure::Failure;
use output::Format;

const EXIT_CODES: &str = "\
Exit codes:
  0  done                              5  a name is taken, or something is in use
  1  any other failure                 6  network: no answer; trying again may help
  2  wrong arguments or input          7  a flavor failed, or a file is no flavor
  3  not found                         8  bytes are not what their digest says
  4  credentials missing or refused  130  interrupted

Environment:
  CRHOST_HOME  where crhost keeps everything (otherwise the XDG folders)
  CRHOST_LOG   what it logs, e.g. `debug` or `crhost=debug`
  DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_AUTH_CONFIG  as for the docker command
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR, NO_COLOR  as usual";

/// Pushes container images to any registry
#[derive(Parser)]
#[command(name = "crhost", version, after_help = EXIT_CODES, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Entry,

    /// How results are shown
    #[arg(short, long, global = true, value_enum, default_value_t, env = "CRHOST_OUTPUT")]
    output: Format,

    /// Tell more: `-v` what happens, `-vv` every detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Commands for people, and what crhost starts itself.
#[derive(Subcommand)]
enum Entry {
    #[command(flatten)]
    Command(Command),
    #[command(hide = true, name = crate::flavor::compile::COMMAND)]
    CompileComponent(compile_component::Arguments),
}

#[derive(Subcommand)]
enum Command {
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

/// Runs the command line of this process.
#[must_use]
pub(crate) fn main() -> ExitCode {
    // Where clap prints, it also ends the process: `--help` with 0, wrong arguments with 2.
    let Arguments { command, output: format, verbose } = Arguments::parse();
    let command = match command {
        Entry::Command(command) => command,
        // Before anything is started: what it needs is measured.
        Entry::CompileComponent(arguments) => return compile_component::run(&arguments),
    };
    start_log(verbose);
    // Fails only where a provider is installed already; here is the only place that installs one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let patience = match command {
        // It is the ordinary end, which the command sees to itself.
        Command::Serve(_) => usize::MAX,
        // At the first one it takes back what it has begun.
        Command::Push(_) => 2,
        _ => 1,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::general(format!("no threads can be started: {error}")).show(format),
    };
    let code = runtime.block_on(async {
        tokio::select! {
            result = run(format, command) => match result {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => failure.show(format),
            },
            () = interrupted(patience) => Failure::interrupted().show(format),
        }
    });
    // A thread that still reads a file or compiles is not waited for.
    runtime.shutdown_background();
    code
}

/// Waits for Ctrl-C, so many times.
async fn interrupted(times: usize) {
    for _ in 0..times {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

async fn run(format: Format, command: Command) -> Result<(), Failure> {
    let context = Context { format };
    match command {
        Command::Push(arguments) => push::run(&context, *arguments).await,
        Command::Registry(command) => registry::run(&context, command).await,
        Command::Connector(command) => connector::run(&context, command).await,
        Command::Flavor(command) => flavor::run(&context, command).await,
        Command::Key(command) => key::run(&context, &command),
        Command::Serve(arguments) => serve::run(arguments).await,
    }
}

fn start_log(verbose: u8) {
    let default = match verbose {
        0 => "warn",
        1 => "warn,crhost=info",
        _ => "info,crhost=debug",
    };
    let filter = EnvFilter::try_from_env("CRHOST_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(output::stderr_is_colourful())
        .without_time()
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
