//! All checks of one registry, each as far as those before it allow.

use super::account;
use super::bounded::within;
use super::connection;
use super::finding::{Check, Finding, State};
use super::flavor;
use crate::catalog::Catalog;
use crate::registry::Authenticator;
use crate::store::{Name, RegistryRecord, Store};

/// Examines registries.
#[derive(Clone, Copy)]
pub(super) struct Examiner<'a> {
    /// A copy of what is stored.
    pub(super) store: &'a Store,
    /// The flavors.
    pub(super) catalog: &'a Catalog<'a>,
    /// Shows credentials to registries.
    pub(super) authenticator: &'a Authenticator<'a>,
    /// Whether an upload is opened and given up.
    pub(super) push: bool,
    /// Whether a server has the registry, and its flavor.
    pub(super) by_server: bool,
}

impl Examiner<'_> {
    /// Examines one.
    pub(super) async fn examine(self, registry: &RegistryRecord) -> Vec<Finding> {
        let Self { store, catalog, authenticator, push, by_server } = self;
        let mut findings = match by_server && registry.name != Name::unregistered() {
            true => [Check::Flavor, Check::Grants].map(|check| Finding::skipped(check, "the server has it")).into(),
            false => within(Check::Flavor, flavor::fits(store, catalog, registry)).await,
        };
        let has_flavor = is_usable(&findings);
        let connection = within(Check::Connection, connection::to(authenticator.client, registry)).await;
        let is_connected = is_usable(&connection);
        findings.extend(connection);
        if has_flavor && is_connected {
            let account = account::standing(store, catalog, authenticator, registry, push);
            findings.extend(within(Check::Credentials, account).await);
        } else {
            let reason = if has_flavor { "the registry is not reached" } else { "its flavor can't be used" };
            findings.push(Finding::skipped(Check::Credentials, reason));
            findings.push(Finding::skipped(Check::Push, reason));
        }
        findings
    }
}

/// Whether what needs these checks can go on. Neither a wrong clock nor a host that is not granted stops anything by
/// itself.
fn is_usable(findings: &[Finding]) -> bool {
    let is_harmless = |check| matches!(check, Check::Clock | Check::Grants);
    !findings.iter().any(|finding| finding.state == State::Problem && !is_harmless(finding.check))
}
