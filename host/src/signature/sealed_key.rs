//! cosign's encryption of a private key: the key of NaCl's secretbox is derived from a password by scrypt, and all
//! parameters stand in JSON beside the sealed bytes (securesystemslib's `encrypted`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use ring::rand::{SecureRandom as _, SystemRandom};
use scrypt::Params;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::SignatureError;

/// The cost of new keys, as cosign has it since 2023: 64 MiB of memory and a tenth of a second for a try.
const NEW_COST: u8 = 16;

/// The costs that are accepted: cosign's older one is 15, and each further one doubles the memory. A file that asks for
/// more would take all of it.
const COSTS: std::ops::RangeInclusive<u8> = 14..=16;

/// scrypt's block size and parallelism, which cosign has never changed.
const BLOCK_SIZE: u32 = 8;
const PARALLELISM: u32 = 1;

/// Bytes of the salt, the nonce and the key.
const SALT: usize = 32;
const NONCE: usize = 24;
const KEY: usize = 32;

#[derive(Serialize, Deserialize)]
struct Sealed {
    kdf: Derivation,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Serialize, Deserialize)]
struct Derivation {
    name: String,
    params: Cost,
    salt: String,
}

#[derive(Serialize, Deserialize)]
struct Cost {
    #[serde(rename = "N")]
    n: u32,
    r: u32,
    p: u32,
}

#[derive(Serialize, Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// Opens a sealed key.
///
/// # Errors
/// [`SignatureError::Password`] where the password does not open it, [`SignatureError::Sealing`] where it is sealed in
/// another way, [`SignatureError::NoKey`] where a part is missing.
pub(super) fn open(content: &[u8], password: &SecretString) -> Result<Zeroizing<Vec<u8>>, SignatureError> {
    let broken = || SignatureError::NoKey("its content is cut off or changed");
    let sealed: Sealed = serde_json::from_slice(content).map_err(|_| broken())?;
    if sealed.kdf.name != "scrypt" || sealed.cipher.name != "nacl/secretbox" {
        return Err(SignatureError::Sealing("neither scrypt nor secretbox"));
    }
    let Cost { n, r, p } = sealed.kdf.params;
    let cost = u8::try_from(n.trailing_zeros()).ok().filter(|cost| n.is_power_of_two() && COSTS.contains(cost));
    let Some(cost) = cost.filter(|_| (r, p) == (BLOCK_SIZE, PARALLELISM)) else {
        return Err(SignatureError::Sealing("the parameters of scrypt"));
    };
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| broken());
    let nonce: [u8; NONCE] = decode(&sealed.cipher.nonce)?.try_into().map_err(|_| broken())?;
    let key = derive(password, &decode(&sealed.kdf.salt)?, cost)?;
    let opened = XSalsa20Poly1305::new((&*key).into()).decrypt((&nonce).into(), decode(&sealed.ciphertext)?.as_slice());
    opened.map(Zeroizing::new).map_err(|_| SignatureError::Password)
}

/// Seals a private key.
///
/// # Errors
/// When there are no random numbers.
pub(super) fn seal(key: &[u8], password: &SecretString) -> Result<Vec<u8>, SignatureError> {
    let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
    let random = SystemRandom::new();
    random.fill(&mut salt).and_then(|()| random.fill(&mut nonce)).map_err(|_| SignatureError::Signing)?;
    let derived = derive(password, &salt, NEW_COST)?;
    let ciphertext = XSalsa20Poly1305::new((&*derived).into()).encrypt((&nonce).into(), key);
    let ciphertext = STANDARD.encode(ciphertext.map_err(|_| SignatureError::Signing)?);
    let params = Cost { n: 1 << NEW_COST, r: BLOCK_SIZE, p: PARALLELISM };
    let kdf = Derivation { name: "scrypt".to_owned(), params, salt: STANDARD.encode(salt) };
    let cipher = Cipher { name: "nacl/secretbox".to_owned(), nonce: STANDARD.encode(nonce) };
    // Strings and numbers, which JSON can always represent.
    Ok(serde_json::to_vec(&Sealed { kdf, cipher, ciphertext }).unwrap_or_default())
}

fn derive(password: &SecretString, salt: &[u8], cost: u8) -> Result<Zeroizing<[u8; KEY]>, SignatureError> {
    let params = Params::new(cost, BLOCK_SIZE, PARALLELISM, KEY).map_err(|_| SignatureError::Signing)?;
    let mut key = Zeroizing::new([0; KEY]);
    let derived = scrypt::scrypt(password.expose_secret().as_bytes(), salt, &params, &mut *key);
    derived.map(|()| key).map_err(|_| SignatureError::Signing)
}
