//! What a repository is created as (google-cloud-artifact-registry 1.23.0, `Repository`).

use crhost_flavor::{Failure, Options};
use serde_json::{Map, Value, json};

use crate::describe;

/// Longest name or value of a label.
const LABEL: usize = 63;

/// The request that creates a repository of images, as the options say.
pub(super) fn body(options: &Options) -> Result<Map<String, Value>, Failure> {
    let mut body = Map::from_iter([("format".to_owned(), json!("DOCKER"))]);
    let mut insert = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
    insert("dockerConfig", options.flag(describe::IMMUTABLE_TAGS).map(|immutable| json!({"immutableTags": immutable})));
    insert("kmsKeyName", options.get(describe::KMS_KEY).map(key).transpose()?);
    insert("labels", options.get(describe::LABELS).map(labels).transpose()?);
    insert("cleanupPolicies", options.get(describe::CLEANUP_POLICIES).map(policies).transpose()?);
    Ok(body)
}

fn key(text: &str) -> Result<Value, Failure> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        ["projects", project, "locations", location, "keyRings", ring, "cryptoKeys", key]
            if [project, location, ring, key].iter().all(|part| !part.is_empty()) =>
        {
            Ok(json!(text))
        }
        _ => Err(Failure::invalid_input(format!(
            "option `{}` is `{text}`, which is no key of Cloud KMS",
            describe::KMS_KEY
        ))
        .hint("write `projects/my-project/locations/europe-west1/keyRings/my-ring/cryptoKeys/my-key`")),
    }
}

fn labels(text: &str) -> Result<Value, Failure> {
    let allowed = |c: char| {
        c.is_lowercase() || c.is_numeric() || c == '-' || c == '_' || (c.is_alphabetic() && !c.is_uppercase())
    };
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
    let is_part = |part: &str| part.chars().count() <= LABEL && part.chars().all(allowed);
    let pairs = text.split(',').map(|pair| match pair.trim().split_once('=') {
        Some((name, value)) if is_name(name) && is_part(name) && is_part(value) => Ok((name.to_owned(), json!(value))),
        _ => Err(Failure::invalid_input(format!(
            "`{pair}` in option `{}` is no label, expected `name=value` of up to {LABEL} lower-case letters, digits, `-` or \
             `_`",
            describe::LABELS
        ))),
    });
    pairs.collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn policies(text: &str) -> Result<Value, Failure> {
    match serde_json::from_str(text) {
        Ok(policies @ Value::Object(_)) => Ok(policies),
        _ => Err(Failure::invalid_input(format!("option `{}` is no JSON object of policies", describe::CLEANUP_POLICIES))
            .hint(
                "write the API's form, e.g. `{\"old\":{\"id\":\"old\",\"action\":\"DELETE\",\"condition\":{\"olderThan\":\"2592000s\"}}}`",
            )),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::options;

    use super::*;

    const KEY: &str = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k";

    #[test]
    fn a_repository_is_created_as_the_options_say() {
        assert_eq!(Value::Object(body(&options(&[])).unwrap()), json!({"format": "DOCKER"}));
        let all = [
            ("immutable-tags", "true"),
            ("kms-key", KEY),
            ("labels", "team=ml,cost=7"),
            ("cleanup-policies", r#"{"old":{"id":"old","action":"DELETE"}}"#),
        ];
        let expected = json!({
            "format": "DOCKER",
            "dockerConfig": {"immutableTags": true},
            "kmsKeyName": KEY,
            "labels": {"team": "ml", "cost": "7"},
            "cleanupPolicies": {"old": {"id": "old", "action": "DELETE"}},
        });
        assert_eq!(Value::Object(body(&options(&all)).unwrap()), expected);
    }

    #[test]
    fn options_that_google_would_refuse_are_told_before_the_push() {
        for (name, value) in [
            ("kms-key", "my-key"),
            ("kms-key", "projects/p/locations//keyRings/r/cryptoKeys/k"),
            ("labels", "team"),
            ("labels", "Team=ml"),
            ("labels", "team=M L"),
            ("cleanup-policies", "[]"),
            ("cleanup-policies", "old"),
        ] {
            let failure = body(&options(&[(name, value)])).unwrap_err();
            assert!(failure.message.contains(name), "{name}={value}: {}", failure.message);
        }
    }
}
