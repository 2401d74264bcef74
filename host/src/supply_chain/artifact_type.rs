//! What an attached file is: its media type, by a short name, as it is, or told from its content.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::text::Printable;

/// Short names, each with the media type that it means.
const NAMES: [(&str, &str); 10] = [
    ("spdx-json", "application/spdx+json"),
    ("spdx", "text/spdx"),
    ("cyclonedx-json", "application/vnd.cyclonedx+json"),
    ("cyclonedx-xml", "application/vnd.cyclonedx+xml"),
    ("in-toto", "application/vnd.in-toto+json"),
    ("slsa-provenance", "application/vnd.in-toto+json"),
    ("dsse", "application/vnd.dsse.envelope.v1+json"),
    ("sigstore-bundle", "application/vnd.dev.sigstore.bundle.v0.3+json"),
    ("sarif", "application/sarif+json"),
    ("junit", "application/vnd.junit+xml"),
];

/// Longest media type in bytes: two names of 127 bytes (RFC 6838, section 4.2).
const MAX_TYPE: usize = 255;

/// The type of an artifact, a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArtifactType(String);

/// A text that names no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
#[error("expected a media type such as `application/spdx+json`, or one of {}", names())]
pub(crate) struct ArtifactTypeError;

fn names() -> String {
    NAMES.map(|(name, _)| name).join(", ")
}

impl ArtifactType {
    /// The media type.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, media_type)| Self((*media_type).to_owned()))
    }

    /// Tells the type from a file's content, where that leaves no doubt. The file is read from its start, in bounded
    /// memory, and may be at any place then.
    ///
    /// # Errors
    /// The reader's.
    pub(crate) fn of_content(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        file.by_ref().take(4_096).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        let text = String::from_utf8_lossy(&head);
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        if text.starts_with('{') {
            let members = serde_json::from_reader::<_, Members>(BufReader::new(file)).ok();
            return Ok(members.and_then(|members| members.artifact_type()));
        }
        Ok(match text {
            _ if text.starts_with("SPDXVersion:") => Self::named("spdx"),
            _ if text.contains("http://cyclonedx.org/schema/bom") => Self::named("cyclonedx-xml"),
            _ => None,
        })
    }
}

/// The members by which documents are told apart. Everything else is skipped as it is read.
#[derive(Deserialize)]
struct Members {
    #[serde(rename = "spdxVersion")]
    spdx: Option<IgnoredAny>,
    #[serde(rename = "bomFormat")]
    bom_format: Option<Text>,
    #[serde(rename = "_type")]
    statement: Option<Text>,
    #[serde(rename = "payloadType")]
    payload_type: Option<IgnoredAny>,
    signatures: Option<IgnoredAny>,
    #[serde(rename = "mediaType")]
    media_type: Option<Text>,
    #[serde(rename = "$schema")]
    schema: Option<Text>,
    runs: Option<IgnoredAny>,
}

/// A string, or anything else.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    String(String),
    Other(IgnoredAny),
}

impl Members {
    fn artifact_type(self) -> Option<ArtifactType> {
        let text = |text: Option<Text>| match text {
            Some(Text::String(text)) => text,
            Some(Text::Other(_)) | None => String::new(),
        };
        let media_type = text(self.media_type);
        let found = [
            (self.spdx.is_some(), "spdx-json"),
            (text(self.bom_format) == "CycloneDX", "cyclonedx-json"),
            (text(self.statement).starts_with("https://in-toto.io/Statement/"), "in-toto"),
            (self.payload_type.is_some() && self.signatures.is_some(), "dsse"),
            (self.runs.is_some() && text(self.schema).contains("sarif"), "sarif"),
        ];
        if media_type.starts_with("application/vnd.dev.sigstore.bundle") {
            return media_type.parse().ok();
        }
        let mut names = found.iter().filter(|(is_found, _)| *is_found).map(|(_, name)| *name);
        // A document that could be two things is neither.
        match (names.next(), names.next()) {
            (Some(name), None) => ArtifactType::named(name),
            _ => None,
        }
    }
}

impl FromStr for ArtifactType {
    type Err = ArtifactTypeError;

    fn from_str(text: &str) -> Result<Self, ArtifactTypeError> {
        if let Some(named) = Self::named(text) {
            return Ok(named);
        }
        let (kind, subtype) = text.split_once('/').ok_or(ArtifactTypeError)?;
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        let is_valid = text.len() <= MAX_TYPE && is_name(kind) && is_name(subtype);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(ArtifactTypeError) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn told(content: &str) -> Option<String> {
        ArtifactType::of_content(&mut Cursor::new(content.as_bytes())).unwrap().map(|found| found.0)
    }

    #[test]
    fn a_type_is_a_short_name_or_a_media_type() {
        for (text, media_type) in [
            ("spdx-json", Some("application/spdx+json")),
            ("application/vnd.acme.report.v1+json", Some("application/vnd.acme.report.v1+json")),
            ("spdx.json", None),
            ("a/b/c", None),
            ("a/ b", None),
            ("/b", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<ArtifactType>().ok().as_ref().map(ArtifactType::as_str), media_type, "{text}");
        }
    }

    #[test]
    fn a_document_is_told_by_what_only_it_has() {
        for (content, name) in [
            (r#"{"spdxVersion":"SPDX-2.3","packages":[{"a":[1,{}]}]}"#, Some("spdx-json")),
            (r#" {"bomFormat":"CycloneDX","specVersion":"1.6"}"#, Some("cyclonedx-json")),
            (r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/x"}"#, Some("in-toto")),
            (r#"{"payloadType":"x","payload":"","signatures":[]}"#, Some("dsse")),
            (r#"{"$schema":"https://x/sarif-2.1.0.json","runs":[]}"#, Some("sarif")),
            (r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#, Some("sigstore-bundle")),
            ("SPDXVersion: SPDX-2.3\n", Some("spdx")),
            ("<?xml version=\"1.0\"?><bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>", Some("cyclonedx-xml")),
            (r#"{"spdxVersion":"SPDX-2.3","bomFormat":"CycloneDX"}"#, None),
            (r#"{"spdxVersion":"SPDX-2.3""#, None),
            (r#"{"bomFormat":7}"#, None),
            ("[]", None),
            ("", None),
        ] {
            let expected = name.map(|name| ArtifactType::named(name).unwrap().0);
            assert_eq!(told(content), expected, "{content}");
        }
    }
}
