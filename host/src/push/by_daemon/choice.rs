//! Who sends an image: crhost, or the daemon that has it.

use super::error::ByDaemonError;
use crate::credential::Credential;
use crate::distribution::PlainHttp;
use crate::docker::ApiVersion;
use crate::push::compress::Compression;
use crate::push::request::{EngineChoice, Request};
use crate::registry::{self, Target};
use crate::source::{InDaemon, Source};
use crate::text::Escaped;

/// Refuses what no daemon can do, before anything is read.
///
/// # Errors
/// Where the user asks for the daemon, and the image is in a file, or there are several registries.
pub(in crate::push) fn ensure_possible_at_all(request: &Request) -> Result<(), ByDaemonError> {
    if request.engine != EngineChoice::Daemon {
        return Ok(());
    }
    match (request.location.is_file(), request.registries.len()) {
        (true, _) => Err(ByDaemonError::NotInDaemon(request.location.to_string().into())),
        (false, 0 | 1) => Ok(()),
        (false, _) => Err(ByDaemonError::OneRegistry),
    }
}

/// The daemon that is to send the image; absent where crhost does.
///
/// # Errors
/// Where the user asks for the daemon, and it can't do what is asked besides.
pub(in crate::push) fn choose<'a>(
    request: &Request,
    source: &'a Source,
    target: &Target,
    credential: &Credential,
) -> Result<Option<&'a InDaemon>, ByDaemonError> {
    let chosen = match (request.engine, source.in_daemon()) {
        // An image in no daemon was refused before.
        (EngineChoice::Native, _) | (_, None) => None,
        (EngineChoice::Daemon, Some(image)) => {
            ensure_possible(request, image, target, credential)?;
            Some(image)
        }
        (EngineChoice::Auto, Some(image)) => match reason_for_native(request, image, target, credential) {
            Some(reason) => {
                tracing::debug!("engine: native, because {reason}");
                None
            }
            None => {
                let endpoint = image.engine.endpoint();
                tracing::debug!(
                    "engine: daemon, because `{endpoint}` is another machine, from which each layer would be \
                     exported to this one uncompressed before it goes to the registry"
                );
                Some(image)
            }
        },
    };
    // What would be sent is found out by questions to the registry, whoever sends it.
    Ok(chosen.filter(|_| !request.dry_run))
}

/// Why crhost itself sends an image for which the user leaves that open.
fn reason_for_native(request: &Request, image: &InDaemon, target: &Target, credential: &Credential) -> Option<String> {
    let endpoint = image.engine.endpoint();
    if endpoint.is_local() {
        return Some(format!("`{endpoint}` is on this machine, where crhost sends the same bytes whoever runs it"));
    }
    if target.image.host().is_loopback() {
        return Some(format!("`{}` is this machine, and the daemon's machine is another", target.image.host()));
    }
    if registry::plain_http(&target.registry, request.insecure) == PlainHttp::Allowed {
        return Some("the registry may speak plain HTTP, which a daemon decides for itself".to_owned());
    }
    ensure_possible(request, image, target, credential).err().map(|error| format!("otherwise {error}"))
}

