//! A token of the platform for the id token of a CI job: what `jfrog/setup-jfrog-cli` does
//! (`src/utils.ts`; <https://jfrog.com/help/r/jfrog-platform-administration-documentation/openid-connect-integration>).

use crhost_flavor::http::{Hints, Method, Request, Service};
use crhost_flavor::id_tokens::{Claims, IdToken, Instruction, ensure_method};
use crhost_flavor::{AuthMethod, Connector, Credential, Failure, Field, Operation, Password, clock, jwt, oauth};
use serde_json::{Value, json};

use crate::api::ENDPOINT;
use crate::uri::CLOUD;

/// The auth method.
pub(crate) const OIDC: &str = "oidc";

/// Its field with the id token.
const ID_TOKEN: &str = "id-token";

/// The path of the exchange.
const PATH: &str = "/access/api/v1/oidc/token";

/// Seconds that a token is taken to live where it says nothing.
const LIFETIME: u64 = 3_600;

const SERVICE: Service<'_> = Service {
    name: "JFrog",
    credential: "the id token",
    error_pointers: &["/errors/0/message", "/error_description", "/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "compare the identity mapping with what `crhost connector explain` says",
        denied: "compare the identity mapping with what `crhost connector explain` says",
        other: "check the provider's name, and the option `jfrog-endpoint`",
    },
};

/// The auth method: an integration of the platform, and an id token that it trusts.
pub(crate) fn method() -> AuthMethod {
    AuthMethod::new("jfrog", OIDC, "A token of the platform, for the id token of a CI job that it trusts")
        .field(Field::text("provider-name", "The name of the OpenID Connect integration in JFrog"))
        .field(Field::text("audience", "The audience that the integration has"))
        .field(Field::secret(ID_TOKEN, "The id token (JWT)"))
        .operation(
            Operation::new("exchange", "Exchanges the id token for a token of the platform")
                .post()
                // Not at any registry's own host: no standard has a secret in a member of JSON.
                .host(format!("https://*.{CLOUD}"))
                .endpoint(ENDPOINT)
                .path(PATH)
                .body_of("grant_type", ["urn:ietf:params:oauth:grant-type:token-exchange"])
                .body_of("subject_token_type", ["urn:ietf:params:oauth:token-type:id_token"])
                .body("provider_name")
                .json_secret("subject_token", ID_TOKEN),
        )
}

/// The field that takes an id token.
pub(crate) fn id_token() -> IdToken {
    IdToken::new("jfrog", OIDC, ID_TOKEN, "{audience}")
}

/// A token of the platform, its user, and its end.
pub(crate) struct Token {
    pub(crate) user: String,
    pub(crate) value: String,
    pub(crate) end: u64,
}

impl From<Token> for Credential {
    fn from(token: Token) -> Self {
        let basic = Self::basic(token.user, Password::Plain(token.value));
        basic.expires_at(token.end).for_whole_registry().into()
    }
}

/// A token of the platform at this URL, which is in JFrog's cloud or was named by the option.
pub(crate) fn exchange(connector: &Connector, url: &str, is_named: bool) -> Result<Token, Failure> {
    if !is_named && !url.ends_with(&format!(".{CLOUD}")) {
        return Err(Failure::invalid_input("the platform that gives a token for the id token is not known")
            .hint(format!("name it with `--option {ENDPOINT}=URL`, and open it with `--allow-secret-host URL`")));
    }
    let body = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "provider_name": connector.required_text("provider-name")?,
    });
    let request = Request::new(Method::Post, format!("{url}{PATH}")).header("accept", "application/json");
    let id_token = connector.required_secret(ID_TOKEN)?;
    let answer = SERVICE.object(&request.json_with_secret(&body, "subject_token", id_token).send()?)?;
    let value = oauth::token(&answer, "access_token").ok_or_else(|| SERVICE.unreadable())?;
    let user = user(&value).ok_or_else(|| SERVICE.unreadable())?;
    let seconds = answer.get("expires_in").and_then(Value::as_u64).filter(|seconds| *seconds > 0);
    let end = jwt::expiry(&value, clock::now(), seconds.unwrap_or(LIFETIME));
    Ok(Token { user, value, end })
}

