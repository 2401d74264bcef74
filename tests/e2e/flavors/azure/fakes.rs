//! Fakes of what no emulator has: Microsoft Entra, the token service of an Azure registry, Azure Resource Manager, and the
//! metadata of a machine. The registry that their tokens open is a real one.

mod entra;
mod management;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::registry::Registry;
use crate::support::signer::{Signer, now};

pub(super) const TENANT: &str = "11111111-aaaa-bbbb-cccc-111111111111";
pub(super) const CLIENT: &str = "22222222-aaaa-bbbb-cccc-222222222222";
/// One that every encoding changes.
pub(super) const SECRET: &str = "cAnary8Q~cl1ent/secret+=&%Zx9tKv.";
/// One that was good.
pub(super) const EXPIRED: &str = "cAnary8Q~of-last-year";
/// What an identity provider that the application trusts says.
pub(super) const ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyZXBvOmFjbWUvdHJhaW4ifQ.c2ln";
/// The same, of an hour ago.
pub(super) const OLD_ASSERTION: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln";
/// The registry's admin user, and her password.
pub(super) const ADMIN: (&str, &str) = ("contoso", "cAnary/adm1n+passw0rd=");
/// What the registry calls itself.
pub(super) const LOGIN_SERVER: &str = "contoso.azurecr.io";
/// What a platform is asked for tokens with.
pub(super) const PLATFORM_HEADER: &str = "cAnary-of-the-platform/853b9a84";
/// What tokens of Entra are for that the registry takes.
const REGISTRY: &str = "https://containerregistry.azure.net";

/// Azure: four services, and what they know of each other.
pub(super) struct Azure {
    pub(super) entra: FakeApi,
    pub(super) tokens: FakeApi,
    pub(super) management: FakeApi,
    pub(super) imds: FakeApi,
    pub(super) registry: Registry,
    books: Arc<Books>,
}

/// What Azure knows.
struct Books {
    signer: Signer,
    /// Tokens of Entra that were given out, and what they are for.
    entra: Mutex<HashMap<String, String>>,
    /// Refresh tokens of the registry that are good.
    refresh: Mutex<HashSet<String>>,
    /// The tenant that the registry trusts.
    home: Mutex<String>,
    /// What is answered next, before anything else is looked at.
    instead: Mutex<Vec<Answer>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Azure {
    /// One with an empty registry.
    pub(super) fn start() -> Self {
        Self::with_realm(|tokens| format!("{tokens}/oauth2/token"))
    }

    /// The same, whose registry says that tokens are to be had where `realm` says of the address of its token service.
    pub(super) fn with_realm(realm: impl FnOnce(&str) -> String) -> Self {
        let books = Arc::new(Books {
            signer: Signer::new(),
            entra: Mutex::default(),
            refresh: Mutex::default(),
            instead: Mutex::default(),
            home: Mutex::new(TENANT.to_owned()),
        });
        let service = |answer: fn(&Books, &Asked) -> Answer| {
            let books = Arc::clone(&books);
            FakeApi::start(move |asked| {
                let instead = held(&books.instead).pop();
                instead.unwrap_or_else(|| answer(&books, asked))
            })
        };
        let tokens = service(Books::token_service);
        let judge = Some(format!("{}:{}", ADMIN.0, ADMIN.1));
        let registry = Registry::with_tokens_of(&realm(&tokens.url()), LOGIN_SERVER, &books.signer, judge);
        Self {
            entra: service(Books::entra),
            tokens,
            management: service(Books::management),
            imds: service(Books::imds),
            registry,
            books,
        }
    }

    /// Has whichever service is asked next answer this instead.
    pub(super) fn next(&self, status: u16, headers: Vec<(&'static str, String)>, body: Value) {
        held(&self.books.instead).push((status, headers, body));
    }

    /// Has the registry refuse all refresh tokens that it gave.
    pub(super) fn revoke(&self) {
        held(&self.books.refresh).clear();
    }

    /// Has the registry belong to another tenant.
    pub(super) fn belongs_to(&self, tenant: &str) {
        tenant.clone_into(&mut held(&self.books.home));
    }

    /// A token of Entra, as `az account get-access-token` gives it.
    pub(super) fn access_token(&self, resource: &str) -> String {
        self.books.token_of_entra(resource)
    }

    /// How often the registry gave a refresh token.
    pub(super) fn exchanges(&self) -> usize {
        self.tokens.lines().iter().filter(|line| line.starts_with("POST /oauth2/exchange")).count()
    }

    /// Every request to any service, as text.
    pub(super) fn requests(&self) -> Vec<String> {
        let services = [&self.entra, &self.tokens, &self.management, &self.imds];
        let text = |asked: Asked| format!("{} {:?} {}", asked.line, asked.headers, asked.body);
        services.into_iter().flat_map(FakeApi::asked).map(text).collect()
    }
}

impl Books {
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
