//! Why manifests go and why they stay, in words.

use super::rules::{Kept, span};
use crate::image::Digest;
use crate::text::Moment;

/// Why a manifest goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// By `--keep`, `--older-than` or both.
    Rules {
        /// The number of newer images that stay.
        keep: Option<u32>,
        /// The age in seconds that it is beyond.
        older_than: Option<u64>,
        /// Its time.
        created: Option<u64>,
    },
    /// No tag reaches it.
    Untagged,
    /// It has a tag derived from a manifest that the registry does not have.
    LeftBehind,
    /// An index that goes names it, and nothing that stays.
    PartOf(Digest),
    /// It is a signature, an SBOM or the like of a manifest that goes.
    BelongsTo(Digest),
}

impl Reason {
    /// The manifest that it goes with.
    pub(super) fn with(&self) -> Option<&Digest> {
        match self {
            Self::PartOf(with) | Self::BelongsTo(with) => Some(with),
            Self::Rules { .. } | Self::Untagged | Self::LeftBehind => None,
        }
    }
}

/// In words.
impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rules { keep, older_than, created } => {
                let mut words: Vec<String> = Vec::new();
                words.extend(older_than.map(|seconds| format!("older than {}", span(seconds))));
                words.extend(keep.map(|keep| match keep {
                    0 => "chosen by its tags".to_owned(),
                    keep => format!("not among the newest {keep}"),
                }));
                words.extend(created.map(|created| format!("of {}", Moment(created))));
                f.write_str(&words.join(", "))
            }
            Self::Untagged => f.write_str("no tag reaches it"),
            Self::LeftBehind => f.write_str("belongs to an image that is gone"),
            Self::PartOf(index) => write!(f, "part of {}", index.short()),
            Self::BelongsTo(subject) => write!(f, "belongs to {}", subject.short()),
        }
    }
}

/// Why an image with a tag stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stays {
    /// By a filter of tags.
    Filter(Kept),
    /// It runs.
    Runs,
    /// It is one of the newest.
    Newest,
    /// It is too young.
    Young,
    /// Its time is unknown.
    NoTime,
    /// Another one that stays needs it: an index that names it, or what belongs to it or it to.
    Needed(Digest),
    /// Only untagged manifests were asked for.
    Tagged,
}

/// In words.
impl std::fmt::Display for Stays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Filter(Kept::NotIncluded) => f.write_str("`--include` leaves out one of its tags"),
            Self::Filter(Kept::Excluded) => f.write_str("`--exclude` has one of its tags"),
            Self::Filter(Kept::KeepTag) => f.write_str("`--keep-tag` has one of its tags"),
            Self::Runs => f.write_str("it runs in the cluster"),
            Self::Newest => f.write_str("it is one of the newest"),
            Self::Young => f.write_str("it is too young"),
            Self::NoTime => f.write_str("its time is unknown"),
            Self::Needed(by) => write!(f, "`{by}`, which stays, needs it"),
            Self::Tagged => f.write_str("it has a tag"),
        }
    }
}
