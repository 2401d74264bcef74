//! Signature Version 4 of AWS, for its JSON and query services: a `POST` without a query, with all headers signed.

use crhost_flavor::hash::{hex, sha256};
use crhost_flavor::http::Value;
use crhost_flavor::secrets::Part;
use crhost_flavor::{Failure, time};

use crate::keys::Keys;
use crhost_flavor::secret_bytes::{SecretBytes, Signature, sign_v4};

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
        time::to_basic(self.now)
    }

    /// The signature of the request.
    pub(crate) fn signed(&self, keys: &Keys<'_>) -> Result<Signed, Failure> {
        let date = self.date();
        let headers = self.headers(&date, keys);
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let request = self.canonical(headers, &names);
        let Signature { scope, value: signature } =
            sign_v4(&keys.secret, &date, (self.region, self.service), &request)?;
        let id = &keys.access_key_id;
        let before = format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature=");
        Ok(Signed { before, signature })
    }

    /// The headers that are signed, in the order of their names.
    fn headers<'k>(&self, date: &str, keys: &'k Keys<'_>) -> Vec<(&'static str, Vec<Part<'k>>)> {
        let mut headers = vec![
            ("content-type", vec![self.content_type.into()]),
            ("host", vec![self.host.into()]),
            ("x-amz-date", vec![date.into()]),
        ];
        headers.extend(keys.session_token.iter().map(|token| ("x-amz-security-token", token.parts())));
        headers.extend(self.target.iter().map(|target| ("x-amz-target", vec![(*target).into()])));
        headers
    }

    /// The canonical request, which the signature is about; `names` are those of the headers.
    fn canonical<'k>(&self, headers: Vec<(&'static str, Vec<Part<'k>>)>, names: &str) -> Vec<Part<'k>> {
        let mut request: Vec<Part<'k>> = vec![format!("POST\n{}\n\n", self.path).into()];
        for (name, value) in headers {
            request.push(format!("{name}:").into());
            request.extend(value);
            request.push("\n".into());
        }
        request.push(format!("\n{names}\n{}", hex(&sha256(&[self.body.as_bytes()]))).into());
        request
    }
}

/// The header `authorization` of a signed request.
pub(crate) struct Signed {
    /// Its value up to the signature.
    before: String,
    /// The signature.
    signature: SecretBytes<'static>,
}

impl Signed {
    /// Its value.
    pub(crate) fn value(&self) -> Value<'_> {
        self.signature.after(&self.before)
    }
}

#[cfg(test)]
mod tests {
    use crhost_flavor::SecretOrText;

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
        let token = token.map(|text| SecretOrText::Text(text.to_owned()));
        Keys { access_key_id: id.to_owned(), secret: secret.to_owned().into(), session_token: token }
    }

    fn authorization(request: &Unsigned<'_>, keys: &Keys<'_>) -> String {
        match request.signed(keys).unwrap().value() {
            Value::Text(text) => text,
            Value::Secret(_) | Value::Basic(_) => panic!("no secret was given"),
        }
    }

    #[test]
    fn signatures_are_those_of_botocore() {
        let keys = keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        assert_eq!(
            authorization(&ecr(), &keys),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/ecr/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
             Signature=140ce5815f9db3e3dbcb960f1a39be57c7b1f0a7274966034c91c5abb0dc929e"
        );
        let temporary = Unsigned { body: r#"{"registryIds":["123456789012"]}"#, ..ecr() };
        assert_eq!(
            authorization(&temporary, &self::keys("ASIAEXAMPLE", "secret", Some("SESSIONTOKEN=="))),
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
            authorization(&sts, &self::keys("AKIDEXAMPLE", "secret", None)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=1d86c35110bd69620de2c14ee26690e1eb76a2b85769bc494eebe0b03142dcb0"
        );
    }
}
