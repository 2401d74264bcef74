//! Checks of the fields that take id tokens.

use crate::flavor::Flavor;
use crate::types::{AuthMethod, FieldKind};

/// Asserts that what a flavor declares of id tokens is what crhost accepts: each field is a secret of its method that
/// an operation sends or `credentials` hands back, and the audience is made of text fields.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_id_tokens<F: Flavor>() {
    let description = F::describe();
    for token in F::describe_id_tokens() {
        let (connector_type, name) = &token.auth_method;
        let shown = format!("{connector_type}/{name}: {}", token.field);
        let is_it = |method: &&AuthMethod| method.connector_type == *connector_type && method.name == *name;
        let Some(method) = description.auth_methods.iter().find(is_it) else {
            panic!("{shown}: there is no such auth method");
        };
        let has =
            |name: &str, kind: FieldKind| method.fields.iter().any(|field| field.name == name && field.kind == kind);
        assert!(has(&token.field, FieldKind::Secret), "{shown} is no field of kind `secret`");
        let is_sent = method.operations.iter().flat_map(|operation| &operation.secrets);
        let is_used = is_sent.clone().any(|placement| placement.field == token.field)
            || method.registry_password.as_ref() == Some(&token.field);
        assert!(is_used, "{shown} goes into no operation");
        for part in token.audience.split('{').skip(1) {
            let Some((placeholder, _)) = part.split_once('}') else { panic!("{shown}: a `{{` without `}}`") };
            assert!(has(placeholder, FieldKind::Text), "{shown}: `{placeholder}` is no text field");
        }
    }
}
