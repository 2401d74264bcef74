//! Error answers of Microsoft's services, and the user's next step for each.

use crhost_flavor::http::Response;
use crhost_flavor::{Failure, FailureKind};
use serde_json::Value;

use crate::message::one_line;

/// The failure for an error answer of a registry.
pub(crate) struct RegistryRefusal {
    /// The failure.
    pub(crate) failure: Failure,
    /// Whether the registry refused this machine's address, whatever the credentials.
    pub(crate) by_network: bool,
}

/// The hint for an answer that is not Microsoft's.
const SOMETHING_BETWEEN: &str = "something in between, e.g. a proxy, may have answered in its place";

/// Numbers of Entra's errors, and the hint for each (Microsoft's reference "Microsoft Entra authentication and
/// authorization error codes").
const HELP: &[(&[u64], &str)] = &[
    (
        &[7_000_215],
        "store the secret's value, which is not its id; `az ad app credential reset --id CLIENT_ID` makes another",
    ),
    (&[7_000_222], "make another client secret with `az ad app credential reset --id CLIENT_ID`, and store it"),
    (&[700_016], "check the client id and the tenant id: the tenant has no such application"),
    (&[7_000_229], "`az ad sp create --id CLIENT_ID` lets the application into the tenant"),
    (&[7_000_112], "an administrator of the tenant has to enable the application"),
    (&[90_002, 900_023, 900_021], "check the tenant id; a tenant of another cloud needs the option `cloud`"),
    (&[50_034, 50_020], "check the tenant id: the account belongs to another"),
    (&[700_024, 500_133], "get a fresh token of the identity provider, and store it or have it read anew"),
    (
        &[70_021, 700_211, 700_212, 700_213, 7_002_138],
        "give the application a federated credential with the token's issuer, subject and audience",
    ),
    (&[700_021, 700_027, 50_027], "the token of the identity provider is not the one that the application trusts"),
    (
        &[500_011, 650_057],
        "the tenant does not know Azure Container Registry; a tenant of another cloud needs the option `cloud`",
    ),
];

/// Numbers of errors for good credentials that a policy refuses.
const DENIED: &[u64] = &[50_105, 53_000, 53_001, 53_003, 530_003, 530_035];

/// The failure for an error of Entra, or of a service with errors of the same form; `who` is its name in messages.
pub(crate) fn of_entra(response: &Response, who: &str, now: u64) -> Failure {
    let body = response.json();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (error, words) = (one_line(text("error")), one_line(text("error_description")));
    let said = [&words, &error].into_iter().find(|said| !said.is_empty()).cloned().unwrap_or_default();
    if let Some(failure) = response.unavailable(who, &said) {
        return failure;
    }
    if error == "temporarily_unavailable" {
        return Failure::unavailable(format!("{who} can't answer now: {said}")).retry_after(2);
    }
    if said.is_empty() {
        return strange(response, who);
    }
    let message = format!("{who} refused: {said}");
    let number = number(&body, &words);
    if number.is_some_and(|number| DENIED.contains(&number)) || response.status == 403 {
        return Failure::denied(message).hint("a policy of the tenant forbids it: ask its administrator");
    }
    let help = HELP.iter().find(|(numbers, _)| number.is_some_and(|number| numbers.contains(&number)));
    let help = help.map_or("check the connector's fields with `crhost connector describe`", |(_, help)| help);
    let skew = response.clock_skew(now, "Microsoft's").filter(|_| number == Some(700_024));
    Failure::unauthenticated(message).hint(match skew {
        Some(skew) => format!("{skew}; where it makes the tokens, set it, and otherwise {help}"),
        None => help.to_owned(),
    })
}

