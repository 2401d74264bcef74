//! The answer of `describe`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::uses::SecretUses;
use crate::flavor::kebab_name::{FlavorName, KebabName};
use crate::grant::operation::{Method, Operation};
use crate::grant::{Grant, HostPattern};
use crate::implicit_sources::{Command, ImplicitSource};

/// The answer of `describe`. All texts are bounded, of one line, and safe to print.
///
/// The store has it as JSON, too; the aliases are the names that members had in earlier stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    /// Its name.
    pub(crate) name: FlavorName,
    /// Its own version, not the contract's.
    pub(crate) version: semver::Version,
    /// Its purpose, in one line.
    pub(crate) summary: String,
    /// Where to read more: an `https` URL.
    pub(crate) documentation: Option<String>,
    /// URIs of registries of this kind; at least one.
    #[serde(alias = "uri_examples")]
    pub(crate) uri_examples: Vec<String>,
    /// Options that a registry of this kind may be given; their names differ.
    pub(crate) options: Vec<OptionSpec>,
    /// Ways to authenticate; they differ in connector type or name.
    #[serde(alias = "auth_methods")]
    pub(crate) auth_methods: Vec<AuthMethod>,
    /// Requests without any secret.
    pub(crate) operations: Vec<Operation>,
    /// Requests without any secret that only its interface `cleanup` sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cleanup_operations: Vec<Operation>,
}

impl Description {
    /// Every host that it requests, with the auth methods whose secrets would be sent there; each host once. Hosts that
    /// the user has to write are left out.
    #[must_use]
    pub(crate) fn requested_hosts(&self) -> Vec<RequestedHost> {
        let registry = HostPattern::registry();
        let plain = self.operations.iter().chain(&self.cleanup_operations);
        let plain = plain.flat_map(|operation| &operation.hosts).map(|pattern| (pattern, None));
        let of_methods = self.auth_methods.iter().flat_map(|method| {
            let hosts = method.all_operations().flat_map(|operation| &operation.hosts);
            let password = method.registry_password.as_ref().map(|_| &registry);
            hosts.chain(password).map(move |pattern| (pattern, Some(method)))
        });
        let mut requested: Vec<RequestedHost> = Vec::new();
        for (pattern, method) in plain.chain(of_methods).filter(|(pattern, _)| pattern.may_be_requested()) {
            let method = method.map(ToString::to_string);
            match requested.iter_mut().find(|host| host.pattern == *pattern) {
                Some(host) if method.as_ref().is_none_or(|method| host.methods.contains(method)) => {}
                Some(host) => host.methods.extend(method),
                None => {
                    let methods = method.into_iter().collect();
                    requested.push(RequestedHost { pattern: pattern.clone(), methods });
                }
            }
        }
        requested
    }

    /// The operations that the user has to accept by name, each with that name, `TYPE/METHOD/OPERATION`, or
    /// `cleanup/OPERATION` without an auth method: those with a secret at a place that no standard defines, and those
    /// that change something in a clean-up.
    pub(crate) fn odd_operations(&self) -> impl Iterator<Item = (String, &Operation)> {
        let of_methods = self.auth_methods.iter().flat_map(|method| {
            let odd = method.operations.iter().filter(|operation| !operation.is_ordinary());
            let deleting = method.cleanup_operations.iter().filter(|operation| needs_acceptance(operation));
            odd.chain(deleting).map(move |operation| (method.operation_name(operation), operation))
        });
        let plain = self.cleanup_operations.iter().filter(|operation| needs_acceptance(operation));
        of_methods.chain(plain.map(|operation| (cleanup_operation_name(operation), operation)))
    }

    /// The auth method of a connector's type and method.
    #[must_use]
    pub(crate) fn auth_method(&self, connector_type: &str, name: &str) -> Option<&AuthMethod> {
        self.auth_methods
            .iter()
            .find(|method| (method.connector_type.as_str(), method.name.as_str()) == (connector_type, name))
    }

    /// The same, to add to it.
    pub(crate) fn auth_method_mut(&mut self, connector_type: &str, name: &str) -> Option<&mut AuthMethod> {
        self.auth_methods
            .iter_mut()
            .find(|method| (method.connector_type.as_str(), method.name.as_str()) == (connector_type, name))
    }
}

/// Whether a request of a clean-up has to be accepted by name: all but those that only read.
#[must_use]
pub(crate) fn needs_acceptance(operation: &Operation) -> bool {
    !operation.is_ordinary() || !operation.methods.iter().all(|method| matches!(method, Method::Get | Method::Head))
}

