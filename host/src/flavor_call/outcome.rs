//! The call itself, and what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::answer::Answer;
use super::component::Component;
use super::error::FlavorCallError;
use super::export::Export;
use super::input::Input;
use super::stopped::Stopped;
use super::{connector, policy, registry};
use crate::connector::{GivenValue, Unstored};
use crate::environment::Environment;
use crate::flavor::{
    Accepted, CallError, ConnectorContext, ConnectorView, CredentialContext, Flavor, FlavorCredential, Maker, Observed,
    Observer, Purpose, PushContext, RegistryContext, Surroundings, options,
};
use crate::grant::{Grant, Guest};

/// All that a call is given besides its input. Without `Debug`: it holds secrets.
#[derive(Clone)]
pub(crate) struct Given<'a> {
    /// Values of the connector's fields, by name.
    pub(crate) fields: BTreeMap<String, SecretString>,
    /// Fields whose values are made for the call: by an id token of the machine, or by a program.
    pub(crate) made: BTreeMap<String, GivenValue>,
    /// The names of programs that may be run for fields that are left out.
    pub(crate) allow_commands: Vec<String>,
    /// Whether fields of an implicit method may be read on this machine.
    pub(crate) allow_implicit: bool,
    /// The grants for this call.
    pub(crate) grants: Vec<Grant>,
    /// Operations at places that no standard defines, accepted by their names.
    pub(crate) accepted_operations: Vec<String>,
    /// Who can mend the component.
    pub(crate) maker: Maker,
    /// The process's environment.
    pub(crate) environment: &'a Environment,
}

/// What came of a call.
pub(crate) struct Outcome {
    /// The answer, or why there is none.
    pub(crate) answer: Result<Answer, Stopped>,
    /// All that was seen of the call.
    pub(crate) observed: Observed,
    /// The password of credentials that a service may have issued: none of the connector's fields.
    pub(crate) password: Option<SecretString>,
}

/// Calls an export once, in surroundings whose observer is the call's own.
///
/// # Errors
/// When the call is not made.
pub(crate) async fn call(
    component: &Component,
    export: Export,
    input: Input,
    given: Given<'_>,
    surroundings: Surroundings,
) -> Result<Outcome, FlavorCallError> {
    let observer = Arc::new(Observer::default());
    let surroundings = Surroundings { observer: Some(Arc::clone(&observer)), ..surroundings };
    let mut password = None;
    let answer = match component {
        Component::Policy(of) if export == Export::Describe => {
            policy::describe(&of.within(surroundings), given.maker).await
        }
        Component::Policy(of) if export == Export::Admit => {
            policy::admit(&of.within(surroundings), input, &given.grants, given.maker).await?
        }
        Component::Flavor(flavor) if export != Export::Admit => {
            let accepted = Accepted::Operations(given.accepted_operations.clone());
            let flavor = flavor.within(surroundings).granted(given.grants.clone(), accepted, given.maker);
            let quiet = flavor.within(Surroundings::default());
            let mut call = Call { flavor, quiet, export, input, given, password: None };
            let answer = call.answer().await?;
            password = call.password;
            answer
        }
        _ => return Err(FlavorCallError::OtherKind { guest: component.guest(), export }),
    };
    Ok(Outcome { answer, observed: observer.take(), password })
}

/// A call of a flavor.
struct Call<'a> {
    flavor: Flavor,
    /// The same flavor, unobserved: for what crhost has to ask before the call.
    quiet: Flavor,
    export: Export,
    input: Input,
    given: Given<'a>,
    /// The password of the credentials that it gave, unless it is a field's.
    password: Option<SecretString>,
}

/// The answer of a call that an optional interface may be missing for.
type Optional = Result<Option<Answer>, CallError>;

