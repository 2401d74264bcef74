//! Programs whose output fills fields of a connector: those that flavors declare, each allowed by its name, and those
//! that the user writes; and files that the user names.

use std::path::PathBuf;

use super::command_error::CommandFault;
use crate::environment::Environment;
use crate::flavor::{AuthMethod, Field, FieldKind};
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::{Command, ImplicitSource};

/// What fills the fields that the user gives no value for, besides the variables and files that a method names.
pub(super) struct Origins<'a> {
    /// Where id tokens of the machine are from, if the user says it.
    pub(super) id_tokens: Option<IdTokenFrom>,
    /// The programs that the user allows, by their names.
    allowed: &'a [String],
    /// Where programs are looked for.
    directories: Vec<PathBuf>,
}

impl<'a> Origins<'a> {
    /// Those that the user names, with programs of this environment.
    pub(super) fn new(id_tokens: Option<IdTokenFrom>, allowed: &'a [String], environment: &Environment) -> Self {
        Self { id_tokens, allowed, directories: environment.search_path() }
    }

    /// Where id tokens are from.
    pub(super) fn id_tokens(&self) -> &IdTokenFrom {
        self.id_tokens.as_ref().unwrap_or(&IdTokenFrom::Auto)
    }

    /// Refuses names of programs that the method declares for no field.
    pub(super) fn check(&self, method: &AuthMethod) -> Result<(), Box<CommandFault>> {
        let known: Vec<&str> = method.commands().filter_map(|(_, command)| command.name.as_deref()).collect();
        match self.allowed.iter().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Box::new(CommandFault::Unknown {
                method: method.to_string().into(),
                name: name.as_str().into(),
                known: known.into_iter().map(Into::into).collect(),
            })),
        }
    }

    /// The program that the user allows for a field, with its path; none if it allows none.
    pub(super) fn allowed_for(&self, field: &Field) -> Result<Option<ImplicitSource>, Box<CommandFault>> {
        let is_allowed = |command: &&Command| command.name.as_ref().is_some_and(|name| self.allowed.contains(name));
        field.commands().find(is_allowed).map(|command| self.found(field, command)).transpose()
    }

    /// The program that the user writes for a field, with its path.
    pub(super) fn written(
        &self,
        method: &AuthMethod,
        field: &Field,
        command: &Command,
    ) -> Result<ImplicitSource, Box<CommandFault>> {
        is_secret(method, field, "output of a command")?;
        self.found(field, command)
    }

    fn found(&self, field: &Field, command: &Command) -> Result<ImplicitSource, Box<CommandFault>> {
        command.found(&self.directories).map(ImplicitSource::Command).ok_or_else(|| {
            let (program, field) = (command.program.as_str().into(), field.name.to_string().into());
            Box::new(CommandFault::NotInstalled { program, field })
        })
    }
}

/// The file that the user names for a field, which is read for each use.
pub(super) fn read(method: &AuthMethod, field: &Field, path: String) -> Result<ImplicitSource, Box<CommandFault>> {
    is_secret(method, field, "file that is read at each use")?;
    Ok(ImplicitSource::File(path))
}

/// Refuses a field that flavors read: what a program prints, or another writes, may be more than the user meant.
fn is_secret(method: &AuthMethod, field: &Field, what: &'static str) -> Result<(), Box<CommandFault>> {
    match field.kind {
        FieldKind::Secret | FieldKind::SecretJson | FieldKind::SecretIni => Ok(()),
        FieldKind::Text => {
            let (method, field) = (method.to_string().into(), field.name.to_string().into());
            Err(Box::new(CommandFault::NoSecret { method, field, what }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{field, method};
    use super::*;

    /// The program `name`, declared for a field.
    fn declared(name: &str) -> Field {
        let command = Command { name: Some(name.to_owned()), ..Command::written(name).unwrap() };
        Field { sources: vec![ImplicitSource::Command(command)], ..field("token", FieldKind::Secret) }
    }

    fn environment() -> Environment {
        Environment::from_iter([("PATH", "relative:/usr/bin:/bin")])
    }

    #[test]
    fn a_program_is_found_only_where_it_is_allowed_by_its_name() {
        let allowed = ["sh".to_owned(), "crhost-no-such-program".to_owned()];
        let origins = Origins::new(None, &allowed, &environment());
        assert!(origins.allowed_for(&declared("env")).unwrap().is_none());
        assert!(origins.allowed_for(&field("token", FieldKind::Secret)).unwrap().is_none());
        let Some(ImplicitSource::Command(sh)) = origins.allowed_for(&declared("sh")).unwrap() else {
            panic!("it is not found")
        };
        assert!(sh.program.starts_with('/') && sh.program.ends_with("/sh"), "{}", sh.program);
        let missing = origins.allowed_for(&declared("crhost-no-such-program")).unwrap_err();
        assert_eq!(missing.to_string(), "`crhost-no-such-program`, which is to give field `token`, is not installed");
    }

    #[test]
    fn a_name_that_the_method_does_not_know_is_refused() {
        let method = method("acme", "token", vec![declared("sh")]);
        let check = |name: &str| {
            let allowed = [name.to_owned()];
            Origins::new(None, &allowed, &environment()).check(&method)
        };
        assert!(check("sh").is_ok());
        let unknown = check("bash").unwrap_err();
        assert_eq!(unknown.to_string(), "`acme/token` asks for no command `bash`");
    }

    #[test]
    fn text_is_no_output_of_a_program_and_no_file_that_changes() {
        let environment = environment();
        let origins = Origins::new(None, &[], &environment);
        let method = method("acme", "token", vec![]);
        let command = Command::written("sh -c true").unwrap();
        let written = |kind| origins.written(&method, &field("f", kind), &command);
        assert!(written(FieldKind::Text).is_err());
        assert!(written(FieldKind::SecretJson).is_ok());
        let read = |kind| read(&method, &field("f", kind), "/run/token".to_owned()).map_err(|error| error.to_string());
        assert!(read(FieldKind::Text).unwrap_err().contains("takes no file that is read at each use"));
        assert_eq!(read(FieldKind::Secret).unwrap().to_string(), "/run/token");
    }
}
