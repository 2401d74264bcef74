//! Checks whether a push to a registry could work, step by step, without pushing anything.

use super::authenticator::{Authenticator, placeholder};
use super::checks::{Results, identity, open, try_upload};
use super::endpoints::ungranted;
use super::error::RegistryError;
use super::fit::keeps_uri;
use super::select::{Selector, select};
use super::step::{Check, Outcome, Step};
use super::verify_by_server;
use crate::access::{self, Access};
use crate::catalog::Catalog;
use crate::connector::{self, OpenConnector};
use crate::credential::Credential;
use crate::flavor::{ConnectorView, Flavor, options};
use crate::grant::Grant;
use crate::image::Reference;
use crate::store::{Name, RegistryRecord, Store};
use crate::text::quoted;

/// The result of a verification.
#[derive(Debug)]
pub(crate) struct Verification {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// All checks, in order.
    pub(crate) steps: Vec<Step>,
    /// The error of the check that failed.
    pub(crate) failure: Option<RegistryError>,
}

const CHECKS: [Check; 6] =
    [Check::Uri, Check::Options, Check::Connector, Check::Credentials, Check::Registry, Check::Push];

/// The extent of a verification.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerifyOptions<'a> {
    /// The registry.
    pub(crate) registry: &'a Name,
    /// An image, by its name below the registry or its whole name.
    pub(crate) image: Option<&'a str>,
    /// Whether to check that the image may be pushed: the flavor prepares the push, which creates the repository where
    /// the registry's options say so, and an upload is opened and cancelled at once.
    pub(crate) push: bool,
}

/// Runs the checks until one fails. Unlike a push, the flavor prepares after the login, and only for the upload.
///
/// # Errors
/// When there is no such registry or flavor, or the image can't be one of that registry. The failure of a check is part
/// of the result.
pub(crate) async fn verify(
    store: &Store,
    catalog: &Catalog<'_>,
    authenticator: &Authenticator<'_>,
    options: VerifyOptions<'_>,
) -> Result<Verification, RegistryError> {
    let registry = store.registry(options.registry)?;
    let image = match options.image {
        Some(name) => image_of(&registry, name)?,
        None => placeholder(&registry.uri)?,
    };
    let mut results = Results::default();
    match Access::of_server(authenticator.access_context(store, catalog), &registry)? {
        Some(access) => {
            verify_by_server::run(
                authenticator,
                &registry,
                access,
                &image,
                (options.image.is_some(), options.push),
                &mut results,
            )
            .await;
        }
        None => {
            let (flavor, record) = catalog.get(&registry.flavor).await?;
            let grants = catalog.registry_grants(&record, &registry.name)?;
            let verifier = Verifier { store, catalog, authenticator, registry: &registry, grants, image: &image };
            verifier.run(flavor, options.push, &mut results).await;
        }
    }
    let Results { mut steps, failure } = results;
    for check in CHECKS {
        if !steps.iter().any(|step| step.check == check) {
            let reason = if check == Check::Push && !options.push { "not asked for" } else { "not reached" };
            steps.push(Step { check, outcome: Outcome::Skipped, message: reason.to_owned(), remarks: Vec::new() });
        }
    }
    Ok(Verification { steps, registry, failure })
}

/// The image of a name below a registry's URI, or of a whole name that the registry owns.
pub(super) fn image_of(registry: &RegistryRecord, name: &str) -> Result<Reference, RegistryError> {
    let to = Some(&registry.name);
    let selector = Selector { to, named: None, source: Some(name), unnamed: None, current: None };
    Ok(select(std::slice::from_ref(registry), selector).map_err(of_verification)?.image)
}

/// An error of the selection, in the words of this command.
fn of_verification(error: RegistryError) -> RegistryError {
    match error {
        RegistryError::Elsewhere { image, to: Some(registry), uri, repository, .. } => {
            RegistryError::VerifyElsewhere { image, registry, uri, repository }
        }
        other => other,
    }
}

struct Verifier<'a> {
    store: &'a Store,
    catalog: &'a Catalog<'a>,
    authenticator: &'a Authenticator<'a>,
    registry: &'a RegistryRecord,
    grants: Vec<Grant>,
    image: &'a Reference,
}

impl Verifier<'_> {
    /// Runs the checks; `None` once one has failed.
    async fn run(self, flavor: Flavor, push: bool, results: &mut Results) -> Option<()> {
        let uri = self.uri(&flavor).await;
        self.catalog.record_usage(&flavor);
        results.record_with_remarks(Check::Uri, uri)?;
        results.record(Check::Options, self.options(&flavor))?;
        let connector = results.record(Check::Connector, self.connector(&flavor))?;
        let context = self.authenticator.access_context(self.store, self.catalog);
        let view = access::registry_view(self.registry, flavor.description(), self.grants);
        let access = Access::of(context, flavor, view, connector);
        let credential = results.record(Check::Credentials, credentials(&access, self.image).await)?;
        let opened = open(self.authenticator, self.registry, &access, self.image, credential).await;
        let repository = results.record(Check::Registry, opened)?;
        if push {
            results.record_with_remarks(Check::Push, try_upload(&access, &repository, self.image).await)?;
        }
        Some(())
    }

    async fn uri(&self, flavor: &Flavor) -> Result<(String, Vec<String>), RegistryError> {
        let warnings = keeps_uri(self.registry, flavor).await?;
        Ok((format!("`{}`", self.registry.uri), warnings))
    }

    fn options(&self, flavor: &Flavor) -> Result<((), String), RegistryError> {
        options::check(flavor.description(), &self.registry.options)?;
        if let Some(first) = ungranted(self.store, self.registry, flavor, &self.grants)?.into_iter().next() {
            return Err(Box::new(first).into());
        }
        let message = match self.registry.options.len() {
            0 => "none set".to_owned(),
            _ => quoted(self.registry.options.keys()),
        };
        Ok(((), message))
    }

    fn connector(&self, flavor: &Flavor) -> Result<(Option<OpenConnector>, String), RegistryError> {
        let connector =
            connector::of_registry(self.store, self.registry, flavor.description(), self.authenticator.environment)?;
        let message = match (&self.registry.connector, &connector) {
            (Some(name), Some(connector)) => {
                let ConnectorView { connector_type, method, .. } = connector.kept();
                format!("`{name}` ({connector_type}/{method})")
            }
            _ => "none".to_owned(),
        };
        Ok((connector, message))
    }
}

/// New credentials from the flavor: those of an earlier push would prove nothing about the connector.
async fn credentials(access: &Access<'_>, image: &Reference) -> Result<(Credential, String), RegistryError> {
    let credential = access.fresh_login(image).await?.credential;
    let message = identity(&credential);
    Ok((credential, message))
}
