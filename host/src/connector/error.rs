//! Errors of registering and using a connector. No error holds any part of a field's value.

use super::command_error::CommandFault;
use super::hints::{either, hint_to_allow, hint_to_give, list, of_flavor, of_name};
use super::implicit_reads::ImplicitReads;
use super::token_error::TokenError;
use super::value_fault::{ValueFault, hint_for_value};
use crate::catalog::CatalogError;
use crate::error::Explain;
use crate::flavor::{CallError, FailureKind, FlavorName, OptionError};
use crate::implicit_sources::{ImplicitSource, ImplicitSourceError};
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Printable, quoted};

/// A failure to register or to use a connector.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum ConnectorError {
    /// A flavor is unknown or does not load.
    #[error(transparent)]
    #[explain(transparent)]
    Catalog(#[from] CatalogError),
    /// The store.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
    /// A flavor refused or failed when it was asked about the connector.
    #[error(transparent)]
    #[explain(transparent)]
    Flavor(#[from] Box<CallError>),
    /// An option that the flavor does not take.
    #[error(transparent)]
    #[explain(transparent)]
    Option(#[from] Box<OptionError>),
    /// A field that takes an id token of the machine.
    #[error(transparent)]
    #[explain(transparent)]
    Token(#[from] Box<TokenError>),
    /// A field that takes the output of a program.
    #[error(transparent)]
    #[explain(transparent)]
    Command(#[from] Box<CommandFault>),
    /// The credentials could not be verified, so nothing was stored.
    #[error(transparent)]
    #[explain(transparent, hint = hint_to_store(_0))]
    Unproved(Box<ConnectorError>),
    /// A connector whose registries no flavor can list.
    #[error("what connector `{connector}` ({method}) reaches can't be listed: {}", .why.reason)]
    #[explain(hint = hint_to_name(why))]
    NoList {
        /// The connector.
        connector: Name,
        /// Its type and auth method, joined by a slash.
        method: Escaped,
        /// Why not.
        why: ProofUnavailable,
    },
    /// A type that no flavor describes, or not the only one that was asked.
    #[error("unknown connector type `{connector_type}`{}", of_flavor(flavor.as_ref()))]
    #[explain(hint = either(connector_type, known, "connector types", "no flavor that was asked uses connectors"))]
    UnknownType {
        /// The type that the user named.
        connector_type: Escaped,
        /// The flavor, where one alone was asked.
        flavor: Option<FlavorName>,
        /// The types that they describe.
        known: Vec<Escaped>,
    },
    /// An auth method that no flavor describes.
    #[error("connector type `{connector_type}` has no auth method `{method}`")]
    #[explain(hint = either(method, known, "auth methods", "it has none"))]
    UnknownMethod {
        /// The type.
        connector_type: Escaped,
        /// The method that the user named.
        method: Escaped,
        /// The type's auth methods.
        known: Vec<Escaped>,
    },
    /// A type with several auth methods, and the user named no method.
    #[error("connector type `{connector_type}` has several auth methods")]
    #[explain(hint = format!("choose one with `--auth-method`: {}", quoted(known)))]
    NoMethod {
        /// The type.
        connector_type: Escaped,
        /// Its auth methods.
        known: Vec<Escaped>,
    },
    /// Flavors whose descriptions of an auth method differ.
    #[error("the fields of `{method}` are described differently by {}", quoted(.flavors))]
    #[explain(hint = "say whose description holds with `--flavor NAME`")]
    Ambiguous {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The flavors that describe it.
        flavors: Vec<FlavorName>,
    },
    /// An implicit method, which reads this machine, without the user's consent.
    #[error("`{method}` reads this machine: {reads}")]
    #[explain(hint = hint_to_allow(method))]
    NotAllowed {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// What would be read, and how much of it flavors would see.
        reads: ImplicitReads,
    },
    /// An implicit value that can't be read on this machine.
    #[error("field `{field}` of connector `{connector}`: {reason}")]
    #[explain(kind = Auth, hint = "put it right there, or store the value in a connector")]
    Machine {
        /// The connector.
        connector: Name,
        /// The field.
        field: Escaped,
        /// Why not.
        reason: ImplicitSourceError,
    },
    /// An implicit value that was read on this machine and is not of its field's kind.
    #[error("field `{field}` of connector `{connector}`: {found} {fault}")]
    #[explain(kind = Auth, hint = "put it right there, or store the value in a connector")]
    Found {
        /// The connector.
        connector: Name,
        /// The field.
        field: Escaped,
        /// The source that the value came from.
        found: Box<ImplicitSource>,
        /// The fault of the value.
        fault: ValueFault,
    },
    /// An implicit value that is in none of its sources.
    #[error("field `{field}` of connector `{connector}` is not on this machine; looked for {}", list(.sources))]
    #[explain(kind = Auth, hint = "set one of them, or store the value in a connector")]
    NotFound {
        /// The connector.
        connector: Name,
        /// The field.
        field: Escaped,
        /// The sources that were tried.
        sources: Vec<ImplicitSource>,
    },
    /// A field that the method does not have.
    #[error("`{method}` has no field `{name}`")]
    #[explain(hint = either(name, known, "fields", "this method has no fields"))]
    UnknownField {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The name that was given.
        name: Escaped,
        /// The method's fields.
        known: Vec<Escaped>,
    },
    /// A field to remove that was not stored.
    #[error("connector `{connector}` has no field `{field}`")]
    #[explain(hint = either(field, stored, "fields", "it has no fields"))]
    NotStored {
        /// The connector.
        connector: Name,
        /// The name that was given.
        field: Escaped,
        /// The stored fields.
        stored: Vec<Escaped>,
    },
    /// A field that is both changed and removed.
    #[error("field `{0}` is given a value and removed")]
    #[explain(hint = "leave one of the two out")]
    SetAndRemoved(Escaped),
    /// A field that the method requires.
    #[error("`{method}` needs the field `{name}`")]
    #[explain(hint = hint_to_give(name, summary, *secret, command.as_ref()))]
    MissingField {
        /// The type and the auth method, joined by a slash.
        method: Escaped,
        /// The field.
        name: Escaped,
        /// The method's description of the field.
        summary: Escaped,
        /// Whether it is a secret.
        secret: bool,
        /// The name of a program that the user may allow to give it.
        command: Option<Escaped>,
    },
    /// A value that is not of its field's kind.
    #[error("field `{field}` {fault}")]
    #[explain(hint = hint_for_value(field, *fault))]
    Value {
        /// The field.
        field: Escaped,
        /// The fault of the value.
        fault: ValueFault,
    },
    /// A connector for other flavors.
    #[error("flavor `{flavor}` can't use connector `{connector}`, which is of `{method}`")]
    #[explain(hint = either(method, known, "auth methods of that flavor", "that flavor uses no connectors"))]
    OtherMethod {
        /// The connector.
        connector: Name,
        /// Its type and auth method, joined by a slash.
        method: Escaped,
        /// The flavor.
        flavor: FlavorName,
        /// Types and methods that the flavor describes.
        known: Vec<Escaped>,
    },
    /// Values without an auth method that they are for.
    #[error("flavor `{flavor}` has not one auth method{}, expected its name", of_name(given.as_ref()))]
    #[explain(hint = either(flavor.as_str(), known, "its auth methods", "it uses no connectors"))]
    WhichMethod {
        /// The flavor.
        flavor: FlavorName,
        /// The name that was given.
        given: Option<Escaped>,
        /// Types and methods that it describes.
        known: Vec<Escaped>,
    },
    /// A connector that would take the place of one that a registry uses, and that the registry can't use.
    #[error(
        "registry `{registry}` uses connector `{connector}`, and its flavor `{flavor}` can't use one of `{method}`"
    )]
    #[explain(
        kind = Conflict,
        hint = "take it from the registry first, `crhost registry disconnect {registry}`, or choose another name"
    )]
    UsedElsewhere {
        /// The connector.
        connector: Name,
        /// Its new type and auth method, joined by a slash.
        method: Escaped,
        /// The registry.
        registry: Name,
        /// The registry's flavor.
        flavor: FlavorName,
    },
    /// A connector that was stored before its flavor required a field.
    #[error("flavor `{flavor}` needs the field `{field}`, which connector `{connector}` does not have")]
    #[explain(hint = "the flavor has changed since; register the connector again, with that field")]
    Outdated {
        /// The connector.
        connector: Name,
        /// The flavor.
        flavor: FlavorName,
        /// The field.
        field: Escaped,
    },
}

/// The reason why no flavor can answer a question about a connector without a registry.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct ProofUnavailable {
    /// The obstacle, e.g. in the flavor's words.
    pub(crate) reason: Escaped,
    /// The flavor's advice.
    pub(crate) hint: Option<Escaped>,
}

fn hint_to_name(why: &ProofUnavailable) -> String {
    let own = "register the registry by its URI; `--flavor` names who is to ask";
    why.hint.as_deref().unwrap_or(own).to_owned()
}

/// The hint of a failed proof. Storing the connector unverified is offered unless the credentials are known to be
/// wrong.
fn hint_to_store(reason: &ConnectorError) -> Option<String> {
    let is_wrong = match reason {
        ConnectorError::Flavor(error) => {
            use FailureKind::{Denied, InvalidInput, Unauthenticated};
            matches!(error.failure_kind(), Some(InvalidInput | Unauthenticated | Denied))
        }
        ConnectorError::Option(_) => true,
        _ => false,
    };
    match reason.hint() {
        hint if is_wrong => hint.map(String::from),
        Some(hint) => Some(format!("{hint}; `--no-verify` stores it unverified")),
        None => Some("`--no-verify` stores it unverified".to_owned()),
    }
}
