//! Fakes of what no emulator has: Microsoft Entra, the token service of an Azure registry, Azure Resource Manager, and
//! the metadata of a machine. The registry that their tokens open is a real one.

mod entra;
mod management;
mod tokens;

use parking_lot::{Mutex, MutexGuard};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::github_oidc::Provider;
use crate::support::fakes::signer::{Signer, now};
use crate::support::programs::registry::Registry;

pub(super) const TENANT: &str = "11111111-aaaa-bbbb-cccc-111111111111";
pub(super) const CLIENT: &str = "22222222-aaaa-bbbb-cccc-222222222222";
/// One that every encoding changes.
pub(super) const SECRET: &str = "cAnary8Q~cl1ent/secret+=&%Zx9tKv.";
/// One that was good.
pub(super) const EXPIRED: &str = "cAnary8Q~of-last-year";
/// What an identity provider that the application trusts says.
pub(super) const ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvOmFjbWUvdHJhaW4ifQ.c2lnbmF0dXJl";
/// The same, of an hour ago.
pub(super) const OLD_ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2lnbmF0dXJl";
/// The registry's admin user, and her password.
pub(super) const ADMIN: (&str, &str) = ("contoso", "cAnary/adm1n+passw0rd=");
/// What the registry calls itself.
pub(super) const LOGIN_SERVER: &str = "contoso.azurecr.io";
/// The header with which a platform is asked for tokens.
pub(super) const PLATFORM_HEADER: &str = "cAnary-of-the-platform/853b9a84";
/// What tokens of Entra are for that the registry takes.
const REGISTRY: &str = "https://containerregistry.azure.net";

/// Azure: four services with shared state.
pub(super) struct Azure {
    pub(super) entra: FakeApi,
    pub(super) tokens: FakeApi,
    pub(super) management: FakeApi,
    pub(super) imds: FakeApi,
    pub(super) registry: Registry,
    services: Arc<Services>,
}

/// The state that the services share.
struct Services {
    signer: Signer,
    /// Tokens of Entra that were given out, and what they are for.
    entra: Mutex<HashMap<String, String>>,
    /// Refresh tokens of the registry that are good.
    refresh: Mutex<HashSet<String>>,
    /// The tenant that the registry trusts.
    home: Mutex<String>,
    /// Whose id tokens the application trusts, besides [`ASSERTION`].
    trusted: Mutex<Option<Arc<Provider>>>,
    /// Answers that come before any other, the last one first.
    instead: Mutex<Vec<Answer>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock()
}

impl Azure {
    /// One with an empty registry.
    pub(super) fn start() -> Self {
        Self::with_realm(|tokens| format!("{tokens}/oauth2/token"))
    }

    /// The same, whose registry says that tokens are to be had where `realm` says of the address of its token service.
    pub(super) fn with_realm(realm: impl FnOnce(&str) -> String) -> Self {
        let services = Arc::new(Services {
            signer: Signer::new(),
            entra: Mutex::default(),
            refresh: Mutex::default(),
            instead: Mutex::default(),
            trusted: Mutex::default(),
            home: Mutex::new(TENANT.to_owned()),
        });
        let service = |answer: fn(&Services, &RecordedRequest) -> Answer| {
            let services = Arc::clone(&services);
            FakeApi::start(move |request| {
                let instead = held(&services.instead).pop();
                instead.unwrap_or_else(|| answer(&services, request))
            })
        };
        let tokens = service(Services::token_service);
        let skopeo = Some(format!("{}:{}", ADMIN.0, ADMIN.1));
        let registry = Registry::with_tokens_of(&realm(&tokens.url()), LOGIN_SERVER, &services.signer, skopeo);
        Self {
            entra: service(Services::entra),
            tokens,
            management: service(Services::management),
            imds: service(Services::imds),
            registry,
            services,
        }
    }

    /// The answer to the next request, at whichever service it arrives.
    pub(super) fn next(&self, status: u16, headers: Vec<(&'static str, String)>, body: Value) {
        held(&self.services.instead).push((status, headers, body));
    }

    /// Has the registry refuse all refresh tokens that it gave.
    pub(super) fn revoke(&self) {
        held(&self.services.refresh).clear();
    }

    /// Has the registry belong to another tenant.
    pub(super) fn belongs_to(&self, tenant: &str) {
        tenant.clone_into(&mut held(&self.services.home));
    }

    /// Has the application trust id tokens.
    pub(super) fn trusts(&self, provider: Arc<Provider>) {
        *held(&self.services.trusted) = Some(provider);
    }

    /// A token of Entra, as `az account get-access-token` gives it.
    pub(super) fn access_token(&self, resource: &str) -> String {
        self.services.token_of_entra(resource)
    }

    /// How often the registry gave a refresh token.
    pub(super) fn exchanges(&self) -> usize {
        self.tokens.lines().iter().filter(|line| line.starts_with("POST /oauth2/exchange")).count()
    }

    /// Every request to any service, as text.
    pub(super) fn requests(&self) -> Vec<String> {
        let services = [&self.entra, &self.tokens, &self.management, &self.imds];
        let text = |request: RecordedRequest| format!("{} {:?} {}", request.line, request.headers, request.body);
        services.into_iter().flat_map(FakeApi::requests).map(text).collect()
    }
}

impl Services {
    fn token_of_entra(&self, resource: &str) -> String {
        let mut given = held(&self.entra);
        let claims = json!({
            "aud": resource, "appid": CLIENT, "tid": TENANT, "iss": "https://sts.windows.net/",
            "exp": now() + 3_599, "uti": given.len(),
        });
        let token = self.signer.jwt(&claims);
        given.insert(token.clone(), resource.to_owned());
        token
    }

    fn is_for(&self, token: &str, resource: &str) -> bool {
        held(&self.entra).get(token).is_some_and(|given| given == resource)
    }
}
