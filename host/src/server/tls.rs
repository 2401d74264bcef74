//! TLS: the server's certificate and the authorities of its clients, read again when their files change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::danger::ClientCertVerifier;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use super::certificate::{Authorities, Seen};
use super::error::ServerFailure;
use super::rules::{Rules, RulesFile};
use super::stamp::Stamp;
use crate::certificates;
use crate::files::regular;
use crate::text::{Escaped, Foreign};

/// Largest file of certificates or of a key, in bytes.
const MAX_PEM: usize = 1 << 20;

/// The files are looked at so often, and when a rule changes.
const LOOKED_AT: Duration = Duration::from_secs(10);

/// The certificate of the server, and who may show one.
pub(crate) struct Tls {
    chain: PathBuf,
    key: PathBuf,
    authorities: Arc<Authorities>,
    last: Mutex<Last>,
}

/// What was read last.
struct Last {
    looked_at: Instant,
    chain: Stamp,
    key: Stamp,
    seen: Seen,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// Reads chain and key.
    ///
    /// # Errors
    /// When they are no pair in PEM.
    pub(crate) fn load(
        chain: PathBuf,
        key: PathBuf,
        rules: &Rules,
        authorities: Arc<Authorities>,
    ) -> Result<Self, ServerFailure> {
        let seen = Authorities::seen(rules);
        let acceptor = acceptor(&chain, &key, authorities.verifier(rules))?;
        let last = Last { looked_at: Instant::now(), chain: Stamp::of(&chain), key: Stamp::of(&key), seen, acceptor };
        Ok(Self { chain, key, authorities, last: Mutex::new(last) })
    }

    /// What accepts a connection now. Rules that can't be read have no authority.
    pub(super) fn acceptor(&self, rules: &RulesFile) -> TlsAcceptor {
        let rules = rules.now().ok();
        let mut last = self.last.lock();
        let seen = rules.as_deref().map(Authorities::seen).unwrap_or_default();
        if last.seen == seen && last.looked_at.elapsed() <= LOOKED_AT {
            return last.acceptor.clone();
        }
        last.looked_at = Instant::now();
        let (chain, key) = (Stamp::of(&self.chain), Stamp::of(&self.key));
        if last.seen != seen || (last.chain, last.key) != (chain, key) {
            let verifier = rules.and_then(|rules| self.authorities.verifier(&rules));
            match acceptor(&self.chain, &self.key, verifier) {
                Ok(acceptor) => (last.chain, last.key, last.seen, last.acceptor) = (chain, key, seen, acceptor),
                // The key may follow in a moment.
                Err(error) => tracing::warn!("{error}; the old certificate stays"),
            }
        }
        last.acceptor.clone()
    }
}

fn acceptor(
    chain: &Path,
    key: &Path,
    verifier: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<TlsAcceptor, ServerFailure> {
    let wrong = |path: &Path, reason: Escaped| ServerFailure::Tls { path: path.into(), reason };
    let read = |path: &Path| {
        regular::read(path, MAX_PEM).map(Zeroizing::new).map_err(|error| wrong(path, Foreign(error).to_string().into()))
    };
    let certificates = certificates::in_pem(&read(chain)?).map_err(|reason| wrong(chain, reason.into()))?;
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, "it holds no key in PEM, or one with a password".into()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(chain, Foreign(error).to_string().into()))?;
    let config = match verifier {
        Some(verifier) => config.with_client_cert_verifier(verifier),
        None => config.with_no_client_auth(),
    };
    let mut config = config.with_single_cert(certificates, private).map_err(|_| {
        wrong(chain, format!("its first certificate is not that of the key `{}`", Escaped::from(key)).into())
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
