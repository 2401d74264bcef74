//! `--shard`: one part of the work, by its number or by that of a job.

use std::num::NonZeroU32;
use std::str::FromStr;

use super::failure::Failure;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::shard::{Shard, ShardError};
use crate::text::Escaped;

/// A shard as it is given: `I/N`, or `job/N` for the number that the environment has.
#[derive(Debug, Clone, Copy)]
pub(super) enum GivenShard {
    /// The shard itself.
    Numbered(Shard),
    /// The one of this job, of so many.
    OfJob(NonZeroU32),
}

impl FromStr for GivenShard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        match text.strip_prefix("job/").map(str::parse) {
            Some(Ok(all)) => Ok(Self::OfJob(all)),
            _ => text.parse().map(Self::Numbered),
        }
    }
}

impl GivenShard {
    /// The shard that is meant.
    ///
    /// # Errors
    /// When it is that of a job, and the environment has no number, or one that is too large.
    pub(super) fn read(self, environment: &Environment) -> Result<Shard, Failure> {
        let all = match self {
            Self::Numbered(shard) => return Ok(shard),
            Self::OfJob(all) => all,
        };
        let variable = EnvVars::JOB_COMPLETION_INDEX;
        let Some(text) = environment.text(variable) else {
            let message = format!("`--shard job/{all}` is given, and `{variable}` is not set");
            let hint =
                "a Job of Kubernetes with `completionMode: Indexed` sets it; elsewhere give the part, such as `1/3`";
            return Err(Failure::new(Kind::Usage, message, hint));
        };
        let shard = text.parse().ok().and_then(|index| Shard::of_index(index, all));
        shard.ok_or_else(|| {
            let message = format!("`{variable}` is `{}`, expected 0 to {}", Escaped::new(&text, 40), all.get() - 1);
            Failure::new(Kind::Usage, message, format!("`completions` of the Job and `--shard job/{all}` have to fit"))
        })
    }
}
