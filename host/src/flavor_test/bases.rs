//! Calls that are made of a flavor's description: its examples, its options, its auth methods.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::trial::{Base, Subject};
use crate::flavor::{AuthMethod, Description, Field, FieldKind, Flavor, OptionKind, RequestedHost};
use crate::flavor_call::{Export, Fixed, Input};
use crate::grant::{Grant, HostPattern};

/// The time of the calls, 2026-01-01, UTC, and a seed like any other.
const FIXED: Fixed = Fixed { time: 1_767_225_600, seed: 1 };

/// Where made-up endpoints are (RFC 2606).
const SERVICE: &str = "https://service.crhost-test.example";

/// The value of a text. It is no part of what stands for a secret, or what is issued: those are searched for.
const TEXT: &str = "alice";

/// The value of a secret.
const SECRET: &str = "5d0c97a1e2b4-crhost-test-secret";

/// Examples that calls are made of.
const EXAMPLES: usize = 8;

/// The exports that get a registry, a connector or both.
const EXPORTS: [Export; 10] = [
    Export::PrepareImagePush,
    Export::Credentials,
    Export::Identify,
    Export::ListResources,
    Export::ListRepositories,
    Export::ListTags,
    Export::DeleteManifest,
    Export::DeleteTag,
    Export::MakeKey,
    Export::UnwrapKey,
];

/// The calls, each with whether it is worth every fault: the first example has what the others have.
pub(super) async fn of_description(subject: &Subject<'_>) -> Vec<(Base, bool)> {
    let description = subject.flavor.description();
    let examples = examples(subject.flavor).await;
    let mut bases = Vec::new();
    for export in EXPORTS {
        for method in methods(description, export) {
            for (at, example) in examples.iter().enumerate() {
                for (all, options) in [(false, options(description, false)), (true, options(description, true))] {
                    if all && !description.options.iter().any(|option| option.kind == OptionKind::Flag) {
                        continue;
                    }
                    bases.push((base(description, export, method, example, options), at == 0));
                }
            }
        }
    }
    bases
}

/// The examples that are accepted, those on hosts of the internet first: of them a flavor knows the services.
async fn examples(flavor: &Flavor) -> Vec<String> {
    let mut examples = Vec::new();
    for example in flavor.description().uri_examples.iter().take(EXAMPLES) {
        if let Ok(accepted) = flavor.validate_uri(example).await {
            examples.push(accepted.uri);
        }
    }
    examples.sort_by_key(|uri| uri.host().is_loopback());
    let mut texts: Vec<String> = examples.iter().map(ToString::to_string).collect();
    texts.dedup();
    texts
}

/// The auth methods that an export is called with: none, and each.
fn methods(description: &Description, export: Export) -> Vec<Option<&AuthMethod>> {
    let none = match export {
        // These are about a connector.
        Export::Identify | Export::ListResources => Vec::new(),
        _ => vec![None],
    };
    none.into_iter().chain(description.auth_methods.iter().map(Some)).collect()
}

fn base(
    description: &Description,
    export: Export,
    method: Option<&AuthMethod>,
    example: &str,
    options: BTreeMap<String, String>,
) -> Base {
    let with = method.map(|method| format!(" with `{method}`")).unwrap_or_default();
    let flags = if options.values().any(|value| value == "true") { ", all flags on" } else { "" };
    let input = Input {
        registry: Some(example.to_owned()),
        options,
        auth_method: method.map(ToString::to_string),
        image: Some("train:v3".to_owned()),
        repository: Some("train".to_owned()),
        digest: Some(format!("sha256:{}", "5".repeat(64))),
        tag: Some("v3".to_owned()),
        wrapped: Some("d3JhcHBlZA==".to_owned()),
        ..Input::default()
    };
    // A method may need none of its fields; one without secrets sends other requests than one with them.
    let fields = method.iter().flat_map(|method| &method.fields).map(|field| (field.name.to_string(), value(field)));
    Base {
        label: format!("at `{example}`{with}{flags}"),
        export,
        input,
        fields: fields.collect(),
        grants: grants(description),
        accepted_operations: description.odd_operations().map(|(name, _)| name).collect(),
        fixed: FIXED,
        recorded: None,
    }
}

/// All that the flavor asks for, and the endpoint that the user wrote.
fn grants(description: &Description) -> Vec<Grant> {
    let asked = description.requested_hosts();
    let written = SERVICE.parse::<HostPattern>().ok().map(|pattern| Grant { pattern, written: true, secrets: true });
    asked.iter().map(RequestedHost::grant).chain(written).collect()
}

/// Options: those that are required, and with `all` every flag.
fn options(description: &Description, all: bool) -> BTreeMap<String, String> {
    let value = |kind: &OptionKind| match kind {
        OptionKind::Text => TEXT.to_owned(),
        OptionKind::Flag => "true".to_owned(),
        OptionKind::Choice(words) => words.first().cloned().unwrap_or_default(),
        OptionKind::Url => SERVICE.to_owned(),
        OptionKind::Size => (16 << 20).to_string(),
    };
    let wanted = description.options.iter().filter(|option| option.required || all && option.kind == OptionKind::Flag);
    wanted.map(|option| (option.name.to_string(), value(&option.kind))).collect()
}

/// A value of a field's kind.
fn value(field: &Field) -> SecretString {
    let member = |name: &String| {
        let is_address = ["url", "uri", "endpoint"].iter().any(|word| name.to_ascii_lowercase().contains(word));
        let value = if is_address { SERVICE } else { TEXT };
        (name.clone(), Value::String(value.to_owned()))
    };
    match field.kind {
        FieldKind::Text => TEXT.to_owned().into(),
        FieldKind::Secret => SECRET.to_owned().into(),
        FieldKind::SecretJson => {
            let mut members: Map<String, Value> = field.public_members.iter().map(member).collect();
            let key = format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n");
            members.insert("private_key".to_owned(), Value::String(key));
            Value::Object(members).to_string().into()
        }
        FieldKind::SecretIni => {
            let public: String = field.public_members.iter().map(|name| format!("{name} = {TEXT}\n")).collect();
            format!("[default]\nsecret = {SECRET}\n{public}").into()
        }
    }
}
