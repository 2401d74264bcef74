//! Whether a registry opens to credentials, asked before anything else is sent.

use http::Method;

use super::error::Error;
use super::greeting::Greeting;
use super::repository::RepositoryClient;
use super::request::Request;
use crate::credential::Credential;

/// How a registry opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It looked at the credentials and accepted them.
    ToCredentials,
    /// It asked for none, or gives tokens to everyone. Credentials, if there are any, have not been looked at.
    ToAnybody,
}

impl RepositoryClient {
    /// Finds the registry and opens it: asks for a token to pull and push, or shows name and password, before anything
    /// else is sent. Calling it is never needed, as every request does the same; it tells early and clearly what is
    /// wrong.
    ///
    /// Where the registry hands out tokens, whether one allows to push is known only at the first
    /// [`start_upload`](Self::start_upload): many token servers give out tokens that allow less than was asked for.
    ///
    /// # Errors
    /// [`Error::Unreachable`] and its kin where no server answers, [`Error::NotARegistry`] where something else does,
    /// [`Error::NoCredentials`] and [`Error::WrongCredentials`] where it doesn't open.
    pub(crate) async fn authenticate(&self) -> Result<(), Error> {
        let grant = self.exchange().grant(&self.scopes()).await?;
        // A token server has looked at the credentials already; for Basic, the registry has to.
        if !grant.is_basic() {
            return Ok(());
        }
        match self.send(self.opening_request().await?).await {
            // Not what a registry says to this request, and no word about the credentials: robots that may only push
            // get a 403, registries behind a path a 404. The first upload decides.
            Err(error @ (Error::NotAllowed { .. } | Error::Destination(_) | Error::Protocol { .. })) => {
                tracing::debug!("whether the registry opens is not known yet: {error}");
                Ok(())
            }
            Err(error @ Error::Status(_)) if !error.retry().is_possible() => {
                tracing::debug!("whether the registry opens is not known yet: {error}");
                Ok(())
            }
            answer => answer.map(drop),
        }
    }

    /// Opens the registry itself, as `docker login` does, without naming the repository: fetches a token where the
    /// registry wants one, and asks for `/v2/` with it, or with name and password. What the credentials may do in the
    /// repository is known only at the first [`start_upload`](Self::start_upload).
    ///
    /// # Errors
    /// As for [`authenticate`](Self::authenticate).
    pub(crate) async fn ping(&self) -> Result<Opened, Error> {
        let mut request = self.opening_request().await?;
        // Some token servers refuse a token for a repository that is not there yet, however good the credentials are.
        request.scopes.clear();
        let answer = self.send(request).await;
        let endpoint = self.exchange().endpoint().await?;
        match answer {
            // Nothing but the answer to `/v2/` tells here whether it is a registry.
            Err(error)
                if !error.retry().is_possible()
                    && let Some(found) = &endpoint.doubt =>
            {
                tracing::debug!("{error}");
                Err(self.no_registry(found))
            }
            Ok(_) if endpoint.challenges.is_empty() => Ok(Opened::ToAnybody),
            Ok(_) => Ok(match self.exchange().authorization().await.credential() {
                Credential::Anonymous => Opened::ToAnybody,
                _ => Opened::ToCredentials,
            }),
            // The request named no repository, and neither should its error.
            Err(Error::NotAllowed { host, credentials, body, .. }) => {
                Err(Error::WrongCredentials { host, credentials, body })
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the registry, without showing any credentials, and gives what its answer shows.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Tls`] and their kin where there is no connection, [`Error::NotARegistry`] where
    /// something else answers.
    pub(crate) async fn greeting(&self) -> Result<Greeting, Error> {
        Ok(self.exchange().endpoint().await?.greeting.clone())
    }

    async fn opening_request(&self) -> Result<Request, Error> {
        let root = self.exchange().endpoint().await?.root();
        Ok(self.request(Method::GET, root, "the question whether these credentials open it".to_owned()))
    }
}
