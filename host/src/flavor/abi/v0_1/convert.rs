//! From the contract's types to the host's own and back. What comes out of a guest is hostile: everything is parsed again and
//! bounded here.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use wasmtime::Store;

use super::crhost::flavor::types;
use super::exports::crhost::flavor::flavor as wit;
use crate::flavor::error::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{self, Asked, ConnectorView, Failure, FailureKind, FieldKind, FieldValue, FlavorCredential};
use crate::flavor::names::{KebabName, repeated};
use crate::flavor::state::State;
use crate::grant::HostPattern;
use crate::image::RegistryUri;
use crate::text::printable;

/// A flavor's answer: a value that is converted, or its refusal.
pub(super) fn answer<T, U>(
    answer: Result<T, types::Failure>,
    convert: impl FnOnce(T) -> Result<U, OutputError>,
) -> Result<Result<U, Failure>, OutputError> {
    match answer {
        Ok(value) => convert(value).map(Ok),
        Err(failure) => Ok(Err(self::failure(failure))),
    }
}

pub(super) fn accepted_uri(accepted: wit::AcceptedUri) -> Result<model::AcceptedUri, OutputError> {
    let length = accepted.uri.len();
    if length > limits::URI_BYTES {
        return Err(OutputError::too_long("URI", length, limits::URI_BYTES));
    }
    let uri = accepted.uri.parse().map_err(|_| OutputError::new("URI", &accepted.uri))?;
    Ok(model::AcceptedUri { uri, warnings: texts("warnings", accepted.warnings)? })
}

pub(super) fn resources(uris: Vec<String>) -> Result<Vec<RegistryUri>, OutputError> {
    if uris.len() > limits::RESOURCES {
        return Err(OutputError::too_many("resources", uris.len(), limits::RESOURCES));
    }
    uris.iter().map(|uri| uri.parse().map_err(|_| OutputError::new("URI", uri))).collect()
}

pub(super) fn prepared(prepared: wit::Prepared) -> Result<model::Prepared, OutputError> {
    Ok(model::Prepared { profile: profile(prepared.profile)?, notes: texts("notes", prepared.notes)? })
}

pub(super) fn credential(
    store: &mut Store<State>,
    credential: wit::Credential,
) -> Result<Result<FlavorCredential, Failure>, OutputError> {
    match credential {
        wit::Credential::Anonymous => Ok(Ok(FlavorCredential::Anonymous)),
        wit::Credential::DockerConfig => Ok(Ok(FlavorCredential::DockerConfig)),
        wit::Credential::Basic(basic) => self::basic(store, basic),
    }
}

/// What a question is about, in the contract's types; the connector's secrets become handles that live as long as the call.
pub(super) fn asked(
    store: &mut Store<State>,
    asked: Asked<'_>,
) -> wasmtime::Result<(types::Registry, Option<types::Connector>, types::Image)> {
    let Asked { registry, connector, image } = asked;
    let registry = types::Registry {
        name: registry.name.clone(),
        uri: registry.uri.to_string(),
        options: registry.options.clone(),
    };
    let connector = connector.map(|connector| self::connector(store, connector)).transpose()?;
    let image = types::Image {
        host: image.host().to_string(),
        repository: image.repository().to_string(),
        tag: image.tag().map(ToString::to_string),
        digest: image.digest().map(ToString::to_string),
    };
    Ok((registry, connector, image))
}

pub(super) fn connector(store: &mut Store<State>, view: &ConnectorView) -> wasmtime::Result<types::Connector> {
    let mut fields = Vec::with_capacity(view.fields.len());
    for (name, value) in &view.fields {
        let value = match value {
            FieldValue::Text(text) => types::FieldValue::Text(text.clone()),
            FieldValue::Secret(secret) => types::FieldValue::Secret(store.data_mut().table.push(secret.clone())?),
        };
        fields.push((name.clone(), value));
    }
    Ok(types::Connector { method: view.method.clone(), fields })
}

pub(super) fn text(text: &str) -> String {
    printable(text, limits::TEXT_CHARS)
}

/// A summary is shown among facts that a person decides by: no blanks that would end a line where it does not end.
fn summary(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "), limits::SUMMARY_CHARS)
}

fn texts(what: &'static str, list: Vec<String>) -> Result<Vec<String>, OutputError> {
    bounded(what, list)?.iter().map(|item| Ok(text(item))).collect()
}

