//! Microsoft Entra, which issues tokens to applications and to managed identities.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::oauth::TokenResponse;
use crhost_flavor::{Failure, Options, clock, jwt, log};

use crate::cloud::Cloud;
use crate::connector::{Application, ClientCredential, Identity, Managed};
use crate::message::one_line;
use crate::names::AUTHORITY_ENDPOINT;
use crate::{imds, refusal};

/// The resource that tokens for registries are requested for, in every cloud. Tokens for Resource Manager are refused
/// by registries whose policy `azureADAuthenticationAsArmPolicy` is switched off.
pub(crate) const REGISTRY: &str = "https://containerregistry.azure.net";

/// The type of a client's assertion that is a JWT (RFC 7523, section 2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The service in messages.
const WHO: &str = "Microsoft Entra";

/// The scope of tokens for a resource, with all that the identity may do there.
pub(crate) fn scope(resource: &str) -> String {
    format!("{resource}/.default")
}

/// A token of an identity for `resource`.
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
    let Application { tenant, client, credential, authority } = application;
    let replacement = options.url(AUTHORITY_ENDPOINT);
    let authority = replacement.as_deref().or(authority.as_deref()).unwrap_or(cloud.authority);
    let form =
        Form::new().text("client_id", client).text("scope", &scope(resource)).text("grant_type", "client_credentials");
    let form = match credential {
        ClientCredential::Secret(secret) => form.secret("client_secret", secret),
        ClientCredential::Assertion(token) => {
            form.text("client_assertion_type", JWT_BEARER).secret("client_assertion", token)
        }
    };
    let url = format!("{authority}/{tenant}/oauth2/v2.0/token");
    let response = Request::new(Method::Post, url).form(form).send()?;
    match response.status {
        200 => TokenResponse::read(&response.body)
            .map(|answer| answer.access_token)
            .ok_or_else(|| refusal::unreadable(WHO)),
        _ => Err(refusal::of_entra(&response, WHO, clock::now())),
    }
}

/// The owner of a token, in one line.
pub(crate) fn owner(token: &str, identity: &Identity<'_>) -> String {
    let claims = jwt::claims(token);
    let claim = |names: [&str; 2]| {
        let said = names.iter().find_map(|name| claims.get(*name)?.as_str()).map(one_line);
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
            assert_eq!(owner(&token(claims), &managed(client)), expected);
        }
    }
}
