//! Builders for a flavor's description: its options, its auth methods and their fields. Those of operations are in
//! `operation.rs`.
//!
//! ```
//! use crhost_flavor::{AuthMethod, Description, Field, OptionSpec};
//!
//! let description = Description::new("acme", env!("CARGO_PKG_VERSION"), "Registries of ACME")
//!     .uri_examples(["registry.acme.example/team"])
//!     .option(OptionSpec::flag("create-project", "Create a missing project").default("false"))
//!     .auth_method(
//!         AuthMethod::new("acme", "robot", "Name and token of a robot account")
//!             .field(Field::text("username", "The robot's name"))
//!             .field(Field::secret("token", "The robot's token").env("ACME_TOKEN"))
//!             .registry_password("token"),
//!     );
//! assert!(description.operations.is_empty());
//! ```

use crate::types::{AuthMethod, Description, Field, FieldKind, Operation, OptionKind, OptionSpec, Source};

impl Description {
    /// A flavor without options, auth methods and operations; `version` is most often `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: impl Into<String>, version: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            documentation: None,
            uri_examples: Vec::new(),
            options: Vec::new(),
            auth_methods: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// Sets where to read more.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// Adds URIs that the flavor accepts, the most typical first; there has to be one.
    #[must_use]
    pub fn uri_examples<U: Into<String>>(mut self, uris: impl IntoIterator<Item = U>) -> Self {
        self.uri_examples.extend(uris.into_iter().map(Into::into));
        self
    }

    /// Adds an option.
    #[must_use]
    pub fn option(mut self, option: OptionSpec) -> Self {
        self.options.push(option);
        self
    }

    /// Adds a way to authenticate; the first is the recommended one.
    #[must_use]
    pub fn auth_method(mut self, method: AuthMethod) -> Self {
        self.auth_methods.push(method);
        self
    }

    /// Adds an operation without secrets of a connector, e.g. with a token that a service issued.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }
}

impl OptionSpec {
    /// An option whose value is any text in one line.
    pub fn text(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(OptionKind::Text, name, summary)
    }

    /// An option whose value is `true` or `false`.
    pub fn flag(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(OptionKind::Flag, name, summary)
    }

    /// An option whose value is one of some words.
    pub fn choice<'a>(
        name: impl Into<String>,
        summary: impl Into<String>,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::new(OptionKind::Choice(words.into_iter().map(str::to_owned).collect()), name, summary)
    }

    /// An option whose value is the URL of a service.
    pub fn url(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(OptionKind::Url, name, summary)
    }

    /// An option whose value is a number of bytes.
    pub fn size(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(OptionKind::Size, name, summary)
    }

    /// An option that may be left out and has no default value.
    fn new(kind: OptionKind, name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self { name: name.into(), summary: summary.into(), kind, default: None, required: false }
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
            operations: Vec::new(),
            registry_password: None,
            implicit: false,
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds an operation that its secrets go into.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    /// Adds several operations that its secrets go into.
    #[must_use]
    pub fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.operations.extend(operations);
        self
    }

    /// Says which secret field `credentials` may hand back as the registry's own password.
    #[must_use]
    pub fn registry_password(mut self, field: impl Into<String>) -> Self {
        self.registry_password = Some(field.into());
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
