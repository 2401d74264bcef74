//! The contents that a case names, and the placeholders by which others of them speak of a content: `{NAME.hex}`,
//! `{NAME.digest}` and `{NAME.size}`, and `{arch}` for this machine's architecture.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::support::images::digest;
use crate::support::images::image::{append, architecture};

/// Contents by their names.
pub(super) struct Blobs {
    definitions: Map<String, Value>,
    /// A text that makes the layers of a case its own.
    seed: String,
}

impl Blobs {
    /// The contents of these definitions.
    pub(super) fn new(definitions: Map<String, Value>, seed: &str) -> Self {
        Self { definitions, seed: seed.to_owned() }
    }

    /// A content by its name, or by its definition: `{"json": …}`, `{"text": …}`, `{"tar": TEXT}` (a layer with a file
    /// of this text), `{"zeros": N}`, or another content compressed, `{"gzip": NAME}`.
    pub(super) fn get(&self, blob: &Value) -> Vec<u8> {
        if let Some(name) = blob.as_str() {
            return self.get(self.definitions.get(name).unwrap_or_else(|| panic!("no blob `{name}`")));
        }
        let (kind, value) = blob.as_object().unwrap().iter().next().unwrap();
        match kind.as_str() {
            "json" => self.fill(value).to_string().into_bytes(),
            "text" => value.as_str().unwrap().as_bytes().to_vec(),
            "tar" => {
                let mut archive = tar::Builder::new(Vec::new());
                append(&mut archive, "file", format!("{} of {}", value.as_str().unwrap(), self.seed).as_bytes());
                archive.into_inner().unwrap()
            }
            "zeros" => vec![0; usize::try_from(value.as_u64().unwrap()).unwrap()],
            program => compressed(program, &self.get(value)),
        }
    }

    /// A document with its placeholders filled, also those in the names of members. One that is a size is a number.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('{').and_then(|rest| rest.strip_suffix(".size}")) {
                Some(name) => json!(self.get(&json!(name)).len()),
                None => Value::String(self.text(text)),
            },
            Value::Array(values) => values.iter().map(|value| self.fill(value)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (self.text(name), self.fill(value))).collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }

    /// A text with its placeholders filled.
    pub(super) fn text(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
        let (placeholder, after) = rest.split_once('}').unwrap();
        let filled = match placeholder.rsplit_once('.') {
            Some((name, "hex")) => digest::hex(&digest::of(&self.get(&json!(name)))).to_owned(),
            Some((name, "digest")) => digest::of(&self.get(&json!(name))),
            None if placeholder == "arch" => architecture().to_owned(),
            _ => panic!("no placeholder `{placeholder}`"),
        };
        format!("{before}{filled}{}", self.text(after))
    }
}

/// What a program of this name makes of bytes.
pub(super) fn compressed(program: &str, bytes: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    let mut child = command.arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // On a thread: a program may write before it has read all.
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{program}");
    output.stdout
}
