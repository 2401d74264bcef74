//! A policy of the store, ready to be asked.

use std::borrow::Cow;
use std::path::Path;

use crate::catalog::remote_name;
use crate::error::Explain as _;
use crate::flavor::builtin::{self, BuiltInPolicy};
use crate::flavor::{Known, Maker, Policy, PolicyDescription, Runtime};
use crate::store::{PolicyRecord, Store, StoreError};
use crate::text::Escaped;

/// The origin of built-in policies, as it is shown.
pub(super) const BUILT_IN: &str = "built-in";

/// The names of the built-in policies.
pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
    builtin::POLICIES.iter().map(|policy| policy.name)
}

/// Who can mend a policy that came from `origin`.
pub(super) fn maker(origin: &str) -> Maker {
    match origin {
        BUILT_IN => Maker::Crhost,
        origin if remote_name(origin).is_some() => Maker::Other,
        file => Maker::of_file(Path::new(file)),
    }
}

/// The description of a policy from the time when it was registered.
///
/// # Errors
/// When the store is damaged.
pub(super) fn description(record: &PolicyRecord) -> Result<PolicyDescription, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("policy `{}` has a wrong description", record.name).into());
    serde_json::from_str(&record.description).map_err(damaged)
}

/// Why a policy can't be asked: one line, and the next step.
pub(super) struct NotLoaded {
    /// The reason.
    pub(super) message: Escaped,
    /// The next step.
    pub(super) hint: Option<Escaped>,
}

/// Loads a policy. A built-in one is that of this crhost, whatever it was at registration.
///
/// # Errors
/// When its component is missing, was changed, or can no longer be used.
pub(super) async fn load(store: &Store, runtime: &Runtime, record: &PolicyRecord) -> Result<Policy, NotLoaded> {
    let of_store = |error: StoreError| NotLoaded { message: Escaped::of(&error), hint: error.hint() };
    let (component, is_same) = match record.is_stored {
        true => (Cow::Owned(store.policy_component(record).map_err(of_store)?), true),
        false => {
            let Some(BuiltInPolicy { component, .. }) = builtin::find_policy(&record.policy) else {
                let message = format!("this crhost has no built-in policy `{}`", record.policy);
                return Err(NotLoaded { message: message.into(), hint: None });
            };
            (Cow::Borrowed(*component), crate::image::Digest::of(component) == record.digest)
        }
    };
    let loaded = match is_same {
        true => {
            runtime
                .load_policy(
                    Known { bytes: &component, digest: &record.digest },
                    description(record).map_err(of_store)?,
                )
                .await
        }
        // Another build of crhost may have changed its options: those of this build hold.
        false => runtime.admit_policy(&record.policy, &component).await,
    };
    loaded.map_err(|error| NotLoaded { message: Escaped::of(&error), hint: error.hint() })
}
