//! A signed request to AWS's STS (`GetCallerIdentity`) as text: Google sends it, and learns whose keys signed it
//! (google-auth 2.63.0, `aws.py`).

use crhost_flavor::hash::{hex, sha256};
use crhost_flavor::http::percent_encoded;
use crhost_flavor::secret_bytes::{SecretBytes, Signature, known, sign_v4};
use crhost_flavor::secrets::{Escaping, Part, join};
use crhost_flavor::{Failure, SecretOrText, time};
use serde_json::{Value, json};

/// The only query that is signed.
pub(super) const QUERY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Keys of AWS: secrets of the connector, or texts that the instance's metadata returned.
pub(super) struct Keys<'a> {
    pub(super) access_key_id: String,
    pub(super) secret: SecretBytes<'a>,
    pub(super) session_token: Option<SecretOrText<'a>>,
}

/// The request.
pub(super) struct CallerIdentity<'a> {
    /// Its URL.
    pub(super) url: String,
    /// The region that it is for.
    pub(super) region: &'a str,
    /// The provider that Google is asked for.
    pub(super) audience: &'a str,
    /// Unix time.
    pub(super) now: u64,
}

impl CallerIdentity<'_> {
    /// The request, signed (Signature Version 4, with an empty body); it is a secret where the keys are.
    pub(super) fn signed(&self, keys: &Keys<'_>) -> Result<SecretOrText<'static>, Failure> {
        let host = self.url.trim_start_matches("https://").split(['/', '?']).next().unwrap_or_default();
        let service = host.split('.').next().unwrap_or_default().trim_end_matches("-fips");
        let date = time::to_basic(self.now);
        let names = match keys.session_token {
            Some(_) => "host;x-amz-date;x-amz-security-token",
            None => "host;x-amz-date",
        };
        let session = || keys.session_token.as_ref().map(SecretOrText::parts);
        let mut request: Vec<Part<'_>> = vec![format!("POST\n/\n{QUERY}\nhost:{host}\nx-amz-date:{date}\n").into()];
        if let Some(token) = session() {
            request.push("x-amz-security-token:".into());
            request.extend(token);
            request.push("\n".into());
        }
        request.push(format!("\n{names}\n{}", hex(&sha256(&[]))).into());
        let Signature { scope, value: signature } = sign_v4(&keys.secret, &date, (self.region, service), &request)?;
        let before =
            format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature=", keys.access_key_id);
        let header = |key: &str, value: &str| json!({"key": key, "value": value});
        let mut text: Vec<Part<'_>> =
            vec![format!(r#"{{"headers":[{{"key":"Authorization","value":{}"#, open(&before)).into(), signature.part()];
        text.push(format!(r#""}},{},{}"#, header("host", host), header("x-amz-date", &date)).into());
        if let Some(token) = session() {
            text.push(r#",{"key":"x-amz-security-token","value":""#.into());
            text.extend(token);
            text.push(r#""}"#.into());
        }
        let last = header("x-goog-cloud-target-resource", self.audience);
        text.push(format!(r#",{last}],"method":"POST","url":{}}}"#, Value::from(self.url.as_str())).into());
        match known(&text) {
            // As `urllib.parse.quote` encodes it: a slash stays.
            Some(text) => Ok(SecretOrText::Text(percent_encoded(&String::from_utf8_lossy(&text)).replace("%2F", "/"))),
            None => join(&text, Escaping::Percent).map(SecretOrText::from).map_err(Failure::other),
        }
    }
}

/// A JSON string without the quote at its end.
fn open(text: &str) -> String {
    let mut json = Value::from(text).to_string();
    json.pop();
    json
}
