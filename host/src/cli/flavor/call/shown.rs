//! What came of a call, for people and for programs.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::super::super::output;
use super::replayed::{Replayed, ShownReplay};
use super::request::{Request, milliseconds};
use crate::error::{Explain as _, Kind};
use crate::flavor::{LogLevel, LogLine, Observed};
use crate::flavor_call::{Answer, Component, Export, Outcome};
use crate::text::Escaped;

/// Lines of the log that are shown to people above a failure: the last ones say what was done.
const LAST_LINES: usize = 20;

/// A call of a component.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Called<'a> {
    /// The component's name.
    name: String,
    /// Its version.
    version: String,
    /// The digest of the file.
    digest: String,
    /// The export that was called.
    export: Export,
    /// The answer; absent where the component gave none.
    answer: Option<&'a Answer>,
    /// Why there is no answer.
    failure: Option<Failure>,
    /// The functions that were running when it stopped, the innermost first.
    stack: &'a [Escaped],
    /// Lines that it logged.
    log: &'a [LogLine],
    /// Lines that it logged above the limit, which are left out.
    dropped_lines: usize,
    /// Lines on its standard error.
    stderr: &'a [Escaped],
    /// Its requests, the refused ones included.
    requests: Vec<Request>,
    /// What was played back of a recording; absent without `--replay`.
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<ShownReplay>,
    /// The time of the call.
    milliseconds: f64,
    /// The most linear memory that it had.
    memory_bytes: usize,
}

/// Why there is no answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Failure {
    /// Its kind, which is that of the command's failure.
    code: Kind,
    /// What is wrong, in one line.
    message: String,
    /// The next step.
    hint: Option<Escaped>,
}

impl<'a> Called<'a> {
    /// What came of a call.
    pub(super) fn new(component: &Component, export: Export, outcome: &'a Outcome, replay: Option<&Replayed>) -> Self {
        let Outcome { answer, observed, .. } = outcome;
        let Observed { log, dropped_lines, stderr, requests, stack, usage, .. } = observed;
        let failure = answer.as_ref().err().map(|stopped| Failure {
            code: stopped.kind(),
            message: stopped.to_string(),
            hint: stopped.hint(),
        });
        Self {
            name: component.guest().name().to_owned(),
            version: component.version().to_string(),
            digest: component.facts().digest.to_string(),
            export,
            answer: answer.as_ref().ok(),
            failure,
            stack,
            log,
            dropped_lines: *dropped_lines,
            stderr,
            requests: requests.iter().map(Request::from).collect(),
            replay: replay.map(Replayed::shown),
            milliseconds: milliseconds(usage.iter().map(|usage| usage.time).sum::<Duration>()),
            memory_bytes: usage.iter().map(|usage| usage.memory).max().unwrap_or(0),
        }
    }

    /// Shows it to people: the answer as the result, and all else beside it.
    pub(super) fn show(&self) {
        if let Some(answer) = self.answer {
            let value = serde_json::to_value(answer).unwrap_or_default();
            output::print_lines(lines(&value, 0));
        }
        show_log(self.log, self.dropped_lines, self.stderr);
        for request in &self.requests {
            let Request { method, url, secrets, status, error, milliseconds } = request;
            let end = match (status, error) {
                (Some(status), _) => status.to_string(),
                (None, Some(error)) => error.to_string(),
                (None, None) => String::new(),
            };
            let with = if secrets.is_empty() { String::new() } else { format!(" with {}", secrets.join(", ")) };
            output::say_line(&format!("request: {method} {url}{with}: {end} ({milliseconds} ms)"));
        }
        self.replay.iter().for_each(ShownReplay::show);
        show_stack(self.stack);
        let (time, memory) = (self.milliseconds, self.memory_bytes >> 10);
        let requests = match self.requests.len() {
            1 => "1 request".to_owned(),
            count => format!("{count} requests"),
        };
        output::say_line(&format!("used: {time} ms, {memory} KiB of memory, {requests}"));
    }
}

/// Shows what was seen of a component that could not be loaded.
pub(in super::super) fn show_observed(observed: &Observed) {
    if output::is_json() {
        return;
    }
    show_log(&observed.log, observed.dropped_lines, &observed.stderr);
    show_stack(&observed.stack);
}

fn show_log(log: &[LogLine], dropped: usize, stderr: &[Escaped]) {
    for LogLine { level, message } in log {
        let level = match level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warning",
        };
        output::say_line(&format!("log: {level}: {message}"));
    }
    if dropped > 0 {
        output::say_line(&format!("log: {dropped} more lines are left out"));
    }
    let hidden = stderr.len().saturating_sub(LAST_LINES);
    if hidden > 0 {
        output::say_line(&format!("stderr: {hidden} lines before are left out"));
    }
    stderr.iter().skip(hidden).for_each(|line| output::say_line(&format!("stderr: {line}")));
}

/// Shows where the component was when it stopped.
fn show_stack(stack: &[Escaped]) {
    for (at, function) in stack.iter().enumerate() {
        output::say_line(&format!("{} {function}", if at == 0 { "stopped in" } else { " called by" }));
    }
}

/// A value as lines for people: a member a line, what is inside of it below.
fn lines(value: &Value, indent: usize) -> Vec<String> {
    let space = " ".repeat(indent);
    match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| member(name, value, indent)).collect(),
        Value::Array(items) => items.iter().flat_map(|item| listed(item, indent)).collect(),
        scalar => vec![format!("{space}{}", plain(scalar))],
    }
}

fn member(name: &str, value: &Value, indent: usize) -> Vec<String> {
    let space = " ".repeat(indent);
    let is_flat = |items: &[Value]| items.iter().all(|item| !item.is_object() && !item.is_array());
    match value {
        Value::Object(_) => [vec![format!("{space}{name}:")], lines(value, indent + 2)].concat(),
        Value::Array(items) if is_flat(items) => {
            vec![format!("{space}{name}: {}", items.iter().map(plain).collect::<Vec<_>>().join(", "))]
        }
        Value::Array(_) => [vec![format!("{space}{name}:")], lines(value, indent + 2)].concat(),
        scalar => vec![format!("{space}{name}: {}", plain(scalar))],
    }
}

/// An item of a list: its first line behind a dash.
fn listed(item: &Value, indent: usize) -> Vec<String> {
    let mut of_item = lines(item, indent + 2);
    if let Some(first) = of_item.first_mut() {
        *first = format!("{}- {}", " ".repeat(indent), first.trim_start());
    }
    of_item
}

fn plain(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_shown_a_member_a_line() {
        let answer =
            json!({"notes": [], "profile": {"chunk": null, "mount": true}, "list": [{"a": 1, "b": ["x", "y"]}]});
        let expected = ["list:", "  - a: 1", "    b: x, y", "notes: ", "profile:", "  chunk: none", "  mount: true"];
        assert_eq!(lines(&answer, 0), expected);
    }
}
