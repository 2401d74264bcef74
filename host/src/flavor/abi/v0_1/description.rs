//! From the contract's types to the host's own: the answer of `describe`. It is hostile input; each part of it is
//! parsed again and bounded.

use url::Url;

use super::bindings::exports::crhost::flavor::flavor as wit;
use super::{bounds, operation};
use crate::flavor::cause::OutputError;
use crate::flavor::kebab_name::{KebabName, first_repeated};
use crate::flavor::limits;
use crate::flavor::model::{AuthMethod, Description, Field, FieldKind, OptionKind, OptionSpec};
use crate::grant::operation::Operation;
use crate::implicit_sources::ImplicitSource;

/// The description of a flavor.
///
/// # Errors
/// When it breaks the contract.
pub(super) fn description(description: wit::Description) -> Result<Description, OutputError> {
    let wit::Description { name, version, summary, documentation, uri_examples, options, auth_methods, operations } =
        description;
    if uri_examples.is_empty() {
        return Err(OutputError::none("URI examples"));
    }
    let description = Description {
        name: self::name("name", &name)?,
        version: self::version(&version)?,
        summary: bounds::summary(&summary),
        documentation: documentation.as_deref().map(https_url).transpose()?,
        uri_examples: bounds::examples("URI examples", uri_examples)?,
        options: self::options(options)?,
        auth_methods: self::auth_methods(auth_methods)?,
        operations: operation::without_secrets(operation::operations(operations)?)?,
        cleanup_operations: Vec::new(),
    };
    check(&description).map(|()| description)
}

/// Checks what holds for the whole description.
pub(super) fn check(description: &Description) -> Result<(), OutputError> {
    check_endpoints(description)?;
    // The user reads and grants all of them at once.
    match description.requested_hosts().len() {
        asks if asks > limits::LIST_ENTRIES => Err(OutputError::too_many("hosts", asks, limits::LIST_ENTRIES)),
        _ => Ok(()),
    }
}

/// Checks that endpoints are options of kind `url` or text fields of the method: the user sets their values.
fn check_endpoints(description: &Description) -> Result<(), OutputError> {
    let is_option = |name: &String| {
        description.options.iter().any(|option| option.name.as_str() == name && option.kind == OptionKind::Url)
    };
    let check = |operations: &mut dyn Iterator<Item = &Operation>, fields: &[Field]| {
        let is_field =
            |name: &String| fields.iter().any(|field| field.name.as_str() == name && field.kind == FieldKind::Text);
        let mut endpoints = operations.flat_map(|operation| &operation.endpoints);
        match endpoints.find(|name| !is_option(name) && !is_field(name)) {
            Some(name) => {
                Err(OutputError::expected("endpoint", name, "expected an option of kind `url` or a text field"))
            }
            None => Ok(()),
        }
    };
    // Requests without secrets may go to an address in a field, too, whatever the method.
    let fields: Vec<Field> = description.auth_methods.iter().flat_map(|method| method.fields.clone()).collect();
    check(&mut description.operations.iter().chain(&description.cleanup_operations), &fields)?;
    description.auth_methods.iter().try_for_each(|method| check(&mut method.all_operations(), &method.fields))
}

/// A name of the flavor or of a part of it.
///
/// # Errors
/// When it is no name.
pub(in crate::flavor::abi) fn name(what: &'static str, name: &str) -> Result<KebabName, OutputError> {
    name.parse().map_err(|_| OutputError::name(what, name))
}

/// A version.
///
/// # Errors
/// When it is not SemVer, or too long.
pub(in crate::flavor::abi) fn version(version: &str) -> Result<semver::Version, OutputError> {
    if version.len() > limits::VERSION_BYTES {
        return Err(OutputError::too_long("version", version.len(), limits::VERSION_BYTES));
    }
    let rule = "expected SemVer, such as `1.0.0`";
    version.parse().map_err(|_| OutputError::expected("version", version, rule))
}

/// A link that users may follow: a page at the host that it shows, and no other scheme. In canonical form, which is
/// printable ASCII.
///
/// # Errors
/// When it is no such link.
pub(in crate::flavor::abi) fn https_url(link: &str) -> Result<String, OutputError> {
    let is_plain = |url: &Url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let is_short = |url: &Url| url.as_str().len() <= limits::TEXT_CHARS;
    let url = Url::parse(link).ok().filter(|url| is_plain(url) && is_short(url));
    let rule = format!("expected `https://…` without user information, at most {} characters", limits::TEXT_CHARS);
    url.map(String::from).ok_or_else(|| OutputError::expected("`https` URL", link, rule))
}

/// Options of different names.
///
/// # Errors
/// When one breaks the contract.
pub(in crate::flavor::abi) fn options(options: Vec<wit::OptionSpec>) -> Result<Vec<OptionSpec>, OutputError> {
    let options: Vec<_> = bounds::bounded("options", options)?.into_iter().map(option).collect::<Result<_, _>>()?;
    match first_repeated(options.iter().map(|option| &option.name)) {
        Some(name) => Err(OutputError::repeated("options", name.as_str())),
        None => Ok(options),
    }
}

