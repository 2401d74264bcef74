//! The options about repositories, and what is created by them (botocore 1.43.11, model `ecr`, `CreateRepository`).

use crhost_flavor::{Failure, OptionSpec, Options};
use serde_json::{Map, Value, json};

use crate::target::Target;

const MUTABILITY: &str = "image-tag-mutability";
const EXCLUSIONS: &str = "tag-exclusions";
const SCAN: &str = "scan-on-push";
const ENCRYPTION: &str = "encryption";
const KMS_KEY: &str = "kms-key";
const TAGS: &str = "repository-tags";
const LIFECYCLE: &str = "lifecycle-policy";
const POLICY: &str = "repository-policy";

/// Options that ECR Public does not know.
const PRIVATE: [&str; 7] = [MUTABILITY, EXCLUSIONS, SCAN, ENCRYPTION, KMS_KEY, LIFECYCLE, POLICY];

/// The options, beside those that say whether to look and to create.
pub(crate) fn options() -> Vec<OptionSpec> {
    vec![
        OptionSpec::choice(
            MUTABILITY,
            "Whether tags of repositories that are created can be pushed again, private ones only",
            ["mutable", "immutable", "mutable-with-exclusion", "immutable-with-exclusion"],
        ),
        OptionSpec::text(EXCLUSIONS, "Tags that are the exclusion, between commas, e.g. `latest,dev-*`"),
        OptionSpec::flag(
            SCAN,
            "Whether repositories that are created scan images, private ones only; AWS replaces it by the registry's scanning",
        ),
        OptionSpec::choice(
            ENCRYPTION,
            "How repositories that are created are encrypted, private ones only",
            ["aes256", "kms", "kms-dsse"],
        ),
        OptionSpec::text(KMS_KEY, "The key in KMS that repositories which are created are encrypted with"),
        OptionSpec::text(TAGS, "AWS's tags of repositories that are created, e.g. `team=ml,cost-center=7`"),
        OptionSpec::text(LIFECYCLE, "Lifecycle policy of repositories that are created, as JSON, private ones only"),
        OptionSpec::text(POLICY, "Permissions of repositories that are created, as JSON, private ones only"),
    ]
}

/// Whether to check the repository, and what a missing one is created as, as the options say. AWS's default is what an
/// option that is missing leaves.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct CreatePolicy {
    /// Whether to look for the repository before a push.
    pub(crate) check: bool,
    /// Whether to create a missing one.
    pub(crate) create: bool,
    /// Members of the request that creates one.
    members: Map<String, Value>,
    /// Policies in JSON that it gets afterwards.
    lifecycle: Option<String>,
    policy: Option<String>,
}

impl CreatePolicy {
    /// Reads the options; fails for those that ECR would refuse once the image is on its way.
    pub(crate) fn of(options: &Options, public: bool) -> Result<Self, Failure> {
        if let Some(name) = PRIVATE.iter().find(|name| public && options.get(name).is_some()) {
            return Err(Failure::invalid_input(format!("ECR Public does not know the option `{name}`"))
                .hint("leave this option out"));
        }
        let mut members = Map::new();
        let mut insert = |name: &str, value: Option<Value>| {
            members.extend(value.map(|value| (name.to_owned(), value)));
        };
        insert("imageTagMutability", options.get(MUTABILITY).map(|value| json!(word(value))));
        insert("imageTagMutabilityExclusionFilters", exclusions(options)?);
        insert("imageScanningConfiguration", options.flag(SCAN).map(|scan| json!({"scanOnPush": scan})));
        insert("encryptionConfiguration", encryption(options)?);
        insert("tags", options.get(TAGS).map(tags).transpose()?);
        Ok(Self {
            check: options.flag("check-repository").unwrap_or(true),
            create: options.flag("create-repository").unwrap_or(false),
            members,
            lifecycle: document(options, LIFECYCLE)?,
            policy: document(options, POLICY)?,
        })
    }

