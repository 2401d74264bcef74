//! A connector of type `azure`: the identity that it stands for, or the password that it holds.

use crhost_flavor::http::service_url;
use crhost_flavor::{Connector, Failure, FailureKind, Secret};

use crate::guid::is_guid;
use crate::names::{self, AUTHORITY_HOST, IDENTITY_ENDPOINT, PASSWORD};

/// How a connector logs in to a registry.
pub(crate) enum Login<'a> {
    /// With a token of Microsoft Entra, which the registry exchanges for one of its own.
    Token(TokenSource<'a>),
    /// With a user name and a password that the registry itself knows.
    Password {
        /// The user name.
        username: &'a str,
        /// The password.
        password: &'a Secret,
    },
}

/// The source of a token of Microsoft Entra.
pub(crate) enum TokenSource<'a> {
    /// Entra issues it to an identity.
    Entra(Identity<'a>),
    /// The user stored it.
    Stored(&'a Secret),
}

/// An identity that Microsoft Entra issues tokens to.
pub(crate) enum Identity<'a> {
    /// An application of a tenant.
    Application(Application<'a>),
    /// The managed identity of the machine that this runs on.
    Managed(Managed<'a>),
}

/// A managed identity, and the issuer of its tokens.
#[derive(Default)]
pub(crate) struct Managed<'a> {
    /// Its client id; not needed if the machine has only one.
    pub(crate) client: Option<String>,
    /// The platform that issues its tokens, unless the machine's metadata does.
    pub(crate) platform: Option<Platform<'a>>,
    /// Whether the environment was searched before, and had nothing.
    pub(crate) is_last_resort: bool,
}

/// A platform of Azure that is not a machine: App Service, Functions, Container Apps.
pub(crate) struct Platform<'a> {
    /// URL at which it issues tokens.
    pub(crate) endpoint: String,
    /// A header value that only its own program knows.
    pub(crate) header: &'a Secret,
}

/// An application, and its credential.
pub(crate) struct Application<'a> {
    /// The tenant's id or one of its domains.
    pub(crate) tenant: String,
    /// The application's id.
    pub(crate) client: String,
    /// Its credential.
    pub(crate) credential: ClientCredential<'a>,
    /// URL of Microsoft Entra, if the machine's environment says it.
    pub(crate) authority: Option<String>,
}

/// A credential of an application.
pub(crate) enum ClientCredential<'a> {
    /// A client secret.
    Secret(&'a Secret),
    /// A token of an identity provider that the application trusts (RFC 7523).
    Assertion(&'a Secret),
}

/// How a connector logs in, by its method.
pub(crate) fn login(connector: &Connector) -> Result<Login<'_>, Failure> {
    let secret = |name: &str| connector.secret(name).ok_or_else(|| missing(name));
    let identity = match connector.method.as_str() {
        names::SERVICE_PRINCIPAL => {
            Identity::Application(application(connector, ClientCredential::Secret(secret(names::CLIENT_SECRET)?))?)
        }
        names::WORKLOAD_IDENTITY => {
            Identity::Application(application(connector, ClientCredential::Assertion(secret(names::FEDERATED_TOKEN)?))?)
        }
        names::MANAGED_IDENTITY => Identity::Managed(Managed { client: client(connector)?, ..Managed::default() }),
        names::IMPLICIT => implicit(connector)?,
        names::ACCESS_TOKEN => return Ok(Login::Token(TokenSource::Stored(secret(names::TOKEN)?))),
        names::ADMIN_USER | PASSWORD => {
            let username = connector.text("username").ok_or_else(|| missing("username"))?;
            return Ok(Login::Password { username, password: secret(PASSWORD)? });
        }
        other => {
            return Err(Failure::unsupported(format!("flavor `azure` has no auth method `{other}`"))
                .hint("`crhost flavor describe azure` shows those that it has"));
        }
    };
    Ok(Login::Token(TokenSource::Entra(identity)))
}

/// This machine's identity, from the sources of Microsoft's own tools in their order: a secret in the environment, a
/// token of the machine's platform, and its managed identity.
fn implicit(connector: &Connector) -> Result<Identity<'_>, Failure> {
    let credential = match (connector.secret(names::CLIENT_SECRET), connector.secret(names::FEDERATED_TOKEN)) {
        (Some(secret), _) => ClientCredential::Secret(secret),
        (None, Some(token)) => ClientCredential::Assertion(token),
        (None, None) => {
            let endpoint = url(connector, IDENTITY_ENDPOINT)?;
            let platform = endpoint.zip(connector.secret(names::IDENTITY_HEADER));
            let platform = platform.map(|(endpoint, header)| Platform { endpoint, header });
            return Ok(Identity::Managed(Managed { client: client(connector)?, platform, is_last_resort: true }));
        }
    };
    Ok(Identity::Application(application(connector, credential)?))
}

