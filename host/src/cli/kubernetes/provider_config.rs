//! `crhost kubernetes credential-provider config`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::super::context::Context;
use super::super::duration;
use super::super::failure::Failure;
use super::super::output::{self, Format};
use super::annotation::annotation;
use super::deliver::yaml;
use crate::kubernetes::{ProviderHome, ServiceAccountUse, ServiceAccounts, VariableName, provider_config};
use crate::store::{Name, RegistryRecord, Store};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registries; without any, all that are registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<Name>,
    /// Where crhost keeps everything on the node, as CRHOST_HOME; without it, where it does here
    #[arg(long, value_name = "DIRECTORY")]
    home: Option<PathBuf>,
    /// How long the kubelet keeps credentials whose end is not known
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration::between(0, 86_400))]
    cache_duration: Duration,
    /// Have the kubelet hand over tokens of pods' service accounts, made for this audience
    #[arg(long, value_name = "AUDIENCE", requires = "token_file")]
    token_audience: Option<String>,
    /// Variable that names a file with such a token, for connectors that read it
    #[arg(long, value_name = "VARIABLE", requires = "token_audience")]
    token_file: Option<VariableName>,
    /// Variable that has the value of an annotation that such a service account must have
    #[arg(long = "annotation", value_name = "KEY=VARIABLE", value_parser = annotation, requires = "token_audience")]
    annotations: Vec<(String, VariableName)>,
}

/// Prints it as YAML, or as JSON.
pub(super) fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { registries, home, cache_duration, token_audience, token_file, annotations } = arguments;
    let registries = self::registries(&context.store()?, &registries)?;
    let home = home.as_deref().map_or(ProviderHome::AsHere(&context.environment), ProviderHome::At);
    let used = ServiceAccountUse { token_file, annotations: annotations.into_iter().collect() };
    let accounts = token_audience.map(|audience| ServiceAccounts { audience, used });
    let config = provider_config(&registries, home, cache_duration, accounts)?;
    let text = match context.format {
        // Structs of strings and lists, which JSON can always represent.
        Format::Json => serde_json::to_string_pretty(&config).unwrap_or_default(),
        Format::Table | Format::Name => yaml(&config)?,
    };
    text.lines().for_each(output::print);
    Ok(())
}

/// The registries of these names, or all.
pub(super) fn registries(store: &Store, names: &[Name]) -> Result<Vec<RegistryRecord>, Failure> {
    match names {
        [] => Ok(store.registries()?),
        names => Ok(names.iter().map(|name| store.registry(name)).collect::<Result<_, _>>()?),
    }
}
