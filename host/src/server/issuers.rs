//! Issuers and their keys: discovered (OpenID Connect Discovery 1.0), kept, and read again when a token names a key
//! that is not known, but not as often as anybody sends one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::Deserialize;
use url::Url;

use super::rules::{IssuerSpec, Rules};
use super::token::{Caller, Keys, TokenError, Unverified};
use crate::certificates;
use crate::error::Explain;
use crate::files::regular;
use crate::json;
use crate::network::{client, is_this_machine, request_words};
use crate::text::{Escaped, Foreign, Moment};

/// Keys are read again after this time at the latest, so that one that was withdrawn does not hold.
const FRESH: Duration = Duration::from_secs(600);

/// Keys of an issuer that does not answer are used for so long.
const STALE: Duration = Duration::from_secs(6 * 3600);

/// Keys are read again for unknown ones so often at once, and once more after each pause.
const BURST: u32 = 3;

/// The pause.
const REFILL: Duration = Duration::from_secs(20);

/// An issuer that did not answer is left alone for so long: many callers may wait for its keys.
const UNANSWERED: Duration = Duration::from_secs(5);

/// Wait for an issuer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Largest document, in bytes: a set of twenty keys has 20 KiB.
pub(super) const MAX_DOCUMENT: usize = 256 << 10;

/// Why a caller is not known.
#[derive(Debug, Clone, thiserror::Error, Explain)]
pub(crate) enum CallerError {
    /// The token proves nobody.
    #[error(transparent)]
    #[explain(transparent)]
    Token(#[from] TokenError),
    /// The issuer's keys can't be had.
    #[error("the keys of the issuer `{issuer}` can't be read: {reason}")]
    #[explain(kind = Network, hint = "see that its url answers from this server, and try again")]
    Unreachable {
        /// Its URL.
        issuer: Escaped,
        /// The reason.
        reason: Escaped,
    },
}

/// The keys of all issuers that were asked. An issuer of which anything changes in the rules is another one.
#[derive(Default)]
pub(crate) struct Issuers(Mutex<HashMap<IssuerSpec, Arc<Issuer>>>);

struct Issuer {
    spec: IssuerSpec,
    keys: Mutex<Kept>,
    /// One reads them at a time.
    reading: tokio::sync::Mutex<()>,
}

struct Kept {
    keys: Arc<Keys>,
    read_at: Option<Instant>,
    /// When they could not be read the last time, and why.
    failed: Option<(Instant, Escaped)>,
    /// Reads that are left for unknown keys, and since when.
    left: (u32, Instant),
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Issuers {
    /// The caller of a token, by the issuers of these rules.
    ///
    /// # Errors
    /// When the token proves nobody, or the keys of its issuer can't be had.
    pub(crate) async fn caller(&self, rules: &Rules, token: &str) -> Result<Caller, CallerError> {
        let unverified = Unverified::parse(token)?;
        // Several of one URL differ in their audience.
        let specs: Vec<&IssuerSpec> = rules.issuers.iter().filter(|issuer| issuer.url == unverified.issuer()).collect();
        let mut refused = TokenError::Issuer(Escaped::new(unverified.issuer(), 200));
        for spec in specs {
            let issuer = self.of(spec);
            let keys = issuer.keys_for(&unverified).await?;
            let now = Moment::now().0;
            match unverified.verify(&keys, &spec.name, &spec.audience, now) {
                Ok(caller) => return Ok(caller),
                Err(reason) => refused = reason,
            }
        }
        Err(refused.into())
    }

    fn of(&self, spec: &IssuerSpec) -> Arc<Issuer> {
        let new = || {
            let kept = Kept { keys: Arc::default(), read_at: None, failed: None, left: (BURST, Instant::now()) };
            Arc::new(Issuer { spec: spec.clone(), keys: Mutex::new(kept), reading: tokio::sync::Mutex::default() })
        };
        Arc::clone(self.0.lock().entry(spec.clone()).or_insert_with(new))
    }
}

impl Issuer {
    /// Keys, among them the token's if the issuer has it.
    async fn keys_for(&self, token: &Unverified<'_>) -> Result<Arc<Keys>, CallerError> {
        if let Some(keys) = self.kept(token) {
            return Ok(keys);
        }
        let _one = match self.reading.try_lock() {
            Ok(one) => one,
            // Those of before serve while somebody else waits for the issuer.
            Err(_) => match self.stale(token) {
                Some(keys) => return Ok(keys),
                None => self.reading.lock().await,
            },
        };
        // Another request has read them meanwhile.
        if let Some(keys) = self.kept(token) {
            return Ok(keys);
        }
        let unanswered = self.keys.lock().failed.clone().filter(|(at, _)| at.elapsed() < UNANSWERED);
        let reason = match unanswered {
            Some((_, reason)) => reason,
            None => match self.read().await {
                Ok(keys) => {
                    let keys = Arc::new(keys);
                    let mut kept = self.keys.lock();
                    (kept.keys, kept.read_at, kept.failed) = (Arc::clone(&keys), Some(Instant::now()), None);
                    return Ok(keys);
                }
                Err(reason) => {
                    tracing::warn!("the keys of `{}` can't be read: {reason}", Escaped::new(&self.spec.url, 200));
                    self.keys.lock().failed = Some((Instant::now(), reason.clone()));
                    reason
                }
            },
        };
        let kept = self.keys.lock();
        match kept.read_at.is_some_and(|read_at| read_at.elapsed() < STALE) {
            true => Ok(Arc::clone(&kept.keys)),
            false => Err(CallerError::Unreachable { issuer: Escaped::new(&self.spec.url, 200), reason }),
        }
    }

