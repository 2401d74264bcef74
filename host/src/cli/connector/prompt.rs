//! Interactive registration of a connector: questions on standard error, secrets without echo.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use dialoguer::{Confirm, Input, Password, Select};
use secrecy::{ExposeSecret as _, SecretString};

use super::super::failure::Failure;
use super::super::{output, terminal};
use super::field_value::{self, FieldValue};
use super::show::places;
use crate::catalog::Catalog;
use crate::connector::{self, ConnectorError, ImplicitReads};
use crate::error::Kind;
use crate::flavor::{AuthMethod, Description, Field, FieldKind};
use crate::store::{IfTaken, Name, Store};
use crate::text::{Escaped, Foreign};

/// The known parts of a new connector. Without `Debug`: it holds secrets.
pub(super) struct PartialRegistration {
    /// Its name.
    pub(super) name: Option<Name>,
    /// Its type.
    pub(super) connector_type: Option<String>,
    /// Its auth method; absent if its type has only one.
    pub(super) method: Option<String>,
    /// The values of its fields.
    pub(super) fields: BTreeMap<String, FieldValue>,
    /// Whether its implicit fields may be read on this machine.
    pub(super) allow_implicit: bool,
    /// The names of programs that may be run for fields that are left out.
    pub(super) allow_commands: Vec<String>,
}

impl PartialRegistration {
    /// A connector without field values.
    pub(super) fn new(
        name: Option<Name>,
        connector_type: Option<String>,
        method: Option<String>,
        allow_implicit: bool,
    ) -> Self {
        let (fields, allow_commands) = (BTreeMap::new(), Vec::new());
        Self { name, connector_type, method, fields, allow_implicit, allow_commands }
    }
}

/// The reason for a missing answer.
enum NoAnswer {
    /// The terminal failed or was closed.
    Terminal(io::Error),
    /// The registration can't go on.
    Failed(Failure),
}

impl From<dialoguer::Error> for NoAnswer {
    fn from(dialoguer::Error::IO(error): dialoguer::Error) -> Self {
        Self::Terminal(error)
    }
}

impl From<ConnectorError> for NoAnswer {
    fn from(error: ConnectorError) -> Self {
        Self::Failed(error.into())
    }
}

/// Ctrl-C at a question interrupts the read and raises a signal; the signal, handled elsewhere, decides how the process
/// ends. This is how long it is waited for.
const SIGNAL_DELAY: Duration = Duration::from_secs(2);

/// Asks for the missing parts.
pub(super) async fn run(
    catalog: &Catalog<'_>,
    store: &Store,
    flavor: Option<&str>,
    partial: PartialRegistration,
    if_taken: IfTaken,
) -> Result<PartialRegistration, Failure> {
    if !terminal::is_interactive() {
        let hint = "give the fields as flags; `crhost connector describe-type TYPE` shows them";
        return Err(Failure::new(Kind::Usage, "there is no terminal to ask you at", hint));
    }
    if let (Some(name), IfTaken::Refuse) = (&partial.name, if_taken) {
        store.connector_is_free(name)?;
    }
    let descriptions = match flavor {
        Some(flavor) => vec![catalog.entry(flavor).await?.description],
        None => catalog.descriptions().await?,
    };
    terminal::begin_questions();
    let answered = tokio::task::spawn_blocking(move || questions(&descriptions, partial)).await;
    match answered.map_err(|error| Failure::general(error.to_string()))? {
        Ok(complete) => Ok(complete),
        Err(NoAnswer::Failed(failure)) => Err(failure),
        Err(NoAnswer::Terminal(error)) => {
            if error.kind() == io::ErrorKind::Interrupted {
                tokio::time::sleep(SIGNAL_DELAY).await;
            }
            Err(Failure::general(format!("the terminal gave no answer: {}", Foreign(error))))
        }
    }
}

fn questions(descriptions: &[Description], partial: PartialRegistration) -> Result<PartialRegistration, NoAnswer> {
    let PartialRegistration { name, connector_type, method, mut fields, allow_implicit, mut allow_commands } = partial;
    let name = name.map_or_else(|| Input::new().with_prompt("Name of the connector").interact_text(), Ok)?;
    let connector_type = connector_type.map_or_else(|| choose_type(descriptions), Ok)?;
    let method = choose_method(descriptions, &connector_type, method)?;
    output::say_line(&format!("{method}: {}", method.summary));
    for field in &method.fields {
        if !fields.contains_key(field.name.as_str())
            && !is_to_run(field, &mut allow_commands)?
            && let Some(value) = ask_field(method, field)?
        {
            fields.insert(field.name.to_string(), value);
        }
    }
    let allow_implicit = allow_implicit || confirm_implicit(method, &fields)?;
    let (name, connector_type, method) = (Some(name), Some(connector_type), Some(method.name.to_string()));
    Ok(PartialRegistration { name, connector_type, method, fields, allow_implicit, allow_commands })
}

fn choose_type(descriptions: &[Description]) -> Result<String, NoAnswer> {
    let methods = descriptions.iter().flat_map(|description| &description.auth_methods);
    let mut types: Vec<&str> = methods.map(|method| method.connector_type.as_str()).collect();
    types.sort_unstable();
    types.dedup();
    if types.is_empty() {
        let hint = "`crhost flavor register FILE` adds a flavor";
        return Err(NoAnswer::Failed(Failure::new(Kind::Usage, "no flavor uses connectors", hint)));
    }
    let chosen = Select::new().with_prompt("Type").items(&types).default(0).interact()?;
    Ok(types.get(chosen).copied().unwrap_or_default().to_owned())
}

