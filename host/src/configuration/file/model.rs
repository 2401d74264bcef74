//! The form of the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flavor::Action;
use crate::format_version::Version;
use crate::grant::HostPattern;

/// What is registered: a file in TOML. Without `Debug`: a secret may stand in it by mistake.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ConfigurationFile {
    /// The version of this format: 1.
    pub(crate) version: Version,
    /// Further files, whose paths are relative to this one. A name may be in one of them only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) include: Vec<String>,
    /// The registry for images whose names have no host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_registry: Option<String>,
    /// Flavors by their own names: where those come from that are not built in, and what each may reach.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) flavors: BTreeMap<String, FlavorEntry>,
    /// Connectors by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) connectors: BTreeMap<String, ConnectorEntry>,
    /// Registries by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) registries: BTreeMap<String, RegistryEntry>,
    /// Keys of services that wrap the key of a shared database, by their names: one alone, in the file that
    /// CRHOST_KEY_FILE names. The flavor and the URI say which key it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) keys: BTreeMap<String, RegistryEntry>,
    /// Policies by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) policies: BTreeMap<String, PolicyEntry>,
}

/// A flavor.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct FlavorEntry {
    /// Its component: `oci://` and its name in a registry, or a `.wasm` file relative to this one; absent for a
    /// built-in flavor. `${NAME}` stands for a variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// Hosts that it may reach without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_hosts: Vec<Host>,
    /// Hosts that it may send secrets to, in the operations that declare it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_secret_hosts: Vec<Host>,
    /// Exact hosts of a private network that it asks for itself, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_private_hosts: Vec<Host>,
    /// Whether it may reach the addresses of this machine's metadata that it asks for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) allow_metadata: bool,
    /// Operations that send a secret at a place that no standard defines for it, as `TYPE/METHOD/OPERATION`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) allow_operations: Vec<String>,
}

/// A pattern of hosts.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Host(pub(crate) HostPattern);

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|reason: crate::grant::PatternError| reason.to_string())
    }
}

impl From<Host> for String {
    fn from(Host(pattern): Host) -> Self {
        pattern.to_string()
    }
}

/// A connector.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ConnectorEntry {
    /// Its type.
    #[serde(rename = "type")]
    pub(crate) connector_type: String,
    /// Its auth method; may be absent where its type has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) auth_method: Option<String>,
    /// The flavor whose description counts, where several describe the auth method otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flavor: Option<String>,
    /// Whether fields that are left out may be read on the machine, from the places that the method names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) allow_implicit: bool,
    /// Names of programs that may give their fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) allow_commands: Vec<String>,
    /// Where id tokens are from, if not from the CI system, as `--id-token-from` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_from: Option<String>,
    /// Its fields: text that is no secret, with `${NAME}` for variables, or `@env:NAME`, `@file:PATH`, `@oidc`,
    /// `@oidc:AUDIENCE`, `@command:PROGRAM ARGS`; `@stored` for a value that the store alone has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) fields: BTreeMap<String, String>,
}

/// A registry.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RegistryEntry {
    /// Its flavor.
    pub(crate) flavor: String,
    /// Where it is: `host[:port][/path]`. `${NAME}` stands for a variable.
    pub(crate) uri: String,
    /// The connector whose credentials its flavor may use, which is in the file too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) connector: Option<String>,
    /// Whether it may be spoken to in plain HTTP if it does not speak https.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) insecure: bool,
    /// Hosts that it may reach without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_hosts: Vec<Host>,
    /// Hosts that it may send secrets to, in the operations that declare it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_secret_hosts: Vec<Host>,
    /// Exact hosts of a private network that it asks for itself, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_private_hosts: Vec<Host>,
    /// Values of the flavor's options. `${NAME}` stands for a variable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) options: BTreeMap<String, Value>,
}

/// A policy.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PolicyEntry {
    /// Its component: the name of a built-in policy, `oci://` and its name in a registry, or a `.wasm` file relative to
    /// this one. `${NAME}` stands for a variable.
    pub(crate) source: String,
    /// What it is asked about: `push`, `copy`, `delete`; all three where it is absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) on: Vec<Asked>,
    /// The registries that it is asked about, by name or URI; all where it is absent.
    #[serde(default, rename = "for", skip_serializing_if = "Vec::is_empty")]
    pub(crate) registries: Vec<String>,
    /// Hosts that it may reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_hosts: Vec<Host>,
    /// Exact hosts of a private network that it asks for itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(crate) allow_private_hosts: Vec<Host>,
    /// Whether it is registered and not asked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) disabled: bool,
    /// Values of its options. `${NAME}` stands for a variable.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) options: BTreeMap<String, Value>,
}

/// What a policy is asked about.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Asked(pub(crate) Action);

impl TryFrom<String> for Asked {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = Action::ALL.into_iter().find(|action| action.word() == text);
        found.map(Self).ok_or_else(|| format!("`{text}` is no action, expected `push`, `copy` or `delete`"))
    }
}

impl From<Asked> for String {
    fn from(Asked(action): Asked) -> Self {
        action.word().to_owned()
    }
}

/// The value of an option: text, or a truth value or number as TOML has it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(i64),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
