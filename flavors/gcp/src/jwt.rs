//! JSON Web Tokens that the key of a service account signs: assertions that are exchanged for access tokens, and tokens
//! that Google's APIs take without an exchange.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crhost_flavor::secrets::Encoding;
use crhost_flavor::{Failure, Secret, SecretOrText};
use serde_json::{Value, json};

/// The one scope that pushing, creating repositories and listing them need; permissions restrict the rest.
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Lifetime of a signature in seconds, the longest that Google accepts.
const LIFETIME: u64 = 3_600;

/// Seconds by which signatures are dated back, for clocks that are a little ahead of Google's.
const SLACK: u64 = 10;

/// The claims of an assertion for the token endpoint `audience` (RFC 7523).
pub(crate) fn assertion(email: &str, audience: &str, now: u64) -> Value {
    let issued = now.saturating_sub(SLACK);
    json!({"iss": email, "scope": SCOPE, "aud": audience, "iat": issued, "exp": issued + LIFETIME})
}

/// The claims of a token that needs no exchange (Google's AIP-4111).
pub(crate) fn self_signed(email: &str, now: u64) -> Value {
    let issued = now.saturating_sub(SLACK);
    json!({"iss": email, "sub": email, "scope": SCOPE, "iat": issued, "exp": issued + LIFETIME})
}

/// Signs claims (RFC 7519, with RS256); the signature stays with the host.
pub(crate) fn signed(key: &Secret, key_id: Option<&str>, claims: &Value) -> Result<SecretOrText<'static>, Failure> {
    let input = input(key_id, claims);
    let signature = key.sign_rs256(&[input.as_str().into()]).map_err(|why| {
        Failure::invalid_input(format!("the member `private_key` of the key file does not sign: {why}"))
            .hint("store the file again as IAM gave it, with the lines of its key unchanged")
    })?;
    Ok(SecretOrText::Signed(format!("{input}."), signature, Encoding::Base64url))
}

fn input(key_id: Option<&str>, claims: &Value) -> String {
    let mut header = json!({"typ": "JWT", "alg": "RS256"});
    if let (Some(members), Some(key_id)) = (header.as_object_mut(), key_id) {
        members.insert("kid".to_owned(), key_id.into());
    }
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(input: &str) -> Vec<Value> {
        input.split('.').map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()).collect()
    }

    #[test]
    fn an_assertion_has_the_claims_that_google_auth_sends() {
        // google-auth 2.62.2: `iss`, `scope`, `aud`, `iat`, `exp`, and no `sub`.
        let claims = assertion("a@b.iam.gserviceaccount.com", "https://oauth2.googleapis.com/token", 1_795_176_010);
        let expected = json!({
            "iss": "a@b.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": 1_795_176_000_u64,
            "exp": 1_795_179_600_u64,
        });
        assert_eq!(
            decoded(&input(Some("kid1"), &claims)),
            [json!({"typ": "JWT", "alg": "RS256", "kid": "kid1"}), expected]
        );
    }

    #[test]
    fn a_self_signed_token_is_its_subject_s_own() {
        let claims = self_signed("a@b", 1_795_176_010);
        assert_eq!((&claims["iss"], &claims["sub"], claims.get("aud")), (&json!("a@b"), &json!("a@b"), None));
        assert_eq!(decoded(&input(None, &claims))[0], json!({"typ": "JWT", "alg": "RS256"}));
    }
}
