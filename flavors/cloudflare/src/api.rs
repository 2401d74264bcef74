//! Cloudflare's API: accounts, and credentials for the registry.

use std::fmt;

use crhost_flavor::http::{Api, Endpoint, Hints, Response, Service};
use crhost_flavor::{Connector, Credential, Failure, FailureKind, Operation, Options, Password, Purpose};
use serde_json::{Value, json};

use crate::uri::{FEDRAMP, HOST};

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint =
    Endpoint { option: "api-endpoint", address: "https://api.cloudflare.com/client/v4" };

/// The address for accounts under FedRAMP High (cloudflare/workers-sdk, tests of `vite-plugin-cloudflare`).
const FEDRAMP_API: Endpoint = Endpoint { address: "https://api.fed.cloudflare.com/client/v4", ..ENDPOINT };

const SERVICE: Service<'_> = Service {
    name: "Cloudflare",
    credential: "the API token",
    error_pointers: &["/errors/0/message"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "create one at `https://dash.cloudflare.com/profile/api-tokens` and update the connector",
        denied: "give it the permission `Containers: Edit`",
        other: "see `https://www.cloudflarestatus.com`, and check the option `api-endpoint`",
    },
};

/// Minutes that issued credentials last: longer than nearly every push, and short if they get lost.
const MINUTES: u64 = 60;

/// Accounts on a page: the most that the API gives at once.
const PER_PAGE: u64 = 50;
/// Pages that are asked for: far fewer requests than crhost allows in one call.
const PAGES: u64 = 20;

/// Codes of errors that mean an unknown token: 1000 is one that Cloudflare does not know, 6003 and 6111 are header
/// values that can't be a token.
const UNKNOWN_TOKEN: [u64; 3] = [1000, 6003, 6111];

/// The operation that has credentials issued.
pub(crate) fn issue_credentials() -> Operation {
    let operation = Operation::new("issue-credentials", "Has short-lived credentials issued for an account's registry");
    let path = |host: &str| format!("/accounts/*/containers/registries/{host}/credentials");
    below(operation.post(), &path(HOST))
        .path(format!("/client/v4{}", path(FEDRAMP)))
        .path(path(FEDRAMP))
        .host(FEDRAMP_API.origin())
}

/// The operation that lists accounts.
pub(crate) fn list_accounts() -> Operation {
    let operation = Operation::new("list-accounts", "Lists the accounts that the token sees");
    below(operation.get(), "/accounts").query("page").query("per_page")
}

/// Adds the API's hosts and a path. The option's value holds all that stands before the path.
fn below(operation: Operation, path: &str) -> Operation {
    operation.at(ENDPOINT).path(format!("/client/v4{path}")).path(path).bearer("token")
}

/// What issued credentials have to be good for. Cloudflare knows no other permissions; its own tool deletes with both.
pub(crate) fn permissions(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Pull | Purpose::Listing => &["pull"],
        Purpose::Push | Purpose::Delete => &["pull", "push"],
    }
}

/// The API, with a token.
pub(crate) struct CloudflareApi<'a> {
    api: Api<'a>,
    /// The registry that credentials are for.
    registry: &'static str,
}

/// An account that the token sees.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Account {
    /// Its id, which is the first component of its registry's path.
    pub(crate) id: String,
    name: String,
}

/// One page of accounts.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Page {
    /// The accounts on it.
    pub(crate) accounts: Vec<Account>,
    /// How many pages there are.
    pub(crate) of: u64,
}

