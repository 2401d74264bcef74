//! DigitalOcean's API: registries, and credentials for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crhost_flavor::http::{Api, Endpoint, Hints, Response, Service};
use crhost_flavor::{Connector, Credential, Failure, Operation, Options, Password, Purpose};
use serde_json::{Map, Value, json};

use crate::uri::HOST;

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint = Endpoint { option: "api-endpoint", address: "https://api.digitalocean.com" };

const SERVICE: Service<'_> = Service {
    name: "DigitalOcean",
    credential: "the API token",
    error_pointers: &["/message"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "create one at `https://cloud.digitalocean.com/account/api/tokens` and update the connector",
        denied: "give the token the scope `registry:read`",
        other: "see `https://status.digitalocean.com`, and check the option `api-endpoint`",
    },
};

/// Seconds that issued credentials last: longer than nearly every push, and short if they get lost.
const SECONDS: u64 = 3600;

/// The operation that has credentials issued.
pub(crate) fn issue_credentials() -> Operation {
    operation("issue-credentials", "Has short-lived credentials issued for a registry")
        .path("/v2/registries/*/docker-credentials")
        .query_of("read_write", ["true", "false"])
        .query("expiry_seconds")
}

/// The operation that reads registries.
pub(crate) fn read_registries() -> Operation {
    operation("read-registries", "Reads a registry before a push, and lists all of them")
        .path("/v2/registries")
        .path("/v2/registries/*")
}

/// The operation that lists repositories (pydo 0.44.0, `registries.list_repositories_v2`).
pub(crate) fn read_repositories() -> Operation {
    operation("read-repositories", "Counts the repositories of a registry before a push, where the plan limits them")
        .path("/v2/registries/*/repositoriesV2")
        .query_of("per_page", ["100"])
}

/// The operation that creates a registry (pydo 0.44.0, `registries.create`).
pub(crate) fn create_registry() -> Operation {
    let operation = Operation::new("create-registry", "Creates a missing registry, where the option says so");
    operation.post().at(ENDPOINT).bearer("token").path("/v2/registries")
}

/// What a missing registry is created as.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NewRegistry {
    /// Where its data is; DigitalOcean's choice if `None`.
    pub(crate) region: Option<String>,
    /// The plan to sign up for; the account's if `None`.
    pub(crate) tier: Option<String>,
}

/// The operation that asks for the token's account.
pub(crate) fn identify() -> Operation {
    operation("identify", "Asks whose the token is").path("/v2/account")
}

fn operation(name: &str, summary: &str) -> Operation {
    Operation::new(name, summary).get().at(ENDPOINT).bearer("token")
}

/// Whether issued credentials have to be good for more than reading.
pub(crate) fn writes(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Push | Purpose::Delete)
}

/// The API, with a token.
pub(crate) struct DigitalOceanApi<'a>(Api<'a>);

/// The subject of a question, for messages.
pub(crate) enum Subject<'a> {
    /// A registry.
    Registry(&'a str),
    /// Credentials of a registry.
    Credentials(&'a str),
    /// Anything else.
    Other,
}

impl<'a> DigitalOceanApi<'a> {
    /// The API at its own address, or at the one of the option.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        Ok(Self(Api::bearer(ENDPOINT.url(options), connector.required_secret("token")?)))
    }

    /// Checks that a registry exists, and has room for a repository; gives a note where the token may not know.
    pub(crate) fn check(
        &self,
        name: &str,
        repository: &str,
        create: Option<&NewRegistry>,
    ) -> Result<Option<String>, Failure> {
        let response = self.0.get(&format!("/v2/registries/{name}"))?;
        if let (404, Some(new)) = (response.status, create) {
            return self.create(name, new).map(Some);
        }
        if let Some(note) = unchecked(&response, name) {
            return Ok(Some(note));
        }
        answer(&response, &Subject::Registry(name))?;
        Ok(self.limit(name, repository))
    }

    /// The note about a plan that has no room for another repository: the registry would refuse the push's first
    /// request, and not say why. Plans without a limit have 0 (DigitalOcean's API, `included_repositories`).
    fn limit(&self, registry: &str, repository: &str) -> Option<String> {
        let subscription = self.0.get("/v2/registries/subscription").ok().filter(|response| response.status == 200)?;
        let most = included(&subscription).filter(|most| *most > 0)?;
        let list = self.0.get(&format!("/v2/registries/{registry}/repositoriesV2?per_page=100")).ok()?;
        full(&list, repository, most)
    }

    /// Creates a registry; gives a note.
    fn create(&self, name: &str, new: &NewRegistry) -> Result<String, Failure> {
        let mut body = Map::from_iter([("name".to_owned(), json!(name))]);
        body.extend(new.region.iter().map(|region| ("region".to_owned(), json!(region))));
        body.extend(new.tier.iter().map(|tier| ("subscription_tier_slug".to_owned(), json!(tier))));
        let response = self.0.post("/v2/registries", &body.into())?;
        let said = SERVICE.said(&response);
        match response.status {
            200..=299 => Ok(format!("created registry `{name}`")),
            403 => Err(Failure::denied(format!("the API token may not create registries{said}"))
                .hint("give the token the scope `registry:create`")),
            409 => Err(Failure::conflict(format!("the name `{name}` is taken by a registry of another team{said}"))
                .hint("names are unique among all of DigitalOcean's registries: choose another one")),
            400 | 412 | 422 => Err(Failure::invalid_input(format!(
                "DigitalOcean does not create registry `{name}`{said}"
            ))
            .hint("a plan may allow no further registry: `doctl registry options subscription-tiers` shows them")),
            _ => SERVICE.check(&response).map(|()| String::new()),
        }
    }

    /// Has credentials issued for a registry.
    pub(crate) fn issue(&self, name: &str, purpose: Purpose, now: u64) -> Result<Credential, Failure> {
        let query = format!("read_write={}&expiry_seconds={SECONDS}", writes(purpose));
        let path = format!("/v2/registries/{name}/docker-credentials?{query}");
        let config = answer(&self.0.get(&path)?, &Subject::Credentials(name))?;
        let (username, password) = credentials(&config).ok_or_else(|| SERVICE.unreadable())?;
        let basic = Credential::basic(username, Password::Plain(password));
        Ok(basic.expires_at(now.saturating_add(SECONDS)).for_whole_registry().into())
    }

    /// The account of the token.
    pub(crate) fn account(&self) -> Result<String, Failure> {
        let response = self.0.get("/v2/account")?;
        if response.status == 403 {
            // The token is good, and lacks the scope `account:read`.
            return Ok("an API token that may not say whose it is".to_owned());
        }
        SERVICE.text(&response, "/account/email")
    }

    /// The names of all registries.
    pub(crate) fn registries(&self) -> Result<Vec<String>, Failure> {
        names(&answer(&self.0.get("/v2/registries")?, &Subject::Other)?).ok_or_else(|| SERVICE.unreadable())
    }
}

