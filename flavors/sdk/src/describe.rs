//! Builders for a flavor's description: its options, its auth methods and their fields.
//!
//! ```
//! use crhost_flavor::{AuthMethod, Field, OptionSpec};
//!
//! let method = AuthMethod::new("acme", "robot", "Name and token of a robot account")
//!     .field(Field::text("username", "The robot's name"))
//!     .field(Field::secret("token", "The robot's token").env("ACME_TOKEN"))
//!     .host("https://{registry}");
//! assert!(method.fields.iter().all(|field| field.required));
//! let option = OptionSpec::new("create-project", "Create a missing project: `true` or `false`").default("false");
//! assert!(!option.required);
//! ```

use crate::types::{AuthMethod, Field, FieldKind, OptionSpec, Source};

impl OptionSpec {
    /// An option that may be left out and has no default value.
    pub fn new(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self { name: name.into(), summary: summary.into(), default: None, required: false }
    }

    /// Sets the value that is used if the user gives none.
    #[must_use]
    pub fn default(mut self, value: impl Into<String>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Makes it required: a registry without it is refused.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl AuthMethod {
    /// A method without fields, whose secrets may go nowhere.
    pub fn new(connector_type: impl Into<String>, name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            connector_type: connector_type.into(),
            name: name.into(),
            summary: summary.into(),
            fields: Vec::new(),
            implicit: false,
            hosts: Vec::new(),
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a pattern of hosts that its secrets may be sent to.
    #[must_use]
    pub fn host(mut self, pattern: impl Into<String>) -> Self {
        self.hosts.push(pattern.into());
        self
    }

    /// Makes it implicit: fields that the user leaves out are read from their sources at every call.
    #[must_use]
    pub fn implicit(mut self) -> Self {
        self.implicit = true;
        self
    }
}

impl Field {
    /// A required field of text that is not secret.
    pub fn text(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(FieldKind::Text, name, summary)
    }

    /// A required secret.
    pub fn secret(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(FieldKind::Secret, name, summary)
    }

    /// A required secret that is a JSON object, without public members.
    pub fn secret_json(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(FieldKind::SecretJson, name, summary)
    }

    /// A required secret that is a file of sections, without public members.
    pub fn secret_ini(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(FieldKind::SecretIni, name, summary)
    }

    fn new(kind: FieldKind, name: impl Into<String>, summary: impl Into<String>) -> Self {
        let (name, summary) = (name.into(), summary.into());
        Self { name, summary, kind, required: true, sources: Vec::new(), public_members: Vec::new() }
    }

    /// Makes it optional.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Adds an environment variable as a source.
    #[must_use]
    pub fn env(self, variable: impl Into<String>) -> Self {
        self.source(Source::Env(variable.into()))
    }

    /// Adds a source, to be tried after those that it has.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    /// Declares members that the flavor may read.
    #[must_use]
    pub fn public<'a>(mut self, members: impl IntoIterator<Item = &'a str>) -> Self {
        self.public_members.extend(members.into_iter().map(str::to_owned));
        self
    }
}
