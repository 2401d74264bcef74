//! The credential of one repository, and everything that is known about how the registry wants to see it.

use std::time::Instant;

use http::header::HeaderValue;
use url::Url;

use super::header::{basic, is_basic};
use super::renewal::Renewer;
use super::scope;
use super::token::{Token, TokenRequest};
use crate::credential::{Credential, Login};
use crate::distribution::endpoint::Endpoint;
use crate::distribution::error::Error;
use crate::distribution::location;
use crate::distribution::subject::Subject;
use crate::distribution::wire::challenge::Challenge;
use crate::distribution::wire::transport::Transport;
use crate::image::Host;

/// The registry, and the part of it that a credential is for.
pub(crate) struct Registry<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) host: &'a Host,
    pub(crate) subject: &'a Subject,
    pub(crate) endpoint: &'a Endpoint,
}

/// A credential, its tokens, and how the registry wants them.
pub(crate) struct Authorization {
    credential: Credential,
    /// When to ask for another credential.
    renew_at: Option<Instant>,
    renewer: Option<Renewer>,
    /// How often the credential has changed.
    generation: u32,
    /// The challenges of the last refusal; `None` as long as those of the registry's first answer count.
    challenges: Option<Vec<Challenge>>,
    /// `None` until the registry's challenges have been looked at.
    method: Option<Method>,
    /// Learnt from challenges that named more than was asked for.
    extra_scopes: Vec<String>,
    tokens: Vec<(Vec<String>, Token)>,
}

/// How the registry wants to see the credential.
#[derive(Clone)]
enum Method {
    Open,
    Basic,
    Bearer { realm: Url, service: Option<String> },
}

/// The authorization of one request, to be given back if the registry refuses it.
#[derive(Clone, Default)]
pub(crate) struct Grant {
    /// The `Authorization` header; `None` where the registry wants none, or must not see one.
    pub(crate) header: Option<HeaderValue>,
    /// Of the credential that the header is from.
    generation: u32,
}

impl Grant {
    /// Whether the request showed the credential itself and not a token.
    pub(crate) fn is_basic(&self) -> bool {
        self.header.as_ref().is_some_and(is_basic)
    }
}

impl Authorization {
    pub(crate) fn new(credential: Credential) -> Self {
        Self {
            credential,
            renew_at: None,
            renewer: None,
            generation: 0,
            challenges: None,
            method: None,
            extra_scopes: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// The credential that is in use now.
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Has the credential renewed from `renew_at` on, and when the registry refuses it.
    pub(crate) fn renew_with(&mut self, renew_at: Option<Instant>, renewer: Renewer) {
        (self.renew_at, self.renewer) = (renew_at, Some(renewer));
    }

    /// The authorization for a request that needs these scopes. A credential that is about to expire, or that the token
    /// server refuses, is renewed first, if the registry wants one at all.
    ///
    /// # Errors
    /// Where there is no credential that could open the registry.
    pub(crate) async fn grant(&mut self, registry: &Registry<'_>, scopes: &[String]) -> Result<Grant, Error> {
        let header = match self.header(registry, scopes).await {
            Err(Error::WrongCredentials { .. }) if self.renew().await => self.header(registry, scopes).await?,
            header => header?,
        };
        Ok(Grant { header, generation: self.generation })
    }

    /// Another authorization, after `refused` was refused with these challenges: a new token, or else a renewed
    /// credential. `None` where nothing else can be tried.
    ///
    /// # Errors
    /// As for [`grant`](Self::grant).
    pub(crate) async fn regrant(
        &mut self,
        registry: &Registry<'_>,
        challenges: &[Challenge],
        refused: &Grant,
        scopes: &[String],
    ) -> Result<Option<Grant>, Error> {
        let used = refused.header.as_ref();
        let header = match self.other_header(registry, challenges, used, scopes).await {
            Ok(None) => self.renewed_header(registry, refused, scopes).await?,
            // The token server's own refusal says more than the registry's, where there is no newer credential.
            Err(error @ Error::WrongCredentials { .. }) => {
                match self.renewed_header(registry, refused, scopes).await? {
                    None => return Err(error),
                    header => header,
                }
            }
            header => header?,
        };
        Ok(header.map(|header| Grant { header: Some(header), generation: self.generation }))
    }

    /// Has the next request use another token or credential than the refused one, for a request that can't be sent
    /// again itself. A refusal of HEAD doesn't say why, so that the next request may not find it out by itself.
    pub(crate) fn give_up(&mut self, refused: &Grant) {
        self.forget(refused.header.as_ref());
        if refused.is_basic() && self.generation == refused.generation {
            self.renew_at = Some(Instant::now());
        }
    }

    /// Takes another credential into use; scopes that were learnt stay known.
    fn replace(&mut self, login: Login) {
        self.credential = login.credential;
        self.renew_at = login.renew_at;
        self.generation += 1;
        self.method = None;
        self.tokens.clear();
    }

    /// Asks for another credential; `false` if there is none.
    pub(crate) async fn renew(&mut self) -> bool {
        let Some(renewer) = &self.renewer else { return false };
        // Even if it fails, the same moment is not a reason to ask twice.
        self.renew_at = None;
        match renewer.renew().await {
            Some(login) => {
                self.replace(login);
                true
            }
            None => false,
        }
    }

    /// The challenges that count now.
    fn challenges<'a>(&'a self, registry: &'a Registry<'_>) -> &'a [Challenge] {
        self.challenges.as_ref().unwrap_or(&registry.endpoint.challenges)
    }

