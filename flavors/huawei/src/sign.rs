//! The signature of Huawei Cloud's requests, `SDK-HMAC-SHA256`
//! (<https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html>).

use crhost_flavor::canonical::{self, Canonical, Signed};
use crhost_flavor::secrets::{Encoding, Part};
use crhost_flavor::{Failure, Secret};

/// The beginning of the header `authorization`.
pub(crate) const ALGORITHM: &str = "SDK-HMAC-SHA256 ";

/// Signs a request at a date (`20261120T120000Z`) by an access key. The path is signed with a slash at its end.
pub(crate) fn sign(id: &str, key: &Secret, date: &str, request: &Canonical<'_>) -> Result<Signed, Failure> {
    let path = format!("{}/", request.path);
    let digest = Canonical { path: &path, ..*request }.digest()?;
    let to_sign = [format!("SDK-HMAC-SHA256\n{date}\n").into(), Part::secret(&digest, Encoding::Hex)];
    let signature = key.hmac_sha256(b"", &to_sign).map_err(Failure::other)?;
    let names = canonical::names(request.headers);
    Ok(Signed { before: format!("{ALGORITHM}Access={id}, SignedHeaders={names}, Signature="), signature })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::SecretOrText;
    use crhost_flavor::http::{Method, Request};
    use crhost_flavor::testing::{Host, answer};

    use super::*;

    /// Requests as `huaweicloudsdkswr` 3.1.219 sends them, by `tests/peers/signatures.py`.
    #[test]
    fn a_request_is_signed_as_huawei_s_sdk_signs_it() {
        const URL: &str = "https://swr-api.eu-west-101.myhuaweicloud.com/";
        let text = |text: &str| SecretOrText::from(text.to_owned());
        let (secret, repos) = ("/v2/manage/utils/secret", "/v2/manage/namespaces/acme/repos");
        for (path, query, body, with_token, signature) in [
            (
                secret,
                "projectname=eu-west-101",
                "",
                false,
                "5d39c349dc780d66ddb3c9de53ebdefb3b4c5e6c8aeb087b18532bcf50e4c322",
            ),
            (
                secret,
                "projectname=eu-west-101",
                "",
                true,
                "3ceca5f34a4d835c92c715fb53cff516b3bf175042151a4907b65808daa9e471",
            ),
            (
                repos,
                "",
                r#"{"repository": "team$train", "is_public": false}"#,
                true,
                "f7e260a385fe62ac86ae056a29ea6f9dc0b524f46c9f40aff7257e9a6aa37862",
            ),
        ] {
            let host = Host::at(0).answers(Method::Post, URL, answer(200, "{}"));
            let (key, token) = (host.secret("secretEXAMPLEKEY"), host.secret("SESSIONTOKEN"));
            let headers = [
                ("x-sdk-date", text("20261120T120000Z")),
                ("user-agent", text("huaweicloud-usdk-python/3.0; sdk")),
                ("content-type", text("application/json")),
                ("x-project-id", text("0123456789abcdef0123456789abcdef")),
                ("host", text("swr-api.eu-west-101.myhuaweicloud.com")),
            ];
            let token = with_token.then(|| ("x-security-token", (&token).into()));
            let headers = canonical::headers(headers.into_iter().chain(token));
            let request = Canonical { method: "POST", path, query, headers: &headers, body };
            let signed = sign("AKIDEXAMPLE", &key, "20261120T120000Z", &request).unwrap();
            Request::new(Method::Post, URL).header("authorization", signed.value()).send().unwrap();
            let token = if with_token { ";x-security-token" } else { "" };
            let before = format!(
                "SDK-HMAC-SHA256 Access=AKIDEXAMPLE, \
                 SignedHeaders=content-type;host;user-agent;x-project-id;x-sdk-date{token}, Signature="
            );
            assert_eq!(host.sent()[0].header("authorization"), Some(format!("{before}{signature}").as_str()));
        }
    }
}
