//! `crhost flavor register`: shows a component and the hosts that it asks for, and asks the user's consent.

use std::path::Path;

use dialoguer::Confirm;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::{output, terminal};
use super::describe;
use crate::catalog::{Candidate, Catalog};
use crate::error::Kind;
use crate::flavor::RequestedHost;
use crate::grant::Grant;
use crate::store::{Added, FlavorRecord, Store};
use crate::text::quoted;

/// The options of the command.
pub(super) struct RegisterArgs {
    /// Whether it may replace a registered flavor.
    pub(super) replace: bool,
    /// Whether it gets all that it asks for, without a question.
    pub(super) yes: bool,
    /// The hosts that the user names.
    pub(super) written: Vec<Grant>,
}

/// Runs the command.
pub(super) async fn run(
    context: &Context,
    catalog: &Catalog<'_>,
    store: &Store,
    file: &Path,
    arguments: RegisterArgs,
) -> Result<(), Failure> {
    let candidate = catalog.inspect(file, arguments.replace).await?;
    // Hosts that the user names for a new component replace those that the user wrote for the old one.
    let named_anew = !arguments.yes && !arguments.written.is_empty() && !is_unchanged(&candidate);
    let kept = if named_anew { Vec::new() } else { written(&candidate) };
    // With JSON, standard error is for one error object, unless there is a terminal with a question to explain.
    if !context.is_json() || terminal::is_interactive() {
        show(&candidate, &kept);
    }
    let grants = consent(&candidate, &arguments, kept).await?;
    let added = catalog.register(&candidate, &grants, arguments.replace)?;
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
    let missing = |ask: &RequestedHost<'_>| !grants.iter().any(|grant| grant.pattern == *ask.pattern);
    let denied: Vec<_> =
        flavor.description().requested_hosts().into_iter().filter(missing).map(|ask| ask.pattern.clone()).collect();
    if added != Added::Unchanged && !denied.is_empty() {
        output::say("warning", &format!("it asks to reach {} too, which is not granted as such", quoted(denied)));
    }
    Ok(())
}

fn is_unchanged(candidate: &Candidate) -> bool {
    candidate.registered.as_ref().is_some_and(|(old, _)| old.digest == candidate.record.digest)
}

/// The grants that the user wrote for a flavor of this name. They are kept for a new component if the user agrees.
fn written(candidate: &Candidate) -> Vec<Grant> {
    let grants = candidate.registered.iter().flat_map(|(_, grants)| grants);
    grants.filter(|grant| grant.written).cloned().collect()
}

/// The grants of the flavor. The user is asked once, and only if there is something to decide: a flavor that asks for
/// no host and has no grants reaches nothing.
async fn consent(candidate: &Candidate, arguments: &RegisterArgs, kept: Vec<Grant>) -> Result<Vec<Grant>, Failure> {
    let name = &candidate.record.name;
    let asks = candidate.flavor.description().requested_hosts();
    let nothing_to_grant = asks.is_empty() && kept.is_empty() && candidate.of_registries.is_empty();
    if !arguments.yes && (is_unchanged(candidate) || nothing_to_grant || !arguments.written.is_empty()) {
        return Ok(arguments.written.clone());
    }
    // Of two grants for one pattern, the last one counts: the flavor's request does not replace the user's grant.
    let asked = asks.iter().map(|ask| Grant::asked(ask.pattern.clone()));
    let all = asked.chain(kept.iter().cloned()).chain(arguments.written.iter().cloned()).collect();
    if arguments.yes {
        return Ok(all);
    }
    if !terminal::is_interactive() {
        let keeps = kept.iter().chain(candidate.of_registries.iter().map(|(_, grant)| grant));
        let hosts = quoted(asks.iter().map(|ask| ask.pattern).chain(keeps.map(|grant| &grant.pattern)));
        let message = format!("flavor `{name}` asks to reach {hosts}, and there is no terminal to ask you at");
        let hint = "`--yes` grants all of it, `--allow-host PATTERN` only what you name";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let prompt = format!("Register flavor `{name}` and let it reach these hosts?");
    let answer = tokio::task::spawn_blocking(|| Confirm::new().with_prompt(prompt).default(false).interact());
    match answer.await {
        Ok(Ok(true)) => Ok(all),
        _ => Err(Failure::new(
            Kind::General,
            format!("flavor `{name}` was not registered"),
            "`--allow-host PATTERN` grants only what you name",
        )),
    }
}

/// Shows the component that would be registered, and its differences to the registered one.
fn show(candidate: &Candidate, kept: &[Grant]) {
    let description = candidate.flavor.description();
    let known = candidate.registered.as_ref().map(|(record, grants)| (record, grants.as_slice()));
    for (name, value) in describe::facts(&candidate.record, description) {
        output::say_line(format!("{name:16}{value}").trim_end());
    }
    if let Some((old, _)) = known.filter(|(old, _)| old.digest != candidate.record.digest) {
        output::say_line(&format!("{:16}version {} ({})", "In place of", old.version, old.digest));
    }
    let granted =
        |ask: &RequestedHost<'_>| known.is_some_and(|(_, grants)| grants.iter().any(|old| old.pattern == *ask.pattern));
    for ask in description.requested_hosts() {
        let methods = describe::methods(&ask);
        let secrets = if methods.is_empty() { methods } else { format!(", with secrets of {methods}") };
        let new = if known.is_some() && !granted(&ask) { "  (new)" } else { "" };
        output::say_line(format!("{:16}{}{secrets}{new}", "Asks to reach", ask.pattern).trim_end());
    }
    let kept = kept.iter().map(|grant| (grant, String::new()));
    let of_registries = candidate.of_registries.iter().map(|(name, grant)| (grant, format!(" for registry `{name}`")));
    for (grant, registry) in kept.chain(of_registries) {
        let secrets = if grant.secrets { ", with secrets" } else { "" };
        output::say_line(&format!("{:16}{}{secrets}{registry}  (you wrote it)", "Keeps", grant.pattern));
    }
}
