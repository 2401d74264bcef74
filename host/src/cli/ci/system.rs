//! Which CI system it is.

use clap::ValueEnum;
use parking_lot::Mutex;

use crate::environment::{EnvVars, Environment};

/// The system that was set for this process.
static SYSTEM: Mutex<System> = Mutex::new(System::None);

/// The values of `--ci`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Given {
    /// The one that the environment shows
    #[default]
    Auto,
    /// GitHub Actions, and systems that follow it: outputs, step summary, annotations, masks, groups
    Github,
    /// GitLab CI: sections of the log that fold
    Gitlab,
    /// Azure Pipelines: output variables, issues, masks, groups
    Azure,
    /// None
    None,
}

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum System {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Azure Pipelines.
    Azure,
    /// None of these.
    None,
}

impl Given {
    /// The system that is meant. Each sets its variable to `true`, Azure to `True`.
    pub(in crate::cli) fn resolve(self, environment: &Environment) -> System {
        let is_set = |name| environment.text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match self {
            Self::Github => System::Github,
            Self::Gitlab => System::Gitlab,
            Self::Azure => System::Azure,
            Self::None => System::None,
            Self::Auto if is_set(EnvVars::GITHUB_ACTIONS) => System::Github,
            Self::Auto if is_set(EnvVars::GITLAB_CI) => System::Gitlab,
            Self::Auto if is_set(EnvVars::TF_BUILD) => System::Azure,
            Self::Auto => System::None,
        }
    }
}

/// Sets the system of this process.
pub(in crate::cli) fn set(system: System) {
    *SYSTEM.lock() = system;
}

/// The system of this process.
pub(in crate::cli) fn system() -> System {
    *SYSTEM.lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_known_by_its_variable_unless_another_is_named() {
        for (given, variables, system) in [
            (Given::Auto, &[][..], System::None),
            (Given::Auto, &[("CI", "true")], System::None),
            (Given::Auto, &[("GITHUB_ACTIONS", "true")], System::Github),
            (Given::Auto, &[("GITHUB_ACTIONS", "")], System::None),
            (Given::Auto, &[("GITHUB_ACTIONS", "false")], System::None),
            (Given::Auto, &[("GITLAB_CI", "true"), ("CI", "true")], System::Gitlab),
            (Given::Auto, &[("TF_BUILD", "True")], System::Azure),
            (Given::Azure, &[("GITHUB_ACTIONS", "true")], System::Azure),
            (Given::None, &[("GITHUB_ACTIONS", "true")], System::None),
        ] {
            assert_eq!(given.resolve(&variables.iter().copied().collect()), system, "{given:?} {variables:?}");
        }
    }
}
