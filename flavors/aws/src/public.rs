//! ECR Public: its stricter names, and the aliases of its registries.

use crhost_flavor::{Failure, Image};
use serde::Deserialize;
use serde_json::json;

use crate::endpoint::{Answer, unreadable};
use crate::host::PUBLIC;
use crate::keys::Keys;
use crate::target::Target;

#[derive(Deserialize)]
struct Described {
    registries: Vec<Registry>,
}

#[derive(Deserialize)]
struct Registry {
    #[serde(default)]
    aliases: Vec<Alias>,
}

/// An alias of a registry: a default one, or one of its owner's choice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alias {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    primary_registry_alias: bool,
}

/// Whether a text is an alias (botocore 1.44.5, `RegistryAliasName`).
pub(crate) fn is_alias(text: &str) -> bool {
    let first_two = |(at, b): (usize, u8)| b.is_ascii_lowercase() || (at == 1 && b.is_ascii_digit());
    (2..=50).contains(&text.len()) && text.bytes().take(2).enumerate().all(first_two) && are_words(text)
}

/// Whether a text has the form of a repository, whatever its length (botocore 1.44.5, `RepositoryName`); private
/// repositories may have `__` and several `-` in a row, too.
pub(crate) fn is_name(text: &str) -> bool {
    text.split('/').all(are_words)
}

/// Whether a text is lower-case letters and digits, with single separators between them.
fn are_words(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split(['.', '_', '-']).all(is_word)
}

/// Whether a URI is that of an image's repository.
pub(crate) fn is_uri_of(uri: &str, image: &Image) -> bool {
    uri.split_once('/').is_some_and(|(host, path)| PUBLIC.contains(&host) && path == image.repository)
}

/// Fails unless the image's alias belongs to the registry of the keys. The API knows that registry only, and would take
/// another registry's alias for it.
pub(crate) fn own_alias(target: &Target, keys: &Keys<'_>, image: &Image) -> Result<(), Failure> {
    const OPERATION: &str = "DescribeRegistries";
    let response = match target.ecr.json(keys, OPERATION, &json!({}))? {
        Answer::Done(response) => response,
        Answer::Refused(_, failure) => return Err(failure),
    };
    compare(&response.body, image).unwrap_or_else(|| Err(unreadable(target.ecr.service, OPERATION)))
}

/// Looks for the image's alias among those of an answer; `None` if the answer can't be read.
fn compare(body: &[u8], image: &Image) -> Option<Result<(), Failure>> {
    let described: Described = serde_json::from_slice(body).ok()?;
    let (alias, name) = image.repository.split_once('/')?;
    let mut aliases: Vec<Alias> = described.registries.into_iter().flat_map(|registry| registry.aliases).collect();
    aliases.retain(|alias| is_alias(&alias.name));
    let asked_for = aliases.iter().find(|own| own.name == alias);
    let waits = asked_for.is_some_and(|own| !own.is_usable());
    if asked_for.is_some() && !waits {
        return Some(Ok(()));
    }
    aliases.retain(Alias::is_usable);
    aliases.sort_by_key(|alias| !alias.primary_registry_alias);
    let own: Vec<String> = aliases.iter().map(|alias| format!("`{}`", alias.name)).collect();
    let has = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
    let host = &image.host;
    let failure = Failure::denied(if waits {
        format!(
            "`{host}/{alias}` is the connector's registry only once AWS has approved this alias; by now it has {has}"
        )
    } else {
        format!("`{host}/{alias}` is not the connector's registry, whose alias is {has}")
    });
    Some(Err(failure.hint(match aliases.first() {
        Some(own) => {
            format!("push to `{host}/{}/{name}`, or use a connector of the account that has alias `{alias}`", own.name)
        }
        None => format!(
            "use a connector of the account that has alias `{alias}`; an account gets its first alias with its first \
             repository: `aws ecr-public create-repository --repository-name {name} --region us-east-1`"
        ),
    })))
}

impl Alias {
    fn is_usable(&self) -> bool {
        !["PENDING", "REJECTED"].contains(&self.status.as_str())
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;

    use super::*;

    fn image(repository: &str) -> Image {
        Image { host: "public.ecr.aws".into(), repository: repository.into(), tag: None, digest: None }
    }

    fn registry(aliases: &[(&str, &str, bool)]) -> String {
        let aliases: Vec<_> = aliases
            .iter()
            .map(|(name, status, primary)| {
                json!({"name": name, "status": status, "primaryRegistryAlias": primary, "defaultRegistryAlias": !primary})
            })
            .collect();
        json!({"registries": [{"registryId": "123456789012", "verified": false, "aliases": aliases}]}).to_string()
    }

    #[test]
    fn names_have_single_separators_within_and_nothing_else() {
        for name in ["train", "team/train", "a.b_c-d/e1", "1/2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a__b", "a--b", "a.-b", "-a", "a-", "a//b", "/a", "a/", "A", "a b", "ä"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn an_alias_begins_with_a_letter() {
        for alias in ["acme", "a1b2c3d4", "a1", "ac-me", &"a".repeat(50)] {
            assert!(is_alias(alias), "{alias}");
        }
        for alias in ["", "a", "1a", "a-b", "ac--me", "acme-", "ac/me", "Acme", &"a".repeat(51)] {
            assert!(!is_alias(alias), "{alias}");
        }
    }

    #[test]
    fn the_uri_of_another_alias_is_not_the_image_s() {
        assert!(is_uri_of("public.ecr.aws/acme/train", &image("acme/train")));
        assert!(is_uri_of("ecr-public.aws.com/acme/train", &image("acme/train")));
        for uri in ["public.ecr.aws/other/train", "example.com/acme/train", ""] {
            assert!(!is_uri_of(uri, &image("acme/train")), "{uri}");
        }
    }

    #[test]
    fn every_alias_of_the_registry_is_its_own_and_no_other() {
        let body = registry(&[("a1b2c3d4", "ACTIVE", false), ("acme", "ACTIVE", true), ("soon", "PENDING", false)]);
        for own in ["a1b2c3d4", "acme"] {
            assert!(compare(body.as_bytes(), &image(&format!("{own}/train"))).unwrap().is_ok(), "{own}");
        }
        for (other, words) in [("somebody", "`acme`, `a1b2c3d4`"), ("soon", "approved")] {
            let failure = compare(body.as_bytes(), &image(&format!("{other}/train"))).unwrap().unwrap_err();
            assert_eq!(failure.kind, FailureKind::Denied, "{other}");
            assert!(failure.message.contains(words), "{}", failure.message);
            assert!(failure.hint.unwrap().contains("`public.ecr.aws/acme/train`"), "{other}");
        }
    }

    #[test]
    fn who_has_no_alias_yet_is_told_how_to_get_one() {
        for body in [r#"{"registries":[]}"#, r#"{"registries":[{}]}"#, &registry(&[("no\nalias", "ACTIVE", true)])] {
            let failure = compare(body.as_bytes(), &image("acme/train")).unwrap().unwrap_err();
            assert_eq!(failure.kind, FailureKind::Denied, "{body}");
            assert!(failure.hint.unwrap().contains("create-repository --repository-name train"), "{body}");
        }
    }

    #[test]
    fn half_an_answer_is_nobody_s_alias() {
        for body in ["", "{", "{}", "[]", r#"{"registries":"#, r#"{"registries":[{"aliases":[{}]}]}"#] {
            assert!(compare(body.as_bytes(), &image("acme/train")).is_none(), "{body}");
        }
    }
}
