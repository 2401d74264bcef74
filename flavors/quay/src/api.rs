//! Quay's API: repositories, and the owner of a token.

use crhost_flavor::http::{Api, Hints, Method, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation};
use serde_json::{Value, json};

use crate::permissions::Permissions;
use crate::uri::QUAY;

/// The option that names another API.
pub(crate) const ENDPOINT: &str = "quay-endpoint";

/// The auth method of an OAuth token, the only one that opens the API.
pub(crate) const OAUTH: &str = "oauth-token";

pub(crate) const SERVICE: Service<'_> = Service {
    name: "Quay",
    credential: "the token",
    error_pointers: &["/error_message", "/message", "/detail"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create an OAuth access token and update the connector",
        denied: "give the token the permissions `repo:read`, `repo:write`, `repo:create` and `user:read`",
        other: "see `https://status.quay.io`, and check the option `quay-endpoint`",
    },
};

/// An operation with an OAuth token.
pub(crate) fn operation(name: &str, summary: &str) -> Operation {
    Operation::new(name, summary).endpoint(ENDPOINT).bearer("token")
}

/// The operations with an OAuth token.
pub(crate) fn operations() -> [Operation; 6] {
    let of_registry = |name, summary| operation(name, summary).host("https://{registry}");
    [
        of_registry("check-repository", "Reads the repository of an image before a push")
            .get()
            .path("/api/v1/repository/*/*")
            .query_of("includeTags", ["false"]),
        of_registry("check-namespace", "Reads the organization or the user that has it")
            .get()
            .path("/api/v1/organization/*")
            .path("/api/v1/users/*"),
        of_registry("create-repository", "Creates a missing repository, where the option says so")
            .post()
            .path("/api/v1/repository"),
        of_registry("check-tag", "Reads whether the tag of an image is immutable")
            .get()
            .path("/api/v1/repository/*/*/tag/")
            .query("specificTag")
            .query_of("onlyActiveTags", ["true"])
            .query_of("limit", ["1"]),
        of_registry(
            "permit",
            "Gives teams and robots a role in a repository that was created, where the options say so",
        )
        .put()
        .path("/api/v1/repository/*/*/permissions/team/*")
        .path("/api/v1/repository/*/*/permissions/user/*")
        .body_of("role", Permissions::ROLES),
        operation("identify", "Asks whose the token is").get().host(format!("https://{QUAY}")).path("/api/v1/user/"),
    ]
}

/// The API, with an OAuth token.
pub(crate) struct QuayApi<'a>(Api<'a>);

/// What a missing repository is created as.
pub(crate) struct NewRepository {
    /// Whether everybody may pull from it.
    pub(crate) public: bool,
    /// Who else gets a role in it.
    pub(crate) permissions: Permissions,
}

/// The API's answer about a repository.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// It exists and takes pushes.
    Ready,
    /// It does not exist, or the token may not see it.
    Missing,
    /// The token may not ask; with Quay's words behind a colon.
    Hidden(String),
}

impl<'a> QuayApi<'a> {
    /// The API at a URL without `/api/v1`.
    pub(crate) fn new(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        Ok(Self(Api::bearer(url, connector.required_secret("token")?)))
    }

