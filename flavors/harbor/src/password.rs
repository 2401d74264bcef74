//! The auth method `docker/password`: what `docker login` asks for.

use crhost_flavor::{AuthMethod, Connector, Credential, Failure, Field, FieldValue, Password, Secret};

/// Its name.
pub(crate) const PASSWORD: &str = "password";

/// Describes it. Every flavor that has it describes the same fields, so that one connector fits all of them.
pub(crate) fn method() -> AuthMethod {
    AuthMethod::new("docker", PASSWORD, "A user name and a password or token, as for `docker login`")
        .field(Field::text("username", "The user name"))
        .field(Field::secret("password", "The password, or a token that stands for it"))
        .host("https://{registry}")
}

/// What a connector of it opens a registry with.
pub(crate) fn credential(connector: Connector) -> Result<Credential, Failure> {
    let username = connector.text("username").unwrap_or_default().to_owned();
    match secret(connector, "password") {
        Some(password) if !username.is_empty() => Ok(Credential::basic(username, Password::Secret(password)).into()),
        _ => Err(Failure::invalid_input("the connector lacks `username` or `password`, expected both")
            .hint("run `crhost connector describe NAME` to see what it holds")),
    }
}

/// The handle itself, to be handed over.
pub(crate) fn secret(connector: Connector, name: &str) -> Option<Secret> {
    connector.fields.into_iter().find_map(|(field, value)| match value {
        FieldValue::Secret(secret) if field == name => Some(secret),
        _ => None,
    })
}
