//! The principal that a connector stands for, and its tokens.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Options, Secret, clock};
use serde_json::Value;

use crate::endpoint;
use crate::external::External;
use crate::impersonation::Target;
use crate::key::Key;
use crate::metadata;
use crate::names::Project;
use crate::refusal::{Refusal, unreadable};
use crate::token::Token;
use crate::user::User;

/// The service in messages.
const WHO: &str = "Google's token endpoint";

/// Most characters of a name that Google returns, in a message.
const NAME: usize = 200;

/// An identity, and the service account that it impersonates, if any.
pub(crate) struct Principal<'a> {
    /// The identity.
    pub(crate) base: Base<'a>,
    /// The service account.
    pub(crate) target: Option<Target>,
}

/// An identity that Google knows.
pub(crate) enum Base<'a> {
    /// A service account, by its key.
    Key(Key),
    /// A user, by a refresh token.
    User(User),
    /// An identity of another provider.
    External(External<'a>),
    /// The owner of a token, which is not known before Google is asked.
    Token(&'a Secret),
    /// The machine that this runs on.
    Machine,
}

impl Principal<'_> {
    /// A token that opens registries.
    pub(crate) fn token(&self, options: &Options) -> Result<Token<'_>, Failure> {
        let base = match &self.base {
            Base::Key(key) => key.token(options)?,
            Base::User(user) => user.token(options)?,
            Base::External(external) => external.token(options)?,
            Base::Token(secret) => Token::stored(secret),
            Base::Machine => metadata::token(options)?,
        };
        match &self.target {
            Some(target) => target.token(base, options),
            None => Ok(base),
        }
    }

    /// A token that opens Google's APIs. A key signs it without a request, so that checks before many pushes do not
    /// count against the quota of the token endpoint.
    pub(crate) fn api_token(&self, options: &Options) -> Result<Token<'_>, Failure> {
        match (&self.base, &self.target) {
            (Base::Key(key), None) if key.is_named() => key.self_signed(options),
            _ => self.token(options),
        }
    }

    /// The project that calls of Google's APIs count for, where a request has to name it: for users, since their OAuth
    /// client's own project has none of the APIs enabled. `registry` is the project of the registry.
    pub(crate) fn quota_project(&self, registry: &Project) -> Option<String> {
        match (&self.base, &self.target) {
            (Base::User(user), None) => {
                let project = user.quota_project.as_deref().and_then(Project::parse);
                Some(project.as_ref().unwrap_or(registry).id().to_owned())
            }
            _ => None,
        }
    }

    /// The project of a service account's key.
    pub(crate) fn project(&self) -> Option<&str> {
        match &self.base {
            Base::Key(key) => key.project.as_deref(),
            _ => None,
        }
    }

    /// Proves the credentials by getting a token, and names their owner.
    pub(crate) fn proved(&self, options: &Options) -> Result<String, Failure> {
        let token = self.token(options)?;
        Ok(match (&self.base, &self.target) {
            (_, Some(target)) => target.email.clone(),
            (Base::Key(key), None) => key.email.clone(),
            (Base::External(external), None) => format!("an identity of {}", excerpt(&external.audience, NAME)),
            (Base::Machine, None) => metadata::email(options)?,
            (Base::User(_) | Base::Token(_), None) => owner(&token, options)?,
        })
    }
}

/// The owner of a token, from Google's `tokeninfo`.
fn owner(token: &Token<'_>, options: &Options) -> Result<String, Failure> {
    let url = format!("{}/tokeninfo", endpoint::TOKEN.url(options));
    let form = Form::new().value("access_token", &token.value);
    let response = Request::new(Method::Post, url).form(form).send()?;
    if response.status != 200 {
        let advice =
            "the token has expired or was revoked: get a fresh one (`gcloud auth print-access-token`), and store it";
        return Err(Refusal::of_tokens(&response, WHO, "the token", advice, clock::now()));
    }
    named(&response.json()).ok_or_else(|| unreadable(WHO))
}

/// The address of a token's owner if the token's scopes show it, else the OAuth client.
fn named(about: &Value) -> Option<String> {
    let text = |name: &str| about.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = |name: &str| text(name).map(|text| excerpt(text, NAME));
    let client = || text("azp").or_else(|| text("aud")).map(|client| format!("somebody, by the OAuth client {client}"));
    text("email").or_else(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_named_as_well_as_google_tells() {
        let of = |json: &str| named(&serde_json::from_str(json).unwrap());
        assert_eq!(of(r#"{"email":"a@b","azp":"c"}"#).unwrap(), "a@b");
        assert_eq!(of(r#"{"azp":"c"}"#).unwrap(), "somebody, by the OAuth client c");
        assert_eq!(of(r#"{"aud":"d","email":""}"#).unwrap(), "somebody, by the OAuth client d");
        assert_eq!(of("{}"), None);
        assert_eq!(of("[]"), None);
    }
}
