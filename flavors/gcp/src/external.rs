//! An identity of another provider: its token is exchanged at Google's Security Token Service (RFC 8693).

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::id_tokens::quoted;
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Options, Secret, SecretRef, clock};
use serde_json::json;

use crate::endpoint;
use crate::federation::Provider;
use crate::file::File;
use crate::given::SUBJECT_TOKEN;
use crate::impersonation;
use crate::jwt;
use crate::refusal::{Refusal, unreadable};
use crate::subject::{GivenKeys, Subject, executable, member_of};
use crate::token::{self, Token};

/// The kind of file in messages.
const WHAT: &str = "an external account";
/// The service in messages.
const WHO: &str = "Google's Security Token Service";

/// The grant type of an exchange (RFC 8693, section 2.1).
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The service's path.
pub(crate) const PATH: &str = "/v1/token";

/// The service's address in a file.
const TOKEN_URL: &str = "https://sts.googleapis.com/v1/token";

/// What a connector has of another provider.
#[derive(Clone, Copy, Default)]
pub(crate) struct OfProvider<'a> {
    /// Its token, or what the file with it holds.
    pub(crate) token: Option<&'a Secret>,
    /// What the program printed that a file names.
    pub(crate) printed: Option<&'a Secret>,
    /// Keys of AWS.
    pub(crate) aws: Option<GivenKeys<'a>>,
}

/// The identity, and the pool that it is known in.
pub(crate) struct External<'a> {
    pub(crate) audience: String,
    token_type: String,
    token_url: String,
    user_project: Option<String>,
    /// The other provider's token, or who is asked for it.
    subject: Subject<'a>,
}

impl<'a> External<'a> {
    /// Reads the members of a file.
    pub(crate) fn read(file: &File<'_>, given: OfProvider<'a>) -> Result<Self, Failure> {
        let source = file.member("credential_source").map(File::new);
        let of_source = |name: &str| source.as_ref().and_then(|source| source.public_member(name));
        let other =
            ["url", "environment_id", "executable", "certificate"].into_iter().find(|name| of_source(name).is_some());
        let program = source.as_ref().and_then(|source| source.member("executable")).map(File::new);
        let subject = match (given.token, &source) {
            (Some(subject), _) => {
                // The configuration's format is that of its own source only.
                let format = if other.is_none() { of_source("format") } else { None };
                match member_of(format.as_deref())? {
                    None => Subject::Given(subject.into()),
                    Some(name) => Subject::Given(subject.member(&name).map(SecretRef::from).ok_or_else(|| {
                        Failure::unauthenticated(format!(
                            "the subject token is no JSON object with the member `{name}`"
                        ))
                        .hint("that is what the file's `credential_source` says of it")
                    })?),
                }
            }
            (None, Some(source)) => match (program, given.printed) {
                (Some(_), Some(printed)) => Subject::Given(executable::token(printed, clock::now())?.into()),
                (Some(program), None) => {
                    let url = file.public_member("service_account_impersonation_url");
                    let email = url.and_then(|url| impersonation::account_in(&url).ok());
                    return Err(executable::not_allowed(&program, file, email.as_deref()));
                }
                (None, _) => {
                    Subject::asked(source, given.aws)?.ok_or_else(|| nowhere(of_source("file").as_deref(), other))?
                }
            },
            (None, None) => return Err(nowhere(None, None)),
        };
        Ok(Self {
            audience: file.public("audience", WHAT)?,
            token_type: file.public("subject_token_type", WHAT)?,
            token_url: file.public("token_url", WHAT)?,
            user_project: file.public_member("workforce_pool_user_project"),
            subject,
        })
    }

    /// An identity that a provider of Google's knows by an id token.
    pub(crate) fn of_provider(provider: &Provider, subject: &'a Secret) -> Self {
        Self {
            audience: provider.audience(),
            token_type: "urn:ietf:params:oauth:token-type:jwt".to_owned(),
            token_url: TOKEN_URL.to_owned(),
            user_project: None,
            subject: Subject::Given(subject.into()),
        }
    }

