//! Azure Resource Manager, which lists the registries that an identity may see.

use crhost_flavor::http::{Api, percent_encoded};
use crhost_flavor::{Failure, Options, log};
use serde_json::Value;

use crate::cloud::Cloud;
use crate::endpoint::origin;
use crate::guid::is_guid;
use crate::host::{self, Host};
use crate::names::{MANAGEMENT_ENDPOINT, SUBSCRIPTION};
use crate::refusal;

/// Version of the API that lists subscriptions.
const SUBSCRIPTIONS: &str = "2022-12-01";
/// Version of the API that lists registries.
const REGISTRIES: &str = "2023-07-01";

/// Most requests of a listing: crhost allows 64 in one call, and getting tokens takes some.
const REQUESTS: usize = 56;

/// Resource Manager, with a token.
pub(crate) struct Management {
    /// Its URL.
    url: String,
    /// The API below the URL's origin, since listings continue at whole URLs.
    api: Api<'static>,
    /// Requests that were sent.
    requests: usize,
}

impl Management {
    /// Resource Manager of a cloud, or at the address of the option.
    pub(crate) fn new(cloud: &Cloud, options: &Options, token: String) -> Self {
        let url = options.url(MANAGEMENT_ENDPOINT).unwrap_or_else(|| cloud.management.to_owned());
        Self { api: Api::bearer(origin(&url), token), url, requests: 0 }
    }

    /// The login servers of one subscription, or of all subscriptions; sorted, without duplicates.
    pub(crate) fn registries(&mut self, subscription: Option<&str>) -> Result<Vec<String>, Failure> {
        let subscriptions = match subscription {
            Some(id) => vec![checked(id)?],
            None => self.list(&format!("/subscriptions?api-version={SUBSCRIPTIONS}"), subscription_of)?,
        };
        let mut found = Vec::new();
        for id in subscriptions {
            let path = format!(
                "/subscriptions/{}/providers/Microsoft.ContainerRegistry/registries?api-version={REGISTRIES}",
                percent_encoded(&id)
            );
            found.extend(self.list(&path, login_server_of)?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// The values that `read` finds in the entries of a listing, over all of its pages.
    fn list(&mut self, path: &str, read: fn(&Value) -> Option<String>) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut next = Some(format!("{}{path}", self.url));
        while let Some(url) = next {
            if self.requests == REQUESTS {
                return Err(Failure::other(format!(
                    "there are more subscriptions and registries than {REQUESTS} requests can list"
                ))
                .hint(format!("name one subscription with `--option {SUBSCRIPTION}=…`")));
            }
            self.requests += 1;
            // `page` lets no URL of another origin pass.
            let path = url.split_at_checked(origin(&self.url).len()).map_or("", |(_, path)| path);
            let response = self.api.get(path)?;
            if response.status != 200 {
                return Err(refusal::of_management(&response));
            }
            next = page(&response.json(), origin(&self.url), read, &mut found)?;
        }
        Ok(found)
    }
}

/// Reads the entries of a page into `found`, and returns the URL of the next page.
fn page(
    page: &Value,
    origin_asked: &str,
    read: fn(&Value) -> Option<String>,
    found: &mut Vec<String>,
) -> Result<Option<String>, Failure> {
    let entries =
        page.get("value").and_then(Value::as_array).ok_or_else(|| refusal::unreadable("Azure Resource Manager"))?;
    found.extend(entries.iter().filter_map(read));
    match page.get("nextLink").and_then(Value::as_str).filter(|link| !link.is_empty()) {
        // The token may go to the same origin only.
        Some(link) if !origin(link).eq_ignore_ascii_case(origin_asked) => {
            Err(Failure::other(format!("Azure Resource Manager goes on at another host, `{}`", origin(link)))
                .hint("something in between, e.g. a proxy, may have answered in its place"))
        }
        next => Ok(next.map(str::to_owned)),
    }
}

/// The id of a subscription, unless it is closed.
fn subscription_of(entry: &Value) -> Option<String> {
    let id = entry.get("subscriptionId")?.as_str().filter(|id| is_guid(id))?;
    let usable = !matches!(entry.get("state").and_then(Value::as_str), Some("Disabled" | "Deleted"));
    usable.then(|| id.to_owned())
}

/// The login server of a registry, in canonical form.
fn login_server_of(entry: &Value) -> Option<String> {
    let server = entry.get("properties")?.get("loginServer")?.as_str()?.to_ascii_lowercase();
    if let Ok(Host::Acr(_)) = host::parse(&server) {
        return Some(server);
    }
    log::warn(&format!("`{server}` is in no form of a login server that this version knows, and left out"));
    None
}

fn checked(id: &str) -> Result<String, Failure> {
    match is_guid(id) {
        true => Ok(id.to_owned()),
        false => Err(Failure::invalid_input(format!(
            "`{id}` is not the id of a subscription, expected e.g. `11111111-2222-3333-4444-555555555555`"
        ))
        .hint("`az account list` shows yours")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ORIGIN: &str = "https://management.azure.com";

    fn read(value: &Value) -> Result<(Option<String>, Vec<String>), Failure> {
        let mut found = Vec::new();
        page(value, ORIGIN, login_server_of, &mut found).map(|next| (next, found))
    }

    #[test]
    fn a_page_has_login_servers_and_may_have_a_next_one() {
        let registry = |server: &str| json!({"name": "x", "properties": {"loginServer": server}});
        let next = format!("{ORIGIN}/subscriptions?$skiptoken=a");
        let value = json!({"value": [registry("Contoso.azurecr.io"), {"name": "y"}], "nextLink": next});
        assert_eq!(read(&value).unwrap(), (Some(next), vec!["contoso.azurecr.io".to_owned()]));
        assert_eq!(read(&json!({"value": []})).unwrap(), (None, Vec::new()));
    }

    #[test]
    fn a_token_follows_no_link_to_another_host() {
        for link in ["https://management.azure.com.evil.example/x", "http://management.azure.com/x", "//x", "/x"] {
            let failure = read(&json!({"value": [], "nextLink": link})).unwrap_err();
            assert!(failure.message.contains("another host"), "{link}");
        }
    }

    #[test]
    fn half_an_answer_is_no_listing() {
        for value in [json!(null), json!({}), json!({"value": 7}), json!([])] {
            assert!(read(&value).unwrap_err().message.contains("can't be read"));
        }
    }

    #[test]
    fn subscriptions_that_are_closed_are_left_out() {
        const ID: &str = "11111111-2222-3333-4444-555555555555";
        assert_eq!(subscription_of(&json!({"subscriptionId": ID, "state": "Enabled"})).as_deref(), Some(ID));
        assert_eq!(subscription_of(&json!({"subscriptionId": ID, "state": "Disabled"})), None);
        assert_eq!(subscription_of(&json!({"subscriptionId": "../x"})), None);
        assert!(checked("../x").is_err() && checked(ID).is_ok());
    }
}
