//! Questions about a connector alone, without a registry: whose credentials it holds and which registries they reach.
//! Flavors answer them.

use std::collections::BTreeMap;

use super::descriptions::descriptions;
use super::error::{ConnectorError, ProofUnavailable};
use super::method;
use super::resolve::resolve;
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::flavor::{CallError, ConnectorContext, Description, FailureKind, Flavor, FlavorName, OptionError, options};
use crate::image::RegistryUri;
use crate::store::ConnectorRecord;
use crate::text::{Escaped, quoted};

/// Which flavor is asked about a connector, and with which options.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProveOptions {
    /// The flavor to ask; without it, the only one that describes the connector's auth method and has these options.
    pub(crate) flavor: Option<String>,
    /// Values for options of the flavor, such as endpoints.
    pub(crate) options: BTreeMap<String, String>,
}

/// Credentials that the service has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    /// The flavor that asked the service.
    pub(crate) flavor: FlavorName,
    /// The identity that the service knows the credentials by, such as a user name.
    pub(crate) identity: String,
}

/// Proves the credentials of a connector, where a flavor can do that without a registry.
///
/// # Errors
/// When the credentials are not accepted, the service does not answer, an implicit value is not on this machine, or no
/// flavor describes the connector's auth method or takes the options.
pub(crate) async fn prove(
    catalog: &Catalog<'_>,
    environment: &Environment,
    connector: &ConnectorRecord,
    options: &ProveOptions,
) -> Result<Result<Proof, ProofUnavailable>, ConnectorError> {
    let answer =
        ask(catalog, environment, connector, options, async |flavor, context| flavor.identify(context).await).await?;
    Ok(answer.map(|(flavor, identity)| Proof { flavor, identity }))
}

/// The registries that a connector reaches, where a flavor can list them.
///
/// # Errors
/// As for [`prove`].
pub(crate) async fn resources(
    catalog: &Catalog<'_>,
    environment: &Environment,
    connector: &ConnectorRecord,
    options: &ProveOptions,
) -> Result<Result<Vec<RegistryUri>, ProofUnavailable>, ConnectorError> {
    let answer =
        ask(catalog, environment, connector, options, async |flavor, context| flavor.list_resources(context).await)
            .await?;
    Ok(answer.map(|(_, resources)| resources))
}

/// Asks the one flavor that the options and the auth method leave. Where several are left, no flavor is asked: a
/// password meant for the service of one would reach the service of another.
async fn ask<T>(
    catalog: &Catalog<'_>,
    environment: &Environment,
    connector: &ConnectorRecord,
    options: &ProveOptions,
    ask: impl AsyncFn(&Flavor, ConnectorContext<'_>) -> Result<Option<T>, CallError>,
) -> Result<Result<(FlavorName, T), ProofUnavailable>, ConnectorError> {
    let unavailable = |reason: String| Ok(Err(ProofUnavailable { reason: reason.into(), hint: None }));
    let (name, flavor) = match chosen(catalog, connector, options).await? {
        Ok(chosen) => chosen,
        Err(why) => return Ok(Err(why)),
    };
    let open = resolve(connector.clone(), flavor.description(), environment)?;
    let view = open.lend().await?;
    let options = options::with_defaults(&flavor.description().options, &options.options);
    let answer = ask(&flavor, ConnectorContext { connector: &view, options: &options }).await;
    catalog.record_usage(&flavor);
    match answer {
        Ok(Some(answer)) => Ok(Ok((name, answer))),
        Ok(None) => unavailable(format!("flavor `{name}` has no way to")),
        Err(CallError::Refused { failure, .. }) if failure.kind == FailureKind::Unsupported => {
            // Its words stand under its name, as everywhere.
            let framed = |words: Escaped| format!("flavor `{name}`: {words}").into();
            Ok(Err(ProofUnavailable { reason: framed(failure.message), hint: failure.hint.map(framed) }))
        }
        Err(error) => Err(Box::new(error).into()),
    }
}

/// The one flavor that the options and the auth method leave.
///
/// # Errors
/// When no flavor describes the connector's auth method, or takes the options.
pub(super) async fn chosen(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    options: &ProveOptions,
) -> Result<Result<(FlavorName, Flavor), ProofUnavailable>, ConnectorError> {
    let candidates = candidates(catalog, connector, options).await?;
    let [name] = candidates.as_slice() else {
        let reason = match candidates.as_slice() {
            few @ ([] | [_] | [_, _] | [_, _, _]) => format!("it may be for {}", quoted(few)),
            many => format!("it may be for any of {} flavors", many.len()),
        };
        return Ok(Err(ProofUnavailable { reason: reason.into(), hint: None }));
    };
    let (flavor, _) = catalog.get(name.as_str()).await?;
    Ok(Ok((name.clone(), flavor)))
}

/// The flavors that describe the connector's auth method and know the options.
async fn candidates(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    options: &ProveOptions,
) -> Result<Vec<FlavorName>, ConnectorError> {
    let descriptions = descriptions(catalog, options.flavor.as_deref()).await?;
    let (connector_type, name) = (&connector.connector_type, &connector.method);
    let describing: Vec<&Description> =
        descriptions.iter().filter(|description| description.auth_method(connector_type, name).is_some()).collect();
    if describing.is_empty() {
        method::find(&descriptions, connector_type, Some(name))?;
    }
    // Required options are for registries: a flavor that needs one for this question says so itself.
    let (mut candidates, mut fault): (_, Option<Box<OptionError>>) = (Vec::new(), None);
    for description in describing {
        match options::known(description, &options.options) {
            Ok(()) => candidates.push(description.name.clone()),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    match fault {
        Some(fault) if candidates.is_empty() => Err(fault.into()),
        _ => Ok(candidates),
    }
}
