//! The signature of Tencent Cloud's requests, `TC3-HMAC-SHA256`
//! (<https://www.tencentcloud.com/document/product/1051/37098>): a `POST` of JSON to `/`.

use crhost_flavor::canonical::{self, Canonical, Signed};
use crhost_flavor::secrets::{Encoding, Part};
use crhost_flavor::{Failure, Secret, time};

/// The beginning of the header `authorization`.
pub(crate) const ALGORITHM: &str = "TC3-HMAC-SHA256 ";

/// The media type of requests, which is signed.
pub(crate) const JSON: &str = "application/json";

/// Signs a request to a host with a body, at a Unix time, by a key.
pub(crate) fn sign(id: &str, key: &Secret, host: &str, body: &str, now: u64) -> Result<Signed, Failure> {
    let time = time::to_rfc3339(now);
    let day = time.split('T').next().unwrap_or_default();
    let headers = canonical::headers([("host", host.to_owned().into()), ("content-type", JSON.to_owned().into())]);
    let digest = Canonical { method: "POST", path: "/", query: "", headers: &headers, body }.digest()?;
    let mut derived = key.hmac_sha256(b"TC3", &[day.into()]).map_err(Failure::other)?;
    for part in ["tcr", "tc3_request"] {
        derived = derived.hmac_sha256(b"", &[part.into()]).map_err(Failure::other)?;
    }
    let scope = format!("{day}/tcr/tc3_request");
    let to_sign = [format!("TC3-HMAC-SHA256\n{now}\n{scope}\n").into(), Part::secret(&digest, Encoding::Hex)];
    let signature = derived.hmac_sha256(b"", &to_sign).map_err(Failure::other)?;
    let names = canonical::names(&headers);
    Ok(Signed { before: format!("{ALGORITHM}Credential={id}/{scope}, SignedHeaders={names}, Signature="), signature })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::http::{Method, Request};
    use crhost_flavor::testing::{Host, answer};

    use super::*;

    /// A request as `tencentcloud-sdk-python-tcr` 3.1.189 sends it, by `tests/peers/signatures.py`.
    #[test]
    fn a_request_is_signed_as_tencent_s_sdk_signs_it() {
        const URL: &str = "https://tcr.tencentcloudapi.com/";
        let host = Host::at(0).answers(Method::Post, URL, answer(200, "{}"));
        let body = r#"{"RegistryId": "tcr-12345678", "TokenType": "temp"}"#;
        let key = host.secret("secretEXAMPLEKEY");
        let signed = sign("AKIDEXAMPLE", &key, "tcr.tencentcloudapi.com", body, 1_795_176_000).unwrap();
        Request::new(Method::Post, URL).header("authorization", signed.value()).send().unwrap();
        let expected = "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2026-11-20/tcr/tc3_request, \
                        SignedHeaders=content-type;host, \
                        Signature=6dc4796cb587e850ee8c2bdae0fb699a9ae7394626842c7e1d2b1a7ef5b59e69";
        assert_eq!(host.sent()[0].header("authorization"), Some(expected));
    }
}
