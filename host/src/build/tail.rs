//! The last lines of a build, for its error: those of the step that failed.

use std::collections::{HashMap, VecDeque};

use super::progress::shown;
use crate::text::Escaped;

/// Lines that an error shows: enough for a message, and few enough for a screen.
const LINES: usize = 6;
/// Steps whose lines are kept: those that a builder runs at once, many times over.
const STEPS: usize = 1_000;

/// The steps of a build, by the builder's own marks.
#[derive(Default)]
pub(super) struct Tail {
    steps: HashMap<String, Step>,
    current: String,
    failed: Option<String>,
}

#[derive(Default)]
struct Step {
    name: Option<String>,
    lines: VecDeque<Escaped>,
}

impl Tail {
    /// Begins a step, by a mark of the builder's own, or goes on with it.
    pub(super) fn step(&mut self, mark: &str, name: &str) {
        self.name(mark, name);
        mark.clone_into(&mut self.current);
    }

    /// Names a step, and leaves the one that began last.
    pub(super) fn name(&mut self, mark: &str, name: &str) {
        self.entry(mark).name = Some(name.to_owned());
    }

    /// Adds a line to a step.
    pub(super) fn line(&mut self, mark: &str, line: &str) {
        let line = shown(line);
        if line.is_empty() {
            return;
        }
        let lines = &mut self.entry(mark).lines;
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// Adds a line to the step that began last.
    pub(super) fn line_of_current(&mut self, line: &str) {
        let mark = self.current.clone();
        self.line(&mark, line);
    }

    /// Marks a step as the one that failed.
    pub(super) fn fail(&mut self, mark: &str) {
        self.failed.get_or_insert_with(|| mark.to_owned());
    }

    fn entry(&mut self, mark: &str) -> &mut Step {
        if self.steps.len() >= STEPS && !self.steps.contains_key(mark) {
            self.steps.clear();
        }
        self.steps.entry(mark.to_owned()).or_default()
    }

    /// The name and the last lines of the step that failed, else of the last one.
    pub(super) fn end(self) -> (Option<Escaped>, Vec<Escaped>) {
        let Self { mut steps, current, failed } = self;
        let step = steps.remove(failed.as_ref().unwrap_or(&current)).unwrap_or_default();
        (step.name.map(Into::into), step.lines.into())
    }
}

/// The name of BuildKit's step that reads a cache begins with this.
pub(super) const CACHE_STEP: &str = "importing cache manifest";

/// The name of a step by its mark in the output: `2/4 : RUN x` for the classic builder, `2/4: RUN x` for Buildah and
/// Podman.
pub(super) fn step_name(mark: &str) -> String {
    match mark.split_once(':') {
        Some((number, instruction)) => format!("{} {}", number.trim_end(), instruction.trim_start()),
        None => mark.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_the_last_of_the_step_that_failed() {
        let mut tail = Tail::default();
        tail.step("1", "RUN a");
        (0..10).for_each(|number| tail.line("1", &format!("a{number}\n")));
        tail.step("2", "RUN b");
        tail.line_of_current("b");
        tail.line("2", " ");
        tail.fail("1");
        let (name, lines) = tail.end();
        assert_eq!(name.unwrap().as_str(), "RUN a");
        assert_eq!(lines.iter().map(Escaped::as_str).collect::<Vec<_>>(), ["a4", "a5", "a6", "a7", "a8", "a9"]);
        let mut tail = Tail::default();
        tail.step("2", "RUN b");
        tail.line_of_current("b");
        assert_eq!(tail.end().1.len(), 1);
    }
}
