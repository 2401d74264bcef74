//! Robots without a stored token: Quay gives one for the id token of an identity that the robot trusts
//! (`endpoints/oauth/robot_identity_federation.py` and `util/security/federated_robot_auth.py` of Quay).

use crhost_flavor::http::{Api, Hints, Service};
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method};
use crhost_flavor::{AuthMethod, Connector, Credential, Failure, Field, Operation, Password, clock, jwt};
use serde_json::json;

use crate::api::ENDPOINT;
use crate::robot::robot;
use crate::uri::QUAY;

/// The auth method.
pub(crate) const FEDERATION: &str = "robot-federation";

/// Its field with the id token.
const ID_TOKEN: &str = "id-token";

/// The path of the exchange.
const PATH: &str = "/oauth2/federation/robot/token";

/// Seconds that a token lives, as Quay has it; one that says less ends then.
const LIFETIME: u64 = 3_600;

const SERVICE: Service<'_> = Service {
    name: "Quay",
    credential: "the id token",
    error_pointers: &["/error", "/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "compare the robot's federation with what `crhost connector explain` says",
        denied: "compare the robot's federation with what `crhost connector explain` says",
        other: "see `https://status.quay.io`, and check the option `quay-endpoint`",
    },
};

/// The auth method: a robot, and an id token of an identity that it trusts.
pub(crate) fn method() -> AuthMethod {
    let exchange = Operation::new("exchange", "Exchanges the id token for a token of the robot");
    AuthMethod::new("quay", FEDERATION, "A robot account, for the id token of a CI job that it trusts")
        .field(Field::text("username", "The robot, as `namespace+name`"))
        .field(Field::secret(ID_TOKEN, "The id token (JWT)"))
        .operation(exchange.get().host("https://{registry}").endpoint(ENDPOINT).path(PATH).basic(ID_TOKEN))
}

/// The field that takes an id token. Quay holds it to the audiences of the robot's federation, if that has any.
pub(crate) fn id_token() -> IdToken {
    IdToken::new("quay", FEDERATION, ID_TOKEN, QUAY)
}

/// The robot's password, from the Quay at this URL.
pub(crate) fn credential(connector: &Connector, url: String) -> Result<Credential, Failure> {
    let robot = robot(connector.required_text("username")?)?;
    let api = Api::basic(url, robot.clone(), connector.required_secret(ID_TOKEN)?);
    let token = SERVICE.text(&api.get(PATH)?, "/token")?;
    let end = jwt::expiry(&token, clock::now(), LIFETIME);
    Ok(Credential::basic(robot, Password::Plain(token)).expires_at(end).for_whole_registry().into())
}

/// The federation of the connector's robot.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, FEDERATION)?;
    let robot = robot(connector.required_text("username")?)?;
    let federation = json!([{"issuer": claims.issuer, "subject": claims.subject, "audiences": [claims.audience]}]);
    let summary = format!("the federation of the robot `{robot}`: below Set robot federation in its menu");
    Ok(vec![Instruction::json(summary, &federation)])
}

#[cfg(test)]
mod tests {
    use crhost_flavor::http::Method;
    use crhost_flavor::testing::{Host, answer, connector};

    use super::*;
    use crate::Quay;

    const CLAIMS: [&str; 3] = ["https://token.actions.githubusercontent.com", "repo:acme/train:ref:x", QUAY];

    #[test]
    fn a_robot_s_token_is_given_for_an_id_token() {
        let host = Host::at(1_796_000_000).holding::<Quay>().answers(
            Method::Get,
            "https://quay.io/oauth2/federation/robot/token",
            answer(200, r#"{"token":"robots-token"}"#),
        );
        let [issuer, subject, audience] = CLAIMS;
        let token = host.id_token(&Claims::new(issuer, subject, audience));
        let robot = connector(FEDERATION, &[("username", "acme+ci")]).with_secret(ID_TOKEN, token);
        let Credential::Basic(basic) = credential(&robot, "https://quay.io".to_owned()).unwrap() else { panic!() };
        assert_eq!((basic.username.as_str(), basic.expires_at), ("acme+ci", Some(1_796_003_600)));
        assert!(matches!(basic.password, Password::Plain(token) if token == "robots-token"));
    }

    #[test]
    fn a_token_that_the_robot_does_not_trust_is_told_in_quay_s_words() {
        let host = Host::at(1_796_000_000).answers(
            Method::Get,
            "https://quay.io/oauth2/federation/robot/token",
            answer(401, r#"{"error":"Token does not match robot"}"#),
        );
        let robot = connector(FEDERATION, &[("username", "acme+ci")]).with_secret(ID_TOKEN, host.secret("a.b.c"));
        let failure = credential(&robot, "https://quay.io".to_owned()).err().unwrap();
        assert!(failure.message.contains("Token does not match robot"), "{}", failure.message);
        assert!(failure.hint.unwrap().contains("connector explain"));
    }

    #[test]
    fn the_federation_names_one_subject() {
        let [issuer, subject, audience] = CLAIMS;
        let claims = Claims::new(issuer, subject, audience);
        let explained = explain(&connector(FEDERATION, &[("username", "acme+ci")]), &claims).unwrap();
        assert!(explained[0].text.contains(r#""subject": "repo:acme/train:ref:x""#), "{}", explained[0].text);
        assert!(explain(&connector("robot", &[("username", "acme+ci")]), &claims).is_err());
    }
}
