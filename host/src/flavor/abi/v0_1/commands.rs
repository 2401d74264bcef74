//! The optional interface `commands`, which 0.1.1 added: found by its name, in the version of the flavor's own.

use wasmtime::component::types as item;
use wasmtime::component::{ComponentType, Lift};
use wasmtime::{Engine, Store};

use super::bindings::GuestPre;
use super::bounds;
use super::optional::{Exported, extended};
use crate::flavor::abi::answer::Answer;
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{Description, FieldKind};
use crate::flavor::sandbox::SandboxState;
use crate::implicit_sources::{self, ImplicitSource};

/// The interface, up to its version.
const INTERFACE: &str = "crhost:flavor/commands@";

/// `command`
#[derive(Clone, ComponentType, Lift)]
#[component(record)]
struct Command {
    /// Connector type and name of the auth method.
    #[component(name = "auth-method")]
    auth_method: (String, String),
    /// The field.
    field: String,
    /// The program's name.
    program: String,
    /// Its arguments, with placeholders.
    arguments: Vec<String>,
    /// The command that logs in.
    login: Option<String>,
}

/// The result of `describe-commands`.
type Described = (Vec<Command>,);

/// The interface of one flavor, by the full name of its export, if it has it.
pub(super) struct Commands(Option<String>);

impl Commands {
    /// That of a component.
    ///
    /// # Errors
    /// When its function has another type than the contract's.
    pub(super) fn find(
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Self> {
        let Some(exported) = Exported::find(engine, component, INTERFACE, version) else { return Ok(Self(None)) };
        exported.check::<(), Described>("describe-commands")?;
        Ok(Self(Some(exported.name)))
    }

    /// A description with what this interface declares.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn describe(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        described: Description,
    ) -> Answer<Description> {
        extended((self.0.as_deref(), "describe-commands"), guest, store, described, with_commands).await
    }
}

/// The description with programs as the last sources of fields.
fn with_commands(mut to: Description, declared: Vec<Command>) -> Result<Description, OutputError> {
    for command in bounds::bounded("commands", declared)? {
        let (connector_type, name) = &command.auth_method;
        let shown = format!("{connector_type}/{name}");
        let Some(method) = to.auth_method_mut(connector_type, name) else {
            return Err(OutputError::expected("auth method", &shown, "expected one that `describe` gives"));
        };
        let is_text =
            |name: &str| method.fields.iter().any(|field| field.name.as_str() == name && field.kind == FieldKind::Text);
        let source = source(&command, is_text)?;
        if method
            .commands()
            .any(|(field, known)| known.program == command.program || field.name.as_str() == command.field)
        {
            return Err(OutputError::repeated("commands", &format!("{shown}/{}: {}", command.field, command.program)));
        }
        let found = method.fields.iter_mut().find(|known| known.name.as_str() == command.field);
        let Some(found) = found.filter(|known| known.kind != FieldKind::Text) else {
            return Err(OutputError::expected("field of a command", &command.field, "expected one that is a secret"));
        };
        found.sources.push(source);
    }
    Ok(to)
}

/// A program as a source. The user is shown it and agrees, so it can be run in one way only.
fn source(command: &Command, is_text: impl Fn(&str) -> bool) -> Result<ImplicitSource, OutputError> {
    let Command { program, arguments, login, .. } = command;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    if !(1..=limits::VARIABLE_BYTES).contains(&program.len()) || !program.chars().all(is_of_name) {
        return Err(OutputError::expected(
            "program",
            program,
            "expected a name of letters, digits, `-`, `_`, `.` and `+`",
        ));
    }
    for argument in bounds::bounded("arguments", arguments.clone())? {
        check_argument(&argument, &is_text)?;
    }
    let login = login.as_deref().map(|login| bounds::text(login).to_string());
    Ok(ImplicitSource::Command(implicit_sources::Command {
        name: Some(program.clone()),
        program: program.clone(),
        arguments: arguments.clone(),
        login,
    }))
}

/// Checks that an argument can be shown as it is, and that its placeholders are text fields, none of which begins it: a
/// value may begin with `-`.
fn check_argument(argument: &str, is_text: impl Fn(&str) -> bool) -> Result<(), OutputError> {
    let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
    if !(1..=limits::TEXT_CHARS).contains(&argument.len()) || !argument.chars().all(is_plain) {
        let rule = format!("expected 1 to {} visible ASCII characters", limits::TEXT_CHARS);
        return Err(OutputError::expected("argument", argument, rule));
    }
    let name_of = |placeholder: &str| placeholder.split('=').next().is_some_and(&is_text);
    let is_known = |rest: &str| rest.split_once('}').is_some_and(|(placeholder, _)| name_of(placeholder));
    match argument.starts_with('{') || !argument.split('{').skip(1).all(is_known) {
        true => {
            let rule = "expected text fields of the method in braces, behind other characters";
            Err(OutputError::expected("argument", argument, rule))
        }
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str, arguments: &[&str]) -> Command {
        Command {
            auth_method: ("acme".to_owned(), "token".to_owned()),
            field: "token".to_owned(),
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            login: Some("gh auth\u{1b} login".to_owned()),
        }
    }

    #[test]
    fn a_program_is_a_name_and_its_arguments_are_fixed_but_for_text_fields() {
        let is_text = |name: &str| name == "host";
        let read = |program: &str, arguments: &[&str]| source(&command(program, arguments), is_text);
        let Ok(ImplicitSource::Command(read_one)) = read("gh", &["auth", "token", "--hostname={host}"]) else {
            panic!("it is refused")
        };
        assert_eq!(read_one.name.as_deref(), Some("gh"));
        assert!(read("gh", &["--hostname={host=github.com}"]).is_ok());
        assert!(!read_one.login.unwrap().contains('\u{1b}'));
        for program in ["", "/usr/bin/gh", "../gh", "g h", "gh;", "ä", &"x".repeat(500)] {
            assert!(read(program, &[]).is_err(), "{program}");
        }
        for argument in ["", "a\nb", "ä", "{host}", "--x={other}", "--x={other=host}", "--x={host", &"x".repeat(5_000)]
        {
            assert!(read("gh", &[argument]).is_err(), "{argument}");
        }
    }
}