/// A request of a clean-up without secrets, as users accept it.
#[must_use]
pub(crate) fn cleanup_operation_name(operation: &Operation) -> String {
    format!("cleanup/{}", operation.name)
}

/// A host that a flavor requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestedHost {
    /// The pattern of the host, as it is shown and granted.
    pub(crate) pattern: HostPattern,
    /// The auth methods whose secrets would be sent there, as `TYPE/NAME`.
    pub(crate) methods: Vec<String>,
}

impl RequestedHost {
    /// The grant of all that is requested for it.
    #[must_use]
    pub(crate) fn grant(&self) -> Grant {
        Grant { pattern: self.pattern.clone(), written: false, secrets: !self.methods.is_empty() }
    }
}

/// An option of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OptionSpec {
    /// Its name.
    pub(crate) name: KebabName,
    /// Its effect, in one line.
    pub(crate) summary: String,
    /// What its value has to be.
    pub(crate) kind: OptionKind,
    /// Its value where the user gives none.
    pub(crate) default: Option<String>,
    /// Whether the user must give it.
    pub(crate) required: bool,
}

/// What the value of an option has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OptionKind {
    /// Any text in one line.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(Vec<String>),
    /// An absolute URL without user information, query and fragment.
    Url,
    /// A number of bytes.
    Size,
}

/// A way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthMethod {
    /// The type of connector that it belongs to.
    #[serde(alias = "connector_type")]
    pub(crate) connector_type: KebabName,
    /// Its name.
    pub(crate) name: KebabName,
    /// An explanation, in one line.
    pub(crate) summary: String,
    /// The values that make a connector; their names differ.
    pub(crate) fields: Vec<Field>,
    /// Whether fields that the user left out are read from their sources, for every call.
    #[serde(default)]
    pub(crate) implicit: bool,
    /// The requests that its secrets go into.
    pub(crate) operations: Vec<Operation>,
    /// Those that only the interface `cleanup` sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cleanup_operations: Vec<Operation>,
    /// The secret field that may be handed back as the registry's own password.
    #[serde(alias = "registry_password")]
    pub(crate) registry_password: Option<KebabName>,
}

impl AuthMethod {
    /// An operation of it, as users accept it: `TYPE/METHOD/OPERATION`.
    #[must_use]
    pub(crate) fn operation_name(&self, operation: &Operation) -> String {
        format!("{self}/{}", operation.name)
    }

    /// The sources that fill a field that the user leaves out: all of an implicit method, and of others the id token of
    /// the machine where the field is required. Programs are not among them: the user allows each by its name.
    #[must_use]
    pub(crate) fn sources_of(&self, field: &Field) -> Vec<ImplicitSource> {
        let fills = |source: &&ImplicitSource| {
            source.command().is_none() && (self.implicit || (field.required && source.is_id_token()))
        };
        field.sources.iter().filter(fills).cloned().collect()
    }

    /// The programs whose output may fill a field, each with the field.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (&Field, &Command)> {
        self.fields.iter().flat_map(|field| field.commands().map(move |command| (field, command)))
    }

    /// What its secrets are used for, as it is recorded with a connector.
    #[must_use]
    pub(crate) fn uses(&self) -> SecretUses {
        let registry_password = self.registry_password.iter().map(ToString::to_string).collect();
        SecretUses { operations: self.all_operations().cloned().collect(), registry_password }
    }

    /// The requests that its secrets go into, those of a clean-up included.
    pub(crate) fn all_operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().chain(&self.cleanup_operations)
    }
}

/// `TYPE/NAME`, as users read and write it.
impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connector_type, self.name)
    }
}

/// One field of an auth method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: KebabName,
    /// An explanation, in one line.
    pub(crate) summary: String,
    /// Text, or a secret, or a secret JSON object.
    pub(crate) kind: FieldKind,
    /// Whether the user must supply it.
    pub(crate) required: bool,
    /// Places on the user's machine that may have it; the first that exists counts.
    #[serde(default)]
    pub(crate) sources: Vec<ImplicitSource>,
    /// Members of a secret JSON object, or of objects in it, that are not secret.
    #[serde(alias = "public_members")]
    pub(crate) public_members: Vec<String>,
}

impl Field {
    /// The programs whose output may fill it.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.sources.iter().filter_map(ImplicitSource::command)
    }
}

/// The kind of an auth method's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FieldKind {
    /// Text that the flavor may read.
    Text,
    /// A secret that it may use by handle.
    Secret,
    /// A JSON object: it may read the public members, and use the others by handle.
    SecretJson,
    /// An INI file, given to the flavor as a JSON object of its sections.
    SecretIni,
}
