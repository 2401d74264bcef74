//! The rules about URIs, tried with texts that are made of the flavor's examples.

use std::sync::Arc;

use super::corpus::{Example, typed_host};
use super::findings::Findings;
use super::rule::Rule;
use super::trial::Subject;
use crate::flavor::{AcceptedUri, CallError, FailureKind, Flavor, Observer, Surroundings};
use crate::image::RegistryUri;

/// Examples that texts are made of: more of one flavor differ in ways that its own table of tests knows better.
const EXAMPLES: usize = 8;

/// A time long ago, and one that is far away: in 2001 and in 2100.
const TIMES: [u64; 2] = [1_000_000_000, 4_102_444_800];

/// Tries them.
pub(super) async fn test(subject: &Subject<'_>, findings: &mut Findings) {
    let observer = Arc::new(Observer::default());
    let observed = |clock| {
        let observer = Some(Arc::clone(&observer));
        subject.flavor.within(Surroundings { clock: Some(clock), seed: Some(clock), observer, answers: None })
    };
    let [flavor, later] = TIMES.map(observed);
    for text in flavor.description().uri_examples.iter().take(EXAMPLES) {
        // An example that is not accepted is a finding already.
        let Ok(AcceptedUri { uri, .. }) = flavor.validate_uri(text).await else { continue };
        let example = Example::of(&uri);
        for text in example.garbage() {
            let judged = judge(&flavor, &text, findings).await;
            let problem = judged.map(|uri| format!("it is accepted as `{uri}`, expected a refusal"));
            findings.case(Rule::GarbageRefused, &case(&text), problem);
        }
        let serves_any = flavor.validate_uri(&example.elsewhere()).await.is_ok();
        for text in example.look_alikes() {
            let judged = judge(&flavor, &text, findings).await;
            findings.case(Rule::HostKept, &case(&text), judged.and_then(|uri| moved(&text, &uri, serves_any)));
        }
        for text in example.other_spellings() {
            let judged = judge(&flavor, &text, findings).await;
            let problem = judged.filter(|other| *other != uri);
            let problem = problem.map(|other| format!("it becomes `{other}`, expected `{uri}` or a refusal"));
            findings.case(Rule::CanonicalForm, &case(&text), problem);
        }
        let sooner_and_later = (flavor.validate_uri(text).await.ok(), later.validate_uri(text).await.ok());
        let problem = match sooner_and_later {
            (Some(sooner), Some(later)) if sooner.uri == later.uri && sooner.warnings == later.warnings => None,
            _ => Some("the answer differs between 2001 and 2100, expected the same".to_owned()),
        };
        findings.case(Rule::UriPure, &case(text), problem);
    }
    if let Some(exchange) = observer.take().requests.first() {
        let problem = format!("it sends a request: {}", exchange.request.line());
        findings.broken(Rule::UriPure, "`validate-uri`", &problem);
    }
}

/// What a flavor takes a text for, none if it refuses it; the refusal is held to its own rule.
async fn judge(flavor: &Flavor, text: &str, findings: &mut Findings) -> Option<RegistryUri> {
    match flavor.validate_uri(text).await {
        Ok(accepted) => {
            findings.tried(Rule::CallsEnd);
            Some(accepted.uri)
        }
        Err(CallError::Refused { failure, .. }) => {
            findings.tried(Rule::CallsEnd);
            let problem = match failure.kind {
                FailureKind::InvalidInput if failure.hint.is_none() => Some(format!(
                    "the refusal has no hint, expected one that shows a correct form: {}",
                    failure.message
                )),
                FailureKind::InvalidInput | FailureKind::Unsupported => ill_worded(&failure.message),
                kind => Some(format!("the refusal is `{kind}`, expected `invalid-input` or `unsupported`")),
            };
            findings.case(Rule::RefusalsExplained, &case(text), problem);
            None
        }
        Err(error @ CallError::Failed { .. }) => {
            findings.case(Rule::CallsEnd, &case(text), Some(error.to_string()));
            None
        }
    }
}

/// What is wrong with the words of a refusal.
fn ill_worded(message: &str) -> Option<String> {
    if message.trim().is_empty() {
        return Some("the refusal has no message, expected what is wrong in one line".to_owned());
    }
    let is_sentence = message.ends_with('.') && !message.ends_with("..");
    is_sentence.then(|| format!("the message ends in a full stop, expected none: {message}"))
}

/// What is wrong with a look-alike that was accepted as `uri`.
fn moved(text: &str, uri: &RegistryUri, serves_any: bool) -> Option<String> {
    let typed = typed_host(text);
    let kept = uri.host().as_str() == typed;
    match (kept, serves_any) {
        (false, _) => Some(format!("it is accepted as `{uri}`, expected a refusal or the host `{typed}`")),
        (true, true) => None,
        // A flavor for one provider may serve many hosts of it, but none below somebody else's domain.
        (true, false) if is_elsewhere(&typed) => Some(format!("it is accepted as `{uri}`, expected a refusal")),
        (true, false) => None,
    }
}

/// Whether a host is below a domain of the corpus.
fn is_elsewhere(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    host.ends_with("crhost-test.example") || host.ends_with(".evil")
}

fn case(text: &str) -> String {
    // Escapes that are seen: findings show characters that terminals hide as blanks.
    let shown: String = text.chars().take(120).collect();
    let shown = format!("{shown:?}");
    let shown = shown.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&shown);
    format!("`validate-uri` `{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_alike_may_be_accepted_only_as_itself_and_by_a_flavor_for_any_host() {
        let moved = |text: &str, uri: &str, any: bool| moved(text, &uri.parse().unwrap(), any).is_some();
        assert!(!moved("ghcr.io.crhost-test.example/a", "ghcr.io.crhost-test.example/a", true));
        assert!(moved("ghcr.io.crhost-test.example/a", "ghcr.io.crhost-test.example/a", false));
        assert!(moved("ghcr.io.crhost-test.example/a", "ghcr.io/a", true));
        assert!(!moved("contosso.azurecr.io", "contosso.azurecr.io", false));
        assert!(moved("crhost-test.example/ghcr.io/a", "ghcr.io/a", false));
    }
}
