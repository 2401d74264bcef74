//! `crhost completions`, and the answers to a shell that completes a command line: the shell's script starts crhost
//! with `COMPLETE` set, and the words behind `--`.
//!
//! Nothing is asked of the network or the user, and a failure is an empty answer: the user is typing.

mod values;

use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use clap_complete::env::{CompleteEnv, EnvCompleter, Shells};

use super::failure::Failure;
use super::{output, terminal};
use crate::environment::{EnvVars, Environment};

#[derive(Debug, clap::Args)]
#[command(after_help = INSTALL)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

const INSTALL: &str = "\
To have completions in every new shell:
  bash        echo 'source <(crhost completions bash)' >> ~/.bashrc
  zsh         echo 'source <(crhost completions zsh)' >> ~/.zshrc
              (behind the line with `compinit`)
  fish        crhost completions fish > ~/.config/fish/completions/crhost.fish
  powershell  add to $PROFILE:
              crhost completions powershell | Out-String | Invoke-Expression
  elvish      add to ~/.elvish/rc.elv: eval (crhost completions elvish | slurp)

Registries, connectors, flavors, images of the Docker daemon and fields of --json are completed too.";

/// The shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// Bash, from 4.0 on
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// `PowerShell`
    Powershell,
    /// Elvish
    Elvish,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Elvish => "elvish",
        }
    }
}

/// The end of bash's script: bash would take the parts of `train:v3` for words of their own.
const WHOLE_NAMES: &str = "# A colon is part of an image's name.\nCOMP_WORDBREAKS=${COMP_WORDBREAKS//:/}\n";

/// The name of the program that a shell completes.
const PROGRAM: &str = "crhost";

/// Whether a shell asks for completions. Another program's use of the variable is none of crhost's.
pub(super) fn is_asked_for(environment: &Environment) -> bool {
    let shell = environment.text(EnvVars::COMPLETE);
    let name = shell.as_deref().and_then(|shell| Path::new(shell).file_stem()?.to_str());
    name.is_some_and(|name| Shells::builtins().completer(name).is_some())
}

/// Answers a shell.
pub(super) fn answer(crhost: &dyn Fn() -> clap::Command, environment: &Environment) -> ExitCode {
    let environment = environment.clone();
    let completed = CompleteEnv::with_factory(|| values::with_values(crhost(), &environment)).bin(PROGRAM);
    // What goes wrong would stand in the middle of the line that the user types.
    let _ = completed.try_complete(std::env::args_os(), std::env::current_dir().ok().as_deref());
    ExitCode::SUCCESS
}

/// Prints the script of a shell.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let shell = arguments.shell.name();
    let unknown = || Failure::general(format!("there are no completions for `{shell}`"));
    let shells = Shells::builtins();
    let completer: &dyn EnvCompleter = shells.completer(shell).ok_or_else(unknown)?;
    let mut script = Vec::new();
    let written = completer.write_registration(EnvVars::COMPLETE, PROGRAM, PROGRAM, &program(), &mut script);
    written.map_err(|_| unknown())?;
    if arguments.shell == Shell::Bash {
        script.extend_from_slice(WHOLE_NAMES.as_bytes());
    }
    output::print_text(&String::from_utf8_lossy(&script));
    if terminal::stdout_columns().is_some() {
        output::say("hint", &format!("`crhost completions {shell} --help` says where this script goes"));
    }
    Ok(())
}

/// The program that the script starts: by its name where the user called it so, else by its path.
fn program() -> String {
    let called = std::env::args_os().next().filter(|called| Path::new(called).components().count() > 1);
    let path = called.and_then(|_| std::env::current_exe().ok());
    path.map_or_else(|| PROGRAM.to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_asked_for_by_the_name_of_a_shell_alone() {
        let asked = |value: &str| is_asked_for(&Environment::from_iter([("COMPLETE", value)]));
        assert!(Shell::value_variants().iter().all(|shell| asked(shell.name())));
        assert!(asked("/usr/bin/zsh"));
        for other in ["", "0", "1", "true", "tcsh"] {
            assert!(!asked(other), "{other}");
        }
    }
}