impl Call<'_> {
    async fn answer(&mut self) -> Result<Result<Answer, Stopped>, FlavorCallError> {
        let export = self.export;
        let answer: Optional = match export {
            Export::Describe => self.flavor.describe().await.map(|it| Some(Answer::Description(Box::new(it)))),
            Export::ValidateUri => {
                let what = "the text that it is asked about";
                let hint = || "write it behind the export: `validate-uri ghcr.io/acme`".into();
                let uri = self.input.uri.as_ref().or(self.input.registry.as_ref());
                let uri = uri.ok_or_else(|| FlavorCallError::Missing { export, what, hint: hint() })?;
                self.flavor.validate_uri(uri).await.map(|accepted| Some(accepted.into()))
            }
            Export::PrepareImagePush | Export::Credentials => self.of_image().await?,
            Export::Identify | Export::ListResources => self.of_connector().await?,
            Export::MakeKey | Export::UnwrapKey => self.of_key().await?,
            _ => self.of_cleanup().await?,
        };
        match answer.transpose() {
            Some(Ok(answer)) => Ok(Ok(answer)),
            Some(Err(error)) => Ok(Err(Stopped::Flavor(Box::new(error)))),
            None => {
                let guest = Guest::flavor(self.flavor.description().name.as_str());
                let interface = export.optional_interface().unwrap_or_default();
                Err(FlavorCallError::NotExported { guest, export, interface })
            }
        }
    }

    async fn of_image(&mut self) -> Result<Optional, FlavorCallError> {
        let registry = registry::registry(&self.quiet, self.export, &self.input).await?;
        let connector = self.connector().await?;
        let connector = connector.as_ref();
        let image = self.input.image.as_deref().map(|name| registry::image(&registry, name)).transpose()?;
        if self.export == Export::Credentials {
            let purpose = self.input.purpose.unwrap_or(Purpose::Push);
            let context = CredentialContext { registry: &registry, connector, purpose, image: image.as_ref() };
            let given = self.flavor.credentials(context).await;
            if let Ok(FlavorCredential::Basic { password, .. }) = &given
                && !self.given.fields.values().any(|field| field.expose_secret() == password.expose_secret())
            {
                self.password = Some(password.clone());
            }
            return Ok(given.map(|given| Some(Answer::credential(&given, &self.given.fields))));
        }
        let hint = || "name it with `--image`, such as `--image train:v3`".into();
        let what = "an image";
        let image = image.ok_or_else(|| FlavorCallError::Missing { export: self.export, what, hint: hint() })?;
        let context = PushContext { registry: &registry, connector, image: &image };
        Ok(self.flavor.prepare_image_push(context).await.map(|prepared| Some(prepared.into())))
    }

    async fn of_connector(&mut self) -> Result<Optional, FlavorCallError> {
        let description = self.flavor.description();
        options::known(description, &self.input.options)?;
        let options = options::with_defaults(&description.options, &self.input.options);
        let connector = self.connector().await?;
        let connector = connector::needed(self.export, connector.as_ref())?;
        let context = ConnectorContext { connector, options: &options };
        Ok(match self.export {
            Export::Identify => {
                let identity = self.flavor.identify(context).await;
                identity.map(|identity| identity.map(|identity| Answer::Identity { identity }))
            }
            _ => self.flavor.list_resources(context).await.map(|uris| uris.map(|uris| Answer::resources(&uris))),
        })
    }

    async fn of_cleanup(&mut self) -> Result<Optional, FlavorCallError> {
        let registry = registry::registry(&self.quiet, self.export, &self.input).await?;
        let connector = self.connector().await?;
        let context = RegistryContext { registry: &registry, connector: connector.as_ref() };
        let (export, page, flavor) = (self.export, self.input.page.as_deref(), &self.flavor);
        if export == Export::ListRepositories {
            return Ok(flavor.list_repositories(context, page).await.map(|page| page.map(Answer::from)));
        }
        let repository = registry::repository(export, &self.input)?;
        let deleted = |done: Option<()>| done.map(|()| Answer::Deleted { deleted: true });
        Ok(match export {
            Export::ListTags => flavor.list_tags(context, &repository, page).await.map(|page| page.map(Answer::from)),
            Export::DeleteManifest => {
                let digest = registry::digest(export, &self.input)?;
                flavor.delete_manifest(context, &repository, &digest).await.map(deleted)
            }
            _ => {
                let tag = registry::tag(export, &self.input)?;
                flavor.delete_tag(context, &repository, &tag).await.map(deleted)
            }
        })
    }

    async fn of_key(&mut self) -> Result<Optional, FlavorCallError> {
        let registry = registry::registry(&self.quiet, self.export, &self.input).await?;
        let connector = self.connector().await?;
        let context = RegistryContext { registry: &registry, connector: connector.as_ref() };
        if self.export == Export::MakeKey {
            return Ok(self.flavor.make_key(context).await.map(|made| made.map(Answer::from)));
        }
        let hint = || "give what `make-key` answered as `wrapped` with `--wrapped`".into();
        let (export, what) = (self.export, "a wrapped key");
        let wrapped = self.input.wrapped.as_deref();
        let wrapped = wrapped.ok_or_else(|| FlavorCallError::Missing { export, what, hint: hint() })?;
        let key = self.flavor.unwrap_key(context, wrapped).await;
        Ok(key.map(|key| key.map(|_| Answer::Unwrapped { unwrapped: true })))
    }

    async fn connector(&self) -> Result<Option<ConnectorView>, FlavorCallError> {
        let Given { fields, made, allow_commands, allow_implicit, environment, .. } = self.given.clone();
        let method = self.input.auth_method.clone();
        let given = Unstored { method, fields, made, allow_commands, allow_implicit };
        connector::connector(self.flavor.description(), given, environment).await
    }
}
