//! A build by a Docker daemon, through its API: by BuildKit where it has it, else by its classic builder.

mod messages;
mod step_errors;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::task::JoinHandle;
use url::form_urlencoded::Serializer;

use super::context::Context;
use super::error::BuildError;
use super::logins::Logins;
use super::progress::{Event, Progress};
use super::request::Request;
use super::secrets;
use crate::docker::{Engine, buildkit};
use crate::environment::{EnvVars, Environment};
use crate::image::{Digest, Platform};
use crate::text::Escaped;
use messages::Messages;

/// An image in the daemon's store.
pub(super) struct Built {
    /// Its id there.
    pub(super) id: Digest,
    /// The builder's name for users.
    pub(super) builder: Escaped,
}

/// The build's session; dropping it ends the session.
struct Session {
    id: String,
    server: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Builds.
///
/// # Errors
/// When the daemon can't do what is asked for, or the build fails.
pub(super) async fn build(
    engine: &Engine,
    environment: &Environment,
    request: &Request,
    context: &Context,
    logins: &Logins,
    progress: &dyn Progress,
) -> Result<Built, BuildError> {
    let builders = engine.builders().await?;
    // As Docker's command line has it.
    let is_switched_off =
        environment.text(EnvVars::DOCKER_BUILDKIT).is_some_and(|value| matches!(&*value, "0" | "false"));
    let is_buildkit = builders.has_buildkit() && !is_switched_off;
    let builder: Escaped = match (is_buildkit, builders.is_podman) {
        (true, _) => "BuildKit of the Docker daemon".into(),
        (false, true) => "Podman's service".into(),
        (false, false) => "the classic builder of the Docker daemon".into(),
    };
    let unable = |option, reason| BuildError::Unable {
        builder: builder.clone(),
        option,
        reason,
        hint: "take another builder: `--builder buildx`, `--builder buildah`, or `--builder tcp://HOST:PORT`",
    };
    if !is_buildkit && !request.secrets.is_empty() {
        return Err(unable("--secret", "secrets need BuildKit, which Docker has since 18.09"));
    }
    let caches = Caches::of(request, is_buildkit).map_err(|(option, reason)| unable(option, reason))?;
    progress.event(Event::Builder(builder.clone()));
    let session = match is_buildkit {
        true => session(engine, environment, request, logins).await?,
        false => None,
    };
    let session_id = session.as_ref().map(|session| session.id.as_str());
    let query = query(environment, request, context, &caches, is_buildkit.then_some(session_id));
    let (stream, packing) = context.stream(!is_buildkit)?;
    let ended = async {
        let answer = engine.build(&query, logins.header(), stream).await?;
        let mut answer = std::pin::pin!(answer);
        let mut messages = Messages::new(progress);
        while let Some(bytes) = answer.try_next().await? {
            messages.read(&bytes);
        }
        messages.end(&builder)
    };
    match ended.await {
        Ok(id) => Ok(Built { id, builder }),
        // A file that can't be read breaks the connection, of which the daemon tells other things.
        Err(error) => match packing.await {
            Ok(Err(packed)) if !matches!(packed, BuildError::Send(_)) => Err(packed),
            _ => Err(error),
        },
    }
}

/// Opens the session. Without one, a build that needs no login and no secret is possible.
async fn session(
    engine: &Engine,
    environment: &Environment,
    request: &Request,
    logins: &Logins,
) -> Result<Option<Session>, BuildError> {
    let mut values = BTreeMap::new();
    for secret in &request.secrets {
        values.insert(secret.id.clone(), secrets::read(secret, environment)?);
    }
    let needs_session = !values.is_empty() || !logins.is_empty();
    let mut bytes = [0_u8; 16];
    let _ = SystemRandom::new().fill(&mut bytes);
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match engine.session(&id, &buildkit::METHODS).await {
        Ok(connection) => {
            let served = buildkit::Served { logins: logins.served(), secrets: values };
            let server = tokio::spawn(buildkit::serve(connection, Arc::new(served)));
            Ok(Some(Session { id, server }))
        }
        Err(error) if needs_session => Err(error.into()),
        Err(error) => {
            tracing::debug!("the build has no session: {error}");
            Ok(None)
        }
    }
}

/// Caches in the form of the API: images to read, and whether the image itself is to be one.
struct Caches {
    images: Vec<String>,
    is_inline: bool,
}

impl Caches {
    fn of(request: &Request, is_buildkit: bool) -> Result<Self, (&'static str, &'static str)> {
        let mut images = Vec::new();
        for cache in &request.cache_from {
            let parts: BTreeMap<&str, &str> = cache.split(',').filter_map(|part| part.split_once('=')).collect();
            images.push(match (parts.get("type"), parts.get("ref")) {
                (None, _) => cache.clone(),
                (Some(&"registry"), Some(image)) => (*image).to_owned(),
                _ => return Err(("--cache-from", "through its API it reads caches of images alone")),
            });
        }
        let is_inline = match request.cache_to.as_slice() {
            [] => false,
            [one] if one == "type=inline" && is_buildkit => true,
            _ => return Err(("--cache-to", "through its API it writes no cache but BuildKit's `type=inline`")),
        };
        Ok(Self { images, is_inline })
    }
}

/// The query of the request (<https://docs.docker.com/reference/api/engine/>, "Build an image").
fn query(
    environment: &Environment,
    request: &Request,
    context: &Context,
    caches: &Caches,
    buildkit: Option<Option<&str>>,
) -> String {
    let json = |value: serde_json::Value| value.to_string();
    let mut arguments: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for (name, value) in &request.arguments {
        let value = value.clone().or_else(|| environment.text(name).map(Into::into));
        arguments.insert(name, value);
    }
    if caches.is_inline {
        arguments.insert("BUILDKIT_INLINE_CACHE", Some("1".to_owned()));
    }
    let labels: BTreeMap<&str, &str> =
        request.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut query = Serializer::new(String::new());
    query.append_pair("dockerfile", &context.dockerfile_name()).append_pair("rm", "1");
    // A build that fails leaves no container, either.
    query.append_pair("forcerm", "1");
    for name in &request.names {
        query.append_pair("t", name);
    }
    if !arguments.is_empty() {
        query.append_pair("buildargs", &json(serde_json::json!(arguments)));
    }
    if !labels.is_empty() {
        query.append_pair("labels", &json(serde_json::json!(labels)));
    }
    if !caches.images.is_empty() {
        query.append_pair("cachefrom", &json(serde_json::json!(caches.images)));
    }
    let platform = request.platforms.first().map(Platform::to_string);
    let optional = [
        ("target", request.stage.as_deref()),
        ("platform", platform.as_deref()),
        ("networkmode", request.network.as_deref()),
        ("pull", request.pull.then_some("1")),
        ("nocache", request.no_cache.then_some("1")),
        ("version", buildkit.map(|_| "2")),
        ("session", buildkit.flatten()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
