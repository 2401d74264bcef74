//! Secrets redacted in answers that repeat them, as services do that quote a request to explain a mistake.
//!
//! Every secret that is *lent* to a call is redacted from the call's first answer on, whether the call sent it or not:
//! an earlier call may have written it into the service. Eight characters of a secret in a row are as secret as the
//! whole, in every form that a program can undo: see [`scan`] for the forms.
//!
//! # Not caught
//! * Fewer than eight characters of a secret, and secrets of fewer than four characters or that are words of every
//!   answer such as `true`: to redact them would damage all answers. A service that repeats a secret in pieces of seven
//!   characters, in as many answers, gives it away.
//! * Other forms: encryption, compression, hashes, other alphabets such as Base58.
//! * What the next token of the same issuer has as well: the header and the claims of a signed token (RFC 7515), and
//!   the first 64 characters of a token of 256 and more, where other characters of a token follow.
//! * More than three forms in one another.

mod decimal;
mod fold;
mod leaves;
mod lent;
mod mask;
mod numbers;
mod radix;
mod rewrite;
mod scan;
mod view;
mod windows;

use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use self::mask::Mask;
use self::windows::Windows;
use super::response::Response;

pub(crate) use self::lent::LentSecret;

/// What is redacted in the answers of one call. Without `Debug`, as every type that holds a secret. Costs nothing until
/// the first answer.
#[derive(Default)]
pub(crate) struct Redaction {
    lent: Vec<LentSecret>,
    public: Vec<String>,
    derived: Vec<Arc<Zeroizing<Vec<u8>>>>,
    windows: OnceLock<Windows>,
}

impl Redaction {
    /// The redaction of a call to which `lent` is lent. `public` are texts that the guest can read anyway, such as the
    /// connector's text fields: they stay where a secret happens to contain them.
    #[must_use]
    pub(crate) fn new(lent: Vec<LentSecret>, public: Vec<String>) -> Self {
        Self { lent, public, derived: Vec::new(), windows: OnceLock::new() }
    }

    /// Redacts a value as well that was derived from a secret and is about to be sent, such as a signature.
    pub(crate) fn also(&mut self, derived: Arc<Zeroizing<Vec<u8>>>) {
        if !self.derived.contains(&derived) {
            if let Some(windows) = self.windows.get_mut() {
                windows.add(&derived);
            }
            self.derived.push(derived);
        }
    }

    /// The answer with `*` in place of each byte of a secret; all lengths stay.
    pub(super) fn redact(&self, mut response: Response) -> Response {
        let Some(windows) = self.windows() else { return response };
        let mut work = scan::WORK;
        redact(windows, &mut response.body, &mut work);
        for (name, value) in &mut response.headers {
            redact(windows, value, &mut work);
            let mut bytes = std::mem::take(name).into_bytes();
            redact(windows, &mut bytes, &mut work);
            // Whole characters are redacted in the ASCII of a name, so it remains text.
            *name = String::from_utf8_lossy(&bytes).into_owned();
        }
        response
    }

    /// Bytes with `*` in place of each byte of a secret. Whole characters are redacted, so that text remains text.
    #[must_use]
    pub(crate) fn redacted(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(windows) = self.windows() {
            redact(windows, &mut bytes, &mut { scan::WORK });
        }
        bytes
    }

    /// What is searched for; absent where there is nothing.
    fn windows(&self) -> Option<&Windows> {
        if self.lent.is_empty() && self.derived.is_empty() {
            return None;
        }
        Some(self.windows.get_or_init(|| {
            let mut windows = Windows::new(&self.lent, &self.public);
            self.derived.iter().for_each(|derived| windows.add(derived));
            windows
        }))
    }
}

/// Overwrites what tells a secret.
fn redact(windows: &Windows, text: &mut [u8], work: &mut usize) {
    let mut mask = Mask::new(text.len());
    scan::scan(windows, text, &mut mask, work);
    mask.apply(text);
}

#[cfg(test)]
mod tests;