    /// Gets what is at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.0.get(path)?)
    }

    /// Deletes what is at a path.
    pub(crate) fn delete(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.0.delete(path)?)
    }

    /// Checks that a repository takes pushes, and gives notes; creates a missing repository if `create` says as what.
    pub(crate) fn check(
        &self,
        namespace: &str,
        name: &str,
        tag: Option<&str>,
        create: Option<&NewRepository>,
    ) -> Result<Vec<String>, Failure> {
        let repository = format!("{namespace}/{name}");
        let (owner, below) = (percent_encoded(namespace), percent_encoded(name));
        let path = format!("/api/v1/repository/{owner}/{below}?includeTags=false");
        let unknown = match found(&self.0.get(&path)?, &repository)? {
            Found::Ready => {
                // A user's namespace has no such page, and only members see the quota of an organization.
                let organization = self.0.get(&format!("/api/v1/organization/{owner}"));
                let quota = organization.map_or(Ok(None), |organization| quota(&organization, namespace))?;
                let tag = tag.and_then(|tag| self.check_tag(namespace, name, tag));
                return Ok(quota.into_iter().chain(tag).collect());
            }
            Found::Missing => {
                self.check_namespace(namespace)?;
                format!(
                    "the token sees no repository `{repository}`: the push creates it if the token may create in \
                     `{namespace}`"
                )
            }
            // A token that may create in a namespace and read nothing there gets this for a missing repository, too.
            Found::Hidden(said) => {
                format!("the token may not read repository `{repository}`, so it was not checked{said}")
            }
        };
        let Some(NewRepository { public, permissions }) = create else { return Ok(vec![unknown]) };
        let visibility = if *public { "public" } else { "private" };
        let body = json!({"repository": name, "namespace": namespace, "visibility": visibility, "description": "",
            "repo_kind": "image"});
        let created = created(&self.0.post("/api/v1/repository", &body)?, namespace)?;
        if created {
            self.permit(&path_of(namespace, name), permissions)?;
        }
        Ok(created.then(|| format!("repository `{repository}` was created, {visibility}")).into_iter().collect())
    }

    /// Gives teams and robots their roles in a repository (`endpoints/api/permission.py` of Quay).
    fn permit(&self, repository: &str, permissions: &Permissions) -> Result<(), Failure> {
        for (kind, name, role) in permissions.all() {
            let path = format!("{repository}/permissions/{kind}/{}", percent_encoded(name));
            let response = self.0.request(Method::Put, &path).json(&json!({"role": role})).send()?;
            permitted(&response, name)?;
        }
        Ok(())
    }

    /// The note about a tag that exists and is immutable (`endpoints/api/tag.py` of Quay), since Quay would refuse
    /// another image under it once all layers are there.
    fn check_tag(&self, namespace: &str, name: &str, tag: &str) -> Option<String> {
        let query = format!("specificTag={}&onlyActiveTags=true&limit=1", percent_encoded(tag));
        let response = self.0.get(&format!("{}/tag/?{query}", path_of(namespace, name))).ok()?;
        immutable(&response, &format!("{namespace}/{name}"), tag)
    }

    /// Refuses a namespace that is neither an organization nor a user: the registry itself would only say that it wants
    /// other credentials.
    fn check_namespace(&self, namespace: &str) -> Result<(), Failure> {
        for kind in ["organization", "users"] {
            let response = self.0.get(&format!("/api/v1/{kind}/{}", percent_encoded(namespace)))?;
            if response.status != 404 {
                return quota(&response, namespace).map(|_| ());
            }
        }
        Err(Failure::not_found(format!("Quay knows no organization or user `{namespace}`"))
            .hint("create the organization on Quay first, or push to a namespace that is there"))
    }

    /// The token's owner.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        SERVICE.text(&self.0.get("/api/v1/user/")?, "/username")
    }
}

/// The path of a repository in the API.
fn path_of(namespace: &str, name: &str) -> String {
    format!("/api/v1/repository/{}/{}", percent_encoded(namespace), percent_encoded(name))
}

/// Reads the list of one tag: a note if it is immutable.
pub(crate) fn immutable(response: &Response, repository: &str, tag: &str) -> Option<String> {
    let body = response.json();
    let is_immutable = body.pointer("/tags/0/immutable") == Some(&Value::Bool(true)) && response.status == 200;
    is_immutable.then(|| format!("tag `{tag}` of `{repository}` is immutable: Quay takes no other image under it"))
}