/// Whether the daemon can do what the user asks for.
fn ensure_possible(
    request: &Request,
    image: &InDaemon,
    target: &Target,
    credential: &Credential,
) -> Result<(), ByDaemonError> {
    let InDaemon { engine, image: local } = image;
    let cannot = |option: &'static str, reason: &'static str| Err(ByDaemonError::Option { option, reason });
    if request.source.export_only {
        return cannot("--daemon-export", "exports nothing when it pushes");
    }
    if let Some(option) = request.option_before_tags() {
        return cannot(option, "moves the tag as soon as it has sent the image");
    }
    if request.source.split.is_some() {
        return cannot("--split-layers", "sends layers as it has them");
    }
    if request.compression != Compression::default() {
        return cannot("--compression", "compresses in its own way");
    }
    if request.source.platform.is_some() && engine.api().is_none_or(|api| api < ApiVersion::PUSHES_PLATFORM) {
        let found = engine.api().map_or_else(|| "unknown".to_owned(), |api| api.to_string());
        return Err(ByDaemonError::Platform {
            endpoint: Escaped::of(engine.endpoint()),
            found: found.into(),
            image: local.platform.clone(),
        });
    }
    if let Some(digest) = target.image.digest()
        && (target.image.tag().is_none() || *digest != local.id)
    {
        return Err(ByDaemonError::Digest(digest.clone()));
    }
    if !engine.endpoint().is_private() && !credential.is_anonymous() {
        return Err(ByDaemonError::Readable(Escaped::of(engine.endpoint())));
    }
    if request.jobs.is_some() && request.engine == EngineChoice::Daemon {
        tracing::warn!(
            "`--jobs` is for crhost's own uploads; the daemon has `max-concurrent-uploads` in its `daemon.json`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::{Engine, LocalImage};
    use crate::image::{Digest, Reference};
    use crate::push::evidence::Evidence;
    use crate::push::remote_layers::CacheFrom;
    use crate::push::request::Choice;
    use crate::source::Options;
    use crate::store::RegistryRecord;

    fn request() -> Request {
        Request {
            location: "train:v3".parse().unwrap(),
            registries: vec![Choice::default()],
            left_out: Vec::new(),
            all_or_none: false,
            in_use: None,
            named: None,
            source: Options::default(),
            tags: Vec::new(),
            if_changed: false,
            insecure: false,
            engine: EngineChoice::Auto,
            dry_run: false,
            timeout: None,
            jobs: None,
            compression: Compression::default(),
            evidence: Evidence::default(),
            scan: None,
            cache_from: CacheFrom::default(),
        }
    }

    /// Why crhost sends an image of the daemon at an endpoint to a registry; empty where the daemon does.
    fn reason(endpoint: &str, image: &str, request: &Request) -> String {
        let local = LocalImage {
            id: Digest::of(b"configuration"),
            diff_ids: Vec::new(),
            platform: "linux/amd64".parse().unwrap(),
            driver: None,
            names: Vec::new(),
            settings: Default::default(),
        };
        let in_daemon = InDaemon { engine: Engine::at(endpoint, "1.41"), image: local };
        let image: Reference = image.parse().unwrap();
        let registry = RegistryRecord::example("prod", &image.name());
        let target = Target { registry, registered: true, image };
        let credential = Credential::Basic { username: "alice".to_owned(), password: "secret".to_owned().into() };
        reason_for_native(request, &in_daemon, &target, &credential).unwrap_or_default()
    }

    #[test]
    fn a_daemon_on_another_machine_sends_what_it_can() {
        const IMAGE: &str = "ghcr.io/acme/train:v3";
        for (endpoint, image, expected) in [
            ("ssh://ann@build.example", IMAGE, ""),
            ("https://build.example:2376", IMAGE, ""),
            ("tcp://127.0.0.1:2375", IMAGE, ""),
            ("unix:///var/run/docker.sock", IMAGE, "is on this machine"),
            ("ssh://ann@build.example", "localhost:5000/train:v3", "is this machine"),
            ("tcp://build.example:2375", IMAGE, "over plain TCP"),
        ] {
            let reason = reason(endpoint, image, &request());
            assert!(
                reason.contains(expected) && reason.is_empty() == expected.is_empty(),
                "{endpoint} {image}: {reason}"
            );
        }
    }

    #[test]
    fn what_a_daemon_can_not_do_is_done_by_crhost() {
        let options = |source| Request { source, ..request() };
        for (request, expected) in [
            (Request { insecure: true, ..request() }, "plain HTTP"),
            (Request { compression: Compression::None, ..request() }, "`--compression`"),
            (options(Options { export_only: true, ..Options::default() }), "`--daemon-export`"),
            (options(Options { split: Some(1), ..Options::default() }), "`--split-layers`"),
            (options(Options { platform: "linux/arm64".parse().ok(), ..Options::default() }), "its API is 1.41"),
        ] {
            let reason = reason("ssh://build.example", "ghcr.io/acme/train:v3", &request);
            assert!(reason.contains(expected), "{reason}");
        }
        let digest = Digest::of(b"manifest");
        let reason = reason("ssh://build.example", &format!("ghcr.io/acme/train@{digest}"), &request());
        assert!(reason.contains(digest.as_str()), "{reason}");
    }
}
