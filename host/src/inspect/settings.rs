//! The settings in an image's configuration, as users see them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::{self, Malformed};

/// What a configuration says about its image (image specification, "OCI Image Configuration"). What is malformed in it
/// is left out: other programs run such images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all(serialize = "camelCase"), default)]
pub(crate) struct Settings {
    /// When the image was made, as the configuration has it.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) created: Option<String>,
    /// Who made it.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) author: Option<String>,
    /// The version of the operating system, of images for Windows.
    #[serde(rename(deserialize = "os.version"), deserialize_with = "json::non_empty")]
    pub(crate) os_version: Option<String>,
    /// How it is run.
    #[serde(rename(deserialize = "config"), deserialize_with = "or_default")]
    pub(crate) run: Run,
}

/// How an image is run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all(serialize = "camelCase", deserialize = "PascalCase"), default)]
pub(crate) struct Run {
    /// The user of its processes.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) user: Option<String>,
    /// Environment variables, `NAME=VALUE`.
    #[serde(deserialize_with = "or_default")]
    pub(crate) env: Vec<String>,
    /// The program that always runs.
    #[serde(deserialize_with = "or_default")]
    pub(crate) entrypoint: Vec<String>,
    /// Its arguments, or the program where there is no entrypoint.
    #[serde(deserialize_with = "or_default")]
    pub(crate) cmd: Vec<String>,
    /// The directory that they start in.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) working_dir: Option<String>,
    /// Labels.
    #[serde(deserialize_with = "or_default")]
    pub(crate) labels: BTreeMap<String, String>,
    /// Ports that it listens on, `PORT/PROTOCOL`.
    #[serde(deserialize_with = "names")]
    pub(crate) exposed_ports: Vec<String>,
    /// Directories that outlive its containers.
    #[serde(deserialize_with = "names")]
    pub(crate) volumes: Vec<String>,
    /// The signal that ends it.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) stop_signal: Option<String>,
}

impl Settings {
    /// Reads a configuration.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub(crate) fn parse(config: &[u8]) -> Result<Self, Malformed> {
        json::read(config)
    }
}

/// A value, or the default in the place of one that can't be understood.
fn or_default<'de, T: Deserialize<'de> + Default, D: serde::Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(json::if_valid(from)?.unwrap_or_default())
}

/// The names of an object's members: Go's form of a set.
fn names<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let set: Option<BTreeMap<String, Value>> = json::if_valid(from)?;
    Ok(set.unwrap_or_default().into_keys().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_what_is_malformed_is_left_out() {
        let config = serde_json::json!({
            "created": "2026-01-02T03:04:05Z", "author": "", "architecture": "amd64", "os.version": "10.0",
            "config": {
                "User": "1000", "Env": ["A=1"], "Entrypoint": null, "Cmd": ["sh", "-c"], "WorkingDir": "/w",
                "Labels": { "a": "b" }, "ExposedPorts": { "80/tcp": {} }, "Volumes": 7, "StopSignal": "SIGTERM",
            },
        });
        let settings = Settings::parse(config.to_string().as_bytes()).unwrap();
        assert_eq!(settings.created.as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!((settings.author, settings.os_version.as_deref()), (None, Some("10.0")));
        let run = settings.run;
        assert_eq!(
            (run.env, run.entrypoint, run.cmd),
            (vec!["A=1".to_owned()], vec![], vec!["sh".to_owned(), "-c".to_owned()])
        );
        assert_eq!((run.exposed_ports, run.volumes), (vec!["80/tcp".to_owned()], vec![]));
        assert_eq!(run.labels["a"], "b");
        assert_eq!(Settings::parse(b"{}").unwrap(), Settings::default());
        assert!(Settings::parse(b"[").is_err());
    }
}
