//! The token of a pod's service account as a source of a connector's fields.
//!
//! The kubelet hands it over where its configuration says so. It goes nowhere unless the configuration names a variable
//! too: a connector that the user allowed to read the file that the variable names (such as a workload identity's) then
//! reads this token, for this one answer.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::str::FromStr;

use secrecy::ExposeSecret as _;
use tempfile::NamedTempFile;

use super::super::error::KubernetesError;
use super::request::Request;
use crate::environment::{EnvVars, Environment};
use crate::text::{Escaped, Printable};

/// The name of an environment variable that a connector's fields may be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VariableName(String);

/// A text that is no such name.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no variable for a connector: expected capital letters, digits and `_`, and none of crhost's own")]
pub(crate) struct VariableError(Escaped);

/// Variables that others than connectors read: where crhost keeps things, whom it trusts, and how it connects.
const RESERVED: [&str; 6] = ["CRHOST_", "DOCKER_", "XDG_", "SSL_CERT_", "KUBERNETES_", "LD_"];

impl FromStr for VariableName {
    type Err = VariableError;

    fn from_str(text: &str) -> Result<Self, VariableError> {
        let is_name = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
            && text.bytes().next().is_some_and(|b| !b.is_ascii_digit());
        let is_own = RESERVED.iter().any(|start| text.starts_with(start))
            || EnvVars::ALL.iter().any(|variable| variable.name == text);
        if is_name && !is_own { Ok(Self(text.to_owned())) } else { Err(VariableError(text.into())) }
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is handed to connectors of a pod's service account.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServiceAccountUse {
    /// The variable that names a file with the token.
    pub(crate) token_file: Option<VariableName>,
    /// Annotations, each with the variable that has its value.
    pub(crate) annotations: BTreeMap<String, VariableName>,
}

/// The environment for one answer, and the file that it names, which is removed with this.
pub(crate) struct PodEnvironment {
    /// The environment.
    pub(crate) environment: Environment,
    _file: NamedTempFile,
}

impl ServiceAccountUse {
    /// The environment with what the request brought; `None` where nothing of it is to be used. Then the answer is the
    /// same for all pods.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(crate) fn environment(
        &self,
        request: &Request,
        environment: &Environment,
    ) -> Result<Option<PodEnvironment>, KubernetesError> {
        let (Some(variable), Some(token)) = (&self.token_file, &request.token) else { return Ok(None) };
        // Only its owner may read such a file.
        let mut file = NamedTempFile::new().map_err(|error| KubernetesError::Token(error.into()))?;
        file.write_all(token.expose_secret().as_bytes()).map_err(|error| KubernetesError::Token(error.into()))?;
        let mut environment = environment.clone().with(&variable.0, file.path());
        for (annotation, variable) in &self.annotations {
            // An absent one hides what the machine has: the pod would get another account's credentials.
            let value = request.annotations.get(annotation).map_or("", String::as_str);
            environment = environment.with(&variable.0, value);
        }
        Ok(Some(PodEnvironment { environment, _file: file }))
    }
}
