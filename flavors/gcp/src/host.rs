//! Hosts of Google's registries, and hosts that are mistaken for one of them.

use crhost_flavor::uri::{is_one_slip_from, is_within};

use crate::location::{self, LocationCheck};

/// A host of Container Registry, whose images Artifact Registry keeps in a repository of the same name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Gcr {
    /// The host, which is also the repository.
    pub(crate) host: &'static str,
    /// The location of the repository.
    pub(crate) location: &'static str,
}

/// All of them (Google's documentation of the transition from Container Registry).
const GCR: [Gcr; 4] = [
    Gcr { host: "gcr.io", location: "us" },
    Gcr { host: "us.gcr.io", location: "us" },
    Gcr { host: "eu.gcr.io", location: "europe" },
    Gcr { host: "asia.gcr.io", location: "asia" },
];

/// Hosts below `gcr.io` that only Google writes to.
const READ_ONLY: &[&str] = &[
    "mirror.gcr.io",
    "marketplace.gcr.io",
    "launcher.gcr.io",
    "l.gcr.io",
    "k8s.gcr.io",
    "staging-k8s.gcr.io",
    "us-mirror.gcr.io",
    "eu-mirror.gcr.io",
    "asia-mirror.gcr.io",
];

/// Domains of registries and APIs in universes that partners of Google's run.
const UNIVERSES: [&str; 2] = ["s3nsregistry.fr", "s3nsapis.fr"];

/// Formats of packages other than images, which have hosts of the same form.
const FORMATS: [&str; 9] = ["maven", "npm", "python", "apt", "yum", "go", "kfp", "generic", "googet"];

/// The kind of a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Host {
    /// `<location>-docker.pkg.dev`.
    Docker(String),
    /// `docker.<region>.rep.pkg.dev`, which keeps to its region.
    Regional(String),
    /// One of Container Registry's.
    Gcr(Gcr),
    /// One that can't be mistaken for any of these.
    Other,
}

/// Why a host that looks like one of Google's is not one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HostError {
    /// Its location does not exist; with the host that was probably meant.
    Location(String, Option<String>),
    /// Only Google writes there.
    ReadOnly,
    /// It is of another universe than Google's own, with accounts and APIs of its own.
    Universe,
    /// It takes packages of another format; with the host for images.
    Format(&'static str, String),
    /// It has another form than Google's; with the host that was probably meant.
    Form(Option<String>),
}

/// Parses a host in lower case.
pub(crate) fn parse(host: &str) -> Result<Host, HostError> {
    if let Some(gcr) = GCR.iter().find(|gcr| gcr.host == host) {
        return Ok(Host::Gcr(*gcr));
    }
    if READ_ONLY.contains(&host) {
        return Err(HostError::ReadOnly);
    }
    if UNIVERSES.iter().any(|domain| is_within(host, domain)) {
        return Err(HostError::Universe);
    }
    if let Some(region) = host.strip_suffix(".rep.pkg.dev").and_then(|rest| rest.strip_prefix("docker."))
        && !region.contains('.')
    {
        return match location::check(region) {
            _ if location::is_region(region) => Ok(Host::Regional(region.to_owned())),
            LocationCheck::Invalid(meant) => {
                Err(HostError::Location(region.to_owned(), meant.map(|region| format!("docker.{region}.rep.pkg.dev"))))
            }
            // A multi-region has no regional endpoint.
            LocationCheck::Known | LocationCheck::Plausible => {
                Err(HostError::Location(region.to_owned(), Some(format!("{region}-docker.pkg.dev"))))
            }
        };
    }
    if let Some((location, format)) = host.strip_suffix(".pkg.dev").and_then(|label| label.rsplit_once('-'))
        && !location.contains('.')
    {
        if format == "docker" {
            return match location::check(location) {
                LocationCheck::Known | LocationCheck::Plausible => Ok(Host::Docker(location.to_owned())),
                LocationCheck::Invalid(meant) => {
                    Err(HostError::Location(location.to_owned(), meant.as_deref().map(docker)))
                }
            };
        }
        if let (Some(format), LocationCheck::Known) =
            (FORMATS.iter().find(|known| **known == format), location::check(location))
        {
            return Err(HostError::Format(format, docker(location)));
        }
    }
    if is_mistakable(host) { Err(HostError::Form(meant(host))) } else { Ok(Host::Other) }
}

/// The host of images in a location.
pub(crate) fn docker(location: &str) -> String {
    format!("{location}-docker.pkg.dev")
}

/// The host of Container Registry whose images are in a repository, if there is one.
pub(crate) fn gcr_of(location: &str, repository: &str) -> Option<&'static str> {
    GCR.iter().find(|gcr| gcr.location == location && gcr.host == repository).map(|gcr| gcr.host)
}

/// Whether a host may be taken for a registry of Google's.
fn is_mistakable(host: &str) -> bool {
    const DOMAINS: [&str; 6] =
        ["googleapis.com", "google.com", "googleusercontent.com", "goog", "gserviceaccount.com", "cloud.google"];
    const SLIPS: [&str; 6] = ["gcr.com", "gcr.co", "gcr.dev", "grc.com", "gcrio.com", "pkg.com"];
    let labels: Vec<&str> = host.split('.').collect();
    let pair = |pair: &[&str]| {
        matches!(pair, ["pkg", "dev"] | ["gcr" | "grc" | "crg" | "cgr" | "gcrr" | "ggcr" | "gc", "io"])
            || matches!(pair, ["gcr" | "docker", "pkg"] | ["pkg", "io"] | ["pgk", "dev"])
    };
    labels.windows(2).any(pair)
        || labels.iter().any(|label| label.ends_with("docker-pkg") || label.ends_with("dockerpkg"))
        || DOMAINS.iter().any(|domain| is_within(host, domain))
        || SLIPS.contains(&host)
        || GCR.iter().any(|gcr| is_one_slip_from(host, gcr.host))
        || ["gcr.io", "pkg.dev"].iter().any(|domain| is_one_slip_from(end(host), domain))
}

