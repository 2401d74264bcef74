//! As much of HTTP/1.1 as a registry without TLS and login needs.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::net::TcpStream;

use super::documents::digest_of;
use crate::failure::{Failure, Result};

/// A repository of a registry, and a tag there.
pub(super) struct Registry {
    host: String,
    repository: String,
    tag: String,
}

/// A connection, which is used for one request after another.
pub(super) struct Connection<'a> {
    registry: &'a Registry,
    stream: BufReader<TcpStream>,
}

/// The body of a request whose length is not known, sent in chunks.
pub(super) struct Chunks<'a, 'b>(&'b mut Connection<'a>);

impl Registry {
    /// Reads `HOST:PORT/REPOSITORY:TAG`.
    pub(super) fn of(name: &str) -> Result<Self> {
        let parts = || {
            let (host, rest) = name.split_once('/')?;
            let (repository, tag) = rest.rsplit_once(':')?;
            Some(Self { host: host.to_owned(), repository: repository.to_owned(), tag: tag.to_owned() })
        };
        parts().ok_or_else(|| Failure::new(format!("`{name}` is not HOST:PORT/REPOSITORY:TAG")))
    }

    /// Connects.
    pub(super) fn connect(&self) -> Result<Connection<'_>> {
        let stream = TcpStream::connect(&self.host).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Connection { registry: self, stream: BufReader::new(stream) })
    }

    /// Sends the manifest.
    pub(super) fn put_manifest(&self, kind: &str, bytes: &[u8]) -> Result<()> {
        let path = format!("/v2/{}/manifests/{}", self.repository, self.tag);
        let mut connection = self.connect()?;
        let headers = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", bytes.len());
        connection.begin("PUT", &path, &headers)?;
        connection.stream.get_mut().write_all(bytes).map_err(failed)?;
        connection.end().map(drop)
    }

    /// Sends a blob that is in memory.
    pub(super) fn put_bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut connection = self.connect()?;
        let location = connection.start()?;
        connection.put(&location, &digest_of(bytes), bytes.len() as u64)?;
        connection.stream.get_mut().write_all(bytes).map_err(failed)?;
        connection.end().map(drop)
    }

    /// Sends a blob that is a file, from the file to the socket within the system.
    pub(super) fn put_file(&self, digest: &str, file: &mut File) -> Result<()> {
        let size = file.metadata().map_err(failed)?.len();
        let mut connection = self.connect()?;
        let location = connection.start()?;
        connection.put(&location, digest, size)?;
        // The standard library takes `sendfile(2)` for these two.
        io::copy(file, connection.stream.get_mut()).map_err(failed)?;
        connection.end().map(drop)
    }
}

impl<'a> Connection<'a> {
    /// Starts an upload, and gives its path.
    pub(super) fn start(&mut self) -> Result<String> {
        let path = format!("/v2/{}/blobs/uploads/", self.registry.repository);
        self.begin("POST", &path, "Content-Length: 0\r\n")?;
        self.end()
    }

    /// Sends the content of an upload in chunks, and gives the path that ends it.
    pub(super) fn patch<'b>(&'b mut self, location: &str) -> Result<Chunks<'a, 'b>> {
        self.begin("PATCH", location, "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n")?;
        Ok(Chunks(self))
    }

    /// Ends an upload whose content was sent.
    pub(super) fn finish(&mut self, location: &str, digest: &str) -> Result<()> {
        self.put(location, digest, 0)?;
        self.end().map(drop)
    }

    fn put(&mut self, location: &str, digest: &str, size: u64) -> Result<()> {
        let and = if location.contains('?') { '&' } else { '?' };
        let headers = format!("Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n");
        self.begin("PUT", &format!("{location}{and}digest={digest}"), &headers)
    }

    fn begin(&mut self, method: &str, path: &str, headers: &str) -> Result<()> {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.registry.host);
        self.stream.get_mut().write_all(head.as_bytes()).map_err(failed)
    }

    /// Reads the answer, and gives the path of its `Location`, or nothing.
    fn end(&mut self) -> Result<String> {
        let (mut status, mut location, mut length) = (String::new(), String::new(), 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).map_err(failed)?;
            match line.trim_end().split_once(": ") {
                _ if status.is_empty() => line.trim_end().clone_into(&mut status),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().map_err(|_| Failure::new(format!("the length `{value}` is no number")))?;
                }
                Some((name, value)) if name.eq_ignore_ascii_case("location") => {
                    let path =
                        value.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
                    path.unwrap_or(value).clone_into(&mut location);
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        io::copy(&mut (&mut self.stream).take(length), &mut io::sink()).map_err(failed)?;
        match status.split(' ').nth(1) {
            Some(code) if code.starts_with('2') => Ok(location),
            _ => Err(Failure::new(format!("the registry answers `{status}`"))),
        }
    }
}

impl Chunks<'_, '_> {
    /// Sends one chunk.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let stream = self.0.stream.get_mut();
        let sent = stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes());
        sent.and_then(|()| stream.write_all(bytes)).and_then(|()| stream.write_all(b"\r\n")).map_err(failed)
    }

    /// Ends the body, and gives the path of the next request.
    pub(super) fn end(self) -> Result<String> {
        self.0.stream.get_mut().write_all(b"0\r\n\r\n").map_err(failed)?;
        self.0.end()
    }
}

fn failed(error: io::Error) -> Failure {
    Failure::new(format!("the floor can't talk to the registry: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_host_a_repository_and_a_tag() {
        let Registry { host, repository, tag } = Registry::of("localhost:5000/bench/ml:1").unwrap();
        assert_eq!((host.as_str(), repository.as_str(), tag.as_str()), ("localhost:5000", "bench/ml", "1"));
        assert!(Registry::of("localhost:5000/bench").is_err());
    }
}
