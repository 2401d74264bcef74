//! The log: one line on standard error for each event of `tracing`, of crhost's own code and of its libraries.

use std::fmt;

use anstyle::{AnsiColor, Style};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::failure::Failure;
use super::{output, terminal};
use crate::environment::{EnvVars, Environment};
use crate::error::Kind;
use crate::text::Escaped;

/// Starts the log: warnings always, more for each `-v`, or what `CRHOST_LOG` says.
pub(super) fn start(verbose: u8, environment: &Environment) -> Result<(), Failure> {
    let default = match verbose {
        0 => "warn",
        1 => "warn,crhost=info",
        _ => "info,crhost=debug",
    };
    let filter = match environment.text(EnvVars::CRHOST_LOG) {
        Some(filter) => EnvFilter::try_new(&filter).map_err(|_| invalid(&filter))?,
        None => EnvFilter::new(default),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal::stderr_is_colourful())
        .event_format(EscapedLine)
        .init();
    Ok(())
}

fn invalid(filter: &str) -> Failure {
    let message = format!("the environment variable `CRHOST_LOG` is `{filter}`, expected levels of modules");
    Failure::new(Kind::Usage, message, "`CRHOST_LOG=debug` and `CRHOST_LOG=warn,crhost=debug` are two")
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
        if output::is_json() {
            return writeln!(out, "{}", output::log_line(level.as_str(), &Escaped::from(text)));
        }
        let style = if out.has_ansi_escapes() { style(level) } else { Style::new() };
        writeln!(out, "{style}{level:>5}{style:#} {}", Escaped::from(text))
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
            " WARN \\x1b[2J\\r\\n::error::fake \\u{202e}\n\
             ERROR #\\u{23}[group] field=\"\\u{1b}[2J\\r\\n::error::fake \\u{202e}\"\n"
        );
    }
}
