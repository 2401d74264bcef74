//! Where keys of an issuer are from: discovered (OpenID Connect Discovery 1.0), or a file.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::certificates;
use crate::files::regular;
use crate::json;
use crate::network::{client, is_this_machine, request_words};
use crate::server::rules::IssuerSpec;
use crate::server::token::Keys;
use crate::text::{Escaped, Foreign};

/// Wait for an issuer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Largest document, in bytes: a set of twenty keys has 20 KiB.
pub(in crate::server) const MAX_DOCUMENT: usize = 256 << 10;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Reads the keys of an issuer.
///
/// # Errors
/// Why they can't be had.
pub(super) async fn read(spec: &IssuerSpec) -> Result<Keys, Escaped> {
    let bytes = match &spec.keys_file {
        Some(path) => file(path.clone()).await?,
        None => {
            let base = spec.url.trim_end_matches('/');
            let document = get(spec, &format!("{base}/.well-known/openid-configuration")).await?;
            let found: Discovery = json::object(&document)
                .map_err(|_| Escaped::from("its configuration has no `issuer` and `jwks_uri`"))?;
            if found.issuer != spec.url {
                return Err(format!("its configuration is of `{}`", Escaped::new(&found.issuer, 200)).into());
            }
            get(spec, &found.jwks_uri).await?
        }
    };
    let keys = Keys::parse(&bytes).ok_or("they are no JSON Web Key Set")?;
    if keys.is_empty() { Err("there is none for RS256, ES256 or EdDSA".into()) } else { Ok(keys) }
}

async fn get(spec: &IssuerSpec, url: &str) -> Result<Vec<u8>, Escaped> {
    let shown = || Escaped::new(url, 200);
    let parsed = Url::parse(url).map_err(|_| format!("`{}` is no URL", shown()))?;
    if !(parsed.scheme() == "https" || parsed.scheme() == "http" && is_this_machine(&parsed)) {
        return Err(format!("`{}` is not `https`", shown()).into());
    }
    let authorities = match &spec.authority_file {
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

async fn file(path: PathBuf) -> Result<Vec<u8>, Escaped> {
    let read = tokio::task::spawn_blocking(move || regular::read(&path, MAX_DOCUMENT)).await;
    let read = read.map_err(|_| Escaped::from("the file was not read to its end"))?;
    read.map_err(|error| Foreign(error).to_string().into())
}
