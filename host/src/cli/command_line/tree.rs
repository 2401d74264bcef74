//! The tree of commands. The hundred or so that are not called are left out, for to make them takes a third of the time
//! of a short command: clap puts off what each of the first words takes (`defer`), and has it made here for those that
//! occur.

use std::ffi::OsString;

use clap::builder::{Resettable, StyledStr};
use clap::{Command, CommandFactory as _};

use crate::cli::arguments::Arguments;
use crate::cli::option_variables::with_variables;

/// All first words, and what the ones among these words take, which may be values of options, too. `is_taken` says of a
/// variable whether it may stand for an option.
pub(in crate::cli) fn of(words: &[OsString], is_taken: &dyn Fn(&str) -> bool) -> Command {
    let mut crhost = Arguments::command();
    make(&mut crhost);
    for word in words.iter().skip(1) {
        // Made by clap, which would make the help of all commands here.
        if let Some(called) = crhost.find_subcommand_mut(word).filter(|called| called.get_name() != "help") {
            make(called);
        }
    }
    with_variables(crhost, is_taken)
}

/// All of it.
pub(in crate::cli) fn whole() -> Command {
    let mut crhost = Arguments::command();
    make_whole(&mut crhost);
    crhost
}

/// Makes what is not made yet, with all that is below it.
pub(super) fn make_whole(crhost: &mut Command) {
    make(crhost);
    crhost.get_subcommands_mut().for_each(make);
    crhost.build();
}

/// Has clap make what it has put off, which nothing else that it offers does for one command alone. What comes from
/// above is added by then, so that those above are made first.
fn make(command: &mut Command) {
    let kept = |text: Option<&StyledStr>| text.cloned().map_or(Resettable::Reset, Resettable::Value);
    let (about, long_about) = (kept(command.get_about()), kept(command.get_long_about()));
    drop(command.render_usage());
    // What is put off comes with comments of its own, on groups of options.
    *command = std::mem::take(command).about(about).long_about(long_about);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn options(command: &Command) -> usize {
        command.get_arguments().filter(|argument| !argument.is_global_set()).count()
    }

    #[test]
    fn what_is_called_is_there_with_all_that_it_takes_and_the_rest_by_its_name() {
        let whole = whole();
        for line in ["crhost push x", "crhost -v catalog r", "crhost --config tags repos", "crhost serve --help"] {
            let tree = of(&words(line), &|_| true);
            for command in
                tree.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
            {
                let (name, whole) = (command.get_name(), whole.find_subcommand(command.get_name()).unwrap());
                let is_called = words(line)
                    .iter()
                    .any(|word| command.get_name_and_visible_aliases().iter().any(|name| *word == **name));
                assert_eq!(options(command), if is_called { options(whole) } else { 0 }, "{line}: {name}");
                assert_eq!(command.get_about().map(ToString::to_string), whole.get_about().map(ToString::to_string));
            }
        }
        let tree = of(&words("crhost container-registry list"), &|_| true);
        assert!(options(tree.find_subcommand("registry").unwrap().find_subcommand("list").unwrap()) > 0);
    }
}