    /// The parameters of `CreateRepository`: in the registry's account, which may not be that of the keys.
    pub(super) fn body(&self, target: &Target, name: &str) -> Value {
        let mut body = of_repository(target, name);
        body.extend(self.members.clone());
        body.into()
    }

    /// The calls that give a created repository its policies.
    pub(super) fn policies(&self, target: &Target, name: &str) -> Vec<(&'static str, Value)> {
        let call = |operation, member: &str, text: &Option<String>| {
            let text = text.as_ref()?;
            let mut body = of_repository(target, name);
            body.insert(member.to_owned(), json!(text));
            Some((operation, body.into()))
        };
        let lifecycle = call("PutLifecyclePolicy", "lifecyclePolicyText", &self.lifecycle);
        lifecycle.into_iter().chain(call("SetRepositoryPolicy", "policyText", &self.policy)).collect()
    }
}

fn of_repository(target: &Target, name: &str) -> Map<String, Value> {
    let mut body = Map::from_iter([("repositoryName".to_owned(), json!(name))]);
    body.extend(target.account.iter().map(|account| ("registryId".to_owned(), json!(account))));
    body
}

/// An option's word as AWS has it.
fn word(value: &str) -> String {
    value.to_ascii_uppercase().replace('-', "_")
}

fn exclusions(options: &Options) -> Result<Option<Value>, Failure> {
    let with_exclusion = options.get(MUTABILITY).is_some_and(|value| value.ends_with("-with-exclusion"));
    let Some(text) = options.get(EXCLUSIONS) else {
        return match with_exclusion {
            false => Ok(None),
            true => Err(Failure::invalid_input(format!("option `{MUTABILITY}` needs `{EXCLUSIONS}`"))
                .hint(format!("add e.g. `--option {EXCLUSIONS}=latest`"))),
        };
    };
    if !with_exclusion {
        return Err(Failure::invalid_input(format!("option `{EXCLUSIONS}` needs `{MUTABILITY}` with an exclusion"))
            .hint(format!("add e.g. `--option {MUTABILITY}=immutable-with-exclusion`")));
    }
    let is_filter = |filter: &str| {
        (1..=128).contains(&filter.len()) && filter.bytes().all(|b| b.is_ascii_alphanumeric() || b"._*-".contains(&b))
    };
    let filters: Vec<&str> = text.split(',').map(str::trim).collect();
    match filters.iter().find(|filter| !is_filter(filter)) {
        Some(filter) => Err(Failure::invalid_input(format!(
            "`{filter}` in option `{EXCLUSIONS}` is no pattern of tags, expected letters, digits and any of `._*-`"
        ))),
        None => Ok(Some(
            filters.iter().map(|filter| json!({"filterType": "WILDCARD", "filter": filter})).collect::<Vec<_>>().into(),
        )),
    }
}

fn encryption(options: &Options) -> Result<Option<Value>, Failure> {
    Ok(match (options.get(ENCRYPTION), options.get(KMS_KEY)) {
        (None, None) => None,
        (Some("aes256"), Some(_)) => {
            return Err(Failure::invalid_input(format!("option `{KMS_KEY}` does not go with `{ENCRYPTION}=aes256`"))
                .hint(format!("write `{ENCRYPTION}=kms`, or leave the key out")));
        }
        (encryption, None) => encryption.map(|value| json!({"encryptionType": word(value)})),
        (encryption, Some(key)) => Some(json!({"encryptionType": word(encryption.unwrap_or("kms")), "kmsKey": key})),
    })
}

/// AWS's tags; a value may be empty and hold `=`.
fn tags(text: &str) -> Result<Value, Failure> {
    let tag = |pair: &str| match pair.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(json!({"Key": key.trim(), "Value": value.trim()})),
        _ => Err(Failure::invalid_input(format!("`{pair}` in option `{TAGS}` is no tag, expected `name=value`"))),
    };
    text.split(',').map(tag).collect::<Result<Vec<_>, _>>().map(Value::from)
}

