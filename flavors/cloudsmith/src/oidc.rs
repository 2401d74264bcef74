//! A token of a service account for the id token of a CI job (cloudsmith-cli, `core/credentials/oidc/exchange.py`;
//! <https://docs.cloudsmith.com/authentication/openid-connect>).

use crhost_flavor::http::{Hints, Method, Request, Service};
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method};
use crhost_flavor::{
    AuthMethod, Connector, Credential, Failure, Field, Operation, Options, Password, clock, jwt, oauth,
};
use serde_json::json;

use crate::api::{ENDPOINT, USER};
use crate::uri::check_slug;

/// The auth method.
pub(crate) const OIDC: &str = "oidc";

/// Its field with the id token.
const ID_TOKEN: &str = "id-token";

/// The audience that Cloudsmith's own program asks for.
const AUDIENCE: &str = "cloudsmith";

/// Seconds that a token is taken to live where it does not say.
const LIFETIME: u64 = 600;

const SERVICE: Service<'_> = Service {
    name: "Cloudsmith",
    credential: "the id token",
    error_pointers: &["/detail"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "compare the provider's settings with what `crhost connector explain` says",
        denied: "compare the provider's settings with what `crhost connector explain` says",
        other: "see whether organization and service account are named as in their URLs at `https://app.cloudsmith.com`",
    },
};

/// The auth method: a service account, and an id token that its organization trusts.
pub(crate) fn method() -> AuthMethod {
    AuthMethod::new("cloudsmith", OIDC, "A service account, for the id token of a CI job that its organization trusts")
        .field(Field::text("organization", "The organization, as its URL has it").env("CLOUDSMITH_ORG"))
        .field(Field::text("service-account", "The service account, as its URL has it").env("CLOUDSMITH_SERVICE_SLUG"))
        .field(Field::secret(ID_TOKEN, "The id token (JWT)"))
        .operation(
            Operation::new("exchange", "Exchanges the id token for a token of the service account")
                .post()
                .at(ENDPOINT)
                .path("/openid/*/")
                .body("service_slug")
                .json_secret("oidc_token", ID_TOKEN),
        )
}

/// The field that takes an id token.
pub(crate) fn id_token() -> IdToken {
    IdToken::new("cloudsmith", OIDC, ID_TOKEN, AUDIENCE)
}

/// A token of the service account.
pub(crate) fn token(connector: &Connector, options: &Options) -> Result<String, Failure> {
    let (organization, service) = names(connector)?;
    let request = Request::new(Method::Post, format!("{}/openid/{organization}/", ENDPOINT.url(options)));
    let request = request.header("accept", "application/json");
    let id_token = connector.required_secret(ID_TOKEN)?;
    let body = json!({"service_slug": service});
    let answer = SERVICE.object(&request.json_with_secret(&body, "oidc_token", id_token).send()?)?;
    oauth::token(&answer, "token").ok_or_else(|| SERVICE.unreadable())
}

/// The registry's credential with such a token.
pub(crate) fn credential(token: String) -> Credential {
    let end = jwt::expiry(&token, clock::now(), LIFETIME);
    Credential::basic(USER, Password::Plain(token)).expires_at(end).for_whole_registry().into()
}

/// The organization and its service account.
fn names(connector: &Connector) -> Result<(&str, &str), Failure> {
    let [organization, service] = ["organization", "service-account"].map(|name| connector.required_text(name));
    let (organization, service) = (organization?, service?);
    check_slug(organization, "an organization")?;
    check_slug(service, "a service account")?;
    Ok((organization, service))
}

/// The provider of the organization.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, OIDC)?;
    let (organization, service) = names(connector)?;
    let provider = json!({
        "provider_url": claims.issuer,
        "claims": {"sub": claims.subject, "aud": claims.audience},
        "service_accounts": [service],
    });
    Ok(vec![Instruction::json(format!("the OpenID Connect provider of the organization `{organization}`"), &provider)])
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{Host, answer, connector, options};

    use super::*;
    use crate::Cloudsmith;

    const URL: &str = "https://api.cloudsmith.io/openid/acme/";
    const FIELDS: [(&str, &str); 2] = [("organization", "acme"), ("service-account", "ci-x1y2")];

    fn given(host: &Host) -> Result<String, Failure> {
        token(&connector(OIDC, &FIELDS).with_secret(ID_TOKEN, host.secret("a.b.c")), &options(&[]))
    }

    #[test]
    fn a_token_is_given_for_an_id_token() {
        let host = Host::at(1_796_000_000).holding::<Cloudsmith>();
        let host = host.answers(Method::Post, URL, answer(201, r#"{"token":"opaque"}"#));
        assert_eq!(given(&host).unwrap(), "opaque");
        let sent: serde_json::Value = serde_json::from_str(&host.sent()[0].text()).unwrap();
        assert_eq!(sent, json!({"service_slug": "ci-x1y2", "oidc_token": "a.b.c"}));
        let Credential::Basic(basic) = credential("opaque".to_owned()) else { panic!() };
        assert_eq!((basic.username.as_str(), basic.expires_at), ("token", Some(1_796_000_600)));
    }

    #[test]
    fn an_id_token_that_is_not_trusted_is_told_in_cloudsmith_s_words() {
        let body = r#"{"detail":"Invalid OIDC token claims"}"#;
        let host = Host::at(1_796_000_000).answers(Method::Post, URL, answer(401, body));
        let failure = given(&host).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthenticated);
        assert!(failure.message.contains("Invalid OIDC token claims"), "{}", failure.message);
        assert!(failure.hint.unwrap().contains("connector explain"));
    }

    #[test]
    fn the_provider_trusts_one_subject() {
        let claims = Claims::new("https://gitlab.com", "project_path:acme/train:ref_type:branch:ref:main", AUDIENCE);
        let explained = explain(&connector(OIDC, &FIELDS), &claims).unwrap();
        assert!(explained[0].text.contains(r#""sub": "project_path:acme/train:ref_type:branch:ref:main""#));
        assert!(explain(&connector("api-key", &[]), &claims).is_err());
        let path = [("organization", "acme/../x"), ("service-account", "ci")];
        assert!(explain(&connector(OIDC, &path), &claims).is_err());
    }
}
