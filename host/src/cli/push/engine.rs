//! `--engine`: who sends an image of the Docker daemon.

use clap::ValueEnum;

use crate::cli::failure::Failure;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::push::EngineChoice;
use crate::source::Location;
use crate::text::Escaped;

/// The values of `--engine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArgument {
    /// crhost, but for a daemon on another machine that is reached by SSH or TLS
    Auto,
    /// crhost, which reads the layers in the daemon's store or has them exported
    Native,
    /// The daemon, to which crhost gives the registry's credentials
    Daemon,
}

/// The choice for an image and so many registries. The variable is a default for images of the daemon that one registry
/// gets, and means nothing for others.
///
/// # Errors
/// When the variable has another value.
pub(super) fn choice(
    argument: Option<EngineArgument>,
    location: &Location,
    registries: usize,
    environment: &Environment,
) -> Result<EngineChoice, Failure> {
    let argument = match (argument, environment.text(EnvVars::CRHOST_ENGINE)) {
        (None, Some(text)) => {
            let value = EngineArgument::from_str(&text, true).map_err(|_| of_variable(&text))?;
            (!location.is_file() && registries <= 1).then_some(value)
        }
        (argument, _) => argument,
    };
    Ok(match argument {
        None | Some(EngineArgument::Auto) => EngineChoice::Auto,
        Some(EngineArgument::Native) => EngineChoice::Native,
        Some(EngineArgument::Daemon) => EngineChoice::Daemon,
    })
}

fn of_variable(text: &str) -> Failure {
    let message = format!("`{}`: `{}` is no engine", EnvVars::CRHOST_ENGINE, Escaped::from(text));
    Failure::new(Kind::Usage, message, "expected `auto`, `native` or `daemon`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(argument: Option<EngineArgument>, location: &str, variable: &str) -> Option<EngineChoice> {
        let environment: Environment = [(EnvVars::CRHOST_ENGINE, variable)].into_iter().collect();
        super::choice(argument, &location.parse().unwrap(), 1, &environment).ok()
    }

    #[test]
    fn the_variable_means_nothing_for_several_registries() {
        let environment: Environment = [(EnvVars::CRHOST_ENGINE, "daemon")].into_iter().collect();
        let choice = super::choice(None, &"train:v3".parse().unwrap(), 2, &environment).ok();
        assert_eq!(choice, Some(EngineChoice::Auto));
    }

    #[test]
    fn the_variable_is_a_default_for_images_of_the_daemon() {
        assert_eq!(choice(None, "train:v3", "daemon"), Some(EngineChoice::Daemon));
        assert_eq!(choice(Some(EngineArgument::Native), "train:v3", "daemon"), Some(EngineChoice::Native));
        assert_eq!(choice(None, "oci:./layout", "daemon"), Some(EngineChoice::Auto));
        assert_eq!(choice(Some(EngineArgument::Daemon), "oci:./layout", ""), Some(EngineChoice::Daemon));
        assert_eq!(choice(None, "train:v3", "podman"), None);
    }
}
