//! What programs that build write: the marks of their steps, and their reasons.

use crate::build::progress::{Event, Progress, without_escapes};
use crate::build::tail::{CACHE_STEP, Tail, step_name};

/// Reads lines of a program.
pub(super) struct Output<'a> {
    progress: &'a dyn Progress,
    /// BuildKit's numbers of caches that are read: a build goes on without one.
    caches: Vec<String>,
    /// The steps and their last lines.
    pub(super) tail: Tail,
    /// The reason that the program gave last.
    pub(super) reason: Option<String>,
}

impl<'a> Output<'a> {
    /// No line yet.
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, caches: Vec::new(), tail: Tail::default(), reason: None }
    }

    /// Reads a line.
    pub(super) fn line(&mut self, line: &str) {
        let line = without_escapes(line);
        let line = line.trim_end();
        if line.is_empty() {
            return;
        }
        if let Some(reason) = reason(line) {
            self.reason = Some(reason.to_owned());
            return self.progress.event(Event::line(line));
        }
        if let Some(step) = line.strip_prefix("STEP ") {
            // Buildah and Podman.
            let step = step_name(step);
            self.tail.step(&step, &step);
            return self.progress.event(Event::Step(line.into()));
        }
        match line.strip_prefix('#').and_then(|rest| rest.split_once(' ')) {
            Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.buildkit(number, rest, line)
            }
            _ => {
                self.tail.line_of_current(line);
                self.progress.event(Event::line(line));
            }
        }
    }

    /// A line of BuildKit's plain display, `#5 [2/3] RUN make`, `#5 0.123 output`, `#5 ERROR: reason`.
    fn buildkit(&mut self, number: &str, rest: &str, line: &str) {
        if rest.starts_with('[') {
            self.tail.step(number, rest);
            return self.progress.event(Event::Step(line.into()));
        }
        if rest.starts_with(CACHE_STEP) {
            self.caches.push(number.to_owned());
        } else if let Some(reason) = rest.strip_prefix("ERROR: ") {
            if !self.caches.iter().any(|cache| cache == number) {
                self.tail.fail(number);
                self.reason = Some(reason.to_owned());
            }
        } else if let Some((_, text)) = rest.split_once(' ').filter(|(seconds, _)| seconds.parse::<f64>().is_ok()) {
            self.tail.line(number, text);
        }
        self.progress.event(Event::line(line));
    }
}

/// The reason in a line that begins as errors do.
fn reason(line: &str) -> Option<&str> {
    let start = line.get(..5)?;
    let rest = line.get(5..)?.trim_start_matches(':').trim_start();
    (start.eq_ignore_ascii_case("error") && !rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Escaped;

    struct Silent;

    impl Progress for Silent {
        fn event(&self, _: Event) {}
    }

    fn read(text: &str) -> (Option<String>, Vec<String>, Option<String>) {
        let mut output = Output::new(&Silent);
        text.lines().for_each(|line| output.line(line));
        let reason = output.reason.take();
        let (step, lines) = output.tail.end();
        (step.map(String::from), lines.iter().map(Escaped::to_string).collect(), reason)
    }

    #[test]
    fn the_failed_step_of_buildkit_is_found_among_those_beside_it() {
        let (step, lines, reason) = read(
            "#1 [internal] load build definition\n#1 DONE 0.0s\n#5 [2/3] RUN make\n#6 [stage 1/2] RUN other\n\
             #5 0.10 compiling\n#6 0.11 fine\n#5 0.20 broken\n\
             #5 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2\n\
             ------\nERROR: failed to solve: exit code: 2\n",
        );
        assert_eq!(step.as_deref(), Some("[2/3] RUN make"));
        assert_eq!(lines, ["compiling", "broken"]);
        assert_eq!(reason.as_deref(), Some("failed to solve: exit code: 2"));
    }

    #[test]
    fn a_cache_that_is_missing_is_not_the_step_that_failed() {
        let (step, _, reason) = read(
            "#4 importing cache manifest from x\n#4 ERROR: x: not found\n#5 [2/2] RUN false\n#5 ERROR: exit code: 1\n",
        );
        assert_eq!((step.as_deref(), reason.as_deref()), (Some("[2/2] RUN false"), Some("exit code: 1")));
    }

    #[test]
    fn the_failed_step_of_buildah_is_the_last() {
        let (step, lines, reason) = read(
            "STEP 1/2: FROM x\nSTEP 2/2: RUN false\nbroken\nerror building at STEP \"RUN false\": exit status 1\n",
        );
        assert_eq!(step.as_deref(), Some("2/2 RUN false"));
        assert_eq!(lines, ["broken"]);
        assert_eq!(reason.as_deref(), Some("building at STEP \"RUN false\": exit status 1"));
    }
}
