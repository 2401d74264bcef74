//! A push that another command makes.

use clap::{Args as _, FromArgMatches as _};

use super::Arguments;
use super::engine::EngineArgument;
use crate::cli::failure::Failure;
use crate::cli::option_variables::with_variables;
use crate::error::Kind;
use crate::source::Location;

impl Arguments {
    /// The arguments of a push that another command makes, by the words of its command line. Variables of the
    /// environment don't count: that command has them.
    pub(in crate::cli) fn of_words(words: Vec<String>) -> Result<Self, Failure> {
        let command = with_variables(Self::augment_args(clap::Command::new("crhost")), &|_| false);
        let parsed = command.no_binary_name(true).try_get_matches_from(words);
        parsed.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|error| {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            Failure::new(Kind::Usage, line, "see `crhost build --help`")
        })
    }

    /// The same push of another image.
    pub(in crate::cli) fn with_source(self, source: Location) -> Self {
        // The daemon that built it gets no credentials.
        let engine = matches!(source, Location::Daemon(_)).then_some(EngineArgument::Native);
        // What is built for several platforms, or with attestations, is an index with all of them.
        Self { all_platforms: matches!(source, Location::Written(_)), engine, source, ..self }
    }
}
