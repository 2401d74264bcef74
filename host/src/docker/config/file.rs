//! The content of `config.json`, of `DOCKER_AUTH_CONFIG`, and of the `auth.json` of other tools: one format.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::docker::auths::Auths;
use crate::docker::protocol::OWN_HELPER;
use crate::image::Host;
use crate::json::{self, Malformed};

/// The members that matter here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct File {
    /// Plain credentials.
    pub(super) auths: Auths,
    /// Helpers by host.
    cred_helpers: BTreeMap<String, String>,
    /// The helper for all hosts.
    creds_store: String,
    /// The context of `docker context use`.
    pub(super) current_context: String,
    /// Not a member of the format: what was read had no `auths` around its registries.
    #[serde(skip)]
    pub(super) is_bare: bool,
}

/// The members by which an entry of `auths` is told from other objects.
#[derive(Deserialize)]
struct Looks {
    auth: Option<String>,
    username: Option<String>,
    identitytoken: Option<String>,
}

impl File {
    /// Reads the format. An object of registries alone, which old tools wrote and users paste, is taken for the member
    /// `auths`.
    ///
    /// # Errors
    /// When it is no JSON, or a member that matters is of another form.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Malformed> {
        let file: Self = json::read_first(text)?;
        let is_bare = |text| {
            let members: BTreeMap<String, Looks> = json::read_first(text).ok()?;
            let looks = |one: &Looks| one.auth.is_some() || one.username.is_some() || one.identitytoken.is_some();
            Some(!members.is_empty() && members.values().all(looks))
        };
        if is_bare(text) == Some(true) {
            return Ok(Self { auths: json::read_first(text)?, is_bare: true, ..Self::default() });
        }
        Ok(file)
    }

    /// The helpers that are named, each with the key of its host; without a key for all hosts.
    pub(super) fn helpers(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let of_hosts = self.cred_helpers.iter().map(|(key, name)| (Some(key.as_str()), name.as_str()));
        of_hosts.chain([(None, self.creds_store.as_str())]).filter(|(_, name)| !name.is_empty())
    }

    /// The name of the helper that is configured for a host: its own under Docker's key, or under another name of the
    /// same host, else the one for all hosts. An empty name is no helper, and crhost never asks itself.
    pub(super) fn helper(&self, host: &Host) -> Option<&str> {
        let exact = self.cred_helpers.get(host.credential_key());
        let same = || self.cred_helpers.iter().find(|(key, _)| Auths::names(key, host)).map(|(_, helper)| helper);
        let helper = exact.or_else(same).filter(|name| *name != OWN_HELPER).unwrap_or(&self.creds_store);
        Some(helper.as_str()).filter(|name| !name.is_empty() && *name != OWN_HELPER)
    }
}
