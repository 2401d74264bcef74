//! The operations of a flavor in words that a user can judge.

use crate::flavor::Description;
use crate::grant::operation::{Operation, Parameter, Placement, SecretForm};
use crate::text::quoted;

/// Requests of one kind, with all that happens to secrets in them.
pub(super) struct Requests {
    /// The requests.
    pub(super) text: String,
    /// What happens to secrets; none for requests without secrets.
    secrets: Vec<Use>,
    /// The names to accept operations by, where a secret stands at a place that no standard defines.
    pub(super) odd: Vec<String>,
}

/// All requests of a flavor, each kind once, those with secrets first.
pub(super) fn requests(description: &Description) -> Vec<Requests> {
    let mut all: Vec<Requests> = Vec::new();
    let of_methods = description
        .auth_methods
        .iter()
        .flat_map(|method| method.all_operations().map(move |operation| (operation, Some(method))));
    let without_secrets = description.operations.iter().chain(&description.cleanup_operations);
    let odd: Vec<(String, &Operation)> = description.odd_operations().collect();
    for (operation, method) in of_methods.chain(without_secrets.map(|operation| (operation, None))) {
        let text = text(operation);
        let at = all.iter().position(|known| known.text == text).unwrap_or_else(|| {
            all.push(Requests { text, secrets: Vec::new(), odd: Vec::new() });
            all.len() - 1
        });
        let Some(requests) = all.get_mut(at) else { continue };
        let to_accept = odd.iter().filter(|(_, other)| std::ptr::eq(*other, operation)).map(|(name, _)| name.clone());
        requests.odd.extend(to_accept);
        for placement in &operation.secrets {
            let Some(method) = method else { continue };
            add(&mut requests.secrets, placement, method.to_string());
        }
    }
    all.extend(registry_passwords(description));
    all
}

/// What happens to a secret.
struct Use {
    /// The secret, as `FIELD` or `FIELD/MEMBER`.
    secret: String,
    form: SecretForm,
    /// The place, in words.
    place: String,
    /// The auth methods whose secret it is, as `TYPE/NAME`.
    methods: Vec<String>,
}

/// Adds a use of a method's secret.
fn add(uses: &mut Vec<Use>, placement: &Placement, method: String) {
    let (secret, form, place) = (placement.secret(), placement.form, placement.place.to_string());
    match uses.iter_mut().find(|known| (&known.secret, known.form, &known.place) == (&secret, form, &place)) {
        Some(known) if known.methods.contains(&method) => {}
        Some(known) => known.methods.push(method),
        None => uses.push(Use { secret, form, place, methods: vec![method] }),
    }
}

/// The secrets that are handed back as a registry's password.
fn registry_passwords(description: &Description) -> Option<Requests> {
    let mut secrets: Vec<Use> = Vec::new();
    for method in &description.auth_methods {
        let Some(field) = &method.registry_password else { continue };
        match secrets.iter_mut().find(|known| known.secret == field.as_str()) {
            Some(known) => known.methods.push(method.to_string()),
            None => secrets.push(Use {
                secret: field.to_string(),
                form: SecretForm::Itself,
                place: "its password".to_owned(),
                methods: vec![method.to_string()],
            }),
        }
    }
    let text = "the registry itself".to_owned();
    (!secrets.is_empty()).then_some(Requests { text, secrets, odd: Vec::new() })
}

impl Requests {
    /// The lines to show: the requests, and below them what happens to secrets. Secrets that share their fate share a
    /// line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.text.clone()];
        let is_alike =
            |one: &Use, other: &Use| (one.form, &one.place, &one.methods) == (other.form, &other.place, &other.methods);
        for (at, used) in self.secrets.iter().enumerate() {
            if self.secrets.iter().take(at).any(|earlier| is_alike(earlier, used)) {
                continue;
            }
            let alike: Vec<&String> =
                self.secrets.iter().filter(|other| is_alike(used, other)).map(|used| &used.secret).collect();
            let what = match (used.form, alike.as_slice()) {
                (SecretForm::Itself, secrets) => format!("sends {} as {}", quoted(secrets), used.place),
                (SecretForm::Signature, [secret]) => format!("signs with `{secret}`, which never leaves"),
                (SecretForm::Signature, secrets) => format!("signs with {}, which never leave", quoted(secrets)),
            };
            lines.push(format!("    {what} ({})", used.methods.join(", ")));
        }
        lines
    }
}

/// One operation: `METHODS HOST/PATH: WHAT`.
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
    if what.is_empty() { format!("{methods} {place}") } else { format!("{methods} {place}: {what}") }
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
