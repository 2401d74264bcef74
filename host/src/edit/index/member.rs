//! The images of an index, as it names them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::edit::error::EditError;
use crate::image::{Digest, Platform, media_type};
use crate::json::{self, Malformed};
use crate::text::Escaped;

/// An entry of an index with all members of the image specification ("Image Index", "Descriptors"), in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// The media type of its manifest.
    #[serde(default)]
    pub(crate) media_type: String,
    /// The digest of its manifest.
    pub(crate) digest: Digest,
    /// Bytes of its manifest.
    #[serde(default)]
    pub(crate) size: u64,
    /// Its platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<FullPlatform>,
    /// What an artifact is for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::non_empty")]
    pub(crate) artifact_type: Option<String>,
    /// Its annotations in the index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A platform with the members that only images for Windows have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FullPlatform {
    /// The processor architecture.
    #[serde(default)]
    pub(crate) architecture: String,
    /// The operating system.
    #[serde(default)]
    pub(crate) os: String,
    /// Its version.
    #[serde(
        default,
        rename = "os.version",
        skip_serializing_if = "Option::is_none",
        deserialize_with = "json::non_empty"
    )]
    pub(crate) os_version: Option<String>,
    /// Features of the operating system that are needed.
    #[serde(default, rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub(crate) os_features: Vec<String>,
    /// A variant of the architecture.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::non_empty")]
    pub(crate) variant: Option<String>,
}

impl FullPlatform {
    /// The platform that a configuration names; absent where it names none.
    pub(super) fn of_config(config: &[u8]) -> Option<Self> {
        json::read::<Self>(config).ok().filter(|platform| !platform.os.is_empty() && !platform.architecture.is_empty())
    }

    /// The part that commands and messages name.
    #[must_use]
    pub(crate) fn short(&self) -> Platform {
        Platform::new(self.os.clone(), self.architecture.clone(), self.variant.clone())
    }
}

/// The index as a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u8,
    media_type: &'a str,
    manifests: &'a [Member],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: &'a BTreeMap<String, String>,
}

/// The entries of an index.
///
/// # Errors
/// If it is no index.
pub(super) fn members(index: &[u8]) -> Result<Vec<Member>, Malformed> {
    #[derive(Deserialize)]
    struct Index {
        #[serde(default)]
        manifests: Vec<Member>,
    }
    Ok(json::read::<Index>(index)?.manifests)
}

/// The annotations of an index.
pub(super) fn annotations(index: &[u8]) -> BTreeMap<String, String> {
    #[derive(Default, Deserialize)]
    struct Index {
        #[serde(default, deserialize_with = "json::if_valid")]
        annotations: Option<BTreeMap<String, String>>,
    }
    json::read::<Index>(index).unwrap_or_default().annotations.unwrap_or_default()
}

/// The media type of an index of these entries: Docker's list where all are in Docker's form and nothing needs the
/// other one, and else an OCI index.
pub(super) fn media_type(members: &[Member], annotations: &BTreeMap<String, String>) -> &'static str {
    let is_docker = |member: &Member| {
        member.media_type == media_type::DOCKER_MANIFEST
            && member.annotations.is_empty()
            && member.artifact_type.is_none()
    };
    match annotations.is_empty() && members.iter().all(is_docker) {
        true => media_type::DOCKER_LIST,
        false => media_type::OCI_INDEX,
    }
}

/// The bytes of an index; the same entries always give the same bytes.
pub(super) fn bytes(media_type: &str, members: &[Member], annotations: &BTreeMap<String, String>) -> Vec<u8> {
    let document = Document { schema_version: 2, media_type, manifests: members, annotations };
    // Strings, numbers and lists alone, which JSON can always write.
    serde_json::to_vec(&document).unwrap_or_default()
}

/// The entries of one index, each with the name of the image that it is from.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) members: Vec<Member>,
    names: Vec<Escaped>,
}

