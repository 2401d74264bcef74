//! Connections: their limits, TLS, and the end of the server.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::error::ServerFailure;
use crate::text::{Escaped, Foreign};

/// Connections at the same time; more wait in the operating system's queue.
const MAX_CONNECTIONS: usize = 2_000;

/// Longest time for the head of a request and for a handshake.
const HEAD: Duration = Duration::from_secs(10);

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
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(chain, Foreign(error).to_string().into()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, Foreign(error).to_string().into()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(chain, error.to_string().into()))?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| wrong(chain, error.to_string().into()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves connections until `shutdown` is done, and waits for those that are being answered.
pub(crate) async fn serve(listener: TcpListener, tls: Option<Tls>, router: Router, shutdown: impl Future<Output = ()>) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (ending, ended) = watch::channel(false);
    let tls = tls.map(Arc::new);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let Some((stream, permit)) = accepted else { continue };
        let (tls, router, ended) = (tls.clone(), router.clone(), ended.clone());
        tokio::spawn(async move {
            let _permit = permit;
            match tls {
                None => connection(stream, router, ended).await,
                Some(tls) => match timeout(HEAD, tls.acceptor().accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, router, ended).await,
                    Ok(Err(error)) => tracing::debug!("no TLS: {error}"),
                    Err(_) => tracing::debug!("no TLS in time"),
                },
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

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            let _: io::Result<()> = stream.set_nodelay(true);
            Some((stream, permit))
        }
        Err(error) => {
            // Too many open files, for example: it passes.
            tracing::warn!("no connection is accepted: {}", Foreign(error));
            sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn connection<S>(stream: S, router: Router, mut ended: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 << 10);
    let service = TowerToHyperService::new(router);
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
