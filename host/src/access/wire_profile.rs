//! A flavor's word on uploads, as a server passes it on.

use crate::flavor::{Deletion, Referrers, UploadProfile};
use crate::server_client::WireProfile;

/// As it is sent.
#[must_use]
pub(crate) fn wire_of(profile: &UploadProfile) -> WireProfile {
    let referrers = match profile.referrers {
        Referrers::Unknown => "unknown",
        Referrers::Api => "api",
        Referrers::Tag => "tag",
    };
    let deletion = match profile.deletion {
        Deletion::Unknown => "unknown",
        Deletion::Unsupported => "unsupported",
        Deletion::ByDigest => "by-digest",
        Deletion::ByTag => "by-tag",
    };
    WireProfile {
        chunk: profile.chunk,
        mount: profile.mount,
        zstd: profile.zstd,
        largest_request: profile.largest_request,
        largest_layer: profile.largest_layer,
        range: profile.range,
        referrers: referrers.to_owned(),
        deletion: deletion.to_owned(),
    }
}

/// As it was sent; a word of a newer server counts as unknown.
pub(super) fn profile_of(wire: Option<&WireProfile>) -> Option<UploadProfile> {
    let wire = wire?;
    let referrers = match wire.referrers.as_str() {
        "api" => Referrers::Api,
        "tag" => Referrers::Tag,
        _ => Referrers::Unknown,
    };
    let deletion = match wire.deletion.as_str() {
        "unsupported" => Deletion::Unsupported,
        "by-digest" => Deletion::ByDigest,
        "by-tag" => Deletion::ByTag,
        _ => Deletion::Unknown,
    };
    Some(UploadProfile {
        // Neither is a number of bytes that can be sent.
        chunk: wire.chunk.filter(|chunk| *chunk > 0),
        mount: wire.mount,
        zstd: wire.zstd,
        largest_request: wire.largest_request.filter(|largest| *largest > 0),
        largest_layer: wire.largest_layer,
        range: wire.range,
        referrers,
        deletion,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_arrives_as_it_was_sent() {
        for (referrers, deletion) in [
            (Referrers::Unknown, Deletion::Unknown),
            (Referrers::Api, Deletion::ByDigest),
            (Referrers::Tag, Deletion::ByTag),
            (Referrers::Tag, Deletion::Unsupported),
        ] {
            let profile = UploadProfile {
                chunk: Some(5),
                mount: true,
                zstd: false,
                largest_request: None,
                largest_layer: Some(7),
                range: true,
                referrers,
                deletion,
            };
            let json = serde_json::to_vec(&wire_of(&profile)).unwrap();
            assert_eq!(profile_of(Some(&serde_json::from_slice(&json).unwrap())), Some(profile));
        }
    }
}
