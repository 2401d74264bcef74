//! The choice of `--compression`.

use std::fmt;
use std::str::FromStr;

use crate::image::media_type;
use crate::text::{Escaped, Printable};

/// The compression of layers that the source has uncompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// gzip, which every registry and every engine takes.
    Gzip(u8),
    /// zstd, which engines before 2023 do not read.
    Zstd(u8),
    /// The archive is sent as it is.
    None,
    /// gzip with the level that the line to the registry leaves time for.
    Auto,
}

/// A text that is no compression.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum CompressionError {
    /// Unknown method.
    #[error(
        "`{0}` is no compression: expected `gzip`, `zstd`, `none` or `auto`, the first two also with a level, as `gzip:6`"
    )]
    Unknown(Escaped),
    /// Level out of range.
    #[error("`{level}` is no level of {of}: expected a number from 1 to {most}")]
    Level {
        /// The text of the level.
        level: Escaped,
        /// The method.
        of: &'static str,
        /// The highest level.
        most: u8,
    },
}

/// The fastest: three times as fast as level 6, for a tenth to a seventh more bytes, measured on programs and
/// libraries.
const GZIP_LEVEL: u8 = 1;

/// The highest level of libdeflate.
const MOST_GZIP: u8 = 12;

/// The default of zstd itself.
const ZSTD_LEVEL: u8 = 3;

/// The highest level whose memory is bounded like that of the others.
const MOST_ZSTD: u8 = 19;

impl Default for Compression {
    fn default() -> Self {
        Self::Gzip(GZIP_LEVEL)
    }
}

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, CompressionError> {
        let (word, level) = text.split_once(':').map_or((text, None), |(word, level)| (word, Some(level)));
        match (word, level) {
            ("gzip", level) => Ok(Self::Gzip(parse_level(level, "gzip", GZIP_LEVEL, MOST_GZIP)?)),
            ("zstd", level) => Ok(Self::Zstd(parse_level(level, "zstd", ZSTD_LEVEL, MOST_ZSTD)?)),
            ("none", None) => Ok(Self::None),
            ("auto", None) => Ok(Self::Auto),
            _ => Err(CompressionError::Unknown(text.into())),
        }
    }
}

fn parse_level(level: Option<&str>, of: &'static str, usual: u8, most: u8) -> Result<u8, CompressionError> {
    let Some(level) = level else { return Ok(usual) };
    let parsed = level.parse().ok().filter(|parsed| (1..=most).contains(parsed));
    parsed.ok_or_else(|| CompressionError::Level { level: level.into(), of, most })
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip(level) => write!(f, "gzip:{level}"),
            Self::Zstd(level) => write!(f, "zstd:{level}"),
            Self::None => f.write_str("none"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl Compression {
    /// The name under which the store remembers the digests of compressed layers. Every change of the compressed bytes
    /// must change this name.
    pub(in crate::push) fn cache_key(self) -> String {
        match self {
            Self::Gzip(1) => "gzip;crhost=1;block=1MiB".to_owned(),
            Self::Gzip(level) => format!("gzip;libdeflate={level};block=1MiB;probe=4x16KiB"),
            Self::Zstd(level) => format!("zstd;level={level};block=1MiB"),
            Self::None => "none".to_owned(),
            // Whatever the levels of its blocks were: the blob of the last push.
            Self::Auto => "gzip;auto".to_owned(),
        }
    }

    /// The further names under which blobs of earlier pushes are found that are as good, the likelier ones first.
    pub(in crate::push) fn also_known_as(self) -> Vec<String> {
        let at_one_level = (self == Self::Auto).then(|| Self::default().cache_key());
        at_one_level.into_iter().chain([self.proved_key().to_owned()]).collect()
    }

    /// The name under which the store remembers blobs that registries were proved to have, by whatever program and at
    /// whatever level they were compressed.
    pub(in crate::push) fn proved_key(self) -> &'static str {
        match self {
            Self::Gzip(_) | Self::Auto => "proved;gzip",
            Self::Zstd(_) => "proved;zstd",
            Self::None => "proved;none",
        }
    }

    /// The media type of a compressed layer.
    pub(in crate::push) fn media_type(self) -> &'static str {
        match self {
            Self::Gzip(_) | Self::Auto => media_type::OCI_LAYER_GZIP,
            Self::Zstd(_) => media_type::OCI_LAYER_ZSTD,
            Self::None => media_type::OCI_LAYER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_as_it_is_written() {
        for (text, compression) in [
            ("gzip", Compression::default()),
            ("gzip:12", Compression::Gzip(12)),
            ("zstd", Compression::Zstd(3)),
            ("zstd:19", Compression::Zstd(19)),
            ("none", Compression::None),
            ("auto", Compression::Auto),
        ] {
            assert_eq!(text.parse::<Compression>().unwrap(), compression);
            assert_eq!(compression.to_string().parse::<Compression>().unwrap(), compression);
        }
    }

    #[test]
    fn what_is_no_choice_is_named() {
        for text in
            ["", "lz4", "gzip:", "gzip:0", "gzip:13", "gzip:-1", "zstd:20", "zstd:x", "none:1", "auto:6", "GZIP"]
        {
            let error = text.parse::<Compression>().unwrap_err().to_string();
            assert!(error.contains('`'), "{error}");
        }
    }

    #[test]
    fn every_choice_has_a_name_of_its_own() {
        let all = [
            Compression::Gzip(1),
            Compression::Gzip(2),
            Compression::Zstd(1),
            Compression::Zstd(2),
            Compression::None,
            Compression::Auto,
        ];
        let names: std::collections::HashSet<String> = all.iter().map(|choice| choice.cache_key()).collect();
        assert_eq!(names.len(), all.len());
    }
}
