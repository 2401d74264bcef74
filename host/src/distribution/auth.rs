//! How one repository is opened: which way the registry wants, with which credential, with which tokens.

use std::time::Instant;

use http::header::HeaderValue;
use url::Url;

use super::challenge::Challenge;
use super::error::Error;
use super::location;
use super::probe::Endpoint;
use super::renewal::Renewer;
use super::token::{self, Token, TokenRequest};
use super::transport::Transport;
use crate::credential::{Credential, Login};
use crate::image::{Host, Repository};

/// Scopes that a registry added to what the client asked for. More are no honest registry's.
const MAX_EXTRA_SCOPES: usize = 8;

/// Whom the credentials are for.
pub(super) struct Registry<'a> {
    pub(super) transport: &'a Transport,
    pub(super) host: &'a Host,
    pub(super) repository: &'a Repository,
    pub(super) endpoint: &'a Endpoint,
}

/// A credential, and what became of it.
pub(super) struct Auth {
    pub(super) credential: Credential,
    /// When to ask for another credential, and whom.
    renew_at: Option<Instant>,
    renewer: Option<Renewer>,
    /// How often the credential has changed.
    pub(super) generation: u32,
    method: Option<Method>,
    /// Learnt from challenges that named more than was asked for.
    extra_scopes: Vec<String>,
    tokens: Vec<(Vec<String>, Token)>,
}

#[derive(Clone)]
enum Method {
    Open,
    Basic,
    Bearer { realm: Url, service: Option<String> },
}

impl Auth {
    pub(super) fn new(credential: Credential) -> Self {
        Self {
            credential,
            renew_at: None,
            renewer: None,
            generation: 0,
            method: None,
            extra_scopes: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Has the credential renewed from `renew_at` on, and when the registry refuses it.
    pub(super) fn renew_with(&mut self, renew_at: Option<Instant>, renewer: Renewer) {
        (self.renew_at, self.renewer) = (renew_at, Some(renewer));
    }

    /// Takes another credential into use; the scopes that were asked for stay known.
    pub(super) fn replace(&mut self, login: Login) {
        self.credential = login.credential;
        self.renew_at = login.renew_at;
        self.generation += 1;
        self.method = None;
        self.tokens.clear();
    }

    /// Asks for another credential; `false` if there is none to be had.
    pub(super) async fn renew(&mut self) -> bool {
        let Some(renewer) = &self.renewer else { return false };
        // Whatever comes of it, the same moment is not a reason to ask twice.
        self.renew_at = None;
        match renewer.renew().await {
            Some(login) => {
                self.replace(login);
                true
            }
            None => false,
        }
    }

    /// As [`Auth::header`], renewing a credential that has come to its end, or that the token server refuses.
    pub(super) async fn current_header(
        &mut self,
        registry: &Registry<'_>,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        if self.renew_at.is_some_and(|at| at <= Instant::now()) {
            self.renew().await;
        }
        match self.header(registry, scopes).await {
            Err(Error::WrongCredentials { .. }) if self.renew().await => self.header(registry, scopes).await,
            header => header,
        }
    }

    /// Another header, after `used`, which a credential of this generation gave, was refused: of a credential that has been
    /// renewed since, or is now. `None` where there is none.
    pub(super) async fn renewed_header(
        &mut self,
        registry: &Registry<'_>,
        used: Option<&HeaderValue>,
        generation: u32,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        if self.generation == generation && !self.renew().await {
            return Ok(None);
        }
        Ok(self.header(registry, scopes).await?.filter(|header| used != Some(header)))
    }

    /// The `Authorization` header for a request that needs these scopes; `None` where the registry wants none.
    pub(super) async fn header(
        &mut self,
        registry: &Registry<'_>,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        let method = match &self.method {
            Some(method) => method.clone(),
            None => self.method.insert(self.choose(registry, &registry.endpoint.challenges)?).clone(),
        };
        match method {
            Method::Open => Ok(None),
            Method::Basic => self.basic(registry).map(Some),
            Method::Bearer { realm, service } => {
                self.bearer(registry, &realm, service.as_deref(), scopes).await.map(Some)
            }
        }
    }

    /// Another header, after `used` was refused with these challenges; `None` where nothing else can be tried.
    pub(super) async fn other_header(
        &mut self,
        registry: &Registry<'_>,
        challenges: &[Challenge],
        used: Option<&HeaderValue>,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        self.forget(used);
        if !challenges.is_empty() {
            self.method = Some(self.choose(registry, challenges)?);
            self.learn_scopes(challenges, scopes);
        }
        Ok(self.header(registry, scopes).await?.filter(|header| used != Some(header)))
    }