/// The number of an error: the first that is listed, or the one that the words begin with.
fn number(body: &Value, words: &str) -> Option<u64> {
    let listed = body.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    listed.or_else(|| words.strip_prefix("AADSTS")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
}

/// The failure for an error of a registry's own token service; `tenant` is that of the token, if it is known.
pub(crate) fn of_registry(response: &Response, registry: &str, tenant: Option<&str>) -> RegistryRefusal {
    let (code, words) = code_and_words(response.json().pointer("/errors/0"));
    let said = if words.is_empty() { code } else { words };
    let who = format!("registry `{registry}`");
    let by_network = response.status == 403 && said.contains("is not allowed access");
    let failure = match response.unavailable(&who, &said) {
        Some(failure) => failure,
        None if said.is_empty() => strange(response, &who),
        None => {
            let message = format!("{who} refused: {said} ({})", response.status);
            registry_failure(response.status, message, by_network, tenant)
        }
    };
    RegistryRefusal { failure, by_network }
}

fn registry_failure(status: u16, message: String, by_network: bool, tenant: Option<&str>) -> Failure {
    match status {
        403 if by_network => Failure::denied(message).hint(
            "let this address in with `az acr network-rule add`, or push from a network that the registry trusts",
        ),
        400 | 401 => Failure::unauthenticated(message).hint(match tenant {
            Some(tenant) => format!(
                "the token is of tenant `{tenant}`: the registry's may be another, or it does not know this identity at \
                 all"
            ),
            None => "the token may have expired, or be for another audience or tenant: get one with `az account \
                     get-access-token --resource https://containerregistry.azure.net`"
                .to_owned(),
        }),
        403 => Failure::denied(message).hint(
            "give the identity the role `AcrPush` on the registry, or, where the registry's role assignments are by \
             repository (ABAC), `Container Registry Repository Writer`",
        ),
        404 => {
            Failure::not_found(message).hint("`az acr list --query [].loginServer` shows the registries that there are")
        }
        409 => Failure::conflict(message),
        _ => Failure::new(FailureKind::Other, message),
    }
}

/// The members `code` and `message` of an error.
fn code_and_words(error: Option<&Value>) -> (String, String) {
    let text = |name: &str| error.and_then(|error| error.get(name)).and_then(Value::as_str).unwrap_or_default();
    (one_line(text("code")), one_line(text("message")))
}

/// The failure for an error of Azure Resource Manager.
pub(crate) fn of_management(response: &Response) -> Failure {
    const WHO: &str = "Azure Resource Manager";
    let (code, words) = code_and_words(response.json().get("error"));
    let said = if words.is_empty() { code.clone() } else { words };
    if let Some(failure) = response.unavailable(WHO, &said) {
        return failure;
    }
    let message = match (said.as_str(), code.as_str()) {
        ("", _) => return strange(response, WHO),
        (said, "") => format!("{WHO} refused: {said}"),
        (said, code) => format!("{WHO} refused: {said} ({code})"),
    };
    match response.status {
        401 => Failure::unauthenticated(message).hint("a tenant of another cloud needs the option `cloud`"),
        403 => {
            Failure::denied(message).hint("give the identity the role `Reader` on the subscription or its registries")
        }
        404 => Failure::not_found(message).hint("check the subscription id; `az account list` shows yours"),
        409 => Failure::conflict(message),
        _ => Failure::new(FailureKind::Other, message),
    }
}

/// The failure for an error answer that is not in a form of Microsoft's.
fn strange(response: &Response, who: &str) -> Failure {
    let message = format!("{who} answered {} and nothing that can be read", response.status);
    let kind = match response.status {
        401 => FailureKind::Unauthenticated,
        403 => FailureKind::Denied,
        404 => FailureKind::NotFound,
        _ => FailureKind::Other,
    };
    Failure::new(kind, message).hint(SOMETHING_BETWEEN)
}

/// The failure for a successful answer that can't be read.
pub(crate) fn unreadable(who: &str) -> Failure {
    Failure::other(format!("the answer of {who} can't be read, expected what Microsoft documents"))
        .hint(SOMETHING_BETWEEN)
}

#[cfg(test)]
mod tests;