    /// Kept keys that are young, and have the token's, unless they may be read again for it.
    fn kept(&self, token: &Unverified<'_>) -> Option<Arc<Keys>> {
        let mut kept = self.keys.lock();
        let is_young = kept.read_at.is_some_and(|read_at| read_at.elapsed() < FRESH);
        if !is_young {
            return None;
        }
        if kept.keys.has(token.algorithm(), token.key_id()) || !kept.take_read() {
            return Some(Arc::clone(&kept.keys));
        }
        None
    }

    /// Kept keys that are not too old, with the token's among them.
    fn stale(&self, token: &Unverified<'_>) -> Option<Arc<Keys>> {
        let kept = self.keys.lock();
        let is_usable = kept.read_at.is_some_and(|read_at| read_at.elapsed() < STALE);
        (is_usable && kept.keys.has(token.algorithm(), token.key_id())).then(|| Arc::clone(&kept.keys))
    }

    async fn read(&self) -> Result<Keys, Escaped> {
        let bytes = match &self.spec.keys_file {
            Some(path) => file(path.clone()).await?,
            None => {
                let base = self.spec.url.trim_end_matches('/');
                let document = self.get(&format!("{base}/.well-known/openid-configuration")).await?;
                let found: Discovery = json::object(&document)
                    .map_err(|_| Escaped::from("its configuration has no `issuer` and `jwks_uri`"))?;
                if found.issuer != self.spec.url {
                    return Err(format!("its configuration is of `{}`", Escaped::new(&found.issuer, 200)).into());
                }
                self.get(&found.jwks_uri).await?
            }
        };
        let keys = Keys::parse(&bytes).ok_or("they are no JSON Web Key Set")?;
        if keys.is_empty() { Err("there is none for RS256, ES256 or EdDSA".into()) } else { Ok(keys) }
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, Escaped> {
        let shown = || Escaped::new(url, 200);
        let parsed = Url::parse(url).map_err(|_| format!("`{}` is no URL", shown()))?;
        if !(parsed.scheme() == "https" || parsed.scheme() == "http" && is_this_machine(&parsed)) {
            return Err(format!("`{}` is not `https`", shown()).into());
        }
        let authorities = match &self.spec.authority_file {
            Some(path) => certificates::in_file(path).map_err(|error| Escaped::from(Foreign(error).to_string()))?,
            None => Vec::new(),
        };
        let client = client(&parsed, authorities, TIMEOUT, false)?;
        let failed = |error: reqwest::Error| Escaped::from(format!("`{}`: {}", shown(), request_words(&error)));
        let mut answer = client.get(parsed).send().await.map_err(failed)?;
        if !answer.status().is_success() {
            return Err(format!("`{}` answers {}", shown(), answer.status().as_u16()).into());
        }
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(failed)? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_DOCUMENT {
                return Err(format!("`{}` answers more than 256 KiB", shown()).into());
            }
        }
        Ok(bytes)
    }
}

impl Kept {
    /// Takes one of the reads that are left.
    fn take_read(&mut self) -> bool {
        let refilled = u32::try_from(self.left.1.elapsed().as_secs() / REFILL.as_secs()).unwrap_or(u32::MAX);
        if refilled > 0 {
            self.left = (self.left.0.saturating_add(refilled).min(BURST), Instant::now());
        }
        let has_one = self.left.0 > 0;
        self.left.0 = self.left.0.saturating_sub(1);
        has_one
    }
}

async fn file(path: PathBuf) -> Result<Vec<u8>, Escaped> {
    let read = tokio::task::spawn_blocking(move || regular::read(&path, MAX_DOCUMENT)).await;
    let read = read.map_err(|_| Escaped::from("the file was not read to its end"))?;
    read.map_err(|error| Foreign(error).to_string().into())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[tokio::test]
    async fn an_issuer_that_does_not_answer_is_asked_once_for_many_callers() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("keys.json");
        let spec = IssuerSpec {
            name: "one".parse().unwrap(),
            url: "https://issuer.example".to_owned(),
            audience: "crhost".to_owned(),
            keys_file: Some(file.clone()),
            authority_file: None,
        };
        let issuers = Issuers::default();
        let issuer = issuers.of(&spec);
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let token = format!("{}.{}.", part(r#"{"alg":"EdDSA"}"#), part(r#"{"iss":"https://issuer.example"}"#));
        let keys = async || issuer.keys_for(&Unverified::parse(&token).unwrap()).await;
        assert!(matches!(keys().await, Err(CallerError::Unreachable { .. })));
        let key = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        std::fs::write(&file, key).unwrap();
        assert!(matches!(keys().await, Err(CallerError::Unreachable { .. })), "it was asked a moment ago");
        issuer.keys.lock().failed = Instant::now().checked_sub(UNANSWERED).map(|at| (at, "no answer".into()));
        assert!(!keys().await.unwrap().is_empty());
    }
}
