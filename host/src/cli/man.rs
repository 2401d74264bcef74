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

/// The section of user commands.
const SECTION: &str = "1";

/// Runs the command. `crhost` is the description of all commands.
pub(super) fn run(mut crhost: Command, arguments: &Arguments) -> Result<(), Failure> {
    crhost.build();
    match &arguments.directory {
        Some(directory) => {
            let number = write_below(&crhost, &crhost, directory).map_err(|reason| unwritable(directory, &reason))?;
            output::say_line(&format!("{number} pages are in `{}`", directory.display()));
            Ok(())
        }
        None => {
            let page = page(&crhost, named(&crhost, &arguments.command)?);
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
    let source = format!("crhost {}", env!("CARGO_PKG_VERSION"));
    // Its own subcommand for help has no page.
    let own = command.clone().disable_help_subcommand(true);
    let man = Man::new(own).section(SECTION).source(source).manual("crhost");
    let mut text = Vec::new();
    // Into memory, which takes everything.
    let _ = man.render_title(&mut text);
    let _ = man.render_name_section(&mut text);
    let _ = man.render_synopsis_section(&mut text);
    let _ = man.render_options_section(&mut text);
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
    let text = String::from_utf8_lossy(&text).into_owned();
    text.trim_end().to_owned() + "\n" + page.to_roff().trim_end()
}

/// Lines that keep their breaks.
fn laid_out(page: &mut Roff, text: &str) {
    page.control("nf", []);
    for line in text.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}