fn bounded<T>(what: &'static str, list: Vec<T>) -> Result<Vec<T>, OutputError> {
    if list.len() > limits::LIST_ENTRIES {
        Err(OutputError::too_many(what, list.len(), limits::LIST_ENTRIES))
    } else {
        Ok(list)
    }
}

/// A text that says nothing is none.
fn optional(given: Option<String>) -> Option<String> {
    given.as_deref().map(text).filter(|text| !text.is_empty())
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
    let message = optional(Some(failure.message)).unwrap_or_else(|| "it refuses, and does not say why".to_owned());
    Failure {
        kind,
        message,
        hint: optional(failure.hint),
        retry_after: failure.retry_after.map(|seconds| Duration::from_secs(seconds.into())),
    }
}

pub(super) fn description(description: wit::Description) -> Result<model::Description, OutputError> {
    let wit::Description { name, version, summary, documentation, uri_examples, options, auth_methods, hosts } =
        description;
    if uri_examples.is_empty() {
        return Err(OutputError::none("URI examples"));
    }
    let description = model::Description {
        name: self::name("name", &name)?,
        version: self::version(&version)?,
        summary: self::summary(&summary),
        documentation: documentation.as_deref().map(https).transpose()?,
        uri_examples: texts("URI examples", uri_examples)?,
        options: self::options(options)?,
        auth_methods: self::auth_methods(auth_methods)?,
        hosts: self::hosts(hosts)?,
    };
    // What a person is asked to grant has to be read.
    match description.asks().len() {
        asks if asks > limits::LIST_ENTRIES => Err(OutputError::too_many("hosts", asks, limits::LIST_ENTRIES)),
        _ => Ok(description),
    }
}

/// What a flavor asks for is shown to the user and then holds: only what can be read in one way.
fn hosts(list: Vec<String>) -> Result<Vec<HostPattern>, OutputError> {
    let pattern = |text: &String| text.parse().ok().filter(HostPattern::may_be_asked_for);
    let checked = |text: &String| pattern(text).ok_or_else(|| OutputError::new("pattern of hosts", text));
    bounded("hosts", list)?.iter().map(checked).collect()
}

fn name(what: &'static str, name: &str) -> Result<KebabName, OutputError> {
    name.parse().map_err(|_| OutputError::name(what, name))
}

fn version(version: &str) -> Result<semver::Version, OutputError> {
    if version.len() > limits::VERSION_BYTES {
        return Err(OutputError::too_long("version", version.len(), limits::VERSION_BYTES));
    }
    version.parse().map_err(|_| OutputError::new("version", version))
}

/// A link that people may follow: to where it says, and to nothing that runs. In canonical form, which is printable ASCII.
fn https(link: &str) -> Result<String, OutputError> {
    let is_plain = |url: &Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let is_short = |url: &Url| url.as_str().len() <= limits::TEXT_CHARS;
    let url = Url::parse(link).ok().filter(|url| is_plain(url) && is_short(url));
    url.map(String::from).ok_or_else(|| OutputError::new("`https` URL", link))
}

fn options(options: Vec<wit::OptionSpec>) -> Result<Vec<model::OptionSpec>, OutputError> {
    let options: Vec<_> = bounded("options", options)?.into_iter().map(option).collect::<Result<_, _>>()?;
    match repeated(options.iter().map(|option| &option.name)) {
        Some(name) => Err(OutputError::repeated("options", name.as_str())),
        None => Ok(options),
    }
}

fn option(option: wit::OptionSpec) -> Result<model::OptionSpec, OutputError> {
    Ok(model::OptionSpec {
        name: name("option name", &option.name)?,
        summary: summary(&option.summary),
        default: option.default.as_deref().map(text),
        required: option.required,
    })
}

fn auth_methods(methods: Vec<wit::AuthMethod>) -> Result<Vec<model::AuthMethod>, OutputError> {
    let methods: Vec<_> = bounded("auth methods", methods)?.into_iter().map(auth_method).collect::<Result<_, _>>()?;
    match repeated(methods.iter().map(|method| (&method.connector_type, &method.name))) {
        Some((connector_type, name)) => Err(OutputError::repeated("auth methods", &format!("{connector_type}/{name}"))),
        None => Ok(methods),
    }
}

