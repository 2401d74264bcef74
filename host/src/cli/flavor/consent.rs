//! The user's consent to what a flavor asks for.

use dialoguer::Confirm;

use super::super::failure::Failure;
use super::super::{output, terminal};
use crate::catalog::{Candidate, Consent};
use crate::error::Kind;
use crate::flavor::{Description, RequestedHost};
use crate::grant::Grant;
use crate::text::{printable, quoted};

/// What the user's arguments say, read against what the flavor asks for.
pub(super) struct Given {
    /// Whether it gets all that it asks for, without a question.
    pub(super) yes: bool,
    /// The hosts that the user names.
    pub(super) grants: Vec<Grant>,
    /// The operations that the user accepts by name.
    pub(super) accepted: Vec<String>,
}

/// Says what the flavor asks for and does not get.
pub(super) fn warn_of_denied(description: &Description, consent: &Consent) {
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

/// The grants that the user wrote for a flavor of this name. They are kept for a new component if the user agrees.
pub(super) fn written(candidate: &Candidate) -> Vec<Grant> {
    let grants = candidate.registered.iter().flat_map(|(_, grants)| grants);
    grants.filter(|grant| grant.written).cloned().collect()
}

/// All that the user agrees to. The user is asked once, and only if there is something to decide: a flavor that asks
/// for no host and has no grants reaches nothing.
pub(super) async fn consent(candidate: &Candidate, given: Given, kept: Vec<Grant>) -> Result<Consent, Failure> {
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
    if !yes && (candidate.is_unchanged() || nothing_to_grant || !named.is_empty()) {
        return Ok(consent(named, accepted));
    }
    // Of two grants for one pattern, the last one counts: the flavor's request does not replace the user's grant.
    let asked: Vec<Grant> = asks.iter().map(RequestedHost::grant).collect();
    let named = named.into_iter().map(|grant| grant.after(&asked));
    let all = asked.iter().cloned().chain(kept.iter().cloned()).chain(named).collect();
    if yes {
        return Ok(consent(all, accepted));
    }
    if !terminal::is_interactive() {
        let asked = quoted(asks.iter().map(|ask| &ask.pattern));
        let own = kept.iter().chain(candidate.of_registries.iter().map(|(_, grant)| grant));
        let own = quoted(own.map(|grant| &grant.pattern));
        let wishes = match (asks.is_empty(), own.is_empty()) {
            (_, true) => format!("asks to reach {asked}"),
            (false, false) => format!("asks to reach {asked}, beside {own}, which you wrote for the version before"),
            (true, false) => format!("would keep {own}, which you wrote for the version before"),
        };
        let message = format!("flavor `{name}` {wishes}, and there is no terminal to ask you at");
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