    /// The `Authorization` header for a request that needs these scopes; `None` where the registry wants none.
    async fn header(&mut self, registry: &Registry<'_>, scopes: &[String]) -> Result<Option<HeaderValue>, Error> {
        if !self.challenges(registry).is_empty() && self.renew_at.is_some_and(|at| at <= Instant::now()) {
            self.renew().await;
        }
        let method = match &self.method {
            Some(method) => method.clone(),
            None => self.method.insert(self.choose(registry, self.challenges(registry))?).clone(),
        };
        match method {
            Method::Open => Ok(None),
            Method::Basic => self.basic(registry).map(Some),
            Method::Bearer { realm, service } => {
                self.bearer(registry, &realm, service.as_deref(), scopes).await.map(Some)
            }
        }
    }

    /// Another header, after `used` was refused with these challenges; `None` where it would be the same.
    async fn other_header(
        &mut self,
        registry: &Registry<'_>,
        challenges: &[Challenge],
        used: Option<&HeaderValue>,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        self.forget(used);
        if !challenges.is_empty() {
            (self.challenges, self.method) = (Some(challenges.to_vec()), None);
            scope::learn(&mut self.extra_scopes, scopes, challenges);
        }
        Ok(self.header(registry, scopes).await?.filter(|header| used != Some(header)))
    }

    /// A header of a credential that has been renewed since, or is now; `None` where there is none.
    async fn renewed_header(
        &mut self,
        registry: &Registry<'_>,
        refused: &Grant,
        scopes: &[String],
    ) -> Result<Option<HeaderValue>, Error> {
        if self.generation == refused.generation && !self.renew().await {
            return Ok(None);
        }
        Ok(self.header(registry, scopes).await?.filter(|header| refused.header.as_ref() != Some(header)))
    }

    /// Drops a token that the registry refused, unless another request has replaced it already.
    fn forget(&mut self, used: Option<&HeaderValue>) {
        self.tokens.retain(|(_, token)| used != Some(&token.header));
    }

    /// Bearer where it is offered, as its token opens less than the password; else Basic.
    fn choose(&self, registry: &Registry<'_>, challenges: &[Challenge]) -> Result<Method, Error> {
        if challenges.is_empty() {
            return Ok(Method::Open);
        }
        let find = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        if let Some((challenge, realm)) = find("bearer").and_then(|c| Some((c, c.parameter("realm")?))) {
            match (location::token_server(&registry.endpoint.base, realm), find("basic"), &self.credential) {
                (Ok(realm), ..) => {
                    return Ok(Method::Bearer {
                        realm,
                        service: challenge.parameter("service").map(ToOwned::to_owned),
                    });
                }
                // The registry itself is the safer place for a password.
                (Err(_), Some(_), Credential::Basic { .. } | Credential::Anonymous) => {}
                (Err(error), ..) => return Err(error.into()),
            }
        }
        let given = match (find("basic"), &self.credential) {
            (Some(_), Credential::Basic { .. }) => return Ok(Method::Basic),
            (Some(_), Credential::Anonymous) => return Err(no_credentials(registry)),
            (_, Credential::IdentityToken(_)) => "an identity token",
            (_, Credential::Basic { .. }) => "a name and a password",
            (_, Credential::Anonymous) => "no credentials",
        };
        let schemes: Vec<_> = challenges.iter().take(4).map(|c| format!("`{}`", c.scheme)).collect();
        Err(Error::Unanswerable { host: registry.host.clone(), wanted: schemes.join(" or ").into(), given })
    }

    fn basic(&self, registry: &Registry<'_>) -> Result<HeaderValue, Error> {
        match &self.credential {
            Credential::Basic { username, password } => basic(registry.host, username, password),
            _ => Err(no_credentials(registry)),
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
        let Registry { transport, host, subject, endpoint } = *registry;
        let request = TokenRequest { transport, host, subject, registry: &endpoint.base, realm, service, scopes: &all };
        let token = request.fetch(&self.credential).await?;
        let header = token.header.clone();
        self.tokens.push((all, token));
        Ok(header)
    }
}

fn no_credentials(registry: &Registry<'_>) -> Error {
    Error::NoCredentials { host: registry.host.clone() }
}
