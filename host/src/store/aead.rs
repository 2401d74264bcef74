//! Encryption at rest: ChaCha20-Poly1305 (RFC 8439) with a random nonce for each value.
//!
//! A sealed value opens only with its key and in the context that it was sealed for, so that a value can't be moved to
//! another row. Layout: version (1 byte), nonce (12), ciphertext, tag (16).

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::Key;
use super::random;

/// The version of the layout; authenticated with the rest.
const VERSION: u8 = 1;

/// Seals bytes for a context, named by its parts from the outermost inwards; an error names the `subject`.
///
/// Nonces are random. With 96 bits, a repetition is to be feared only after 2^32 values under one key (NIST SP 800-38D,
/// 8.3).
///
/// # Errors
/// When the operating system gives no random numbers, or the value is longer than the cipher allows (256 GiB).
pub(super) fn seal(
    key: &Key,
    context: &[&str],
    mut plain: Zeroizing<Vec<u8>>,
    subject: &str,
) -> Result<Vec<u8>, StoreError> {
    let nonce = *random::bytes::<NONCE_LEN>()?;
    let sealed = cipher(key).and_then(|cipher| {
        // In place, so that the plain text is overwritten by its ciphertext.
        let nonce = Nonce::assume_unique_for_key(nonce);
        cipher.seal_in_place_separate_tag(nonce, associated_data(context), &mut plain)
    });
    let tag = sealed.map_err(|Unspecified| StoreError::Sealing(subject.into()))?;
    Ok([&[VERSION], &nonce[..], &plain[..], tag.as_ref()].concat())
}

/// Opens a value that was sealed for a context; `None` if it was changed, or sealed for another context or with another
/// key.
pub(super) fn open(key: &Key, context: &[&str], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&VERSION, rest) = sealed.split_first()? else { return None };
    let (nonce, body) = rest.split_first_chunk()?;
    let mut body = Zeroizing::new(body.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = cipher(key).ok()?.open_in_place(nonce, associated_data(context), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// The cipher with a key; ring's copy of the key lives as long as one call.
fn cipher(key: &Key) -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.bytes())?))
}

/// The associated data of a context: each part behind its length, so that no two contexts have the same bytes.
fn associated_data(context: &[&str]) -> Aad<Vec<u8>> {
    let part = |part: &&str| [&(part.len() as u64).to_le_bytes(), part.as_bytes()].concat();
    Aad::from([VERSION].into_iter().chain(context.iter().flat_map(part)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: [&str; 2] = ["connectors", "prod"];

    fn key() -> Key {
        Key::random().unwrap()
    }

    fn sealed(key: &Key, plain: &str) -> Vec<u8> {
        seal(key, &CONTEXT, Zeroizing::new(plain.into()), "a test").unwrap()
    }

    #[test]
    fn a_sealed_value_opens_again_in_its_context() {
        let key = key();
        for plain in ["", "x", "hunter2", &"k".repeat(100_000)] {
            assert_eq!(**open(&key, &CONTEXT, &sealed(&key, plain)).unwrap(), *plain.as_bytes());
        }
    }

    #[test]
    fn equal_values_are_sealed_to_different_bytes() {
        let key = key();
        assert_ne!(sealed(&key, "hunter2"), sealed(&key, "hunter2"));
    }

    #[test]
    fn no_value_opens_with_another_key_or_in_another_context() {
        let key = key();
        let sealed = sealed(&key, "hunter2");
        assert!(open(&self::key(), &CONTEXT, &sealed).is_none());
        // Among them the same letters, split elsewhere.
        let others: [&[&str]; 5] = [
            &["connectors", "dev"],
            &["registries", "prod"],
            &["connectors"],
            &["connectorsprod"],
            &["connector", "sprod"],
        ];
        for context in others {
            assert!(open(&key, context, &sealed).is_none(), "{context:?}");
        }
    }

    #[test]
    fn no_byte_can_be_changed_or_left_out() {
        let key = key();
        let sealed = sealed(&key, "hunter2");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, &CONTEXT, &changed).is_none(), "byte {at}");
            assert!(open(&key, &CONTEXT, &sealed[..at]).is_none(), "cut at {at}");
        }
        assert!(open(&key, &CONTEXT, &[&sealed[..], b"x"].concat()).is_none());
    }
}
