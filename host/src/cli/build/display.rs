//! The progress of a build: lines, a few rows that are drawn in place, or nothing.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use parking_lot::Mutex;

use crate::build::{Event, Progress};
use crate::cli::{output, screen, terminal};
use crate::environment::Environment;

/// The form in which the progress of a build is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BuildProgress {
    /// The last lines of the build in place on a terminal, every line elsewhere
    #[default]
    Auto,
    /// Every line
    Plain,
    /// The last lines, in place
    Tty,
    /// Nothing but the error
    None,
}

impl BuildProgress {
    /// Shows a build in this form.
    pub(super) fn start(self, environment: &Environment) -> Box<dyn Progress> {
        match self {
            Self::Tty if terminal::stderr_is_terminal() => Box::new(Rows::default()),
            Self::Auto if terminal::can_draw(environment) => Box::new(Rows::default()),
            // A program that asks for JSON reads the result, and the error if there is one.
            Self::Auto if output::is_json() => Box::new(Silent),
            Self::Auto | Self::Plain | Self::Tty => Box::new(Lines),
            Self::None => Box::new(Silent),
        }
    }

    /// The form in which the push after it is shown.
    pub(super) fn of_push(self) -> &'static str {
        match self {
            Self::Auto | Self::Tty => "auto",
            Self::Plain => "plain",
            Self::None => "none",
        }
    }
}

struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event) {}
}

/// Shows every line.
struct Lines;

impl Progress for Lines {
    fn event(&self, event: Event) {
        match event {
            Event::Builder(builder) => output::say_line(&format!("building with {builder}")),
            Event::Step(line) | Event::Line(line) => output::say_line(&line),
        }
    }
}

/// Lines of output below the step.
const HEIGHT: usize = 6;
/// The interval of drawings: a build may write thousands of lines a second.
const INTERVAL: Duration = Duration::from_millis(50);

/// Draws the step and its last lines in place.
#[derive(Default)]
struct Rows(Mutex<State>);

#[derive(Default)]
struct State {
    step: String,
    lines: VecDeque<String>,
    drawn: Option<Instant>,
}

impl Progress for Rows {
    fn event(&self, event: Event) {
        let mut state = self.0.lock();
        match event {
            Event::Builder(builder) => return output::say_line(&format!("building with {builder}")),
            Event::Step(step) => {
                state.step = step.to_string();
                state.lines.clear();
            }
            Event::Line(line) => {
                if state.lines.len() == HEIGHT {
                    state.lines.pop_front();
                }
                state.lines.push_back(line.to_string());
            }
        }
        if state.drawn.is_none_or(|drawn| drawn.elapsed() >= INTERVAL) {
            state.drawn = Some(Instant::now());
            screen::draw(&state.rows(terminal::size().1));
        }
    }
}

impl State {
    /// Rows that are narrower than the terminal.
    fn rows(&self, columns: usize) -> Vec<String> {
        let cut = |line: &str| line.chars().take(columns.saturating_sub(1)).collect::<String>();
        let lines = self.lines.iter().map(|line| format!("  {line}"));
        std::iter::once(self.step.clone()).chain(lines).map(|line| cut(&line)).collect()
    }
}