/// The last two labels.
fn end(host: &str) -> &str {
    host.rmatch_indices('.').nth(1).and_then(|(dot, _)| host.get(dot + 1..)).unwrap_or(host)
}

/// The host that was meant by one of another form.
fn meant(host: &str) -> Option<String> {
    let before = ["pkg.", "pgk."].iter().find_map(|domain| host.split_once(domain)).map(|(before, _)| before);
    let slip = || host.strip_suffix(end(host)).filter(|_| is_one_slip_from(end(host), "pkg.dev"));
    if let Some(before) = before.or_else(slip) {
        let location = before.replace("docker", "");
        let location = location.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        return match location::check(location) {
            LocationCheck::Known => Some(docker(location)),
            LocationCheck::Invalid(Some(location)) => Some(docker(&location)),
            _ => None,
        };
    }
    let (prefix, rest) = host.split_once('.')?;
    let gcr = |prefix: &str| match prefix {
        "us" | "usa" => Some("us.gcr.io"),
        "eu" | "europe" | "uk" | "de" | "fr" => Some("eu.gcr.io"),
        "asia" | "apac" | "jp" | "in" => Some("asia.gcr.io"),
        _ => None,
    };
    let is_gcr = |label: &str| matches!(label, "gcr" | "grc" | "crg" | "cgr" | "gcrr" | "ggcr" | "gc" | "gcrio");
    if is_gcr(prefix) {
        return Some("gcr.io".to_owned());
    }
    if rest.split('.').next().is_some_and(is_gcr) || is_one_slip_from(rest, "gcr.io") {
        return Some(gcr(prefix).unwrap_or("gcr.io").to_owned());
    }
    GCR.iter().find(|gcr| is_one_slip_from(host, gcr.host)).map(|gcr| gcr.host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_google_s_are_told_from_look_alikes() {
        let form = |meant: &str| Err(HostError::Form(Some(meant.to_owned())));
        for (host, expected) in [
            ("us-docker.pkg.dev", Ok(Host::Docker("us".into()))),
            ("europe-west1-docker.pkg.dev", Ok(Host::Docker("europe-west1".into()))),
            ("docker.us-east4.rep.pkg.dev", Ok(Host::Regional("us-east4".into()))),
            ("eu.gcr.io", Ok(Host::Gcr(Gcr { host: "eu.gcr.io", location: "europe" }))),
            ("docker.us.rep.pkg.dev", Err(HostError::Location("us".into(), Some("us-docker.pkg.dev".into())))),
            ("eu-docker.pkg.dev", Err(HostError::Location("eu".into(), Some("europe-docker.pkg.dev".into())))),
            ("us-maven.pkg.dev", Err(HostError::Format("maven", "us-docker.pkg.dev".into()))),
            ("mirror.gcr.io", Err(HostError::ReadOnly)),
            ("u-france-east1-docker.s3nsregistry.fr", Err(HostError::Universe)),
            ("artifactregistry.s3nsapis.fr", Err(HostError::Universe)),
            ("us.docker.pkg.dev", form("us-docker.pkg.dev")),
            ("us-docker.pkg.dev.evil.com", form("us-docker.pkg.dev")),
            ("gcr.io.evil.com", form("gcr.io")),
            ("us.gcr.io.evil.com", form("us.gcr.io")),
            ("uk.gcr.io", form("eu.gcr.io")),
            ("grc.io", form("gcr.io")),
            ("gccr.io", form("gcr.io")),
            ("gcr.oi", form("gcr.io")),
            ("eu.gccr.io", form("eu.gcr.io")),
            ("eugcr.io", form("eu.gcr.io")),
            ("asia-gcr.io", form("asia.gcr.io")),
            ("us-docker-pkg.dev", form("us-docker.pkg.dev")),
            ("us-dockerpkg.dev", form("us-docker.pkg.dev")),
            ("europe-west1-docker.pkg.de", form("europe-west1-docker.pkg.dev")),
            ("us-docker.pkgs.dev", form("us-docker.pkg.dev")),
            ("us-docker.kpg.dev", form("us-docker.pkg.dev")),
            ("docker.us-east4.rep.pkg.de", Err(HostError::Form(None))),
            ("pkg.dev", Err(HostError::Form(None))),
            ("artifactregistry.googleapis.com", Err(HostError::Form(None))),
            ("gcr.example.com", Ok(Host::Other)),
            ("artifactregistry.example.com", Ok(Host::Other)),
            ("registry.example.com", Ok(Host::Other)),
            ("localhost", Ok(Host::Other)),
            ("notgoogle.com", Ok(Host::Other)),
            ("pkg.example.dev", Ok(Host::Other)),
            ("registry.example.io", Ok(Host::Other)),
        ] {
            assert_eq!(parse(host), expected, "{host}");
        }
    }
}