/// A policy; fails if it is no JSON object.
fn document(options: &Options, name: &str) -> Result<Option<String>, Failure> {
    let Some(text) = options.get(name) else { return Ok(None) };
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => Ok(Some(text.to_owned())),
        _ => Err(Failure::invalid_input(format!("option `{name}` is no JSON object"))
            .hint(format!("give the content of a file: `--option \"{name}=$(cat policy.json)\"`"))),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{options, registry};

    use super::*;

    fn policy(values: &[(&str, &str)], public: bool) -> Result<CreatePolicy, Failure> {
        CreatePolicy::of(&options(values), public)
    }

    fn body(values: &[(&str, &str)]) -> Value {
        let target = Target::of(&registry("123456789012.dkr.ecr.us-east-1.amazonaws.com", &[]), || Ok(None)).unwrap();
        policy(values, false).unwrap().body(&target, "train")
    }

    #[test]
    fn options_say_whether_to_look_and_to_create() {
        let expected = CreatePolicy { check: true, ..CreatePolicy::default() };
        assert_eq!(policy(&[], false).unwrap(), expected);
        let both = policy(&[("create-repository", "true"), ("check-repository", "false")], true).unwrap();
        assert_eq!(both, CreatePolicy { create: true, ..CreatePolicy::default() });
        for name in PRIVATE {
            assert!(policy(&[(name, "mutable")], true).unwrap_err().message.contains(name), "{name}");
        }
    }

    #[test]
    fn a_repository_is_created_in_the_registry_s_account_as_the_options_say() {
        let base = json!({"repositoryName": "train", "registryId": "123456789012"});
        assert_eq!(body(&[]), base);
        for (values, member, expected) in [
            (&[("image-tag-mutability", "immutable")][..], "imageTagMutability", json!("IMMUTABLE")),
            (&[("scan-on-push", "true")], "imageScanningConfiguration", json!({"scanOnPush": true})),
            (&[("encryption", "aes256")], "encryptionConfiguration", json!({"encryptionType": "AES256"})),
            (
                &[("kms-key", "alias/a")],
                "encryptionConfiguration",
                json!({"encryptionType": "KMS", "kmsKey": "alias/a"}),
            ),
            (
                &[("encryption", "kms-dsse"), ("kms-key", "alias/a")],
                "encryptionConfiguration",
                json!({"encryptionType": "KMS_DSSE", "kmsKey": "alias/a"}),
            ),
            (
                &[("repository-tags", "team=ml, cost=a=b")],
                "tags",
                json!([{"Key": "team", "Value": "ml"}, {"Key": "cost", "Value": "a=b"}]),
            ),
            (
                &[("image-tag-mutability", "immutable-with-exclusion"), ("tag-exclusions", "latest,dev-*")],
                "imageTagMutabilityExclusionFilters",
                json!([{"filterType": "WILDCARD", "filter": "latest"}, {"filterType": "WILDCARD", "filter": "dev-*"}]),
            ),
        ] {
            assert_eq!(body(values)[member], expected, "{values:?}");
        }
    }

    #[test]
    fn options_that_ecr_would_refuse_are_told_before_the_push() {
        for (values, words) in [
            (&[("encryption", "aes256"), ("kms-key", "k")][..], "does not go with"),
            (&[("image-tag-mutability", "immutable-with-exclusion")], "needs `tag-exclusions`"),
            (&[("tag-exclusions", "latest")], "needs `image-tag-mutability`"),
            (&[("image-tag-mutability", "mutable-with-exclusion"), ("tag-exclusions", "a b")], "`a b`"),
            (&[("repository-tags", "team")], "`name=value`"),
            (&[("lifecycle-policy", "rules")], "no JSON object"),
            (&[("repository-policy", "[]")], "no JSON object"),
        ] {
            let failure = policy(values, false).unwrap_err();
            assert!(failure.message.contains(words), "{values:?}: {}", failure.message);
        }
    }
}
