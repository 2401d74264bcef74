//! `crhost kubernetes credential-provider`: crhost as the kubelet's credential provider.
//!
//! One request on standard input, one answer on standard output; a failure is exit code 1 and a line on standard error,
//! which the kubelet logs. Nothing is asked of the user, whom the kubelet does not have.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output::{self, Format};
use super::super::{log, runtime};
use super::annotation::annotation;
use super::asker::Asker;
use super::{provider_check, provider_config};
use crate::access::RegistryLogin;
use crate::bounded;
use crate::error::Kind;
use crate::kubernetes::{self, Request, ServiceAccountUse, VariableName};
use crate::telemetry::Traces;
use crate::text::Moment;

/// The longest request, in bytes: a token with annotations has some KiB.
const MAX_REQUEST: usize = 1 << 20;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Arguments {
    /// Variable that names a file with the token of the pod's service account, for connectors that read it; without
    /// it, the token goes nowhere
    #[arg(long, value_name = "VARIABLE")]
    token_file: Option<VariableName>,
    /// Variable that has the value of an annotation of the pod's service account, together with the token
    #[arg(long = "annotation", value_name = "KEY=VARIABLE", value_parser = annotation, requires = "token_file")]
    annotations: Vec<(String, VariableName)>,
    #[command(subcommand)]
    pub(super) command: Option<Below>,
}

/// The commands below it.
#[derive(Debug, Subcommand)]
pub(super) enum Below {
    /// Print the kubelet's configuration, a CredentialProviderConfig, that has it ask crhost about registries
    Config(provider_config::Arguments),
    /// Say whether the kubelet of this machine asks crhost about registries
    Check(provider_check::Arguments),
}

impl Arguments {
    /// Whether a request is to be answered.
    pub(in crate::cli) fn is_answer(&self) -> bool {
        self.command.is_none()
    }
}

/// Answers one request.
pub(in crate::cli) fn run(context: &Context, arguments: &Arguments) -> ExitCode {
    match answer(context, arguments) {
        Ok(()) => Failure::of_result().map_or(ExitCode::SUCCESS, |failure| failed(&failure)),
        Err(failure) => failed(&failure),
    }
}

/// The kubelet tells success from failure and nothing else.
fn failed(failure: &Failure) -> ExitCode {
    failure.show(Format::Table);
    ExitCode::FAILURE
}

fn answer(context: &Context, arguments: &Arguments) -> Result<(), Failure> {
    let text = bounded::read(std::io::stdin().lock(), MAX_REQUEST).map_err(|error| {
        let hint =
            "the kubelet writes its request there; `crhost kubernetes credential-provider config` prints its set-up";
        Failure::new(Kind::Usage, format!("standard input can't be read: {}", crate::text::Foreign(error)), hint)
    })?;
    let request = Request::read(&text)?;
    let store = context.store()?;
    let Some(wanted) = kubernetes::wanted(&store, &request)? else {
        output::print_json_line(&kubernetes::answer(&request, None, Moment::now().0)?);
        return Ok(());
    };
    let used = ServiceAccountUse {
        token_file: arguments.token_file.clone(),
        annotations: arguments.annotations.iter().cloned().collect(),
    };
    let ask = |environment, is_of_one_pod| -> Result<RegistryLogin, Failure> {
        log::start(0, &context.environment, &Traces::none());
        let threads = runtime::start()?;
        let asker = Asker::new(context, &store, environment)?;
        Ok(threads.block_on(asker.ask(wanted.registry.clone(), is_of_one_pod))?.login)
    };
    let login = match used.environment(&request, &context.environment)? {
        Some(pod) => ask(&pod.environment, true)?,
        None => match kubernetes::find_kept(&store, &context.environment, &wanted.registry)? {
            Some(kept) => kept,
            None => ask(&context.environment, false)?,
        },
    };
    output::print_json_line(&kubernetes::answer(&request, Some((&wanted, &login)), Moment::now().0)?);
    Ok(())
}
