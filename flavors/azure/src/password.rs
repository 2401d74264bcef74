//! What opens a registry as it is: the auth method `docker/password`, the admin user, and repository-scoped tokens, which have a
//! name and a password too.

use crhost_flavor::{AuthMethod, Connector, Credential, Failure, Field, FieldValue, Password, Secret};

/// The name of what `docker login` asks for.
pub(crate) const PASSWORD: &str = "password";

/// Describes it. Every flavor that has it describes the same fields, so that one connector fits all of them.
pub(crate) fn method() -> AuthMethod {
    AuthMethod::new("docker", PASSWORD, "A user name and a password or token, as for `docker login`")
        .field(Field::text("username", "The user name"))
        .field(Field::secret("password", "The password, or a token that stands for it"))
        .host("https://{registry}")
}

/// What a connector of it, or of an admin user, opens a registry with.
pub(crate) fn credential(connector: Connector) -> Result<Credential, Failure> {
    let username = connector.text("username").unwrap_or_default().to_owned();
    match secret(connector, "password") {
        Some(password) if !username.is_empty() => Ok(Credential::basic(username, Password::Secret(password)).into()),
        _ => Err(Failure::invalid_input("the connector lacks `username` or `password`, expected both")
            .hint("run `crhost connector describe NAME` to see what it holds")),
    }
}

/// The handle itself, to be handed over.
fn secret(connector: Connector, name: &str) -> Option<Secret> {
    connector.fields.into_iter().find_map(|(field, value)| match value {
        FieldValue::Secret(secret) if field == name => Some(secret),
        _ => None,
    })
}
