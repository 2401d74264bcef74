//! Variables of the environment that stand for options.

use std::ffi::OsStr;

use clap::builder::Resettable;

/// The command with only those variables for its options: clap takes an empty one for a value, and not for unset.
pub(super) fn with_variables(command: clap::Command, is_taken: &dyn Fn(&str) -> bool) -> clap::Command {
    let command = command.mut_args(|argument| {
        let variable = argument.get_env().and_then(OsStr::to_str);
        if variable.is_none_or(is_taken) { argument } else { argument.env(Resettable::Reset) }
    });
    command.mut_subcommands(|subcommand| with_variables(subcommand, is_taken))
}