impl<'a> CloudflareApi<'a> {
    /// The API at its own address, or at the one of the option.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        Self::of(HOST, connector, options)
    }

    /// The API for one of Cloudflare's registries.
    pub(crate) fn of(registry: &'static str, connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        let endpoint = if registry == FEDRAMP { FEDRAMP_API } else { ENDPOINT };
        Ok(Self { api: Api::bearer(endpoint.url(options), connector.required_secret("token")?), registry })
    }

    /// Has credentials issued for an account's registry.
    pub(crate) fn issue(&self, account: &str, purpose: Purpose, now: u64) -> Result<Credential, Failure> {
        let body = json!({"expiration_minutes": MINUTES, "permissions": permissions(purpose)});
        let path = format!("/accounts/{account}/containers/registries/{}/credentials", self.registry);
        let result = result(&self.api.post(&path, &body)?, account)?;
        let (username, password) = credentials(&result).ok_or_else(|| SERVICE.unreadable())?;
        let basic = Credential::basic(username, Password::Plain(password));
        Ok(basic.expires_at(now.saturating_add(MINUTES * 60)).for_whole_registry().into())
    }

    /// All accounts that the token sees.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>, Failure> {
        let (mut accounts, mut number) = (Vec::new(), 1);
        loop {
            let page = page(&self.page(number)?)?;
            if page.of > PAGES {
                return Err(too_many(page.of));
            }
            accounts.extend(page.accounts);
            if number >= page.of {
                return Ok(accounts);
            }
            number += 1;
        }
    }

    /// The accounts that the token is for, as far as it may list them.
    pub(crate) fn whose(&self) -> Result<String, Failure> {
        whose(&self.page(1)?)
    }

    fn page(&self, number: u64) -> Result<Response, Failure> {
        Ok(self.api.get(&format!("/accounts?page={number}&per_page={PER_PAGE}"))?)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.id)
    }
}

/// Reads a page of accounts.
pub(crate) fn page(response: &Response) -> Result<Page, Failure> {
    let accounts = accounts(&result(response, "")?).ok_or_else(|| SERVICE.unreadable())?;
    Ok(Page { accounts, of: response.json().pointer("/result_info/total_pages").and_then(Value::as_u64).unwrap_or(1) })
}

fn too_many(pages: u64) -> Failure {
    let (most, all) = (PAGES * PER_PAGE, pages.saturating_mul(PER_PAGE));
    Failure::other(format!("the API token sees up to {all} accounts, of which at most {most} are listed"))
        .hint("use a token of fewer accounts, or name the account in the registry's URI yourself")
}

/// Describes the token by the first page of accounts. One that may not list accounts may push all the same.
pub(crate) fn whose(response: &Response) -> Result<String, Failure> {
    let page = match page(response) {
        Err(failure) if failure.kind == FailureKind::Denied => {
            return Ok("an API token that may not list accounts".to_owned());
        }
        page => page?,
    };
    let names: Vec<String> = page.accounts.iter().map(ToString::to_string).collect();
    Ok(match names.as_slice() {
        [] => "an API token that sees no account".to_owned(),
        names if page.of > 1 => format!("an API token of {} and more", names.join(", ")),
        names => format!("an API token of {}", names.join(", ")),
    })
}

/// The member `result` of a successful answer; `account` is empty for a question that is not about one.
pub(crate) fn result(response: &Response, account: &str) -> Result<Value, Failure> {
    if let Some(failure) = SERVICE.unavailable(response) {
        return Err(failure);
    }
    let (body, said) = (response.json(), SERVICE.said(response));
    let code = body.pointer("/errors/0/code").and_then(Value::as_u64).unwrap_or_default();
    let failed = body.get("success") == Some(&Value::Bool(false));
    Err(match response.status {
        200..=299 if !failed => return Ok(body.get("result").cloned().unwrap_or_default()),
        0..404 if UNKNOWN_TOKEN.contains(&code) => SERVICE.unauthenticated(response),
        401 => SERVICE.unauthenticated(response),
        403 if account.is_empty() => Failure::denied(format!("the API token may not list accounts{said}"))
            .hint("give it the permission `Account Settings: Read`, or name the account yourself"),
        403 => Failure::denied(format!("the API token may not push to account `{account}`{said}"))
            .hint("give it the permission `Containers: Edit` for that account, and check the account's id"),
        404 if !account.is_empty() => {
            Failure::not_found(format!("Cloudflare knows no registry of account `{account}`{said}"))
                .hint("check the account's id; Containers need a paid Workers plan")
        }
        status => Failure::other(format!("Cloudflare answered {status}{said}")).hint(SERVICE.hints.other),
    })
}

/// User name and password in a result.
pub(crate) fn credentials(result: &Value) -> Option<(String, String)> {
    let text = |name: &str| result.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some((text("username")?, text("password")?))
}

/// The accounts in a result.
pub(crate) fn accounts(result: &Value) -> Option<Vec<Account>> {
    let account = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Account { id: text("id")?, name: text("name")? })
    };
    result.as_array()?.iter().map(account).collect()
}
