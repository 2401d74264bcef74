//! The files that a push writes for other programs.

use std::path::Path;

use serde::Serialize;

use super::super::failure::Failure;
use super::super::result_file::ResultFile;
use crate::error::Kind;
use crate::image::Tag;
use crate::push::Report;

/// The files that the user asked for.
pub(super) struct ResultFiles {
    digest: Option<ResultFile>,
    metadata: Option<ResultFile>,
    dotenv: Option<ResultFile>,
}

impl ResultFiles {
    /// Finds files that can't be written before anything is pushed.
    pub(super) fn prepare(
        digest: Option<&Path>,
        metadata: Option<&Path>,
        dotenv: Option<&Path>,
    ) -> Result<Self, Failure> {
        let prepare = |file: Option<&Path>| file.map(ResultFile::prepare).transpose();
        let files = Self { digest: prepare(digest)?, metadata: prepare(metadata)?, dotenv: prepare(dotenv)? };
        let named =
            [("--digest-file", &files.digest), ("--metadata-file", &files.metadata), ("--dotenv-file", &files.dotenv)];
        let named: Vec<_> = named.into_iter().filter_map(|(option, file)| Some((option, file.as_ref()?))).collect();
        for (number, (option, file)) in named.iter().enumerate() {
            if let Some((other, _)) = named.iter().skip(number + 1).find(|(_, other)| other.is(file)) {
                let message = format!("`{option}` and `{other}` name the same file");
                return Err(Failure::new(Kind::Usage, message, "give each a file of its own"));
            }
        }
        Ok(files)
    }

    /// Writes the files after a push to one or more registries, which have the same manifest then.
    pub(super) fn write(self, pushed: &[Report]) -> Result<(), Failure> {
        // Absent only after a dry run, which writes no files.
        let Some(metadata) = Metadata::of(pushed) else { return Ok(()) };
        let digest = self.digest.map_or(Ok(()), |file| file.write(&metadata.digest));
        let dotenv = self.dotenv.map_or(Ok(()), |file| file.write(&dotenv(pushed, &metadata.digest)));
        let metadata = self.metadata.map_or(Ok(()), |file| {
            // A struct of strings and a number, which JSON can always represent.
            file.write(&(serde_json::to_string_pretty(&metadata).unwrap_or_default() + "\n"))
        });
        let told = |failure: Failure| failure.with_message(|message| format!("the image was pushed, but {message}"));
        digest.and(metadata).and(dotenv).map_err(told)
    }
}

/// The content of `--dotenv-file`: variables as GitLab reads them from an artifact `reports: dotenv`, which knows
/// neither quotes nor values of several lines. Names and tags have no characters that would need them. The names are
/// not crhost's own variables, which a later job would obey. Of several registries the first one is `IMAGE_NAME`, and
/// all are in `IMAGE_REFERENCES`.
fn dotenv(pushed: &[Report], digest: &str) -> String {
    let Some(first) = pushed.first() else { return String::new() };
    let name = &first.name;
    let tags: Vec<&str> = first.tags.iter().map(Tag::as_str).collect();
    let tag = first.tag.as_ref().map(Tag::as_str).unwrap_or_default();
    let mut text = format!(
        "IMAGE_NAME={name}\nIMAGE_DIGEST={digest}\nIMAGE_REFERENCE={name}@{digest}\nIMAGE_TAG={tag}\nIMAGE_TAGS={}\n",
        tags.join(",")
    );
    if pushed.len() > 1 {
        let all: Vec<String> = pushed.iter().map(|report| format!("{}@{digest}", report.name)).collect();
        text.push_str(&format!("IMAGE_REFERENCES={}\n", all.join(",")));
    }
    text
}

/// The content of `--metadata-file`: the members that `docker buildx build --metadata-file` writes for a pushed image.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Metadata {
    /// The digest of the image's configuration; absent for an index.
    #[serde(rename = "containerimage.config.digest", skip_serializing_if = "Option::is_none")]
    config_digest: Option<String>,
    /// The descriptor of the manifest or index.
    #[serde(rename = "containerimage.descriptor")]
    descriptor: Descriptor,
    /// The digest of the manifest or index.
    #[serde(rename = "containerimage.digest")]
    digest: String,
    /// The image's whole name with every tag, in every registry, joined by commas; without a tag, with its digest.
    #[serde(rename = "image.name")]
    name: String,
}

/// A descriptor (OCI image specification, "Descriptors").
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    /// The digest.
    digest: String,
    /// The media type.
    media_type: String,
    /// The size in bytes.
    size: u64,
}

impl Metadata {
    fn of(pushed: &[Report]) -> Option<Self> {
        let first = pushed.first()?;
        let (digest, size) = (first.digest.as_ref()?.to_string(), first.size?);
        let names = |report: &Report| -> Vec<String> {
            match report.tags.as_slice() {
                [] => vec![format!("{}@{digest}", report.name)],
                tags => tags.iter().map(|tag| format!("{}:{tag}", report.name)).collect(),
            }
        };
        Some(Self {
            config_digest: first.config.as_ref().map(ToString::to_string),
            descriptor: Descriptor { digest: digest.clone(), media_type: first.media_type.clone(), size },
            name: pushed.iter().flat_map(names).collect::<Vec<_>>().join(","),
            digest,
        })
    }
}
