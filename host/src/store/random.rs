//! Random bytes of the operating system.

use ring::error::Unspecified;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::error::StoreError;

/// Random bytes, wiped from memory when they are dropped.
///
/// # Errors
/// When the operating system gives none.
pub(super) fn bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, StoreError> {
    filled_by(|bytes| SystemRandom::new().fill(bytes))
}

fn filled_by<const N: usize>(
    fill: impl FnOnce(&mut [u8]) -> Result<(), Unspecified>,
) -> Result<Zeroizing<[u8; N]>, StoreError> {
    let mut bytes = Zeroizing::new([0; N]);
    fill(bytes.as_mut_slice()).map_err(|Unspecified| StoreError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    #[test]
    fn without_random_numbers_the_store_is_not_called_damaged() {
        let error = filled_by::<32>(|_| Err(Unspecified)).unwrap_err();
        assert!(matches!(error, StoreError::Random), "{error}");
        assert!(!error.hint().unwrap().contains("remove"), "{error}");
    }

    #[test]
    fn no_bytes_come_twice() {
        assert_ne!(*bytes::<16>().unwrap(), *bytes::<16>().unwrap());
    }
}
