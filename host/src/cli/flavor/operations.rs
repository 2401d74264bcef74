//! The operations of a flavor in words that a user can judge.

use crate::flavor::Description;
use crate::grant::operation::{Operation, Parameter};
use crate::text::quoted;

/// Operations that do the same, in one line.
pub(super) struct Line {
    /// The requests, and what happens to secrets.
    pub(super) text: String,
    /// The auth methods whose secrets it is about, as `TYPE/NAME`; none for requests without secrets.
    pub(super) methods: Vec<String>,
    /// The names to accept it by, where a secret stands at a place that no standard defines.
    pub(super) odd: Vec<String>,
}

/// All operations of a flavor: those with secrets first, each once.
pub(super) fn lines(description: &Description) -> Vec<Line> {
    let mut grouped: Vec<(&Operation, Line)> = Vec::new();
    let of_methods = description.auth_methods.iter().flat_map(|method| {
        method.operations.iter().map(move |operation| (operation, Some((method, method.operation_name(operation)))))
    });
    let without_secrets = description.operations.iter().map(|operation| (operation, None));
    for (operation, method) in of_methods.chain(without_secrets) {
        let at = match grouped.iter().position(|(known, _)| known.is_same(operation)) {
            Some(at) => at,
            None => {
                let line = Line { text: text(operation), methods: Vec::new(), odd: Vec::new() };
                grouped.push((operation, line));
                grouped.len() - 1
            }
        };
        if let (Some((_, line)), Some((method, name))) = (grouped.get_mut(at), method) {
            line.methods.push(method.to_string());
            if !operation.is_ordinary() {
                line.odd.push(name);
            }
        }
    }
    let mut lines: Vec<Line> = grouped.into_iter().map(|(_, line)| line).collect();
    for (field, methods) in registry_passwords(description) {
        lines.push(Line {
            text: format!("the registry itself: sends `{field}` as its password"),
            methods,
            odd: Vec::new(),
        });
    }
    lines
}

/// A line with the auth methods that it is about, and with the names to accept it by.
pub(super) fn with_methods(line: &Line) -> String {
    let Line { text, methods, odd } = line;
    let methods = if methods.is_empty() { String::new() } else { format!(" ({})", methods.join(", ")) };
    let odd = if odd.is_empty() { String::new() } else { format!(" [--allow-operation {}]", odd.join(", ")) };
    format!("{text}{methods}{odd}")
}

/// The fields that are handed back as a registry's password, with the methods that do so.
fn registry_passwords(description: &Description) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    for method in &description.auth_methods {
        let Some(field) = &method.registry_password else { continue };
        match fields.iter_mut().find(|(known, _)| known == field.as_str()) {
            Some((_, methods)) => methods.push(method.to_string()),
            None => fields.push((field.to_string(), vec![method.to_string()])),
        }
    }
    fields
}

/// One operation: `METHODS HOST/PATH: WHAT; SECRETS`.
fn text(operation: &Operation) -> String {
    let methods = operation.methods.iter().map(ToString::to_string).collect::<Vec<_>>().join("/");
    let hosts: Vec<String> = operation.hosts.iter().map(ToString::to_string).collect();
    let host = match (hosts.as_slice(), operation.endpoints.as_slice()) {
        ([], endpoints) => format!("the address in {}", quoted(endpoints)),
        ([host], _) => host.clone(),
        ([host, more @ ..], _) => format!("{host} and {} more hosts", more.len()),
    };
    let paths: Vec<String> = operation.paths.iter().map(ToString::to_string).collect();
    let place = match paths.as_slice() {
        [path] if path == "/" => host,
        [path] if hosts.len() == 1 => format!("{host}{path}"),
        paths => format!("{host}, {}", shortened(paths)),
    };
    let actions: Vec<String> =
        operation.headers.iter().chain(&operation.body).filter(|it| is_action(it)).flat_map(actions).collect();
    let what = if actions.is_empty() { operation.summary.clone() } else { actions.join(", ") };
    let mut text = if what.is_empty() { format!("{methods} {place}") } else { format!("{methods} {place}: {what}") };
    let mut said = Vec::new();
    for placement in operation.secrets.iter().map(ToString::to_string) {
        if !said.contains(&placement) {
            text.push_str("; ");
            text.push_str(&placement);
            said.push(placement);
        }
    }
    text
}

/// Whether a parameter with fixed values says what is done, by its name: services that have one path for all actions
/// name the action in a header `…-target` or a field `Action`.
fn is_action(parameter: &Parameter) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    !parameter.values.is_empty() && (name.ends_with("target") || name.ends_with("action"))
}

/// The actions of a parameter, without the service in front of each.
fn actions(parameter: &Parameter) -> impl Iterator<Item = String> + '_ {
    parameter.values.iter().map(|value| value.rsplit('.').next().unwrap_or(value).to_owned())
}

/// The first three of a list, and the number of the others.
fn shortened(list: &[String]) -> String {
    match list {
        [first, second, third, more @ ..] if !more.is_empty() => {
            format!("{first}, {second}, {third} and {} more paths", more.len())
        }
        list => list.join(", "),
    }
}
