//! Connections: their limits, TLS, and the end of the server.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;
use zeroize::Zeroizing;

use super::connections::{Connections, Place};
use super::error::ServerFailure;
use crate::files::regular;
use crate::text::{Escaped, Foreign};

/// Longest time for the head of a request and for a handshake.
const HEAD: Duration = Duration::from_secs(5);

/// Largest file of certificates or of a key, in bytes.
const MAX_PEM: usize = 1 << 20;

/// Longest time in which requests are answered that had begun when the server was told to end.
const ENDING: Duration = Duration::from_secs(30);

/// The certificate of the server, read again when its file changes.
pub(crate) struct Tls {
    chain: PathBuf,
    key: PathBuf,
    last: Mutex<(Option<SystemTime>, Instant, TlsAcceptor)>,
}

/// A certificate's file is looked at so often.
const LOOKED_AT: Duration = Duration::from_secs(10);

impl Tls {
    /// Reads chain and key.
    ///
    /// # Errors
    /// When they are no pair in PEM.
    pub(crate) fn load(chain: PathBuf, key: PathBuf) -> Result<Self, ServerFailure> {
        let acceptor = acceptor(&chain, &key)?;
        let last = Mutex::new((modified(&chain), Instant::now(), acceptor));
        Ok(Self { chain, key, last })
    }

    fn acceptor(&self) -> TlsAcceptor {
        let mut last = self.last.lock();
        if last.1.elapsed() > LOOKED_AT {
            last.1 = Instant::now();
            let found = modified(&self.chain);
            if found != last.0 {
                match acceptor(&self.chain, &self.key) {
                    Ok(acceptor) => (last.0, last.2) = (found, acceptor),
                    // The key may follow in a moment.
                    Err(error) => tracing::warn!("{error}; the old certificate stays"),
                }
            }
        }
        last.2.clone()
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor, ServerFailure> {
    let wrong = |path: &Path, reason: Escaped| ServerFailure::Tls { path: path.into(), reason };
    let read = |path: &Path| {
        regular::read(path, MAX_PEM).map(Zeroizing::new).map_err(|error| wrong(path, Foreign(error).to_string().into()))
    };
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&read(chain)?).filter_map(Result::ok).collect();
    if certificates.is_empty() {
        return Err(wrong(chain, "it holds no certificate in PEM".into()));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, "it holds no key in PEM, or one with a password".into()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(chain, Foreign(error).to_string().into()))?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|_| {
            wrong(chain, format!("its first certificate is not that of the key `{}`", Escaped::from(key)).into())
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves connections until `shutdown` is done, and waits for those that are being answered.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    connections: Arc<Connections>,
    shutdown: impl Future<Output = ()>,
) {
    let (ending, ended) = watch::channel(false);
    let tls = tls.map(Arc::new);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let Some((stream, place)) = accepted else { continue };
        let (tls, router, ended) = (tls.clone(), router.clone(), ended.clone());
        tokio::spawn(async move {
            let served = async {
                match tls {
                    None => connection(stream, router, &place, ended).await,
                    Some(tls) => match timeout(HEAD, tls.acceptor().accept(stream)).await {
                        Ok(Ok(stream)) => connection(stream, router, &place, ended).await,
                        Ok(Err(error)) => tracing::debug!("no TLS: {error}"),
                        Err(_) => tracing::debug!("no TLS in time"),
                    },
                }
            };
            tokio::select! {
                () = served => {}
                () = place.taken() => tracing::debug!("a connection without a request made room for another"),
            }
        });
    }
    drop(listener);
    // Fails only where no connection is left to hear it.
    let _ = ending.send(true);
    drop(ended);
    if timeout(ENDING, ending.closed()).await.is_err() {
        tracing::warn!("some requests were not answered before the end");
    }
}

async fn accept(listener: &TcpListener, connections: &Arc<Connections>) -> Option<(TcpStream, Place)> {
    match listener.accept().await {
        Ok((stream, address)) => {
            let _: io::Result<()> = stream.set_nodelay(true);
            let place = connections.admit(address.ip());
            if place.is_none() {
                tracing::warn!("a connection is closed: as many requests are answered as there may be");
            }
            Some((stream, place?))
        }
        Err(error) => {
            // Too many open files, for example: one that asks nothing makes room.
            tracing::warn!("no connection is accepted: {}", Foreign(error));
            connections.make_room();
            sleep(Duration::from_millis(20)).await;
            None
        }
    }
}

async fn connection<S>(stream: S, router: Router, place: &Place, mut ended: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 << 10);
    let asked = place.requests();
    let service = service_fn(move |request| {
        // Until it is answered, the connection keeps its place.
        let asking = asked.begin();
        // It is always ready.
        let answer = router.clone().call(request);
        async move {
            let answer = answer.await;
            drop(asking);
            answer
        }
    });
    let served = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let outcome = tokio::select! {
        outcome = &mut served => outcome,
        _ = ended.changed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!("a connection ended: {error}");
    }
}
