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

/// Refuses a user name that opens no host of Google's: what stands for the user there says what the password is.
pub(crate) fn check_username(username: &str) -> Result<(), Failure> {
    let known = ["oauth2accesstoken", "_json_key", "_json_key_base64", "_token"].contains(&username);
    let of_helper = username.starts_with("_dcgcr_") && username.ends_with("_token");
    if known || of_helper {
        return Ok(());
    }
    let shown: String = username.chars().filter(|c| !c.is_control()).take(80).collect();
    Err(Failure::invalid_input(format!(
        "Google knows no user `{shown}`, expected `oauth2accesstoken`, `_json_key` or `_json_key_base64`"
    ))
    .hint("with a key file, the auth method `service-account` of the type `gcp` does it all"))
}