    /// A token for the identity as it is.
    pub(crate) fn token(&self, options: &Options) -> Result<Token<'static>, Failure> {
        let url = endpoint(&self.token_url, endpoint::STS.replacement(options))?;
        let mut form = Form::new()
            .text("grant_type", GRANT_TYPE)
            .text("audience", &self.audience)
            .text("scope", jwt::SCOPE)
            .text("requested_token_type", "urn:ietf:params:oauth:token-type:access_token")
            .text("subject_token_type", &self.token_type);
        let subject = self.subject.token(&self.audience)?;
        form = form.value("subject_token", subject.value());
        if let Some(project) = &self.user_project {
            form = form.text("options", &json!({"userProject": project}).to_string());
        }
        let response = Request::new(Method::Post, url).form(form).send()?;
        if response.status != 200 {
            let advice = "the token of the other provider has expired, or the pool's provider expects another issuer \
                          or audience";
            return Err(Refusal::of_tokens(&response, WHO, "the subject token", advice, clock::now()));
        }
        token::of_oauth(&response, clock::now()).map(Token::issued).ok_or_else(|| unreadable(WHO))
    }
}

/// The URL that the token is sent to: a file may not lead it to a host other than Google's.
fn endpoint(token_url: &str, own: Option<String>) -> Result<String, Failure> {
    match own {
        Some(own) => Ok(format!("{own}{PATH}")),
        None if token_url == TOKEN_URL => Ok(TOKEN_URL.to_owned()),
        None => {
            let shown = excerpt(token_url, 200);
            Err(Failure::invalid_input(format!("the file's `token_url` is `{shown}`, expected `{TOKEN_URL}`")).hint(
                "see where the file comes from; if that is right, add `--option sts-endpoint=…` when registering the \
                 registry",
            ))
        }
    }
}

/// The failure for a connector without a token of the other provider; the configuration names a file, or another
/// source, which a component can't ask: a certificate.
fn nowhere(path: Option<&str>, other: Option<&str>) -> Failure {
    const EMPTY: &str = "there is no token of the other provider: the field `subject-token` is empty";
    let failure = Failure::unauthenticated(EMPTY);
    match (path, other) {
        (Some(path), _) => {
            let path = excerpt(path, 200);
            failure.hint(format!(
                "the configuration names `{path}`: `crhost connector update NAME {}` allows it to be read at each use",
                quoted(&format!("--{SUBJECT_TOKEN}=@read:{path}"))
            ))
        }
        (None, Some(other)) => {
            let source =
                format!("{EMPTY}, and the configuration's source of it is a `{other}`, which crhost does not ask");
            Failure::unsupported(source).hint(
                "get the token by other means, and put it into `GOOGLE_SUBJECT_TOKEN` or the file that \
                 `GOOGLE_SUBJECT_TOKEN_FILE` names",
            )
        }
        (None, None) => failure.hint("set `GOOGLE_SUBJECT_TOKEN_FILE` to the file that holds it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_token_goes_to_google_unless_the_user_says_otherwise() {
        assert_eq!(endpoint(TOKEN_URL, None).unwrap(), TOKEN_URL);
        assert_eq!(endpoint("https://x", Some("http://127.0.0.1:1".into())).unwrap(), "http://127.0.0.1:1/v1/token");
        for url in ["https://sts.googleapis.com.evil.com/v1/token", "http://sts.googleapis.com/v1/token", ""] {
            assert!(endpoint(url, None).unwrap_err().hint.unwrap().contains("sts-endpoint"), "{url}");
        }
    }

    #[test]
    fn the_place_of_a_token_that_is_missing_is_told() {
        let hint = nowhere(Some("/var/run/my token"), None).hint.unwrap();
        assert!(hint.contains("`/var/run/my token`") && hint.contains("'--subject-token=@read:/var/run/my token'"));
        let of_certificate = nowhere(None, Some("certificate"));
        assert!(of_certificate.message.contains("`certificate`"));
        assert!(of_certificate.hint.unwrap().contains("GOOGLE_SUBJECT_TOKEN"));
        assert!(nowhere(None, None).hint.unwrap().contains("GOOGLE_SUBJECT_TOKEN_FILE"));
    }
}
