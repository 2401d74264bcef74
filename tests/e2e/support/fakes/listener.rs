//! Servers that do to a connection what the test says, for what no HTTP library would send.
//!
//! Each connection has a thread of its own, which ends when the other side goes; the one that listens ends with the
//! tests.

use parking_lot::Mutex;
use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::fakes::certificates::Identity;
use crate::support::http1::Head;

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
    /// A server that does `serve` with each connection. An error ends the connection and no test: clients may go at any
    /// time.
    pub(crate) fn start(serve: impl Fn(TcpStream, &Log) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, log, serve) = (listener.local_addr().unwrap().port(), Arc::new(Log::default()), Arc::new(serve));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, serve) = (Arc::clone(&log), Arc::clone(&serve));
                *log.connections.lock() += 1;
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

    /// The same, but the connection is cut off after the answer, as by an attacker on the way.
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
        *self.log.connections.lock()
    }

    /// The requests so far, with their headers and bodies.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.requests.lock().clone()
    }
}

impl Log {
    /// Reads one request, and keeps it.
    pub(crate) fn request(&self, wire: &mut dyn Wire) -> io::Result<String> {
        let head = Head::read(wire)?;
        let mut request = head.text().to_owned();
        // Not by a buffered reader: what follows the request is not taken away.
        let mut body = Vec::new();
        wire.take(head.content_length().unwrap_or(0)).read_to_end(&mut body)?;
        request.push_str(&String::from_utf8_lossy(&body));
        self.requests.lock().push(request.clone());
        Ok(request)
    }
}

/// An address of this machine that is not loopback; absent where it has none.
pub(crate) fn address_on_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the system only chooses a way.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback() && !address.is_unspecified())
}

/// The configuration of a TLS server with an identity.
pub(crate) fn config(identity: &Identity) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes()).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}
