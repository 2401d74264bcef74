//! Pushes that the daemon makes itself (`POST /images/{name}/push`).

use http::{HeaderMap, HeaderName, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Engine;
use super::messages::Messages;
use super::upload::{Upload, UploadFailure, authorization};
use crate::docker::client::{self, Request};

/// The header with the registry's credentials, in base64.
const AUTHORIZATION: HeaderName = HeaderName::from_static("x-registry-auth");

impl Engine {
    /// Has the daemon push an image, and gives its messages; an error may come between them. There is no time limit.
    /// Dropping the messages ends the connection, upon which the daemon ends the push.
    ///
    /// # Errors
    /// When there is no connection, or the daemon refuses to begin.
    pub(crate) async fn push(&self, upload: &Upload<'_>) -> Result<Messages, UploadFailure> {
        let mut query = format!("tag={}", upload.tag);
        if let Some(platform) = upload.platform {
            // A struct of strings, which JSON can always represent.
            let platform = serde_json::to_string(platform).unwrap_or_default();
            query = format!("{query}&platform={}", utf8_percent_encode(&platform, NON_ALPHANUMERIC));
        }
        if upload.plain_http {
            query.push_str("&tlsVerify=false");
        }
        let path = format!("/images/{}/push?{query}", upload.name);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization(upload)?)]);
        let stream = client::stream(self.endpoint(), Request { method: Method::POST, path: &path, headers }).await;
        Ok(Messages::new(stream.map_err(UploadFailure::of)?))
    }
}
