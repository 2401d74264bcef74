//! Version 0.1 of the contract: bindings made from `wit/`, and conversions to and from the host's own types. What comes out
//! of a guest is hostile: everything is parsed again and bounded here.

use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use wasmtime::component::types::{self as item, ComponentItem};
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::Answer;
use crate::flavor::error::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{self, Failure, FailureKind, FieldKind, FlavorCredential, ImageView, RegistryView};
use crate::flavor::secrets::Secret;
use crate::flavor::state::{Level, State};
use crate::text::printable;

wasmtime::component::bindgen!({
    path: "../wit",
    world: "crhost:flavor/guest",
    imports: { "crhost:flavor/http.send": async | trappable, default: trappable },
    exports: { default: async },
    with: { "crhost:flavor/secrets.secret": crate::flavor::secrets::Secret },
});

use self::crhost::flavor::{clock, http, log, secrets, types};
use exports::crhost::flavor::flavor as wit;

/// The contract's interfaces that a flavor may import.
pub(super) const IMPORTS: [&str; 5] = ["clock", "http", "log", "secrets", "types"];

/// Whether a version of the contract is this one; within `0.1` the host only ever adds to what it offers.
pub(super) fn speaks(version: &semver::Version) -> bool {
    (version.major, version.minor) == (0, 1) && version.pre.is_empty()
}

/// Offers the contract's imports.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    Guest::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

/// Compares the types of what a component exports with the contract's. The bindings would do so only on an instance, when
/// code of the component has run already.
pub(super) fn check_exports(engine: &Engine, component: &item::Component) -> wasmtime::Result<()> {
    let types = component.instance_type();
    let exported = component.exports(engine).find_map(|(name, export)| match export.ty {
        ComponentItem::ComponentInstance(instance) if name.starts_with(super::FLAVOR) => Some(instance),
        _ => None,
    });
    let function =
        |name: &str| match exported.as_ref().and_then(|flavor| flavor.get_export(engine, name)).map(|it| it.ty) {
            Some(ComponentItem::ComponentFunc(function)) => Ok(function),
            _ => Err(wasmtime::format_err!("`{name}` is not exported")),
        };
    let describe = function("describe")?;
    describe.typecheck::<(), (wit::Description,)>(&types).context("`describe`")?;
    let validate = function("validate-uri")?;
    validate.typecheck::<(&str,), (Result<wit::AcceptedUri, types::Failure>,)>(&types).context("`validate-uri`")?;
    let prepare = function("prepare-image-push")?;
    prepare.typecheck::<Asked, (Result<wit::Prepared, types::Failure>,)>(&types).context("`prepare-image-push`")?;
    let credentials = function("credentials")?;
    credentials.typecheck::<Asked, (Result<wit::Credential, types::Failure>,)>(&types).context("`credentials`")
}

/// What the two questions about a push are given.
type Asked<'a> = (&'a types::Registry, Option<&'a types::Connector>, &'a types::Image);

pub(super) async fn describe(guest: &GuestPre<State>, store: &mut Store<State>) -> Answer<model::Description> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let description = guest.crhost_flavor_flavor().call_describe(&mut *store).await?;
    Ok(self::description(description).map(Ok))
}

pub(super) async fn validate_uri(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    uri: &str,
) -> Answer<model::AcceptedUri> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let answer = guest.crhost_flavor_flavor().call_validate_uri(&mut *store, uri).await?;
    Ok(answer_or_failure(answer, |accepted| {
        let uri = accepted.uri.parse().map_err(|_| OutputError::new("URI", &accepted.uri))?;
        Ok(model::AcceptedUri { uri, warnings: texts("warnings", accepted.warnings)? })
    }))
}

