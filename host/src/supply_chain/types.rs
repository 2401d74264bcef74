//! The types of referrers whose list does not tell them, read from their manifests.

use serde::Deserialize;

use crate::distribution::{Error, RepositoryClient};
use crate::image::Descriptor;
use crate::json;
use crate::retrying::{ask, concurrently};

/// Most manifests that are read for that: lists that tell no types are written by hand, or by programs of before OCI
/// 1.1, and are short.
const MAX_READ: usize = 200;

/// The members that tell what a manifest is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    #[serde(default, deserialize_with = "json::non_empty")]
    artifact_type: Option<String>,
    #[serde(default, deserialize_with = "json::if_valid")]
    config: Option<Config>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default, deserialize_with = "json::non_empty")]
    media_type: Option<String>,
}

/// Adds the types that are missing, as far as the manifests can be read.
///
/// # Errors
/// Where the registry can't be reached.
pub(crate) async fn with_types(
    repository: &RepositoryClient,
    mut referrers: Vec<Descriptor>,
) -> Result<Vec<Descriptor>, Error> {
    let untyped = referrers.iter_mut().filter(|referrer| referrer.artifact_type.is_none()).take(MAX_READ);
    let reads = untyped.map(async |referrer| {
        if let Some(Some(found)) = ask(|| repository.manifest(&referrer.digest)).await? {
            referrer.artifact_type = artifact_type(&found.bytes).map(String::into_boxed_str);
        }
        Ok::<_, Error>(())
    });
    concurrently(reads).await?;
    Ok(referrers)
}

/// What a manifest is: its own type, or that of its configuration.
fn artifact_type(manifest: &[u8]) -> Option<String> {
    let Members { artifact_type, config } = json::read(manifest).ok()?;
    artifact_type.or_else(|| config?.media_type)
}
