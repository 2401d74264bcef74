//! Microsoft Entra, which gives tokens to applications and to managed identities.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::{Failure, Options, clock, log};
use serde_json::Value;

use crate::cloud::Cloud;
use crate::connector::{Application, Identity, Managed, Proof};
use crate::endpoint::{Endpoint, unreadable};
use crate::{imds, jwt, refusal, words};

/// What tokens are for that a registry takes, in every cloud. Those for Resource Manager are refused where a registry's policy
/// `azureADAuthenticationAsArmPolicy` is switched off.
pub(crate) const REGISTRY: &str = "https://containerregistry.azure.net";

/// The option that names another authority.
pub(crate) const OPTION: &str = "authority-endpoint";

/// As people call it.
const WHO: &str = "Microsoft Entra";

/// A token for `resource`, as somebody.
pub(crate) fn token(
    identity: &Identity<'_>,
    cloud: &Cloud,
    options: &Options,
    resource: &str,
) -> Result<String, Failure> {
    match identity {
        Identity::Application(application) => of_application(application, cloud, options, resource),
        Identity::Managed(managed) => imds::token(managed, options, resource),
    }
}

fn of_application(
    application: &Application<'_>,
    cloud: &Cloud,
    options: &Options,
    resource: &str,
) -> Result<String, Failure> {
    let Application { tenant, client, proof, authority } = application;
    let own = Endpoint::of_option(options, OPTION)?;
    let authority = own.or_else(|| authority.clone()).unwrap_or_else(|| Endpoint::known(cloud.authority));
    let form = Form::new()
        .text("client_id", client)
        .text("scope", &format!("{resource}/.default"))
        .text("grant_type", "client_credentials");
    let form = match proof {
        Proof::Secret(secret) => form.secret("client_secret", secret),
        Proof::Assertion(token) => form
            .text("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .secret("client_assertion", token),
    };
    let url = authority.below(&format!("/{tenant}/oauth2/v2.0/token"));
    let response = Request::new(Method::Post, url).form(form).send()?;
    match response.status {
        200 => read(&response.body).ok_or_else(|| unreadable(WHO)),
        _ => Err(refusal::of_entra(&response, WHO, clock::now())),
    }
}

/// The token in an answer of Entra, or of a machine's metadata.
pub(crate) fn read(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let token = answer.get("access_token")?.as_str()?;
    (!token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic())).then(|| token.to_owned())
}

/// Whom a token was given to, in one line.
pub(crate) fn whom(token: &str, identity: &Identity<'_>) -> String {
    let claims = jwt::claims(token);
    let claim = |names: [&str; 2]| {
        let said = names.iter().find_map(|name| claims.get(*name)?.as_str()).map(words::one_line);
        said.filter(|said| !said.is_empty())
    };
    let (client, tenant) = (claim(["appid", "azp"]), claim(["tid", "tid"]));
    match (client, tenant, identity) {
        (Some(client), Some(tenant), _) => format!("application {client} of tenant {tenant}"),
        (_, _, Identity::Application(Application { client, tenant, .. })) => {
            log::debug("the token does not say whose it is");
            format!("application {client} of tenant {tenant}")
        }
        (_, _, Identity::Managed(Managed { client: Some(client), .. })) => {
            format!("managed identity {client} of this machine")
        }
        (_, _, Identity::Managed(_)) => "the managed identity of this machine".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn half_an_answer_is_no_token() {
        assert_eq!(
            read(br#"{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ.e30.c"}"#).unwrap(),
            "eyJ.e30.c"
        );
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"access_token":1}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\nb"}"#,
            r#"{"access_token":"a"#,
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_token_says_whose_it_is() {
        let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let managed = |client: Option<&str>| {
            Identity::Managed(Managed { client: client.map(str::to_owned), ..Managed::default() })
        };
        for (claims, client, expected) in [
            (r#"{"appid":"a","tid":"t"}"#, None, "application a of tenant t"),
            (r#"{"azp":"a","tid":"t"}"#, Some("b"), "application a of tenant t"),
            ("{}", Some("b"), "managed identity b of this machine"),
            ("", None, "the managed identity of this machine"),
        ] {
            assert_eq!(whom(&token(claims), &managed(client)), expected);
        }
    }
}
