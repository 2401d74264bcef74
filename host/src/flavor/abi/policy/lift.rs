//! From the contract's types to the host's own: the answers of a policy. They are hostile input; each is parsed again
//! and bounded.
//!
//! A policy's description is a flavor's in all that both have, and is checked by the same code.

use super::bindings::exports::crhost::flavor::admission as wit;
use crate::flavor::abi::v0_1::{self, bounds};
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{Decision, OptionKind, OptionSpec, PolicyDescription};
use crate::grant::operation::Operation;
use crate::text::Escaped;

/// The description of a policy.
///
/// # Errors
/// When it breaks the contract.
pub(super) fn description(description: wit::PolicyDescription) -> Result<PolicyDescription, OutputError> {
    let wit::PolicyDescription { name, version, summary, documentation, options, operations } = description;
    let description = PolicyDescription {
        name: v0_1::description::name("name", &name)?,
        version: v0_1::description::version(&version)?,
        summary: bounds::summary(&summary),
        documentation: documentation.as_deref().map(v0_1::description::https_url).transpose()?,
        options: v0_1::description::options(options.into_iter().map(option).collect())?,
        operations: self::operations(operations, limits::LIST_ENTRIES)?,
    };
    check_endpoints(&description.operations, &description.options)?;
    Ok(description)
}

/// An option in the form of a flavor's, unchecked.
fn option(option: wit::OptionSpec) -> v0_1::OptionSpec {
    v0_1::OptionSpec {
        name: option.name,
        summary: option.summary,
        kind: match option.kind {
            wit::OptionKind::Text => v0_1::OptionKind::Text,
            wit::OptionKind::Flag => v0_1::OptionKind::Flag,
            wit::OptionKind::Choice(words) => v0_1::OptionKind::Choice(words),
            wit::OptionKind::Url => v0_1::OptionKind::Url,
            wit::OptionKind::Size => v0_1::OptionKind::Size,
        },
        default: option.default,
        required: option.required,
    }
}

/// The operations, at most as many as the user can read at once.
fn operations(list: Vec<wit::Operation>, most: usize) -> Result<Vec<Operation>, OutputError> {
    if list.len() > most {
        return Err(OutputError::too_many("operations", list.len(), most));
    }
    let list = v0_1::operation::operations(list.into_iter().map(operation).collect())?;
    v0_1::operation::without_secrets(list)
}

/// An operation in the form of a flavor's, unchecked.
fn operation(operation: wit::Operation) -> v0_1::Operation {
    let parameters = |list: Vec<wit::Parameter>| {
        list.into_iter().map(|parameter| v0_1::Parameter { name: parameter.name, values: parameter.values }).collect()
    };
    v0_1::Operation {
        name: operation.name,
        summary: operation.summary,
        methods: operation.methods,
        hosts: operation.hosts,
        endpoints: operation.endpoints,
        paths: operation.paths,
        query: parameters(operation.query),
        headers: parameters(operation.headers),
        body: Vec::new(),
        secrets: Vec::new(),
    }
}

/// Checks that endpoints are options of kind `url`: the user sets their values.
fn check_endpoints(operations: &[Operation], options: &[OptionSpec]) -> Result<(), OutputError> {
    let is_option =
        |name: &String| options.iter().any(|option| option.name.as_str() == name && option.kind == OptionKind::Url);
    match operations.iter().flat_map(|operation| &operation.endpoints).find(|name| !is_option(name)) {
        Some(name) => Err(OutputError::expected("endpoint", name, "expected an option of kind `url`")),
        None => Ok(()),
    }
}

/// The answer of `admit`. Too many messages are cut and not refused: a denial stays one.
///
/// # Errors
/// None today.
pub(super) fn decision(decision: wit::Decision) -> Result<Decision, OutputError> {
    Ok(match decision {
        wit::Decision::Allow => Decision::Allow,
        wit::Decision::Warn(list) => Decision::Warn(messages(&list, "it warns, and does not say of what")),
        wit::Decision::Deny(list) => Decision::Deny(messages(&list, "it does not say why")),
    })
}

/// Messages in one line each, at least one; empty ones count as absent.
fn messages(list: &[String], silent: &'static str) -> Vec<Escaped> {
    let mut texts: Vec<Escaped> = Vec::new();
    let shown = list.iter().take(limits::DECISION_MESSAGES).map(|message| bounds::text(message));
    texts.extend(shown.filter(|message| !message.is_empty()));
    if list.len() > limits::DECISION_MESSAGES {
        texts.push(format!("and {} more messages", list.len() - limits::DECISION_MESSAGES).into());
    }
    if texts.is_empty() {
        texts.push(silent.into());
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(messages: Vec<String>) -> Vec<String> {
        match decision(wit::Decision::Deny(messages)).unwrap() {
            Decision::Deny(messages) => messages.into_iter().map(|message| message.to_string()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_denial_stays_one_whatever_its_messages_are() {
        assert_eq!(denied(Vec::new()), ["it does not say why"]);
        assert_eq!(denied(vec![" \n".to_owned()]), ["it does not say why"]);
        let many = denied(vec!["x".repeat(1 << 12); 1_000]);
        assert_eq!(many.len(), limits::DECISION_MESSAGES + 1);
        assert!(many.iter().all(|message| message.chars().count() <= limits::TEXT_CHARS + 1));
        assert_eq!(many.last().unwrap(), "and 984 more messages");
    }

    #[test]
    fn no_message_reaches_a_terminal_with_its_escapes() {
        let shown = denied(vec!["\u{1b}[2J\u{202e}a\r\nerror: b".to_owned()]);
        assert!(!shown[0].contains(['\u{1b}', '\n', '\r', '\u{202e}']), "{shown:?}");
    }
}
