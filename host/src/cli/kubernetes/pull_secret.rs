//! `crhost kubernetes pull-secret`.

use std::collections::BTreeSet;

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use super::asker::Asker;
use super::deliver::Delivery;
use super::remarks::warn;
use super::{provider_config, watch};
use crate::kubernetes::{Cluster, Namespace, ObjectName};
use crate::store::Name;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registries whose images are to be pulled
    #[arg(value_name = "REGISTRY", required = true)]
    registries: Vec<Name>,
    /// The Secret's namespace; without it, that of the pod or of `kubectl`
    #[arg(short, long)]
    namespace: Option<Namespace>,
    /// The Secret's name; without it, `crhost-REGISTRY`, or `crhost-pull` for several registries
    #[arg(long)]
    name: Option<ObjectName>,
    /// Apply it to the cluster instead of printing it: to that of this pod, else with `kubectl`
    #[arg(long)]
    apply: bool,
    /// The context of `kubectl` that names the cluster
    #[arg(long, requires = "apply")]
    context: Option<String>,
    /// Go on, and print or apply it again each time before it ends
    #[arg(short, long)]
    pub(super) watch: bool,
}

/// Prints or applies a Secret, once or until a signal comes.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { mut registries, namespace, name, apply, context: cluster, watch } = arguments;
    let mut seen = BTreeSet::new();
    registries.retain(|name| seen.insert(name.clone()));
    let store = context.store()?;
    // Before anything is asked.
    let records = provider_config::registries(&store, &registries)?;
    let cluster = if apply { Some(Cluster::find(&context.environment, cluster)?) } else { None };
    let name = name.unwrap_or_else(|| ObjectName::of_secret(&registries));
    let delivery = Delivery { name, namespace, cluster, format: context.format, is_stream: watch };
    let asker = Asker::new(context, &store, &context.environment)?;
    if watch {
        return watch::run(&store, &asker, registries, &delivery).await;
    }
    let mut entries = Vec::with_capacity(records.len());
    for registry in records {
        let entry = asker.ask(registry, false).await?;
        warn(&entry);
        entries.push(entry);
    }
    delivery.deliver(&entries).await
}
