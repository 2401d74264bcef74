//! The key of a service account.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Options, Secret, clock};

use crate::endpoint;
use crate::file::File;
use crate::jwt;
use crate::refusal::{Refusal, unreadable};
use crate::token::{self, Token};

/// The kind of file in messages.
const WHAT: &str = "a service account's key";
/// The service in messages.
const WHO: &str = "Google's token endpoint";

/// The grant type of assertions (RFC 7523, section 2.1).
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The audience of assertions, wherever they are sent, as in google-auth 2.62.2.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

/// Former addresses of the token endpoint, which old key files have.
const FORMER: [&str; 3] = [
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://www.googleapis.com/oauth2/v3/token",
];

/// A service account, and one of its keys.
pub(crate) struct Key {
    pub(crate) email: String,
    pub(crate) project: Option<String>,
    key_id: Option<String>,
    token_uri: Option<String>,
    private_key: Secret,
}

impl Key {
    /// Reads the members of a file.
    pub(crate) fn read(file: &File<'_>) -> Result<Self, Failure> {
        let email = file.public("client_email", WHAT)?;
        check_email(&email)?;
        Ok(Self {
            email,
            project: file.public_member("project_id"),
            key_id: file.public_member("private_key_id"),
            token_uri: file.public_member("token_uri"),
            private_key: file.secret("private_key", WHAT)?,
        })
    }

    /// Whether Google can find the public half by the signature's header, as tokens without exchange need it.
    pub(crate) fn is_named(&self) -> bool {
        self.key_id.is_some()
    }

    /// A token that the key signs without a request, good for Google's APIs but not for registries.
    pub(crate) fn self_signed(&self, options: &Options) -> Result<Token<'static>, Failure> {
        self.check_home(options)?;
        let claims = jwt::self_signed(&self.email, clock::now());
        let value = jwt::signed(&self.private_key, self.key_id.as_deref(), &claims)?;
        Ok(Token { value, expires_at: None })
    }

    /// Refuses a key of another issuer than Google, unless the user named another token endpoint.
    fn check_home(&self, options: &Options) -> Result<(), Failure> {
        match endpoint::TOKEN.replacement(options) {
            Some(_) => Ok(()),
            None => check_token_uri(self.token_uri.as_deref()),
        }
    }

    /// A token that Google issues for an assertion.
    pub(crate) fn token(&self, options: &Options) -> Result<Token<'static>, Failure> {
        let url = format!("{}/token", endpoint::TOKEN.url(options));
        self.check_home(options)?;
        let claims = jwt::assertion(&self.email, AUDIENCE, clock::now());
        let assertion = jwt::signed(&self.private_key, self.key_id.as_deref(), &claims)?;
        let form = Form::new().text("grant_type", GRANT_TYPE).value("assertion", &assertion);
        let response = Request::new(Method::Post, url).form(form).send()?;
        if response.status != 200 {
            let whom = format!("the key of `{}`", self.email);
            let advice = "see in IAM whether the service account and the key are there and enabled";
            return Err(Refusal::of_tokens(&response, WHO, &whom, advice, clock::now()));
        }
        token::of_oauth(&response, clock::now()).map(Token::issued).ok_or_else(|| unreadable(WHO))
    }
}

/// Refuses a file whose token endpoint is not Google's: assertions are sent to Google, which would not know the key.
/// The user may name another endpoint by an option.
fn check_token_uri(token_uri: Option<&str>) -> Result<(), Failure> {
    match token_uri {
        None => Ok(()),
        Some(uri) if uri == AUDIENCE || FORMER.contains(&uri) => Ok(()),
        Some(uri) => {
            let shown = excerpt(uri, 200);
            Err(Failure::invalid_input(format!("the key file's `token_uri` is `{shown}`, expected `{AUDIENCE}`")).hint(
                "see where the file comes from; if that is right, add `--option token-endpoint=…` when registering \
                 the registry",
            ))
        }
    }
}

/// Refuses a text that can't be an account's address, before it is signed or becomes part of a URL.
pub(crate) fn check_email(email: &str) -> Result<(), Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    if email.split('@').filter(|part| !part.is_empty()).count() == 2 && email.len() <= 254 && email.chars().all(fits) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!("`{}` is not the address of a service account", excerpt(email, 100)))
        .hint("write e.g. `pusher@my-project.iam.gserviceaccount.com`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_the_token_endpoint_of_google_or_none() {
        for uri in FORMER.map(Some).into_iter().chain([None, Some(AUDIENCE)]) {
            assert_eq!(check_token_uri(uri), Ok(()));
        }
        for uri in
            ["https://oauth2.googleapis.com.evil.com/token", "http://oauth2.googleapis.com/token", "", "https://x\n"]
        {
            assert!(check_token_uri(Some(uri)).unwrap_err().hint.unwrap().contains("token-endpoint"), "{uri:?}");
        }
    }

    #[test]
    fn an_account_s_address_is_checked() {
        assert!(check_email("pusher@my-project.iam.gserviceaccount.com").is_ok());
        assert!(check_email("123-compute@developer.gserviceaccount.com").is_ok());
        for email in ["", "pusher", "@", "a@", "a@b@c", "a/../b@c", "a b@c", "a@b:x"] {
            assert!(check_email(email).is_err(), "{email}");
        }
    }
}
