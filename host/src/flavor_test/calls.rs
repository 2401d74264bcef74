//! A call as it is, once more, and with each of its requests answered in every way in which services fail.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::fault::{Fault, RETRY_AFTER};
use super::findings::Findings;
use super::recording::Recorded;
use super::rule::Rule;
use super::service::Service;
use super::trial::{Base, Subject};
use crate::egress::{Exchange, Response};
use crate::flavor::CallError;
use crate::flavor_call::{Answer, Credential, Export, FlavorCallError, Outcome, Stopped};

/// Requests of a call that are answered with faults, from the first on: later ones are of the same kinds.
const REQUESTS: usize = 6;

/// Tries a call.
pub(super) async fn test(subject: &Subject<'_>, base: &Base, with_faults: bool, findings: &mut Findings) {
    let case = base.shown();
    // A call that can't be made tells nothing: the flavor lacks the export, or its fields are not those of a real
    // connector.
    let Ok(outcome) = call(subject, base, None, &case, findings).await else { return };
    let requests = requests(&outcome);
    if !requests.is_empty() {
        findings.case(Rule::RequestsOnce, &case, repeated(&outcome.observed.requests));
    }
    if let Ok(Answer::Credential(Credential::Basic { expires_at: Some(end), .. })) = &outcome.answer {
        let now = base.fixed.time;
        let problem = format!("credentials end at {end}, and it is {now}");
        findings.case(Rule::CredentialsCurrent, &case, (*end <= now).then_some(problem));
    }
    if base.export == Export::PrepareImagePush
        && let Ok(again) = call(subject, base, None, &case, findings).await
    {
        findings.case(Rule::PrepareRepeatable, &case, other(&outcome, &again));
    }
    if !with_faults {
        return;
    }
    for at in 0..requests.len().min(REQUESTS) {
        for fault in Fault::ALL {
            let request = requests.get(at).map(String::as_str).unwrap_or_default();
            let case = format!("{case}, `{request}` answered with {}", fault.words());
            if let Ok(failed) = call(subject, base, Some((at, fault)), &case, findings).await
                && !is_of_before(&outcome, &failed, at)
            {
                findings.case(Rule::FailuresTold, &case, misjudged(fault, &failed));
                if fault == Fault::Unreachable && failed.answer.is_err() {
                    findings.case(Rule::OutagesExplained, &case, unexplained(&failed));
                }
                if fault.asks_to_wait() && failed.answer.is_err() {
                    findings.case(Rule::RetryAfter, &case, hurried(&failed));
                }
            }
        }
    }
}

/// Makes the call, its requests answered anew.
async fn call(
    subject: &Subject<'_>,
    base: &Base,
    fault: Option<(usize, Fault)>,
    case: &str,
    findings: &mut Findings,
) -> Result<Outcome, FlavorCallError> {
    let replay = base.recorded.as_ref().map(Recorded::replay);
    subject.call(base, &Arc::new(Service::new(replay, fault)), case, findings).await
}

/// The requests of a call, each as its method and URL.
fn requests(outcome: &Outcome) -> Vec<String> {
    outcome.observed.requests.iter().map(|exchange| exchange.request.line()).collect()
}

/// A request that was sent again after its answer. One that was accepted for later may be asked for again.
fn repeated(exchanges: &[Exchange]) -> Option<String> {
    let is_done = |exchange: &Exchange| matches!(&exchange.answer, Ok(Response { status, .. }) if (200..300).contains(status) && *status != 202);
    exchanges.iter().enumerate().find_map(|(at, exchange)| {
        let mut before = exchanges.iter().take(at).filter(|before| is_done(before));
        let request = &exchange.request;
        before
            .any(|before| before.request == *request)
            .then(|| format!("{} is sent again, though it was answered", request.line()))
    })
}

