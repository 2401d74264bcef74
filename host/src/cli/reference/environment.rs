//! The environment variables.

use clap::Command;

use super::pages::{check_section, table};
use crate::cli::command_line::tree;
use crate::environment::EnvVars;

#[test]
fn the_page_of_variables_names_all_of_them() {
    let row =
        |variable: &crate::environment::Variable| vec![format!("`{}`", variable.name), variable.meaning.to_owned()];
    let rows = EnvVars::ALL.iter().map(row);
    check_section("environment.md", "Environment", "environment", &table(&["variable", "meaning"], rows));
}

#[test]
fn every_variable_of_an_option_is_among_those_of_the_environment() {
    fn check(command: &Command) {
        for variable in command.get_arguments().filter_map(|argument| argument.get_env()) {
            let known = EnvVars::ALL.iter().any(|known| variable == known.name);
            assert!(known, "{} of `{}`", variable.display(), command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    let crhost = tree::whole();
    check(&crhost);
}
