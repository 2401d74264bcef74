//! Where what was built is pushed to, and how: the options of `crhost push` that make sense for a build.

use clap::Args;

use super::display::BuildProgress;
use crate::cli::boolean;
use crate::cli::failure::Failure;
use crate::cli::push;
use crate::docker::Chosen;
use crate::environment::EnvVars;
use crate::registry::RemoteName;
use crate::registry::naming::TypedName;

/// The options of the push.
#[derive(Debug, Args)]
#[command(next_help_heading = "Push")]
pub(in crate::cli) struct Target {
    /// Push it to this registry, by the name that it was registered under or by its URI, as `--to` of `crhost push`
    #[arg(long, value_name = "REGISTRY")]
    pub(super) to: Option<String>,

    /// Push it to where its name says: to the registry that owns it, or for a name without a host to the one in use
    #[arg(long)]
    push: bool,

    /// The flavor of a registry that is not registered, as `--flavor` of `crhost push`
    #[arg(long, env = EnvVars::CRHOST_REGISTRY_FLAVOR, hide_env_values = true)]
    flavor: Option<String>,

    /// A value for an option of its flavor
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,

    /// Send nothing where the tag has this very image already
    #[arg(long)]
    if_changed: bool,

    /// Do everything but upload
    #[arg(long)]
    dry_run: bool,

    /// Allow plain HTTP to the registry of this push if it does not speak https
    #[arg(long)]
    insecure: bool,

    /// Write the manifest's digest to a file
    #[arg(long, value_name = "FILE")]
    digest_file: Option<String>,

    /// Write what was pushed to a file, as `docker buildx build` does
    #[arg(long, value_name = "FILE")]
    metadata_file: Option<String>,

    /// Layers that are sent at once
    #[arg(long, value_name = "N", env = EnvVars::CRHOST_JOBS, hide_env_values = true)]
    jobs: Option<String>,

    /// Time after which the push is given up, e.g. `90` (seconds), `5m` or `1h30m`
    #[arg(long, value_name = "DURATION", env = EnvVars::CRHOST_TIMEOUT, hide_env_values = true)]
    timeout: Option<String>,

    /// gzip[:1-12], zstd[:1-19], none or auto, for layers that the builder leaves uncompressed
    #[arg(long, value_name = "METHOD[:LEVEL]")]
    compression: Option<String>,

    /// An image in a registry whose layers need not be sent, as `--cache-from` of `crhost push`; the images of the
    /// build's own `--cache-from` are asked as well
    #[arg(long, value_name = "REF", value_delimiter = ',', env = EnvVars::CRHOST_CACHE_FROM, hide_env_values = true)]
    push_cache_from: Vec<String>,

    /// Believe what these images and the tags that are pushed say of their layers, as for `crhost push`
    #[arg(long, env = EnvVars::CRHOST_TRUST_REMOTE_LAYERS, hide_env_values = true, value_parser = boolean::parse)]
    trust_remote_layers: bool,

    /// Ask no registry for layers
    #[arg(long, env = EnvVars::CRHOST_NO_REMOTE_LAYERS, hide_env_values = true, value_parser = boolean::parse)]
    no_remote_layers: bool,

    /// Split layers of more than SIZE bytes between their files, as for `crhost push`
    #[arg(long, value_name = "SIZE", env = EnvVars::CRHOST_SPLIT_LAYERS, hide_env_values = true)]
    split_layers: Option<String>,
}

/// What a build says to its pushes.
pub(super) struct OfBuild<'a> {
    /// Its caches.
    pub(super) caches: &'a [String],
    /// The daemon that builds.
    pub(super) daemon: &'a Chosen,
    /// How both are shown.
    pub(super) progress: BuildProgress,
    /// Whether nothing but the result is.
    pub(super) is_quiet: bool,
}

impl Target {
    /// Whether what is built is pushed.
    pub(super) fn is_pushed(&self) -> bool {
        self.to.is_some() || self.push
    }

    /// The push of an image under a name, and under further tags of the same repository.
    pub(super) fn push(
        &self,
        name: &TypedName,
        tags: &[&TypedName],
        build: &OfBuild<'_>,
        is_first: bool,
    ) -> Result<push::Arguments, Failure> {
        let OfBuild { caches, daemon, progress, is_quiet } = *build;
        // The image comes later; any source stands for it.
        let mut words = vec!["-".to_owned(), format!("--as={name}"), format!("--progress={}", progress.of_push())];
        let further = tags.iter().filter_map(|name| name.tag.as_ref()).map(|tag| format!("--tag={tag}"));
        words.extend(further);
        let files = [("digest-file", &self.digest_file), ("metadata-file", &self.metadata_file)];
        let values = [
            ("to", &self.to),
            ("flavor", &self.flavor),
            ("jobs", &self.jobs),
            ("timeout", &self.timeout),
            ("compression", &self.compression),
            ("split-layers", &self.split_layers),
            ("host", &daemon.host),
            ("context", &daemon.context),
        ];
        let files = files.into_iter().filter(|_| is_first);
        for (option, value) in values.into_iter().chain(files) {
            words.extend(value.iter().map(|value| format!("--{option}={value}")));
        }
        let asked =
            self.push_cache_from.iter().map(String::as_str).chain(caches.iter().filter_map(|cache| image(cache)));
        words.extend(asked.map(|name| format!("--cache-from={name}")));
        words.extend(self.options.iter().map(|option| format!("--option={option}")));
        let flags = [
            ("if-changed", self.if_changed),
            ("dry-run", self.dry_run),
            ("insecure", self.insecure),
            ("trust-remote-layers", self.trust_remote_layers),
            ("no-remote-layers", self.no_remote_layers),
            ("quiet", is_quiet),
        ];
        words.extend(flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| format!("--{flag}")));
        push::Arguments::of_words(words)
    }
}

/// The image of a build's `--cache-from`: a name, or `type=registry,ref=NAME`. Other caches are none.
fn image(cache: &str) -> Option<&str> {
    let name = match cache.contains('=') {
        false => cache,
        true => {
            let parts = || cache.split(',').map(str::trim);
            let is_image = parts().any(|part| part == "type=registry");
            parts().filter(|_| is_image).find_map(|part| part.strip_prefix("ref="))?
        }
    };
    name.parse::<RemoteName>().is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
    use super::image;

    #[test]
    fn the_images_of_a_builds_caches_are_asked_for_layers() {
        for (cache, asked) in [
            ("ghcr.io/acme/train:main", Some("ghcr.io/acme/train:main")),
            ("type=registry,ref=ghcr.io/acme/train:cache", Some("ghcr.io/acme/train:cache")),
            ("type=local,src=/tmp/cache", None),
            ("type=gha", None),
            ("ref=ghcr.io/acme/train", None),
            ("/tmp/cache", None),
        ] {
            assert_eq!(image(cache), asked, "{cache}");
        }
    }
}
