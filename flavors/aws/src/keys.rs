//! The keys that sign: those of the connector, and those that AWS gave for them.

use crhost_flavor::{Failure, Secret};

use crate::sigv4;

/// An access key id, its secret, and the session token of temporary ones.
pub(crate) struct Keys<'a> {
    access_key_id: String,
    secret: SecretKey<'a>,
    session_token: Option<String>,
}

/// A secret access key, wherever it is.
pub(crate) enum SecretKey<'a> {
    /// A field of the connector.
    Field(&'a Secret),
    /// A member of one, e.g. of a profile.
    Member(Secret),
    /// One that AWS returned.
    Known(String),
}

impl<'a> Keys<'a> {
    /// Checks the access key id: it is the one part that travels as it is.
    pub(crate) fn new(
        access_key_id: &str,
        secret: SecretKey<'a>,
        session_token: Option<String>,
    ) -> Result<Self, Failure> {
        // The value is not repeated: people swap it with the secret.
        if !(16..=128).contains(&access_key_id.len())
            || !access_key_id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        {
            return Err(Failure::invalid_input(
                "the access key id is none, expected capital letters and digits such as `AKIAIOSFODNN7EXAMPLE`",
            )
            .hint("it may have been swapped with the secret access key: store both again"));
        }
        let session_token = session_token.filter(|token| !token.is_empty());
        if access_key_id.starts_with("ASIA") && session_token.is_none() {
            return Err(Failure::invalid_input(format!(
                "`{access_key_id}` belongs to temporary keys, which are nothing without their session token"
            ))
            .hint("use the auth method `sts-token`, or the keys of a user (`AKIA…`)"));
        }
        if session_token.as_ref().is_some_and(|token| !token.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Failure::invalid_input("the session token has white space in it, expected one line")
                .hint("store it again as AWS gave it"));
        }
        Ok(Self { access_key_id: access_key_id.to_owned(), secret, session_token })
    }

    pub(crate) fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// The first step of a signature, the only one that needs the secret.
    pub(crate) fn first(&self, date: &[u8]) -> Vec<u8> {
        match &self.secret {
            SecretKey::Field(secret) => secret.hmac_sha256(b"AWS4", date),
            SecretKey::Member(secret) => secret.hmac_sha256(b"AWS4", date),
            SecretKey::Known(secret) => sigv4::first(secret, date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(id: &str, token: Option<&str>) -> Result<Keys<'static>, Failure> {
        Keys::new(id, SecretKey::Known("secret".into()), token.map(str::to_owned))
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
    fn temporary_keys_need_their_token() {
        for token in [None, Some("")] {
            assert!(keys("ASIAIOSFODNN7EXAMPLE", token).err().unwrap().hint.unwrap().contains("sts-token"));
        }
        assert!(keys("ASIAIOSFODNN7EXAMPLE", Some("a\nb")).is_err());
    }
}
