//! Programs on the user's machine that print the value of a secret field, so that a login that is there already is
//! used. The user allows each by its name; crhost runs it outside the sandbox, and the flavor gets a handle.
//!
//! ```
//! use crhost_flavor::commands::Command;
//!
//! // In `impl Flavor`, beside `describe`:
//! fn describe_commands() -> Vec<Command> {
//!     vec![
//!         Command::new("acme", "token", "token", "acmectl")
//!             .arguments(["auth", "print-token"])
//!             // Left out where the text field `host` has no value.
//!             .argument("--host={host}")
//!             .login("acmectl auth login"),
//!     ]
//! }
//!
//! assert_eq!(describe_commands()[0].arguments, ["auth", "print-token", "--host={host}"]);
//! ```

pub use crate::bindings::exports::crhost::flavor::commands::Command;

impl Command {
    /// A program that prints the value of a field of an auth method. It is named without a directory, and users allow
    /// it by that name.
    pub fn new(
        connector_type: impl Into<String>,
        method: impl Into<String>,
        field: impl Into<String>,
        program: impl Into<String>,
    ) -> Self {
        let auth_method = (connector_type.into(), method.into());
        Self { auth_method, field: field.into(), program: program.into(), arguments: Vec::new(), login: None }
    }

    /// With one argument more. `{NAME}` in it stands for the value of the method's text field of that name, behind
    /// other characters; the argument is left out where the field has no value, or has the value of `{NAME=VALUE}`.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With these arguments more.
    #[must_use]
    pub fn arguments<'a>(self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        arguments.into_iter().fold(self, Self::argument)
    }

    /// With the command by which users log in there, which is the hint where the program fails.
    #[must_use]
    pub fn login(mut self, login: impl Into<String>) -> Self {
        self.login = Some(login.into());
        self
    }
}
