//! Servers that do to a connection what the test says, for what no HTTP library would send.
//!
//! Each connection has a thread of its own, which ends when the other side goes; the one that listens ends with the tests.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificates::Identity;

/// A server on loopback.
pub(crate) struct Listener {
    port: u16,
    log: Arc<Log>,
}

/// What reached a listener.
#[derive(Default)]
pub(crate) struct Log {
    connections: Mutex<usize>,
    requests: Mutex<Vec<String>>,
}

/// Both directions of a connection.
pub(crate) trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

impl Listener {
    /// A server that `serve` is all of. What fails on a connection ends it: the other side may go when it likes.
    pub(crate) fn start(serve: impl Fn(TcpStream, &Log) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, log, serve) = (listener.local_addr().unwrap().port(), Arc::new(Log::default()), Arc::new(serve));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, serve) = (Arc::clone(&log), Arc::clone(&serve));
                *log.connections.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                thread::spawn(move || serve(stream, &log));
            }
        });
        Self { port, log: kept }
    }

    /// One that reads a request and answers what `answer` writes.
    pub(crate) fn http(answer: impl Fn(&mut dyn Wire) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream, log| {
            log.request(&mut stream)?;
            answer(&mut stream)
        })
    }

    /// One that always answers the same.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::http(move |wire| wire.write_all(&answer))
    }

    /// One that always answers the same, through TLS.
    pub(crate) fn https(identity: &Identity, answer: impl Into<Vec<u8>>) -> Self {
        Self::tls(identity, answer.into(), true)
    }

    /// The same, but the connection is cut off after the answer, as by somebody in between.
    pub(crate) fn https_cut_off(identity: &Identity, answer: impl Into<Vec<u8>>) -> Self {
        Self::tls(identity, answer.into(), false)
    }

    fn tls(identity: &Identity, answer: Vec<u8>, ends_well: bool) -> Self {
        let config = config(identity);
        Self::start(move |stream, log| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            log.request(&mut stream)?;
            stream.write_all(&answer)?;
            if ends_well {
                stream.conn.send_close_notify();
            }
            stream.flush()
        })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The connections so far.
    pub(crate) fn connections(&self) -> usize {
        *self.log.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests so far, with their headers and bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Log {
    /// Reads one request, and keeps it.
    pub(crate) fn request(&self, wire: &mut dyn Read) -> io::Result<String> {
        // One byte of buffer: what follows the request is not taken away.
        let mut reader = BufReader::with_capacity(1, wire);
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            if reader.read_line(&mut request)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length =
            request.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        reader.take(length.unwrap_or(0)).read_to_string(&mut request)?;
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        Ok(request)
    }
}

/// What a server with an identity speaks TLS by.
pub(crate) fn config(identity: &Identity) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

/// A whole answer of HTTP/1.1, after which the connection ends.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
