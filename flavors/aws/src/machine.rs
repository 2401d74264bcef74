//! Keys that AWS issues to a machine: to a container (ECS, EKS Pod Identity), or to an instance (IMDSv2).

use crhost_flavor::http::{Method, Request, Response};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Connector, Failure, FailureKind, Options, SecretOrText};
use serde::Deserialize;

use crate::endpoint::{Endpoint, unreadable};
use crate::keys::Keys;
use crate::names::{
    CONTAINER_AUTHORIZATION_TOKEN, CONTAINER_CREDENTIALS_FULL_URI, CONTAINER_ENDPOINT, IMDS_DISABLED, IMDS_ENDPOINT,
    IMDS_MODE, IMDS_URL,
};
use crate::refusal::{self, Refusal};
use crate::xml;

/// The container's service in messages.
const CONTAINER: &str = "the container's credentials";
/// The instance's service in messages.
const INSTANCE: &str = "the instance's metadata";

/// Address of a container's credentials, which answers on the machine itself only.
pub(crate) const ECS: &str = "http://169.254.170.2";
/// Address of the credentials of EKS Pod Identity, which answers on the machine itself only (AWS's documentation of
/// EKS, "How EKS Pod Identity works").
pub(crate) const EKS: &str = "http://169.254.170.23";
/// Its path.
pub(crate) const EKS_PATH: &str = "/v1/credentials";

/// Address of an instance's metadata, which answers on the machine itself only.
pub(crate) const IMDS: &str = "http://169.254.169.254";
/// The same in networks of IPv6 (`METADATA_BASE_URL_IPv6` of botocore). It is no link-local address: users grant it by
/// itself.
const IMDS_IPV6: &str = "http://[fd00:ec2::254]";

/// The path at which the metadata issues tokens.
pub(crate) const TOKEN_PATH: &str = "/latest/api/token";
/// The path of the instance's roles, each of which is below it.
pub(crate) const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// Lifetime of a token of the metadata in seconds: longer than a call takes.
const TOKEN_SECONDS: &str = "60";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Returned {
    access_key_id: String,
    secret_access_key: String,
    token: String,
}

/// Why there are no keys of an instance.
pub(crate) enum NoKeys {
    /// There is no answer, or the address is not granted: this may not be an instance.
    NoAnswer(Failure),
    /// The metadata answers, and has no keys.
    Answered(Failure),
}

impl From<NoKeys> for Failure {
    fn from(none: NoKeys) -> Self {
        match none {
            NoKeys::NoAnswer(failure) | NoKeys::Answered(failure) => failure,
        }
    }
}

/// The keys of the container that this runs in; `None` outside of one.
pub(crate) fn container(connector: &Connector, options: &Options) -> Result<Option<Keys<'static>>, Failure> {
    let url =
        match (connector.text("container-credentials-relative-uri"), connector.text(CONTAINER_CREDENTIALS_FULL_URI)) {
            (Some(path), _) if path.starts_with('/') => {
                let own = Endpoint::of_option(options, CONTAINER_ENDPOINT)?;
                own.map_or_else(|| format!("{ECS}{path}"), |own| own.below(path))
            }
            (Some(path), _) => {
                return Err(Failure::invalid_input(format!("`{path}` is not the path of a container's credentials")));
            }
            (None, Some(url)) => url.to_owned(),
            (None, None) => return Ok(None),
        };
    let request = Request::new(Method::Get, &url);
    let (request, flag) = match connector.secret(CONTAINER_AUTHORIZATION_TOKEN) {
        Some(token) => (request.header("authorization", token), "--allow-secret-host"),
        None => (request, "--allow-host"),
    };
    let response = request.send().map_err(|error| granted(error.into(), &url, flag))?;
    keys(&success(response, CONTAINER)?, CONTAINER).map(Some)
}

