//! Descriptions for tests.

use crate::flavor::{AuthMethod, Description, Field, FieldKind};

/// A flavor with these auth methods.
pub(super) fn description(name: &str, auth_methods: Vec<AuthMethod>) -> Description {
    Description {
        name: name.parse().unwrap(),
        version: semver::Version::new(1, 0, 0),
        summary: "For tests".to_owned(),
        documentation: None,
        uri_examples: Vec::new(),
        options: Vec::new(),
        auth_methods,
        operations: Vec::new(),
        cleanup_operations: Vec::new(),
    }
}

/// An auth method with these fields.
pub(super) fn method(connector_type: &str, name: &str, fields: Vec<Field>) -> AuthMethod {
    let [connector_type, name] = [connector_type, name].map(|name| name.parse().unwrap());
    AuthMethod {
        connector_type,
        name,
        summary: "For tests".to_owned(),
        fields,
        implicit: false,
        operations: Vec::new(),
        cleanup_operations: Vec::new(),
        registry_password: None,
    }
}

/// A required field.
pub(super) fn field(name: &str, kind: FieldKind) -> Field {
    let (name, summary) = (name.parse().unwrap(), "For tests".to_owned());
    Field { name, summary, kind, required: true, sources: Vec::new(), public_members: Vec::new() }
}
