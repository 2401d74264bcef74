//! The messages of a build by a Docker daemon: JSON objects, one a line, of its classic builder or of BuildKit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::step_errors::StepErrors;
use crate::build::error::BuildError;
use crate::build::progress::{Event, Progress, without_escapes};
use crate::build::tail::{Tail, step_name};
use crate::docker::ErrorDetail;
use crate::docker::buildkit::{Status, Vertex};
use crate::image::Digest;
use crate::json;
use crate::text::Escaped;

/// Longest message in bytes: a step's output comes in parts of some KiB.
const MAX_MESSAGE: usize = 8 << 20;
/// The id of BuildKit's own progress.
const TRACE: &str = "moby.buildkit.trace";

/// Reads messages as they come.
pub(super) struct Messages<'a> {
    progress: &'a dyn Progress,
    line: Vec<u8>,
    tail: Tail,
    /// The image that the last message about one named.
    image: Option<Digest>,
    /// The error of the build.
    failure: Option<String>,
    errors: StepErrors,
}

/// A message, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    stream: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    id: Option<String>,
    status: Option<String>,
    aux: Value,
    #[serde(deserialize_with = "json::non_empty")]
    error: Option<String>,
    #[serde(deserialize_with = "json::if_valid")]
    error_detail: Option<ErrorDetail>,
}

