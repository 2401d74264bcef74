//! A mirror: some repositories of a source that a target has as well.

use serde::Deserialize;

use super::place::Place;
use super::repository::{Repositories, Tags, Wanted};
use crate::copy::filter::TagFilter;
use crate::image::Platform;
use crate::patterns::Patterns;

/// A mirror.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Mirror {
    /// The registry that is copied, or the part of it that the repositories are below.
    pub(crate) source: Place,
    /// The registry that is written, or the part of it that the repositories are below.
    pub(crate) target: Place,
    /// Repositories below the source, and patterns that are looked for in its catalog; `**` means all of it.
    repositories: Repositories,
    /// Patterns of repositories that are left out.
    #[serde(default)]
    pub(crate) exclude: Patterns,
    /// The tags; without it, all.
    #[serde(default)]
    tags: Option<Tags>,
    /// Whether signatures, attestations and all else that belongs to an image goes with it; by default, it does.
    #[serde(default)]
    referrers: Option<bool>,
    /// The platforms that are copied of an image for several; without it, the image as it is.
    #[serde(default)]
    platforms: Option<Vec<PlatformName>>,
    /// Whether tags are deleted that the source no longer has; needs `maxDeletes`.
    #[serde(default)]
    exact: Option<bool>,
    /// The most tags that may be deleted in one repository; where it would be more, none is.
    #[serde(default)]
    max_deletes: Option<usize>,
}

/// A platform, such as `linux/arm64`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String")]
struct PlatformName(Platform);

impl TryFrom<String> for PlatformName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error| format!("{error}"))
    }
}

/// What holds for all mirrors that don't say otherwise.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Choices {
    /// The tags; without it, all.
    #[serde(default)]
    tags: Option<Tags>,
    /// Whether signatures, attestations and all else that belongs to an image goes with it; by default, it does.
    #[serde(default)]
    referrers: Option<bool>,
    /// The platforms that are copied of an image for several; without it, the image as it is.
    #[serde(default)]
    platforms: Option<Vec<PlatformName>>,
    /// Whether tags are deleted that the source no longer has; needs `maxDeletes`.
    #[serde(default)]
    exact: Option<bool>,
    /// The most tags that may be deleted in one repository; where it would be more, none is.
    #[serde(default)]
    max_deletes: Option<usize>,
}

impl Mirror {
    /// The same mirror, with the defaults where it says nothing.
    pub(super) fn with_defaults(&self, defaults: &Choices) -> Self {
        let own = self.clone();
        Self {
            tags: own.tags.or_else(|| defaults.tags.clone()),
            referrers: own.referrers.or(defaults.referrers),
            platforms: own.platforms.or_else(|| defaults.platforms.clone()),
            exact: own.exact.or(defaults.exact),
            max_deletes: own.max_deletes.or(defaults.max_deletes),
            ..own
        }
    }

    /// What keeps the mirror from being one, if anything does.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.repositories.0.is_empty() {
            return Err("`repositories` is empty; all that the source's catalog lists is `['**']`");
        }
        if self.is_exact() && self.max_deletes.is_none() {
            return Err(
                "`exact: true` deletes, and needs a bound: `maxDeletes: 20` deletes at most 20 tags of a repository",
            );
        }
        match self.source == self.target {
            true => Err("`source` and `target` are the same"),
            false => Ok(()),
        }
    }

    /// The repositories and patterns.
    pub(crate) fn wanted(&self) -> &[Wanted] {
        &self.repositories.0
    }

    /// The tags of a repository that says nothing about them.
    pub(crate) fn tags(&self) -> TagFilter {
        self.tags.clone().map(|Tags(filter)| filter).unwrap_or_default()
    }

    /// Whether everything that belongs to an image goes with it.
    pub(crate) fn has_referrers(&self) -> bool {
        self.referrers.unwrap_or(true)
    }

    /// The platforms that are copied; none for all.
    pub(crate) fn platforms(&self) -> Vec<Platform> {
        self.platforms.iter().flatten().map(|PlatformName(platform)| platform.clone()).collect()
    }

    /// Whether tags are deleted that the source no longer has.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact.unwrap_or(false)
    }

    /// The most tags that may be deleted in one repository; 0 where none may.
    pub(crate) fn max_deletes(&self) -> usize {
        self.max_deletes.filter(|_| self.is_exact()).unwrap_or(0)
    }
}
