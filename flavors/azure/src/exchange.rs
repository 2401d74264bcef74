//! The token service of a registry: it exchanges a token of Entra for a refresh token, which is the registry's
//! password, and a refresh token for an access token, which lists the permissions.

use crhost_flavor::http::{Form, Method, Request, Response, Value as HeaderValue, percent_encoded};
use crhost_flavor::{Credential, Failure, FailureKind, Image, Password, Secret, SecretOrText, clock, jwt, oauth};
use serde_json::Value;

use crate::guid::is_guid;
use crate::refusal::{self, RegistryRefusal};
use crate::target::Target;

/// The user whose password is a refresh token (Microsoft's documentation of ACR, `docker login` with a token).
const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";

/// Seconds that a refresh token lives, as Microsoft documents it ("Individual login with Microsoft Entra ID").
const LIFETIME: u64 = 3 * 3_600;

/// A credential of a registry.
pub(crate) enum RegistryCredential<'a> {
    /// A refresh token.
    RefreshToken(&'a str),
    /// A user name and a password.
    Password(&'a str, &'a Secret),
}

/// Exchanges a token of Entra for a refresh token of the registry.
pub(crate) fn refresh_token(target: &Target, token: &SecretOrText<'_>) -> Result<String, Failure> {
    let claims = match token {
        SecretOrText::Text(token) => jwt::claims(token),
        SecretOrText::Secret(_) | SecretOrText::Signed(..) => Value::Null,
    };
    let tenant = claims.get("tid").and_then(Value::as_str).filter(|tenant| is_guid(tenant));
    let form = Form::new().text("grant_type", "access_token").text("service", &target.service);
    let form = match tenant {
        Some(tenant) => form.text("tenant", tenant),
        None => form,
    };
    let form = form.value("access_token", token);
    let request = Request::new(Method::Post, format!("{}/oauth2/exchange", target.tokens)).form(form);
    let response = request.send().map_err(|error| nowhere(error.into(), target))?;
    match response.status {
        200 => read(&response, "refresh_token", target),
        _ => Err(refusal::of_registry(&response, &target.service, tenant).failure),
    }
}

/// The credential of a refresh token, which opens every repository that the identity may use.
pub(crate) fn credential(refresh_token: String) -> Credential {
    let end = jwt::expiry(&refresh_token, clock::now(), LIFETIME);
    Credential::basic(TOKEN_USER, Password::Plain(refresh_token)).expires_at(end).for_whole_registry().into()
}

/// Fails if the registry would refuse a push to an image's repository. Only the token service is asked: the catalog is
/// closed where roles are given per repository.
pub(crate) fn check_push(target: &Target, credential: &RegistryCredential<'_>, image: &Image) -> Result<(), Failure> {
    let scope = format!("repository:{}:pull,push", image.repository);
    check_granted(&ask(target, credential, &scope)?, credential, target, image)
}

/// An access token of the registry's own API for a scope.
pub(crate) fn access_token(
    target: &Target,
    credential: &RegistryCredential<'_>,
    scope: &str,
) -> Result<String, Failure> {
    let response = ask(target, credential, scope)?;
    match response.status {
        200 => read(&response, "access_token", target),
        _ => Err(refusal::of_registry(&response, &target.service, None).failure),
    }
}

/// Asks the token service for a scope.
fn ask(target: &Target, credential: &RegistryCredential<'_>, scope: &str) -> Result<Response, Failure> {
    let url = format!("{}/oauth2/token", target.tokens);
    let request = match credential {
        RegistryCredential::RefreshToken(token) => Request::new(Method::Post, url).form(
            Form::new()
                .text("grant_type", "refresh_token")
                .text("service", &target.service)
                .text("scope", scope)
                .text("refresh_token", token),
        ),
        RegistryCredential::Password(username, password) => {
            let query = format!("service={}&scope={}", percent_encoded(&target.service), percent_encoded(scope));
            let request = Request::new(Method::Get, format!("{url}?{query}"));
            request.header("authorization", HeaderValue::basic(*username, password))
        }
    };
    request.send().map_err(|error| nowhere(error.into(), target))
}

