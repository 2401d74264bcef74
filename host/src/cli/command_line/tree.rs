//! The tree of commands. The hundred or so that are not called are left out, for to make them takes a third of the time
//! of a short command: first words that do not occur are not there at all, and clap puts off what each of the others
//! takes (`defer`), and has it made here.

use std::ffi::OsString;

use clap::Command;
use clap::builder::{Resettable, StyledStr};

use crate::cli::arguments::Arguments;
use crate::cli::option_variables::with_variables;

/// The first words that are among these words, where they may be values of options, too, with all that they take; every
/// first word, with nothing, if there is none. `is_taken` says of a variable whether it may stand for an option.
///
/// What is wrong with the words, and the help, may be about any command: these are for [`with_all`] to tell.
pub(in crate::cli) fn of(words: &[OsString], is_taken: &dyn Fn(&str) -> bool) -> Command {
    let crhost = Arguments::command(|command| is_among(command, words));
    match crhost.has_subcommands() {
        true => made(crhost, words, is_taken),
        false => with_all(words, is_taken),
    }
}

/// The same with every first word, where those that are not among these words have nothing.
pub(super) fn with_all(words: &[OsString], is_taken: &dyn Fn(&str) -> bool) -> Command {
    made(Arguments::command(|_| true), words, is_taken)
}

/// All of it.
pub(in crate::cli) fn whole() -> Command {
    let mut crhost = Arguments::command(|_| true);
    make_whole(&mut crhost);
    crhost
}

/// Makes what is not made yet, with all that is below it.
pub(super) fn make_whole(crhost: &mut Command) {
    make(crhost);
    crhost.get_subcommands_mut().for_each(make);
    crhost.build();
}

/// Makes the first words that are among these words.
fn made(mut crhost: Command, words: &[OsString], is_taken: &dyn Fn(&str) -> bool) -> Command {
    make(&mut crhost);
    // That of clap itself, which would make the help of all commands here.
    let called = crhost.get_subcommands_mut().filter(|command| command.get_name() != "help");
    called.filter(|command| is_among(command, words)).for_each(make);
    with_variables(crhost, is_taken)
}

/// Whether one of these words, behind the program's name, is a name of the command.
fn is_among(command: &Command, words: &[OsString]) -> bool {
    let mut names = std::iter::once(command.get_name()).chain(command.get_all_aliases());
    names.any(|name| words.iter().skip(1).any(|word| word == name))
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
    fn what_is_called_is_there_with_all_that_it_takes_and_nothing_else() {
        let whole = whole();
        for (line, there) in [
            ("crhost push x", vec!["push"]),
            ("crhost -v catalog r", vec!["repos"]),
            ("crhost --config tags repos", vec!["repos", "tags"]),
            ("crhost serve --help", vec!["serve"]),
            ("push registries", vec!["registry"]),
        ] {
            let tree = of(&words(line), &|_| true);
            let commands = || tree.get_subcommands().filter(|command| command.get_name() != "help");
            assert_eq!(commands().map(Command::get_name).collect::<Vec<_>>(), there, "{line}");
            for command in commands() {
                let whole = whole.find_subcommand(command.get_name()).unwrap();
                assert_eq!(options(command), options(whole), "{line}");
                assert_eq!(command.get_about().map(ToString::to_string), whole.get_about().map(ToString::to_string));
            }
        }
        for line in ["crhost", "crhost --help", "crhost pusch x"] {
            let names = |command: &Command| command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
            let (there, all): (Vec<_>, Vec<_>) = (names(&of(&words(line), &|_| true)), names(&whole));
            assert_eq!(there, all, "{line}");
        }
        let tree = of(&words("crhost container-registry list"), &|_| true);
        assert!(options(tree.find_subcommand("registry").unwrap().find_subcommand("list").unwrap()) > 0);
    }
}
