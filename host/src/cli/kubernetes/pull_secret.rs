//! `crhost kubernetes pull-secret`.

use clap::Args;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::asker::Asker;
use super::deliver::Delivery;
use super::watch;
use crate::kubernetes::{Cluster, Entry, Namespace, ObjectName, now};
use crate::store::Name;

/// Credentials with less life, in seconds, are warned of: a cluster takes minutes to roll an image out.
const SHORT_LIFE: u64 = 5 * 60;

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
    let mut seen = Vec::new();
    registries.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    let store = context.store()?;
    // Before anything is asked.
    let records = registries.iter().map(|name| store.registry(name)).collect::<Result<Vec<_>, _>>()?;
    let cluster = if apply { Some(Cluster::find(&context.environment, cluster)?) } else { None };
    let name = name.unwrap_or_else(|| ObjectName::of_secret(&registries));
    let delivery = Delivery { name, namespace, cluster, is_json: context.is_json(), is_stream: watch };
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

/// Tells what is unwise about credentials in a cluster.
pub(super) fn warn(Entry { registry, login }: &Entry) {
    let name = &registry.name;
    match login.expires_at.map(|end| end.saturating_sub(now())) {
        // The failure that follows says that there are none.
        _ if login.credential.is_anonymous() => {}
        None => {
            let message = format!(
                "no end of the credentials of `{name}` is known: whoever may read the Secret has them for as long as they last"
            );
            output::say("warning", &message);
            output::say(
                "hint",
                "a connector whose credentials end is safer: `crhost flavor describe FLAVOR` shows which",
            );
        }
        Some(left) if left < SHORT_LIFE => {
            output::say("warning", &format!("the credentials of `{name}` end in {left} s, which a pull may miss"));
        }
        Some(_) => {}
    }
}
