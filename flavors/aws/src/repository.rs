//! The image's repository, which has to exist in ECR before a push.

use crhost_flavor::{Failure, FailureKind, Image, Options};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::endpoint::{Answer, unreadable};
use crate::keys::Keys;
use crate::public;
use crate::sts::{self, Caller};
use crate::target::Target;

/// Whether to check the repository and to create a missing one, as the options say.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct CreatePolicy {
    /// Whether to look for the repository before a push.
    pub(crate) check: bool,
    /// Whether to create a missing one.
    pub(crate) create: bool,
    /// Whether a created one has immutable tags; AWS's default if `None`.
    immutable: Option<bool>,
    /// Whether a created one scans images; AWS's default if `None`.
    scan: Option<bool>,
}

#[derive(Deserialize)]
struct Described {
    repositories: Vec<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    repository_name: String,
    #[serde(default)]
    repository_uri: String,
}

impl CreatePolicy {
    /// Reads the options.
    pub(crate) fn of(options: &Options, public: bool) -> Result<Self, Failure> {
        let immutable = options.get("image-tag-mutability").map(|value| value == "immutable");
        let scan = options.flag("scan-on-push");
        if public && (scan.is_some() || immutable.is_some()) {
            return Err(Failure::invalid_input("ECR Public knows neither `scan-on-push` nor `image-tag-mutability`")
                .hint("leave these options out"));
        }
        Ok(Self {
            check: options.flag("check-repository").unwrap_or(true),
            create: options.flag("create-repository").unwrap_or(false),
            immutable,
            scan,
        })
    }
}

/// The name of an image's repository in ECR. In ECR Public, the alias before it belongs to the registry.
pub(crate) fn name(image: &Image, public: bool) -> Result<&str, Failure> {
    let (name, longest) = match public {
        false => (Some(image.repository.as_str()), 256),
        true => (image.repository.split_once('/').map(|(_, name)| name), 205),
    };
    match name {
        Some(name) if public && !public::is_name(name) => Err(Failure::invalid_input(format!(
            "`{name}` is not a repository of ECR Public, expected small letters and digits, with single `.`, `_` or `-` \
             between them"
        ))
        .hint("name the image otherwise")),
        Some(name) if (2..=longest).contains(&name.len()) => Ok(name),
        Some(name) => Err(Failure::invalid_input(format!(
            "`{name}` is not a repository of ECR, expected 2 to {longest} characters"
        ))
        .hint("name the image otherwise")),
        None => Err(Failure::invalid_input(format!(
            "image path `{}` does not fit ECR Public, expected `alias/repository`",
            image.repository
        ))
        .hint(format!("name the image e.g. `{}/a1b2c3d4/{}`", image.host, image.repository))),
    }
}

/// Makes sure that the repository exists; gives a note.
pub(crate) fn provide(
    target: &Target,
    keys: &Keys<'_>,
    policy: &CreatePolicy,
    image: &Image,
) -> Result<Option<String>, Failure> {
    let name = name(image, target.public)?;
    if !policy.check && !policy.create {
        return Ok(Some(format!("whether repository `{name}` exists was not looked at, as `check-repository` says")));
    }
    let mut body = Map::from_iter([("repositoryNames".to_owned(), json!([name]))]);
    body.extend(target.account.iter().map(|account| ("registryId".to_owned(), json!(account))));
    match target.ecr.json(keys, "DescribeRepositories", &body.into())? {
        Answer::Done(response) => {
            let described: Described = serde_json::from_slice(&response.body)
                .map_err(|_| unreadable(target.ecr.service, "DescribeRepositories"))?;
            let found = described.repositories.into_iter().find(|repository| repository.repository_name == name);
            let Some(found) = found else { return absent(target, keys, policy, image, name) };
            if target.public && !public::is_uri_of(&found.repository_uri, image) {
                public::own_alias(target, keys, image)?;
            }
            Ok(None)
        }
        Answer::Refused(refusal, _) if refusal.code == "RepositoryNotFoundException" => {
            absent(target, keys, policy, image, name)
        }
        Answer::Refused(_, failure) => {
            if failure.kind == FailureKind::Denied {
                other_account(target, keys)?;
                let hint = failure.hint.clone().unwrap_or_default();
                return Err(
                    failure.hint(format!("{hint}; `--option check-repository=false` pushes without looking first"))
                );
            }
            Err(failure)
        }
    }
}

/// Creates a missing repository if the policy says so.
fn absent(
    target: &Target,
    keys: &Keys<'_>,
    policy: &CreatePolicy,
    image: &Image,
    name: &str,
) -> Result<Option<String>, Failure> {
    other_account(target, keys)?;
    if !policy.create {
        return Err(missing(target, name));
    }
    if target.public {
        public::own_alias(target, keys, image)?;
    }
    create(target, keys, policy, name).map(Some)
}

