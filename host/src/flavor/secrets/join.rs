//! Values of text and secrets, which are sent as one secret.

use std::sync::Arc;

use percent_encoding::percent_encode;
use zeroize::Zeroizing;

use super::{Escaping, MessagePart, Secret, each};
use crate::egress::Origin;
use crate::text::RESERVED;

impl Secret {
    /// The parts in one, escaped as a whole.
    ///
    /// # Errors
    /// When one is a digest or a joined value: neither has a place. The text is for the guest.
    pub(crate) fn join(parts: &[MessagePart], escaping: Escaping) -> Result<Self, String> {
        let mut pieces = Vec::new();
        for part in parts {
            let MessagePart::Secret(secret, _) = part else { continue };
            match &*secret.origin {
                Origin::Joined(_) => return Err("a part is a joined value".to_owned()),
                Origin::Derived { key: None, .. } => return Err("a part is the digest of a secret".to_owned()),
                piece => pieces.push(piece.clone()),
            }
            secret.mark_used();
        }
        let mut value = Zeroizing::new(Vec::new());
        each(parts, |bytes| match escaping {
            Escaping::None => value.extend_from_slice(bytes),
            Escaping::Percent => {
                percent_encode(bytes, RESERVED).for_each(|text| value.extend_from_slice(text.as_bytes()))
            }
        });
        let (origin, used) = (Arc::new(Origin::Joined(pieces)), Arc::default());
        Ok(Self { value: Arc::new(value), public_members: Arc::default(), origin, used })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egress::{Encoding, Source};

    fn held(field: &str, value: &str) -> MessagePart {
        MessagePart::Secret(Secret::new(field, &value.to_owned().into(), []), Encoding::Raw)
    }

    fn text(text: &str) -> MessagePart {
        MessagePart::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn text_and_secrets_are_one_value_and_keep_their_origins() {
        let key = Secret::new("key", &"k".to_owned().into(), []);
        let signature = MessagePart::Secret(key.hmac_sha256(b"", &[text("x")]), Encoding::Hex);
        let joined =
            Secret::join(&[text("a=\""), held("token", "t+/"), text("\", "), signature], Escaping::None).unwrap();
        assert!(joined.value().starts_with(b"a=\"t+/\", "));
        let [Origin::Itself(token), Origin::Derived { key: Some(key), .. }] = joined.origin.pieces() else { panic!() };
        assert_eq!([token, key].map(|source: &Source| source.field.as_str()), ["token", "key"]);
        let escaped = Secret::join(&[text("{ä"), held("token", "t+/=~")], Escaping::Percent).unwrap();
        assert_eq!(escaped.value(), b"%7B%C3%A4t%2B%2F%3D~");
    }

    #[test]
    fn what_has_no_place_is_not_joined() {
        let joined = Secret::join(&[held("token", "t")], Escaping::None).unwrap();
        let digest = Secret::sha256(&[held("token", "t")]);
        for part in [joined, digest] {
            let refused = Secret::join(&[MessagePart::Secret(part, Encoding::Hex)], Escaping::None);
            assert!(refused.is_err());
        }
    }
}
