//! Programs on the user's machine that print a value, such as the token of a login that is there already.
//!
//! One runs where the user allowed it for a connector: by the name that a flavor gives it, or by writing the whole
//! command. Its path is found then and stored, so that what runs is what was shown, wherever `PATH` leads later.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::value::value_of;
use crate::environment::Environment;
use crate::error::Explain;
use crate::files;
use crate::id_token::failure;
use crate::process::{Bounds, OutputError, output};
use crate::text::{Escaped, Printable, shell_word};
use crate::waiting::{Asking, waiting_for};

/// The longest time that a program may take: it may ask a service for a new token.
const TIME: Duration = Duration::from_secs(60);

/// The same where it may ask the user at a terminal, e.g. for the code of a second factor.
const TIME_AT_TERMINAL: Duration = Duration::from_secs(180);

/// What crhost's own variables begin with: the key of its store may be among them.
const OWN_VARIABLES: &str = "CRHOST_";

/// A program with its arguments, which is run without a shell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Command {
    /// The name that users allow it by, which is the program's; absent where the user wrote the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The program: as a flavor declares it a name on `PATH`, as it is stored an absolute path.
    pub(crate) program: String,
    /// Its arguments. In those of a flavor `{NAME}` stands for the value of a text field of the same connector; one
    /// whose field has no value is left out, or has that of `{NAME=VALUE}`.
    pub(crate) arguments: Vec<String>,
    /// The command by which users log in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login: Option<String>,
}

/// It is escaped where it is shown.
impl Printable for Command {}

/// A text that is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum CommandLineError {
    /// A quote that does not end, or no word at all.
    #[error("is no command, expected a program and its arguments, with quotes in pairs")]
    Words,
    /// A path that would lead elsewhere in each directory.
    #[error("is a command whose program has a relative path, expected a name on `PATH` or an absolute path")]
    Relative,
}

/// A program that gave no value.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum CommandError {
    /// It is not where it was when the user allowed it.
    #[error("`{program}` is not installed any more")]
    #[explain(kind = NotFound, hint = "{next}")]
    Gone {
        /// Its path.
        program: Escaped,
        /// What to do.
        next: Escaped,
    },
    /// It failed, or printed what can be no value.
    #[error("`{line}` gave no value: {reason}")]
    #[explain(hint = "{next}")]
    Failed {
        /// The command.
        line: Escaped,
        /// Why not, with its own words.
        reason: Escaped,
        /// What to do.
        next: Escaped,
    },
}

impl Command {
    /// A command as users write it: words as a shell splits them, without anything else that a shell does.
    ///
    /// # Errors
    /// When it has no words, a quote that does not end, or a program with a relative path.
    pub(crate) fn written(line: &str) -> Result<Self, CommandLineError> {
        let mut words = shlex::split(line).ok_or(CommandLineError::Words)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or(CommandLineError::Words)?;
        if program.contains('/') && !Path::new(&program).is_absolute() {
            return Err(CommandLineError::Relative);
        }
        Ok(Self { name: None, program, arguments: words.collect(), login: None })
    }

    /// The same command with its program's path, as one of these directories has it; none if it is not installed.
    #[must_use]
    pub(crate) fn found(&self, directories: &[PathBuf]) -> Option<Self> {
        let path = match self.program.contains('/') {
            true => Some(PathBuf::from(&self.program)).filter(|path| files::is_program(path)),
            false => files::find_program(directories, &self.program),
        };
        let program = path?.to_str()?.to_owned();
        Some(Self { program, ..self.clone() })
    }

    /// Whether its program's path is known: it is one that the user allowed.
    fn is_found(&self) -> bool {
        Path::new(&self.program).is_absolute()
    }

    /// The same command with the values of text fields in the arguments that a flavor declared.
    #[must_use]
    pub(crate) fn filled_in(&self, value_of: impl Fn(&str) -> Option<String>) -> Self {
        if self.name.is_none() {
            return self.clone();
        }
        let arguments = self.arguments.iter().filter_map(|argument| filled_in(argument, &value_of)).collect();
        Self { arguments, ..self.clone() }
    }

    /// The command as a shell would take it, with the placeholders of a flavor as they are.
    #[must_use]
    pub(crate) fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| shell_word(word, |char| matches!(char, '{' | '}'))).collect::<Vec<_>>().join(" ")
    }

    /// Runs it, and gives what it printed without the line breaks at its end: at most `limit` bytes.
    ///
    /// It runs in the root directory, so that no file of the current one changes what it does, and without crhost's own
    /// variables.
    ///
    /// # Errors
    /// When it is not there any more, fails, takes too long, or prints nothing or too much.
    pub(crate) async fn run(&self, environment: &Environment, limit: usize) -> Result<SecretString, CommandError> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.arguments).current_dir("/");
        for name in environment.names().filter(|name| name.starts_with(OWN_VARIABLES)) {
            command.env_remove(&*name);
        }
        let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let bounds = Bounds { time: if asks { TIME_AT_TERMINAL } else { TIME }, bytes: limit, asks };
        let _waiting = waiting_for(format!("`{}`", self.program));
        let _asking = asks.then(Asking::begin);
        let printed = output(command, bounds).await.map_err(|error| match error {
            OutputError::Missing => CommandError::Gone { program: self.program.as_str().into(), next: self.again() },
            OutputError::TooLong => self.failed(format!("it printed more than {limit} bytes")),
            OutputError::Failed(how, last) => self.failed(failure(&how, &last)),
        })?;
        let text = str::from_utf8(&printed).map_err(|_| self.failed("it printed no UTF-8 text".to_owned()))?;
        // Keys have lines; anything else would break the request that it stands in.
        if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
            return Err(self.failed("it printed control characters".to_owned()));
        }
        value_of(text).ok_or_else(|| self.failed("it printed nothing".to_owned()))
    }

    /// The failure for what it printed.
    pub(crate) fn failed(&self, reason: String) -> CommandError {
        let next = match &self.login {
            Some(login) => format!("log in: `{login}`"),
            None => "run it by hand to see why".to_owned(),
        };
        CommandError::Failed { line: self.line().into(), reason: reason.into(), next: next.into() }
    }

    /// What to do where its program is gone.
    fn again(&self) -> Escaped {
        let next = match &self.name {
            Some(name) => {
                format!("install it; `crhost connector update NAME --allow-command {name}` looks for it elsewhere")
            }
            None => "install it, or `crhost connector update NAME --FIELD=@command:…` names another".to_owned(),
        };
        next.into()
    }
}

