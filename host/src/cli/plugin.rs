//! Plugins: a program `crhost-NAME` on the `PATH` is the command `crhost NAME`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::files;
use crate::text::Foreign;

/// The beginning of a plugin's file name.
const PREFIX: &str = "crhost-";

/// The commands about plugins.
#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// List the programs `crhost-NAME` on the PATH, each of which is a command
    #[command(visible_alias = "ls")]
    List,
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plugin {
    name: String,
    path: PathBuf,
}

/// A plugin, for programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Shown {
    /// The command's name.
    name: String,
    /// The program.
    path: String,
    /// Whether a command of crhost's own has this name, so that the plugin is never run.
    hidden: bool,
}

/// All plugins.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct List {
    /// In the order of their names.
    plugins: Vec<Shown>,
}

/// The plugin of a name: the first that can be run, as a shell finds programs.
pub(super) fn find(environment: &Environment, name: &str) -> Option<Plugin> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // Not an option, and no path: a word such as `acme/train:v3` was meant for `push`.
    if name.starts_with(['-', '.']) || name.is_empty() || !name.bytes().all(is_plain) {
        return None;
    }
    let file = format!("{PREFIX}{name}{}", std::env::consts::EXE_SUFFIX);
    let path = files::find_program(&environment.search_path(), &file)?;
    Some(Plugin { name: name.to_owned(), path })
}

/// All plugins, in the order of their names; of several with one name, the one that is run.
pub(super) fn all(environment: &Environment) -> Vec<Plugin> {
    let mut names: Vec<String> = Vec::new();
    for directory in environment.search_path() {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        names.extend(entries.filter_map(|entry| plugin_name(&entry.file_name().to_string_lossy())));
    }
    names.sort();
    names.dedup();
    names.iter().filter_map(|name| find(environment, name)).collect()
}

fn plugin_name(file: &str) -> Option<String> {
    file.strip_prefix(PREFIX)?.strip_suffix(std::env::consts::EXE_SUFFIX).map(str::to_owned)
}

impl Plugin {
    /// The command's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Runs it with these arguments in the place of this process: its streams, its exit code and the signals are its
    /// own. `CRHOST` tells it which program to call.
    pub(super) fn run(&self, arguments: &[OsString]) -> ExitCode {
        let mut command = Command::new(&self.path);
        command.args(arguments);
        if let Ok(this) = std::env::current_exe() {
            command.env(EnvVars::CRHOST, this);
        }
        self.start(command)
    }

    #[cfg(unix)]
    fn start(&self, mut command: Command) -> ExitCode {
        // It returns only where the program can't be run.
        self.refused(&std::os::unix::process::CommandExt::exec(&mut command))
    }

    #[cfg(not(unix))]
    fn start(&self, mut command: Command) -> ExitCode {
        match command.status() {
            Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
            Err(reason) => self.refused(&reason),
        }
    }

    fn refused(&self, reason: &std::io::Error) -> ExitCode {
        let message = format!("the plugin `{}` can't be run: {}", self.path.display(), Foreign(reason));
        let hint = "a plugin is a program of this system, or a script that begins with `#!`";
        Failure::new(Kind::General, message, hint).show(output::format())
    }
}

/// Runs a command about plugins. `own` is the description of crhost's own commands.
pub(super) fn run(context: &Context, command: &PluginCommand, own: &clap::Command) {
    let PluginCommand::List = command;
    let plugins = all(&context.environment).into_iter().map(|Plugin { name, path }| Shown {
        hidden: own.find_subcommand(&name).is_some() || name == "help",
        path: path.display().to_string(),
        name,
    });
    let plugins: Vec<Shown> = plugins.collect();
    if context.is_json() {
        output::print_json(&List { plugins });
    } else if plugins.is_empty() {
        output::say_line("no plugins; a program `crhost-NAME` on the PATH is the command `crhost NAME`");
    } else {
        let note = |hidden| if hidden { "hidden by crhost's own command" } else { "" };
        let row = |shown: Shown| vec![shown.name, shown.path, note(shown.hidden).to_owned()];
        output::print_table(&["NAME", "PATH", ""], plugins.into_iter().map(row));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_plugin_is_a_program_in_an_absolute_directory_of_the_path() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for (below, mode) in [("a", 0o644), ("b", 0o755), ("c", 0o755)] {
            fs::create_dir(at(below)).unwrap();
            let file = at(below).join("crhost-scan");
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir(at("a/crhost-directory")).unwrap();
        let path = |path: String| Environment::from_iter([("PATH", path)]);
        let all_of_them = path(["a", "b", "c"].map(|below| at(below).display().to_string()).join(":"));
        assert_eq!(find(&all_of_them, "scan").unwrap().path, at("b/crhost-scan"));
        assert_eq!(all(&all_of_them), [Plugin { name: "scan".to_owned(), path: at("b/crhost-scan") }]);
        for name in ["directory", "nosuch", "", "../b/crhost-scan", "-scan", "scan/x", "scan:v1"] {
            assert_eq!(find(&all_of_them, name), None, "{name}");
        }
        let here = std::env::current_dir().unwrap();
        let relative: PathBuf = here.components().skip(1).map(|_| "..").collect();
        let relative = relative.join(at("b").strip_prefix("/").unwrap());
        assert!(relative.join("crhost-scan").is_file(), "{}", relative.display());
        for unsafe_path in [String::new(), ":".to_owned(), ".".to_owned(), relative.display().to_string()] {
            assert_eq!(find(&path(unsafe_path), "scan"), None);
        }
    }
}
