//! The key of a service account.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::{Failure, Options, Secret, clock};

use crate::endpoint;
use crate::file::File;
use crate::jwt;
use crate::refusal::{Refusal, unreadable};
use crate::token::{self, Token};

/// For the words about a file.
const WHAT: &str = "a service account's key";
const WHO: &str = "Google's token endpoint";

/// What a key file may call the token endpoint: the one that there is, and what it was called before.
const AUDIENCES: [&str; 4] = [
    "https://oauth2.googleapis.com/token",
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://www.googleapis.com/oauth2/v3/token",
];

/// A service account, and a key of its.
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

    /// A token that it signs itself, good for Google's APIs alone: nobody is asked for it.
    pub(crate) fn self_signed(&self) -> Result<Token<'static>, Failure> {
        let claims = jwt::self_signed(&self.email, clock::now());
        Ok(Token::Made(jwt::signed(&self.private_key, self.key_id.as_deref(), &claims)?, None))
    }

    /// A token that Google gives for an assertion.
    pub(crate) fn token(&self, options: &Options) -> Result<Token<'static>, Failure> {
        let url = format!("{}/token", endpoint::TOKEN.url(options)?);
        let own = endpoint::TOKEN.own(options)?.is_some();
        let claims = jwt::assertion(&self.email, audience(self.token_uri.as_deref(), own)?, clock::now());
        let assertion = jwt::signed(&self.private_key, self.key_id.as_deref(), &claims)?;
        let form =
            Form::new().text("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer").text("assertion", &assertion);
        let response = Request::new(Method::Post, url).form(form).send()?;
        if response.status != 200 {
            let whom = format!("the key of `{}`", self.email);
            let advice = "see in IAM whether the service account and the key are there and enabled";
            return Err(Refusal::of_tokens(&response, WHO, &whom, advice, clock::now()));
        }
        let (token, end) = token::of_oauth(&response, clock::now()).ok_or_else(|| unreadable(WHO))?;
        Ok(Token::Made(token, end))
    }
}

/// For whom an assertion is signed. A file may not lead it to a host that is none of Google's; the user may, by an option.
fn audience(token_uri: Option<&str>, own: bool) -> Result<&str, Failure> {
    const CURRENT: &str = AUDIENCES[0];
    match token_uri {
        None => Ok(CURRENT),
        Some(uri) if own => Ok(uri),
        Some(uri) if AUDIENCES.contains(&uri) => Ok(CURRENT),
        Some(uri) => {
            let shown: String = uri.chars().filter(|c| !c.is_control()).take(200).collect();
            Err(Failure::invalid_input(format!("the key file's `token_uri` is `{shown}`, expected `{CURRENT}`")).hint(
                "see where the file comes from; if that is right, add `--option token-endpoint=…` when registering the registry",
            ))
        }
    }
}

/// Refuses what is no account's address before it is signed, or becomes part of a URL.
pub(crate) fn check_email(email: &str) -> Result<(), Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
    if email.split('@').filter(|part| !part.is_empty()).count() == 2 && email.len() <= 254 && email.chars().all(fits) {
        return Ok(());
    }
    let shown: String = email.chars().filter(|c| !c.is_control()).take(100).collect();
    Err(Failure::invalid_input(format!("`{shown}` is not the address of a service account"))
        .hint("write e.g. `pusher@my-project.iam.gserviceaccount.com`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_for_google_unless_the_user_says_otherwise() {
        for uri in AUDIENCES.map(Some).into_iter().chain([None]) {
            assert_eq!(audience(uri, false).unwrap(), "https://oauth2.googleapis.com/token");
        }
        for uri in
            ["https://oauth2.googleapis.com.evil.com/token", "http://oauth2.googleapis.com/token", "", "https://x\n"]
        {
            assert!(audience(Some(uri), false).unwrap_err().hint.unwrap().contains("token-endpoint"), "{uri}");
            assert_eq!(audience(Some(uri), true).unwrap(), uri);
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