pub(super) async fn prepare_image_push(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    registry: &RegistryView,
    image: &ImageView,
) -> Answer<model::Prepared> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let (registry, image) = (self::registry(registry), self::image(image));
    let answer = guest.crhost_flavor_flavor().call_prepare_image_push(&mut *store, &registry, None, &image).await?;
    Ok(answer_or_failure(answer, |prepared| {
        Ok(model::Prepared { profile: profile(prepared.profile)?, notes: texts("notes", prepared.notes)? })
    }))
}

pub(super) async fn credentials(
    guest: &GuestPre<State>,
    store: &mut Store<State>,
    registry: &RegistryView,
    image: &ImageView,
) -> Answer<FlavorCredential> {
    let guest = guest.instantiate_async(&mut *store).await?;
    let (registry, image) = (self::registry(registry), self::image(image));
    let answer = guest.crhost_flavor_flavor().call_credentials(&mut *store, &registry, None, &image).await?;
    Ok(answer_or_failure(answer, |credential| match credential {
        wit::Credential::Anonymous => Ok(FlavorCredential::Anonymous),
        wit::Credential::DockerConfig => Ok(FlavorCredential::DockerConfig),
        wit::Credential::Basic(basic) => self::basic(store, basic),
    }))
}

fn answer_or_failure<T, U>(
    answer: Result<T, types::Failure>,
    convert: impl FnOnce(T) -> Result<U, OutputError>,
) -> Result<Result<U, Failure>, OutputError> {
    match answer {
        Ok(value) => convert(value).map(Ok),
        Err(failure) => Ok(Err(self::failure(failure))),
    }
}

fn registry(view: &RegistryView) -> types::Registry {
    types::Registry { name: view.name.clone(), uri: view.uri.to_string(), options: view.options.clone() }
}

fn image(view: &ImageView) -> types::Image {
    types::Image {
        host: view.host().to_string(),
        repository: view.repository().to_string(),
        tag: view.tag().map(ToString::to_string),
        digest: view.digest().map(ToString::to_string),
    }
}

fn text(text: &str) -> String {
    printable(text, limits::TEXT_CHARS)
}

fn texts(what: &'static str, list: Vec<String>) -> Result<Vec<String>, OutputError> {
    bounded(what, list)?.iter().map(|item| Ok(text(item))).collect()
}

fn bounded<T>(what: &'static str, list: Vec<T>) -> Result<Vec<T>, OutputError> {
    if list.len() > limits::LIST_ENTRIES { Err(OutputError::too_many(what, list.len())) } else { Ok(list) }
}

fn failure(failure: types::Failure) -> Failure {
    let kind = match failure.kind {
        types::FailureKind::InvalidInput => FailureKind::InvalidInput,
        types::FailureKind::Unauthenticated => FailureKind::Unauthenticated,
        types::FailureKind::Denied => FailureKind::Denied,
        types::FailureKind::NotFound => FailureKind::NotFound,
        types::FailureKind::Unavailable => FailureKind::Unavailable,
        types::FailureKind::Unsupported => FailureKind::Unsupported,
        types::FailureKind::Other => FailureKind::Other,
    };
    Failure { kind, message: text(&failure.message), hint: failure.hint.as_deref().map(text) }
}

fn description(description: wit::Description) -> Result<model::Description, OutputError> {
    let wit::Description { name, version, summary, documentation, uri_examples, options, auth_methods, hosts } =
        description;
    Ok(model::Description {
        name: name.parse().map_err(|_| OutputError::new("name", &name))?,
        version: version.parse().map_err(|_| OutputError::new("version", &version))?,
        summary: text(&summary),
        documentation: documentation.as_deref().map(text),
        uri_examples: texts("URI examples", uri_examples)?,
        options: bounded("options", options)?.into_iter().map(option).collect(),
        auth_methods: bounded("auth methods", auth_methods)?.into_iter().map(auth_method).collect::<Result<_, _>>()?,
        hosts: texts("hosts", hosts)?,
    })
}

fn option(option: wit::OptionSpec) -> model::OptionSpec {
    model::OptionSpec {
        name: text(&option.name),
        summary: text(&option.summary),
        default: option.default.as_deref().map(text),
        required: option.required,
    }
}

