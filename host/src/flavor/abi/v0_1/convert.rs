//! From the contract's types to the host's own and back. What comes out of a guest is hostile: everything is parsed again and
//! bounded here.

use secrecy::{ExposeSecret as _, SecretString};
use wasmtime::Store;

use super::crhost::flavor::types;
use super::exports::crhost::flavor::flavor as wit;
use crate::flavor::error::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{self, Asked, ConnectorView, Failure, FailureKind, FieldKind, FieldValue, FlavorCredential};
use crate::flavor::state::State;
use crate::grant::HostPattern;
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
    let uri = accepted.uri.parse().map_err(|_| OutputError::new("URI", &accepted.uri))?;
    Ok(model::AcceptedUri { uri, warnings: texts("warnings", accepted.warnings)? })
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

fn connector(store: &mut Store<State>, view: &ConnectorView) -> wasmtime::Result<types::Connector> {
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

pub(super) fn description(description: wit::Description) -> Result<model::Description, OutputError> {
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
        hosts: self::hosts(hosts)?,
    })
}

/// What a flavor asks for is shown to the user and then holds: only what can be read in one way.
fn hosts(list: Vec<String>) -> Result<Vec<HostPattern>, OutputError> {
    let pattern = |text: &String| text.parse().ok().filter(HostPattern::may_be_asked_for);
    let checked = |text: &String| pattern(text).ok_or_else(|| OutputError::new("pattern of hosts", text));
    bounded("hosts", list)?.iter().map(checked).collect()
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
        hosts: hosts(method.hosts)?,
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

/// Credentials become HTTP headers: nothing that could end a header or hide a second user name gets through (RFC 7617). A
/// stored secret becomes a password only where it may be sent.
fn basic(store: &mut Store<State>, basic: wit::Basic) -> Result<Result<FlavorCredential, Failure>, OutputError> {
    let wit::Basic { username, password, expires_at } = basic;
    let password: SecretString = match password {
        wit::Password::Plain(password) => password.into(),
        wit::Password::Secret(handle) => {
            let State { table, door, .. } = store.data_mut();
            let secret = table.delete(handle).map_err(|_| OutputError::handle())?;
            if let Err(denial) = door.lend_to_registry() {
                return Ok(Err(Failure { kind: FailureKind::Denied, message: denial.to_string(), hint: None }));
            }
            secret.value().clone()
        }
    };
    let control = |text: &str| text.chars().any(char::is_control);
    if username.len() > limits::CREDENTIAL_BYTES || username.contains(':') || control(&username) {
        return Err(OutputError::new("user name", &username));
    }
    let exposed = password.expose_secret();
    if exposed.len() > limits::CREDENTIAL_BYTES || control(exposed) {
        return Err(OutputError::password());
    }
    Ok(Ok(FlavorCredential::Basic { username, password, expires_at }))
}
