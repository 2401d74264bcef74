//! The auth method `docker/password`: a user name and a password, as for `docker login`.
//!
//! A flavor that takes stored passwords adds [`method`] to its description and answers [`credential`] for connectors of
//! it, so that one connector fits every such flavor. Nothing says which registry the password is for: do not send it to
//! another service unless the user named that service.

use crate::types::{AuthMethod, Connector, Credential, Failure, Field, Password};

/// The method's name.
pub const PASSWORD: &str = "password";

/// Describes the method: a user name, and a secret that goes to the registry itself and into no other request.
pub fn method() -> AuthMethod {
    AuthMethod::new("docker", PASSWORD, "A user name and a password or token, as for `docker login`")
        .field(Field::text("username", "The user name"))
        .field(Field::secret("password", "The password, or a token that stands for it"))
        .registry_password("password")
}

/// The credential that a connector of the method holds.
///
/// Fails if a field is missing, or if the connector is of another method.
pub fn credential(connector: Connector) -> Result<Credential, Failure> {
    if connector.method != PASSWORD {
        let method = &connector.method;
        let message = format!("the connector is of method `{method}`, expected `docker/{PASSWORD}`");
        return Err(Failure::unsupported(message)
            .hint("register one with `crhost connector register NAME --type docker --auth-method password`"));
    }
    let username = connector.text("username").unwrap_or_default().to_owned();
    match connector.into_secret("password") {
        Some(password) if !username.is_empty() => Ok(Credential::basic(username, Password::Secret(password)).into()),
        _ => Err(Failure::invalid_input("the connector lacks `username` or `password`, expected both")
            .hint("run `crhost connector describe NAME` to see what it holds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{FailureKind, FieldValue};

    fn refused(method: &str, fields: Vec<(String, FieldValue)>) -> Failure {
        credential(Connector { method: method.into(), fields }).err().unwrap()
    }

    #[test]
    fn a_connector_of_another_method_or_without_its_fields_is_refused() {
        assert_eq!(refused("token", Vec::new()).kind, FailureKind::Unsupported);
        let username = ("username".to_owned(), FieldValue::Text("alice".into()));
        for fields in [Vec::new(), vec![username]] {
            assert_eq!(refused(PASSWORD, fields).kind, FailureKind::InvalidInput);
        }
    }
}
