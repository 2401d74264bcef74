//! Checks of the programs that print fields.

use crate::flavor::Flavor;
use crate::types::{AuthMethod, FieldKind};

/// Asserts that what a flavor declares of programs is what crhost accepts: each field is a secret of its method, each
/// program is a name, one for each field and method, and placeholders are text fields behind other characters.
///
/// # Panics
///
/// If that is not so.
#[track_caller]
pub fn assert_commands<F: Flavor>() {
    let description = F::describe();
    let commands = F::describe_commands();
    for (number, command) in commands.iter().enumerate() {
        let (connector_type, name) = &command.auth_method;
        let shown = format!("{connector_type}/{name}: {} of `{}`", command.field, command.program);
        let is_it = |method: &&AuthMethod| method.connector_type == *connector_type && method.name == *name;
        let Some(method) = description.auth_methods.iter().find(is_it) else {
            panic!("{shown}: there is no such auth method");
        };
        let kind = method.fields.iter().find(|field| field.name == command.field).map(|field| field.kind);
        assert!(kind.is_some_and(|kind| kind != FieldKind::Text), "{shown}: there is no such secret field");
        assert!(!command.program.contains('/'), "{shown}: the program is no name");
        let others = commands.iter().take(number).filter(|other| other.auth_method == command.auth_method);
        let is_another =
            |other: &crate::commands::Command| other.program == command.program || other.field == command.field;
        assert!(!others.into_iter().any(is_another), "{shown}: a program and a field are declared once for a method");
        for argument in &command.arguments {
            assert!(!argument.starts_with('{'), "{shown}: `{argument}` begins with a placeholder");
            for part in argument.split('{').skip(1) {
                let Some((placeholder, _)) = part.split_once('}') else { panic!("{shown}: a `{{` without `}}`") };
                let placeholder = placeholder.split('=').next().unwrap_or_default();
                let is_text =
                    method.fields.iter().any(|field| field.name == placeholder && field.kind == FieldKind::Text);
                assert!(is_text, "{shown}: `{placeholder}` is no text field");
            }
        }
    }
}
