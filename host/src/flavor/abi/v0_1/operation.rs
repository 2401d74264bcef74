//! From the contract's types to the host's own: operations. They are hostile input, which the user reads and grants:
//! each can be read in one way only.

use super::bindings::crhost::flavor::http;
use super::bindings::exports::crhost::flavor::flavor as wit;
use super::bounds;
use crate::flavor::cause::OutputError;
use crate::flavor::kebab_name::{KebabName, first_repeated};
use crate::grant::PatternError;
use crate::grant::operation::{
    Method, Operation, OperationError, Parameter, PathPattern, Place, Placement, SecretForm,
};

/// The operations of an auth method.
///
/// # Errors
/// When one breaks a rule, or two have the same name.
pub(in crate::flavor::abi) fn operations(list: Vec<wit::Operation>) -> Result<Vec<Operation>, OutputError> {
    checked(list, Operation::check)
}

/// The operations of a clean-up.
///
/// # Errors
/// As for [`operations`].
pub(super) fn of_cleanup(list: Vec<wit::Operation>) -> Result<Vec<Operation>, OutputError> {
    checked(list, Operation::check_for_cleanup)
}

fn checked(
    list: Vec<wit::Operation>,
    check: fn(&Operation) -> Result<(), OperationError>,
) -> Result<Vec<Operation>, OutputError> {
    let list = bounds::bounded("operations", list)?.into_iter();
    let operations: Vec<_> = list.map(|operation| self::operation(operation, check)).collect::<Result<_, _>>()?;
    match first_repeated(operations.iter().map(|operation| &operation.name)) {
        Some(name) => Err(OutputError::repeated("operations", name)),
        None => Ok(operations),
    }
}

/// The operations of a flavor that have no secrets.
///
/// # Errors
/// When one has a secret, which would be of no auth method.
pub(in crate::flavor::abi) fn without_secrets(operations: Vec<Operation>) -> Result<Vec<Operation>, OutputError> {
    match operations.iter().find(|operation| !operation.secrets.is_empty()) {
        Some(operation) => {
            let rule = "it places a secret, which is for operations of an auth method";
            Err(OutputError::expected("operation without secrets", &operation.name, rule))
        }
        None => Ok(operations),
    }
}

fn operation(
    operation: wit::Operation,
    check: fn(&Operation) -> Result<(), OperationError>,
) -> Result<Operation, OutputError> {
    let name: KebabName = operation.name.parse().map_err(|_| OutputError::name("operation name", &operation.name))?;
    let operation = Operation {
        name: name.to_string(),
        summary: bounds::summary(&operation.summary),
        methods: bounds::bounded("methods", operation.methods)?.into_iter().map(method).collect(),
        hosts: bounds::bounded("hosts", operation.hosts)?
            .iter()
            .map(|host| self::host(host))
            .collect::<Result<_, _>>()?,
        endpoints: bounds::bounded("endpoints", operation.endpoints)?,
        paths: bounds::bounded("paths", operation.paths)?
            .iter()
            .map(|path| self::path(path))
            .collect::<Result<_, _>>()?,
        query: parameters(operation.query)?,
        headers: parameters(operation.headers)?,
        body: parameters(operation.body)?,
        secrets: bounds::bounded("places", operation.secrets)?.into_iter().map(placement).collect::<Result<_, _>>()?,
    };
    match check(&operation) {
        Ok(()) => Ok(operation),
        Err(broken) => Err(OutputError::operation(&operation.name, &broken)),
    }
}

/// The method of a request or an operation.
pub(super) fn method(method: http::Method) -> Method {
    match method {
        http::Method::Get => Method::Get,
        http::Method::Head => Method::Head,
        http::Method::Post => Method::Post,
        http::Method::Put => Method::Put,
        http::Method::Patch => Method::Patch,
        http::Method::Delete => Method::Delete,
    }
}

fn host(text: &str) -> Result<crate::grant::HostPattern, OutputError> {
    text.parse().map_err(|error: PatternError| OutputError::expected("pattern of hosts", text, error.reason()))
}

fn path(text: &str) -> Result<PathPattern, OutputError> {
    let rule = "expected `/` and components between slashes, with one `*` each at most, and `**` as the last one alone";
    text.parse().map_err(|_| OutputError::expected("pattern of paths", text, rule))
}

fn parameters(list: Vec<wit::Parameter>) -> Result<Vec<Parameter>, OutputError> {
    let parameter = |parameter: wit::Parameter| {
        let values = bounds::bounded("values", parameter.values)?;
        Ok(Parameter { name: parameter.name, values })
    };
    let list: Vec<_> = bounds::bounded("parameters", list)?.into_iter().map(parameter).collect::<Result<_, _>>()?;
    match first_repeated(list.iter().map(|parameter| &parameter.name)) {
        Some(name) => Err(OutputError::repeated("parameters", &crate::text::printable(name, 80))),
        None => Ok(list),
    }
}

fn placement(placement: wit::Placement) -> Result<Placement, OutputError> {
    let field: KebabName = placement.field.parse().map_err(|_| OutputError::name("field name", &placement.field))?;
    let is_member = |name: &str| !name.is_empty() && name.len() <= 128 && name.bytes().all(|b| b.is_ascii_graphic());
    let member = match placement.member {
        Some(name) if !is_member(&name) => {
            return Err(OutputError::expected("member of a secret", &name, "expected visible ASCII, at most 128"));
        }
        member => member,
    };
    Ok(Placement {
        field: field.to_string(),
        member,
        form: match placement.form {
            wit::SecretForm::Itself => SecretForm::Itself,
            wit::SecretForm::Signature => SecretForm::Signature,
        },
        place: match placement.place {
            wit::Place::Header((name, prefix)) => Place::Header { name, prefix },
            wit::Place::BasicPassword => Place::BasicPassword,
            wit::Place::FormField(name) => Place::FormField(name),
            wit::Place::JsonMember(name) => Place::JsonMember(name),
        },
    })
}