fn option(option: wit::OptionSpec) -> Result<OptionSpec, OutputError> {
    let kind = match option.kind {
        wit::OptionKind::Text => OptionKind::Text,
        wit::OptionKind::Flag => OptionKind::Flag,
        wit::OptionKind::Choice(words) if words.is_empty() => return Err(OutputError::none("words of a choice")),
        wit::OptionKind::Choice(words) => OptionKind::Choice(bounds::texts("words of a choice", words)?),
        wit::OptionKind::Url => OptionKind::Url,
        wit::OptionKind::Size => OptionKind::Size,
    };
    let default = option.default.as_deref().map(bounds::text);
    let default = default.map(|default| match kind.read(&default) {
        Some(value) => Ok(value),
        None => Err(OutputError::expected("default of an option", &default, format!("expected {}", kind.expected()))),
    });
    Ok(OptionSpec {
        name: name("option name", &option.name)?,
        summary: bounds::summary(&option.summary),
        kind,
        default: default.transpose()?,
        required: option.required,
    })
}

fn auth_methods(methods: Vec<wit::AuthMethod>) -> Result<Vec<AuthMethod>, OutputError> {
    let methods: Vec<_> =
        bounds::bounded("auth methods", methods)?.into_iter().map(auth_method).collect::<Result<_, _>>()?;
    match first_repeated(methods.iter().map(|method| (&method.connector_type, &method.name))) {
        Some((connector_type, name)) => Err(OutputError::repeated("auth methods", &format!("{connector_type}/{name}"))),
        None => Ok(methods),
    }
}

fn auth_method(method: wit::AuthMethod) -> Result<AuthMethod, OutputError> {
    let fields: Vec<_> = bounds::bounded("fields", method.fields)?.into_iter().map(field).collect::<Result<_, _>>()?;
    if let Some(name) = first_repeated(fields.iter().map(|field| &field.name)) {
        return Err(OutputError::repeated("fields", name.as_str()));
    }
    let is_secret =
        |name: &String| fields.iter().any(|field| field.name.as_str() == name && field.kind != FieldKind::Text);
    let registry_password = match method.registry_password {
        Some(name) if !is_secret(&name) => {
            return Err(OutputError::expected("registry password", &name, "expected a secret field of the method"));
        }
        password => password.as_deref().map(|password| name("field name", password)).transpose()?,
    };
    let operations = operation::operations(method.operations)?;
    check_secrets(&operations, &fields)?;
    Ok(AuthMethod {
        connector_type: name("connector type", &method.connector_type)?,
        name: name("auth method name", &method.name)?,
        summary: bounds::summary(&method.summary),
        fields,
        implicit: method.implicit,
        operations,
        cleanup_operations: Vec::new(),
        registry_password,
    })
}

/// Checks that the secrets of operations are secret fields of their auth method.
///
/// # Errors
/// When one is no such field.
pub(super) fn check_secrets(operations: &[Operation], fields: &[Field]) -> Result<(), OutputError> {
    let is_secret =
        |name: &String| fields.iter().any(|field| field.name.as_str() == name && field.kind != FieldKind::Text);
    let mut placed = operations.iter().flat_map(|operation| &operation.secrets).map(|placement| &placement.field);
    match placed.find(|name| !is_secret(name)) {
        Some(name) => {
            Err(OutputError::expected("secret of an operation", name, "expected a secret field of the method"))
        }
        None => Ok(()),
    }
}

fn field(field: wit::Field) -> Result<Field, OutputError> {
    Ok(Field {
        name: name("field name", &field.name)?,
        summary: bounds::summary(&field.summary),
        kind: match field.kind {
            wit::FieldKind::Text => FieldKind::Text,
            wit::FieldKind::Secret => FieldKind::Secret,
            wit::FieldKind::SecretJson => FieldKind::SecretJson,
            wit::FieldKind::SecretIni => FieldKind::SecretIni,
        },
        required: field.required,
        sources: bounds::bounded("sources", field.sources)?.into_iter().map(source).collect::<Result<_, _>>()?,
        public_members: bounds::texts("public members", field.public_members)?,
    })
}

/// A place that may have a field's value. The user is shown it and agrees, so it can be read in one way only.
fn source(source: wit::Source) -> Result<ImplicitSource, OutputError> {
    let is_variable = |name: &str| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.len() <= limits::VARIABLE_BYTES && name.chars().all(is_allowed)
    };
    let variable = |name: String| match is_variable(&name) {
        true => Ok(name),
        false => {
            let rule = format!("expected ASCII letters, digits and `_`, at most {}", limits::VARIABLE_BYTES);
            Err(OutputError::expected("environment variable", &name, rule))
        }
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
        wit::Source::Env(name) => variable(name).map(ImplicitSource::Env),
        wit::Source::EnvFile(name) => variable(name).map(ImplicitSource::EnvFile),
        wit::Source::File(path) if is_path(&path) => Ok(ImplicitSource::File(path)),
        wit::Source::File(path) => {
            let rule = "expected `/…` or `~/…` of visible ASCII characters, without `.`, `..` and `//`";
            Err(OutputError::expected("path of a source", &path, rule))
        }
    }
}
