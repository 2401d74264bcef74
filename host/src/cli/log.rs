//! The log: one line on standard error for each event of `tracing`, of crhost's own code and of its libraries.

use std::fmt;

use anstyle::{AnsiColor, Style};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt as _, FilterFn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{ci, event_stream, log_lines, message, output, screen, terminal};
use crate::environment::{EnvVars, Environment};
use crate::push;
use crate::retrying::RETRIES;
use crate::spans;
use crate::telemetry::Traces;
use crate::text::Escaped;

/// Starts the log: crhost's own warnings always, more for each `-v`, or what `CRHOST_LOG` says. Beside it, the trace.
pub(super) fn start(verbose: u8, environment: &Environment, traces: &Traces) {
    let default = match verbose {
        0 => "crhost=warn",
        1 => "crhost=info",
        _ => "crhost=debug",
    };
    let wanted = environment.text(EnvVars::CRHOST_LOG);
    let (filter, problem) = match wanted.as_deref().map(parse) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(problem)) => (EnvFilter::new(default), Some(problem)),
        None => (EnvFilter::new(default), None),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| screen::Stderr)
        .with_ansi(terminal::stderr_is_colourful())
        .event_format(EscapedLine);
    // Spans are of the trace alone.
    let is_line = FilterFn::new(|metadata| metadata.target() != spans::TARGET);
    // Without a level of its own, the one of the log would not count as the most that is wanted.
    let is_line = is_line.with_max_level_hint(LevelFilter::TRACE);
    let lines = lines.with_filter(filter.and(is_line));
    tracing_subscriber::registry().with(lines).with(traces.layer()).init();
    traces.tell();
    if let Some(problem) = problem {
        tracing::warn!("`{}` is not used: {problem}", EnvVars::CRHOST_LOG);
    }
}

/// Parses the value of `CRHOST_LOG`.
fn parse(filter: &str) -> Result<EnvFilter, String> {
    // A word that is neither a level nor part of crhost would be taken for a library that logs nothing.
    let is_unknown = |word: &&str| !word.contains(['=', '[']) && !word.is_empty() && !is_level(word);
    let unknown = filter.split(',').map(str::trim).find(|word| is_unknown(word) && !word.starts_with("crhost"));
    if let Some(word) = unknown {
        return Err(format!("`{word}` is no level; expected `error`, `warn`, `info`, `debug`, `trace` or `off`"));
    }
    EnvFilter::try_new(filter).map_err(|error| format!("`{filter}`: {error}"))
}

fn is_level(word: &str) -> bool {
    word.parse::<LevelFilter>().is_ok()
}

/// An event as its level and its message with its fields, escaped: no code that logs, here or in a library, has to know
/// what of it came from outside.
struct EscapedLine;

impl<S, N> FormatEvent<S, N> for EscapedLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = String::new();
        context.field_format().format_fields(Writer::new(&mut text), event)?;
        let level = *event.metadata().level();
        if event.metadata().target() == RETRIES
            && let Some(event) =
                event_stream::line(push::Event::Again { layer: None, what: text.as_str().into(), is_told: false })
        {
            return writeln!(out, "{event}");
        }
        if let Some(event) = event_stream::message(word(level), &text) {
            return writeln!(out, "{event}");
        }
        if output::is_json() {
            return writeln!(out, "{}", message::log_line(word(level), &Escaped::from(text)));
        }
        if log_lines::is_json() {
            return writeln!(out, "{}", log_lines::event(word(level), event));
        }
        let style = if out.has_ansi_escapes() { style(level) } else { Style::new() };
        let text = Escaped::from(text);
        writeln!(out, "{style}{}{style:#}: {text}", word(level))?;
        ci::annotation(word(level), &text).map_or(Ok(()), |line| writeln!(out, "{line}"))
    }
}

/// The word before a line, the same as before messages that are no log.
fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warning",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

fn style(level: Level) -> Style {
    let colour = match level {
        Level::ERROR => AnsiColor::Red,
        Level::WARN => AnsiColor::Yellow,
        Level::INFO => AnsiColor::Green,
        Level::DEBUG => AnsiColor::Blue,
        Level::TRACE => AnsiColor::Magenta,
    };
    Style::new().fg_color(Some(colour.into()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_filter_that_means_nothing_is_refused_by_name() {
        for filter in ["debug", "crhost=debug", "crhost::push=trace,warn", "off", "WARN", "crhost"] {
            assert!(parse(filter).is_ok(), "{filter}");
        }
        for filter in ["blah=foo=bar", "verbose", "crhost=loud", "info,everything"] {
            assert!(parse(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn whatever_is_logged_is_one_line_that_moves_no_cursor() {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        tracing::subscriber::with_default(log.event_format(EscapedLine).finish(), || {
            let text = "\u{1b}[2J\r\n::error::fake \u{202e}";
            tracing::warn!("{text}");
            tracing::error!(field = text, "##[group]");
        });
        // The library escapes the first character itself, in its own way, and leaves the others as they are.
        let lines = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            lines,
            "warning: \\x1b[2J\\r\\n::error::fake \\u{202e}\n\
             error: #\\u{23}[group] field=\"\\u{1b}[2J\\r\\n::error::fake \\u{202e}\"\n"
        );
    }
}
