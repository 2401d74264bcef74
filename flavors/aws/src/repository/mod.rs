//! The image's repository, which has to exist in ECR before a push.

mod settings;
mod template;

use crhost_flavor::{Failure, FailureKind, Image};
use serde::Deserialize;
use serde_json::{Map, json};

use crate::endpoint::{Answer, unreadable};
use crate::keys::Keys;
use crate::public;
use crate::refusal::MAY_NOT;
use crate::sts::{self, Caller};
use crate::target::Target;

pub(crate) use settings::{CreatePolicy, options};
use template::Templates;

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
    #[serde(default)]
    image_tag_mutability: String,
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

/// Makes sure that the repository exists, or that the push creates it; gives notes.
pub(crate) fn provide(
    target: &Target,
    keys: &Keys<'_>,
    policy: &CreatePolicy,
    image: &Image,
) -> Result<Vec<String>, Failure> {
    let name = name(image, target.public)?;
    if !policy.check && !policy.create {
        return Ok(vec![format!("whether repository `{name}` exists was not looked at, as `check-repository` says")]);
    }
    let wanted = Wanted { target, keys, policy, image, name };
    let mut body = Map::from_iter([("repositoryNames".to_owned(), json!([name]))]);
    body.extend(target.account.iter().map(|account| ("registryId".to_owned(), json!(account))));
    match target.ecr.json(keys, "DescribeRepositories", &body.into())? {
        Answer::Done(response) => {
            let described: Described = serde_json::from_slice(&response.body)
                .map_err(|_| unreadable(target.ecr.service, "DescribeRepositories"))?;
            let found = described.repositories.into_iter().find(|repository| repository.repository_name == name);
            let Some(found) = found else { return wanted.absent() };
            if target.public && !public::is_uri_of(&found.repository_uri, image) {
                public::own_alias(target, keys, image)?;
            }
            // ECR refuses the tag only once all layers are there.
            let immutable = found.image_tag_mutability.starts_with("IMMUTABLE");
            Ok(immutable
                .then(|| format!("tags of `{name}` are immutable: one that exists can't be pushed again"))
                .into_iter()
                .collect())
        }
        Answer::Refused(refusal, _) if refusal.code == "RepositoryNotFoundException" => wanted.absent(),
        Answer::Refused(refusal, failure) if MAY_NOT.contains(&refusal.code.as_str()) => wanted.unseen(&failure),
        Answer::Refused(_, failure) => Err(failure),
    }
}

/// A repository that is wanted for a push.
struct Wanted<'a> {
    target: &'a Target,
    keys: &'a Keys<'a>,
    policy: &'a CreatePolicy,
    image: &'a Image,
    name: &'a str,
}

impl Wanted<'_> {
    /// Whether the principal may not look, and the push may succeed all the same; a note. Where the user asked for it,
    /// the repository is created unseen.
    fn unseen(&self, failure: &Failure) -> Result<Vec<String>, Failure> {
        let Self { target, keys, policy, name, .. } = self;
        let of_another = other_account(target, keys).err();
        let reason = of_another.as_ref().map_or(&failure.message, |other| &other.message);
        let unseen = format!("whether repository `{name}` exists was not looked at: {reason}");
        if !policy.create {
            return Ok(vec![unseen]);
        }
        match self.create() {
            Err(refused) if refused.kind == FailureKind::Denied => Ok(vec![format!("{unseen}; {}", refused.message)]),
            created => created,
        }
    }

    /// Creates a missing repository if the policy says so, and leaves it to a creation template where one applies.
    fn absent(&self) -> Result<Vec<String>, Failure> {
        let Self { target, keys, policy, image, name } = self;
        other_account(target, keys)?;
        if target.public {
            if !policy.create {
                return Err(missing(target, name));
            }
            public::own_alias(target, keys, image)?;
            return self.create();
        }
        let unknown = match template::look(target, keys, name)? {
            Templates::Creates(prefix) => {
                return Ok(vec![format!(
                    "the push creates repository `{name}`, as the repository creation template `{prefix}` says"
                )]);
            }
            Templates::None => None,
            Templates::Unseen(reason) => Some(reason),
        };
        match (policy.create, unknown) {
            (false, None) => Err(missing(target, name)),
            (false, Some(reason)) => Ok(vec![format!(
                "there is no repository `{name}`; the push fails unless a repository creation template has it created, \
                 which was not looked at: {reason}"
            )]),
            (true, None) => self.create(),
            (true, Some(reason)) => {
                let mut notes = self.create()?;
                notes.push(format!("whether a repository creation template is for it was not looked at: {reason}"));
                Ok(notes)
            }
        }
    }

    fn create(&self) -> Result<Vec<String>, Failure> {
        let Self { target, keys, policy, name, .. } = self;
        match target.ecr.json(keys, "CreateRepository", &policy.body(target, name))? {
            Answer::Done(_) => {}
            // Another push created it in the meantime, or this one may not see it.
            Answer::Refused(refusal, _) if refusal.code == "RepositoryAlreadyExistsException" => {
                return Ok(vec![format!("repository `{name}` was created by somebody else in the same moment")]);
            }
            Answer::Refused(_, failure) => return Err(failure),
        }
        for (operation, body) in policy.policies(target, name) {
            target.ecr.json(keys, operation, &body)?.done().map_err(|failure| {
                let message =
                    format!("repository `{name}` was created, and its policy was not set: {}", failure.message);
                Failure { message, ..failure }
            })?;
        }
        Ok(vec![format!("created repository `{name}` in {}", target.ecr.region)])
    }
}

fn missing(target: &Target, name: &str) -> Failure {
    let place = match &target.account {
        Some(account) => format!("account `{account}`, region `{}`", target.ecr.region),
        None => format!("region `{}`", target.ecr.region),
    };
    let templates = match target.public {
        true => "",
        false => "; a repository creation template for `CREATE_ON_PUSH` would have the push create it",
    };
    Failure::not_found(format!("{} has no repository `{name}` ({place})", target.ecr.service)).hint(format!(
        "`--option create-repository=true` when registering the registry has it created, or run `aws {} \
         create-repository --repository-name {name} --region {}`{templates}",
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
mod tests;
