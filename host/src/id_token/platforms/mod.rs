//! The platforms that issue id tokens, a file for each, in the terms of their own documentation.

mod azure_pipelines;
mod circleci;
mod command;
mod file;
mod github;
mod google;
mod kubernetes;
mod variable;

use super::error::IdTokenError;
use super::from::IdTokenFrom;
use super::platform::Platform;
use crate::environment::{EnvVars, Environment};
use azure_pipelines::AzurePipelines;
use circleci::CircleCi;
use command::Command;
use file::TokenFile;
use github::GitHub;
use google::Google;
use kubernetes::Kubernetes;
use variable::Variable;

/// The platform that the user means, or that the environment tells of.
///
/// # Errors
/// When there is none, or the job may request no token.
pub(super) fn find(from: &IdTokenFrom, environment: &Environment) -> Result<Box<dyn Platform>, IdTokenError> {
    Ok(match from {
        IdTokenFrom::Auto => return detected(environment),
        IdTokenFrom::Github => Box::new(GitHub::of(environment)?),
        IdTokenFrom::AzurePipelines => Box::new(AzurePipelines::of(environment)?),
        IdTokenFrom::Circleci => Box::new(CircleCi::of(environment)),
        IdTokenFrom::Buildkite => Box::new(Command::buildkite(environment)),
        IdTokenFrom::Google => Box::new(Google::of(environment)),
        IdTokenFrom::Kubernetes(account) => Box::new(Kubernetes::of(account.as_ref(), environment)?),
        IdTokenFrom::Env(variable) => Box::new(Variable::of(variable, environment)?),
        IdTokenFrom::File(path) => Box::new(TokenFile::of(path, environment)),
        IdTokenFrom::Command(words) => Box::new(Command::of(words, environment)),
    })
}

/// The platform that the environment tells of: variables alone decide.
fn detected(environment: &Environment) -> Result<Box<dyn Platform>, IdTokenError> {
    let is_set = |name: &str| environment.get(name).is_some();
    if is_set(EnvVars::CRHOST_ID_TOKEN) {
        return Ok(Box::new(Variable::of(EnvVars::CRHOST_ID_TOKEN, environment)?));
    }
    if is_set(EnvVars::ACTIONS_ID_TOKEN_REQUEST_URL) || is_set(EnvVars::GITHUB_ACTIONS) {
        return Ok(Box::new(GitHub::of(environment)?));
    }
    if is_set(EnvVars::SYSTEM_OIDCREQUESTURI) {
        return Ok(Box::new(AzurePipelines::of(environment)?));
    }
    if is_set(EnvVars::CIRCLE_OIDC_TOKEN_V2) {
        return Ok(Box::new(Variable::of(EnvVars::CIRCLE_OIDC_TOKEN_V2, environment)?));
    }
    let not_allowed = |platform: &str, missing, hint: &str| {
        Err(IdTokenError::NotAllowed { platform: platform.into(), missing, hint: hint.into() })
    };
    if is_set(EnvVars::GITLAB_CI) {
        let hint = "add `id_tokens: { CRHOST_ID_TOKEN: { aud: AUDIENCE } }` to the job, or name another variable of \
                    `id_tokens` with `--id-token-from env:VARIABLE`";
        return not_allowed("GitLab CI", "`CRHOST_ID_TOKEN` is not set", hint);
    }
    if is_set(EnvVars::BUILDKITE) {
        let hint = "`--id-token-from buildkite`, when registering the connector, allows its program to be run";
        return not_allowed("Buildkite", "its program `buildkite-agent` would have to be run", hint);
    }
    Err(IdTokenError::NoPlatform)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    fn named(variables: &[(&str, &str)]) -> Result<String, (String, String)> {
        let environment: Environment = variables.iter().copied().collect();
        match detected(&environment) {
            Ok(platform) => Ok(platform.name().to_string()),
            Err(error) => Err((error.to_string(), error.hint().unwrap().to_string())),
        }
    }

    #[test]
    fn the_environment_tells_which_platform_it_is() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://x.example/t?api-version=2.0"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "r"),
        ];
        assert_eq!(named(&github).unwrap(), "GitHub Actions");
        assert_eq!(named(&[&github[..], &[("CRHOST_ID_TOKEN", "x")]].concat()).unwrap(), "$CRHOST_ID_TOKEN");
        let azure = [("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/x"), ("SYSTEM_ACCESSTOKEN", "x")];
        assert_eq!(named(&azure).unwrap(), "Azure Pipelines");
        assert_eq!(named(&[("CIRCLE_OIDC_TOKEN_V2", "x")]).unwrap(), "$CIRCLE_OIDC_TOKEN_V2");
    }

    #[test]
    fn a_job_without_the_permission_is_told_how_to_get_it() {
        let (message, hint) = named(&[("GITHUB_ACTIONS", "true")]).unwrap_err();
        assert_eq!(message, "GitHub Actions gives this job no id token: `ACTIONS_ID_TOKEN_REQUEST_URL` is not set");
        assert!(hint.contains("`permissions: { id-token: write, contents: read }`"), "{hint}");
        let (_, hint) = named(&[("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com/x")]).unwrap_err();
        assert!(hint.contains("`SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"), "{hint}");
        let (_, hint) = named(&[("GITLAB_CI", "true")]).unwrap_err();
        assert!(hint.contains("id_tokens"), "{hint}");
        let (_, hint) = named(&[("BUILDKITE", "true")]).unwrap_err();
        assert!(hint.contains("--id-token-from buildkite"), "{hint}");
        let (message, _) = named(&[("PATH", "/bin")]).unwrap_err();
        assert!(message.contains("no job of a CI system"), "{message}");
    }
}
