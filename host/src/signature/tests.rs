//! Keys and signatures that other programs made (`vectors/make.py`), and those that crhost makes.

use secrecy::SecretString;

use super::*;
use crate::error::{Explain as _, Kind};
use crate::image::Digest;

const PASSWORD: &str = "vectors of crhost";

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("vectors/", $name)).as_slice()
    };
}

fn read(key: &[u8]) -> Result<PrivateKey, SignatureError> {
    PrivateKey::read(key, || Ok(PASSWORD.into()))
}

fn public(key: &[u8]) -> PublicKey {
    PublicKey::read(key).unwrap()
}

fn image() -> Digest {
    Digest::of(b"the signed manifest")
}

fn text(vector: &[u8]) -> &str {
    str::from_utf8(vector).unwrap()
}

#[test]
fn each_form_of_a_private_key_has_the_public_key_of_its_pair_and_signs_for_it() {
    for (private, its_public) in [
        (vector!("p256.key"), vector!("p256.pub")),
        (vector!("p256-older.key"), vector!("p256.pub")),
        (vector!("p256-pkcs8.key"), vector!("p256.pub")),
        (vector!("p256-ec.key"), vector!("p256.pub")),
        (vector!("p384-pkcs8.key"), vector!("p384.pub")),
        (vector!("p384-ec.key"), vector!("p384.pub")),
        (vector!("ed25519.key"), vector!("ed25519.pub")),
        (vector!("ed25519-pkcs8.key"), vector!("ed25519.pub")),
    ] {
        let key = read(private).unwrap_or_else(|error| panic!("{error}: {}", text(private)));
        assert_eq!(key.public().to_pem(), text(its_public));
        let signature = key.sign(b"message").unwrap();
        public(its_public).verify_base64(b"message", &signature).unwrap();
        assert_eq!(key.public().verify_base64(b"another", &signature), Err(SignatureError::NotByKey));
    }
}

#[test]
fn signatures_of_others_are_verified_and_changed_ones_are_not() {
    let payload = vector!("payload.json");
    for (key, signature) in [
        (vector!("p256.pub"), vector!("p256.sig")),
        (vector!("p384.pub"), vector!("p384.sig")),
        (vector!("p384.pub"), vector!("p384-sha256.sig")),
        (vector!("ed25519.pub"), vector!("ed25519.sig")),
        (vector!("rsa.pub"), vector!("rsa.sig")),
    ] {
        let (key, signature) = (public(key), text(signature));
        key.verify_base64(payload, signature).unwrap();
        let longer = [payload, b"\n"].concat();
        assert_eq!(key.verify_base64(&longer, signature), Err(SignatureError::NotByKey));
        for changed in ["", "%", "AAAA", signature.get(..signature.len() - 4).unwrap()] {
            assert_eq!(key.verify_base64(payload, changed), Err(SignatureError::NotByKey), "{changed}");
        }
    }
    assert_eq!(
        public(vector!("p256.pub")).verify_base64(payload, text(vector!("ed25519.sig"))),
        Err(SignatureError::NotByKey)
    );
    let claims = Claims::read(payload, &image()).unwrap();
    assert_eq!(claims.annotations["env"], "prod");
}

#[test]
fn a_bundle_of_cosign_3_is_verified_and_an_attestation_is_no_signature() {
    let (key, bundle) = (public(vector!("p256.pub")), vector!("signature.bundle.json"));
    let claims = verify_bundle(bundle, &key, &image()).unwrap();
    assert_eq!(claims.annotations["env"], "prod");
    let other = verify_bundle(bundle, &public(vector!("p384.pub")), &image());
    assert_eq!(other.unwrap_err(), SignatureError::NotByKey);
    let error = verify_bundle(bundle, &key, &Digest::of(b"another")).unwrap_err();
    assert_eq!(error, SignatureError::OtherImage(image()));
    for invalid in [vector!("attestation.bundle.json"), b"{}", b"", &[bundle, b"{}"].concat()] {
        let error = verify_bundle(invalid, &key, &image()).unwrap_err();
        assert!(matches!(error, SignatureError::Payload(_)), "{error}");
    }
}

#[test]
fn a_wrong_password_is_told_from_a_broken_key() {
    let wrong =
        |key: &[u8]| PrivateKey::read::<SignatureError>(key, || Ok(SecretString::from("another"))).err().unwrap();
    assert_eq!(wrong(vector!("p256.key")), SignatureError::Password);
    assert_eq!(wrong(vector!("p256.key")).kind(), Kind::Auth);
    assert!(matches!(wrong(vector!("p256-costly.key")), SignatureError::Sealing(_)));
}

#[test]
fn what_is_no_usable_key_is_told_and_never_quoted() {
    let key = text(vector!("p256-pkcs8.key"));
    let middle = key.len() / 2;
    let cut = format!("{}\n-----END PRIVATE KEY-----\n", key.get(..middle).unwrap().trim_end());
    for (private, kind) in [
        (key.get(..middle).unwrap().as_bytes(), Kind::Usage),
        (cut.as_bytes(), Kind::Usage),
        (b"".as_slice(), Kind::Usage),
        (b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", Kind::Usage),
        (vector!("p256.pub"), Kind::Usage),
        (vector!("p521-pkcs8.key"), Kind::Usage),
        (&vector!("p256.key")[..200], Kind::Usage),
    ] {
        let error = read(private).err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        let quoted = text(private).lines().nth(1).filter(|line| !line.is_empty());
        assert!(quoted.is_none_or(|line| !error.to_string().contains(line)), "{error}");
    }
    assert_eq!(PublicKey::read(vector!("p256-pkcs8.key")), Err(SignatureError::PrivateGiven));
    assert!(matches!(PublicKey::read(&vector!("p256.pub")[..60]), Err(SignatureError::NoKey(_))));
}

#[test]
fn a_new_key_pair_opens_with_its_password_alone() {
    for algorithm in [Algorithm::EcdsaP256, Algorithm::Ed25519] {
        let pair = PrivateKey::generate(algorithm, &"x".into()).unwrap();
        let open = |password: &'static str| {
            PrivateKey::read::<SignatureError>(pair.private.as_bytes(), || Ok(password.into()))
        };
        assert_eq!(open("y").err(), Some(SignatureError::Password));
        let key = open("x").unwrap();
        assert_eq!(*key.public(), pair.public);
        let signature = key.sign(b"message").unwrap();
        public(pair.public.to_pem().as_bytes()).verify_base64(b"message", &signature).unwrap();
        assert!(pair.private.starts_with("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"));
    }
}