fn auth_method(method: wit::AuthMethod) -> Result<model::AuthMethod, OutputError> {
    let fields: Vec<_> = bounded("fields", method.fields)?.into_iter().map(field).collect::<Result<_, _>>()?;
    if let Some(name) = repeated(fields.iter().map(|field| &field.name)) {
        return Err(OutputError::repeated("fields", name.as_str()));
    }
    Ok(model::AuthMethod {
        connector_type: name("connector type", &method.connector_type)?,
        name: name("auth method name", &method.name)?,
        summary: summary(&method.summary),
        fields,
        implicit: method.implicit,
        hosts: hosts(method.hosts)?,
    })
}

fn field(field: wit::Field) -> Result<model::Field, OutputError> {
    Ok(model::Field {
        name: name("field name", &field.name)?,
        summary: summary(&field.summary),
        kind: match field.kind {
            wit::FieldKind::Text => FieldKind::Text,
            wit::FieldKind::Secret => FieldKind::Secret,
            wit::FieldKind::SecretJson => FieldKind::SecretJson,
            wit::FieldKind::SecretIni => FieldKind::SecretIni,
        },
        required: field.required,
        sources: bounded("sources", field.sources)?.into_iter().map(source).collect::<Result<_, _>>()?,
        public_members: texts("public members", field.public_members)?,
    })
}

/// A user decides by what is shown of it, so it holds nothing that could be read in two ways.
fn source(source: wit::Source) -> Result<model::ImplicitSource, OutputError> {
    let is_variable = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.len() <= limits::VARIABLE_BYTES && name.chars().all(is_allowed)
    };
    let variable = |name: String| match is_variable(&name) {
        true => Ok(name),
        false => Err(OutputError::new("environment variable", &name)),
    };
    let is_path = |path: &str| {
        let path = path.strip_prefix('~').unwrap_or(path);
        let components = path.split('/').skip(1);
        path.starts_with('/')
            && path.chars().count() <= limits::TEXT_CHARS
            && path.chars().all(|c| c.is_ascii_graphic())
            && components.into_iter().all(|component| !matches!(component, "" | "." | ".."))
    };
    match source {
        wit::Source::Env(name) => variable(name).map(model::ImplicitSource::Env),
        wit::Source::EnvFile(name) => variable(name).map(model::ImplicitSource::EnvFile),
        wit::Source::File(path) if is_path(&path) => Ok(model::ImplicitSource::File(path)),
        wit::Source::File(path) => Err(OutputError::new("path of a source", &path)),
    }
}

fn profile(profile: wit::UploadProfile) -> Result<model::UploadProfile, OutputError> {
    let chunk = match profile.upload {
        wit::Upload::Monolithic => None,
        wit::Upload::Chunked(size) if (limits::CHUNK_BYTES).contains(&size) => Some(size),
        wit::Upload::Chunked(size) => return Err(OutputError::new("size of upload chunks", &size.to_string())),
    };
    Ok(model::UploadProfile { chunk, mount: profile.mount, zstd: profile.zstd })
}

/// Credentials become HTTP headers: nothing that could end a header or hide a second user name gets through (RFC 7617). A
/// stored secret becomes a password only where it may be sent.
fn basic(store: &mut Store<State>, basic: wit::Basic) -> Result<Result<FlavorCredential, Failure>, OutputError> {
    let wit::Basic { username, password, expires_at, whole_registry } = basic;
    let password: SecretString = match password {
        wit::Password::Plain(password) => password.into(),
        wit::Password::Secret(handle) => {
            let State { table, door, .. } = store.data_mut();
            let secret = table.delete(handle).map_err(|_| OutputError::handle())?;
            if let Err(denial) = door.lend_to_registry() {
                return Ok(Err(Failure {
                    kind: FailureKind::Denied,
                    message: denial.to_string(),
                    hint: None,
                    retry_after: None,
                }));
            }
            secret.value().clone()
        }
    };
    let control = |text: &str| text.chars().any(char::is_control);
    let exposed = password.expose_secret();
    for (what, length) in [("user name", username.len()), ("password", exposed.len())] {
        if length > limits::CREDENTIAL_BYTES {
            return Err(OutputError::too_long(what, length, limits::CREDENTIAL_BYTES));
        }
    }
    if username.contains(':') || control(&username) {
        return Err(OutputError::new("user name", &username));
    }
    if control(exposed) {
        return Err(OutputError::password());
    }
    Ok(Ok(FlavorCredential::Basic { username, password, expires_at, whole_registry }))
}
