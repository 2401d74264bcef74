//! The token service of a registry: a token of Entra for a refresh token, which is the registry's password, and a refresh token
//! for one that says what may be done.

use crhost_flavor::http::{Form, Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Credential, Failure, FailureKind, Image, Password, Secret, clock};
use serde_json::Value;

use crate::endpoint::unreadable;
use crate::target::Target;
use crate::words::json;
use crate::{jwt, refusal};

/// The user whose password is a refresh token.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Seconds that a refresh token lives, as Microsoft documents it ("Individual login with Microsoft Entra ID").
const LIFE: u64 = 3 * 3_600;

/// A token of Entra, wherever it is.
pub(crate) enum Bearer<'a> {
    /// One that Entra returned to this flavor.
    Known(String),
    /// One that the user stored.
    Stored(&'a Secret),
}

/// What a registry is asked for permissions with.
pub(crate) enum Proof<'a> {
    /// A refresh token.
    Refresh(&'a str),
    /// A user name and a password.
    Pair(&'a str, &'a Secret),
}

/// Exchanges a token of Entra for a refresh token of the registry.
pub(crate) fn refresh_token(target: &Target, bearer: &Bearer<'_>) -> Result<String, Failure> {
    let claims = match bearer {
        Bearer::Known(token) => jwt::claims(token),
        Bearer::Stored(_) => Value::Null,
    };
    let tenant = claims.get("tid").and_then(Value::as_str).filter(|tenant| crate::connector::is_guid(tenant));
    let form = Form::new().text("grant_type", "access_token").text("service", &target.service);
    let form = match tenant {
        Some(tenant) => form.text("tenant", tenant),
        None => form,
    };
    let form = match bearer {
        Bearer::Known(token) => form.text("access_token", token),
        Bearer::Stored(token) => form.secret("access_token", token),
    };
    let request = Request::new(Method::Post, target.tokens.below("/oauth2/exchange")).form(form);
    let response = request.send().map_err(|error| nowhere(error.into(), target))?;
    match response.status {
        200 => read(&response, "refresh_token", target),
        _ => Err(refusal::of_registry(&response, &target.service, tenant)),
    }
}

/// The credential that a refresh token is: it opens every repository that the identity may use.
pub(crate) fn credential(refresh_token: String) -> Credential {
    let end = jwt::end(&refresh_token, clock::now(), LIFE);
    Credential::basic(NOBODY, Password::Plain(refresh_token)).expires_at(end).for_whole_registry().into()
}

/// Fails if the registry would not let an image's repository be pushed to. Only the token service is asked: the catalog is closed
/// where roles are given per repository.
pub(crate) fn may_push(target: &Target, proof: &Proof<'_>, image: &Image) -> Result<(), Failure> {
    let scope = format!("repository:{}:pull,push", image.repository);
    let url = target.tokens.below("/oauth2/token");
    let request = match proof {
        Proof::Refresh(token) => Request::new(Method::Post, url).form(
            Form::new()
                .text("grant_type", "refresh_token")
                .text("service", &target.service)
                .text("scope", &scope)
                .text("refresh_token", token),
        ),
        Proof::Pair(username, password) => {
            let query = format!("service={}&scope={}", percent_encoded(&target.service), percent_encoded(&scope));
            let request = Request::new(Method::Get, format!("{url}?{query}"));
            request.header_of("authorization", vec!["Basic ".into(), Part::basic(*username, password)])
        }
    };
    let response = request.send().map_err(|error| nowhere(error.into(), target))?;
    granted(&response, proof, target, image)
}

fn granted(response: &Response, proof: &Proof<'_>, target: &Target, image: &Image) -> Result<(), Failure> {
    let not_allowed = |said: &str| {
        Failure::denied(format!("registry `{}` does not let `{}` be pushed to{said}", target.service, image.repository))
            .hint(
                "give the identity the role `AcrPush` on the registry, or `Container Registry Repository Writer` where roles \
                 are given per repository (ABAC); a token needs a scope map with `content/write`",
            )
    };
    if response.status != 200 {
        let failure = refusal::of_registry(response, &target.service, None);
        // A refresh token is fresh: what is refused is what it was asked for.
        let of_scope = match (failure.kind, proof) {
            (FailureKind::Unauthenticated, Proof::Refresh(_)) => true,
            (FailureKind::Denied, _) => !failure.message.contains("is not allowed access"),
            _ => false,
        };
        return Err(match (failure.kind, proof) {
            _ if of_scope => not_allowed(&format!(": {}", failure.message)),
            (FailureKind::Unauthenticated, Proof::Pair(..)) => failure.hint(
                "the password may be wrong, the admin user switched off (`az acr update --admin-enabled true`), or a token \
                 without a scope map that has `content/write`",
            ),
            _ => failure,
        });
    }
    let token = read(response, "access_token", target)?;
    let claims = jwt::claims(&token);
    // A token that can't be read may be good: the push will tell.
    let Some(access) = claims.get("access").and_then(Value::as_array) else { return Ok(()) };
    let is_push = |action: &Value| matches!(action.as_str(), Some("push" | "*"));
    let allows = |entry: &Value| {
        let named = entry.get("name").and_then(Value::as_str) == Some(image.repository.as_str());
        named && entry.get("actions").and_then(Value::as_array).is_some_and(|actions| actions.iter().any(is_push))
    };
    if access.iter().any(allows) { Ok(()) } else { Err(not_allowed("")) }
}

/// A token in an answer.
fn read(response: &Response, name: &str, target: &Target) -> Result<String, Failure> {
    let body = json(response);
    let token = body.get(name).and_then(Value::as_str).unwrap_or_default();
    match !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(token.to_owned()),
        false => Err(unreadable(&format!("registry `{}`", target.service))),
    }
}

/// The name of a registry that does not exist resolves to nothing.
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
    use crhost_flavor::Registry;

    use super::*;

    fn target() -> Target {
        Target::of(&Registry { name: "r".into(), uri: "contoso.azurecr.io".into(), options: Vec::new() }).unwrap()
    }

    fn image() -> Image {
        Image { host: "contoso.azurecr.io".into(), repository: "team/train".into(), tag: None, digest: None }
    }

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn answered(status: u16, body: &str) -> Result<(), Failure> {
        granted(&response(status, body), &Proof::Refresh("r"), &target(), &image())
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
            let failure = read(&response(200, body), "refresh_token", &target()).unwrap_err();
            assert!(failure.message.contains("can't be read"), "{body}");
        }
    }
}
