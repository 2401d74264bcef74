//! Signature Version 4 of AWS, for its JSON and query services: a `POST` without a query, with all headers signed.

use crate::hash::{hex, hmac, sha256};
use crate::keys::Keys;
use crate::{secret_hash, time};

/// A request to sign.
pub(crate) struct Unsigned<'a> {
    /// The header `host`.
    pub(crate) host: &'a str,
    /// The path, `/` at least.
    pub(crate) path: &'a str,
    /// The header `content-type`.
    pub(crate) content_type: &'a str,
    /// The header `x-amz-target`, which the JSON services have.
    pub(crate) target: Option<&'a str>,
    /// The body.
    pub(crate) body: &'a str,
    /// The service that the signature is for.
    pub(crate) service: &'a str,
    /// The region that the signature is for.
    pub(crate) region: &'a str,
    /// Unix time.
    pub(crate) now: u64,
}

impl Unsigned<'_> {
    /// The value of the header `x-amz-date`.
    pub(crate) fn date(&self) -> String {
        time::basic(self.now)
    }

    /// The value of the header `authorization`.
    pub(crate) fn authorization(&self, keys: &Keys<'_>) -> String {
        let date = self.date();
        let day = date.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let (names, request) = self.canonical(&date, keys);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&request));
        let mut key = secret_hash::hmac(&keys.secret, "AWS4", day.as_bytes());
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let signature = hex(&hmac(&key, to_sign.as_bytes()));
        let id = &keys.access_key_id;
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// The names of the signed headers, and the hash of the canonical request.
    fn canonical(&self, date: &str, keys: &Keys<'_>) -> (String, Vec<u8>) {
        let Self { host, path, content_type, body, .. } = self;
        let body = hex(&sha256(&[body.as_bytes()]));
        let before = format!("POST\n{path}\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:{date}\n");
        let (target_name, target_line) = match self.target {
            Some(target) => (";x-amz-target", format!("x-amz-target:{target}\n")),
            None => ("", String::new()),
        };
        let token_name = if keys.session_token.is_some() { ";x-amz-security-token" } else { "" };
        let names = format!("content-type;host;x-amz-date{token_name}{target_name}");
        let after = format!("{target_line}\n{names}\n{body}");
        let hash = match &keys.session_token {
            Some(token) => secret_hash::sha256(token, &format!("{before}x-amz-security-token:"), &format!("\n{after}")),
            None => sha256(&[before.as_bytes(), after.as_bytes()]),
        };
        (names, hash)
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::SecretValue;

    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: u64 = 1_795_176_000;
    const JSON: &str = "application/x-amz-json-1.1";
    const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

    fn ecr() -> Unsigned<'static> {
        Unsigned {
            host: "api.ecr.eu-west-1.amazonaws.com",
            path: "/",
            content_type: JSON,
            target: Some(TARGET),
            body: "{}",
            service: "ecr",
            region: "eu-west-1",
            now: NOON,
        }
    }

    fn keys(id: &str, secret: &str, token: Option<&str>) -> Keys<'static> {
        let known = |text: &str| SecretValue::Text(text.to_owned());
        Keys { access_key_id: id.to_owned(), secret: known(secret), session_token: token.map(known) }
    }

    #[test]
    fn signatures_are_those_of_botocore() {
        let keys = keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        assert_eq!(
            ecr().authorization(&keys),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/ecr/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
             Signature=140ce5815f9db3e3dbcb960f1a39be57c7b1f0a7274966034c91c5abb0dc929e"
        );
        let temporary = Unsigned { body: r#"{"registryIds":["123456789012"]}"#, ..ecr() };
        assert_eq!(
            temporary.authorization(&self::keys("ASIAEXAMPLE", "secret", Some("SESSIONTOKEN=="))),
            "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20261120/eu-west-1/ecr/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=b01ff5962dd2f557231b80832524ef94284927432f2ef1b2178b0ace1d7d96b0"
        );
        let sts = Unsigned {
            host: "sts.eu-west-1.amazonaws.com",
            content_type: "application/x-www-form-urlencoded; charset=utf-8",
            target: None,
            body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpush\
                   &RoleSessionName=crhost&DurationSeconds=900",
            service: "sts",
            ..ecr()
        };
        assert_eq!(
            sts.authorization(&self::keys("AKIDEXAMPLE", "secret", None)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=1d86c35110bd69620de2c14ee26690e1eb76a2b85769bc494eebe0b03142dcb0"
        );
    }
}
