//! The decoder of base64: with the processor's vector instructions, where the library knows them. Headers and padding
//! of 100,000 files are more than 100 MB of it.

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
mod chosen {
    /// Looks for the instructions when it is made.
    pub(in super::super) type Base64 = base64::engine::Simd;

    /// A decoder of the standard alphabet.
    pub(in super::super) fn base64() -> Base64 {
        Base64::standard(base64::engine::general_purpose::PAD)
    }
}

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
mod chosen {
    /// Works everywhere.
    pub(in super::super) type Base64 = base64::engine::GeneralPurpose;

    /// A decoder of the standard alphabet.
    pub(in super::super) fn base64() -> Base64 {
        base64::engine::general_purpose::STANDARD
    }
}

pub(super) use chosen::{Base64, base64};