/// The keys of the instance that this runs on.
pub(crate) fn instance(connector: &Connector, options: &Options) -> Result<Keys<'static>, NoKeys> {
    // As botocore reads it: `true` in any case (`utils.py`, `InstanceMetadataFetcher`).
    if connector.text(IMDS_DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let failure = Failure::unauthenticated(format!("{INSTANCE} is not asked, as `AWS_EC2_METADATA_DISABLED` says"));
        return Err(NoKeys::Answered(failure));
    }
    let own = Endpoint::of_option(options, IMDS_ENDPOINT).map_err(NoKeys::Answered)?;
    let own = own.map_or_else(|| address(connector), |own| Ok(Some(own))).map_err(NoKeys::Answered)?;
    let url = |path: &str| own.as_ref().map_or_else(|| format!("{IMDS}{path}"), |own| own.below(path));
    let token_url = url(TOKEN_PATH);
    let token = Request::new(Method::Put, &token_url).header("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS);
    let token = token.send().map_err(|error| NoKeys::NoAnswer(granted(error.into(), &token_url, "--allow-host")))?;
    let token = success(token, INSTANCE).map_err(NoKeys::Answered)?;
    role_keys(&url, &text(&token)).map_err(NoKeys::Answered)
}

/// The address of the metadata that the environment names, as botocore reads it (1.43.11, `utils.py`,
/// `resolve_imds_endpoint_mode` and `IMDSFetcher._select_base_url`): an address has precedence over a mode.
fn address(connector: &Connector) -> Result<Option<Endpoint>, Failure> {
    match (connector.text(IMDS_URL).filter(|url| !url.is_empty()), connector.text(IMDS_MODE)) {
        (Some(url), _) => Endpoint::parse(url).map(Some).ok_or_else(|| {
            let url = excerpt(url, 200);
            Failure::invalid_input(format!(
                "`AWS_EC2_METADATA_SERVICE_ENDPOINT` is `{url}`, expected a URL without query"
            ))
            .hint(format!("write e.g. `{IMDS}`"))
        }),
        (None, Some(mode)) if mode.eq_ignore_ascii_case("ipv6") => Ok(Endpoint::parse(IMDS_IPV6)),
        (None, Some(mode)) if !mode.is_empty() && !mode.eq_ignore_ascii_case("ipv4") => {
            let mode = excerpt(mode, 60);
            Err(Failure::invalid_input(format!(
                "`AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` is `{mode}`, expected `IPv4` or `IPv6`"
            ))
            .hint("set it to one of them, or leave it out"))
        }
        (None, _) => Ok(None),
    }
}

/// The keys of an instance whose metadata has issued a token.
fn role_keys(url: &dyn Fn(&str) -> String, token: &str) -> Result<Keys<'static>, Failure> {
    let get = |path: &str| {
        let response = Request::new(Method::Get, url(path)).header("x-aws-ec2-metadata-token", token).send()?;
        success(response, INSTANCE)
    };
    let roles = text(&get(ROLES)?);
    let role = roles.lines().next().unwrap_or_default();
    if role.is_empty() || !role.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)) {
        return Err(
            Failure::unauthenticated(format!("{INSTANCE} names no role")).hint("attach an IAM role to the instance")
        );
    }
    keys(&get(&format!("{ROLES}{role}"))?, INSTANCE)
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).trim().to_owned()
}

fn success(response: Response, who: &str) -> Result<Response, Failure> {
    match response.status {
        200 => Ok(response),
        status => {
            let words = words(&response);
            Err(response.unavailable(who, &words).unwrap_or_else(|| {
                let said = if words.is_empty() { words } else { format!(": {words}") };
                Failure::unauthenticated(format!("{who} answered {status}{said}"))
                    .hint("see whether a role is attached, and whether this may ask for it")
            }))
        }
    }
}

/// The words of an answer in one line: ECS has JSON, Pod Identity plain text, and IMDS HTML with a title.
fn words(response: &Response) -> String {
    let Refusal { code, words } = Refusal::of(response);
    match (code.as_str(), words.as_str()) {
        ("", "") => {
            let body = String::from_utf8_lossy(&response.body);
            let is_markup = body.trim_start().starts_with('<');
            let shown = if is_markup { xml::element(&body, "title") } else { Some(body.trim().to_owned()) };
            refusal::one_line(&shown.unwrap_or_default())
        }
        (code, "") => code.to_owned(),
        ("", _) => words,
        (code, words) => format!("{words} ({code})"),
    }
}

