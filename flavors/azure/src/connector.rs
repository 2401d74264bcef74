//! A connector of type `azure`: whom it stands for, and what proves it.

use crhost_flavor::password::PASSWORD;
use crhost_flavor::{Connector, Failure, Options, Secret};

use crate::describe;
use crate::endpoint::Endpoint;

/// The field that says where the tokens of an application are to be had.
pub(crate) const AUTHORITY: &str = "authority-host";
/// The field that says where a platform gives the tokens of its managed identity.
pub(crate) const IDENTITY_ENDPOINT: &str = "identity-endpoint";

/// What a connector gets into a registry with.
pub(crate) enum Means<'a> {
    /// A token of Microsoft Entra, which the registry exchanges for one of its own.
    Token(Origin<'a>),
    /// A user name and a password that the registry itself knows.
    Pair {
        /// The user name.
        username: &'a str,
        /// The password.
        password: &'a Secret,
    },
}

/// Where a token of Microsoft Entra comes from.
pub(crate) enum Origin<'a> {
    /// Entra gives it to somebody.
    Entra(Identity<'a>),
    /// The user stored it.
    Connector(&'a Secret),
}

/// Somebody whom Microsoft Entra gives tokens.
pub(crate) enum Identity<'a> {
    /// An application of a tenant.
    Application(Application<'a>),
    /// The managed identity of the machine that this runs on.
    Managed(Managed<'a>),
}

/// A managed identity, and who gives its tokens.
#[derive(Default)]
pub(crate) struct Managed<'a> {
    /// Which one, by its client id; the only one if nothing is said.
    pub(crate) client: Option<String>,
    /// The platform that gives its tokens, where it is not the machine's metadata.
    pub(crate) platform: Option<Platform<'a>>,
    /// Whether everything else was sought before, and not found.
    pub(crate) last: bool,
}

/// A platform of Azure's that is no machine: App Service, Functions, Container Apps.
pub(crate) struct Platform<'a> {
    /// Where it gives tokens.
    pub(crate) endpoint: Endpoint,
    /// What proves that its own program asks.
    pub(crate) header: &'a Secret,
}

/// An application, and what proves that somebody may speak for it.
pub(crate) struct Application<'a> {
    /// The tenant's id or one of its domains.
    pub(crate) tenant: String,
    /// The application's id.
    pub(crate) client: String,
    /// Its client secret, or a token of an identity provider that it trusts.
    pub(crate) proof: Proof<'a>,
    /// Where its tokens are to be had, if the machine's environment says so.
    pub(crate) authority: Option<Endpoint>,
}

/// What an application proves itself with.
pub(crate) enum Proof<'a> {
    /// A client secret.
    Secret(&'a Secret),
    /// A token of an identity provider that it trusts (RFC 7523).
    Assertion(&'a Secret),
}

/// What a connector gets in with, by its method.
pub(crate) fn means(connector: &Connector) -> Result<Means<'_>, Failure> {
    let secret = |name: &str| connector.secret(name).ok_or_else(|| missing(name));
    let identity = match connector.method.as_str() {
        describe::SERVICE_PRINCIPAL => {
            Identity::Application(application(connector, Proof::Secret(secret("client-secret")?))?)
        }
        describe::WORKLOAD_IDENTITY => {
            Identity::Application(application(connector, Proof::Assertion(secret("federated-token")?))?)
        }
        describe::MANAGED_IDENTITY => Identity::Managed(Managed { client: client(connector)?, ..Managed::default() }),
        describe::IMPLICIT => found(connector)?,
        describe::ACCESS_TOKEN => return Ok(Means::Token(Origin::Connector(secret("token")?))),
        describe::ADMIN_USER | PASSWORD => {
            let username = connector.text("username").ok_or_else(|| missing("username"))?;
            return Ok(Means::Pair { username, password: secret("password")? });
        }
        other => {
            return Err(Failure::unsupported(format!("flavor `azure` has no auth method `{other}`"))
                .hint("`crhost flavor describe azure` shows those that it has"));
        }
    };
    Ok(Means::Token(Origin::Entra(identity)))
}

