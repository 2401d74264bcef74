//! Whether a registry opens: the question that `docker login` asks too.

use http::Method;

use super::error::Error;
use super::repository::RepositoryClient;
use crate::credential::Credential;

/// How a registry opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It looked at the credentials and accepted them.
    ToCredentials,
    /// It asked for none, or gives tokens to all. Credentials that there are, nobody has looked at.
    ToAnybody,
}

impl RepositoryClient {
    /// Opens the registry itself, without a word of the repository: fetches a token where the registry wants one, and asks
    /// for `/v2/` with it, or with name and password. What the credentials may do in the repository is known only at the
    /// first [`start_upload`](Self::start_upload).
    ///
    /// # Errors
    /// As for [`authenticate`](Self::authenticate).
    pub(crate) async fn ping(&self) -> Result<Opened, Error> {
        let endpoint = self.endpoint().await?;
        let what = "the question whether these credentials open it".to_owned();
        let mut request = self.request(Method::GET, endpoint.base.clone(), what);
        // Some token servers refuse a token for a repository that is not there yet, however good the credentials are.
        request.scopes.clear();
        match self.send(request).await {
            Ok(_) if endpoint.challenges.is_empty() => Ok(Opened::ToAnybody),
            Ok(_) => Ok(match self.auth().await.credential {
                Credential::Anonymous => Opened::ToAnybody,
                _ => Opened::ToCredentials,
            }),
            // No repository was asked for.
            Err(Error::NotAllowed { host, words, .. }) => Err(Error::WrongCredentials { host, words }),
            Err(Error::NoCredentials { host, .. }) => {
                Err(Error::NoCredentials { host, repository: endpoint.base.path().to_owned() })
            }
            Err(error) => Err(error),
        }
    }
}