fn choose_method<'a>(
    descriptions: &'a [Description],
    connector_type: &str,
    name: Option<String>,
) -> Result<&'a AuthMethod, NoAnswer> {
    let known = connector::of_type(descriptions, connector_type, None)?;
    let mut methods: Vec<&AuthMethod> = Vec::new();
    for (_, method) in known {
        if !methods.iter().any(|known| known.name == method.name) {
            methods.push(method);
        }
    }
    let name = match (name, methods.as_slice()) {
        (Some(name), _) => Some(name),
        (None, [_]) => None,
        (None, several) => {
            let items: Vec<String> =
                several.iter().map(|method| format!("{}: {}", method.name, method.summary)).collect();
            let chosen = Select::new().with_prompt("Auth method").items(&items).default(0).interact()?;
            several.get(chosen).map(|method| method.name.to_string())
        }
    };
    Ok(connector::find_method(descriptions, connector_type, name.as_deref())?)
}

/// Whether a program gives a field: asks the user's consent to one that was not allowed before.
fn is_to_run(field: &Field, allowed: &mut Vec<String>) -> Result<bool, NoAnswer> {
    for (command, name) in field.commands().filter_map(|command| Some((command, command.name.as_ref()?))) {
        if allowed.contains(name) {
            return Ok(true);
        }
        let prompt =
            format!("{}: run `{}` at each use, and take what it prints?", field.name, Escaped::from(command.line()));
        if Confirm::new().with_prompt(prompt).default(false).interact()? {
            allowed.push(name.clone());
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value of a field; absent if the user leaves it out.
fn ask_field(method: &AuthMethod, field: &Field) -> Result<Option<FieldValue>, NoAnswer> {
    let sources = method.sources_of(field);
    let is_read = !sources.is_empty();
    let is_optional = is_read || !field.required;
    let note = match (is_read, field.required) {
        (true, _) if field.kind == FieldKind::Text => format!("; empty: read as text from {}", places(&sources)),
        (true, _) => format!("; empty: read from {}", places(&sources)),
        (false, false) => "; may be empty".to_owned(),
        (false, true) => String::new(),
    };
    match field.kind {
        FieldKind::Text => {
            let prompt = format!("{} ({}{note})", field.name, field.summary);
            let text =
                text(&prompt, is_optional, |text| connector::check(field, text).map_err(|fault| fault.to_string()))?;
            Ok((!text.is_empty()).then(|| FieldValue { value: text.as_str().into(), visible: false }))
        }
        FieldKind::Secret => {
            let prompt = format!("{} ({}{note}; unseen)", field.name, field.summary);
            let check = |text: &String| match text.is_empty() {
                true => Ok(()),
                false => connector::check(field, text).map_err(|fault| format!("it {fault}")),
            };
            let password = Password::new().with_prompt(prompt).allow_empty_password(is_optional).validate_with(check);
            let text = password.report(false).interact()?;
            Ok((!text.is_empty()).then(|| FieldValue { value: text.as_str().into(), visible: false }))
        }
        FieldKind::SecretJson | FieldKind::SecretIni => {
            let prompt = format!("{} ({}{note}; the path of its file)", field.name, field.summary);
            let check = |path: &str| {
                let given = field_value::file(path).map_err(|fault| fault.to_string())?;
                connector::check(field, given.expose_secret()).map_err(|fault| fault.to_string())
            };
            let path = text(&prompt, is_optional, check)?;
            if path.is_empty() {
                return Ok(None);
            }
            let unseen = |value: SecretString| FieldValue { value: value.into(), visible: false };
            field_value::file(&path).map(unseen).map(Some).map_err(|fault| {
                let message = format!("field `{}` {fault}", field.name);
                NoAnswer::Failed(Failure::new(Kind::Usage, message, "give the path of a file that you may read"))
            })
        }
    }
}

/// A line with echo; asked for again until it is valid.
fn text(prompt: &str, is_optional: bool, check: impl Fn(&str) -> Result<(), String>) -> Result<String, NoAnswer> {
    let check =
        |text: &String| if text.is_empty() { Ok(()) } else { check(text).map_err(|fault| format!("it {fault}")) };
    let input = Input::<String>::new().with_prompt(prompt).allow_empty(is_optional).validate_with(check);
    Ok(input.interact_text()?)
}

/// Asks the user's consent to read the omitted fields of an implicit method, after showing their sources.
fn confirm_implicit(method: &AuthMethod, given: &BTreeMap<String, FieldValue>) -> Result<bool, NoAnswer> {
    let reads = ImplicitReads::of_method(method, |field| given.contains_key(field.name.as_str()));
    if reads.is_empty() {
        return Ok(false);
    }
    output::say_line(&format!("`{method}` reads this machine for every push, {reads}"));
    let allowed = Confirm::new().with_prompt("Let it read these?").default(false).interact()?;
    if allowed { Ok(true) } else { Err(ConnectorError::NotAllowed { method: method.to_string().into(), reads }.into()) }
}