/// The note about a registry that the token may not read; the token may push there all the same.
pub(crate) fn unchecked(response: &Response, name: &str) -> Option<String> {
    (response.status == 403).then(|| {
        let why = match SERVICE.said(response) {
            said if said.is_empty() => ", e.g. for want of the scope `registry:read`".to_owned(),
            said => said,
        };
        format!("whether the registry `{name}` exists was not checked: the token may not look at it{why}")
    })
}

/// The body of a successful answer, or the failure for any other.
pub(crate) fn answer(response: &Response, subject: &Subject<'_>) -> Result<Value, Failure> {
    let said = SERVICE.said(response);
    Err(match (response.status, subject) {
        (403, Subject::Credentials(name)) => {
            Failure::denied(format!("the API token may not have credentials issued for the registry `{name}`{said}"))
                .hint("give the token the scopes `registry:read` and `registry:update`")
        }
        (403, _) => Failure::denied(format!("the API token may not read registries{said}")).hint(SERVICE.hints.denied),
        (404, Subject::Registry(name) | Subject::Credentials(name)) => Failure::not_found(format!(
            "the team of the API token has no registry `{name}`{said}"
        ))
        .hint(format!("create it with `doctl registries create {name}`, or use a token of the team that has it")),
        _ => return SERVICE.check(response).map(|()| response.json()),
    })
}

/// User name and password in a configuration of Docker's form.
pub(crate) fn credentials(config: &Value) -> Option<(String, String)> {
    let pair = STANDARD.decode(config.get("auths")?.get(HOST)?.get("auth")?.as_str()?).ok()?;
    let (username, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    (!username.is_empty() && !password.is_empty()).then(|| (username.to_owned(), password.to_owned()))
}

/// The most repositories of a plan; 0 without a limit.
pub(crate) fn included(response: &Response) -> Option<u64> {
    response.json().pointer("/subscription/tier/included_repositories")?.as_u64()
}

/// Reads the list of a registry's repositories: a note if there are as many as the plan includes, and this is another.
pub(crate) fn full(response: &Response, repository: &str, most: u64) -> Option<String> {
    let body = response.json();
    let names = body.get("repositories")?.as_array().filter(|_| response.status == 200)?;
    let is_there = names.iter().any(|entry| entry.get("name").and_then(Value::as_str) == Some(repository));
    let count = body.pointer("/meta/total").and_then(Value::as_u64).unwrap_or(names.len() as u64);
    (!is_there && count >= most).then(|| {
        format!(
            "the plan includes {most} repositories, and there are {count}: DigitalOcean may refuse `{repository}` as another one"
        )
    })
}

/// The names in a listing of registries.
pub(crate) fn names(body: &Value) -> Option<Vec<String>> {
    body.get("registries")?
        .as_array()?
        .iter()
        .map(|registry| Some(registry.get("name")?.as_str()?.to_owned()))
        .collect()
}