fn create(target: &Target, keys: &Keys<'_>, policy: &CreatePolicy, name: &str) -> Result<String, Failure> {
    match target.ecr.json(keys, "CreateRepository", &wanted(target, policy, name))? {
        Answer::Done(_) => Ok(format!("created repository `{name}` in {}", target.ecr.region)),
        // Another push created it in the meantime.
        Answer::Refused(refusal, _) if refusal.code == "RepositoryAlreadyExistsException" => {
            Ok(format!("repository `{name}` was created by somebody else in the same moment"))
        }
        Answer::Refused(_, failure) => Err(failure),
    }
}

/// The parameters of `CreateRepository`: in the registry's account, which may not be that of the keys.
fn wanted(target: &Target, policy: &CreatePolicy, name: &str) -> Value {
    let mutability = policy.immutable.map(|immutable| json!(if immutable { "IMMUTABLE" } else { "MUTABLE" }));
    let scanning = policy.scan.map(|scan| json!({"scanOnPush": scan}));
    let mut body = Map::from_iter([("repositoryName".to_owned(), json!(name))]);
    body.extend(target.account.iter().map(|account| ("registryId".to_owned(), json!(account))));
    body.extend(mutability.map(|value| ("imageTagMutability".to_owned(), value)));
    body.extend(scanning.map(|value| ("imageScanningConfiguration".to_owned(), value)));
    body.into()
}

fn missing(target: &Target, name: &str) -> Failure {
    let place = match &target.account {
        Some(account) => format!("account `{account}`, region `{}`", target.ecr.region),
        None => format!("region `{}`", target.ecr.region),
    };
    Failure::not_found(format!("{} has no repository `{name}` ({place})", target.ecr.service)).hint(format!(
        "`--option create-repository=true` when registering the registry has it created, or run `aws {} \
         create-repository --repository-name {name} --region {}`",
        target.ecr.signed_as, target.ecr.region
    ))
}

/// Fails if the registry belongs to another account than the keys, which explains a missing repository or a denial.
fn other_account(target: &Target, keys: &Keys<'_>) -> Result<(), Failure> {
    let Some(account) = &target.account else { return Ok(()) };
    // If STS can't tell, the caller has the failure that led here.
    match sts::caller(&target.sts, keys) {
        Ok(Caller { account: own, arn }) if own != *account => Err(Failure::denied(format!(
            "the registry belongs to account `{account}`, and the connector is `{arn}` of account `{own}`"
        ))
        .hint(format!(
            "use a connector of account `{account}`; or have that account's repository exist and its policy allow `{arn}` \
             to describe it and to push"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{self, options, registry};

    use super::*;

    fn image(repository: &str) -> Image {
        testing::image("public.ecr.aws", repository)
    }

    #[test]
    fn options_say_whether_to_look_and_what_to_create() {
        let policy = |values: &[(&str, &str)], public| CreatePolicy::of(&options(values), public);
        let expected = CreatePolicy { check: true, create: false, immutable: None, scan: None };
        assert_eq!(policy(&[], false).unwrap(), expected);
        let values = [("create-repository", "true"), ("image-tag-mutability", "immutable")];
        let expected = CreatePolicy { check: true, create: true, immutable: Some(true), scan: None };
        assert_eq!(policy(&values, false).unwrap(), expected);
        let values = [("check-repository", "false"), ("scan-on-push", "true"), ("image-tag-mutability", "mutable")];
        let expected = CreatePolicy { check: false, create: false, immutable: Some(false), scan: Some(true) };
        assert_eq!(policy(&values, false).unwrap(), expected);
        for value in [("scan-on-push", "true"), ("image-tag-mutability", "mutable")] {
            assert!(policy(&[value], true).unwrap_err().message.contains("ECR Public"), "{value:?}");
        }
    }

    #[test]
    fn the_alias_of_a_public_registry_is_not_part_of_the_repository() {
        assert_eq!(name(&image("acme/team/train"), true).unwrap(), "team/train");
        assert_eq!(name(&image("acme/team/train"), false).unwrap(), "acme/team/train");
        assert!(name(&image("train"), true).unwrap_err().hint.unwrap().contains("public.ecr.aws/a1b2c3d4/train"));
        // Private ones may have several separators in a row.
        assert!(name(&image("team__a/train--b"), false).is_ok());
        let long = "a".repeat(257);
        for (repository, public) in
            [("a", false), ("acme/a", true), (&*long, false), ("acme/team__a", true), ("acme/train--b", true)]
        {
            assert!(name(&image(repository), public).is_err(), "{repository}");
        }
    }

    #[test]
    fn a_repository_is_created_in_the_registry_s_account() {
        let target = |uri: &str| Target::of(&registry(uri, &[]), || Ok(None)).unwrap();
        let policy = CreatePolicy::of(&options(&[("scan-on-push", "true")]), false).unwrap();
        let private = wanted(&target("123456789012.dkr.ecr.us-east-1.amazonaws.com"), &policy, "train");
        let scanning = json!({"scanOnPush": true});
        let expected =
            json!({"repositoryName": "train", "registryId": "123456789012", "imageScanningConfiguration": scanning});
        assert_eq!(private, expected);
        let policy = CreatePolicy::of(&options(&[]), true).unwrap();
        assert_eq!(wanted(&target("public.ecr.aws/acme"), &policy, "train"), json!({"repositoryName": "train"}));
    }
}
