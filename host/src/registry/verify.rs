//! Whether a push to a registry could work, step by step, without pushing anything.

use super::error::RegistryError;
use super::open::{Opener, placeholder};
use super::select::{Wish, select};
use crate::access::{self, Access};
use crate::catalog::Catalog;
use crate::connector;
use crate::credential::Credential;
use crate::distribution::Opened;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::grant::Grant;
use crate::image::Reference;
use crate::store::{Name, RegistryRecord, Store};
use crate::text::{printable, quoted};

/// A step of the way to a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// The flavor still accepts the URI, as it stands.
    Uri,
    /// The flavor knows all options, and has those that it needs.
    Options,
    /// The connector is one that the flavor can use, and opens.
    Connector,
    /// The flavor gives credentials.
    Credentials,
    /// The registry accepts them.
    Registry,
    /// They allow to push an image.
    Push,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Ok,
    /// It is not.
    Failed,
    /// It was not tried.
    Skipped,
}

/// A step, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Which one.
    pub(crate) check: Check,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// In words.
    pub(crate) words: String,
}

/// What was found out about a registry.
#[derive(Debug)]
pub(crate) struct Verification {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// All steps, in order.
    pub(crate) steps: Vec<Step>,
    /// Why the first step that failed did so.
    pub(crate) failure: Option<RegistryError>,
}

/// In the order in which they are made.
const CHECKS: [Check; 6] =
    [Check::Uri, Check::Options, Check::Connector, Check::Credentials, Check::Registry, Check::Push];

/// What is to be verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The registry.
    pub(crate) registry: &'a Name,
    /// An image, by its name below the registry or its whole name.
    pub(crate) image: Option<&'a str>,
    /// Whether the image may be pushed: the flavor prepares the push, which makes the repository where the registry's options
    /// say so, and an upload is opened and given up at once.
    pub(crate) push: bool,
}

/// Makes the checks until one fails. A push prepares before it has credentials; here, only an upload is prepared for.
///
/// # Errors
/// When there is no such registry or flavor, or the image can't be one of that registry. What fails on the way is in the
/// answer.
pub(crate) async fn verify(
    store: &Store,
    catalog: &Catalog<'_>,
    opener: &Opener<'_>,
    question: Question<'_>,
) -> Result<Verification, RegistryError> {
    let registry = store.registry(question.registry)?;
    let image = match question.image {
        Some(name) => {
            let wish = Wish { to: Some(&registry.name), named: None, source: Some(name), current: None };
            select(std::slice::from_ref(&registry), wish)?.image
        }
        None => placeholder(&registry.uri)?,
    };
    let (flavor, record) = catalog.get(&registry.flavor).await?;
    let grants = catalog.registry_grants(&record, &registry.name)?;
    let way = Way { store, catalog, opener, registry: &registry, grants, image: &image };
    let mut done = Vec::new();
    let failure = way.go(flavor, question.push, &mut done).await.err();
    Ok(Verification { steps: steps(done, failure.as_ref(), question.push), registry, failure })
}

/// What was said of the steps that were done, as one of all steps.
fn steps(done: Vec<String>, failure: Option<&RegistryError>, push: bool) -> Vec<Step> {
    let mut said = done.into_iter();
    let mut failure = failure.map(ToString::to_string);
    let step = |check| {
        let (outcome, words) = match said.next() {
            Some(words) => (Outcome::Ok, words),
            None if check == Check::Push && !push => (Outcome::Skipped, "not asked for".to_owned()),
            None => match failure.take() {
                Some(words) => (Outcome::Failed, words),
                None => (Outcome::Skipped, "not reached".to_owned()),
            },
        };
        Step { check, outcome, words }
    };
    CHECKS.into_iter().map(step).collect()
}

struct Way<'a> {
    store: &'a Store,
    catalog: &'a Catalog<'a>,
    opener: &'a Opener<'a>,
    registry: &'a RegistryRecord,
    grants: Vec<Grant>,
    image: &'a Reference,
}

impl Way<'_> {
    /// Adds what there is to say of each step that went well.
    async fn go(self, flavor: Flavor, push: bool, done: &mut Vec<String>) -> Result<(), RegistryError> {
        let uri = self.uri(&flavor).await;
        self.catalog.record_usage(&flavor);
        done.push(uri?);
        options::check(flavor.description(), &self.registry.options)?;
        done.push(self.options());
        let connector = connector::of(self.store, self.registry, flavor.description())?;
        done.push(match (&self.registry.connector, &connector) {
            (Some(name), Some(connector)) => format!("`{name}` ({}/{})", connector.connector_type, connector.method),
            _ => "none".to_owned(),
        });
        let view = access::registry_view(self.registry, &flavor, self.grants);
        let access = Access::of(self.opener.means(self.store, self.catalog), flavor, view, connector);
        // What was given before proves nothing about the connector.
        let credential = access.fresh_login(self.image).await?.credential;
        done.push(told(&credential));
        let anonymous = matches!(credential, Credential::Anonymous);
        let (repository, opened) = self.opener.open(self.image, credential).await?;
        let host = repository.host();
        done.push(match opened {
            Opened::ToCredentials => format!("`{host}` accepts them"),
            Opened::ToAnybody if anonymous => format!("`{host}` opens to anybody"),
            Opened::ToAnybody => format!("`{host}` opens to anybody, and has not looked at the credentials"),
        });
        if push {
            let prepared = access.prepare(self.image).await?;
            repository.start_upload().await?.cancel().await;
            let what = format!("an upload to `{}` was opened and given up", self.image.repository());
            done.push(with(what, prepared.notes));
        }
        Ok(())
    }

    async fn uri(&self, flavor: &Flavor) -> Result<String, RegistryError> {
        let kept = self.registry.uri.to_string();
        let AcceptedUri { uri, warnings } = flavor.validate_uri(&kept).await?;
        if uri != self.registry.uri {
            let (registry, flavor) = (self.registry.name.clone(), flavor.description().name.clone());
            return Err(RegistryError::OtherUri { registry, flavor, kept, uri: uri.to_string() });
        }
        Ok(with(format!("`{uri}`"), warnings))
    }

    fn options(&self) -> String {
        match self.registry.options.len() {
            0 => "none set".to_owned(),
            _ => quoted(self.registry.options.keys()),
        }
    }
}

/// Whose credentials they are, as far as that is no secret.
fn told(credential: &Credential) -> String {
    match credential {
        Credential::Anonymous => "none: the registry is asked as anybody".to_owned(),
        Credential::Basic { username, .. } if username.is_empty() => "a password".to_owned(),
        Credential::Basic { username, .. } => format!("of `{}`", printable(username, 100)),
        Credential::IdentityToken(_) => "an identity token".to_owned(),
    }
}

/// Words, and what a flavor remarked.
fn with(words: String, remarks: Vec<String>) -> String {
    std::iter::once(words).chain(remarks).collect::<Vec<_>>().join("; ")
}