fn auth_method(method: wit::AuthMethod) -> Result<model::AuthMethod, OutputError> {
    Ok(model::AuthMethod {
        connector_type: text(&method.connector_type),
        name: text(&method.name),
        summary: text(&method.summary),
        fields: bounded("fields", method.fields)?.into_iter().map(field).collect::<Result<_, _>>()?,
        hosts: texts("hosts", method.hosts)?,
    })
}

fn field(field: wit::Field) -> Result<model::Field, OutputError> {
    Ok(model::Field {
        name: text(&field.name),
        summary: text(&field.summary),
        kind: match field.kind {
            wit::FieldKind::Text => FieldKind::Text,
            wit::FieldKind::Secret => FieldKind::Secret,
            wit::FieldKind::SecretJson => FieldKind::SecretJson,
        },
        required: field.required,
        env: field.env.as_deref().map(text),
        public_members: texts("public members", field.public_members)?,
    })
}

fn profile(profile: wit::UploadProfile) -> Result<model::UploadProfile, OutputError> {
    let chunk = match profile.upload {
        wit::Upload::Monolithic => None,
        wit::Upload::Chunked(size) if (limits::CHUNK_BYTES).contains(&size) => Some(size),
        wit::Upload::Chunked(size) => return Err(OutputError::new("size of upload chunks", &size.to_string())),
    };
    Ok(model::UploadProfile { chunk, mount: profile.mount, zstd: profile.zstd })
}

/// Credentials become HTTP headers: nothing that could end a header or hide a second user name gets through (RFC 7617).
fn basic(store: &mut Store<State>, basic: wit::Basic) -> Result<FlavorCredential, OutputError> {
    let password: SecretString = match basic.password {
        wit::Password::Plain(password) => password.into(),
        wit::Password::Secret(handle) => {
            let secret = store.data_mut().table.delete(handle).map_err(|_| OutputError::handle())?;
            secret.value().clone()
        }
    };
    let username = basic.username;
    let control = |text: &str| text.chars().any(char::is_control);
    if username.len() > limits::CREDENTIAL_BYTES || username.contains(':') || control(&username) {
        return Err(OutputError::new("user name", &username));
    }
    let exposed = password.expose_secret();
    if exposed.len() > limits::CREDENTIAL_BYTES || control(exposed) {
        return Err(OutputError::password());
    }
    Ok(FlavorCredential::Basic { username, password, expires_at: basic.expires_at })
}

impl types::Host for State {}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<u64> {
        // A clock before 1970 is answered as 1970; no credential is valid then.
        Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
        };
        self.log(&level, &message);
        Ok(())
    }
}

impl http::Host for State {
    async fn send(&mut self, _request: http::Request) -> wasmtime::Result<Result<http::Response, http::Error>> {
        // The door is closed: a host is reached only where the user granted it, and nothing has been granted.
        Ok(Err(http::Error::Denied("no host is granted to this flavor".to_owned())))
    }
}

impl secrets::Host for State {}

impl secrets::HostSecret for State {
    fn hmac_sha256(&mut self, this: Resource<Secret>, prefix: Vec<u8>, message: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.table.get(&this)?.hmac_sha256(&prefix, &message))
    }

    fn sign_rs256(&mut self, this: Resource<Secret>, message: Vec<u8>) -> wasmtime::Result<Result<Vec<u8>, String>> {
        Ok(self.table.get(&this)?.sign_rs256(&message))
    }

    fn public_member(&mut self, this: Resource<Secret>, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.table.get(&this)?.public_member(&name))
    }

    fn member(&mut self, this: Resource<Secret>, name: String) -> wasmtime::Result<Option<Resource<Secret>>> {
        match self.table.get(&this)?.member(&name) {
            Some(member) => Ok(Some(self.table.push(member)?)),
            None => Ok(None),
        }
    }

    fn drop(&mut self, this: Resource<Secret>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
