//! `crhost flavor register`: shows a component and the operations that it asks for, and asks the user's consent.

use std::path::Path;

use dialoguer::Confirm;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::grant::GrantArgs;
use super::super::{output, terminal};
use super::{describe, operations};
use crate::catalog::{Candidate, Catalog, Consent};
use crate::error::Kind;
use crate::flavor::{Description, RequestedHost};
use crate::grant::Grant;
use crate::registry::{self, Misfit};
use crate::store::{Added, FlavorRecord, Store};
use crate::text::{printable, quoted};

/// The options of the command.
pub(super) struct RegisterArgs {
    /// Whether it may replace a registered flavor.
    pub(super) replace: bool,
    /// Whether it gets all that it asks for, without a question.
    pub(super) yes: bool,
    /// The hosts that the user names.
    pub(super) grants: GrantArgs,
    /// The operations that the user accepts by name.
    pub(super) allow_operation: Vec<String>,
}

/// The arguments, read against what the flavor asks for.
struct Given {
    yes: bool,
    grants: Vec<Grant>,
    accepted: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(
    context: &Context,
    catalog: &Catalog<'_>,
    store: &Store,
    file: &Path,
    arguments: RegisterArgs,
) -> Result<(), Failure> {
    let RegisterArgs { replace, yes, grants, allow_operation } = arguments;
    let candidate = catalog.inspect(file, replace).await?;
    let description = candidate.flavor.description();
    let given = Given { yes, grants: grants.grants(description), accepted: accepted(description, allow_operation)? };
    // Hosts that the user names for a new component replace those that the user wrote for the old one, and those for
    // single registries.
    let named_anew = !given.yes && !given.grants.is_empty() && !is_unchanged(&candidate);
    let kept = if named_anew { Vec::new() } else { written(&candidate) };
    let misfits =
        if is_unchanged(&candidate) { Vec::new() } else { registry::misfits(store, &candidate.flavor).await? };
    // With JSON, standard error is for one error object, unless there is a terminal with a question to explain.
    if !output::is_json() || terminal::is_interactive() {
        show(&candidate, &kept, !named_anew);
    }
    misfits.iter().for_each(|misfit| warn_of_misfit(&candidate.record.name, misfit));
    let consent = Consent { keep_registry_grants: !named_anew, ..consent(&candidate, given, kept).await? };
    let added = catalog.register(&candidate, &consent, replace)?;
    let Candidate { flavor, record, .. } = candidate;
    if context.is_json() {
        describe::print_json(catalog, store, &record.name).await?;
    } else {
        let done = match added {
            Added::New => "registered",
            Added::Unchanged => "already registered:",
            Added::Replaced => "replaced",
        };
        let FlavorRecord { name, version, digest, .. } = &record;
        output::say_line(&format!("{done} flavor `{name}` {version} ({digest})"));
    }
    if added != Added::Unchanged {
        warn_of_denied(flavor.description(), &consent);
    }
    Ok(())
}

/// Says of a registry that the new component takes it no more. It is registered nevertheless: an author who tries
/// builds mends the next one, and the registry stays as it is.
fn warn_of_misfit(flavor: &str, Misfit { registry, reason }: &Misfit) {
    output::say("warning", &format!("registry `{registry}` does not work with this `{flavor}`: {reason}"));
    output::say("hint", &format!("`crhost registry update {registry}` or a register of the other build mends it"));
}

/// Says what the flavor asks for and does not get.
fn warn_of_denied(description: &Description, consent: &Consent) {
    let is_granted = |ask: &RequestedHost| {
        consent.grants.iter().any(|grant| grant.pattern == ask.pattern && (grant.secrets || ask.methods.is_empty()))
    };
    let denied: Vec<_> = description.requested_hosts().into_iter().filter(|ask| !is_granted(ask)).collect();
    if !denied.is_empty() {
        let hosts = quoted(denied.iter().map(|ask| &ask.pattern));
        output::say("warning", &format!("it asks to reach {hosts} too, which is not granted as it asks"));
    }
    let odd = description.odd_operations().map(|(name, _)| name);
    let closed: Vec<_> = odd.filter(|name| !consent.accepted_operations.contains(name)).collect();
    if !closed.is_empty() {
        let message = format!("its operations {} stay closed until `--allow-operation` accepts them", quoted(closed));
        output::say("warning", &message);
    }
}

/// The operations that the user accepts by name; each must be one that needs it.
pub(super) fn accepted(description: &Description, names: Vec<String>) -> Result<Vec<String>, Failure> {
    let known: Vec<String> = description.odd_operations().map(|(name, _)| name).collect();
    match names.iter().find(|name| !known.contains(name)) {
        None => Ok(names),
        Some(name) => {
            let name = printable(name, 100);
            let message = format!("the flavor has no operation `{name}` that has to be accepted by name");
            let hint = match known.as_slice() {
                [] => "leave `--allow-operation` out: none of its operations needs it".to_owned(),
                known => format!("those that do: {}", quoted(known)),
            };
            Err(Failure::new(Kind::Usage, message, hint))
        }
    }
}

fn is_unchanged(candidate: &Candidate) -> bool {
    candidate.registered.as_ref().is_some_and(|(old, _)| old.digest == candidate.record.digest)
}

/// The grants that the user wrote for a flavor of this name. They are kept for a new component if the user agrees.
fn written(candidate: &Candidate) -> Vec<Grant> {
    let grants = candidate.registered.iter().flat_map(|(_, grants)| grants);
    grants.filter(|grant| grant.written).cloned().collect()
}

/// All that the user agrees to. The user is asked once, and only if there is something to decide: a flavor that asks
/// for no host and has no grants reaches nothing.
async fn consent(candidate: &Candidate, given: Given, kept: Vec<Grant>) -> Result<Consent, Failure> {
    let name = &candidate.record.name;
    let description = candidate.flavor.description();
    let asks = description.requested_hosts();
    let odd: Vec<String> = description.odd_operations().map(|(name, _)| name).collect();
    let Given { yes, grants: named, accepted } = given;
    let consent = |grants: Vec<Grant>, accepted_operations: Vec<String>| Consent {
        grants,
        accepted_operations,
        keep_registry_grants: true,
    };
    let nothing_to_grant = asks.is_empty() && kept.is_empty() && candidate.of_registries.is_empty();
    if !yes && (is_unchanged(candidate) || nothing_to_grant || !named.is_empty()) {
        return Ok(consent(named, accepted));
    }
    // Of two grants for one pattern, the last one counts: the flavor's request does not replace the user's grant.
    let asked = asks.iter().map(RequestedHost::grant);
    let all = asked.chain(kept.iter().cloned()).chain(named).collect();
    if yes {
        return Ok(consent(all, accepted));
    }
    if !terminal::is_interactive() {
        let keeps = kept.iter().chain(candidate.of_registries.iter().map(|(_, grant)| grant));
        let hosts = quoted(asks.iter().map(|ask| &ask.pattern).chain(keeps.map(|grant| &grant.pattern)));
        let message = format!("flavor `{name}` asks to reach {hosts}, and there is no terminal to ask you at");
        let hint = "`--yes` grants all of it, `--allow-host PATTERN` only what you name";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    if !confirmed(format!("Register flavor `{name}` and grant it these operations?")).await {
        return Err(Failure::new(
            Kind::General,
            format!("flavor `{name}` was not registered"),
            "`--allow-host PATTERN` grants only what you name",
        ));
    }
    let open: Vec<String> = odd.iter().filter(|name| !accepted.contains(name)).cloned().collect();
    let prompt = format!("Also the operations at unusual places, {}?", quoted(&open));
    let accepted = if open.is_empty() || !confirmed(prompt).await { accepted } else { odd };
    Ok(consent(all, accepted))
}

/// Asks a question whose answer is no unless the user says yes.
async fn confirmed(prompt: String) -> bool {
    let answer = tokio::task::spawn_blocking(|| Confirm::new().with_prompt(prompt).default(false).interact());
    matches!(answer.await, Ok(Ok(true)))
}

/// Shows the component that would be registered, and its differences to the registered one.
fn show(candidate: &Candidate, kept: &[Grant], keeps_registries: bool) {
    let description = candidate.flavor.description();
    let known = candidate.registered.as_ref().map(|(record, grants)| (record, grants.as_slice()));
    for (name, value) in describe::facts(&candidate.record, description) {
        output::say_line(format!("{name:16}{value}").trim_end());
    }
    if let Some((old, _)) = known.filter(|(old, _)| old.digest != candidate.record.digest) {
        output::say_line(&format!("{:16}version {} ({})", "In place of", old.version, old.digest));
    }
    for requests in operations::requests(description) {
        for (at, line) in requests.lines().iter().enumerate() {
            output::say_line(&format!("{:16}{line}", if at == 0 { "Asks to send" } else { "" }));
        }
        if !requests.odd.is_empty() {
            let places = format!("a place of the service's own: {}", requests.odd.join(", "));
            output::say_line(&format!("{:16}    {places}", "Unusual"));
        }
    }
    let granted =
        |ask: &RequestedHost| known.is_some_and(|(_, grants)| grants.iter().any(|old| old.pattern == ask.pattern));
    let new: Vec<_> = description.requested_hosts().into_iter().filter(|ask| !granted(ask)).collect();
    if known.is_some() && !new.is_empty() {
        output::say_line(&format!("{:16}{}", "New hosts", quoted(new.iter().map(|ask| &ask.pattern))));
    }
    let kept = kept.iter().map(|grant| ("Keeps", grant, String::new()));
    let label = if keeps_registries { "Keeps" } else { "Loses" };
    let of_registries =
        candidate.of_registries.iter().map(|(name, grant)| (label, grant, format!(" for registry `{name}`")));
    for (label, grant, registry) in kept.chain(of_registries) {
        let secrets = if grant.secrets { ", with secrets" } else { "" };
        output::say_line(&format!("{label:16}{}{secrets}{registry}  (you wrote it)", grant.pattern));
    }
}
