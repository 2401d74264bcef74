//! `crhost attach`, `referrers`, `sign`, `verify` and `generate-key-pair`.

mod attach;
mod generate;
mod keys;
mod opened;
mod referrers;
mod sign;
mod verify;

pub(super) use attach::AttachArguments;
#[cfg(test)]
pub(super) use attach::AttachedShown;
pub(super) use generate::GenerateArguments;
#[cfg(test)]
pub(super) use generate::GeneratedShown;
pub(super) use keys::{private_key, public_key};
pub(super) use referrers::ReferrersArguments;
#[cfg(test)]
pub(super) use referrers::ReferrersShown;
pub(super) use sign::SignArguments;
#[cfg(test)]
pub(super) use sign::SignedShown;
#[cfg(test)]
pub(super) use verify::VerifiedShown;
pub(super) use verify::VerifyArguments;

pub(super) use attach::run as attach;
pub(super) use generate::run as generate_key_pair;
pub(super) use referrers::run as referrers;
pub(super) use sign::run as sign;
pub(super) use verify::run as verify;