/// The user whom a token of the platform stands for: the end of its subject `jfac@…/users/NAME` or `jfrt@…/users/NAME`.
fn user(token: &str) -> Option<String> {
    let claims = jwt::claims(token);
    let subject = claims.get("sub")?.as_str()?;
    let user = match subject.starts_with("jfrt@") || subject.contains("/users/") {
        true => subject.rsplit('/').next()?,
        false => subject,
    };
    let is_good = !user.is_empty() && !user.contains(':') && user.bytes().all(|byte| byte.is_ascii_graphic());
    is_good.then(|| user.to_owned())
}

/// The integration and its identity mapping.
pub(crate) fn explain(connector: &Connector, claims: &Claims) -> Result<Vec<Instruction>, Failure> {
    ensure_method(connector, OIDC)?;
    let name = connector.required_text("provider-name")?;
    let integration = json!({
        "name": name, "provider_type": "Generic OpenID Connect", "issuer_url": claims.issuer,
        "audience": claims.audience,
    });
    let mapping = json!({"iss": claims.issuer, "sub": claims.subject});
    Ok(vec![
        Instruction::json(format!("the OpenID Connect integration `{name}` of the platform"), &integration),
        Instruction::json(
            "the claims of its identity mapping, whose token has the scope of a user or a group",
            &mapping,
        ),
    ])
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{Host, answer, connector};

    use super::*;
    use crate::JFrog;

    const URL: &str = "https://acme.jfrog.io/access/api/v1/oidc/token";

    fn token(subject: &str) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(json!({"alg": "RS256"})), part(json!({"sub": subject, "exp": 1_796_000_900})))
    }

    fn given(host: &Host) -> Result<Token, Failure> {
        let fields = [("provider-name", "github"), ("audience", "jfrog-github")];
        let connector = connector(OIDC, &fields).with_secret(ID_TOKEN, host.secret("a.b.c"));
        exchange(&connector, "https://acme.jfrog.io", false)
    }

    #[test]
    fn a_token_of_the_platform_is_given_for_an_id_token_and_names_its_user() {
        let issued = token("jfac@01hx/users/ci");
        let body = json!({"access_token": issued, "expires_in": 3600, "token_type": "Bearer"}).to_string();
        let host = Host::at(1_796_000_000).holding::<JFrog>().answers(Method::Post, URL, answer(200, &body));
        let token = given(&host).unwrap();
        assert_eq!((token.user.as_str(), token.value == issued, token.end), ("ci", true, 1_796_000_900));
        let sent: Value = serde_json::from_str(&host.sent()[0].text()).unwrap();
        assert_eq!((&sent["subject_token"], &sent["provider_name"]), (&json!("a.b.c"), &json!("github")));
    }

    #[test]
    fn a_platform_of_one_s_own_has_to_be_named() {
        let connector = connector(OIDC, &[("provider-name", "github")]);
        let failure = exchange(&connector, "https://artifactory.example.com", false).err().unwrap();
        assert!(failure.hint.unwrap().contains("--option jfrog-endpoint="));
    }

    #[test]
    fn the_user_is_read_as_jfrog_s_action_reads_it() {
        for (subject, expected) in [
            ("jfac@01hx/users/ci", Some("ci")),
            ("jfrt@01hx/users/ci", Some("ci")),
            ("ci", Some("ci")),
            ("jfac@01hx/users/", None),
            ("", None),
            ("a:b", None),
        ] {
            assert_eq!(user(&token(subject)).as_deref(), expected, "{subject}");
        }
        assert_eq!(user("opaque"), None);
    }

    #[test]
    fn an_identity_without_a_mapping_is_told_in_jfrog_s_words() {
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"No identity mapping found"}]}"#;
        let host = Host::at(1_796_000_000).answers(Method::Post, URL, answer(401, body));
        let failure = given(&host).err().unwrap();
        assert_eq!(failure.kind, FailureKind::Unauthenticated);
        assert!(failure.message.contains("No identity mapping"), "{}", failure.message);
    }

    #[test]
    fn the_mapping_names_one_subject() {
        let claims =
            Claims::new("https://token.actions.githubusercontent.com", "repo:acme/train:ref:x", "jfrog-github");
        let explained = explain(&connector(OIDC, &[("provider-name", "github")]), &claims).unwrap();
        assert!(explained[1].text.contains(r#""sub": "repo:acme/train:ref:x""#), "{}", explained[1].text);
        assert!(explain(&connector("token", &[]), &claims).is_err());
    }
}
