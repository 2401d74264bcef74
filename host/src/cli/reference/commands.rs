//! The commands, from clap's own description of them.

use clap::{Arg, Command};

use super::pages::{check_section, table};
use crate::cli::command_line::tree;

#[test]
fn the_page_of_commands_is_as_clap_has_them() {
    let crhost = tree::whole();
    let mut text = "Options of every command:\n\n".to_owned();
    text += &arguments(crhost.get_arguments().filter(|argument| argument.is_global_set()));
    for command in crhost.get_subcommands() {
        describe(command, &mut text);
    }
    check_section("commands.md", "Commands", "commands", &text);
}

/// A command and those below it, hidden ones left out.
fn describe(command: &Command, text: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = command.get_bin_name().unwrap_or_default();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    *text += &format!("\n## `{name}`\n\n{about}.\n");
    let aliases: Vec<String> = command.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        *text += &format!("\nAlso called {}.\n", aliases.join(", "));
    }
    if command.is_subcommand_required_set() {
        command.get_subcommands().for_each(|command| describe(command, text));
        return;
    }
    let usage = command.clone().render_usage().to_string();
    *text += &format!("\n```text\n{}\n```\n", usage.trim_start_matches("Usage:").trim());
    let own = arguments(command.get_arguments().filter(|argument| !argument.is_global_set()));
    if !own.is_empty() {
        *text += &format!("\n{own}");
    }
    if let Some(help) = command.get_after_help() {
        *text += &format!("\n```text\n{}\n```\n", help.to_string().trim());
    }
    command.get_subcommands().for_each(|command| describe(command, text));
}

fn arguments<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let shown = |argument: &&Arg| !argument.is_hide_set() && !["help", "version"].contains(&argument.get_id().as_str());
    let rows: Vec<_> = arguments.filter(shown).map(|argument| vec![name(argument), meaning(argument)]).collect();
    if rows.is_empty() { String::new() } else { table(&["argument", "meaning"], rows) }
}

fn name(argument: &Arg) -> String {
    let values = || argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
    let values = if argument.get_action().takes_values() { values().collect::<String>() } else { String::new() };
    match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("`-{short}`, `--{long} {values}`").replace(" `", "`"),
        (None, Some(long)) => format!("`--{long} {values}`").replace(" `", "`"),
        _ => format!("`{values}`"),
    }
    .replace(",`", ", `")
}

fn meaning(argument: &Arg) -> String {
    let mut parts = vec![argument.get_help().map(ToString::to_string).unwrap_or_default()];
    for value in argument.get_possible_values().iter().filter(|_| argument.get_action().takes_values()) {
        let help = value.get_help().map(|help| format!(": {help}")).unwrap_or_default();
        parts.push(format!("`{}`{help}", value.get_name()));
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        parts.push(format!("Default: `{}`", defaults.join(" ")));
    }
    parts.extend(argument.get_env().map(|variable| format!("Environment: `{}`", variable.to_string_lossy())));
    parts.join("<br>")
}