/// Whom this machine is, sought where Microsoft's own tools seek it, in their order: a secret in the environment, a token that
/// the machine's platform gives, and its managed identity.
fn found(connector: &Connector) -> Result<Identity<'_>, Failure> {
    let proof = match (connector.secret("client-secret"), connector.secret("federated-token")) {
        (Some(secret), _) => Proof::Secret(secret),
        (None, Some(token)) => Proof::Assertion(token),
        (None, None) => {
            let endpoint = url(connector, IDENTITY_ENDPOINT)?;
            let platform = endpoint.zip(connector.secret("identity-header"));
            let platform = platform.map(|(endpoint, header)| Platform { endpoint, header });
            return Ok(Identity::Managed(Managed { client: client(connector)?, platform, last: true }));
        }
    };
    Ok(Identity::Application(application(connector, proof)?))
}

fn application<'a>(connector: &Connector, proof: Proof<'a>) -> Result<Application<'a>, Failure> {
    let authority = url(connector, AUTHORITY)?;
    let client = client(connector)?.ok_or_else(|| missing("client-id"))?;
    let tenant = connector.text("tenant-id").ok_or_else(|| missing("tenant-id"))?;
    Ok(Application { tenant: checked_tenant(tenant)?, client, proof, authority })
}

/// The URL in a field, if it has one.
fn url(connector: &Connector, field: &str) -> Result<Option<Endpoint>, Failure> {
    let Some(text) = connector.text(field) else { return Ok(None) };
    let one = Options(vec![(field.to_owned(), text.to_owned())]);
    Endpoint::of_option(&one, field).map_err(|failure| {
        Failure::invalid_input(format!("`{field}` is `{text}`, expected a URL without query"))
            .hint(failure.hint.unwrap_or_default())
    })
}

/// The client id, if there is one.
fn client(connector: &Connector) -> Result<Option<String>, Failure> {
    connector.text("client-id").map(checked_client).transpose()
}

/// Checks a client id. The value is not repeated: people swap it with the secret.
fn checked_client(text: &str) -> Result<String, Failure> {
    match is_guid(text) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(Failure::invalid_input(
            "the client id is none, expected 32 hexadecimal digits such as `11111111-2222-3333-4444-555555555555`",
        )
        .hint("it may have been swapped with the client secret: store both again")),
    }
}

/// Checks a tenant, which becomes part of a URL.
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

/// `11111111-2222-3333-4444-555555555555`.
pub(crate) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

pub(crate) fn missing(field: &str) -> Failure {
    Failure::unauthenticated(format!("the connector has no `{field}`")).hint("register it again with all of its fields")
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FieldValue;

    use super::*;

    const GUID: &str = "11111111-2222-3333-4444-55555555abcd";

    fn connector(method: &str, fields: &[(&str, &str)]) -> Connector {
        let text = |&(name, value): &(&str, &str)| (name.to_owned(), FieldValue::Text(value.to_owned()));
        Connector { method: method.into(), fields: fields.iter().map(text).collect() }
    }

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
            let connector = connector(describe::IMPLICIT, fields);
            match means(&connector).ok().unwrap() {
                Means::Token(Origin::Entra(Identity::Managed(managed))) => {
                    assert_eq!(managed.client.as_deref(), expected)
                }
                _ => panic!("{fields:?}"),
            }
        }
    }

    #[test]
    fn a_url_in_a_field_is_checked() {
        let connector =
            connector(describe::IMPLICIT, &[(AUTHORITY, "https://a.example/"), (IDENTITY_ENDPOINT, "a.example")]);
        assert_eq!(url(&connector, AUTHORITY).unwrap().unwrap().below("/x"), "https://a.example/x");
        assert!(url(&connector, IDENTITY_ENDPOINT).unwrap_err().message.contains("`a.example`"));
        assert_eq!(url(&connector, "other").unwrap(), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (method, field) in [
            (describe::SERVICE_PRINCIPAL, "`client-secret`"),
            (describe::WORKLOAD_IDENTITY, "`federated-token`"),
            (describe::ACCESS_TOKEN, "`token`"),
            (describe::ADMIN_USER, "`username`"),
            (PASSWORD, "`username`"),
        ] {
            assert!(means(&connector(method, &[])).err().unwrap().message.contains(field), "{method}");
        }
    }
}
