//! STS: the owner of keys, and temporary keys for others.

use crhost_flavor::http::{Form, Method, Request, percent_encoded};
use crhost_flavor::{Failure, Secret, SecretOrText};

use crate::endpoint::{Api, STS_VERSION, unreadable};
use crate::keys::Keys;
use crate::xml::element;

/// Allowed lifetimes of a role's keys in seconds.
const ROLE_SECONDS: std::ops::RangeInclusive<u32> = 900..=43_200;
/// Allowed lifetimes of a session's keys in seconds.
const SESSION_SECONDS: std::ops::RangeInclusive<u32> = 900..=129_600;

/// A role, and the parameters to assume it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Role {
    /// Its ARN.
    pub(crate) arn: String,
    /// The external id that its trust policy asks for.
    pub(crate) external_id: Option<String>,
    /// The session's name in AWS's logs; `crhost` by default.
    pub(crate) session_name: Option<String>,
    /// Lifetime of the keys in seconds; an hour by default.
    pub(crate) seconds: Option<String>,
}

/// The owner of keys.
pub(crate) struct Caller {
    /// The number of its account.
    pub(crate) account: String,
    /// Its ARN.
    pub(crate) arn: String,
}

impl Role {
    /// The checked parameters.
    fn parameters(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        let Self { arn, external_id, session_name, seconds } = self;
        let shaped = arn.starts_with("arn:aws") && arn.contains(":iam::") && arn.contains(":role/");
        if !shaped || arn.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Failure::invalid_input(format!("`{arn}` is not the ARN of a role"))
                .hint("write e.g. `arn:aws:iam::123456789012:role/push`"));
        }
        let name = session_name.as_deref().unwrap_or("crhost");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if !(2..=64).contains(&name.len()) || !name.chars().all(allowed) {
            return Err(Failure::invalid_input(format!(
                "`{name}` is not the name of a session, expected 2 to 64 letters, digits or any of `_+=,.@-`"
            )));
        }
        let mut parameters = vec![("RoleArn", arn.clone()), ("RoleSessionName", name.to_owned())];
        parameters.extend(external_id.iter().map(|id| ("ExternalId", id.clone())));
        parameters.extend(duration(seconds.as_deref(), ROLE_SECONDS)?.map(|seconds| ("DurationSeconds", seconds)));
        Ok(parameters)
    }
}

/// Calls `AssumeRole`: keys of a role.
pub(crate) fn assume_role(sts: &Api, keys: &Keys<'_>, role: &Role) -> Result<Keys<'static>, Failure> {
    let parameters = role.parameters()?;
    let form: String = parameters.iter().map(|(name, value)| format!("&{name}={}", percent_encoded(value))).collect();
    let response = sts.query(keys, "AssumeRole", &form)?.done()?;
    returned_keys(&response.body, "AssumeRole")
}

/// Calls `GetSessionToken`: temporary keys of a user.
pub(crate) fn session_token(sts: &Api, keys: &Keys<'_>, seconds: Option<&str>) -> Result<Keys<'static>, Failure> {
    let seconds = duration(seconds, SESSION_SECONDS)?;
    let form = seconds.map(|seconds| format!("&DurationSeconds={seconds}")).unwrap_or_default();
    let response = sts.query(keys, "GetSessionToken", &form)?.done()?;
    returned_keys(&response.body, "GetSessionToken")
}

/// Calls `AssumeRoleWithWebIdentity`: keys of a role for a token, which authenticates the call in place of a signature.
pub(crate) fn web_identity(sts: &Api, role: &Role, token: &Secret) -> Result<Keys<'static>, Failure> {
    const ACTION: &str = "AssumeRoleWithWebIdentity";
    let mut form = Form::new().text("Action", ACTION).text("Version", STS_VERSION);
    for (name, value) in role.parameters()? {
        form = form.text(name, &value);
    }
    let form = form.secret("WebIdentityToken", token);
    let response = Request::new(Method::Post, sts.endpoint.url()).form(form).send()?;
    let response = sts.answer(response, ACTION)?.done()?;
    returned_keys(&response.body, ACTION)
}

/// Calls `GetCallerIdentity`, which needs no permission: the owner of keys.
pub(crate) fn caller(sts: &Api, keys: &Keys<'_>) -> Result<Caller, Failure> {
    let response = sts.query(keys, "GetCallerIdentity", "")?.done()?;
    let xml = String::from_utf8_lossy(&response.body);
    match (element(&xml, "Account"), element(&xml, "Arn")) {
        (Some(account), Some(arn)) if account.bytes().all(|b| b.is_ascii_digit()) && arn.starts_with("arn:") => {
            Ok(Caller { account, arn })
        }
        _ => Err(unreadable(sts.service, "GetCallerIdentity")),
    }
}

fn returned_keys(body: &[u8], action: &str) -> Result<Keys<'static>, Failure> {
    let xml = String::from_utf8_lossy(body);
    let id = element(&xml, "AccessKeyId");
    let (secret, token) = (element(&xml, "SecretAccessKey"), element(&xml, "SessionToken"));
    match (id, secret, token) {
        (Some(id), Some(secret), Some(token)) => Keys::new(&id, secret, Some(SecretOrText::Text(token))),
        _ => Err(unreadable("STS", action)),
    }
}

fn duration(seconds: Option<&str>, allowed: std::ops::RangeInclusive<u32>) -> Result<Option<String>, Failure> {
    let Some(text) = seconds else { return Ok(None) };
    match text.parse::<u32>() {
        Ok(seconds) if allowed.contains(&seconds) => Ok(Some(seconds.to_string())),
        _ => Err(Failure::invalid_input(format!(
            "`{text}` is not how many seconds keys may live, expected {} to {}",
            allowed.start(),
            allowed.end()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(arn: &str) -> Role {
        Role { arn: arn.into(), ..Role::default() }
    }

    #[test]
    fn a_role_is_checked_before_it_is_asked_for() {
        let arn = "arn:aws-cn:iam::123456789012:role/path/push";
        let given = Role { external_id: Some("x".into()), seconds: Some("900".into()), ..role(arn) };
        let names: Vec<_> = given.parameters().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds"]);
        for wrong in [
            role("push"),
            role("arn:aws:iam::123456789012:user/push"),
            Role { session_name: Some("a b".into()), ..role(arn) },
            Role { session_name: Some("a".into()), ..role(arn) },
            Role { seconds: Some("899".into()), ..role(arn) },
            Role { seconds: Some("1h".into()), ..role(arn) },
        ] {
            assert!(wrong.parameters().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn returned_keys_are_whole_or_a_failure_without_them() {
        let whole = "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>s/+</SecretAccessKey>\
                     <SessionToken>t==</SessionToken></Credentials>";
        let keys = returned_keys(whole.as_bytes(), "AssumeRole").unwrap();
        assert_eq!(keys.access_key_id, "ASIAIOSFODNN7EXAMPLE");
        assert!(matches!(keys.session_token, Some(SecretOrText::Text(token)) if token == "t=="));
        let half = returned_keys(&whole.as_bytes()[..90], "AssumeRole").err().unwrap();
        assert!(half.message.contains("AssumeRole") && !half.message.contains("s/+"), "{}", half.message);
    }
}
