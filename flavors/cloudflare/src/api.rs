//! Cloudflare's API: accounts, and credentials for the registry.

use std::fmt;

use crhost_flavor::http::{Encoding, Method, Part, Request, Response};
use crhost_flavor::{Connector, Credential, Failure, FailureKind, Options, Password, Secret};
use serde_json::{Value, json};

use crate::ENDPOINT;
use crate::uri::HOST;

/// Where it is.
pub(crate) const DEFAULT: &str = "https://api.cloudflare.com/client/v4";

/// Minutes that issued credentials last: longer than nearly every push, and short if they get lost.
const MINUTES: u64 = 60;

/// Accounts on a page, and pages that are asked for: a listing stays far below the requests that the host allows in a call.
const PER_PAGE: u64 = 50;
const PAGES: u64 = 20;

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

/// An account that the token sees.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Account {
    pub(crate) id: String,
    name: String,
}

impl<'a> Api<'a> {
    /// The API where an option says, or where it is for everyone.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        let token = connector.secret("token").ok_or_else(|| {
            Failure::invalid_input("the connector lacks `token`, expected an API token")
                .hint("run `crhost connector describe NAME` to see what it holds")
        })?;
        Ok(Self { endpoint: options.url(ENDPOINT)?.unwrap_or_else(|| DEFAULT.to_owned()), token })
    }

    /// Has credentials issued for an account's registry.
    pub(crate) fn issue(&self, account: &str, now: u64) -> Result<Credential, Failure> {
        let wish = json!({"expiration_minutes": MINUTES, "permissions": ["pull", "push"]});
        let response = self
            .request(Method::Post, &format!("/accounts/{account}/containers/registries/{HOST}/credentials"))
            .header("content-type", "application/json")
            .body(wish.to_string())
            .send()?;
        let result = result(&response, account)?;
        let (username, password) = credentials(&result).ok_or_else(odd)?;
        let basic = Credential::basic(username, Password::Plain(password));
        Ok(basic.expires_at(now.saturating_add(MINUTES * 60)).for_whole_registry().into())
    }

    /// The accounts that the token sees.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>, Failure> {
        let (mut accounts, mut number) = (Vec::new(), 1);
        loop {
            let response = self.request(Method::Get, &format!("/accounts?page={number}&per_page={PER_PAGE}")).send()?;
            let page = page(&response)?;
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

    /// Whose token it is, as far as it may say that.
    pub(crate) fn whose(&self) -> Result<String, Failure> {
        let response = self.request(Method::Get, &format!("/accounts?page=1&per_page={PER_PAGE}")).send()?;
        whose(&response)
    }

    fn request(&self, method: Method, path: &str) -> Request<'a> {
        Request::new(method, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Bearer ".into(), Part::secret(self.token, Encoding::Raw)])
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.id)
    }
}

/// One page of accounts, and how many pages there are.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Page {
    pub(crate) accounts: Vec<Account>,
    pub(crate) of: u64,
}

pub(crate) fn page(response: &Response) -> Result<Page, Failure> {
    let accounts = accounts(&result(response, "")?).ok_or_else(odd)?;
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    Ok(Page { accounts, of: body.pointer("/result_info/total_pages").and_then(Value::as_u64).unwrap_or(1) })
}

fn too_many(pages: u64) -> Failure {
    let (most, all) = (PAGES * PER_PAGE, pages.saturating_mul(PER_PAGE));
    Failure::other(format!("the API token sees up to {all} accounts, of which at most {most} are listed"))
        .hint("use a token of fewer accounts, or name the account in the registry's URI yourself")
}

/// What the first page of accounts says of the token. One that may not list them may push all the same.
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

/// What the API answers with, or why it does not; `account` is empty where the question was about none.
pub(crate) fn result(response: &Response, account: &str) -> Result<Value, Failure> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let (code, message) = error(&body);
    let said = if message.is_empty() { String::new() } else { format!(": {message}") };
    if let Some(failure) = response.unavailable("Cloudflare", &message) {
        return Err(failure);
    }
    // 6003 is a header that can't be a token; 1000 is a token that Cloudflare does not know.
    let unknown = response.status == 401 || (response.status < 404 && matches!(code, 1000 | 6003 | 6111));
    Err(match response.status {
        200..=299 if body.get("success") != Some(&Value::Bool(false)) => {
            return Ok(body.get("result").cloned().unwrap_or_default());
        }
        _ if unknown => Failure::unauthenticated(format!("Cloudflare does not accept the API token{said}"))
            .hint("create one at `https://dash.cloudflare.com/profile/api-tokens` and update the connector"),
        403 if account.is_empty() => Failure::denied(format!("the API token may not list accounts{said}"))
            .hint("give it the permission `Account Settings: Read`, or name the account yourself"),
        403 => Failure::denied(format!("the API token may not push to account `{account}`{said}"))
            .hint("give it the permission `Containers: Edit` for that account, and check the account's id"),
        404 if !account.is_empty() => {
            Failure::not_found(format!("Cloudflare knows no registry of account `{account}`{said}"))
                .hint("check the account's id; Containers need a paid Workers plan")
        }
        status => Failure::other(format!("Cloudflare answered {status}{said}"))
            .hint("see `https://www.cloudflarestatus.com`, and check the option `api-endpoint`"),
    })
}

/// Code and message of the first error.
fn error(body: &Value) -> (u64, String) {
    let code = body.pointer("/errors/0/code").and_then(Value::as_u64).unwrap_or_default();
    let message = body.pointer("/errors/0/message").and_then(Value::as_str).unwrap_or_default();
    (code, message.to_owned())
}

/// User name and password that were issued.
pub(crate) fn credentials(result: &Value) -> Option<(String, String)> {
    let text = |name: &str| result.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some((text("username")?, text("password")?))
}

pub(crate) fn accounts(result: &Value) -> Option<Vec<Account>> {
    let account = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Account { id: text("id")?, name: text("name")? })
    };
    result.as_array()?.iter().map(account).collect()
}

/// An answer that is no answer.
fn odd() -> Failure {
    Failure::other("Cloudflare answered with something else than was asked for")
        .hint("try again, and check the option `api-endpoint`")
}
