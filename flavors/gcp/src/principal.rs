//! Whoever a connector stands for, and the tokens that they get.

use crhost_flavor::http::{Form, Method, Request};
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

const WHO: &str = "Google's token endpoint";

/// An identity, and the service account whose tokens it gets, if it does.
pub(crate) struct Principal<'a> {
    pub(crate) base: Base<'a>,
    pub(crate) target: Option<Target>,
}

/// An identity that Google knows.
pub(crate) enum Base<'a> {
    Key(Key),
    User(User),
    External(External<'a>),
    /// Nobody knows whose token it is.
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
            Base::Token(secret) => Token::Stored(secret),
            Base::Machine => metadata::token(options)?,
        };
        match &self.target {
            Some(target) => target.token(&base, options),
            None => Ok(base),
        }
    }

    /// A token that opens Google's APIs. A key signs it by itself, so that a thousand pushes ask for no thousand
    /// tokens.
    pub(crate) fn api_token(&self, options: &Options) -> Result<Token<'_>, Failure> {
        match (&self.base, &self.target) {
            (Base::Key(key), None) if key.is_named() => key.self_signed(options),
            _ => self.token(options),
        }
    }

    /// The project that calls of Google's APIs count for, where Google wants to be told: it does for users, whose OAuth
    /// client's own project has none of the APIs. `registry` is the project of the registry.
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

    /// Has Google accept the credentials, and says for whom.
    pub(crate) fn proved(&self, options: &Options) -> Result<String, Failure> {
        let token = self.token(options)?;
        Ok(match (&self.base, &self.target) {
            (_, Some(target)) => target.email.clone(),
            (Base::Key(key), None) => key.email.clone(),
            (Base::External(external), None) => format!("an identity of {}", shown(&external.audience)),
            (Base::Machine, None) => metadata::email(options)?,
            (Base::User(_) | Base::Token(_), None) => owner(&token, options)?,
        })
    }
}

/// Whose token it is, as Google says.
fn owner(token: &Token<'_>, options: &Options) -> Result<String, Failure> {
    let url = format!("{}/tokeninfo", endpoint::TOKEN.url(options)?);
    let form = match token {
        Token::Stored(secret) => Form::new().secret("access_token", secret),
        Token::Made(token, _) => Form::new().text("access_token", token),
    };
    let response = Request::new(Method::Post, url).form(form).send()?;
    if response.status != 200 {
        let advice =
            "the token has expired or was revoked: get a fresh one (`gcloud auth print-access-token`), and store it";
        return Err(Refusal::of_tokens(&response, WHO, "the token", advice, clock::now()));
    }
    let about: Value = serde_json::from_slice(&response.body).map_err(|_| unreadable(WHO))?;
    named(&about).ok_or_else(|| unreadable(WHO))
}

/// The address, if the token's scopes show it.
fn named(about: &Value) -> Option<String> {
    let text = |name: &str| about.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(shown);
    let client = || text("azp").or_else(|| text("aud")).map(|client| format!("somebody, by the OAuth client {client}"));
    text("email").or_else(client)
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
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