    /// Has the next request use something else than `used`, which a credential of this generation gave, and which was refused:
    /// a new token, or another credential. A refusal of HEAD doesn't say why, so that request may not find out itself.
    pub(super) fn give_up(&mut self, used: Option<&HeaderValue>, generation: u32) {
        self.forget(used);
        let is_credential = used.is_some_and(|used| used.as_bytes().starts_with(b"Basic "));
        if is_credential && self.generation == generation {
            self.renew_at = Some(Instant::now());
        }
    }

    /// Drops a token that the registry refused, unless another request has replaced it already.
    pub(super) fn forget(&mut self, used: Option<&HeaderValue>) {
        self.tokens.retain(|(_, token)| used != Some(&token.header));
    }

    /// Bearer where it is offered, as its token opens less than the password; else Basic.
    fn choose(&self, registry: &Registry<'_>, challenges: &[Challenge]) -> Result<Method, Error> {
        if challenges.is_empty() {
            return Ok(Method::Open);
        }
        let find = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let host = registry.host.to_string();
        if let Some((challenge, realm)) = find("bearer").and_then(|c| Some((c, c.parameter("realm")?))) {
            let realm = location::realm(&registry.endpoint.base, realm)?;
            return Ok(Method::Bearer { realm, service: challenge.parameter("service").map(ToOwned::to_owned) });
        }
        let given = match (find("basic"), &self.credential) {
            (Some(_), Credential::Basic { .. }) => return Ok(Method::Basic),
            (Some(_), Credential::Anonymous) => {
                return Err(Error::NoCredentials { host, repository: registry.repository.to_string() });
            }
            (_, Credential::IdentityToken(_)) => "an identity token",
            (_, Credential::Basic { .. }) => "a name and a password",
            (_, Credential::Anonymous) => "no credentials",
        };
        let schemes: Vec<_> = challenges.iter().take(4).map(|c| format!("`{}`", c.scheme)).collect();
        Err(Error::Unanswerable { host, wanted: schemes.join(" or "), given })
    }

    fn basic(&self, registry: &Registry<'_>) -> Result<HeaderValue, Error> {
        match &self.credential {
            Credential::Basic { username, password } => token::basic(registry.host, username, password),
            _ => Err(Error::NoCredentials {
                host: registry.host.to_string(),
                repository: registry.repository.to_string(),
            }),
        }
    }

    async fn bearer(
        &mut self,
        registry: &Registry<'_>,
        realm: &Url,
        service: Option<&str>,
        scopes: &[String],
    ) -> Result<HeaderValue, Error> {
        let all: Vec<String> = scopes.iter().chain(&self.extra_scopes).cloned().collect();
        self.tokens.retain(|(_, token)| token.is_fresh());
        if let Some((_, token)) = self.tokens.iter().find(|(own, _)| *own == all) {
            return Ok(token.header.clone());
        }
        let Registry { transport, host, repository, .. } = *registry;
        let request = TokenRequest { transport, host, repository, realm, service, scopes: &all };
        let token = request.fetch(&self.credential).await?;
        let header = token.header.clone();
        self.tokens.push((all, token));
        Ok(header)
    }

    fn learn_scopes(&mut self, challenges: &[Challenge], asked: &[String]) {
        let named = challenges.iter().filter_map(|challenge| challenge.parameter("scope"));
        for scope in named.flat_map(str::split_ascii_whitespace) {
            let known = asked.iter().chain(&self.extra_scopes).any(|own| covers(own, scope));
            if !known && self.extra_scopes.len() < MAX_EXTRA_SCOPES {
                self.extra_scopes.push(scope.to_owned());
            }
        }
    }
}

/// Whether scope `own` allows all that scope `other` names; the order of actions means nothing.
fn covers(own: &str, other: &str) -> bool {
    match (own.rsplit_once(':'), other.rsplit_once(':')) {
        (Some((name, own)), Some((other_name, other))) => {
            name == other_name && other.split(',').all(|action| own.split(',').any(|own| own == action))
        }
        _ => own == other,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn the_order_of_actions_means_nothing() {
        assert!(covers("repository:a:pull,push", "repository:a:push,pull"));
        assert!(covers("repository:a:pull,push", "repository:a:pull"));
        assert!(!covers("repository:a:pull,push", "repository:a:pull,push,delete"));
        assert!(!covers("repository:a:pull,push", "repository:b:pull"));
        assert!(!covers("x", "repository:b:pull"));
    }
}
