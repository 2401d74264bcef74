//! Tables and facts on terminals that are narrower than they.

use crate::support::programs::crhost::Home;
use crate::support::programs::terminal::watch;

const COMMANDS: [&[&str]; 6] = [
    &["flavor", "list"],
    &["flavor", "describe", "aws"],
    &["flavor", "describe", "github"],
    &["connector", "list-types"],
    &["connector", "describe-type", "docker"],
    &["connector", "describe-type", "github"],
];

/// The words of a text, in their order and without the blanks between them.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[test]
fn on_a_terminal_the_lines_of_tables_and_facts_are_broken_between_words_alone() {
    let home = Home::new();
    for command in COMMANDS {
        let piped = home.ok(command).stdout;
        for width in [80, 100, 200] {
            let (code, screen) = watch(home.command(command), (400, width), |_, _, _| {});
            assert_eq!(code, Some(0), "{}", screen.contents());
            let (rows, _) = screen.size();
            let broken = (0..rows).filter(|row| screen.row_wrapped(*row)).count();
            // A digest is wider than the terminal beside its name, and is not broken by crhost.
            let too_wide = words(&piped).iter().filter(|word| word.chars().count() + 16 > width.into()).count();
            assert!(broken <= too_wide, "{command:?} at {width}:\n{}", screen.contents());
            let shown = screen.contents();
            let (mut shown, mut printed) = (words(&shown), words(&piped));
            // Cells that are broken stand in columns, so that their words are in another order.
            shown.sort_unstable();
            printed.sort_unstable();
            assert_eq!(shown, printed, "{command:?} at {width}");
        }
    }
}

#[test]
fn in_a_pipe_every_row_is_one_line() {
    let home = Home::new();
    let listed = home.ok(&["flavor", "list"]).stdout;
    let flavors = home.ok(&["flavor", "list", "-o", "json"]).json();
    assert_eq!(listed.lines().count(), 1 + flavors["flavors"].as_array().unwrap().len(), "{listed}");
    assert!(listed.lines().any(|line| line.chars().count() > 100), "{listed}");
}
