//! Keys that sign requests: those of the connector, and those that AWS issued for them.

use crhost_flavor::{Failure, SecretOrText};

use crhost_flavor::secret_bytes::SecretBytes;

/// Access key ids that the documentation of LocalStack and of moto uses, which emulate AWS.
const EMULATED: [&str; 2] = ["test", "testing"];

/// An access key.
pub(crate) struct Keys<'a> {
    /// Its id, which is public.
    pub(crate) access_key_id: String,
    /// The secret access key.
    pub(crate) secret: SecretBytes<'a>,
    /// The session token of temporary keys.
    pub(crate) session_token: Option<SecretOrText<'a>>,
}

impl<'a> Keys<'a> {
    /// Keys with a checked access key id, the only part that a request has as it is.
    pub(crate) fn new(
        access_key_id: &str,
        secret: impl Into<SecretBytes<'a>>,
        session_token: Option<SecretOrText<'a>>,
    ) -> Result<Self, Failure> {
        // The value is not repeated, since users swap it with the secret.
        let is_account = access_key_id.len() == 12 && access_key_id.bytes().all(|b| b.is_ascii_digit());
        // LocalStack takes the number of an account, too (its documentation of credentials).
        if EMULATED.contains(&access_key_id) || is_account {
            return Ok(Self { access_key_id: access_key_id.to_owned(), secret: secret.into(), session_token });
        }
        if !(16..=128).contains(&access_key_id.len())
            || !access_key_id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return Err(Failure::invalid_input(
                "the access key id is none, expected capital letters and digits such as `AKIAIOSFODNN7EXAMPLE`",
            )
            .hint("it may have been swapped with the secret access key: store both again"));
        }
        if access_key_id.starts_with("ASIA") && session_token.is_none() {
            return Err(Failure::invalid_input(format!(
                "`{access_key_id}` belongs to temporary keys, which are nothing without their session token"
            ))
            .hint("use the auth method `sts-token`, or the keys of a user (`AKIA…`)"));
        }
        Ok(Self { access_key_id: access_key_id.to_owned(), secret: secret.into(), session_token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(id: &str, token: Option<&str>) -> Result<Keys<'static>, Failure> {
        Keys::new(id, "secret".to_owned(), token.map(|token| SecretOrText::Text(token.into())))
    }

    #[test]
    fn an_access_key_id_is_checked_and_not_repeated() {
        assert!(keys("AKIAIOSFODNN7EXAMPLE", None).is_ok());
        assert!(keys("ASIAIOSFODNN7EXAMPLE", Some("token==")).is_ok());
        for id in ["", "AKIA", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "AKIAIOSFODNN7EXAMPL\n"] {
            let failure = keys(id, None).err().unwrap();
            assert!(failure.hint.unwrap().contains("swapped"));
            assert!(id.is_empty() || id == "AKIA" || !failure.message.contains(id));
        }
    }

    #[test]
    fn the_keys_that_emulators_document_are_taken() {
        for id in ["test", "testing", "000000000000"] {
            assert!(keys(id, None).is_ok(), "{id}");
        }
    }

    #[test]
    fn temporary_keys_need_their_token() {
        assert!(keys("ASIAIOSFODNN7EXAMPLE", None).err().unwrap().hint.unwrap().contains("sts-token"));
    }
}
