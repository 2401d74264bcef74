//! The output of a program that the user named, such as Buildkite's
//! (<https://buildkite.com/docs/agent/cli/reference/oidc>).

use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::environment::Environment;
use crate::files;
use crate::id_token::error::IdTokenError;
use crate::id_token::hidden::failure;
use crate::id_token::http::MAX_TOKEN;
use crate::id_token::platform::Platform;
use crate::process::{Bounds, OutputError, output};
use crate::text::Escaped;
use crate::waiting::waiting_for;

/// The longest time that a program may take: it asks a service.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes that it may print: a token and a line break.
const MAX_OUTPUT: usize = MAX_TOKEN + 2;

/// Stands for the audience in an argument.
const AUDIENCE: &str = "{audience}";

/// A program with its arguments, run without a shell.
pub(super) struct Command {
    name: String,
    program: Option<PathBuf>,
    arguments: Vec<String>,
}

impl Command {
    /// A program, by its path or as one of the absolute directories of `PATH` has it.
    pub(super) fn of(words: &[String], environment: &Environment) -> Self {
        let (name, arguments) = words
            .split_first()
            .map_or((String::new(), Vec::new()), |(name, arguments)| (name.clone(), arguments.to_vec()));
        let program = match name.contains('/') {
            true => Some(PathBuf::from(&name)),
            false => files::find_program(&environment.search_path(), &name),
        };
        Self { name, program, arguments }
    }

    /// Buildkite's.
    pub(super) fn buildkite(environment: &Environment) -> Self {
        let words = ["buildkite-agent", "oidc", "request-token", "--audience", AUDIENCE];
        Self::of(&words.map(str::to_owned), environment)
    }

    async fn run(&self, audience: &str) -> Result<SecretString, IdTokenError> {
        let name = || Escaped::from(self.name.as_str());
        let too_long = || IdTokenError::TooLong { platform: self.name(), limit: MAX_TOKEN };
        let program = self.program.as_ref().ok_or_else(|| IdTokenError::NoProgram { program: name() })?;
        let mut command = tokio::process::Command::new(program);
        command.args(self.arguments.iter().map(|argument| argument.replace(AUDIENCE, audience)));
        let _waiting = waiting_for(self.name.clone());
        let bounds = Bounds { time: TIMEOUT, bytes: MAX_OUTPUT, asks: false };
        let output = output(command, bounds).await.map_err(|error| match error {
            OutputError::Missing => IdTokenError::NoProgram { program: name() },
            OutputError::TooLong => too_long(),
            OutputError::Failed(how, last) => {
                IdTokenError::Program { program: name(), reason: failure(&how, &last).into() }
            }
        })?;
        match str::from_utf8(&output).map(str::trim) {
            Ok(token) if token.len() > MAX_TOKEN => Err(too_long()),
            Ok(token) => Ok(token.into()),
            Err(_) => Err(IdTokenError::NoToken { platform: self.name() }),
        }
    }
}

impl Platform for Command {
    fn name(&self) -> Escaped {
        format!("`{}`", Escaped::from(self.name.as_str())).into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, _: &str) -> Escaped {
        "the program has to be given the audience: `{audience}` stands for it in its arguments".into()
    }

    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        self.run(audience).boxed()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    async fn run(line: &[&str]) -> Result<String, IdTokenError> {
        let words: Vec<String> = line.iter().map(|&word| word.to_owned()).collect();
        let environment = Environment::from_iter([("PATH", "/usr/bin:/bin")]);
        let token = Command::of(&words, &environment).token("sts.example").await?;
        Ok(token.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn a_program_s_output_is_the_token_and_its_arguments_have_the_audience() {
        assert_eq!(run(&["echo", "of", "{audience}"]).await.unwrap(), "of sts.example");
    }

    #[tokio::test]
    async fn a_program_that_fails_or_is_missing_is_told_in_one_line() {
        let missing = run(&["crhost-no-such-program"]).await.unwrap_err();
        assert_eq!(missing.to_string(), "`crhost-no-such-program`, which is to give an id token, is not installed");
        let failed = run(&["sh", "-c", "echo secret; echo not today >&2; exit 3"]).await.unwrap_err();
        assert_eq!(failed.to_string(), "`sh` gave no id token: exit status 3: not today");
        let long = run(&["head", "-c", "100000", "/dev/zero"]).await.unwrap_err();
        assert_eq!(long.to_string(), "what `head` gave has more than 32768 bytes, which no id token has");
        let long = run(&["head", "-c", "32769", "/dev/zero"]).await.unwrap_err();
        assert!(matches!(long, IdTokenError::TooLong { .. }), "{long}");
        let endless = run(&["yes"]).await.unwrap_err();
        assert!(matches!(endless, IdTokenError::TooLong { .. }), "{endless}");
        let token = run(&["sh", "-c", "echo got eyJhbGciOi.eyJpc3MiOi.c2ln >&2; exit 1"]).await.unwrap_err();
        assert_eq!(token.to_string(), "`sh` gave no id token: exit status 1: got <hidden>");
    }
}
