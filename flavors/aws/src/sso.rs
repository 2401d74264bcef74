//! IAM Identity Center (formerly AWS SSO): the login that `aws sso login` keeps in its cache gives the keys of a role
//! (botocore 1.44.8, `credentials.py`, `SSOProvider` and `SSOCredentialFetcher`; `tokens.py`).
//!
//! A login that has ended is not renewed here: a refresh gives another refresh token, which only AWS's own tools can
//! write into their cache; without it there, the next `aws` would have to log in anew.

use crhost_flavor::http::{Method, Request, Response, percent_encoded};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, Options, Secret, SecretOrText};
use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use crate::endpoint::{Endpoint, unreadable};
use crate::keys::Keys;
use crate::names::{SSO_CACHE, SSO_ENDPOINT};
use crate::process::has_ended;
use crate::refusal::Refusal;
use crhost_flavor::hash::hex;

/// Its name in messages.
const SERVICE: &str = "IAM Identity Center";

/// The members of its cache that are no secrets.
pub(crate) const PUBLIC: [&str; 3] = ["expiresAt", "region", "startUrl"];
/// The member of its cache that gives keys.
pub(crate) const ACCESS_TOKEN: &str = "accessToken";
/// The header with it.
pub(crate) const HEADER: &str = "x-amz-sso_bearer_token";
/// The path of a role's keys.
pub(crate) const PATH: &str = "/federation/credentials";

/// A profile's role in IAM Identity Center.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Login {
    /// The profile.
    pub(crate) profile: String,
    /// The name of the session, or without one the URL at which the user logs in: the cache is named after it.
    pub(crate) session: String,
    /// The region of the Identity Center.
    pub(crate) region: String,
    /// The account of the role.
    pub(crate) account: String,
    /// The role's name.
    pub(crate) role: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    role_credentials: RoleCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
}

impl Login {
    /// The name of the file that has the login.
    fn file(&self) -> String {
        format!("{}.json", hex(&Sha1::digest(self.session.as_bytes())))
    }

    /// The token of the login, unless it has ended.
    fn token(&self, cache: Option<&Secret>, now: u64) -> Result<Secret, Failure> {
        let Self { profile, .. } = self;
        let again = format!("`aws sso login --profile {profile}` logs in");
        let kept = cache.and_then(|cache| cache.member(&self.file()));
        let Some(kept) = kept else {
            return Err(Failure::unauthenticated(format!(
                "profile `{profile}` is not logged in to {SERVICE}: there is no `~/.aws/sso/cache/{}`",
                self.file()
            ))
            .hint(again));
        };
        if let Some(end) = kept.public_member("expiresAt").filter(|end| has_ended(end, now)) {
            let end = excerpt(&end, 40);
            return Err(Failure::unauthenticated(format!(
                "the login of profile `{profile}` to {SERVICE} ended at `{end}`"
            ))
            .hint(format!("{again}; with `--allow-command aws` the connector has AWS's own program renew it")));
        }
        kept.member(ACCESS_TOKEN).ok_or_else(|| {
            Failure::unauthenticated(format!("`~/.aws/sso/cache/{}` has no `{ACCESS_TOKEN}`", self.file())).hint(again)
        })
    }
}

/// The keys of a profile's role, at a Unix time in seconds.
pub(crate) fn keys(
    login: &Login,
    connector: &Connector,
    options: &Options,
    now: u64,
) -> Result<Keys<'static>, Failure> {
    let Login { region, account, role, .. } = login;
    if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || region.is_empty() {
        return Err(Failure::invalid_input(format!(
            "the `sso_region` of profile `{}` is `{}`, expected a region such as `eu-west-1`",
            login.profile,
            excerpt(region, 40)
        )));
    }
    let token = login.token(connector.secret(SSO_CACHE), now)?;
    let query = format!("{PATH}?role_name={}&account_id={}", percent_encoded(role), percent_encoded(account));
    let url = match Endpoint::of_option(options, SSO_ENDPOINT)? {
        Some(own) => own.below(&query),
        None => format!("https://portal.sso.{region}.{}{query}", domain(region)),
    };
    let response = Request::new(Method::Get, &url).header(HEADER, &token).send()?;
    read(login, &response)
}

