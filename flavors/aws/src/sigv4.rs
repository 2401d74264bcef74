//! Signature Version 4, as AWS's JSON and query services take it: a `POST` without query, all headers signed.

use sha2::{Digest as _, Sha256};

use crate::time;

/// Bytes of SHA-256's blocks (FIPS 180-4), to which HMAC pads its key.
const BLOCK: usize = 64;

/// What is signed.
pub(crate) struct Unsigned<'a> {
    /// As the header `host` has it.
    pub(crate) host: &'a str,
    /// The path, `/` at least.
    pub(crate) path: &'a str,
    pub(crate) content_type: &'a str,
    /// The header `x-amz-target`, which the JSON services have.
    pub(crate) target: Option<&'a str>,
    /// The token of temporary keys.
    pub(crate) session_token: Option<&'a str>,
    pub(crate) body: &'a str,
    /// The service and the region that the signature is good for.
    pub(crate) service: &'a str,
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
    ///
    /// `first` is the one step that needs the secret: the HMAC, under `AWS4` and the secret, of what it is passed.
    pub(crate) fn authorization(&self, access_key_id: &str, first: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let date = self.date();
        let day = date.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let (names, request) = self.canonical(&date);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let mut key = first(day.as_bytes());
        for part in [self.region, self.service, "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        let signature = hex(&hmac(&key, to_sign.as_bytes()));
        format!("AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// The names of the signed headers, and the canonical request.
    fn canonical(&self, date: &str) -> (String, String) {
        let headers = [
            ("content-type", Some(self.content_type)),
            ("host", Some(self.host)),
            ("x-amz-date", Some(date)),
            ("x-amz-security-token", self.session_token),
            ("x-amz-target", self.target),
        ];
        let (mut names, mut lines) = (Vec::new(), String::new());
        for (name, value) in headers.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            names.push(name);
            lines.push_str(&format!("{name}:{}\n", value.trim()));
        }
        let names = names.join(";");
        let body = hex(&Sha256::digest(self.body));
        let request = format!("POST\n{}\n\n{lines}\n{names}\n{body}", self.path);
        (names, request)
    }
}

/// The first step, for a secret that is known.
pub(crate) fn first(secret: &str, date: &[u8]) -> Vec<u8> {
    hmac(format!("AWS4{secret}").as_bytes(), date)
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; BLOCK];
    let hashed = Sha256::digest(key);
    let key = if key.len() > BLOCK { hashed.as_slice() } else { key };
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
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
            session_token: None,
            body: "{}",
            service: "ecr",
            region: "eu-west-1",
            now: NOON,
        }
    }

    #[test]
    fn signatures_are_those_of_botocore() {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            ecr().authorization("AKIDEXAMPLE", |date| first(secret, date)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/ecr/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
             Signature=140ce5815f9db3e3dbcb960f1a39be57c7b1f0a7274966034c91c5abb0dc929e"
        );
        let temporary =
            Unsigned { session_token: Some("SESSIONTOKEN=="), body: r#"{"registryIds":["123456789012"]}"#, ..ecr() };
        assert_eq!(
            temporary.authorization("ASIAEXAMPLE", |date| first("secret", date)),
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
            sts.authorization("AKIDEXAMPLE", |date| first("secret", date)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/eu-west-1/sts/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=1d86c35110bd69620de2c14ee26690e1eb76a2b85769bc494eebe0b03142dcb0"
        );
    }

    #[test]
    fn hmac_is_that_of_the_standard_for_short_and_long_keys() {
        // RFC 4231, test cases 2 and 6.
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