impl Collected {
    /// Adds an entry, unless it is there already.
    ///
    /// # Errors
    /// If another image is there for the same platform.
    pub(super) fn add(&mut self, member: Member, name: &Escaped) -> Result<(), EditError> {
        if self.members.iter().any(|known| known.digest == member.digest) {
            return Ok(());
        }
        let full = |member: &Member| member.platform.clone().filter(|platform| platform.short().is_known());
        if let Some(platform) = full(&member) {
            let is_same = |known: &Member| {
                full(known).is_some_and(|known| {
                    known.short().is_same(&platform.short())
                        && (&known.os_version, &known.os_features) == (&platform.os_version, &platform.os_features)
                })
            };
            if let Some(at) = self.members.iter().position(is_same) {
                let one = self.names.get(at).cloned().unwrap_or_default();
                let platform = Box::new(platform.short());
                return Err(EditError::Duplicate { one, other: name.clone(), platform });
            }
        }
        self.members.push(member);
        self.names.push(name.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(media_type: &str, content: &str, platform: &str) -> Member {
        let platform = platform.split_once('/').map(|(os, architecture)| FullPlatform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            ..FullPlatform::default()
        });
        let (media_type, digest, size) = (media_type.to_owned(), Digest::of(content.as_bytes()), 7);
        Member { media_type, digest, size, platform, artifact_type: None, annotations: BTreeMap::new() }
    }

    #[test]
    fn one_image_for_each_platform_and_each_image_once() {
        let mut all = Collected::default();
        let add = |all: &mut Collected, content: &str, platform: &str| {
            all.add(member(media_type::OCI_MANIFEST, content, platform), &content.into())
        };
        add(&mut all, "a", "linux/amd64").unwrap();
        add(&mut all, "a", "linux/amd64").unwrap();
        add(&mut all, "b", "linux/arm64").unwrap();
        let error = add(&mut all, "c", "linux/x86_64").unwrap_err();
        assert_eq!(error.to_string(), "`a` and `c` are both for `linux/x86_64`");
        // Attestations have no platform of their own.
        add(&mut all, "d", "unknown/unknown").unwrap();
        add(&mut all, "e", "unknown/unknown").unwrap();
        assert_eq!(all.members.len(), 4);
        let mut windows = member(media_type::OCI_MANIFEST, "w", "windows/amd64");
        windows.platform.as_mut().unwrap().os_version = Some("10.0.1".to_owned());
        let mut other = Member { digest: Digest::of(b"v"), ..windows.clone() };
        other.platform.as_mut().unwrap().os_version = Some("10.0.2".to_owned());
        all.add(windows, &"w".into()).unwrap();
        all.add(other, &"v".into()).unwrap();
    }

    #[test]
    fn an_index_keeps_what_its_entries_say_and_has_the_form_of_its_children() {
        let text = r#"{"mediaType":"m","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":7,"platform":{"architecture":"amd64","os":"windows","os.version":"10.0"},"annotations":{"a":"b"}}"#;
        let index = format!(r#"{{"manifests":[{text}],"annotations":{{"x":"y"}}}}"#);
        let found = members(index.as_bytes()).unwrap();
        let none = BTreeMap::new();
        let written = String::from_utf8(bytes("m", &found, &annotations(index.as_bytes()))).unwrap();
        assert_eq!(
            written,
            format!(r#"{{"schemaVersion":2,"mediaType":"m","manifests":[{text}],"annotations":{{"x":"y"}}}}"#)
        );
        let docker = [member(media_type::DOCKER_MANIFEST, "a", "linux/amd64")];
        assert_eq!(media_type(&docker, &none), media_type::DOCKER_LIST);
        assert_eq!(media_type(&docker, &annotations(index.as_bytes())), media_type::OCI_INDEX);
        let mixed = [docker[0].clone(), member(media_type::OCI_MANIFEST, "b", "linux/arm64")];
        assert_eq!(media_type(&mixed, &none), media_type::OCI_INDEX);
    }

    #[test]
    fn a_platform_is_read_from_a_configuration() {
        let config = br#"{"architecture":"arm64","os":"linux","variant":"v8","rootfs":{}}"#;
        assert_eq!(FullPlatform::of_config(config).unwrap().short().to_string(), "linux/arm64/v8");
        assert_eq!(FullPlatform::of_config(b"{}"), None);
    }
}
