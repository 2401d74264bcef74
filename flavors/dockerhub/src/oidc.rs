//! OIDC connections of an organization: a short-lived token for the id token of a job of GitHub Actions, which is the
//! organization's password (`docker/oidc-action`, `src/main.ts`; Docker's manual "Create and manage OIDC connections").

use crhost_flavor::http::{Hints, Method, Request, Service};
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method};
use crhost_flavor::{
    AuthMethod, Connector, Credential, Failure, Field, Operation, Options, Password, clock, jwt, oauth,
};
use serde_json::json;

use crate::api::ENDPOINT;

/// The connector type.
const TYPE: &str = "dockerhub";
/// The auth method.
pub(crate) const OIDC: &str = "oidc";
/// Its field with the id token.
const ID_TOKEN: &str = "id-token";
/// Its field with the connection.
const CONNECTION: &str = "connection-id";

/// The audience that the action asks for.
const AUDIENCE: &str = "api.docker.com";

/// The only issuer that connections trust.
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The path of the exchange.
const PATH: &str = "/v2/auth/oidc/token";

/// Seconds that a token is taken to live where it does not say: the least that the action offers.
const LIFETIME: u64 = 300;

const SERVICE: Service<'_> = Service {
    name: "Docker Hub",
    credential: "the id token",
    error_pointers: &["/message", "/detail"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "compare the connection's rulesets with what `crhost connector explain` says",
        denied: "compare the connection's rulesets with what `crhost connector explain` says",
        other: "the connection may be deactivated or deleted: see *OIDC connections* of the organization in Docker Home",
    },
};

/// The auth method: a connection of an organization, and an id token that it trusts.
pub(crate) fn method() -> AuthMethod {
    AuthMethod::new(TYPE, OIDC, "An organization, for the id token of a job of GitHub Actions that it trusts")
        .field(Field::text("username", "The organization"))
        .field(Field::text(CONNECTION, "The id of its OIDC connection").env("DOCKERHUB_OIDC_CONNECTIONID"))
        .field(Field::secret(ID_TOKEN, "The id token (JWT)"))
        .operation(
            Operation::new("exchange", "Exchanges the id token for a token of the organization")
                .post()
                .at(ENDPOINT)
                .path(PATH)
                .body("connection_id")
                .json_secret("token", ID_TOKEN),
        )
}

/// The field that takes an id token.
pub(crate) fn id_token() -> IdToken {
    IdToken::new(TYPE, OIDC, ID_TOKEN, AUDIENCE)
}

/// The organization's password for an id token.
pub(crate) fn credential(connector: &Connector, options: &Options) -> Result<Credential, Failure> {
    let username = connector.required_text("username")?.to_owned();
    let body = json!({"connection_id": connection(connector)?});
    let request = Request::new(Method::Post, format!("{}{PATH}", ENDPOINT.url(options)));
    let request = request.header("accept", "application/json");
    let id_token = connector.required_secret(ID_TOKEN)?;
    let answer = SERVICE.object(&request.json_with_secret(&body, "token", id_token).send()?)?;
    let token = oauth::token(&answer, "access_token").ok_or_else(|| SERVICE.unreadable())?;
    let end = jwt::expiry(&token, clock::now(), LIFETIME);
    Ok(Credential::basic(username, Password::Plain(token)).expires_at(end).for_whole_registry().into())
}

/// Whose credentials these are, which an exchange proves.
pub(crate) fn identify(connector: &Connector, options: &Options) -> Result<String, Failure> {
    credential(connector, options)?;
    Ok(format!("the organization {} at Docker Hub", connector.required_text("username")?))
}

/// The id of the connection: a UUID, as the action checks it.
fn connection(connector: &Connector) -> Result<&str, Failure> {
    let id = connector.required_text(CONNECTION)?;
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = id.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part)) {
        true => Ok(id),
        false => Err(Failure::invalid_input(format!("`{id}` is not the id of an OIDC connection, expected a UUID"))
            .hint("copy it from *OIDC connections* of the organization in Docker Home")),
    }
}

/// The ruleset of the connection.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, OIDC)?;
    if claims.issuer != ISSUER {
        let message = format!("OIDC connections trust no id tokens of `{}`", claims.issuer);
        return Err(Failure::unsupported(message).hint(format!("only those of GitHub Actions, `{ISSUER}`")));
    }
    let organization = connector.required_text("username")?;
    let summary = format!(
        "the subject claim of a ruleset of the connection: Docker Home, `{organization}`, *Identity & auth*, *OIDC \
         connections*"
    );
    Ok(vec![Instruction::new(summary, claims.subject.clone())])
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{Host, answer, connector, options};

    use super::*;
    use crate::DockerHub;

    const URL: &str = "https://hub.docker.com/v2/auth/oidc/token";
    const ID: &str = "01234567-89ab-4cde-8f01-23456789abcd";

    fn given(host: &Host, id: &str) -> Result<Credential, Failure> {
        let connector = connector(OIDC, &[("username", "acme"), (CONNECTION, id)]);
        credential(&connector.with_secret(ID_TOKEN, host.secret("a.b.c")), &options(&[]))
    }

    #[test]
    fn an_organization_s_token_is_given_for_an_id_token() {
        let body = r#"{"access_token":"opaque"}"#;
        let host = Host::at(1_796_000_000).holding::<DockerHub>().answers(Method::Post, URL, answer(200, body));
        let Credential::Basic(basic) = given(&host, ID).unwrap() else { panic!() };
        assert_eq!((basic.username.as_str(), basic.expires_at), ("acme", Some(1_796_000_300)));
        assert!(matches!(basic.password, Password::Plain(token) if token == "opaque"));
        let sent: serde_json::Value = serde_json::from_str(&host.sent()[0].text()).unwrap();
        assert_eq!(sent, json!({"connection_id": ID, "token": "a.b.c"}));
    }

    #[test]
    fn a_connection_that_does_not_trust_the_job_is_told_in_docker_s_words() {
        for (status, kind) in [(401, FailureKind::Unauthenticated), (403, FailureKind::Denied)] {
            let body = r#"{"message":"no ruleset matches the subject claim"}"#;
            let host = Host::at(1_796_000_000).answers(Method::Post, URL, answer(status, body));
            let failure = given(&host, ID).err().unwrap();
            assert_eq!(failure.kind, kind);
            assert!(failure.message.contains("no ruleset matches"), "{}", failure.message);
            assert!(failure.hint.unwrap().contains("connector explain"));
        }
    }

    #[test]
    fn the_id_of_a_connection_is_a_uuid() {
        let host = Host::at(1_796_000_000);
        for id in ["", "acme", "01234567-89ab-4cde-8f01-23456789abc", "01234567-89ab-4cde-8f01-23456789abcz"] {
            assert!(given(&host, id).err().unwrap().hint.unwrap().contains("Docker Home"), "{id}");
        }
    }

    #[test]
    fn a_ruleset_names_one_subject_of_github() {
        let claims = Claims::new(ISSUER, "repo:acme/train:ref:x", AUDIENCE);
        let acme = connector(OIDC, &[("username", "acme")]);
        assert_eq!(explain(&acme, &claims).unwrap()[0].text, "repo:acme/train:ref:x");
        assert!(explain(&acme, &Claims::new("https://gitlab.com", "x", AUDIENCE)).is_err());
        assert!(explain(&connector("password", &[]), &claims).is_err());
    }
}
