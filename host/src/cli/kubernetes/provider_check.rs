//! `crhost kubernetes credential-provider check`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::provider_config::registries;
use crate::error::{Explain as _, Kind};
use crate::kubernetes::kubelet::{self, Kubelet};
use crate::store::Name;
use crate::text::Escaped;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registries; without any, all that are registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<Name>,
    /// The kubelet's configuration, or a directory of them; without it, that of the kubelet that runs here
    #[arg(long, value_name = "FILE")]
    kubelet_config: Option<PathBuf>,
    /// The kubelet's directory of providers, likewise
    #[arg(long, value_name = "DIRECTORY")]
    bin_dir: Option<PathBuf>,
}

/// How the kubelet is set up.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Checked {
    /// Its configuration.
    file: Option<String>,
    /// Its directory of providers.
    bin_dir: Option<String>,
    /// The registries that were looked for.
    registries: Vec<String>,
    /// What keeps it from asking crhost about them; empty where all is well.
    faults: Vec<Fault>,
}

/// What is wrong.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Fault {
    /// What it is, in one line.
    message: Escaped,
    /// The next step.
    hint: Option<Escaped>,
}

/// Shows what is wrong; the first fault is the command's failure.
pub(super) fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { registries: names, kubelet_config: config, bin_dir } = arguments;
    let registries = registries(&context.store()?, &names)?;
    let running = if config.is_some() && bin_dir.is_some() { None } else { kubelet::find() };
    let is_known = running.is_some() || config.is_some() || bin_dir.is_some();
    let running = running.unwrap_or(Kubelet { config: None, programs: None });
    let kubelet = Kubelet { config: config.or(running.config), programs: bin_dir.or(running.programs) };
    if !is_known {
        let hint = "name its configuration with `--kubelet-config`, and its directory of providers with `--bin-dir`";
        return Err(Failure::new(Kind::NotFound, "no kubelet runs on this machine", hint));
    }
    let faults = kubelet::check(&kubelet, &registries);
    if context.is_json() {
        let fault = |fault: &kubelet::Fault| Fault { message: Escaped::of(fault), hint: fault.hint() };
        let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        output::print_json(&Checked {
            file: shown(&kubelet.config),
            bin_dir: shown(&kubelet.programs),
            registries: registries.iter().map(|registry| registry.name.to_string()).collect(),
            faults: faults.iter().map(fault).collect(),
        });
    } else if faults.is_empty() {
        output::say_line("the kubelet asks crhost about the images of these registries");
    }
    let mut faults = faults.into_iter();
    let Some(first) = faults.next() else { return Ok(()) };
    for fault in faults.filter(|_| !context.is_json()) {
        output::say("warning", &fault.to_string());
        fault.hint().iter().for_each(|hint| output::say("hint", hint));
    }
    Err(first.into())
}
