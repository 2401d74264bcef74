//! `crhost policy register`: shows a policy and the hosts that it asks for, and asks the user's consent.

use std::collections::BTreeMap;

use dialoguer::Confirm;

use super::super::components;
use super::super::context::Context;
use super::super::failure::Failure;
use super::super::inspect::Tools;
use super::super::supply_chain::public_key;
use super::super::{output, terminal};
use super::arguments::RegisterArgs;
use super::show;
use crate::catalog::remote_name;
use crate::components::{Signers, fetch};
use crate::error::Kind;
use crate::grant::{Grant, HostPattern};
use crate::policy::{Candidate, Policies, Registration};
use crate::store::PolicyRecord;
use crate::text::quoted;

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: RegisterArgs) -> Result<(), Failure> {
    let key = arguments.require_signature.as_ref().map(|key| public_key(context, key)).transpose()?;
    if let Some(name) = arguments.file.to_str().and_then(remote_name) {
        let name = components::artifact(name)?;
        let tools = Tools::open(context, arguments.insecure)?;
        let services = tools.services(context);
        let signers = Signers::of(services.store, key)?;
        let fetched = fetch(&tools.inspector(&services), &name, &signers).await?;
        let policies = Policies { store: services.store, runtime: services.catalog.runtime() };
        let candidate = policies.examine(fetched.component).await?;
        return admit(context, &policies, &candidate, arguments).await;
    }
    if key.is_some() {
        let message = format!("`{}` is a file, which has no signature beside it", arguments.file.display());
        let hint = "signatures are in registries: give the name there, such as `oci://ghcr.io/acme/mypolicy`";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let (store, runtime) = (context.store()?, context.runtime()?);
    let policies = Policies { store: &store, runtime: &runtime };
    let candidate = policies.inspect(&arguments.file).await?;
    admit(context, &policies, &candidate, arguments).await
}

async fn admit(
    context: &Context,
    policies: &Policies<'_>,
    candidate: &Candidate,
    arguments: RegisterArgs,
) -> Result<(), Failure> {
    let RegisterArgs { name, options, asked, hosts, if_missing, replace, yes, .. } = arguments;
    let own = name.as_ref().unwrap_or_else(|| candidate.name());
    let known = policies.store.policies()?.into_iter().find(|record| if_missing && record.name == *own);
    if let Some(record) = known {
        let is_same =
            candidate.is_component_of(&record) && record.options == options.into_iter().collect::<BTreeMap<_, _>>();
        return stays(context, policies, &record, is_same);
    }
    let requested = candidate.description.requested_hosts();
    let named = !hosts.is_empty();
    let mut grants = hosts.read(&candidate.description);
    if !named && !requested.is_empty() {
        grants = agreed(candidate, &requested, yes).await?;
    }
    let (actions, registries) = asked.read();
    let options = options.into_iter().collect();
    let registration = Registration { name, options, actions, registries, grants, replace };
    let record = policies.register(candidate, registration)?;
    if context.is_json() {
        show::describe(context, policies, &record)?;
    } else {
        let (name, version, digest) = (&record.name, &record.version, &record.digest);
        output::say_line(&format!("registered policy `{name}` {version} ({digest}), which {}", show::asked(&record)));
    }
    let denied: Vec<&HostPattern> =
        requested.iter().filter(|host| !record.grants.iter().any(|grant| grant.pattern == **host)).collect();
    if !denied.is_empty() {
        output::say("warning", &format!("it asks to reach {} too, which is not granted", quoted(denied)));
    }
    Ok(())
}

/// Tells that a policy of the name is registered, and is not touched.
fn stays(context: &Context, policies: &Policies<'_>, record: &PolicyRecord, is_same: bool) -> Result<(), Failure> {
    if context.is_json() {
        show::describe(context, policies, record)?;
    } else {
        output::say_line(&format!("policy `{}` is registered already, and {}", record.name, show::asked(record)));
    }
    if !is_same {
        let name = &record.name;
        output::say("warning", &format!("policy `{name}` is another component, or has other options, than given here"));
        output::say("hint", "`--replace` puts what is given in its place");
    }
    Ok(())
}

/// The grants of all hosts that a policy asks for, if the user agrees.
async fn agreed(candidate: &Candidate, requested: &[HostPattern], yes: bool) -> Result<Vec<Grant>, Failure> {
    let hosts = quoted(requested);
    let grants = || {
        let grant = |pattern: &HostPattern| Grant { pattern: pattern.clone(), written: false, secrets: false };
        requested.iter().map(grant).collect()
    };
    if yes {
        return Ok(grants());
    }
    if !terminal::is_interactive() {
        let name = candidate.name();
        let message = format!("policy `{name}` asks to reach {hosts}, and there is no terminal to ask you at");
        let hint = "`--yes` grants all of it, `--allow-host PATTERN` only what you name; it could send there what it \
                    is shown of your images";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    for (label, value) in show::facts_of(candidate) {
        output::say_line(format!("{label:16}{value}").trim_end());
    }
    let prompt = format!("Register it, and let it send to {hosts} what it is shown of your images?");
    let answer = tokio::task::spawn_blocking(|| Confirm::new().with_prompt(prompt).default(false).interact());
    match answer.await {
        Ok(Ok(true)) => Ok(grants()),
        _ => Err(Failure::new(
            Kind::General,
            format!("policy `{}` was not registered", candidate.name()),
            "`--allow-host PATTERN` grants only what you name",
        )),
    }
}
