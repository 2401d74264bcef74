//! Versions of the daemon's API (<https://docs.docker.com/reference/api/engine/#api-version-matrix>).

use std::fmt;

use http::HeaderMap;
use http::header::SERVER;

use crate::text::Printable;

/// A version such as 1.47.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion {
    major: u32,
    minor: u32,
}

/// Numbers.
impl Printable for ApiVersion {}

impl ApiVersion {
    /// The oldest that is understood: Docker 1.12, the first whose answers have today's form.
    pub(crate) const LEAST: Self = Self { major: 1, minor: 24 };
    /// The first whose push takes a platform (Docker 28).
    pub(crate) const PUSHES_PLATFORM: Self = Self { major: 1, minor: 46 };
    /// The first with BuildKit that is no experiment: Docker 18.09.
    pub(super) const BUILDKIT: Self = Self { major: 1, minor: 39 };

    /// The version that a daemon names in the headers of its answers.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get("api-version")?.to_str().ok()?)
    }

    /// The version of a daemon before Docker 1.12, which names it in no header but tells its own: `Docker/1.11.2
    /// (linux)`. The API's minor version was that of Docker and 12 then.
    pub(super) fn of_old_server(headers: &HeaderMap) -> Option<Self> {
        let server = headers.get(SERVER)?.to_str().ok()?.strip_prefix("Docker/1.")?;
        let minor = server.split('.').next()?.parse::<u32>().ok()?;
        Some(Self { major: 1, minor: minor + 12 })
    }

    /// Whether it is older than any that is understood.
    pub(super) fn is_old(&self) -> bool {
        *self < Self::LEAST
    }

    /// `1.41`; `None` for another text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let of = |text| ApiVersion::of(&headers("api-version", text)).unwrap();
        assert!(of("1.9") < of("1.24") && of("1.24") < of("1.100") && of("1.100") < of("2.0"));
        assert_eq!([of("1.23").is_old(), of("1.24").is_old()], [true, false]);
        assert_eq!(of("1.41").to_string(), "1.41");
        assert_eq!(ApiVersion::of(&headers("api-version", "junk")), None);
        assert_eq!(ApiVersion::of(&HeaderMap::new()), None);
    }

    #[test]
    fn a_daemon_that_names_no_version_is_known_by_its_own() {
        let of = |text| ApiVersion::of_old_server(&headers("server", text)).map(|version| version.to_string());
        assert_eq!(of("Docker/1.11.2 (linux)").as_deref(), Some("1.23"));
        assert_eq!(of("Docker/17.03.0-ce (linux)"), None);
        assert_eq!(of("nginx"), None);
    }
}
