//! Repository creation templates: what ECR creates repositories by when an image is pushed (AWS's user guide,
//! "Templates to control repositories created during a pull through cache, create on push, or replication action").

use crhost_flavor::Failure;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::endpoint::{Answer, unreadable};
use crate::keys::Keys;
use crate::refusal::MAY_NOT;
use crate::target::Target;

const OPERATION: &str = "DescribeRepositoryCreationTemplates";
/// The prefix of the template for names that no other one is for.
const ROOT: &str = "ROOT";
/// Most pages that are read, of 100 templates each: an account has 50 templates at most.
const PAGES: usize = 2;

/// What is known of the templates of a registry.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Templates {
    /// The push creates the repository by the template with this prefix.
    Creates(String),
    /// No template has it created.
    None,
    /// The principal may not look, in AWS's words.
    Unseen(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    repository_creation_templates: Vec<Template>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    prefix: String,
    #[serde(default)]
    applied_for: Vec<String>,
}

/// Looks for the template that a repository's name has.
pub(super) fn look(target: &Target, keys: &Keys<'_>, name: &str) -> Result<Templates, Failure> {
    let (mut templates, mut next) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let mut body = json!({"maxResults": 100});
        if let (Some(body), Some(token)) = (body.as_object_mut(), next) {
            body.insert("nextToken".to_owned(), Value::String(token));
        }
        let page = match target.ecr.json(keys, OPERATION, &body)? {
            Answer::Done(response) => serde_json::from_slice::<Page>(&response.body),
            Answer::Refused(refusal, failure) if MAY_NOT.contains(&refusal.code.as_str()) => {
                return Ok(Templates::Unseen(failure.message));
            }
            // Partitions and emulators may lack the operation.
            Answer::Refused(..) => return Ok(Templates::None),
        };
        let page = page.map_err(|_| unreadable(target.ecr.service, OPERATION))?;
        templates.extend(page.repository_creation_templates);
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    Ok(of_name(&templates, name).map_or(Templates::None, |prefix| Templates::Creates(prefix.to_owned())))
}

/// The prefix of the template for a name, if it has repositories created by a push: the longest prefix counts, whatever
/// it is for, and `ROOT` is for all others.
fn of_name<'a>(templates: &'a [Template], name: &str) -> Option<&'a str> {
    let is_prefix = |prefix: &str| {
        let bare = prefix.trim_end_matches('/');
        prefix == ROOT || name.strip_prefix(bare).is_some_and(|rest| rest.starts_with('/'))
    };
    let length = |template: &&Template| if template.prefix == ROOT { 0 } else { template.prefix.len() };
    let found = templates.iter().filter(|template| is_prefix(&template.prefix)).max_by_key(length)?;
    found.applied_for.iter().any(|action| action == "CREATE_ON_PUSH").then_some(found.prefix.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides_and_root_is_for_the_others() {
        let template = |prefix: &str, actions: &[&str]| Template {
            prefix: prefix.into(),
            applied_for: actions.iter().map(|action| (*action).to_owned()).collect(),
        };
        const PUSH: &str = "CREATE_ON_PUSH";
        let all = [
            template("team", &[PUSH]),
            template("team/ml", &["REPLICATION"]),
            template("prod/", &["REPLICATION", PUSH]),
            template(ROOT, &[PUSH]),
        ];
        for (name, expected) in [
            ("team/train", Some("team")),
            ("team/ml/train", None),
            ("prod/train", Some("prod/")),
            ("teams/train", Some(ROOT)),
            ("team", Some(ROOT)),
            ("train", Some(ROOT)),
        ] {
            assert_eq!(of_name(&all, name), expected, "{name}");
        }
        assert_eq!(of_name(&all[..3], "train"), None);
    }
}
