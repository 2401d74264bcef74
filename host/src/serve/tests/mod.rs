//! The registry as its clients see it, over real connections and real files.

mod images;
mod limits;
mod pages;
mod server;
mod uploads;

use std::path::Path;

use reqwest::{Client, Method, Response, StatusCode};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Error, Settings, bind};
use crate::image::Digest;

/// A registry that runs on a free port.
struct Running {
    base: String,
    client: Client,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), Error>>,
}

impl Running {
    async fn start(data: &Path) -> Self {
        Self::start_with(settings(data)).await
    }

    async fn start_with(settings: Settings) -> Self {
        // The client insists on a provider, though no connection here is encrypted; who comes second finds it set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = bind(settings).await.unwrap();
        let base = format!("http://{}", server.local_addr());
        let (stop, stopped) = oneshot::channel();
        let done = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { base, client: Client::builder().no_proxy().build().unwrap(), stop, done }
    }

    fn port(&self) -> &str {
        self.base.rsplit(':').next().unwrap()
    }

    async fn stop(self) {
        drop(self.client);
        self.stop.send(()).unwrap();
        self.done.await.unwrap().unwrap();
    }

    /// Sends a request and checks its answer's status; the headers are pairs.
    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
        expected: u16,
    ) -> Response {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::from_u16(expected).unwrap(), "{method} {path}");
        response
    }

    async fn begin(&self, repository: &str) -> String {
        let path = format!("/v2/{repository}/blobs/uploads/");
        header(&self.send("POST", &path, &[], "", 202).await, "location")
    }

    async fn push(&self, repository: &str, content: &[u8]) -> Digest {
        let digest = Digest::of(content);
        let upload = self.begin(repository).await;
        self.send("PUT", &format!("{upload}?digest={digest}"), &[], content.to_vec(), 201).await;
        digest
    }

    async fn pull(&self, digest: &Digest) -> Vec<u8> {
        self.send("GET", &format!("/v2/a/blobs/{digest}"), &[], "", 200).await.bytes().await.unwrap().to_vec()
    }
}

/// A free port of this machine, and room for a gigabyte.
fn settings(data: &Path) -> Settings {
    let listen = ([127, 0, 0, 1], 0).into();
    Settings { listen, data: data.to_owned(), trusted: None, host_names: Vec::new(), max_size: 1 << 30 }
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap().to_owned()
}

/// The code in the specification's error envelope.
async fn code(response: Response) -> String {
    let body: serde_json::Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    body["errors"][0]["code"].as_str().unwrap().to_owned()
}

/// Content that looks the same nowhere, larger than one batch of the disk.
fn content(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect()
}

fn files(directory: &Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}