/// For users.
impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the output of `{}`", Escaped::from(self.line()))?;
        match &self.name {
            Some(name) if !self.is_found() => write!(f, " with `--allow-command {}`", Escaped::from(name)),
            _ => Ok(()),
        }
    }
}

/// An argument with the values of text fields, or with those of `{NAME=VALUE}` in their place; none if one has no
/// value.
fn filled_in(argument: &str, value_of: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let (mut filled, mut rest) = (String::new(), argument);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        let (name, otherwise) = match name.split_once('=') {
            Some((name, otherwise)) => (name, Some(otherwise)),
            None => (name, None),
        };
        filled.push_str(&value_of(name).or_else(|| otherwise.map(str::to_owned))?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn written(line: &str) -> Command {
        Command::written(line).unwrap()
    }

    async fn run(line: &str) -> Result<String, CommandError> {
        let environment = Environment::default();
        let directories = ["/usr/bin".into(), "/bin".into()];
        let command = written(line).found(&directories).unwrap();
        command.run(&environment, 100).await.map(|value| value.expose_secret().to_owned())
    }

    #[test]
    fn a_command_is_words_and_its_program_leads_to_one_place() {
        let command = written("op read 'op://vault/a b' \"x\"");
        assert_eq!((command.program.as_str(), command.arguments.len()), ("op", 3));
        assert_eq!(command.line(), "op read 'op://vault/a b' x");
        for (line, error) in [
            ("", CommandLineError::Words),
            ("  ", CommandLineError::Words),
            ("''", CommandLineError::Words),
            ("op 'x", CommandLineError::Words),
            ("./op", CommandLineError::Relative),
            ("bin/op x", CommandLineError::Relative),
        ] {
            assert_eq!(Command::written(line), Err(error), "{line}");
        }
        assert!(written("crhost-no-such-program").found(&["/usr/bin".into()]).is_none());
        assert!(written("/etc/passwd").found(&[]).is_none());
        let sh = written("/bin/sh -c true").found(&[]).unwrap();
        assert_eq!(sh.to_string(), "the output of `/bin/sh -c true`");
        let declared = Command { name: Some("gh".to_owned()), ..written("gh auth token") };
        assert_eq!(declared.to_string(), "the output of `gh auth token` with `--allow-command gh`");
    }

    #[test]
    fn arguments_of_a_flavor_have_values_of_text_fields_and_those_of_the_user_stay() {
        let of = |name: &str| (name == "host").then(|| "--x y".to_owned());
        let mut command = written("gh auth token --hostname={host} --user={user} --in={user=me} --at={host=y}");
        assert_eq!(command.filled_in(of).arguments, command.arguments);
        command.name = Some("gh".to_owned());
        assert_eq!(command.filled_in(of).arguments, ["auth", "token", "--hostname=--x y", "--in=me", "--at=--x y"]);
    }

    #[tokio::test]
    async fn what_a_program_prints_is_the_value_and_nothing_of_it_is_told() {
        assert_eq!(run("printf 'a b\\n\\n'").await.unwrap(), "a b");
        assert_eq!(run("pwd").await.unwrap(), "/");
        for (line, reason) in [
            ("true", "it printed nothing"),
            ("printf 'a\\001b'", "it printed control characters"),
            ("printf '\\377'", "it printed no UTF-8 text"),
            ("head -c 101 /dev/zero", "it printed more than 100 bytes"),
            ("yes", "it printed more than 100 bytes"),
            ("sh -c 'echo secret; echo No login.; exit 3' ", "exit status 3"),
            ("sh -c 'echo secret; echo No login. >&2; exit 1' ", "exit status 1: No login."),
            (
                "sh -c 'echo ghs_16C7e42F292c6912E7710c838347Ae178B4a is bad >&2; exit 1'",
                "exit status 1: <hidden> is bad",
            ),
        ] {
            let error = run(line).await.unwrap_err();
            let message = error.to_string();
            assert!(message.ends_with(&format!("gave no value: {reason}")), "{message}");
            assert_eq!(error.hint().unwrap(), "run it by hand to see why");
        }
        let gone = Command { name: Some("gh".to_owned()), ..written("/nonexistent/gh auth token") };
        let error = gone.run(&Environment::default(), 100).await.unwrap_err();
        assert_eq!(error.to_string(), "`/nonexistent/gh` is not installed any more");
        let failing = written("sh -c 'exit 1'").found(&["/bin".into()]).unwrap();
        let failing = Command { login: Some("gh auth login".to_owned()), ..failing };
        let error = failing.run(&Environment::default(), 100).await.unwrap_err();
        assert_eq!(error.hint().unwrap(), "log in: `gh auth login`");
    }
}
