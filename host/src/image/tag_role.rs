//! The role of a tag: a name that users chose, or one that tools derive from the digest of an image that it belongs to.

use super::digest::Digest;
use super::reference::Tag;

/// What a tag is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagRole {
    /// A name of an image.
    Name,
    /// The list of the referrers of a manifest, where a registry has no API for it: `sha256-<hex>` (distribution
    /// specification 1.1, "Referrers Tag Schema"), or what cosign keeps beside an image: `sha256-<hex>.sig`, `.att`,
    /// `.sbom`. It goes and stays with that manifest.
    Of(Digest),
    /// A name of this kind for a digest of an algorithm that crhost can't compute: it stays.
    Foreign,
}

impl TagRole {
    /// The role of a tag, by its form.
    pub(crate) fn of(tag: &Tag) -> Self {
        let Some((algorithm, rest)) = tag.as_str().split_once('-') else { return Self::Name };
        let hex = rest.split_once('.').map_or(rest, |(hex, _)| hex);
        let is_hex = hex.len() >= 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match (algorithm, Digest::from_hex(hex)) {
            ("sha256", Ok(digest)) => Self::Of(digest),
            ("sha512" | "sha384" | "blake3", _) if is_hex => Self::Foreign,
            _ => Self::Name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(tag: &str) -> TagRole {
        TagRole::of(&tag.parse().unwrap())
    }

    #[test]
    fn tags_that_tools_derive_from_a_digest_belong_to_its_manifest() {
        let digest = Digest::of(b"image");
        for suffix in ["", ".sig", ".att", ".sbom", ".sigstore.json"] {
            assert_eq!(role(&format!("sha256-{}{suffix}", digest.hex())), TagRole::Of(digest.clone()), "{suffix}");
        }
        assert_eq!(role(&format!("sha512-{}.sig", "ab".repeat(32))), TagRole::Foreign);
    }

    #[test]
    fn all_other_tags_are_names() {
        for tag in ["v1", "latest", "sha256-abc", "sha-1234567", "sha512-x", "1.0-alpine"] {
            assert_eq!(role(tag), TagRole::Name, "{tag}");
        }
    }
}
