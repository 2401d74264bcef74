//! The progress of a build: `StatusResponse` of BuildKit's `control.proto`.

use super::protobuf::{Fields, Value};

/// What happened since the last message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// Steps that began or ended.
    pub(crate) vertexes: Vec<Vertex>,
    /// What steps wrote.
    pub(crate) logs: Vec<Log>,
}

/// A step.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Vertex {
    /// Its digest, which stands for it in logs.
    pub(crate) digest: String,
    /// Its name, such as `[2/3] RUN make`.
    pub(crate) name: String,
    /// Whether it came from the cache.
    pub(crate) is_cached: bool,
    /// Whether it began.
    pub(crate) is_started: bool,
    /// Whether it ended.
    pub(crate) is_completed: bool,
    /// Why it failed; empty if it didn't.
    pub(crate) error: String,
}

/// Lines of a step, or a part of one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    /// The step's digest.
    pub(crate) vertex: String,
    /// The text.
    pub(crate) text: String,
}

impl Status {
    /// Reads a message.
    pub(crate) fn parse(message: &[u8]) -> Self {
        let mut status = Self::default();
        for (field, value) in Fields(message) {
            match field {
                1 => status.vertexes.push(vertex(value.bytes())),
                3 => status.logs.push(log(value.bytes())),
                _ => {}
            }
        }
        status
    }
}

fn vertex(message: &[u8]) -> Vertex {
    let mut vertex = Vertex::default();
    for (field, value) in Fields(message) {
        match field {
            1 => vertex.digest = value.text(),
            3 => vertex.name = value.text(),
            4 => vertex.is_cached = value == Value::Number(1),
            5 => vertex.is_started = true,
            6 => vertex.is_completed = true,
            7 => vertex.error = value.text(),
            _ => {}
        }
    }
    vertex
}

fn log(message: &[u8]) -> Log {
    let mut log = Log::default();
    for (field, value) in Fields(message) {
        match field {
            1 => log.vertex = value.text(),
            4 => log.text = value.text(),
            _ => {}
        }
    }
    log
}

#[cfg(test)]
mod tests {
    use super::super::protobuf::{push_bytes, push_number};
    use super::*;

    #[test]
    fn steps_and_what_they_write_are_read() {
        let (mut vertex, mut log, mut status) = (Vec::new(), Vec::new(), Vec::new());
        push_bytes(&mut vertex, 1, b"sha256:1");
        push_bytes(&mut vertex, 3, b"[1/2] RUN x");
        push_number(&mut vertex, 4 << 3);
        push_number(&mut vertex, 1);
        push_bytes(&mut vertex, 5, b"");
        push_bytes(&mut vertex, 7, b"exit code: 1");
        push_bytes(&mut log, 1, b"sha256:1");
        push_bytes(&mut log, 4, b"line\n");
        push_bytes(&mut status, 1, &vertex);
        push_bytes(&mut status, 2, b"ignored");
        push_bytes(&mut status, 3, &log);
        let found = Status::parse(&status);
        let expected = Vertex {
            digest: "sha256:1".to_owned(),
            name: "[1/2] RUN x".to_owned(),
            is_cached: true,
            is_started: true,
            is_completed: false,
            error: "exit code: 1".to_owned(),
        };
        assert_eq!(found.vertexes, [expected]);
        assert_eq!(found.logs, [Log { vertex: "sha256:1".to_owned(), text: "line\n".to_owned() }]);
    }
}
