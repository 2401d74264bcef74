//! Builders for operations: the requests that a flavor sends, which the user reads and grants.
//!
//! ```
//! use crhost_flavor::{AuthMethod, Field, Operation};
//!
//! let method = AuthMethod::new("acme", "robot", "Name and token of a robot account")
//!     .field(Field::text("username", "The robot's name"))
//!     .field(Field::secret("token", "The robot's token").env("ACME_TOKEN"))
//!     .operation(
//!         Operation::new("check-repository", "Reads the repository")
//!             .get()
//!             .host("https://api.acme.example")
//!             .endpoint("acme-endpoint")
//!             .path("/v1/repositories/*")
//!             .query_of("view", ["full"])
//!             .header("x-acme-version")
//!             .bearer("token"),
//!     )
//!     .registry_password("token");
//! assert_eq!(method.operations.len(), 1);
//! ```

use crate::http::{Endpoint, Method};
use crate::types::{Operation, Parameter, Place, Placement, SecretForm};

impl Parameter {
    /// A parameter that may be left out, and may have any value.
    pub fn any(name: impl Into<String>) -> Self {
        Self { name: name.into(), values: Vec::new() }
    }

    /// A parameter that a request has once, with one of these values.
    pub fn one_of<'a>(name: impl Into<String>, values: impl IntoIterator<Item = &'a str>) -> Self {
        Self { name: name.into(), values: values.into_iter().map(str::to_owned).collect() }
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
            body: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// Adds a method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.methods.push(method);
        self
    }

    /// Adds the method `GET`.
    #[must_use]
    pub fn get(self) -> Self {
        self.method(Method::Get)
    }

    /// Adds the method `HEAD`.
    #[must_use]
    pub fn head(self) -> Self {
        self.method(Method::Head)
    }

    /// Adds the method `POST`.
    #[must_use]
    pub fn post(self) -> Self {
        self.method(Method::Post)
    }

    /// Adds the method `PUT`.
    #[must_use]
    pub fn put(self) -> Self {
        self.method(Method::Put)
    }

    /// Adds the method `DELETE`.
    #[must_use]
    pub fn delete(self) -> Self {
        self.method(Method::Delete)
    }

    /// Adds a pattern of hosts, e.g. `https://api.*.acme.example` or `https://{registry}`.
    #[must_use]
    pub fn host(mut self, pattern: impl Into<String>) -> Self {
        self.hosts.push(pattern.into());
        self
    }

    /// Adds an option of kind `url`, or a text field, whose value stands in place of a host.
    #[must_use]
    pub fn endpoint(mut self, option: impl Into<String>) -> Self {
        self.endpoints.push(option.into());
        self
    }

    /// Adds several patterns of hosts.
    #[must_use]
    pub fn hosts<H: Into<String>>(mut self, patterns: impl IntoIterator<Item = H>) -> Self {
        self.hosts.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds the host of a service's own address, and the option that puts another in its place.
    #[must_use]
    pub fn at(self, service: Endpoint) -> Self {
        self.host(service.origin()).endpoint(service.option)
    }

    /// Adds a pattern of paths, e.g. `/v1/repositories/*`.
    #[must_use]
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.paths.push(pattern.into());
        self
    }

    /// Allows a parameter of the query, with any value.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>) -> Self {
        self.query.push(Parameter::any(name));
        self
    }

    /// Requires a parameter of the query, with one of these values.
    #[must_use]
    pub fn query_of<'a>(mut self, name: impl Into<String>, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.query.push(Parameter::one_of(name, values));
        self
    }

    /// Allows a header, by its name in lower case, with any value.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>) -> Self {
        self.headers.push(Parameter::any(name));
        self
    }

    /// Requires a header, by its name in lower case, with one of these values.
    #[must_use]
    pub fn header_of<'a>(mut self, name: impl Into<String>, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.headers.push(Parameter::one_of(name, values));
        self
    }

    /// Allows a field of the body, with any value.
    #[must_use]
    pub fn body(mut self, name: impl Into<String>) -> Self {
        self.body.push(Parameter::any(name));
        self
    }

    /// Requires a field of the body, with one of these values.
    #[must_use]
    pub fn body_of<'a>(mut self, name: impl Into<String>, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.body.push(Parameter::one_of(name, values));
        self
    }

    /// Sends a secret field as the token of `Authorization: Bearer` (RFC 6750).
    #[must_use]
    pub fn bearer(self, field: impl Into<String>) -> Self {
        self.header_secret("authorization", "Bearer ", field)
    }

    /// Sends a secret field as the password of HTTP Basic (RFC 7617).
    #[must_use]
    pub fn basic(self, field: impl Into<String>) -> Self {
        self.secret(field, SecretForm::Itself, Place::BasicPassword)
    }

    /// Sends a secret field in a header, by its name in lower case, after a prefix that may be empty.
    #[must_use]
    pub fn header_secret(self, name: impl Into<String>, prefix: impl Into<String>, field: impl Into<String>) -> Self {
        self.secret(field, SecretForm::Itself, Place::Header((name.into(), prefix.into())))
    }

    /// Sends a secret field in a form's field.
    #[must_use]
    pub fn form_secret(self, name: impl Into<String>, field: impl Into<String>) -> Self {
        self.secret(field, SecretForm::Itself, Place::FormField(name.into()))
    }

    /// Sends a secret field in a member of a JSON object.
    #[must_use]
    pub fn json_secret(self, name: impl Into<String>, field: impl Into<String>) -> Self {
        self.secret(field, SecretForm::Itself, Place::JsonMember(name.into()))
    }

    /// Sends a signature made with a secret field at the end of a header that begins with a prefix.
    #[must_use]
    pub fn signature_header(
        self,
        name: impl Into<String>,
        prefix: impl Into<String>,
        field: impl Into<String>,
    ) -> Self {
        self.secret(field, SecretForm::Signature, Place::Header((name.into(), prefix.into())))
    }

    /// Sends a signature made with a secret field in a form's field.
    #[must_use]
    pub fn signature_form(self, name: impl Into<String>, field: impl Into<String>) -> Self {
        self.secret(field, SecretForm::Signature, Place::FormField(name.into()))
    }

    /// Sends a secret field at a place, in a form.
    #[must_use]
    pub fn secret(mut self, field: impl Into<String>, form: SecretForm, place: Place) -> Self {
        self.secrets.push(Placement { field: field.into(), member: None, form, place });
        self
    }

    /// Says that the secret that was placed last is this member of its field's object, and not the whole field.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>) -> Self {
        if let Some(placement) = self.secrets.last_mut() {
            placement.member = Some(name.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_belongs_to_the_secret_that_was_placed_last() {
        let operation = Operation::new("a", "A").form_secret("client_secret", "file").member("client_secret");
        let [placement] = &operation.secrets[..] else { panic!("{operation:?}") };
        assert_eq!((placement.field.as_str(), placement.member.as_deref()), ("file", Some("client_secret")));
        assert_eq!(operation.bearer("token").secrets[1].member, None);
        assert!(Operation::new("a", "A").member("b").secrets.is_empty());
    }
}
