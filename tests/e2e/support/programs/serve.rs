//! `crhost serve`, and requests to it byte by byte, as the specification writes them: no client's library stands
//! between the test and the registry.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::images::{digest, image_files};
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Server;

/// The media type of an image's configuration.
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// More headers than any answer has.
const HEADERS: usize = 64;
/// How long an answer may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// A registry that runs, in a home of its own.
pub(crate) struct Serve {
    pub(crate) home: Home,
    pub(crate) server: Server,
    /// `localhost:PORT`
    pub(crate) host: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    request: String,
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Serve {
    /// Starts a registry.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let home = Home::new();
        let (server, host) = home.serve();
        Self { home, server, host }
    }

    /// Sends a request and gives its answer.
    #[track_caller]
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let address = self.host.replace("localhost", "127.0.0.1");
        // A `Location` may be absolute.
        let target = target.strip_prefix(&format!("http://{}", self.host)).unwrap_or(target);
        let mut wire = TcpStream::connect(address).unwrap();
        wire.set_read_timeout(Some(LIMIT)).unwrap();
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.host);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        // A registry may answer, and close, before it has read everything.
        let _ = wire.write_all(head.as_bytes()).and_then(|()| wire.write_all(body));
        let mut bytes = Vec::new();
        let read = wire.read_to_end(&mut bytes);
        assert!(!bytes.is_empty(), "{method} {target} has no answer: {read:?}");
        Answer::parse(&format!("{method} {target}"), &bytes)
    }

    /// The same without headers and content.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, target: &str) -> Answer {
        self.send(method, target, &[], b"")
    }

    /// Begins an upload and gives its location.
    #[track_caller]
    pub(crate) fn begin(&self, repository: &str) -> String {
        let answer = self.ask("POST", &format!("/v2/{repository}/blobs/uploads/")).expect(202);
        answer.header("location").to_owned()
    }

    /// Pushes a blob with POST and PUT, and gives its digest.
    #[track_caller]
    pub(crate) fn push_blob(&self, repository: &str, content: &[u8]) -> String {
        let digest = digest::of(content);
        let end = with_query(&self.begin(repository), &format!("digest={digest}"));
        self.send("PUT", &end, &[("content-type", "application/octet-stream")], content).expect(201);
        digest
    }

    /// Pushes a manifest of a type under a tag or digest.
    #[track_caller]
    pub(crate) fn push_manifest(&self, repository: &str, reference: &str, media_type: &str, body: &[u8]) -> Answer {
        let target = format!("/v2/{repository}/manifests/{reference}");
        self.send("PUT", &target, &[("content-type", media_type)], body)
    }

    /// Pushes the blobs of a small image, and gives its manifest.
    #[track_caller]
    pub(crate) fn image(&self, repository: &str, seed: &str) -> Value {
        let (config, layer) = (format!("{{\"seed\":\"{seed}\"}}"), format!("layer {seed}"));
        let descriptor = |media_type: &str, content: &str| {
            let digest = self.push_blob(repository, content.as_bytes());
            json!({"mediaType": media_type, "digest": digest, "size": content.len()})
        };
        json!({
            "schemaVersion": 2,
            "mediaType": image_files::MANIFEST,
            "config": descriptor(CONFIG, &config),
            "layers": [descriptor(image_files::LAYER, &layer)],
        })
    }

    /// Pushes a document under a tag, which has to be taken, and gives its digest.
    #[track_caller]
    pub(crate) fn tag(&self, repository: &str, tag: &str, document: &Value) -> String {
        let body = document.to_string();
        let media_type = document["mediaType"].as_str().unwrap();
        self.push_manifest(repository, tag, media_type, body.as_bytes()).expect(201);
        digest::of(body.as_bytes())
    }
}

impl Answer {
    #[track_caller]
    fn parse(request: &str, bytes: &[u8]) -> Self {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let length = answer.parse(bytes).unwrap();
        assert!(length.is_complete(), "{request}: half an answer");
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        let status = answer.code.unwrap();
        let headers: Vec<_> = answer.headers.iter().map(|h| (h.name.to_lowercase(), text(h.value))).collect();
        let mut this = Self { request: request.to_owned(), status, headers, body: bytes[length.unwrap()..].to_vec() };
        if this.find("transfer-encoding").is_some() {
            this.body = dechunked(&this.body);
        } else if request.starts_with("HEAD ") || status == 204 {
            assert!(this.body.is_empty(), "{this:?}");
        } else {
            assert_eq!(this.header("content-length"), this.body.len().to_string(), "{request}");
        }
        this
    }

    /// Expects a status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, String::from_utf8_lossy(&self.body));
        self
    }

    /// Expects an error of the specification's form, with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        let this = self.expect(status);
        let error = &this.json()["errors"][0];
        assert_eq!(error["code"], code, "{}: {error}", this.request);
        assert!(!error["message"].as_str().unwrap().is_empty(), "{}: {error}", this.request);
        this
    }

    /// The first header of a name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A header that has to be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("{} is answered without `{name}`: {:?}", self.request, self.headers))
    }

    /// All headers of a name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The content as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.request))
    }

    /// The content as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A location with one more parameter, whether it has some or not.
pub(crate) fn with_query(location: &str, parameter: &str) -> String {
    let mark = if location.contains('?') { '&' } else { '?' };
    format!("{location}{mark}{parameter}")
}

/// Content that came in chunks (RFC 9112, section 7.1).
fn dechunked(mut from: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    loop {
        let end = from.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&from[..end]).unwrap(), 16).unwrap();
        from = &from[end + 2..];
        if size == 0 {
            return content;
        }
        content.extend(&from[..size]);
        from = &from[size + 2..];
    }
}