fn keys(response: &Response, who: &str) -> Result<Keys<'static>, Failure> {
    let returned: Returned = serde_json::from_slice(&response.body).map_err(|_| unreadable(who, "GET"))?;
    let token = Some(SecretOrText::Text(returned.token));
    Keys::new(&returned.access_key_id, returned.secret_access_key, token)
}

/// Adds the flag that grants an address inside this machine, which only the user can do.
fn granted(failure: Failure, url: &str, flag: &str) -> Failure {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let flag = match [ECS, EKS, IMDS].contains(&origin.as_str()) {
        true => "--allow-metadata aws".to_owned(),
        false => format!("{flag} {origin}"),
    };
    match failure.kind {
        FailureKind::Denied => failure.hint(format!("`{flag}` when registering the registry lets it be asked")),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::answer;

    use super::*;

    fn read(body: &str) -> Result<Keys<'static>, Failure> {
        keys(&answer(200, body), INSTANCE)
    }

    #[test]
    fn returned_keys_are_whole_or_a_failure_without_them() {
        let whole = r#"{"Code":"Success","AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"s/+","Token":"t=="}"#;
        assert!(matches!(read(whole).unwrap().session_token, Some(SecretOrText::Text(token)) if token == "t=="));
        for half in ["", "{}", "[]", &whole.replace('}', ""), r#"{"Code":"Failed"}"#] {
            let failure = read(half).err().unwrap();
            assert!(!failure.message.contains("s/+"), "{}", failure.message);
        }
    }

    #[test]
    fn the_environment_says_where_the_metadata_is() {
        let of = |fields: &[(&str, &str)]| address(&crhost_flavor::testing::connector("implicit", fields));
        let url = |fields: &[(&str, &str)]| of(fields).unwrap().map(|endpoint| endpoint.below(TOKEN_PATH));
        assert_eq!(url(&[]), None);
        assert_eq!(url(&[(IMDS_MODE, "IPv4")]), None);
        assert_eq!(url(&[(IMDS_MODE, "ipv6")]).unwrap(), "http://[fd00:ec2::254]/latest/api/token");
        let both = [(IMDS_MODE, "IPv6"), (IMDS_URL, "http://127.0.0.1:1338/")];
        assert_eq!(url(&both).unwrap(), "http://127.0.0.1:1338/latest/api/token");
        for (field, value) in [(IMDS_MODE, "IPv5"), (IMDS_URL, "127.0.0.1")] {
            assert!(of(&[(field, value)]).unwrap_err().message.contains(value));
        }
    }

    #[test]
    fn what_a_machine_says_is_kept_in_one_line() {
        let long = "x".repeat(5_000);
        for (body, expected) in [
            (
                r#"{"code":"NoIdInRequest","message":"No Id\nin the request"}"#,
                "answered 400: No Id in the request (NoIdInRequest)",
            ),
            ("[a1]: fetch error:\n no association found\n", "answered 400: [a1]: fetch error: no association found"),
            ("<?xml?>\n<html><head><title>404 - Not Found</title></head></html>", "answered 400: 404 - Not Found"),
            ("<html><body>?</body>", "answered 400"),
            ("", "answered 400"),
            ("\u{1b}[31m", "answered 400: [31m"),
        ] {
            let failure = success(answer(400, body), "ECS").err().unwrap();
            assert_eq!((failure.kind, failure.message), (FailureKind::Unauthenticated, format!("ECS {expected}")));
            let failure = success(answer(503, body), "ECS").err().unwrap();
            let expected = expected.replace("400", "503");
            assert_eq!((failure.kind, failure.message), (FailureKind::Unavailable, format!("ECS {expected}")));
        }
        assert!(success(answer(400, &long), "ECS").err().unwrap().message.len() < 1_000);
    }

    #[test]
    fn an_address_that_is_not_open_comes_with_the_words_that_open_it() {
        for (url, words) in [
            ("http://169.254.170.2/v2/credentials/x", "`--allow-metadata aws`"),
            ("http://169.254.170.23/v1/credentials", "`--allow-metadata aws`"),
            ("http://127.0.0.1:80/x", "`--allow-secret-host http://127.0.0.1:80`"),
        ] {
            let failure = granted(Failure::denied("no"), url, "--allow-secret-host");
            assert!(failure.hint.unwrap().contains(words), "{url}");
        }
    }
}