fn check_granted(
    response: &Response,
    credential: &RegistryCredential<'_>,
    target: &Target,
    image: &Image,
) -> Result<(), Failure> {
    let not_allowed = |said: &str| {
        Failure::denied(format!("registry `{}` does not let `{}` be pushed to{said}", target.service, image.repository))
            .hint(
                "give the identity the role `AcrPush` on the registry, or `Container Registry Repository Writer` where \
                 roles are given per repository (ABAC); a token needs a scope map with `content/write`",
            )
    };
    if response.status != 200 {
        let RegistryRefusal { failure, by_network } = refusal::of_registry(response, &target.service, None);
        return Err(match (failure.kind, credential) {
            // The refresh token is fresh, so that the scope is refused and not the token.
            (FailureKind::Unauthenticated, RegistryCredential::RefreshToken(_)) => {
                not_allowed(&format!(": {}", failure.message))
            }
            (FailureKind::Denied, _) if !by_network => not_allowed(&format!(": {}", failure.message)),
            (FailureKind::Unauthenticated, RegistryCredential::Password(..)) => failure.hint(
                "the password may be wrong, the admin user switched off (`az acr update --admin-enabled true`), or a \
                 token without a scope map that has `content/write`",
            ),
            _ => failure,
        });
    }
    let token = read(response, "access_token", target)?;
    let claims = jwt::claims(&token);
    // A token that is not a JWT may be good: the push will tell.
    let Some(access) = claims.get("access").and_then(Value::as_array) else { return Ok(()) };
    let is_push = |action: &Value| matches!(action.as_str(), Some("push" | "*"));
    let allows = |entry: &Value| {
        let named = entry.get("name").and_then(Value::as_str) == Some(image.repository.as_str());
        named && entry.get("actions").and_then(Value::as_array).is_some_and(|actions| actions.iter().any(is_push))
    };
    if access.iter().any(allows) { Ok(()) } else { Err(not_allowed("")) }
}

/// The token in a member of a successful answer.
fn read(response: &Response, name: &str, target: &Target) -> Result<String, Failure> {
    let token = oauth::token(&response.json(), name);
    token.ok_or_else(|| refusal::unreadable(&format!("registry `{}`", target.service)))
}

/// Explains a missing answer: the name of a registry that does not exist does not resolve.
fn nowhere(failure: Failure, target: &Target) -> Failure {
    match failure.kind {
        FailureKind::Unavailable => failure.hint(format!(
            "see whether a registry `{}` exists: `az acr list --query [].loginServer` shows those that do",
            target.service
        )),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use crhost_flavor::testing::{answer, image, registry};

    use super::*;

    fn target() -> Target {
        Target::of(&registry("contoso.azurecr.io", &[])).unwrap()
    }

    fn answered(status: u16, body: &str) -> Result<(), Failure> {
        let image = image("contoso.azurecr.io", "team/train");
        check_granted(&answer(status, body), &RegistryCredential::RefreshToken("r"), &target(), &image)
    }

    fn with_access(access: &str) -> String {
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"access":{access}}}"#));
        format!(r#"{{"access_token":"e30.{claims}.c2ln"}}"#)
    }

    #[test]
    fn a_token_says_whether_its_owner_may_push() {
        let entry =
            |name: &str, actions: &str| format!(r#"[{{"type":"repository","name":"{name}","actions":[{actions}]}}]"#);
        for access in [entry("team/train", r#""pull","push""#), entry("team/train", r#""*""#)] {
            answered(200, &with_access(&access)).unwrap();
        }
        answered(200, r#"{"access_token":"opaque"}"#).unwrap();
        for access in ["[]".to_owned(), entry("team/train", r#""pull""#), entry("team", r#""push""#)] {
            let failure = answered(200, &with_access(&access)).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Denied, "{access}");
            let hint = failure.hint.unwrap();
            assert!(hint.contains("`AcrPush`") && hint.contains("`Container Registry Repository Writer`"), "{hint}");
        }
    }

    #[test]
    fn a_refusal_of_what_was_asked_for_is_about_the_role_and_one_of_the_address_is_not() {
        let words = |words: &str| format!(r#"{{"errors":[{{"code":"X","message":"{words}"}}]}}"#);
        let role = answered(401, &words("authentication required")).unwrap_err();
        assert!(role.hint.unwrap().contains("`AcrPush`") && role.message.contains("authentication required"));
        let firewall = answered(403, &words("client with IP '1.2.3.4' is not allowed access.")).unwrap_err();
        assert!(firewall.hint.unwrap().contains("network-rule"));
        assert_eq!(answered(503, "").unwrap_err().kind, FailureKind::Unavailable);
    }

    #[test]
    fn half_an_answer_is_no_token() {
        for body in ["", "{", "{}", r#"{"refresh_token":7}"#, r#"{"refresh_token":""}"#, r#"{"refresh_token":"a b"}"#] {
            let failure = read(&answer(200, body), "refresh_token", &target()).unwrap_err();
            assert!(failure.message.contains("can't be read"), "{body}");
        }
    }
}
