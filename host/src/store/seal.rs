//! Sealing at rest: ChaCha20-Poly1305 (RFC 8439) with a random nonce for each value.
//!
//! A sealed value opens only under its key and for the place that it was sealed for, so that values of one row are good for
//! nothing in another. Layout: version (1 byte), nonce (12), ciphertext, tag (16).

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::key::Key;

/// The version of the layout; authenticated with the rest.
const VERSION: u8 = 1;

/// Seals bytes for a place, named by its parts from the outermost inwards.
///
/// Nonces are random: with 96 bits, a user would have to store 2^32 values under one key before a repetition were to be
/// feared (NIST SP 800-38D, 8.3).
pub(super) fn seal(key: &Key, place: &[&str], mut plain: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, Unspecified> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce)?;
    let sealing = sealing(key)?;
    // In place: what was plain is ciphertext then.
    let tag = sealing.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), associated(place), &mut plain)?;
    Ok([&[VERSION], &nonce[..], &plain[..], tag.as_ref()].concat())
}

/// Opens what was sealed for a place; none if it is not what was sealed there, or not with this key.
pub(super) fn open(key: &Key, place: &[&str], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&VERSION, rest) = sealed.split_first()? else { return None };
    let (nonce, body) = rest.split_first_chunk()?;
    let mut body = Zeroizing::new(body.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = sealing(key).ok()?.open_in_place(nonce, associated(place), &mut body).ok()?.len();
    body.truncate(length);
    Some(body)
}

/// ring's copy of the key lives as long as one call.
fn sealing(key: &Key) -> Result<LessSafeKey, Unspecified> {
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.bytes())?))
}

/// The associated data: each part behind its length, so that no two places are written alike.
fn associated(place: &[&str]) -> Aad<Vec<u8>> {
    let part = |part: &&str| [&(part.len() as u64).to_le_bytes(), part.as_bytes()].concat();
    Aad::from([VERSION].into_iter().chain(place.iter().flat_map(part)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::key;
    use super::*;

    const PLACE: [&str; 2] = ["connectors", "prod"];

    fn key() -> Key {
        key::create(&tempfile::tempdir().unwrap().path().join("key")).unwrap()
    }

    fn sealed(key: &Key, plain: &str) -> Vec<u8> {
        seal(key, &PLACE, Zeroizing::new(plain.into())).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_again_in_its_place() {
        let key = key();
        for plain in ["", "x", "hunter2", &"k".repeat(100_000)] {
            assert_eq!(**open(&key, &PLACE, &sealed(&key, plain)).unwrap(), *plain.as_bytes());
        }
    }

    #[test]
    fn equal_values_are_sealed_to_different_bytes() {
        let key = key();
        assert_ne!(sealed(&key, "hunter2"), sealed(&key, "hunter2"));
    }

    #[test]
    fn nothing_opens_under_another_key_or_in_another_place() {
        let key = key();
        let sealed = sealed(&key, "hunter2");
        assert!(open(&self::key(), &PLACE, &sealed).is_none());
        // Among them the same letters, parted elsewhere.
        let others: [&[&str]; 5] = [
            &["connectors", "dev"],
            &["registries", "prod"],
            &["connectors"],
            &["connectorsprod"],
            &["connector", "sprod"],
        ];
        for place in others {
            assert!(open(&key, place, &sealed).is_none(), "{place:?}");
        }
    }

    #[test]
    fn no_byte_can_be_changed_or_left_out() {
        let key = key();
        let sealed = sealed(&key, "hunter2");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, &PLACE, &changed).is_none(), "byte {at}");
            assert!(open(&key, &PLACE, &sealed[..at]).is_none(), "cut at {at}");
        }
        assert!(open(&key, &PLACE, &[&sealed[..], b"x"].concat()).is_none());
    }
}
