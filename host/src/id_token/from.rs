//! Which token of a machine is meant: that of the CI system that runs it, or one that the user points at.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::{Escaped, Printable};

/// Where id tokens are from, as the user writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) enum IdTokenFrom {
    /// Whichever platform the environment tells of; no program is run, and no address of a cloud is asked.
    #[default]
    Auto,
    /// GitHub Actions, and systems that follow it.
    Github,
    /// Azure Pipelines.
    AzurePipelines,
    /// CircleCI: its variable, or its program for other audiences.
    Circleci,
    /// Buildkite's program.
    Buildkite,
    /// The metadata address of Google's clouds.
    Google,
    /// The TokenRequest API of the cluster that this pod runs in; the pod's own account, if none is named.
    Kubernetes(Option<ServiceAccount>),
    /// The value of an environment variable.
    Env(String),
    /// The content of a file.
    File(String),
    /// The output of a program, with its arguments: words as a shell tells them apart, and no shell.
    Command(Vec<String>),
}

/// A service account of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceAccount {
    /// Its namespace.
    pub(super) namespace: String,
    /// Its name in it.
    pub(super) name: String,
}

impl ServiceAccount {
    /// One with names that Kubernetes takes (RFC 1123, section 2.1), each a part of a path.
    pub(super) fn new(namespace: &str, name: &str) -> Option<Self> {
        let is_name = |text: &str| {
            let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
            text.len() <= 253 && ends(text.bytes().next()) && ends(text.bytes().last()) && text.bytes().all(inner)
        };
        let is_known = is_name(namespace) && is_name(name);
        is_known.then(|| Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

/// A text that names no place of id tokens.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum FromError {
    /// Another word.
    #[error(
        "expected `auto`, `github`, `azure-pipelines`, `circleci`, `buildkite`, `google`, `kubernetes`, `kubernetes:NAMESPACE/ACCOUNT`, `env:VARIABLE`, `file:PATH` or `command:PROGRAM ARGUMENTS`"
    )]
    Unknown,
    /// A quote without its end.
    #[error("expected `command:PROGRAM ARGUMENTS` with an end to each quote")]
    Quotes,
    /// A path that would lead elsewhere in each directory.
    #[error("expected an absolute path, or one that begins with `~/`: later commands run in other directories")]
    Relative,
}

/// It is escaped where it is shown.
impl Printable for IdTokenFrom {}

impl FromStr for IdTokenFrom {
    type Err = FromError;

    fn from_str(text: &str) -> Result<Self, FromError> {
        Ok(match text.split_once(':') {
            None => match text {
                "auto" => Self::Auto,
                "github" => Self::Github,
                "azure-pipelines" => Self::AzurePipelines,
                "circleci" => Self::Circleci,
                "buildkite" => Self::Buildkite,
                "google" => Self::Google,
                "kubernetes" => Self::Kubernetes(None),
                _ => return Err(FromError::Unknown),
            },
            Some(("kubernetes", account)) => {
                let account =
                    account.split_once('/').and_then(|(namespace, name)| ServiceAccount::new(namespace, name));
                Self::Kubernetes(Some(account.ok_or(FromError::Unknown)?))
            }
            Some(("env", variable)) if !variable.is_empty() && !variable.contains('=') => {
                Self::Env(variable.to_owned())
            }
            Some(("file", path)) if !path.is_empty() => match leads_to_one_place(path) {
                true => Self::File(path.to_owned()),
                false => return Err(FromError::Relative),
            },
            Some(("command", line)) if !line.trim().is_empty() => {
                let words = shlex::split(line).ok_or(FromError::Quotes)?;
                // A name is looked for on `PATH`.
                match words.first().is_none_or(|program| !program.contains('/') || Path::new(program).is_absolute()) {
                    true => Self::Command(words),
                    false => return Err(FromError::Relative),
                }
            }
            Some(_) => return Err(FromError::Unknown),
        })
    }
}

