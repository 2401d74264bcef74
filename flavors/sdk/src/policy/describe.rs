//! Builders for a policy's description.

use super::admission::{Description, Operation, OptionKind, OptionSpec, Parameter};
use crate::http::Method;

impl Description {
    /// A policy without options and operations; `version` is most often `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: impl Into<String>, version: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            documentation: None,
            options: Vec::new(),
            operations: Vec::new(),
        }
    }

    /// Sets where to read more.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.documentation = Some(url.into());
        self
    }

    /// Adds an option.
    #[must_use]
    pub fn option(mut self, option: OptionSpec) -> Self {
        self.options.push(option);
        self
    }

    /// Adds an operation: requests that the policy sends, once the user granted them.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }
}

impl OptionSpec {
    fn new(name: impl Into<String>, summary: impl Into<String>, kind: OptionKind) -> Self {
        Self { name: name.into(), summary: summary.into(), kind, default: None, required: false }
    }

    /// An option whose value is text in one line.
    pub fn text(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(name, summary, OptionKind::Text)
    }

    /// An option whose value is `true` or `false`.
    pub fn flag(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(name, summary, OptionKind::Flag)
    }

    /// An option whose value is one of some words.
    pub fn choice<'a>(
        name: impl Into<String>,
        summary: impl Into<String>,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::new(name, summary, OptionKind::Choice(words.into_iter().map(str::to_owned).collect()))
    }

    /// An option whose value is a URL.
    pub fn url(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(name, summary, OptionKind::Url)
    }

    /// An option whose value is a number of bytes.
    pub fn size(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self::new(name, summary, OptionKind::Size)
    }

    /// Sets the value that it has if the user gives none.
    #[must_use]
    pub fn default(mut self, value: impl Into<String>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Has the host refuse a registration without it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

impl Operation {
    /// An operation without methods, hosts and paths, which allows nothing yet.
    pub fn new(name: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            summary: summary.into(),
            methods: Vec::new(),
            hosts: Vec::new(),
            endpoints: Vec::new(),
            paths: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Adds the method `GET`.
    #[must_use]
    pub fn get(mut self) -> Self {
        self.methods.push(Method::Get);
        self
    }

    /// Adds the method `POST`.
    #[must_use]
    pub fn post(mut self) -> Self {
        self.methods.push(Method::Post);
        self
    }

    /// Adds a pattern of hosts, e.g. `https://policy.example.com`.
    #[must_use]
    pub fn host(mut self, pattern: impl Into<String>) -> Self {
        self.hosts.push(pattern.into());
        self
    }

    /// Adds an option of kind `url` whose value stands in place of a host.
    #[must_use]
    pub fn endpoint(mut self, option: impl Into<String>) -> Self {
        self.endpoints.push(option.into());
        self
    }

    /// Adds a pattern of paths, e.g. `/v1/data/**`.
    #[must_use]
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.paths.push(pattern.into());
        self
    }

    /// Allows a parameter of the query, with any value.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>) -> Self {
        self.query.push(Parameter { name: name.into(), values: Vec::new() });
        self
    }
}
