//! Connections: their limits, and the end of the server.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_service::Service as _;

use super::api::State;
use super::certificate::{self, Shown};
use super::connections::{Connections, Place};
use super::tls::Tls;
use crate::text::Foreign;

/// Longest time for the head of a request and for a handshake.
const HEAD: Duration = Duration::from_secs(5);

/// Longest time in which requests are answered that had begun when the server was told to end.
const ENDING: Duration = Duration::from_secs(30);

/// What connections are served with.
pub(crate) struct Way {
    /// TLS; without it, plain HTTP is spoken.
    pub(crate) tls: Option<Tls>,
    /// What answers.
    pub(crate) router: Router,
    /// The rules, which say whose certificates are accepted.
    pub(crate) state: Arc<State>,
    /// Those that are open.
    pub(crate) connections: Arc<Connections>,
}

/// Serves connections until `shutdown` is done, and waits for those that are being answered.
pub(crate) async fn serve(listener: TcpListener, way: Way, shutdown: impl Future<Output = ()>) {
    let Way { tls, router, state, connections } = way;
    let (ending, ended) = watch::channel(false);
    let tls = tls.map(Arc::new);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let Some((stream, address, place)) = accepted else { continue };
        let (tls, router, state, ended) = (tls.clone(), router.clone(), Arc::clone(&state), ended.clone());
        tokio::spawn(async move {
            let served = async {
                match tls {
                    None => connection(stream, router, None, &place, ended).await,
                    Some(tls) => match timeout(HEAD, tls.acceptor(&state.rules).accept(stream)).await {
                        Ok(Ok(stream)) => {
                            let certificates = stream.get_ref().1.peer_certificates();
                            let shown = certificates.map(|shown| Shown(Arc::new(shown.to_vec())));
                            connection(stream, router, shown, &place, ended).await;
                        }
                        Ok(Err(error)) => no_tls(&error, address),
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

/// Tells why a certificate is not accepted, which its client learns in one word of TLS. Other failures are those of
/// whoever knocks.
fn no_tls(error: &io::Error, address: IpAddr) {
    match error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>()) {
        Some(refused @ rustls::Error::InvalidCertificate(_)) => {
            tracing::info!("the certificate of `{address}` is not accepted: {}", certificate::reason(refused));
        }
        _ => tracing::debug!("no TLS: {error}"),
    }
}

async fn accept(listener: &TcpListener, connections: &Arc<Connections>) -> Option<(TcpStream, IpAddr, Place)> {
    match listener.accept().await {
        Ok((stream, address)) => {
            let _: io::Result<()> = stream.set_nodelay(true);
            let place = connections.admit(address.ip());
            if place.is_none() {
                tracing::warn!("a connection is closed: as many requests are answered as there may be");
            }
            Some((stream, address.ip(), place?))
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

async fn connection<S>(stream: S, router: Router, shown: Option<Shown>, place: &Place, mut ended: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(64 << 10);
    let asked = place.requests();
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        if let Some(shown) = &shown {
            request.extensions_mut().insert(shown.clone());
        }
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
