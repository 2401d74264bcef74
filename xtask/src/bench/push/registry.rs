//! The registry of one turn: Debian's `docker-registry`, empty at first, gone afterwards.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::command::{command, find, run_quietly};
use crate::failure::{Failure, Result};

/// A running registry.
pub(in crate::bench) struct Registry {
    process: Child,
    address: String,
    log: PathBuf,
    data: PathBuf,
    /// Its certificate, if it speaks TLS.
    certificate: Option<PathBuf>,
}

impl Registry {
    /// Starts one without TLS that keeps what it has below `directory`.
    pub(in crate::bench) fn start(directory: &Path) -> Result<Self> {
        Self::run(directory, None)
    }

    /// The same with TLS.
    pub(in crate::bench) fn start_with_tls(directory: &Path) -> Result<Self> {
        let (certificate, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
        let mut openssl = command("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]);
        openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
        run_quietly(openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate))?;
        Self::run(directory, Some((certificate, key)))
    }

    fn run(directory: &Path, tls: Option<(PathBuf, PathBuf)>) -> Result<Self> {
        let program = find("docker-registry")
            .ok_or_else(|| Failure::new("there is no `docker-registry`").hint("run `cargo xtask setup`"))?;
        let (data, log, settings) =
            (directory.join("registry"), directory.join("registry.log"), directory.join("registry.yml"));
        // JSON is YAML, and Rust's quoting of a string is JSON's for any path that a temporary directory has.
        let files = |(certificate, key): &(PathBuf, PathBuf)| {
            let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
            format!(", tls: {{certificate: {certificate:?}, key: {key:?}}}")
        };
        let text = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\n\
             http: {{addr: \"127.0.0.1:0\"{}}}\n",
            data.display().to_string(),
            tls.as_ref().map(files).unwrap_or_default()
        );
        fs::write(&settings, text).map_err(Failure::io("write", &settings))?;
        let output = File::create(&log).map_err(Failure::io("write", &log))?;
        let errors = output.try_clone().map_err(Failure::io("write", &log))?;
        let process = command(program, ["serve"])
            .arg(settings)
            .stdout(Stdio::from(output))
            .stderr(Stdio::from(errors))
            .spawn()
            .map_err(|error| Failure::new(format!("cannot run `docker-registry`: {error}")))?;
        let certificate = tls.map(|(certificate, _)| certificate);
        let mut registry = Self { process, address: String::new(), log, data, certificate };
        for _ in 0..100 {
            if let Some(port) = port(&registry.said()?) {
                registry.address = format!("localhost:{port}");
                return Ok(registry);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::new("`docker-registry` does not come up"))
    }

    /// `localhost:PORT`: a name for which all clients allow plain HTTP, or can be told to.
    pub(in crate::bench) fn address(&self) -> &str {
        &self.address
    }

    /// The certificate that a client has to trust, if it speaks TLS.
    pub(in crate::bench) fn certificate(&self) -> Option<&Path> {
        self.certificate.as_deref()
    }

    /// Requests that it has answered.
    pub(in crate::bench) fn requests(&self) -> Result<usize> {
        Ok(requests(&self.said()?))
    }

    /// Bytes of the blobs and manifests that it keeps.
    pub(in crate::bench) fn stored(&self) -> u64 {
        size(&self.data.join("docker/registry/v2/blobs"))
    }

    fn said(&self) -> Result<String> {
        fs::read_to_string(&self.log).map_err(Failure::io("read", &self.log))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Already gone is as good as killed.
        let _ = self.process.kill().and_then(|()| self.process.wait());
    }
}

fn port(log: &str) -> Option<&str> {
    let after = log.split_once("listening on 127.0.0.1:")?.1;
    let end = after.find(|c: char| !c.is_ascii_digit())?;
    after.get(..end)
}

/// Each answer is a line in the form of Apache's log: `… [date] "GET /v2/ HTTP/1.1" 200 …`.
fn requests(log: &str) -> usize {
    log.lines().filter(|line| line.contains("] \"") && line.contains(" HTTP/")).count()
}

fn size(directory: &Path) -> u64 {
    // A registry that was never written to has no directory.
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    };
    entries.map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_the_port_and_the_requests() {
        let log = "level=info msg=\"listening on 127.0.0.1:4711\" go.version=go1\n\
                   level=info msg=\"response completed\" http.request.method=GET\n\
                   127.0.0.1 - - [21/Nov/2026:10:00:00 +0000] \"GET /v2/ HTTP/1.1\" 200 2 \"\" \"crhost\"\n";
        assert_eq!((port(log), requests(log)), (Some("4711"), 1));
        assert_eq!((port("level=info"), requests("")), (None, 0));
    }
}