/// What a second call had otherwise than the first.
fn other(first: &Outcome, second: &Outcome) -> Option<String> {
    let (before, after) = (requests(first), requests(second));
    if before != after {
        let lists = |requests: &[String]| if requests.is_empty() { "none".to_owned() } else { requests.join(", ") };
        return Some(format!("the second call sends other requests: {}; first: {}", lists(&after), lists(&before)));
    }
    let answer = |outcome: &Outcome| match &outcome.answer {
        Ok(answer) => serde_json::to_string(answer).unwrap_or_default(),
        Err(stopped) => stopped.to_string(),
    };
    let (before, after) = (answer(first), answer(second));
    (before != after).then(|| format!("the second call answers otherwise: {after}; first: {before}"))
}

/// Whether a call fails as it did without the fault, for an answer that came before the request that failed: what is
/// asked after that may only be for the words of the failure.
fn is_of_before(usual: &Outcome, failed: &Outcome, at: usize) -> bool {
    let kind = |outcome: &Outcome| match &outcome.answer {
        Err(Stopped::Flavor(error)) => match &**error {
            CallError::Refused { failure, .. } => Some(failure.kind),
            CallError::Failed { .. } => None,
        },
        Err(Stopped::Policy(..)) | Ok(_) => None,
    };
    let is_error = |exchange: &Exchange| !matches!(&exchange.answer, Ok(Response { status, .. }) if *status < 400);
    let (usual_kind, failed_kind) = (kind(usual), kind(failed));
    usual_kind.is_some() && usual_kind == failed_kind && usual.observed.requests.iter().take(at).any(is_error)
}

/// What is wrong with the end of a call whose service failed so. A flavor may do without an answer that it can do
/// without.
fn misjudged(fault: Fault, outcome: &Outcome) -> Option<String> {
    match &outcome.answer {
        Ok(_) => {
            let body = fault.answer().ok().map(|response| String::from_utf8_lossy(&response.body).into_owned());
            let password = outcome.password.as_ref().map(|password| password.expose_secret());
            let is_taken = password.zip(body).is_some_and(|(password, body)| {
                !password.is_empty() && (body == password || body.contains(&format!("\"{password}\"")))
            });
            is_taken.then(|| "the answer of the service became the password, expected a failure".to_owned())
        }
        Err(Stopped::Flavor(error)) => match &**error {
            CallError::Refused { failure, .. } => {
                let expected = fault.kinds();
                if failure.message.trim().is_empty() {
                    return Some("the failure has no message, expected what is wrong in one line".to_owned());
                }
                let names: Vec<String> = expected.iter().map(|kind| format!("`{kind}`")).collect();
                (!expected.contains(&failure.kind)).then(|| {
                    format!("the failure is `{}`, expected {}: {}", failure.kind, names.join(" or "), failure.message)
                })
            }
            // Another rule has it.
            CallError::Failed { .. } => None,
        },
        Err(Stopped::Policy(..)) => None,
    }
}

/// A failure without the next step, of a service that can't be reached: the user's network, or an address that the user
/// named, may be the reason.
fn unexplained(outcome: &Outcome) -> Option<String> {
    let Err(Stopped::Flavor(error)) = &outcome.answer else { return None };
    let CallError::Refused { failure, .. } = &**error else { return None };
    let has_hint = failure.hint.as_ref().is_some_and(|hint| !hint.as_str().trim().is_empty());
    (!has_hint).then(|| format!("the failure has no hint, expected the next step: {}", failure.message))
}

/// What is wrong with the time that a failure asks to wait.
fn hurried(outcome: &Outcome) -> Option<String> {
    let Err(Stopped::Flavor(error)) = &outcome.answer else { return None };
    let CallError::Refused { failure, .. } = &**error else { return None };
    let given = failure.retry_after.map(|time| time.as_secs());
    match given {
        Some(seconds) if seconds == u64::from(RETRY_AFTER) => None,
        Some(seconds) => Some(format!("`retry-after` of the failure is {seconds}, expected {RETRY_AFTER}")),
        None => Some(format!("the failure has no `retry-after`, expected {RETRY_AFTER}")),
    }
}
