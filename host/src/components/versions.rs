//! The versions of a component that a repository has, by their tags.

use semver::{BuildMetadata, Version};

use super::error::ComponentError;
use crate::image::{Digest, Tag};
use crate::inspect::{Filter, Inspector, Order, digest_of, tags};
use crate::registry::RemoteName;
use crate::session::{Services, Session};

/// A version that a repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Available {
    /// The version.
    pub(crate) version: Version,
    /// Its tag.
    pub(crate) tag: Tag,
}

/// The tag of a version: `_` in the place of `+`, which no tag can have.
#[must_use]
pub(super) fn tag_of(version: &Version) -> String {
    version.to_string().replace('+', "_")
}

/// The version that a tag is, whole, with or without a `v`. A tag such as `1` or `1.2` moves, and is none.
#[must_use]
pub(super) fn version_of(tag: &str) -> Option<Version> {
    Version::parse(&tag.strip_prefix('v').unwrap_or(tag).replacen('_', "+", 1)).ok()
}

/// A repository that is open, to be asked for versions.
pub(crate) struct Versions<'a> {
    services: &'a Services<'a>,
    session: Session<'a>,
}

impl<'a> Versions<'a> {
    /// Opens a repository.
    ///
    /// # Errors
    /// When no registry is meant, or it can't be opened.
    pub(crate) async fn open(inspector: &Inspector<'a>, name: &RemoteName) -> Result<Self, ComponentError> {
        Ok(Self { services: inspector.services, session: inspector.repository(name).await? })
    }

    /// All versions, the newest last.
    ///
    /// # Errors
    /// When there is no such repository, or the registry refuses.
    pub(crate) async fn all(&mut self) -> Result<Vec<Available>, ComponentError> {
        let found = tags(self.services, &mut self.session, &Filter::default(), Order::Registry).await?;
        let version = |tag: Tag| version_of(tag.as_str()).map(|version| Available { version, tag });
        let mut versions: Vec<Available> = found.into_iter().filter_map(version).collect();
        versions.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(versions)
    }

    /// The newest release: a pre-release is chosen by a user, and by nothing else.
    ///
    /// # Errors
    /// As for [`all`](Self::all), and when there is none.
    pub(crate) async fn newest(&mut self) -> Result<Available, ComponentError> {
        let all = self.all().await?;
        let name = || self.session.target.image.name().into();
        newest_release(&all).cloned().ok_or_else(|| ComponentError::NoRelease(name()))
    }

    /// The version that a user means.
    ///
    /// # Errors
    /// As for [`all`](Self::all), and when there is no such version.
    pub(crate) async fn named(&mut self, version: &Version) -> Result<Available, ComponentError> {
        let all = self.all().await?;
        let found = all.iter().rfind(|one| one.is(version)).cloned();
        found.ok_or_else(|| ComponentError::NoVersion {
            repository: self.session.target.image.name().into(),
            version: version.to_string().into(),
        })
    }

    /// The digest that a tag names now.
    ///
    /// # Errors
    /// When the registry refuses.
    pub(crate) async fn digest(&mut self, tag: &Tag) -> Result<Option<Digest>, ComponentError> {
        let repository = self.session.repository.clone();
        let found = self.session.renewing(digest_of(&repository, tag)).await;
        Ok(found.map_err(|error| self.session.explain(error))?)
    }
}

/// The newest release among versions, which are in their order.
fn newest_release(versions: &[Available]) -> Option<&Available> {
    versions.iter().rfind(|one| one.version.pre.is_empty())
}

impl Available {
    /// Whether this is the version that a user means, with or without its build metadata.
    #[must_use]
    fn is(&self, wanted: &Version) -> bool {
        let bare = Version { build: BuildMetadata::EMPTY, ..self.version.clone() };
        self.version == *wanted || bare == *wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(tags: &[&str]) -> Option<String> {
        let mut all: Vec<Available> = tags
            .iter()
            .filter_map(|tag| version_of(tag).map(|version| Available { version, tag: tag.parse().unwrap() }))
            .collect();
        all.sort_by(|one, other| one.version.cmp(&other.version));
        newest_release(&all).map(|found| found.tag.to_string())
    }

    #[test]
    fn the_newest_release_is_found_among_tags_of_all_kinds() {
        let tags = ["latest", "v1.10.0", "1.9.0", "2.0.0-rc.1", "1", "1.2", "sha256-00.sig", "main"];
        assert_eq!(newest(&tags).as_deref(), Some("v1.10.0"));
        assert_eq!(newest(&["2.0.0-rc.1", "latest"]), None);
    }

    #[test]
    fn a_version_and_its_tag_are_each_other_s() {
        let version: Version = "1.2.0-rc.1+build.5".parse().unwrap();
        assert_eq!(tag_of(&version), "1.2.0-rc.1_build.5");
        assert_eq!(version_of(&tag_of(&version)), Some(version));
        assert!("1.2.0_b".parse::<Tag>().is_ok());
    }
}
