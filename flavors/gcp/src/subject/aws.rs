//! The keys and the region with which a request to AWS's STS is signed, in the place of a token: those of the
//! connector, or of the instance that this runs on (google-auth 2.63.0, `aws.py`).

use crhost_flavor::http::{Method, Request, Response};
use crhost_flavor::text::excerpt;
use crhost_flavor::{Failure, Operation, SecretOrText, clock};
use serde::Deserialize;

use super::caller_identity::{CallerIdentity, Keys, QUERY};
use super::given_keys::{GivenKeys, is_name};
use super::source::{METADATA, by_crhost, closed, is_url, success};
use crate::file::File;

/// The path of the keys of the instance's roles.
const KEYS: &str = "/latest/meta-data/iam/security-credentials";
/// The path of the zone that the instance is in.
const ZONE: &str = "/latest/meta-data/placement/availability-zone";
/// The path at which the metadata issues tokens (IMDSv2).
const TOKEN: &str = "/latest/api/token";

/// The URL that is signed where the file says nothing else.
const VERIFICATION: &str = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15";

/// The next step where the instance gives no keys.
const NO_ROLE: &str = "attach an IAM role to the instance, which the pool's provider has to let in";

/// The places of a file, and the keys of the connector, which come before them.
pub(crate) struct Aws<'a> {
    given: Option<GivenKeys<'a>>,
    keys: String,
    region: String,
    token: Option<String>,
    verification: String,
}

/// The keys of a role.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleKeys {
    access_key_id: String,
    secret_access_key: String,
    token: String,
}

/// The requests of an instance.
pub(crate) fn by_instance() -> [Operation; 2] {
    [
        Operation::new("subject-token-aws-session", "Gets a token of the metadata of an instance at AWS")
            .put()
            .host(METADATA)
            .path(TOKEN)
            .header("x-aws-ec2-metadata-token-ttl-seconds"),
        Operation::new(
            "subject-token-aws",
            "Gets zone and keys of the instance, which sign a request that Google sends",
        )
        .get()
        .host(METADATA)
        .path(ZONE)
        .path(KEYS)
        .path(format!("{KEYS}/*"))
        .header("x-aws-ec2-metadata-token"),
    ]
}

impl<'a> Aws<'a> {
    /// The places in a file's source.
    pub(crate) fn read(source: &File<'_>, environment: &str, given: Option<GivenKeys<'a>>) -> Result<Self, Failure> {
        let url = |name: &str, otherwise: String| match source.public_member(name) {
            Some(url) if !is_url(&url) => {
                Err(Failure::invalid_input(format!("the file's `{name}` is `{}`, expected a URL", excerpt(&url, 200)))
                    .hint("use the file as it was written"))
            }
            url => Ok(url.unwrap_or(otherwise)),
        };
        // As google-auth has it: `aws` and the version of what the file says.
        if environment != "aws1" {
            return Err(Failure::unsupported(format!(
                "the file's `environment_id` is `{}`, expected `aws1`",
                excerpt(environment, 60)
            ))
            .hint("`gcloud iam workload-identity-pools create-cred-config` writes a file that can be used"));
        }
        let token =
            source.public_member("imdsv2_session_token_url").map(|_| url("imdsv2_session_token_url", String::new()));
        let verification = url("regional_cred_verification_url", VERIFICATION.to_owned())?;
        let host = verification.strip_prefix("https://").and_then(|rest| rest.strip_suffix(QUERY));
        let host = host.and_then(|host| host.strip_suffix('?')).map(|host| host.trim_end_matches('/'));
        if !host.is_some_and(|host| ["sts.{region}.", "sts-fips.{region}."].iter().any(|of| host.starts_with(of))) {
            return Err(Failure::invalid_input(format!(
                "the file's `regional_cred_verification_url` is `{}`, expected `{VERIFICATION}`",
                excerpt(&verification, 200)
            ))
            .hint("see where the file comes from: nothing else is signed with the keys of this machine"));
        }
        Ok(Self {
            given,
            keys: url("url", format!("{METADATA}{KEYS}"))?,
            region: url("region_url", format!("{METADATA}{ZONE}"))?,
            token: token.transpose()?,
            verification,
        })
    }

