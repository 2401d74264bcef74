//! `crhost man`: the manual pages, made from the same description of the commands as the help.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::failure::Failure;
use super::{output, terminal};
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::text::{Escaped, Foreign};

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The command whose page is shown, such as `registry list`; without it, that of crhost itself
    command: Vec<String>,

    /// Write the pages of all commands into a directory, `crhost-registry-list.1` and so on, for packages
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    directory: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  crhost man push
  crhost man --directory /usr/local/share/man/man1";

/// The date of the pages: of their form, and not of the build, so that one source gives the same pages each time.
const DATE: &str = "2026-11-29";

/// The section of user commands.
const SECTION: &str = "1";

/// Runs the command. `crhost` is the description of all commands.
pub(super) fn run(crhost: &Command, arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.directory {
        Some(directory) => {
            let number = write_below(crhost, crhost, directory).map_err(|reason| unwritable(directory, &reason))?;
            output::say_line(&format!("{number} pages are in `{}`", directory.display()));
            Ok(())
        }
        None => {
            let page = page(crhost, named(crhost, &arguments.command)?);
            show(&page);
            Ok(())
        }
    }
}

fn unwritable(directory: &Path, reason: &io::Error) -> Failure {
    let message = format!("`{}` takes no pages: {}", directory.display(), Foreign(reason));
    Failure::new(Kind::General, message, "name a directory that you may write to")
}

/// The command of these words.
fn named<'a>(crhost: &'a Command, words: &[String]) -> Result<&'a Command, Failure> {
    let mut command = crhost;
    for word in words {
        let below = command.find_subcommand(word).filter(|below| !below.is_hide_set());
        command = below.ok_or_else(|| {
            let message = format!("there is no page about `crhost {}`", Escaped::new(&words.join(" "), 80));
            Failure::new(Kind::NotFound, message, "`crhost --help` lists the commands")
        })?;
    }
    Ok(command)
}

/// Shows a page: on a terminal by `man` if there is one, else as its source.
fn show(page: &str) {
    if terminal::stdout_columns().is_some() && shown_by_man(page).is_ok() {
        return;
    }
    output::print_text(page);
}

fn shown_by_man(page: &str) -> io::Result<()> {
    // `-l -` reads the page from standard input, with man-db and mandoc.
    let mut man = Process::new("man").args(["-l", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    if let Some(mut stdin) = man.stdin.take() {
        // A reader that ends the pager early has seen enough.
        let _ = stdin.write_all(page.as_bytes());
    }
    if man.wait()?.success() { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}

/// Writes the pages of a command and of all below it, and gives their number.
fn write_below(crhost: &Command, command: &Command, directory: &Path) -> io::Result<usize> {
    fs::create_dir_all(directory)?;
    fs::write(directory.join(format!("{}.{SECTION}", title(command))), page(crhost, command) + "\n")?;
    let mut number = 1;
    for below in pages_below(command) {
        number += write_below(crhost, below, directory)?;
    }
    Ok(number)
}

/// The commands below one that have pages.
fn pages_below(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

/// The name of a command's page, `crhost-registry-list`.
fn title(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

/// A page, as `man` reads it.
fn page(crhost: &Command, command: &Command) -> String {
    let mut page = Roff::new();
    page.control("SH", ["NAME"]);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    page.text([roman(format!("{} - {about}", title(command)))]);
    page.control("SH", ["SYNOPSIS"]);
    synopsis(&mut page, command);
    let mut options = Vec::new();
    // Its own subcommand for help has no page. Written into memory, which takes everything.
    let _ = Man::new(command.clone().disable_help_subcommand(true)).render_options_section(&mut options);
    let start = page.to_roff() + &without_breaks(&String::from_utf8_lossy(&options));
    let mut page = Roff::new();
    if pages_below(command).next().is_some() {
        page.control("SH", ["COMMANDS"]);
        for below in pages_below(command) {
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            page.control("TP", []).text([bold(format!("{}({SECTION})", title(below)))]).text([roman(about)]);
        }
    }
    let is_root = title(command) == crhost.get_name();
    if let Some(notes) = command.get_after_help().map(ToString::to_string).filter(|_| !is_root) {
        let heading = if notes.starts_with("Examples:") { "EXAMPLES" } else { "NOTES" };
        page.control("SH", [heading]);
        laid_out(&mut page, notes.strip_prefix("Examples:\n").unwrap_or(&notes));
    }
    if is_root {
        page.control("SH", ["ENVIRONMENT"]);
        for variable in EnvVars::ALL {
            page.control("TP", []).text([bold(variable.name)]).text([roman(variable.meaning)]);
        }
    }
    page.control("SH", ["EXIT STATUS"]);
    laid_out(&mut page, super::exit_codes::TABLE);
    page.control("SH", ["SEE ALSO"]);
    let mut others: Vec<String> = match is_root {
        true => pages_below(crhost).map(title).collect(),
        false => vec![crhost.get_name().to_owned()],
    };
    others.iter_mut().for_each(|other| other.push_str(&format!("({SECTION})")));
    page.text([roman(others.join(", "))]);
    let head = format!(".TH {} {SECTION} {DATE} \"crhost {}\" crhost\n", title(command), env!("CARGO_PKG_VERSION"));
    in_ascii(&(head + APOSTROPHES + &start + page.to_roff().trim_end()))
}

/// The string that the library writes for an apostrophe.
const APOSTROPHES: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The forms of a command, one a line.
fn synopsis(page: &mut Roff, command: &Command) {
    let usage = command.clone().render_usage().to_string();
    for (number, form) in usage.trim_start_matches("Usage:").trim().lines().map(str::trim).enumerate() {
        if number > 0 {
            page.control("br", []);
        }
        let name = command.get_bin_name().unwrap_or_default();
        match form.strip_prefix(name) {
            Some(rest) => page.text([bold(name), roman(rest)]),
            None => page.text([roman(form)]),
        };
    }
}

/// The library's text with one space where it breaks lines around an empty one, of which mandoc warns.
fn without_breaks(text: &str) -> String {
    text.trim_start_matches(APOSTROPHES).replace(".br\n\n.br\n", ".sp\n").replace("\n\n", "\n")
}

/// A page with its other characters in the escapes that every reader of manual pages knows (groff_char(7)).
fn in_ascii(page: &str) -> String {
    let escaped = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\[u{:04X}]", u32::from(c)) };
    page.chars().map(escaped).collect()
}

/// Lines that keep their breaks.
fn laid_out(page: &mut Roff, text: &str) {
    page.control("nf", []);
    for line in text.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}