/// Reads the answer to a role that was given.
pub(crate) fn permitted(response: &Response, name: &str) -> Result<(), Failure> {
    let said = SERVICE.said(response);
    match response.status {
        400 | 404 => Err(Failure::not_found(format!("Quay gives `{name}` no role in the new repository{said}")).hint(
            "a team is of the organization, a robot is written `namespace+name`: the repository is there already",
        )),
        403 => Err(Failure::denied(format!("the token may not give `{name}` a role in the new repository{said}"))
            .hint("give the token the permission `repo:admin`: the repository is there already")),
        _ => SERVICE.check(response),
    }
}

/// Reads the answer about a repository. A repository that discards pushes is refused: the registry would not say why.
pub(crate) fn found(response: &Response, repository: &str) -> Result<Found, Failure> {
    match response.status {
        404 => return Ok(Found::Missing),
        403 => return Ok(Found::Hidden(SERVICE.said(response))),
        _ => {}
    }
    let body = SERVICE.object(response)?;
    match body.get("state").and_then(Value::as_str) {
        Some(state @ ("MIRROR" | "READ_ONLY" | "ORG_MIRROR")) => {
            Err(Failure::denied(format!("repository `{repository}` is in state `{state}`, which takes no pushes"))
                .hint("set its state to `Normal` in the repository's settings, or push to another"))
        }
        _ if body.get("can_write") == Some(&Value::Bool(false)) => {
            Err(Failure::denied(format!("the token may not write to repository `{repository}`"))
                .hint("give the token the permission `repo:write`, and its owner the role `Write` in the repository"))
        }
        _ => Ok(Found::Ready),
    }
}

/// Reads the answer to a creation: whether it created the repository. One that existed already is a success.
pub(crate) fn created(response: &Response, namespace: &str) -> Result<bool, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        400 | 409 if said.contains("already exists") => Ok(false),
        403 => Err(Failure::denied(format!("the token may not create repositories in `{namespace}`{said}"))
            .hint("give the token the permission `repo:create`, and its owner the role `Creator` in the organization")),
        402 => Err(Failure::denied(format!("`{namespace}` may have no more private repositories{said}"))
            .hint("make room or upgrade the plan, or create it with `--option visibility=public`")),
        _ => SERVICE.check(response).map(|()| true),
    }
}

/// Reads the quota of an organization (quay/quay, `endpoints/api/organization.py`): a note once a limit that warns is
/// passed, and a refusal for one that rejects, which Quay would do with the first layer's end.
pub(crate) fn quota(response: &Response, namespace: &str) -> Result<Option<String>, Failure> {
    let body = response.json();
    let quota = body.pointer("/quotas/0");
    let used = body.pointer("/quota_report/quota_bytes").and_then(Value::as_u64).unwrap_or_default();
    let bytes = quota.and_then(|quota| quota.get("limit_bytes")).and_then(Value::as_u64);
    let limits = quota.and_then(|quota| quota.get("limits")).and_then(Value::as_array);
    let (200, Some(bytes), Some(limits)) = (response.status, bytes, limits) else { return Ok(None) };
    let passed = |kind: &str| {
        let of_kind = limits.iter().filter(|limit| limit.get("type").and_then(Value::as_str) == Some(kind));
        let mut percents = of_kind.filter_map(|limit| limit.get("limit_percent").and_then(Value::as_u64));
        percents.any(|percent| u128::from(used) * 100 > u128::from(bytes) * u128::from(percent))
    };
    let percent = used.saturating_mul(100).checked_div(bytes).unwrap_or_default();
    match (passed("Reject"), passed("Warning")) {
        (true, _) => Err(Failure::denied(format!(
            "organization `{namespace}` uses {percent}% of its quota, and Quay takes no more"
        ))
        .hint("delete images (`crhost prune`), or have whoever runs Quay raise the quota")),
        (false, true) => Ok(Some(format!("organization `{namespace}` uses {percent}% of its quota"))),
        (false, false) => Ok(None),
    }
}