impl<'a> Messages<'a> {
    /// No message yet.
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        let (tail, errors) = (Tail::default(), StepErrors::default());
        Self { progress, line: Vec::new(), tail, image: None, failure: None, errors }
    }

    /// Reads bytes of the answer.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + part.len() <= MAX_MESSAGE {
                self.line.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.trim_ascii().is_empty()
            && let Ok(message) = json::read::<Message>(&line)
        {
            self.message(message);
        }
    }

    fn message(&mut self, message: Message) {
        let Message { stream, id, status, aux, error, error_detail } = message;
        if let Some(text) = stream {
            self.text(&text);
        }
        if id.as_deref() == Some(TRACE) {
            let trace = aux.as_str().and_then(|text| STANDARD.decode(text).ok());
            if let Some(trace) = trace {
                self.trace(Status::parse(&trace));
            }
        } else if let Some(image) = aux.get("ID").and_then(Value::as_str) {
            self.image = image.parse().or_else(|_| Digest::from_hex(image)).ok().or(self.image.take());
        } else if let (Some(status), None) = (status, &id) {
            self.progress.event(Event::line(&status));
        }
        if let Some(failure) = error_detail.and_then(|detail| detail.message).or(error) {
            self.failure.get_or_insert(failure);
        }
    }

    /// Lines of the classic builder, or of Podman's, of which some begin a step.
    fn text(&mut self, text: &str) {
        for line in without_escapes(text).lines().filter(|line| !line.trim().is_empty()) {
            match line.strip_prefix("Step ").or_else(|| line.strip_prefix("STEP ")) {
                Some(step) => {
                    let step = step_name(step);
                    self.tail.step(&step, &step);
                    self.progress.event(Event::Step(line.into()));
                }
                None => {
                    // The builder's own remarks about the step are not its output.
                    if !line.trim_start().starts_with("---> ") {
                        self.tail.line_of_current(line);
                    }
                    self.progress.event(Event::line(line));
                }
            }
        }
    }

    fn trace(&mut self, status: Status) {
        for Vertex { digest, name, is_cached, is_started, is_completed, error } in status.vertexes {
            if is_started && !is_completed || is_cached {
                self.tail.step(&digest, &name);
                let cached = if is_cached { " (cached)" } else { "" };
                self.progress.event(Event::Step(format!("{name}{cached}").into()));
            }
            // Steps that were given up because another one failed have an error, too.
            if !error.is_empty() && !error.ends_with("context canceled") {
                self.tail.name(&digest, &name);
                self.errors.add(digest, name, error);
            }
        }
        for log in status.logs {
            for line in without_escapes(&log.text).lines().filter(|line| !line.trim().is_empty()) {
                self.tail.line(&log.vertex, line);
                self.progress.event(Event::line(line));
            }
        }
    }

    /// The image, once the answer has ended.
    ///
    /// # Errors
    /// When the build failed, or named no image.
    pub(super) fn end(mut self, builder: &Escaped) -> Result<Digest, BuildError> {
        self.end_line();
        let Self { tail, image, failure, errors, .. } = self;
        match (failure, image) {
            (None, Some(image)) => {
                errors.warn();
                Ok(image)
            }
            (failure, _) => {
                let failed = errors.failure(failure.as_deref(), tail);
                Err(failed.unwrap_or_else(|| BuildError::NoImage { builder: builder.clone() }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    #[derive(Default)]
    struct Shown(Mutex<Vec<String>>);

    impl Progress for Shown {
        fn event(&self, event: Event) {
            self.0.lock().push(match event {
                Event::Builder(text) => format!("B {text}"),
                Event::Step(text) => format!("S {text}"),
                Event::Line(text) => format!("L {text}"),
            });
        }
    }

    fn read(text: &str) -> (Result<Digest, BuildError>, Vec<String>) {
        let shown = Shown::default();
        let mut messages = Messages::new(&shown);
        // However the daemon's writes are cut.
        text.as_bytes().chunks(7).for_each(|bytes| messages.read(bytes));
        let ended = messages.end(&"Docker".into());
        (ended, shown.0.into_inner())
    }

    #[test]
    fn the_classic_builder_names_its_steps_and_the_image() {
        let digest = Digest::of(b"x");
        let (ended, shown) = read(&format!(
            "{}\r\n{}\r\n{{\"aux\":{{\"ID\":\"{digest}\"}}}}\r\n",
            r#"{"stream":"Step 1/1 : FROM scratch"}"#, r#"{"stream":"\n"}"#
        ));
        assert_eq!(ended.unwrap(), digest);
        assert_eq!(shown, ["S Step 1/1 : FROM scratch"]);
    }

    #[test]
    fn a_step_that_fails_is_told_with_its_last_lines() {
        let (ended, _) = read(
            "{\"stream\":\"Step 2/2 : RUN false\"}\n{\"stream\":\"one\\ntwo\\n\"}\n\
             {\"errorDetail\":{\"message\":\"returned a non-zero code: 1\"},\"error\":\"x\"}",
        );
        assert_eq!(
            ended.unwrap_err().to_string(),
            "the build failed at `2/2 RUN false`: returned a non-zero code: 1; the last of its output: `one`, `two`"
        );
    }

    /// A field of a message of Protocol Buffers, whose length is written in two groups of seven bits.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let [low, high] = [(bytes.len() & 0x7f) | 0x80, bytes.len() >> 7].map(|group| u8::try_from(group).unwrap());
        [&[number << 3 | 2, low, high][..], bytes].concat()
    }

    /// BuildKit's message that a step ended with an error.
    fn trace(name: &str, error: &str) -> String {
        let named = [field(1, name.as_bytes()), field(3, name.as_bytes())].concat();
        let ended = [field(5, b""), field(6, b""), field(7, error.as_bytes())].concat();
        let status = STANDARD.encode(field(1, &[named, ended].concat()));
        format!("{{\"id\":\"{TRACE}\",\"aux\":\"{status}\"}}\n")
    }

    #[test]
    fn a_step_that_the_build_went_on_without_is_not_its_failure() {
        let digest = Digest::of(b"x");
        let missing = trace("importing cache manifest from x", "x: not found");
        let image = format!("{{\"id\":\"moby.image.id\",\"aux\":{{\"ID\":\"{digest}\"}}}}\n");
        assert_eq!(read(&format!("{missing}{image}")).0.unwrap(), digest);
        let broken = trace("[2/2] RUN false", "exit code: 1");
        let end = "{\"errorDetail\":{\"message\":\"failed to solve: exit code: 1\"},\"error\":\"x\"}\n";
        for text in [format!("{missing}{broken}{end}"), format!("{missing}{broken}")] {
            let failed = read(&text).0.unwrap_err();
            assert_eq!(failed.to_string(), "the build failed at `[2/2] RUN false`: exit code: 1", "{text}");
        }
    }

    #[test]
    fn colours_of_the_classic_builder_are_not_shown() {
        let (_, shown) = read(r#"{"stream":"\u001b[91mno such file\n\u001b[0m"}"#);
        assert_eq!(shown, ["L no such file"]);
    }

    #[test]
    fn an_answer_without_an_image_is_no_build() {
        for text in ["", "{}\n", "garbage\n", "{\"aux\":{\"ID\":7}}\n"] {
            assert!(matches!(read(text).0, Err(BuildError::NoImage { .. })), "{text}");
        }
    }
}