    /// The signed request.
    pub(crate) fn token(&self, audience: &str) -> Result<SecretOrText<'static>, Failure> {
        if let Some(GivenKeys { access_key_id, secret, session_token, region }) = self.given {
            let session_token = session_token.map(SecretOrText::from);
            let keys = Keys { access_key_id: access_key_id.to_owned(), secret: secret.into(), session_token };
            return self.request(region, audience).signed(&keys);
        }
        let otherwise = by_crhost(audience);
        let send = |request: Request<'_>, url: &str| {
            let response = request.send().map_err(|error| closed(error.into(), url, "--allow-host", &otherwise))?;
            success(response, url, NO_ROLE).map(|response| text(&response))
        };
        let session = match &self.token {
            Some(url) => {
                let request = Request::new(Method::Put, url).header("x-aws-ec2-metadata-token-ttl-seconds", "300");
                Some(send(request, url)?)
            }
            None => None,
        };
        let get = |url: &str| {
            let request = Request::new(Method::Get, url);
            let request = match &session {
                Some(token) => request.header("x-aws-ec2-metadata-token", token.as_str()),
                None => request,
            };
            send(request, url)
        };
        let zone = get(&self.region)?;
        // A zone is a region with a letter.
        let region: String = zone.chars().take(zone.chars().count().saturating_sub(1)).collect();
        let role = get(&self.keys)?;
        if !is_name(&region) || !is_name(&role) {
            return Err(
                Failure::unauthenticated("the metadata of this machine names no region or no role").hint(NO_ROLE)
            );
        }
        let keys = get(&format!("{}/{role}", self.keys))?;
        let keys: RoleKeys = serde_json::from_str(&keys).map_err(|_| {
            Failure::unauthenticated("the metadata of this machine gives no keys of its role").hint(NO_ROLE)
        })?;
        let RoleKeys { access_key_id, secret_access_key, token } = keys;
        let session_token = Some(SecretOrText::Text(token));
        self.request(&region, audience).signed(&Keys { access_key_id, secret: secret_access_key.into(), session_token })
    }

    /// The request that is signed for a region.
    fn request<'r>(&self, region: &'r str, audience: &'r str) -> CallerIdentity<'r> {
        CallerIdentity { url: self.verification.replace("{region}", region), region, audience, now: clock::now() }
    }
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::{Host, answer};
    use serde_json::{Value, json};

    use super::*;
    use crate::Gcp;
    use crate::file::PUBLIC;

    const AUDIENCE: &str = "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci/providers/aws";

    /// What google-auth 2.62.2 makes of the same answers at the same time.
    const GOOGLE_AUTH: &str = "%7B%22headers%22%3A%5B%7B%22key%22%3A%22Authorization%22%2C%22value%22%3A%22AWS4-HMAC-SHA256%20Credential%3DASIAIOSFODNN7EXAMPLE/20261120/us-east-2/sts/aws4_request%2C%20SignedHeaders%3Dhost%3Bx-amz-date%3Bx-amz-security-token%2C%20Signature%3D7c7f625ba6216864460cc1cffe5b770b61a1a7951bfdb265b7cd4187c064b1a1%22%7D%2C%7B%22key%22%3A%22host%22%2C%22value%22%3A%22sts.us-east-2.amazonaws.com%22%7D%2C%7B%22key%22%3A%22x-amz-date%22%2C%22value%22%3A%2220261120T120000Z%22%7D%2C%7B%22key%22%3A%22x-amz-security-token%22%2C%22value%22%3A%22session%2Btoken/%3D%3D%22%7D%2C%7B%22key%22%3A%22x-goog-cloud-target-resource%22%2C%22value%22%3A%22//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/ci/providers/aws%22%7D%5D%2C%22method%22%3A%22POST%22%2C%22url%22%3A%22https%3A//sts.us-east-2.amazonaws.com%3FAction%3DGetCallerIdentity%26Version%3D2011-06-15%22%7D";

    fn source() -> Value {
        json!({
            "environment_id": "aws1",
            "region_url": "http://169.254.169.254/latest/meta-data/placement/availability-zone",
            "url": "http://169.254.169.254/latest/meta-data/iam/security-credentials",
            "regional_cred_verification_url": VERIFICATION,
            "imdsv2_session_token_url": "http://169.254.169.254/latest/api/token",
        })
    }

    fn read(host: &Host, source: &Value) -> Result<Aws<'static>, Failure> {
        let file = host.secret_json(&json!({"credential_source": source}), &PUBLIC);
        let source = File::new(file.member("credential_source").unwrap());
        let environment = source.public_member("environment_id").unwrap();
        Aws::read(&source, &environment, None)
    }

    #[test]
    fn the_signed_request_is_that_of_google_s_own_client() {
        let url = |path: &str| format!("{METADATA}{path}");
        let keys = r#"{"Code":"Success","AccessKeyId":"ASIAIOSFODNN7EXAMPLE","Token":"session+token/==",
            "SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}"#;
        let host = Host::at(1_795_176_000).holding::<Gcp>();
        let host = host.answers(Method::Put, &url(TOKEN), answer(200, "imds-token"));
        let host = host.answers(Method::Get, &url(ZONE), answer(200, "us-east-2b"));
        let host = host.answers(Method::Get, &url(KEYS), answer(200, "push\n"));
        let host = host.answers(Method::Get, &url(&format!("{KEYS}/push")), answer(200, keys));
        let token = read(&host, &source()).unwrap().token(AUDIENCE).unwrap();
        assert!(matches!(token, SecretOrText::Text(token) if token == GOOGLE_AUTH));
        assert_eq!(host.sent()[3].header("x-aws-ec2-metadata-token"), Some("imds-token"));
    }

    #[test]
    fn keys_of_the_connector_sign_the_same_request_and_stay_with_crhost() {
        let host = Host::at(1_795_176_000).holding::<Gcp>();
        let (secret, session) =
            (host.secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), host.secret("session+token/=="));
        let keys = GivenKeys {
            access_key_id: "ASIAIOSFODNN7EXAMPLE",
            secret: &secret,
            session_token: Some(&session),
            region: "us-east-2",
        };
        let aws = Aws { given: Some(keys), ..read(&host, &source()).unwrap() };
        let SecretOrText::Secret(joined) = aws.token(AUDIENCE).unwrap() else { panic!("the token is text") };
        // The slash is escaped as well, which the receiver undoes.
        assert_eq!(host.revealed(&joined).replace("%2F", "/"), GOOGLE_AUTH);
        assert!(host.sent().is_empty());
    }

    #[test]
    fn a_machine_without_a_role_is_told_what_it_lacks() {
        let mut old = source();
        old.as_object_mut().unwrap().remove("imdsv2_session_token_url");
        let host = Host::at(0).answers(Method::Get, &format!("{METADATA}{ZONE}"), answer(200, "us-east-2b"));
        let host = host.answers(Method::Get, &format!("{METADATA}{KEYS}"), answer(404, ""));
        let failure = read(&host, &old).unwrap().token(AUDIENCE).err().unwrap();
        assert!(failure.message.contains("answered 404") && failure.hint.unwrap().contains("IAM role"));
    }

    #[test]
    fn nothing_but_the_question_for_the_caller_is_signed() {
        let host = Host::at(0);
        for (member, value) in [
            ("environment_id", "aws2"),
            ("regional_cred_verification_url", "https://iam.amazonaws.com?Action=CreateUser&Version=2010-05-08"),
            (
                "regional_cred_verification_url",
                "https://sts.{region}.amazonaws.com?Action=AssumeRole&Version=2011-06-15",
            ),
            (
                "regional_cred_verification_url",
                "http://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
            ),
            ("url", "file:///x"),
            ("region_url", ""),
        ] {
            let mut source = source();
            source[member] = json!(value);
            assert!(read(&host, &source).is_err(), "{member} {value}");
        }
    }
}
