//! Questions about a connector alone: whom its credentials are for, and what they reach. Flavors answer them.

use std::collections::BTreeMap;

use super::error::ConnectorError;
use super::{method, view};
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::flavor::{CallError, ConnectorContext, Description, FailureKind, Flavor, FlavorName, OptionError, options};
use crate::image::RegistryUri;
use crate::store::ConnectorRecord;
use crate::text::quoted;

/// Who is asked about a connector, and how.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    /// The flavor that is asked; none for the only one that describes the connector's auth method and has these options.
    pub(crate) flavor: Option<String>,
    /// Values for options of the flavor, such as endpoints.
    pub(crate) options: BTreeMap<String, String>,
}

/// Credentials that the other side has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    /// The flavor that asked.
    pub(crate) flavor: FlavorName,
    /// Whom the other side takes them for.
    pub(crate) identity: String,
}

/// Why no flavor can tell something about a connector alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Untold {
    /// What is in the way, e.g. in the flavor's words.
    pub(crate) reason: String,
    /// What the flavor advises.
    pub(crate) hint: Option<String>,
}

/// Proves the credentials of a connector, where a flavor has a way to do that without a registry.
///
/// # Errors
/// When the credentials are not accepted, the other side does not answer, what is to be read on the machine is not there, or
/// no flavor describes the connector's auth method or takes the options.
pub(crate) async fn prove(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    question: &Question,
) -> Result<Result<Proof, Untold>, ConnectorError> {
    let answer = ask(catalog, connector, question, async |flavor, asked| flavor.identify(asked).await).await?;
    Ok(answer.map(|(flavor, identity)| Proof { flavor, identity }))
}

/// What a connector can reach, where a flavor has a way to list it.
///
/// # Errors
/// As for [`prove`].
pub(crate) async fn resources(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    question: &Question,
) -> Result<Result<Vec<RegistryUri>, Untold>, ConnectorError> {
    let answer = ask(catalog, connector, question, async |flavor, asked| flavor.list_resources(asked).await).await?;
    Ok(answer.map(|(_, resources)| resources))
}

/// Asks the flavor that is meant. Where several flavors could be, none is asked: a password that one of them is for would go
/// to the services of another.
async fn ask<T>(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    question: &Question,
    ask: impl AsyncFn(&Flavor, ConnectorContext<'_>) -> Result<Option<T>, CallError>,
) -> Result<Result<(FlavorName, T), Untold>, ConnectorError> {
    let askable = askable(catalog, connector, question).await?;
    let untold = |reason: String| Ok(Err(Untold { reason, hint: None }));
    let [name] = askable.as_slice() else { return untold(format!("it can be meant for {}", quoted(&askable))) };
    let (flavor, _) = catalog.get(name.as_str()).await?;
    let seen = view(connector.clone(), flavor.description(), &Environment::of_this_process())?;
    let options = options::with_defaults(flavor.description(), &question.options);
    let answer = ask(&flavor, ConnectorContext { connector: &seen, options: &options }).await;
    catalog.record_usage(&flavor);
    match answer {
        Ok(Some(answer)) => Ok(Ok((name.clone(), answer))),
        Ok(None) => untold(format!("flavor `{name}` has no way to")),
        Err(CallError::Refused { failure, .. }) if failure.kind == FailureKind::Unsupported => {
            Ok(Err(Untold { reason: failure.message, hint: failure.hint }))
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

/// The flavors that describe the connector's auth method and know the options.
async fn askable(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    question: &Question,
) -> Result<Vec<FlavorName>, ConnectorError> {
    let descriptions = super::descriptions(catalog, question.flavor.as_deref()).await?;
    let (connector_type, name) = (&connector.connector_type, &connector.method);
    let describing: Vec<&Description> =
        descriptions.iter().filter(|description| description.auth_method(connector_type, name).is_some()).collect();
    if describing.is_empty() {
        method::find(&descriptions, connector_type, Some(name))?;
    }
    // A required option is for registries: a flavor that needs it here says so itself.
    let (mut askable, mut fault): (_, Option<Box<OptionError>>) = (Vec::new(), None);
    for description in describing {
        match options::known(description, &question.options) {
            Ok(()) => askable.push(description.name.clone()),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    match fault {
        Some(fault) if askable.is_empty() => Err(fault.into()),
        _ => Ok(askable),
    }
}
