//! `crhost audit`.

use std::ops::ControlFlow;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::context::Context;
use super::duration;
use super::failure::Failure;
use super::output;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::store::{AuditActions, AuditFault, AuditFilter, AuditHead, AuditOutcome, AuditRow, AuditTime, Name, Store};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    rows: RowArguments,
}

/// Which rows are shown.
#[derive(Debug, Args)]
struct RowArguments {
    /// Not before: a day, a time in UTC as RFC 3339 has it, or an age such as `2h` or `7d`
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<AuditTime>,

    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<AuditTime>,

    /// About this registry
    #[arg(long, value_name = "NAME")]
    registry: Option<Name>,

    /// Of this action, such as `login` or `registry.update`, or group, such as `registry`
    #[arg(long, value_name = "ACTION")]
    action: Option<AuditActions>,

    /// By actors with this text in their issuer, subject, user or machine
    #[arg(long, value_name = "TEXT")]
    actor: Option<String>,

    /// With this outcome: `done`, `refused` or `failed`
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<AuditOutcome>,

    /// Among so many of the last rows
    #[arg(long, value_name = "NUMBER")]
    last: Option<u32>,
}

/// What else there is to do with the audit.
#[derive(Debug, Subcommand)]
enum Command {
    /// Check that no row was changed, removed or moved, and print the last one's hash
    ///
    /// The hash, kept elsewhere and given again as `--head`, proves later that nothing up to it was written anew and
    /// that the end was not cut off.
    Verify {
        /// A row's number and hash that were printed before, which has to be in the chain
        #[arg(long, value_name = "SEQUENCE:HASH")]
        head: Option<AuditHead>,
    },
}

/// A chain that is as it was written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Verified {
    /// The number of rows.
    rows: i64,
    /// The last row: to be kept elsewhere.
    head: AuditHead,
    /// Its number and hash, as `--head` takes them.
    name: String,
}

/// Longest age, in seconds: a hundred years.
const LONGEST: u64 = 100 * 366 * 86_400;

/// Shows rows of the audit, or checks it.
pub(super) fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    if context.environment.text(EnvVars::CRHOST_SERVER).is_some() {
        let hint = "unset CRHOST_SERVER, and name the database of the server with CRHOST_DATABASE";
        return Err(Failure::new(Kind::Usage, "the audit is in the database of the server", hint));
    }
    context.refuse_config("a file has no audit: that is in the database")?;
    let home = context.home()?;
    let store = Store::open_audit(&home)?.ok_or_else(|| match home.shared() {
        Some(_) => {
            let hint = "start `crhost server` of this version once: it makes or updates the tables";
            Failure::new(Kind::NotFound, "the database has no audit of this version", hint)
        }
        None => {
            let message = format!("nothing is stored in `{}`: there is no audit", home.data().display());
            Failure::new(Kind::NotFound, &message, "CRHOST_HOME or CRHOST_DATABASE names what is looked at")
        }
    })?;
    match arguments.command {
        Some(Command::Verify { head }) => verify(context, &store, head.as_ref()),
        None => show(context, &store, arguments.rows),
    }
}

fn show(context: &Context, store: &Store, rows: RowArguments) -> Result<(), Failure> {
    let RowArguments { since, until, registry, action, actor, outcome, last } = rows;
    let registry = registry.map(|name| name.to_string());
    let filter = AuditFilter { since, until, registry, action, actor, outcome, last };
    let is_json = context.is_json();
    let write = |rows: Vec<AuditRow>| {
        match is_json {
            true => output::print_json_rows(&rows),
            false => output::print_lines(rows.iter().map(line)),
        }
        // A reader that has gone away wants no more.
        let is_over = output::write_failure().is_some() || output::selection_failure().is_some();
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut first = None;
    let damaged = |sequence: i64| {
        first.get_or_insert(sequence);
        output::say("warning", &format!("row {sequence} of the audit is damaged: it is no record"));
    };
    store.audit_rows(&filter, write, damaged)?;
    match first {
        Some(sequence) => Err(AuditFault::NoRecord(sequence).into()),
        None => Ok(()),
    }
}

fn verify(context: &Context, store: &Store, kept: Option<&AuditHead>) -> Result<(), Failure> {
    for name in store.missing_audit_triggers()? {
        let message = format!("the trigger `{name}` is missing or off: nothing refuses to change or remove rows");
        output::say("warning", &message);
    }
    let head = store.check_audit(kept)?;
    if context.is_json() {
        output::print_json(&Verified { rows: head.sequence, name: head.to_string(), head });
    } else {
        match head.sequence {
            0 => output::say_line("the audit has no rows"),
            rows => output::say_line(&format!("all {rows} rows are as they were written; the last one:")),
        }
        if kept.is_none() {
            output::say_line("a chain that was written anew as a whole is found with `--head` alone, kept elsewhere");
        }
        output::print(&head.to_string());
    }
    Ok(())
}

/// A row for people.
fn line(row: &AuditRow) -> String {
    let entry = &row.entry;
    let mut words = vec![entry.action.to_string()];
    words.extend(entry.operation.iter().map(ToString::to_string));
    let target = entry.target.as_ref().filter(|target| !target.is_empty());
    words.extend(target.map(ToString::to_string));
    words.extend(entry.repository.iter().map(ToString::to_string));
    words.extend(entry.registry.iter().filter(|name| Some(*name) != target).map(|name| format!("in {name}")));
    words.extend(entry.rule.iter().map(|rule| format!("by {rule}")));
    words.extend(entry.until.iter().map(|until| format!("until {until}")));
    words.extend(entry.error.iter().map(|error| format!("({error})")));
    words.extend(entry.count.iter().map(|count| format!("{count} times more")));
    if !entry.changed.is_empty() {
        let parts: Vec<&str> = entry.changed.iter().map(|part| part.as_str()).collect();
        words.push(format!("[{}]", parts.join(", ")));
    }
    let (outcome, what) = (entry.outcome.as_str(), words.join(" "));
    format!("{:>6}  {}  {outcome:<7}  {}  {what}", row.sequence, entry.time, entry.actor)
}

/// A time, or an age.
fn time(text: &str) -> Result<AuditTime, String> {
    let is_day = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    let whole = if is_day { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let age = || duration::age(1, LONGEST)(text).map(|age| AuditTime::now().before(age));
    whole.parse().or_else(|_| age()).map_err(|_| {
        "expected a day such as `2026-11-30`, a time such as `2026-11-30T16:00:00Z`, or an age such as `2h`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_a_time_or_an_age() {
        assert_eq!(time("2026-11-29").unwrap(), time("2026-11-29T00:00:00.000Z").unwrap());
        assert_eq!(time("2026-11-29T12:00:00Z").unwrap().to_string(), "2026-11-29T12:00:00.000Z");
        assert!(time("7d").unwrap() < time("2h").unwrap());
        for wrong in ["", "7", "yesterday", "2026-13-01", "2026-11-29 12:00"] {
            assert!(time(wrong).unwrap_err().starts_with("expected a day"), "{wrong}");
        }
    }
}
