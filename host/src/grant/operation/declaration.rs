//! An operation as a flavor declares it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::pattern::HostPattern;
use super::path::PathPattern;
use super::place::Placement;

/// A method of HTTP (RFC 9110, section 9; RFC 5789).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

/// A name with the values that it may have: of a header, a parameter of the query, or a field of the body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Parameter {
    /// The name; of a header in lower case.
    pub(crate) name: String,
    /// If there are any, a request has the parameter once, with one of these. Otherwise it is optional, and free.
    pub(crate) values: Vec<String>,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Operation {
    /// Its name, unique in its list; users accept it by that.
    pub(crate) name: String,
    /// Its purpose, in one line.
    pub(crate) summary: String,
    /// The methods; at least one.
    pub(crate) methods: Vec<Method>,
    /// The hosts.
    pub(crate) hosts: Vec<HostPattern>,
    /// Names of options and fields whose URL stands in place of a host and of the beginning of the path.
    pub(crate) endpoints: Vec<String>,
    /// The paths; at least one.
    pub(crate) paths: Vec<PathPattern>,
    /// Parameters of the query; a request has no others.
    pub(crate) query: Vec<Parameter>,
    /// Headers; a request with a secret has no others but `accept` and `content-type`.
    pub(crate) headers: Vec<Parameter>,
    /// Fields of a form or members of a JSON object; a body with a secret has no others.
    pub(crate) body: Vec<Parameter>,
    /// The places of secrets; none for an operation without secrets.
    pub(crate) secrets: Vec<Placement>,
}

/// The name of a query parameter that stands for any.
pub(crate) const ANY: &str = "*";

impl Operation {
    /// Whether each of its secrets stands where a standard defines it for authentication.
    #[must_use]
    pub(crate) fn is_ordinary(&self) -> bool {
        self.secrets.iter().all(|placement| placement.place.is_ordinary())
    }

    /// Whether it does the same as another one, whatever the two are called.
    #[must_use]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let names = |operation: &Self| Self { name: String::new(), summary: String::new(), ..operation.clone() };
        names(self) == names(other)
    }
}

impl Method {
    /// Whether it may change something.
    #[must_use]
    pub(crate) fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}