fn application<'a>(connector: &Connector, credential: ClientCredential<'a>) -> Result<Application<'a>, Failure> {
    let authority = url(connector, AUTHORITY_HOST)?;
    let client = client(connector)?.ok_or_else(|| missing(names::CLIENT_ID))?;
    let tenant = connector.text(names::TENANT_ID).ok_or_else(|| missing(names::TENANT_ID))?;
    Ok(Application { tenant: checked_tenant(tenant)?, client, credential, authority })
}

/// The URL in a field, if the connector has it.
fn url(connector: &Connector, field: &str) -> Result<Option<String>, Failure> {
    let Some(text) = connector.text(field) else { return Ok(None) };
    let refused = || {
        Failure::invalid_input(format!("`{field}` is `{text}`, expected a URL without query"))
            .hint("write e.g. `https://login.microsoftonline.com`")
    };
    service_url(text).map(Some).ok_or_else(refused)
}

/// The client id, if there is one.
fn client(connector: &Connector) -> Result<Option<String>, Failure> {
    connector.text(names::CLIENT_ID).map(checked_client).transpose()
}

/// Checks a client id. Its value is not repeated, since users swap it with the secret.
fn checked_client(text: &str) -> Result<String, Failure> {
    match is_guid(text) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(Failure::invalid_input(
            "the client id is none, expected 32 hexadecimal digits such as `11111111-2222-3333-4444-555555555555`",
        )
        .hint("it may have been swapped with the client secret: store both again")),
    }
}

/// Checks a tenant, since it becomes part of a URL.
fn checked_tenant(text: &str) -> Result<String, Failure> {
    let is_domain = text.contains('.')
        && text.len() <= 253
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    if is_guid(text) || is_domain {
        return Ok(text.to_ascii_lowercase());
    }
    if ["common", "organizations", "consumers"].contains(&text) {
        return Err(Failure::invalid_input(format!(
            "`{text}` stands for many tenants, expected the one of the application"
        ))
        .hint("`az account show --query tenantId` shows yours"));
    }
    Err(Failure::invalid_input(
        "the tenant id is none, expected 32 hexadecimal digits such as `11111111-2222-3333-4444-555555555555`, or a domain",
    )
    .hint("`az account show --query tenantId` shows yours"))
}

/// The failure for a connector without a field that its method needs: it has no credentials then.
pub(crate) fn missing(field: &str) -> Failure {
    Failure { kind: FailureKind::Unauthenticated, ..Failure::missing_field(field) }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::connector;

    use super::*;

    const GUID: &str = "11111111-2222-3333-4444-55555555abcd";

    #[test]
    fn a_client_id_is_checked_and_not_repeated() {
        assert_eq!(checked_client(&GUID.to_ascii_uppercase()).unwrap(), GUID);
        for text in
            ["", "ci", "Q~8very.secret", "11111111-2222-3333-4444-55555555abc", "11111111222233334444555555555555"]
        {
            let failure = checked_client(text).unwrap_err();
            assert!(failure.hint.unwrap().contains("swapped"));
            assert!(text.len() < 3 || !failure.message.contains(text));
        }
    }

    #[test]
    fn a_tenant_is_an_id_or_a_domain() {
        for text in [GUID, "contoso.onmicrosoft.com", "Contoso.com"] {
            assert_eq!(checked_tenant(text).unwrap(), text.to_ascii_lowercase());
        }
        for text in ["", "contoso", "a/../b.c", "a.b/c", ".", "a..b", "Q~8very.sec~ret"] {
            assert!(checked_tenant(text).is_err(), "{text}");
        }
        assert!(checked_tenant("common").unwrap_err().message.contains("many tenants"));
    }

    #[test]
    fn without_a_secret_and_a_token_this_machine_has_its_managed_identity() {
        for (fields, expected) in [(&[][..], None), (&[("client-id", GUID), ("tenant-id", GUID)][..], Some(GUID))] {
            let connector = connector(names::IMPLICIT, fields);
            match login(&connector).ok().unwrap() {
                Login::Token(TokenSource::Entra(Identity::Managed(managed))) => {
                    assert_eq!(managed.client.as_deref(), expected)
                }
                _ => panic!("{fields:?}"),
            }
        }
    }

    #[test]
    fn a_url_in_a_field_is_checked() {
        let connector =
            connector(names::IMPLICIT, &[(AUTHORITY_HOST, "https://a.example/"), (IDENTITY_ENDPOINT, "a.example")]);
        assert_eq!(url(&connector, AUTHORITY_HOST).unwrap().unwrap(), "https://a.example");
        assert!(url(&connector, IDENTITY_ENDPOINT).unwrap_err().message.contains("`a.example`"));
        assert_eq!(url(&connector, "other").unwrap(), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (method, field) in [
            (names::SERVICE_PRINCIPAL, "`client-secret`"),
            (names::WORKLOAD_IDENTITY, "`federated-token`"),
            (names::ACCESS_TOKEN, "`token`"),
            (names::ADMIN_USER, "`username`"),
            (PASSWORD, "`username`"),
        ] {
            assert!(login(&connector(method, &[])).err().unwrap().message.contains(field), "{method}");
        }
    }
}
