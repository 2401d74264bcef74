//! The signature of Alibaba Cloud's requests, `ACS3-HMAC-SHA256`
//! (<https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>): a `POST` to `/`
//! whose parameters are all in the query.

use crhost_flavor::canonical::{self, Canonical, Headers, Signed};
use crhost_flavor::secrets::{Encoding, Part};
use crhost_flavor::{Failure, Secret};

/// The beginning of the header `authorization`.
pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256 ";

/// Signs a request with a query and headers by an access key.
pub(crate) fn sign(id: &str, key: &Secret, query: &str, headers: &Headers<'_>) -> Result<Signed, Failure> {
    let digest = Canonical { method: "POST", path: "/", query, headers, body: "" }.digest()?;
    let to_sign = ["ACS3-HMAC-SHA256\n".into(), Part::secret(&digest, Encoding::Hex)];
    let signature = key.hmac_sha256(b"", &to_sign).map_err(Failure::other)?;
    let names = canonical::names(headers);
    Ok(Signed { before: format!("{ALGORITHM}Credential={id},SignedHeaders={names},Signature="), signature })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::SecretOrText;
    use crhost_flavor::http::{Method, Request};
    use crhost_flavor::testing::{Host, answer};

    use super::*;

    /// Requests as `alibabacloud_cr20181201` 2.2.5 sends them, by `tests/peers/signatures.py`.
    #[test]
    fn a_request_is_signed_as_alibaba_s_sdk_signs_it() {
        const URL: &str = "https://cr.eu-central-1.aliyuncs.com/";
        let common = |action: &str| -> Vec<(&'static str, SecretOrText<'static>)> {
            let text = |text: &str| SecretOrText::from(text.to_owned());
            vec![
                ("accept", text("application/json")),
                ("host", text("cr.eu-central-1.aliyuncs.com")),
                ("user-agent", text("sdk")),
                ("x-acs-action", text(action)),
                ("x-acs-content-sha256", text(crate::api::EMPTY)),
                ("x-acs-date", text("2026-11-20T12:00:00Z")),
                ("x-acs-signature-nonce", text("00000000000000000000000000000001")),
                ("x-acs-version", text("2018-12-01")),
            ]
        };
        let instance = [("InstanceId", "cri-0123456789abcdef")];
        let repository = [
            ("InstanceId", "cri-0123456789abcdef"),
            ("RepoNamespaceName", "acme"),
            ("RepoName", "train"),
            ("RepoType", "PRIVATE"),
            ("Summary", "a b/c~*"),
        ];
        for (action, parameters, with_token, expected) in [
            (
                "GetAuthorizationToken",
                &instance[..],
                false,
                "ACS3-HMAC-SHA256 Credential=AKIDEXAMPLE,SignedHeaders=accept;host;user-agent;x-acs-action;\
             x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=1ced274893811309c0a7f2a582d97bc15082c08c8f91da67718c421cc2a797af",
            ),
            (
                "GetAuthorizationToken",
                &instance[..],
                true,
                "ACS3-HMAC-SHA256 Credential=AKIDEXAMPLE,SignedHeaders=accept;host;user-agent;x-acs-accesskey-id;x-acs-action;\
             x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,\
             Signature=fe5ab3e9864daa165966a42b2f1df2efff0ab6f6d3d5d92899f4a564a0208a0e",
            ),
            (
                "CreateRepository",
                &repository[..],
                true,
                "ACS3-HMAC-SHA256 Credential=AKIDEXAMPLE,SignedHeaders=accept;host;user-agent;x-acs-accesskey-id;x-acs-action;\
             x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,\
             Signature=f30a992ff136380928d5fed1d50d6e41c07c5449b105c1aabfe069d840af4510",
            ),
        ] {
            let host = Host::at(0).answers(Method::Post, URL, answer(200, "{}"));
            let (key, token) = (host.secret("secretEXAMPLEKEY"), host.secret("SESSIONTOKEN"));
            let mut headers = common(action);
            let kind = if with_token { "static_sts" } else { "static_ak" };
            headers.push(("x-acs-credentials-provider", kind.to_owned().into()));
            if with_token {
                headers.push(("x-acs-accesskey-id", "AKIDEXAMPLE".to_owned().into()));
                headers.push(("x-acs-security-token", (&token).into()));
            }
            let headers = canonical::headers(headers);
            let query = canonical::query(parameters.iter().copied());
            let signed = sign("AKIDEXAMPLE", &key, &query, &headers).unwrap();
            Request::new(Method::Post, URL).header("authorization", signed.value()).send().unwrap();
            assert_eq!(host.sent()[0].header("authorization"), Some(expected));
        }
    }
}
