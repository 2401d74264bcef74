//! Records whose names may be taken: what is asked for then, and what came of it.

use serde::Serialize;

use crate::text::{Escaped, Printable};

/// What becomes of a new record whose name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfTaken {
    /// It is refused.
    Refuse,
    /// The stored one stays.
    Keep,
    /// It takes the place of the stored one.
    Replace,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Its name was free.
    Registered,
    /// The stored record is the same.
    Unchanged,
    /// The stored record is another one and stayed.
    Kept,
    /// The stored record was another one.
    Replaced,
    /// Parts of the stored record were changed.
    Updated,
}

/// A part in which a stored record and a given one differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Printable)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Difference {
    /// The part, such as `URI` or ``field `username` ``.
    pub(crate) part: Escaped,
    /// Its stored value; absent where there is none, and for secrets.
    pub(crate) stored: Option<Escaped>,
    /// Its given value; absent where there is none, and for secrets.
    pub(crate) given: Option<Escaped>,
    /// Whether its values are secret.
    #[serde(skip)]
    pub(crate) is_secret: bool,
}

/// What became of a record, and in what the stored one differed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Put {
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// What differs; empty unless a stored record was kept or replaced.
    pub(crate) differences: Vec<Difference>,
}

/// Longest value of a difference that is shown, in characters.
const MAX_SHOWN: usize = 200;

impl Difference {
    /// A part whose values may be shown, unless they are the same.
    pub(crate) fn of(part: &str, stored: Option<&str>, given: Option<&str>) -> Option<Self> {
        let shown = |value: Option<&str>| value.map(|value| Escaped::new(value, MAX_SHOWN));
        (stored != given).then(|| Self {
            part: Escaped::new(part, MAX_SHOWN),
            stored: shown(stored),
            given: shown(given),
            is_secret: false,
        })
    }

    /// The part with its values, where they may be shown, for the audit.
    pub(super) fn told(&self) -> Escaped {
        let part = &self.part;
        match (&self.given, &self.stored) {
            (Some(given), Some(stored)) => format!("{part}: {given} (was {stored})").into(),
            (Some(given), None) => format!("{part}: {given}").into(),
            (None, Some(stored)) => format!("{part}: none (was {stored})").into(),
            (None, None) => part.clone(),
        }
    }

    /// A part whose values are secret.
    pub(super) fn secret(part: &str) -> Self {
        Self { part: Escaped::new(part, MAX_SHOWN), stored: None, given: None, is_secret: true }
    }
}

impl Put {
    /// A record whose name was free.
    pub(super) fn registered() -> Self {
        Self { outcome: Outcome::Registered, differences: Vec::new() }
    }

    /// A stored record of which parts were changed.
    #[must_use]
    pub(crate) fn updated() -> Self {
        Self { outcome: Outcome::Updated, differences: Vec::new() }
    }

    /// A record whose name was taken by one that differs in these parts.
    pub(super) fn taken(if_taken: IfTaken, differences: Vec<Difference>) -> Self {
        let outcome = match if_taken {
            _ if differences.is_empty() => Outcome::Unchanged,
            IfTaken::Replace => Outcome::Replaced,
            IfTaken::Keep | IfTaken::Refuse => Outcome::Kept,
        };
        Self { outcome, differences }
    }
}
