//! The names of what a result is about, for `--output name`.

use serde_json::Value;

use super::shape::elements;

/// Members that name an object, the first that is there: its own name, the name that it had, the registry that it is
/// about, what stands for a name where there is none.
pub(in crate::cli) const NAMES: [&str; 9] =
    ["name", "removed", "registry", "uri", "type", "check", "url", "file", "at"];

/// The member with the parts of a result that has no name itself: what a sync did in each repository.
pub(in crate::cli) const PARTS: &str = "repositories";

/// The member with what belongs to an image: manifests that have a digest and no name.
const REFERRERS: &str = "referrers";

/// The names; each element's of a list.
pub(super) fn of(document: &Value) -> Vec<String> {
    if let Some(gone) = of_cleanup(document) {
        return gone;
    }
    match elements(document) {
        Some(elements) => elements.iter().filter_map(name).collect(),
        None if document.get(REFERRERS).is_some() => of_referrers(document),
        None => name(document).map_or_else(|| of_parts(document), |name| vec![name]),
    }
}

/// The images that go by the plan of a clean-up, or went: what it is about, beside its registry.
fn of_cleanup(document: &Value) -> Option<Vec<String>> {
    let host = document.get("registry")?.as_str()?.split('/').next()?;
    let list = |object: &Value, member: &str| object.get(member).and_then(Value::as_array).cloned();
    let name = |repository: &Value, gone: &Value| {
        let digest = gone.get("digest")?.as_str()?;
        Some(format!("{host}/{}@{digest}", repository.get("repository")?.as_str()?))
    };
    if let Some(deleted) = list(document, "deleted") {
        return Some(deleted.iter().filter_map(|gone| name(gone, gone)).collect());
    }
    document.get("deletions")?;
    let repositories = list(document, "repositories")?;
    let of_one = |repository: &Value| {
        let deletions = list(repository, "deletions").unwrap_or_default();
        deletions.iter().filter_map(|gone| name(repository, gone)).collect::<Vec<_>>()
    };
    Some(repositories.iter().flat_map(of_one).collect())
}

/// The names of the parts of a result that has none itself.
fn of_parts(document: &Value) -> Vec<String> {
    let parts = document.get(PARTS).and_then(Value::as_array);
    parts.into_iter().flatten().filter_map(name).collect()
}

/// The names of what belongs to an image, and of what belongs to that: its repository with their digests.
fn of_referrers(document: &Value) -> Vec<String> {
    let repository = name(document).unwrap_or_default();
    let repository = repository.split('@').next().unwrap_or_default();
    let (mut names, mut left) = (Vec::new(), vec![document]);
    while let Some(node) = left.pop() {
        let digest = node.get("digest").and_then(Value::as_str);
        names.extend(digest.map(|digest| format!("{repository}@{digest}")));
        left.extend(node.get(REFERRERS).and_then(Value::as_array).into_iter().flatten().rev());
    }
    names
}

/// The name of one object. An image that was pushed is named by its digest, as a push prints it.
fn name(object: &Value) -> Option<String> {
    let text = |member: &str| object.get(member).and_then(Value::as_str);
    let name = NAMES.into_iter().find_map(text)?;
    if object.get("tags").is_none() {
        return Some(name.to_owned());
    }
    Some(match (text("digest"), text("tag")) {
        (Some(digest), _) => format!("{name}@{digest}"),
        (None, Some(tag)) => format!("{name}:{tag}"),
        (None, None) => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_of_the_elements_or_of_the_object_itself() {
        let list = json!({ "schemaVersion": 1, "registries": [{ "name": "a", "uri": "x" }, { "name": "b" }] });
        assert_eq!(of(&list), ["a", "b"]);
        assert_eq!(of(&json!({ "schemaVersion": 1, "registry": "a", "host": "x" })), ["a"]);
        assert_eq!(of(&json!({ "schemaVersion": 1, "name": "a", "digest": "sha256:1" })), ["a"]);
        let parts = json!({ "schemaVersion": 1, "copied": 1, "seconds": 0.1, "repositories": [{ "name": "h/a" }] });
        assert_eq!(of(&parts), ["h/a"]);
        assert_eq!(of(&json!({ "name": "h/a", "digest": "sha256:1", "tag": "v1", "tags": ["v1"] })), ["h/a@sha256:1"]);
        assert_eq!(of(&json!({ "name": "h/a", "digest": null, "tag": "v1", "tags": ["v1"] })), ["h/a:v1"]);
        assert!(of(&json!({ "schemaVersion": 1, "registries": [] })).is_empty());
        let plan = json!({ "registry": "h/acme", "name": "prod", "deletions": 1, "repositories": [
            { "repository": "acme/a", "deletions": [{ "digest": "sha256:1", "tags": ["v1"] }] },
            { "repository": "acme/b", "deletions": [] },
        ]});
        assert_eq!(of(&plan), ["h/acme/a@sha256:1"]);
        let applied = json!({ "registry": "h", "gone": 0, "deleted": [{ "repository": "a", "digest": "sha256:1" }] });
        assert_eq!(of(&applied), ["h/a@sha256:1"]);
        let nodes =
            json!([{ "digest": "sha256:2", "referrers": [{ "digest": "sha256:3" }] }, { "digest": "sha256:4" }]);
        let belonging = json!({ "schemaVersion": 1, "name": "h/a@sha256:1", "referrers": nodes });
        assert_eq!(of(&belonging), ["h/a@sha256:2", "h/a@sha256:3", "h/a@sha256:4"]);
    }
}
