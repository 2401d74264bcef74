//! The exit codes.

use super::pages::{check_section, table};
use crate::cli::signals::Signal;
use crate::error::Kind;

const KINDS: [Kind; 9] = [
    Kind::General,
    Kind::Usage,
    Kind::NotFound,
    Kind::Auth,
    Kind::Conflict,
    Kind::Network,
    Kind::Flavor,
    Kind::Verification,
    Kind::Policy,
];

fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::General => "any other failure; of `crhost diff`, also that something differs",
        Kind::Usage => "wrong arguments or input",
        Kind::NotFound => "something named does not exist",
        Kind::Auth => "credentials are missing, wrong, or not allowed to do this",
        Kind::Conflict => "a name is taken, or something is in use",
        Kind::Network => "the network or the other side did not answer; trying again may help",
        Kind::Flavor => "a flavor failed, or a file is not a flavor",
        Kind::Verification => "bytes do not match their digest, or no signature of an image is valid",
        Kind::Policy => "a policy or a scanner is against it, or failed",
        Kind::Interrupted => "a signal ended the command",
    }
}

fn signal(signal: Signal) -> (&'static str, &'static str) {
    match signal {
        Signal::Interrupt => ("SIGINT", "Ctrl-C"),
        Signal::Terminate => ("SIGTERM", "`kill`, `timeout`, service managers, a CI system that cancels"),
        Signal::Hangup => ("SIGHUP", "the terminal was closed"),
    }
}

fn code(kind: Kind) -> String {
    format!("`{}`", serde_json::to_value(kind).unwrap().as_str().unwrap())
}

#[test]
fn the_page_of_exit_codes_is_as_the_program_ends() {
    let mut rows = vec![vec!["0".to_owned(), String::new(), "done".to_owned()]];
    rows.extend(KINDS.map(|kind| vec![kind.exit_code().to_string(), code(kind), meaning(kind).to_owned()]));
    rows.extend([Signal::Hangup, Signal::Interrupt, Signal::Terminate].map(|one| {
        let (name, sender) = signal(one);
        let meaning = format!("{}: {name} ({sender})", meaning(Kind::Interrupted));
        vec![one.exit_code().to_string(), String::new(), meaning]
    }));
    check_section("exit-codes.md", "Exit codes", "exit-codes", &table(&["code", "`code` in JSON", "meaning"], rows));
}