/// Whether a path is the same file in every directory.
fn leads_to_one_place(path: &str) -> bool {
    path.starts_with("~/") || Path::new(path).is_absolute()
}

impl TryFrom<String> for IdTokenFrom {
    type Error = FromError;

    fn try_from(text: String) -> Result<Self, FromError> {
        text.parse()
    }
}

impl From<IdTokenFrom> for String {
    fn from(from: IdTokenFrom) -> Self {
        from.written()
    }
}

impl IdTokenFrom {
    /// As the user writes it.
    fn written(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::Github => "github".to_owned(),
            Self::AzurePipelines => "azure-pipelines".to_owned(),
            Self::Circleci => "circleci".to_owned(),
            Self::Buildkite => "buildkite".to_owned(),
            Self::Google => "google".to_owned(),
            Self::Kubernetes(None) => "kubernetes".to_owned(),
            Self::Kubernetes(Some(ServiceAccount { namespace, name })) => format!("kubernetes:{namespace}/{name}"),
            Self::Env(variable) => format!("env:{variable}"),
            Self::File(path) => format!("file:{path}"),
            Self::Command(words) => {
                let words: Vec<_> = words.iter().map(|word| quoted_if_needed(word)).collect();
                format!("command:{}", words.join(" "))
            }
        }
    }
}

/// A word of a command line, in quotes if it is read as another without.
fn quoted_if_needed(word: &str) -> Cow<'_, str> {
    let is_plain = shlex::split(word).is_some_and(|words| words == [word]);
    // Fails for a zero byte alone, which no argument has.
    if is_plain { word.into() } else { shlex::try_quote(word).unwrap_or_else(|_| word.into()) }
}

/// For users.
impl fmt::Display for IdTokenFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("this machine"),
            Self::Github => f.write_str("GitHub Actions"),
            Self::AzurePipelines => f.write_str("Azure Pipelines"),
            Self::Circleci => f.write_str("CircleCI, by its program `circleci`"),
            Self::Buildkite => f.write_str("Buildkite, by its program `buildkite-agent`"),
            Self::Google => f.write_str("Google's metadata address"),
            Self::Kubernetes(None) => f.write_str("the pod's own account in its cluster"),
            Self::Kubernetes(Some(ServiceAccount { namespace, name })) => {
                write!(f, "the account `{namespace}/{name}` in the pod's cluster")
            }
            Self::Env(variable) => write!(f, "${}", Escaped::from(variable)),
            Self::File(path) => write!(f, "the file `{}`", Escaped::from(path)),
            Self::Command(words) => write!(f, "the program `{}`", Escaped::from(words.join(" "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_write_is_read_and_written_again() {
        for text in [
            "auto",
            "github",
            "azure-pipelines",
            "circleci",
            "buildkite",
            "google",
            "kubernetes",
            "kubernetes:ci/push",
            "env:MY_TOKEN",
            "file:/var/run/secrets/tokens/aws",
            "command:vault read --audience {audience}",
            "command:sh -c 'vault read \"$0\"' {audience}",
        ] {
            assert_eq!(String::from(text.parse::<IdTokenFrom>().unwrap()), text);
        }
        for text in [
            "",
            "gitlab",
            "kubernetes:",
            "kubernetes:push",
            "kubernetes:ci/../x",
            "env:",
            "env:A=b",
            "file:",
            "command: ",
            "github:x",
            "https://x",
            "file:token",
            "command:./x",
            "command:\"unclosed",
        ] {
            assert!(text.parse::<IdTokenFrom>().is_err(), "{text}");
        }
    }

    #[test]
    fn quotes_keep_words_together_as_in_a_shell() {
        let read: IdTokenFrom = r#"command:vault "two words" a\ b 'c"d' ''"#.parse().unwrap();
        let words = ["vault", "two words", "a b", "c\"d", ""].map(str::to_owned);
        assert_eq!(read, IdTokenFrom::Command(words.to_vec()));
        assert_eq!(String::from(read.clone()).parse::<IdTokenFrom>().unwrap(), read);
    }
}
