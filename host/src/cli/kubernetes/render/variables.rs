//! Variables and mounts of a pod, as options name them. A secret is named, and never given.

use std::str::FromStr;

use url::Url;

use super::called::{Called, What};
use crate::cli::assignment;
use crate::cli::failure::Failure;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::kubernetes::{Directory, ObjectName, SecretKey, Variable};
use crate::text::Escaped;

/// Ends of names that variables with secrets have. Others end in `_FILE`, and name where one is.
const OF_SECRETS: [&str; 6] = ["PASSWORD", "SECRET", "TOKEN", "_KEY", "CREDENTIALS", "PASSPHRASE"];

/// `NAME=VALUE`.
pub(super) fn plain(text: &str) -> Result<(String, String), String> {
    let (name, value) = assignment::parse(text)?;
    Ok((variable_name(name)?, value))
}

/// `NAME=SECRET/KEY`.
pub(super) fn of_secret(text: &str) -> Result<(String, SecretKey), String> {
    let (name, key) = assignment::parse(text).map_err(|_| "expected `NAME=SECRET/KEY`".to_owned())?;
    Ok((variable_name(name)?, key.parse()?))
}

/// `NAME=DIRECTORY`.
pub(super) fn mount(text: &str) -> Result<(ObjectName, Directory), String> {
    let (name, directory) = assignment::parse(text).map_err(|_| "expected `NAME=DIRECTORY`".to_owned())?;
    let name = ObjectName::from_str(&name).map_err(|error| error.to_string())?;
    Ok((name, directory.parse()?))
}

fn variable_name(name: String) -> Result<String, String> {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_name { Ok(name) } else { Err("expected a name of letters, digits and `_`".to_owned()) }
}

/// The variables, none of which shows a secret, nor is there twice.
pub(super) fn checked(plain: &[(String, String)], secret: Vec<(String, SecretKey)>) -> Result<Vec<Variable>, Failure> {
    for (name, value) in plain {
        let is_place = [EnvVars::CRHOST_SERVER_TOKEN, EnvVars::CRHOST_SERVER_KEY].contains(&name.as_str());
        let sounds_secret = OF_SECRETS.iter().any(|end| name.to_ascii_uppercase().ends_with(end)) && !is_place;
        if sounds_secret || has_password(value) {
            return Err(literal(&format!("`--env {name}`"), &format!("`--secret-env {name}=SECRET/KEY`")));
        }
    }
    let plain = plain.iter().map(|(name, value)| Variable::Plain(name.clone(), value.clone()));
    let all: Vec<Variable> = plain.chain(secret.into_iter().map(|(name, key)| Variable::OfSecret(name, key))).collect();
    for (at, variable) in all.iter().enumerate() {
        if all.iter().skip(at + 1).any(|other| other.name() == variable.name()) {
            let message = format!("variable `{}` is given twice", variable.name());
            return Err(Failure::new(Kind::Usage, message, "give each `--env` and `--secret-env` a name of its own"));
        }
    }
    Ok(all)
}

/// Checks that a pod finds registries: they are those of a server, of a file, or of a database.
pub(super) fn check_registries(called: &Called, variables: &[Variable]) -> Result<(), Failure> {
    let is_set = |name: &str| variables.iter().any(|variable| variable.name() == name);
    let has_database = is_set(EnvVars::CRHOST_DATABASE) || called.database.is_some();
    if called.database.as_deref().is_some_and(has_password) {
        return Err(literal("`--database`", "`--secret-env CRHOST_DATABASE=SECRET/KEY`"));
    }
    if has_database {
        return Ok(());
    }
    let (message, hint) = match called.what {
        What::Server { .. } => (
            "the server has no database, and its pods keep nothing",
            "`--secret-env CRHOST_DATABASE=SECRET/KEY` names one",
        ),
        What::Work { .. } if is_set(EnvVars::CRHOST_SERVER) || is_set(EnvVars::CRHOST_CONFIG) => return Ok(()),
        What::Work { .. } if called.config.is_some() => return Ok(()),
        What::Work { .. } => (
            "the pod would know no registry: what is registered here is not there",
            "give `--server URL` before the command, or `--config FILE` behind it",
        ),
    };
    Err(Failure::new(Kind::Usage, message, hint))
}

fn has_password(value: &str) -> bool {
    Url::parse(value).is_ok_and(|url| url.password().is_some())
}

fn literal(what: &str, hint: &str) -> Failure {
    let message = format!("{} would put a secret into the manifest", Escaped::from(what));
    Failure::new(Kind::Usage, message, format!("name where it is: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_and_never_given() {
        let given = |name: &str, value: &str| checked(&[(name.to_owned(), value.to_owned())], Vec::new());
        for (name, value) in [
            ("PGPASSWORD", "x"),
            ("aws_secret_access_key", "x"),
            ("CRHOST_ID_TOKEN", "x"),
            ("GOOGLE_CREDENTIALS", "x"),
            ("CRHOST_DATABASE", "postgres://crhost:secret@db.example/crhost"),
        ] {
            let error = given(name, value).err().unwrap();
            assert!(error.words().0.contains("would put a secret into the manifest"), "{name}");
            assert!(!error.words().0.contains("secret@"), "{name}");
        }
        for (name, value) in [
            ("CRHOST_SERVER_TOKEN", "file:/token"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/crhost/token"),
            ("CRHOST_DATABASE", "postgres://crhost@db.example/crhost"),
            ("ACCOUNT", "123456789012"),
        ] {
            assert!(given(name, value).is_ok(), "{name}");
        }
        let twice = [("A".to_owned(), "1".to_owned())];
        assert!(checked(&twice, vec![("A".to_owned(), "a/b".parse().unwrap())]).is_err());
    }

    #[test]
    fn a_variable_s_name_is_one_of_a_shell() {
        assert!(plain("A_1=x=y").is_ok_and(|(name, value)| name == "A_1" && value == "x=y"));
        for bad in ["1A=x", "A-B=x", "A", "=x", "Ä=x"] {
            assert!(plain(bad).is_err(), "{bad}");
        }
    }
}