/// The domain of a region's services (botocore 1.44.8, `partitions.json`).
fn domain(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "amazonaws.com.cn",
        region if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

fn read(login: &Login, response: &Response) -> Result<Keys<'static>, Failure> {
    let Login { profile, account, role, .. } = login;
    if response.status == 200 {
        let returned: Returned =
            serde_json::from_slice(&response.body).map_err(|_| unreadable(SERVICE, "GetRoleCredentials"))?;
        let RoleCredentials { access_key_id, secret_access_key, session_token } = returned.role_credentials;
        return Keys::new(&access_key_id, secret_access_key, Some(SecretOrText::Text(session_token)));
    }
    let Refusal { code, words } = Refusal::of(response);
    let said =
        [words, code].into_iter().find(|said| !said.is_empty()).map_or_else(String::new, |said| format!(": {said}"));
    if let Some(failure) = response.unavailable(SERVICE, said.trim_start_matches(": ")) {
        return Err(failure);
    }
    Err(match response.status {
        401 => Failure::unauthenticated(format!("{SERVICE} takes the login of profile `{profile}` no more{said}"))
            .hint(format!("`aws sso login --profile {profile}` logs in")),
        403 | 404 => Failure::denied(format!(
            "{SERVICE} gives profile `{profile}` no keys of role `{role}` in account `{account}`{said}"
        ))
        .hint("`sso_role_name` and `sso_account_id` name a role that the start page shows"),
        status => Failure::other(format!("{SERVICE} answered {status}{said}")),
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::FailureKind;
    use crhost_flavor::testing::{Host, answer};

    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOW: u64 = 1_795_176_000;

    fn login() -> Login {
        let text = |text: &str| text.to_owned();
        Login {
            profile: text("dev"),
            session: text("my-sso"),
            region: text("eu-west-1"),
            account: text("123456789012"),
            role: text("push"),
        }
    }

    #[test]
    fn the_cache_is_the_file_that_botocore_reads() {
        // hashlib.sha1(b"my-sso").hexdigest(), as `SSOTokenProvider` and `SSOTokenLoader` have it.
        assert_eq!(login().file(), "0ad374308c5a4e22f723adf10145eafad7c4031c.json");
    }

    #[test]
    fn a_login_that_is_none_or_has_ended_is_told_with_the_command_that_logs_in() {
        let host = Host::at(NOW);
        let token = |text: &str| {
            let cache = text.replace("FILE", &login().file());
            login().token(Some(&host.secret_json(&serde_json::from_str(&cache).unwrap(), &PUBLIC)), NOW)
        };
        assert!(token(r#"{"FILE": {"accessToken": "t", "expiresAt": "2026-11-20T12:00:01Z"}}"#).is_ok());
        for (cache, words) in [
            (
                r#"{"FILE": {"accessToken": "t", "expiresAt": "2026-11-20T12:00:00Z"}}"#,
                "ended at `2026-11-20T12:00:00Z`",
            ),
            (r#"{"FILE": {"accessToken": "t", "expiresAt": "2019-05-30T00:00:00UTC"}}"#, "ended at"),
            (r#"{"FILE": {"expiresAt": "2026-11-20T12:00:01Z"}}"#, "has no `accessToken`"),
            (r#"{"other.json": {}}"#, "is not logged in"),
        ] {
            let failure = token(cache).err().unwrap();
            assert_eq!(failure.kind, FailureKind::Unauthenticated, "{cache}");
            assert!(failure.message.contains(words), "{}", failure.message);
            assert!(failure.hint.unwrap().starts_with("`aws sso login --profile dev` logs in"));
        }
        assert!(login().token(None, NOW).is_err());
    }

    #[test]
    fn an_answer_is_keys_or_a_refusal_in_the_service_s_words() {
        let keys = r#"{"roleCredentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s",
            "sessionToken": "t", "expiration": 1795179600000}}"#;
        assert!(read(&login(), &answer(200, keys)).is_ok());
        for (status, body, kind, words) in [
            (200, "{}", FailureKind::Other, "can't be read"),
            (401, r#"{"message": "Session token not found or invalid"}"#, FailureKind::Unauthenticated, "not found or"),
            (
                403,
                r#"{"message": "No access"}"#,
                FailureKind::Denied,
                "role `push` in account `123456789012`: No access",
            ),
            (404, r#"{"message": "x"}"#, FailureKind::Denied, "x"),
            (429, r#"{"message": "HTTP 429"}"#, FailureKind::RateLimited, ""),
            (400, "", FailureKind::Other, "answered 400"),
        ] {
            let failure = read(&login(), &answer(status, body)).err().unwrap();
            assert_eq!(failure.kind, kind, "{status}");
            assert!(failure.message.contains(words), "{}", failure.message);
        }
    }
}
